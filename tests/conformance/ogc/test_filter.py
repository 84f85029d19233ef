"""OGC API – Features – Part 3: Filtering, and CQL2 as text and as JSON."""

import json
import re
from typing import Any

import pytest

from chengyun.city.models import Component
from tests.conformance.ogc.conftest import ADDRESSES, COMPONENTS, Ogc

pytestmark = pytest.mark.django_db

ITEMS = "/collections/components/items"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def found(ogc: Ogc, text: str, name: str = "components", **query: Any) -> int:
    counted = ogc.json(f"/collections/{name}/items", filter=text, count="true", limit=1, **query)
    number: int = counted["numberMatched"]
    return number


def expected(**conditions: Any) -> int:
    return Component.objects.exclude(state="removed").filter(**conditions).count()


def test_queryables_link_and_success(ogc: Ogc) -> None:
    for name in ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases"):
        [link] = [each for each in ogc.json(f"/collections/{name}")["links"]
                  if each["rel"] == QUERYABLES]  # fmt: skip
        answer = ogc.http.get(link["href"])
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == link["href"]
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        assert schema["properties"]["geometry"]["format"].startswith("geometry-")
        for property_ in schema["properties"].values():
            assert "type" in property_ or "format" in property_
    states = ogc.json("/collections/components/queryables")["properties"]["state"]["enum"]
    assert states == ["intact", "damaged", "lost", "abandoned"]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("state = 'damaged'", {"state": "damaged"}),
        ("state <> 'damaged'", {"state__in": ["intact", "lost"]}),
        ("NOT state = 'damaged'", {"state__in": ["intact", "lost"]}),
        ("state IN ('damaged','lost')", {"state__in": ["damaged", "lost"]}),
        ("state NOT IN ('damaged','lost')", {"state": "intact"}),
        ("state = 'damaged' AND name = '井盖'", {"state": "damaged", "name": "井盖"}),
        ("(state = 'damaged' OR state = 'lost') AND name = '路灯'",
         {"state__in": ["damaged", "lost"], "name": "路灯"}),
        ("code LIKE '370202100000001%'", {"code__startswith": "370202100000001"}),
        ("code LIKE '3702021000000_1_5'", {"code__regex": "^3702021000000.1.5$"}),
        (r"remark LIKE '100\%\_%'", {"remark__startswith": "100%_"}),
        ("remark NOT LIKE '%a%'", {"remark__regex": "^[^a]*$"}),
        ("CASEI(remark) = CASEI('O''HARA')", {"remark": "O'Hara"}),
        ("CASEI(remark) LIKE 'o''%'", {"remark": "O'Hara"}),
        ("CASEI(remark) IN (CASEI('O''hara'), 'x')", {"remark": "O'Hara"}),
        ("changed_on IS NULL", {"changed_on": None}),
        ("changed_on IS NOT NULL", {"changed_on__isnull": False}),
        ("unit_grid IS NULL", {"unit_grid": None}),
        ("maintainer IS NULL", {}),
        ("unit_grid = '370202001001002'", {"unit_grid__code": "370202001001002"}),
        ("NOT unit_grid = '370202001001002'", {"unit_grid__isnull": False,
         "unit_grid__code__regex": "^(?!370202001001002$)"}),
        ("unit_grid LIKE '370203%'", {"unit_grid__code__startswith": "370203"}),
        ("class = '01001'", {"component_class__class_code": "01",
         "component_class__sub_code": "001"}),
        ("\"class\" = '01001' AND edition = 'gbt47678-2026'",
         {"component_class__class_code": "01", "component_class__sub_code": "001"}),
        ("changed_on = DATE('2025-03-15')", {"changed_on": "2025-03-15"}),
        ("changed_on > DATE('2025-03-15')", {"changed_on__gt": "2025-03-15"}),
        ("changed_on >= '2025-03-15'", {"changed_on__gte": "2025-03-15"}),
        ("changed_on BETWEEN DATE('2025-03-01') AND DATE('2025-05-31')",
         {"changed_on__range": ("2025-03-01", "2025-05-31")}),
        ("changed_on < TIMESTAMP('2025-03-15T00:00:01Z')", {"changed_on__lte": "2025-03-15"}),
        ("T_AFTER(changed_on, DATE('2025-06-15'))", {"changed_on__gt": "2025-06-15"}),
        ("T_BEFORE(changed_on, TIMESTAMP('2025-06-15T12:00:00Z'))",
         {"changed_on__lt": "2025-06-15"}),
        ("T_INTERSECTS(changed_on, TIMESTAMP('2025-06-15T12:00:00Z'))",
         {"changed_on": "2025-06-15"}),
        ("T_DURING(changed_on, INTERVAL('2025-03-01', '..'))", {"changed_on__gte": "2025-03-01"}),
        ("T_EQUALS(changed_on, DATE('2025-06-15'))", {"changed_on": "2025-06-15"}),
        ("T_DISJOINT(changed_on, INTERVAL('2025-02-01','2025-12-31'))",
         {"changed_on": "2025-01-15"}),
        ("first_surveyed < changed_on", {"changed_on__isnull": False}),
        ("code = code", {}),
        ("TRUE", {}),
        ("FALSE", {"pk": 0}),
        ("NOT FALSE AND TRUE", {}),
    ],
)  # fmt: skip
def test_cql2_text(ogc: Ogc, text: str, conditions: dict[str, Any]) -> None:
    assert found(ogc, text) == expected(**conditions)


def test_cql2_on_numbers_and_booleans(ogc: Ogc) -> None:
    assert found(ogc, "area_m2 > 0 AND level = 'community'", "areas") == 4
    assert found(ogc, "area_m2 / 1000000 BETWEEN 8 AND 10", "areas") == 4
    assert found(ogc, "area_m2 * 2 - area_m2 = area_m2 AND area_m2 ^ 2 > 0", "areas") == 5
    assert found(ogc, "area_m2 DIV 1000000 = 8 OR area_m2 % 2 < 2", "areas") == 5
    assert found(ogc, "synthetic = FALSE", "areas") == 10
    assert found(ogc, "NOT synthetic", "areas") == 10
    assert found(ogc, "population IS NULL AND -1 < 0", "areas") == 10
    assert found(ogc, "parent LIKE '370202%'", "areas") == 5


def test_cql2_spatial_functions(ogc: Ogc) -> None:
    square = (
        "POLYGON((120.2995 36.059,120.3045 36.059,120.3045 36.061,120.2995 36.061,120.2995 36.059))"
    )
    for text, number in (
        (f"S_INTERSECTS(geometry, {square})", 5),
        (f"S_WITHIN(geometry, {square})", 5),
        (f"S_DISJOINT(geometry, {square})", ADDRESSES - 5),
        (f"NOT S_INTERSECTS(geometry, {square})", ADDRESSES - 5),
        (f"S_CONTAINS({square}, geometry)", 5),
        ("S_INTERSECTS(geometry, BBOX(120.2995,36.059,120.3045,36.061))", 5),
        ("S_EQUALS(geometry, POINT(120.300 36.06))", 1),
        ("S_TOUCHES(geometry, LINESTRING(120.300 36.06,120.302 36.06))", 2),
        ("S_CROSSES(geometry, LINESTRING(120.300 36.06,120.302 36.06))", 0),
        ("S_OVERLAPS(geometry, MULTIPOINT(120.300 36.06,120.302 36.06))", 0),
        ("S_INTERSECTS(geometry, MULTIPOINT(120.300 36.06,120.302 36.06))", 2),
        ("S_INTERSECTS(geometry, POINT(-1 -1))", 0),
    ):
        assert found(ogc, text, "addresses") == number, text
    point = "S_INTERSECTS(geometry, POINT(120.301 36.071))"
    assert found(ogc, point, "duty_grids") == 1
    assert found(ogc, point, "areas") == 2


def test_filter_crs(ogc: Ogc) -> None:
    turned = "S_EQUALS(geometry, POINT(36.06 120.3))"
    crs = "http://www.opengis.net/def/crs/EPSG/0/4490"
    assert found(ogc, turned, "addresses", **{"filter-crs": crs}) == 1
    assert found(ogc, turned.replace("36.06 120.3", "120.3 36.06"), "addresses") == 1
    ogc.refused("/collections/addresses/items", filter=turned)


def test_cql2_json_means_the_same(ogc: Ogc) -> None:
    json_ = {"filter-lang": "cql2-json"}
    tree = {"op": "and", "args": [
        {"op": "=", "args": [{"property": "state"}, "damaged"]},
        {"op": "in", "args": [{"property": "name"}, ["井盖", "x"]]},
        {"op": "like", "args": [{"op": "casei", "args": [{"property": "code"}]}, "3702021%"]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {
            "type": "Polygon",
            "coordinates": [[[120, 36], [121, 36], [121, 37], [120, 37], [120, 36]]],
        }]},
        {"op": "t_after", "args": [{"property": "changed_on"}, {"date": "2025-01-31"}]},
        {"op": "not", "args": [{"op": "isNull", "args": [{"property": "changed_on"}]}]},
    ]}  # fmt: skip
    assert found(ogc, json.dumps(tree), **json_) == expected(
        state="damaged", name="井盖", changed_on__gt="2025-01-31"
    )
    assert found(ogc, "true", **json_) == COMPONENTS
    assert found(ogc, "state='lost'", **{"filter-lang": "cql2-text"}) == 76


def test_filter_goes_with_all_other_parameters_and_pages(ogc: Ogc) -> None:
    page = ogc.json(ITEMS, filter="state='lost'", limit=20, bbox="120.3,36.05,120.4,36.08",
                    datetime="2025-01-01/..", name="路灯", count="true")  # fmt: skip
    number, seen = page["numberMatched"], len(page["features"])
    assert number > 20
    while following := [link for link in page["links"] if link["rel"] == "next"]:
        page = ogc.http.get(following[0]["href"]).json()
        seen += len(page["features"])
    assert seen == number


@pytest.mark.parametrize(
    "text",
    [
        "state =", "=", "state = 'x", "state = 'a' garbage", "'", "((state='a')", "",
        "colour = 'red'", "state = 5", "changed_on > 5", "state", "5", "'x'", "code > geometry",
        "population = 'many'", "changed_on = DATE('2025-02-30')",
        "changed_on > TIMESTAMP('soon')", "changed_on > 'soon'", "S_INTERSECTS(state, POINT(1 2))",
        "S_INTERSECTS(geometry, 5)", "S_INTERSECTS(geometry)",
        "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))",
        "S_INTERSECTS(geometry, POLYGON((0 0,1 1,0 0)))",
        "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 1)))",
        "S_INTERSECTS(geometry, POINT(500 36))", "S_INTERSECTS(geometry, BBOX(1,2,3))",
        "S_INTERSECTS(geometry, POINT(1e400 36))", "S_DWITHIN(geometry, POINT(1 2), 5, meters)",
        "pg_sleep(10) = 1", "lower(state) = 'x'", "ACCENTI(name) = 'x'", "A_CONTAINS(name, ('a'))",
        "code LIKE 'abc\\'", "code LIKE code", "name LIKE 5", "code IN ()",
        "1/0 = 1", "2 ^ 5000 > 1", "population / 0 = 1", "T_AFTER(state, DATE('2025-01-01'))",
        "T_AFTER(changed_on, INTERVAL('x','y'))", "code = 'a\x00b'", "1e400 > 1",
    ],
)  # fmt: skip
def test_filter_invalid(ogc: Ogc, text: str) -> None:
    name = "areas" if "population" in text or re.match(r"[12]", text) else "components"
    if text == "population / 0 = 1":
        text = "area_m2 / 0 = 1"
    if text == "":
        assert len(ogc.ids(name, filter="")) == 100
        return
    ogc.refused(f"/collections/{name}/items", filter=text)


def test_filter_json_invalid(ogc: Ogc) -> None:
    for wrong in ("", "{", "[]", "5", '"x"', "null", "{}", '{"op":5,"args":[]}', '{"op":"="}',
                  '{"op":"=","args":[1]}', '{"op":"=","args":"ab"}', '{"op":"and","args":[]}',
                  '{"op":"in","args":[{"property":"state"},"a"]}', '{"property":{"a":1}}',
                  '{"op":"=","args":[{"property":["state"]},"a"]}',
                  '{"op":"=","args":[{"property":"state"},{"date":5}]}',
                  '{"op":"=","args":[{"property":"state"},null]}',
                  '{"op":"not","args":[true,false]}', '{"op":"=","args":[NaN,1]}',
                  '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point"}]}',
                  '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"X","coordinates":[]}]}',
                  '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":["a",{},[],1]}]}',
                  '{"op":"t_during","args":[{"property":"changed_on"},{"interval":["2025"]}]}',
                  '{"op":"t_during","args":[{"property":"changed_on"},{"interval":{"a":1}}]}',
                  "[" * 5000, '{"a":' * 3000, '"\\ud800"'):  # fmt: skip
        if wrong:
            ogc.refused(ITEMS, filter=wrong, **{"filter-lang": "cql2-json"})
    ogc.refused(ITEMS, filter="true", **{"filter-lang": "ecql"})
    ogc.refused(ITEMS, **{"filter-lang": "sql"})


def test_filter_too_deep_or_too_large(ogc: Ogc) -> None:
    for much in ("(" * 200 + "state='a'" + ")" * 200, "NOT " * 400 + "state='a'",
                 " AND ".join(["state='a'"] * 200), "1" + "+1" * 400 + "=1",
                 "1=" + "-" * 400 + "1", "state='" + "x" * 20_000 + "'",
                          "CASEI(" * 100 + "name" + ")" * 100 + " = 'x'"):  # fmt: skip
        problem = ogc.refused(ITEMS, filter=much)
        assert "large" in problem["detail"], problem
    deep: Any = {"op": "=", "args": [{"property": "state"}, "a"]}
    for _ in range(45):
        deep = {"op": "not", "args": [deep]}
    ogc.refused(ITEMS, filter=json.dumps(deep), **{"filter-lang": "cql2-json"})
    # What is reasonable is answered.
    assert found(ogc, " OR ".join(f"code = '3702021{n:010}'" for n in range(60))) == 60


def test_a_filter_cannot_reach_beyond_what_the_caller_sees(ogc: Ogc) -> None:
    assert found(ogc, "TRUE OR state = 'removed'") == COMPONENTS
    assert found(ogc, "state = 'removed'") == 0
    assert found(ogc, "code = ''' OR TRUE --'") == 0
    ogc.refused(ITEMS, filter="source = 'a'); DROP TABLE city_component; --")
    # Nobody without a post sees a case.
    assert found(ogc, "TRUE", "cases") == 0
