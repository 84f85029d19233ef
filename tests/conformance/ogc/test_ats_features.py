"""The abstract tests of OGC API – Features – Part 1 (17-069r4) and Part 2 (18-058r1), each a test
of its name: `/conf/core/fc-op` is `test_core_fc_op`. What lies beside them is in `test_core` and
`test_crs`."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jsonschema_rs
import pyproj
import pytest
from lxml import etree

from chengyun.city.ogc.description import openapi
from chengyun.city.ogc.documents import Place
from tests.conformance.ogc.conftest import COMPONENTS, Ogc

pytestmark = pytest.mark.django_db

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON, JSON, HTML = "application/geo+json", "application/json", "text/html; charset=utf-8"
NAMES = ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases")
#: Those with features in them, for whoever holds no post.
FILLED = NAMES[:-1]

LINK = {
    "type": "object", "required": ["href", "rel", "type"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
}  # fmt: skip
LINKS = {"type": "array", "minItems": 1, "items": LINK}
LANDING = {"type": "object", "required": ["links"], "properties": {"links": LINKS}}
CONFORMS = {
    "type": "object", "required": ["conformsTo"],
    "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
}  # fmt: skip
COLLECTION = {
    "type": "object", "required": ["id", "links"],
    "properties": {
        "id": {"type": "string"}, "links": LINKS, "itemType": {"const": "feature"},
        "crs": {"type": "array", "items": {"type": "string"}},
        "extent": {"properties": {
            "spatial": {"properties": {
                "bbox": {"type": "array", "minItems": 1, "items": {
                    "type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4,
                }},
                "crs": {"const": CRS84},
            }},
            "temporal": {"properties": {"interval": {"type": "array", "minItems": 1, "items": {
                "type": "array", "minItems": 2, "maxItems": 2,
                "items": {"type": ["string", "null"]},
            }}}},
        }},
    },
}  # fmt: skip
COLLECTIONS = {
    "type": "object", "required": ["links", "collections"],
    "properties": {"links": LINKS, "collections": {"type": "array", "items": COLLECTION}},
}  # fmt: skip
FEATURE = {
    "type": "object", "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"}, "id": {"type": ["string", "integer"]},
        "properties": {"type": ["object", "null"]},
        "geometry": {"anyOf": [{"type": "null"}, {
            "type": "object", "required": ["type", "coordinates"],
            "properties": {
                "type": {"enum": ["Point", "MultiPoint", "LineString", "MultiLineString",
                                  "Polygon", "MultiPolygon"]},
                "coordinates": {"type": "array", "minItems": 1},
            },
        }]},
    },
}  # fmt: skip
FEATURES = {
    "type": "object", "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": FEATURE},
        "links": LINKS, "numberReturned": {"type": "integer", "minimum": 0},
        "numberMatched": {"type": "integer", "minimum": 0},
    },
}  # fmt: skip


def valid(document: Any, schema: Any) -> None:
    jsonschema_rs.validator_for(schema).validate(document)


def rels(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {link["rel"]: link for link in document["links"]}


def followed(ogc: Ogc, document: dict[str, Any], rel: str) -> httpx.Response:
    [*links] = [link for link in document["links"] if link["rel"] == rel]
    assert links, rel
    answer = ogc.http.get(links[0]["href"])
    assert answer.status_code == 200
    return answer


def one_of_each(ogc: Ogc) -> Iterator[tuple[str, Any]]:
    for name in FILLED:
        yield name, ogc.ids(name, limit=1)[0]


# -- /conf/core ------------------------------------------------------------------------------------


def test_core_http(ogc: Ogc) -> None:
    for path in ("", "/conformance", "/api", "/collections", "/collections/areas/items"):
        answer = ogc.get(path)
        assert (answer.status_code, answer.http_version) == (200, "HTTP/1.1")


def test_core_root_op(ogc: Ogc) -> None:
    for path in ("", "/"):
        assert ogc.get(path).status_code == 200
    test_core_root_success(ogc)


def test_core_root_success(ogc: Ogc) -> None:
    document = ogc.json("")
    valid(document, LANDING)
    assert {"service-desc", "service-doc", "conformance", "data"} <= set(rels(document))


def test_core_api_definition_op(ogc: Ogc) -> None:
    for rel in ("service-desc", "service-doc"):
        followed(ogc, ogc.json(""), rel)


def test_core_api_definition_success(ogc: Ogc) -> None:
    document = ogc.json("/api")
    assert {"openapi", "info", "paths", "components"} <= set(document)
    for path in ("/", "/conformance", "/api", "/collections", "/collections/areas/items"):
        assert document["paths"][path]["get"]["responses"]["200"]


def test_core_conformance_op(ogc: Ogc) -> None:
    assert followed(ogc, ogc.json(""), "conformance").json() == ogc.json("/conformance")


def test_core_conformance_success(ogc: Ogc) -> None:
    document = ogc.json("/conformance")
    valid(document, CONFORMS)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in document["conformsTo"]


def test_core_fc_md_op(ogc: Ogc) -> None:
    assert followed(ogc, ogc.json(""), "data").json() == ogc.json("/collections")


def test_core_fc_md_success(ogc: Ogc) -> None:
    document = ogc.json("/collections")
    valid(document, COLLECTIONS)
    assert document["crs"][0] == CRS84


def test_core_fc_md_links(ogc: Ogc) -> None:
    links = rels(ogc.json("/collections"))
    assert (links["self"]["type"], links["alternate"]["type"]) == (JSON, "text/html")


def test_core_fc_md_items(ogc: Ogc) -> None:
    assert [each["id"] for each in ogc.json("/collections")["collections"]] == list(NAMES)


def test_core_fc_md_items_links(ogc: Ogc) -> None:
    for each in ogc.json("/collections")["collections"]:
        items = [link for link in each["links"] if link["rel"] == "items"]
        assert {link["type"] for link in items} == {GEOJSON, "text/html"}


def test_core_fc_md_extent(ogc: Ogc) -> None:
    for each in ogc.json("/collections")["collections"]:
        [[west, south, east, north]] = each["extent"]["spatial"]["bbox"]
        # Components of the tests stand also outside of the made-up city's outline.
        if each["id"] not in ("components", "addresses"):
            for feature in ogc.items(each["id"], limit=1000):
                for lon, lat in _points(feature["geometry"]):
                    assert west <= lon <= east
                    assert south <= lat <= north
        if "temporal" in each["extent"]:
            assert each["extent"]["temporal"]["interval"] == [[None, None]]


def _points(geometry: Any) -> Iterator[tuple[float, float]]:
    def walk(node: Any) -> Iterator[tuple[float, float]]:
        if node and isinstance(node[0], int | float):
            yield node[0], node[1]
        else:
            for below in node:
                yield from walk(below)

    if geometry is not None:
        yield from walk(geometry["coordinates"])


def test_core_sfc_md_op(ogc: Ogc) -> None:
    for name in NAMES:
        valid(ogc.json(f"/collections/{name}"), COLLECTION)


def test_core_sfc_md_success(ogc: Ogc) -> None:
    for each in ogc.json("/collections")["collections"]:
        alone = ogc.json(f"/collections/{each['id']}")
        for part in ("id", "title", "description", "extent", "itemType", "links"):
            assert alone[part] == each[part], (each["id"], part)


def test_core_fc_op(ogc: Ogc) -> None:
    for name in NAMES:
        answer = ogc.get(f"/collections/{name}/items")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == GEOJSON
    both = ogc.ids("unit_grids", bbox="120.3,36.05,120.3301,36.08", datetime="2022-06-01",
                   limit=100)  # fmt: skip
    box = ogc.ids("unit_grids", bbox="120.3,36.05,120.3301,36.08", limit=100)
    time = ogc.ids("unit_grids", datetime="2022-06-01", limit=100)
    assert set(both) == set(box) & set(time)


def test_core_fc_response(ogc: Ogc) -> None:
    for name in NAMES:
        document = ogc.json(f"/collections/{name}/items", limit=20, count="true")
        valid(document, FEATURES)
        assert document["numberReturned"] == len(document["features"])
        assert document["numberMatched"] >= document["numberReturned"]


def test_core_fc_links(ogc: Ogc) -> None:
    links = rels(ogc.json("/collections/components/items", limit=10))
    assert (links["self"]["type"], links["alternate"]["type"]) == (GEOJSON, "text/html")
    assert links["next"]["type"] == GEOJSON


def test_core_fc_timestamp(ogc: Ogc) -> None:
    text = ogc.json("/collections/areas/items")["timeStamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    made = datetime.fromisoformat(text)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=5)


def test_core_fc_numbermatched(ogc: Ogc) -> None:
    document = ogc.json("/collections/components/items", limit=5, count="true")
    assert document["numberMatched"] == COMPONENTS
    assert "numberMatched" not in ogc.json("/collections/components/items", limit=5)


def test_core_fc_numberreturned(ogc: Ogc) -> None:
    document = ogc.json("/collections/components/items", limit=5)
    assert document["numberReturned"] == len(document["features"]) == 5


def parameter(ogc: Ogc, name: str) -> dict[str, Any]:
    found: dict[str, Any] = ogc.json("/api")["components"]["parameters"][name]
    assert (found["in"], found["required"]) == ("query", False)
    assert (found["style"], found["explode"]) == ("form", False)
    return found


def test_core_fc_bbox_definition(ogc: Ogc) -> None:
    schema = parameter(ogc, "bbox")["schema"]
    assert schema["type"] == "array"
    assert schema["items"] == {"type": "number"}
    assert schema["oneOf"] == [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]


def test_core_fc_bbox_response(ogc: Ogc) -> None:
    west, south, east, north = 120.3045, 36.0545, 120.3255, 36.0805
    found = ogc.items("components", bbox=f"{west},{south},{east},{north}", limit=1000)
    wanted = [
        each["id"] for each in ogc.items("components", limit=1000)
        if west <= each["geometry"]["coordinates"][0] <= east
        and south <= each["geometry"]["coordinates"][1] <= north
    ]  # fmt: skip
    assert [each["id"] for each in found] == wanted
    assert len(wanted) > 5
    placeless = {each["id"] for each in ogc.items("areas") if each["geometry"] is None}
    assert placeless
    assert placeless <= set(ogc.ids("areas", bbox=f"{west},{south},{east},{north}"))


def test_core_fc_limit_definition(ogc: Ogc) -> None:
    assert parameter(ogc, "limit")["schema"]["type"] == "integer"


def test_core_fc_limit_response(ogc: Ogc) -> None:
    most = parameter(ogc, "limit")["schema"]["maximum"]
    assert len(ogc.ids("components", limit=3)) == 3
    assert len(ogc.ids("components", limit=most + 1)) <= most


def test_core_fc_time_definition(ogc: Ogc) -> None:
    assert parameter(ogc, "datetime")["schema"] == {"type": "string"}


@pytest.mark.parametrize("text", [
    "2025-06-15T12:00:00Z", "2025-03-01/2025-06-30", "../2025-06-30", "/2025-06-30",
    "2025-06-01/..", "2025-06-01/",
])  # fmt: skip
def test_core_fc_time_response(ogc: Ogc, text: str) -> None:
    parts = [part[:10] for part in text.split("/")]
    first, last = (parts * 2)[0], (parts * 2)[1]
    found = {each["id"]: each["properties"]["changed_on"]
             for each in ogc.items("components", datetime=text, limit=1000)}  # fmt: skip
    every = ogc.items("components", limit=1000)
    for each in every:
        day = each["properties"]["changed_on"]
        # What has no time belongs to every one.
        begun = first in ("", "..") or (day or "") >= first
        not_over = last in ("", "..") or (day or "") <= last
        within = day is None or (begun and not_over)
        assert (each["id"] in found) == within, (text, day)
    assert 0 < len(found) < len(every)


def test_core_query_param_invalid(ogc: Ogc) -> None:
    for name, text in (("limit", "x"), ("bbox", "1,2"), ("datetime", "soon"), ("f", "xml")):
        ogc.refused("/collections/components/items", 400, **{name: text})


def test_core_query_param_unknown(ogc: Ogc) -> None:
    for path in ("", "/conformance", "/collections", "/collections/areas",
                 "/collections/areas/items", "/collections/areas/items/370200"):  # fmt: skip
        ogc.refused(path, 400, surprise="1")


def test_core_crs84(ogc: Ogc) -> None:
    for name in FILLED:
        answer = ogc.get(f"/collections/{name}/items", params={"limit": 1000})
        assert answer.headers["content-crs"] == f"<{CRS84}>"
        for feature in answer.json()["features"]:
            for lon, lat in _points(feature["geometry"]):
                assert (120 < lon < 121, 36 < lat < 37) == (True, True)


def test_core_f_op(ogc: Ogc) -> None:
    for name, fid in one_of_each(ogc):
        answer = ogc.get(f"/collections/{name}/items/{fid}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, GEOJSON)


def test_core_f_success(ogc: Ogc) -> None:
    for name, fid in one_of_each(ogc):
        valid(ogc.json(f"/collections/{name}/items/{fid}"), FEATURE)


def test_core_f_links(ogc: Ogc) -> None:
    for name, fid in one_of_each(ogc):
        document = ogc.json(f"/collections/{name}/items/{fid}")
        valid(document["links"], LINKS)
        links = rels(document)
        assert ogc.http.get(links["self"]["href"]).json() == document
        assert links["alternate"]["type"] == "text/html"
        assert links["collection"]["href"] == f"{ogc.url}/collections/{name}"


# -- /conf/geojson, /conf/html ---------------------------------------------------------------------


def documents(ogc: Ogc) -> list[tuple[str, str]]:
    """Every kind of address, and the media type of its JSON."""
    plain = ["", "/conformance", "/collections", *(f"/collections/{name}" for name in NAMES)]
    features = [f"/collections/{name}/items" for name in NAMES]
    single = [f"/collections/{name}/items/{fid}" for name, fid in one_of_each(ogc)]
    return [(path, JSON) for path in plain] + [(path, GEOJSON) for path in features + single]


def test_geojson_definition(ogc: Ogc) -> None:
    for path, kind in documents(ogc):
        assert ogc.get(path, headers={"Accept": GEOJSON}).headers["content-type"] == kind


def test_geojson_content(ogc: Ogc) -> None:
    for name, fid in one_of_each(ogc):
        document = ogc.json(f"/collections/{name}/items/{fid}")
        valid(document, FEATURE)
        assert document["id"] == fid


def test_html_definition(ogc: Ogc) -> None:
    for path, _ in documents(ogc):
        assert ogc.get(path, headers={"Accept": "text/html"}).headers["content-type"] == HTML


def test_html_content(ogc: Ogc) -> None:
    for path, _ in documents(ogc):
        text = ogc.get(path, headers={"Accept": "text/html"}).text
        assert text.startswith("<!doctype html>")
        page = etree.HTML(text)
        assert page.get("lang") in ("zh", "en")
        assert page.findtext(".//title")
        assert page.findtext(".//main//h1")


# -- /conf/oas30 -----------------------------------------------------------------------------------


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for verb in ("get", "post", "put", "patch", "delete"):
            if verb in item:
                yield path, verb, item[verb]


def test_oas30_oas_definition_1(ogc: Ogc) -> None:
    landing = rels(ogc.json(""))
    assert landing["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    for rel in ("service-desc", "service-doc"):
        answer = ogc.http.get(landing[rel]["href"])
        assert answer.headers["content-type"].startswith(landing[rel]["type"].split(";")[0])


def test_oas30_oas_definition_2(ogc: Ogc) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    document = ogc.json("/api")
    assert document["openapi"].startswith("3.0.")
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    # Every operation can be made sense of.
    assert len([each.ok() for each in schema.get_all_operations()]) == len(
        list(operations(document))
    )


def test_oas30_oas_impl(ogc: Ogc) -> None:
    document = ogc.json("/api")
    fids = {name: str(fid) for name, fid in one_of_each(ogc)}
    tried = 0
    for path, verb, _ in operations(document):
        if verb != "get" or path.startswith("/tiles/"):
            continue
        parts = path.split("/")
        name = parts[2] if len(parts) > 2 else ""
        if "{featureId}" in path and name not in fids:
            continue
        answer = ogc.get(path.replace("{featureId}", fids.get(name, "")).rstrip("/"))
        assert answer.status_code == 200, path
        tried += 1
    assert tried > 30


def test_oas30_completeness(ogc: Ogc) -> None:
    for path, verb, operation in operations(ogc.json("/api")):
        successes = [code for code in operation["responses"] if code.startswith("2")]
        assert successes, (path, verb)
        for code in successes:
            response = operation["responses"][code]
            assert "$ref" in response or response["description"]


def test_oas30_exceptions_codes(ogc: Ogc) -> None:
    for path, verb, operation in operations(ogc.json("/api")):
        codes = set(operation["responses"])
        assert "429" in codes, (path, verb)
        assert codes & {"400", "404"}, (path, verb)
        if operation.get("security"):
            assert "401" in codes
        if verb != "get":
            assert {"401", "403", "422"} <= codes


def test_oas30_security(ogc: Ogc) -> None:
    document = ogc.json("/api")
    schemes = document["components"]["securitySchemes"]
    assert {(each["type"], each.get("scheme")) for each in schemes.values()} == {
        ("http", "bearer"), ("http", "basic"), ("apiKey", None),
    }  # fmt: skip
    for path, _, operation in operations(document):
        secured = {name for way in operation.get("security", ()) for name in way}
        assert secured in (set(), set(schemes))
        if "/components" in path:
            assert secured


def test_the_description_is_the_same_in_both_languages() -> None:
    chinese, english = (openapi(Place("http://x", english=each), []) for each in (False, True))
    assert list(chinese["paths"]) == list(english["paths"])
    assert json.dumps(chinese) != json.dumps(english)


# -- Part 2: /conf/crs -----------------------------------------------------------------------------

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
KNOWN = (4490, 4326, 3857, 4547, 4549, 4528, 4509)


def listed(ogc: Ogc) -> list[str]:
    found: list[str] = ogc.json("/collections")["crs"]
    return found


def test_crs_crs_uri(ogc: Ogc) -> None:
    storage = [each["storageCrs"] for each in ogc.json("/collections")["collections"]]
    for uri in (*listed(ogc), *storage):
        assert re.fullmatch(r"http://www\.opengis\.net/def/crs/[A-Z]+/[0-9.]+/[A-Z0-9]+", uri)


def test_crs_default_crs(ogc: Ogc) -> None:
    assert CRS84 in listed(ogc)
    for name in NAMES:
        assert CRS84 in ogc.json(f"/collections/{name}")["crs"]


def test_crs_storagecrs(ogc: Ogc) -> None:
    for each in ogc.json("/collections")["collections"]:
        assert each["storageCrs"] in listed(ogc)


def test_crs_crs_parameter(ogc: Ogc) -> None:
    for uri in listed(ogc):
        for path in ("/collections/addresses/items", "/collections/areas/items/370200"):
            answer = ogc.get(path, params={"crs": uri})
            assert answer.status_code == 200
            assert answer.headers["content-crs"] == f"<{uri}>"
            valid(answer.json(), FEATURES if path.endswith("items") else FEATURE)


def test_crs_crs_parameter_invalid(ogc: Ogc) -> None:
    for name, fid in one_of_each(ogc):
        for path in (f"/collections/{name}/items", f"/collections/{name}/items/{fid}"):
            ogc.refused(path, 400, crs=f"{EPSG}99999")


def test_crs_crs_parameter_default(ogc: Ogc) -> None:
    for name in NAMES:
        assert ogc.get(f"/collections/{name}/items").headers["content-crs"] == f"<{CRS84}>"


def test_crs_crs_parameter_transform(ogc: Ogc) -> None:
    for name in FILLED:
        plain = [list(_points(each["geometry"])) for each in ogc.items(name, limit=5)]
        for code in KNOWN:
            back = pyproj.Transformer.from_crs(code, 4490)
            there = ogc.items(name, limit=5, crs=f"{EPSG}{code}")
            for points, feature in zip(plain, there, strict=True):
                for (lon, lat), pair in zip(points, _points(feature["geometry"]), strict=True):
                    assert back.transform(*pair) == pytest.approx((lat, lon), abs=1e-6)


def test_crs_bbox_crs_parameter(ogc: Ogc) -> None:
    west, south, east, north = 120.3045, 36.0545, 120.3255, 36.0805
    plain = set(ogc.ids("components", bbox=f"{west},{south},{east},{north}", limit=1000))
    for code in KNOWN:
        way = pyproj.Transformer.from_crs(4490, code)
        box = ",".join(map(str, (*way.transform(south, west), *way.transform(north, east))))
        found = set(ogc.ids("components", bbox=box, bbox_crs=f"{EPSG}{code}", limit=1000))
        # A rectangle of one system is none of another; of these the corners are the same.
        assert len(found ^ plain) <= len(plain) / 4
        assert found


def test_crs_bbox_crs_parameter_invalid(ogc: Ogc) -> None:
    for name in NAMES:
        path = f"/collections/{name}/items"
        ogc.refused(path, 400, bbox="120,36,121,37", **{"bbox-crs": f"{EPSG}99999"})


def test_crs_bbox_crs_parameter_default(ogc: Ogc) -> None:
    for name in FILLED:
        box = {"bbox": "120.30,36.05,120.33,36.08", "limit": 1000}
        assert ogc.ids(name, **box) == ogc.ids(name, bbox_crs=CRS84, **box)
