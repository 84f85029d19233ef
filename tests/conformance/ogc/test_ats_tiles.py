"""The abstract tests of OGC API – Tiles – Part 1 (20-057), each a test of its name:
`/conf/core/tc-op` is `test_core_tc_op`. What lies beside them is in `test_tilesets`."""

from typing import Any

import httpx
import mapbox_vector_tile
import pytest

from tests.conformance.ogc.conftest import Ogc
from tests.conformance.ogc.test_ats_features import NAMES, operations, rels
from tests.map_client import place_of, tile_at

pytestmark = pytest.mark.django_db

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
LON, LAT = 120.321, 36.0505


def tileset(ogc: Ogc, name: str) -> dict[str, Any]:
    document: dict[str, Any] = ogc.json(f"/collections/{name}/tiles/WebMercatorQuad")
    return document


def tile(ogc: Ogc, name: str, matrix: int, row: int, column: int) -> httpx.Response:
    template = rels(tileset(ogc, name))["item"]
    assert template["templated"] is True
    at = template["href"].format(tileMatrix=matrix, tileRow=row, tileCol=column)
    return ogc.http.get(at, headers={"Accept": template["type"]})


def test_core_conformance_success(ogc: Ogc) -> None:
    declared = ogc.json("/conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core" in declared


def test_core_tc_op(ogc: Ogc) -> None:
    x, y = tile_at(LON, LAT, 15)
    for name in NAMES:
        assert tile(ogc, name, 15, y, x).status_code in (200, 204)


def test_core_tc_success(ogc: Ogc) -> None:
    test_mvt_content(ogc)


def test_core_tc_error(ogc: Ogc) -> None:
    for name in NAMES:
        for matrix, row, column in ((1, 2, 0), (1, 0, 2), (99, 0, 0), (15, 10**9, 0),
                                    (-1, 0, 0), (15, -1, 0)):  # fmt: skip
            answer = tile(ogc, name, matrix, row, column)
            assert answer.status_code == 404, (name, matrix, row, column)
            assert answer.json()["remedy"]
        assert tile(ogc, name, 15, 0, 0).status_code == 204


def test_core_tc_tilematrix_definition(ogc: Ogc) -> None:
    assert _defined(ogc, "tileMatrix") == "string"


def test_core_tc_tilerow_definition(ogc: Ogc) -> None:
    assert _defined(ogc, "tileRow") == "integer"


def test_core_tc_tilecol_definition(ogc: Ogc) -> None:
    assert _defined(ogc, "tileCol") == "integer"


def _defined(ogc: Ogc, name: str) -> Any:
    found = ogc.json("/api")["components"]["parameters"][name]
    assert (found["in"], found["required"]) == ("path", True)
    return found["schema"]["type"]


def test_tileset_description(ogc: Ogc) -> None:
    for name in NAMES:
        document = tileset(ogc, name)
        assert (document["dataType"], document["tileMatrixSetURI"]) == ("vector", QUAD)
        assert document["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
        links = rels(document)
        scheme = ogc.http.get(links[f"{REL}tiling-scheme"]["href"]).json()
        assert (scheme["id"], scheme["uri"]) == ("WebMercatorQuad", QUAD)
        for part in ("{tileMatrix}", "{tileRow}", "{tileCol}"):
            assert part in links["item"]["href"]
        assert links["item"]["type"] == "application/vnd.mapbox-vector-tile"
        assert links["item"]["templated"] is True


def test_tilesets_list_tileset_links(ogc: Ogc) -> None:
    for name in NAMES:
        answer = ogc.get(f"/collections/{name}/tiles", headers={"Accept": "application/json"})
        assert answer.headers["content-type"] == "application/json"
        for each in answer.json()["tilesets"]:
            assert {"dataType", "crs", "tileMatrixSetURI"} <= set(each)
            links = rels(each)
            assert f"{REL}tiling-scheme" in links
            whole = ogc.http.get(links["self"]["href"]).json()
            assert whole["tileMatrixSetURI"] == each["tileMatrixSetURI"]
            assert links["self"]["href"].endswith(f"/collections/{name}/tiles/WebMercatorQuad")


def test_geodata_tilesets_desc_links(ogc: Ogc) -> None:
    for name in NAMES:
        link = rels(ogc.json(f"/collections/{name}"))[f"{REL}tilesets-vector"]
        assert ogc.http.get(link["href"]).json()["tilesets"]


def test_geodata_tilesets_operation(ogc: Ogc) -> None:
    for name in NAMES:
        assert ogc.json(f"/collections/{name}/tiles")["tilesets"]


def test_oas30_completeness(ogc: Ogc) -> None:
    paths = ogc.json("/api")["paths"]
    for name in NAMES:
        for path in ("tiles", "tiles/WebMercatorQuad"):
            assert f"/collections/{name}/{path}" in paths
        [one] = [path for path in paths if path.startswith(f"/tiles/{name}/")]
        named = [each["$ref"].rsplit("/")[-1] for each in paths[one]["get"]["parameters"]]
        assert {"tileMatrix", "tileRow", "tileCol"} <= set(named)


def test_oas30_operation_id(ogc: Ogc) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(ogc.json("/api"))]
    assert len(ids) == len(set(ids))
    for suffix in ("getTileSetsList", "getTileSet", "getTile"):
        assert sum(each.endswith(f".collection.vector.{suffix}") for each in ids) == len(NAMES)


def test_mvt_content(ogc: Ogc) -> None:
    # Points stand in the tile where they stand on the ground: the grid maps straight to metres.
    x, y = tile_at(LON, LAT, 15)
    answer = tile(ogc, "components", 15, y, x)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    decoded = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    places = {
        tuple(each["geometry"]["coordinates"]) for each in ogc.items("components", limit=1000)
    }
    seen = 0
    for layer in decoded.values():
        for each in layer["features"]:
            assert each["geometry"]["type"] in ("Point", "LineString", "Polygon", "MultiPoint")
            across, down = each["geometry"]["coordinates"]
            lon, lat = place_of(15, x, y, across, down)
            assert any(abs(lon - a) < 2e-5 and abs(lat - b) < 2e-5 for a, b in places)
            seen += 1
    assert seen
