"""What there is, as JSON: the landing page, conformance, collections, queryables, tilesets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chengyun.city.ogc.collection import Collection, Field
from chengyun.city.ogc.crs import CRS84, URIS
from chengyun.city.ogc.registry import REGISTER
from chengyun.city.ogc.shapes import GEOMETRY
from chengyun.city.tiles.layer import Layer
from chengyun.city.tiles.registry import REGISTER as LAYERS
from chengyun.core.access import Scope

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
MVT = "application/vnd.mapbox-vector-tile"
MERGE = "application/merge-patch+json"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"

CONFORMS = (
    *(f"{_FEATURES}1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")),
    f"{_FEATURES}2/1.0/conf/crs",
    *(
        f"{_FEATURES}3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_CQL2}{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "basic-spatial-functions",
            "basic-spatial-functions-plus", "spatial-functions", "temporal-functions",
            "property-property", "arithmetic",
        )
    ),
    *(
        f"{_FEATURES}4/1.0/conf/{name}"
        for name in ("create-replace-delete", "update", "optimistic-locking-etags", "features")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/{name}"
        for name in ("core", "landing-page", "json", "html", "oas30")
    ),
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "oas30", "mvt")
    ),
    *(
        f"http://www.opengis.net/spec/tms/2.0/conf/{name}"
        for name in ("tilematrixset", "json-tilematrixset")
    ),
)  # fmt: skip

Link = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where the service stands and in which language it speaks."""

    root: str
    english: bool

    @property
    def ogc(self) -> str:
        return f"{self.root}/ogc"

    def say(self, zh: str, en: str) -> str:
        return en if self.english else zh

    def link(self, path: str, rel: str, kind: str, zh: str, en: str, **more: Any) -> Link:
        href = f"{self.ogc}{path}"
        return {"href": href, "rel": rel, "type": kind, "title": self.say(zh, en), **more}

    def both(self, path: str, kind: str = JSON) -> list[Link]:
        """The document itself and its page."""
        return [
            self.link(path, "self", kind, "本文档", "This document"),
            self.link(f"{path}?f=html", "alternate", HTML, "网页", "This as a page"),
        ]


def landing(place: Place, city: str) -> dict[str, Any]:
    """The landing page of the service; `city` is the name of the city."""
    return {
        "title": place.say(f"{city}一张图 OGC API", f"{city}: OGC API of the city's map"),
        "description": place.say(
            "城市的区划、网格、地址、部件与案件，依 OGC API Features 与 Tiles 提供。",
            "Areas, grids, addresses, components and cases of the city, by OGC API Features "
            "and Tiles.",
        ),
        "links": [
            *place.both(""),
            place.link("/api", "service-desc", OPENAPI, "接口描述", "Description of the API"),
            place.link("/api?f=html", "service-doc", HTML, "接口说明", "The API as a page"),
            place.link("/conformance", "conformance", JSON, "符合的标准", "Standards"),
            place.link("/collections", "data", JSON, "数据集", "Collections"),
            place.link(
                "/tileMatrixSets", f"{_REL}tiling-schemes", JSON, "瓦片矩阵", "Tile matrix sets"
            ),
        ],
    }


def conformance(place: Place) -> dict[str, Any]:
    """The conformance classes that the service keeps."""
    return {"conformsTo": list(CONFORMS), "links": place.both("/conformance")}


def collections(
    place: Place, shown: Sequence[Collection], bounds: Sequence[float] | None
) -> dict[str, Any]:
    """The collections that the caller may see; `bounds` is the city's box in degrees."""
    return {
        "title": place.say("数据集", "Collections"),
        "links": place.both("/collections"),
        "crs": list(URIS),
        "collections": [collection(place, each, bounds, ["#/crs"]) for each in shown],
    }


def collection(
    place: Place, shown: Collection, bounds: Sequence[float] | None, crs: Sequence[str] = URIS
) -> dict[str, Any]:
    """One collection. `bounds` is west, south, east, north in degrees; `crs` names what its
    features are given in."""
    at = f"/collections/{shown.name}"
    links = place.both(at)
    links += [
        place.link(f"{at}/items", "items", GEOJSON, "要素", "The features"),
        place.link(f"{at}/items?f=html", "items", HTML, "要素网页", "The features as a page"),
        place.link(
            f"{at}/queryables", f"{_REL}queryables", SCHEMA, "可查询属性", "What may be asked for"
        ),
    ]
    if LAYERS.find(shown.name):
        rel = f"{_REL}tilesets-vector"
        links.append(place.link(f"{at}/tiles", rel, JSON, "矢量瓦片", "Vector tiles"))
    extent: dict[str, Any] = {}
    if bounds is not None:
        extent["spatial"] = {"bbox": [list(bounds)], "crs": CRS84}
    if shown.since is not None:
        extent["temporal"] = {
            "interval": [[None, None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return {
        "id": shown.name,
        "title": place.say(shown.zh, shown.en),
        "description": place.say(shown.about_zh, shown.about_en),
        "itemType": "feature",
        "links": links,
        **({"extent": extent} if extent else {}),
        "crs": list(crs),
        "storageCrs": f"http://www.opengis.net/def/crs/EPSG/0/{shown.srid}",
    }


def queryables_link(place: Place, shown: Collection) -> str:
    """The header by which features tell what may be asked of them."""
    at = f"{place.ogc}/collections/{shown.name}/queryables"
    return f'<{at}>; rel="{_REL}queryables"; type="{SCHEMA}"'


def queryables(place: Place, shown: Collection) -> dict[str, Any]:
    """What a filter may name: the geometry and the fields, as JSON Schema."""
    shape = f"geometry-{shown.shape}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{place.ogc}/collections/{shown.name}/queryables",
        "type": "object",
        "title": place.say(shown.zh, shown.en),
        "properties": {
            GEOMETRY: {
                "title": place.say("几何", "Geometry"),
                "x-ogc-role": "primary-geometry",
                "format": shape,
            },
            **{each.name: schema_of(each, place) for each in shown.fields},
        },
        "additionalProperties": False,
    }


def schema_of(each: Field, place: Place) -> dict[str, Any]:
    """A field as JSON Schema."""
    described: dict[str, Any] = {"title": place.say(each.zh, each.en)}
    if each.kind in ("date", "date-time"):
        described |= {"type": "string", "format": each.kind}
    else:
        described["type"] = each.kind
    if each.values:
        described["enum"] = list(each.values)
    return described


# -- tiles -----------------------------------------------------------------------------------------

QUAD = "WebMercatorQuad"
_QUAD_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
_HALF = 20037508.342789244
_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"


def tile_matrix_sets(place: Place) -> dict[str, Any]:
    """The grids that tiles are cut by: one, the web's."""
    return {
        "links": place.both("/tileMatrixSets"),
        "tileMatrixSets": [
            {
                "id": QUAD,
                "title": "Google Maps Compatible for the World",
                "uri": _QUAD_URI,
                "crs": _MERCATOR,
                "links": [place.link(f"/tileMatrixSets/{QUAD}", "self", JSON, QUAD, QUAD)],
            }
        ],
    }


def tile_matrix_set(place: Place) -> dict[str, Any]:
    """WebMercatorQuad, zooms 0 to 22, with tiles of 256 pixels by definition."""
    matrices = []
    for zoom in range(23):
        cell = 2 * _HALF / 256 / 2**zoom
        matrices.append(
            {
                "id": str(zoom),
                "scaleDenominator": cell / 0.00028,
                "cellSize": cell,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-_HALF, _HALF],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
        )
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": _QUAD_URI,
        "crs": _MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
        "links": place.both(f"/tileMatrixSets/{QUAD}"),
    }


def tilesets(place: Place, layer: Layer) -> dict[str, Any]:
    """The tilesets of a collection: one for each grid that tiles are cut by."""
    at = f"/collections/{layer.name}/tiles"
    return {
        "links": place.both(at),
        "tilesets": [
            {
                "title": place.say(layer.zh, layer.en),
                "dataType": "vector",
                "crs": _MERCATOR,
                "tileMatrixSetURI": _QUAD_URI,
                "links": [
                    place.link(f"{at}/{QUAD}", "self", JSON, QUAD, QUAD),
                    _scheme(place),
                ],
            }
        ],
    }


def _scheme(place: Place) -> Link:
    at = f"/tileMatrixSets/{QUAD}"
    return place.link(at, f"{_REL}tiling-scheme", JSON, "瓦片矩阵", "Tile matrix set")


def tileset(place: Place, layer: Layer, bounds: Sequence[float] | None) -> dict[str, Any]:
    """The tiles of a collection: where they are fetched, their zooms and what is in them; `bounds`
    is west, south, east, north in degrees."""
    at = f"/collections/{layer.name}/tiles/{QUAD}"
    address = f"{place.root}/tiles/{layer.name}/{{tileMatrix}}/{{tileCol}}/{{tileRow}}.mvt"
    low, high = (list(bounds[:2]), list(bounds[2:])) if bounds else ([], [])
    box = {"lowerLeft": low, "upperRight": high, "crs": CRS84}
    return {
        "title": place.say(layer.zh, layer.en),
        "dataType": "vector",
        "crs": _MERCATOR,
        "tileMatrixSetURI": _QUAD_URI,
        "tileMatrixSetLimits": _limits(layer),
        **({"boundingBox": box} if bounds is not None else {}),
        "layers": [
            {
                "id": part.name,
                "dataType": "vector",
                "minTileMatrix": str(max(part.minzoom, layer.minzoom)),
                "maxTileMatrix": str(min(part.maxzoom, layer.maxzoom)),
                "propertiesSchema": {
                    "type": "object",
                    "properties": {
                        name: {"description": meaning} for name, meaning in part.fields.items()
                    },
                },
            }
            for part in layer.parts
        ],
        "links": [
            *place.both(at),
            _scheme(place),
            {
                "href": address,
                "rel": "item",
                "type": MVT,
                "title": place.say("瓦片", "The tiles"),
                "templated": True,
            },
        ],
    }


def _limits(layer: Layer) -> list[dict[str, Any]]:
    return [
        {
            "tileMatrix": str(zoom),
            "minTileRow": 0,
            "maxTileRow": 2**zoom - 1,
            "minTileCol": 0,
            "maxTileCol": 2**zoom - 1,
        }
        for zoom in range(layer.minzoom, layer.maxzoom + 1)
    ]


def seen(reach: Scope | None) -> list[Collection]:
    """The collections that the caller may open; None is a stranger."""
    return [each for each in REGISTER.collections.values() if each.admits(reach)]


def named(reach: Scope | None) -> list[Collection]:
    """The collections that the caller may know of, perhaps to open them after a sign-in."""
    return [each for each in REGISTER.collections.values() if not each.hidden or each.admits(reach)]
