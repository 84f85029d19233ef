"""The abstract tests of OGC API – Features – Part 3 (19-079r2), each a test of its name:
`/conf/filter/filter-param` is `test_filter_filter_param`. What lies beside them is in
`test_filter`; the tests of CQL2 itself are in `test_cql2`."""

import json
from typing import Any

import jsonschema_rs
import pyproj
import pytest

from tests.conformance.ogc.conftest import Ogc
from tests.conformance.ogc.test_ats_features import EPSG, FILLED, GEOJSON, KNOWN, NAMES

pytestmark = pytest.mark.django_db

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
DECLARED = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
#: Of each collection a property, a value of it and one that it cannot have.
SAMPLES = {
    "areas": ("area_m2", "8000000", "many"), "unit_grids": ("valid_from", "2024-01-01", "soon"),
    "duty_grids": ("code", "D1", "a\x00b"), "addresses": ("kind", "door", "a\x00b"),
    "components": ("changed_on", "2025-03-15", "2025-02-30"),
    "cases": ("reported_at", "2025-03-15T00:00:00Z", "soon"),
}  # fmt: skip
#: Outside of what a system of coordinates has.
BOX = "S_INTERSECTS(geometry,BBOX({},{},{},{}))"


def declared(ogc: Ogc, name: str) -> None:
    answer = ogc.get("/conformance")
    assert answer.headers["content-type"] == "application/json"
    assert f"{DECLARED}{name}" in answer.json()["conformsTo"]


def test_queryables_get_conformance(ogc: Ogc) -> None:
    declared(ogc, "queryables")


def test_queryables_get_queryables_uris(ogc: Ogc) -> None:
    for name in NAMES:
        answer = ogc.http.head(f"{ogc.url}/collections/{name}/items")
        assert answer.status_code == 200
        link = answer.links[QUERYABLES]
        assert link["url"] == f"{ogc.url}/collections/{name}/queryables"


def test_queryables_get_queryables(ogc: Ogc) -> None:
    for name in NAMES:
        uri = f"{ogc.url}/collections/{name}/queryables"
        answer = ogc.http.get(uri, headers={"Accept": "application/schema+json"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        jsonschema_rs.validator_for(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert (schema["$id"], schema["type"]) == (uri, "object")
        for each in schema["properties"].values():
            assert "type" in each or each["format"].startswith("geometry-")


def test_queryables_query_parameters_get_conformance(ogc: Ogc) -> None:
    declared(ogc, "queryables-query-parameters")


def test_queryables_query_parameters_query_param(ogc: Ogc) -> None:
    for name, (field, value, wrong) in SAMPLES.items():
        for feature in ogc.items(name, **{field: value}, limit=1000):
            assert str(feature["properties"][field]) == value
        path = f"/collections/{name}/items"
        assert ogc.refused(path, 400, **{field: wrong})["field"] == field
    assert ogc.ids("components", changed_on="2025-03-15")


def test_filter_get_conformance(ogc: Ogc) -> None:
    declared(ogc, "filter")


def every(ogc: Ogc, name: str, **query: Any) -> set[Any]:
    return set(ogc.ids(name, limit=1000, **query))


def test_filter_filter_param(ogc: Ogc) -> None:
    for name in NAMES:
        field = SAMPLES[name][0]
        missing = {each["id"] for each in ogc.items(name, limit=1000)
                   if each["properties"][field] is None}  # fmt: skip
        tree = json.dumps({"op": "isNull", "args": [{"property": field}]})
        for language, text in (("cql2-text", f"{field} IS NULL"), ("cql2-json", tree)):
            answer = ogc.get(f"/collections/{name}/items", params={
                "filter": text, "filter-lang": language, "limit": 1000,
            })  # fmt: skip
            assert (answer.status_code, answer.headers["content-type"]) == (200, GEOJSON)
            assert {each["id"] for each in answer.json()["features"]} == missing
            ogc.refused(f"/collections/{name}/items", 400, filter="THIS IS NOT A FILTER",
                        **{"filter-lang": language})  # fmt: skip


def test_filter_filter_lang_default(ogc: Ogc) -> None:
    for name in NAMES:
        text = f"{SAMPLES[name][0]} IS NOT NULL"
        assert every(ogc, name, filter=text) == every(ogc, name, filter=text,
                                                      filter_lang="cql2-text")  # fmt: skip
        ogc.refused(f"/collections/{name}/items", 400, filter="THIS IS NOT A FILTER")


def test_filter_expression_construction(ogc: Ogc) -> None:
    for name in NAMES:
        assert ogc.json(f"/collections/{name}/queryables")["additionalProperties"] is False
        text = "this_is_not_a_queryable IS NULL"
        ogc.refused(f"/collections/{name}/items", 400, filter=text)


def with_a_place(ogc: Ogc, name: str) -> set[Any]:
    return {each["id"] for each in ogc.items(name, limit=1000) if each["geometry"]}


def test_filter_filter_crs_wgs84(ogc: Ogc) -> None:
    for name in FILLED:
        assert every(ogc, name, filter=BOX.format(120, 36, 121, 37)) == with_a_place(ogc, name)
        text = BOX.format(1000000, 1000000, 2000000, 2000000)
        ogc.refused(f"/collections/{name}/items", 400, filter=text)


def test_filter_filter_crs_param(ogc: Ogc) -> None:
    for name in FILLED:
        wanted = with_a_place(ogc, name)
        for code in KNOWN:
            way = pyproj.Transformer.from_crs(4490, code)
            corners = (*way.transform(36.0, 120.2), *way.transform(36.2, 120.5))
            text = BOX.format(*corners)
            assert every(ogc, name, filter=text, filter_crs=f"{EPSG}{code}") == wanted
        unknown = {"filter-crs": "http://www.opengis.net/def/crs/OGC/0/does_not_exist"}
        text = BOX.format(120, 36, 121, 37)
        ogc.refused(f"/collections/{name}/items", 400, filter=text, **unknown)


def test_features_filter_get_conformance(ogc: Ogc) -> None:
    declared(ogc, "features-filter")


def test_features_filter_get_collections(ogc: Ogc) -> None:
    assert [each["id"] for each in ogc.json("/collections")["collections"]] == list(NAMES)


def test_features_filter_get_collection(ogc: Ogc) -> None:
    for name in NAMES:
        document = ogc.json(f"/collections/{name}")
        [link] = [each for each in document["links"] if each["rel"] == QUERYABLES]
        assert link["href"] == f"{ogc.url}/collections/{name}/queryables"
        assert document["extent"]["spatial"]["bbox"][0]
        assert document["crs"]


def test_features_filter_filter_on_items(ogc: Ogc) -> None:
    test_filter_filter_param(ogc)


def test_features_filter_mixing_expression(ogc: Ogc) -> None:
    box, text = "120.3,36.05,120.33,36.08", "state = 'lost'"
    kind = "01001"
    both = every(ogc, "components", bbox=box, filter=text, **{"class": kind})
    one = every(ogc, "components", bbox=box) & every(ogc, "components", filter=text)
    assert both == one & every(ogc, "components", **{"class": kind})
    assert both
