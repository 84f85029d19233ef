"""The abstract tests of CQL2 1.0 (OGC 21-065r2, annex A) on the standard's own data.

Every predicate of the annex finds as many features as the annex says, written as text and as JSON.
What the annex asks of every property is asked of every property of that data.
"""

import asyncio
import csv
import gzip
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cql2 import parse_text
from django.db import connection

from chengyun.city.ogc.collection import Collection, Field, Kind, Shape
from chengyun.city.ogc.items import Page, asked, page_of, page_question
from chengyun.city.ogc.registry import REGISTER
from chengyun.core.access import NOTHING
from tests.conformance.ogc.conftest import Ogc

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parent / "data"
COLUMNS = {"integer": "bigint", "number": "float8", "boolean": "boolean", "date": "date",
           "date-time": "timestamptz", "string": "text"}  # fmt: skip
#: A value of each kind, as the annex writes it.
VALUES = {
    "string": "'foo'", "boolean": "true", "number": "3.14", "integer": "1",
    "date-time": "TIMESTAMP('2022-04-14T14:48:46Z')", "date": "DATE('2022-04-14')",
}  # fmt: skip
COMPARED = ("=", "<>", ">", "<", ">=", "<=")
WORLD = "BBOX(-180,-90,180,90)"
RING = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"


class NaturalEarth(Collection):
    """Features of the annex's data, in a table of their own."""

    fid, fid_kind, public = "t.id", "integer", True
    kinds: ClassVar[dict[str, Kind]] = {
        "POP_EST": "number", "pop_min": "integer", "pop_max": "integer", "pop_other": "integer",
        "date": "date", "start": "date-time", "end": "date-time", "boolean": "boolean",
    }  # fmt: skip

    def __init__(self, name: str, names: list[str], shape: Shape) -> None:
        self.name = self.zh = self.en = name
        self.table, self.shape = f'"{name}"', shape
        self.fields = tuple(
            Field(each, each, each, f't."{each}"', self.kinds.get(each, "string")) for each in names
        )

    def create(self, features: list[dict[str, Any]]) -> None:
        # As the annex orders them: by the code of a character, in no language's order.
        columns = ", ".join(
            f'"{each.name}" {COLUMNS[each.kind]}' + ' COLLATE "C"' * (each.kind == "string")
            for each in self.fields
        )
        places = ", ".join(["%s"] * len(self.fields))
        rows = [
            (number, json.dumps(each["geometry"]),
             *(each["properties"][field.name] for field in self.fields))
            for number, each in enumerate(features, 1)
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE {self.table} (id bigint PRIMARY KEY, geom geometry, {columns})"
            )
            shape = "ST_SetSRID(ST_GeomFromGeoJSON(%s), 4490)"
            cursor.executemany(f"INSERT INTO {self.table} VALUES (%s, {shape}, {places})", rows)

    def of(self, *kinds: str) -> list[Field]:
        return [each for each in self.fields if not kinds or each.kind in kinds]


class Earth:
    """The three collections, asked as an address asks: what a predicate finds by the statement
    alone, as there are thousands of them, and the annex's numbers over HTTP too."""

    def __init__(self, ogc: Ogc, collections: list[NaturalEarth]) -> None:
        self.ogc, self.collections = ogc, collections
        self.named = {each.name: each for each in collections}

    def _page(self, name: str, text: str, **more: str) -> Page:
        given = {"filter": [text], "limit": ["1000"], **{key: [one] for key, one in more.items()}}
        wanted = asyncio.run(asked(self.named[name], given, NOTHING))
        question = page_question(wanted, None)
        with connection.cursor() as cursor:
            cursor.execute(question.sql, dict(question.params))
            return page_of(cursor.fetchone()[0], wanted)

    def found(self, name: str, text: str) -> frozenset[Any]:
        features = json.loads(f"[{self._page(name, text).features}]")
        return frozenset(each["id"] for each in features)

    def number(self, name: str, text: str, language: str = "cql2-text") -> int:
        page = self._page(name, text, **{"filter-lang": language, "count": "true"})
        assert page.matched == page.returned
        return page.returned

    def number_over_http(self, name: str, text: str) -> int:
        query = {"filter": text, "limit": 1, "count": "true"}
        number: int = self.ogc.json(f"/collections/{name}/items", **query)["numberMatched"]
        return number

    def refused(self, name: str, text: str) -> None:
        self.ogc.refused(f"/collections/{name}/items", filter=text)

    def properties(self, *kinds: str) -> Iterator[tuple[str, str, str]]:
        """The collection, the property as it is written in a filter, and its kind."""
        for each in self.collections:
            for field in each.of(*kinds):
                yield each.name, f'"{field.name}"', field.kind


@pytest.fixture(scope="module")
def earth(ogc: Ogc) -> Iterator[Earth]:
    with gzip.open(DATA / "natural_earth.json.gz") as packed:
        content = json.load(packed)
    shapes: dict[str, Shape] = {"Point": "point", "LineString": "multilinestring"}
    made = []
    for name, features in content.items():
        first = features["features"][0]
        shape = shapes.get(first["geometry"]["type"], "multipolygon")
        collection = NaturalEarth(name, list(first["properties"]), shape)
        collection.create(features["features"])
        made.append(collection)
    REGISTER.program.update({each.name: each for each in made})
    yield Earth(ogc, made)
    for each in made:
        del REGISTER.program[each.name]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {each.table}")


@cache
def predicates() -> list[dict[str, str]]:
    with (DATA / "cql2.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CLASSES = list(dict.fromkeys(each["class"] for each in predicates()))


@pytest.mark.parametrize("name", CLASSES)
def test_data(earth: Earth, name: str) -> None:
    """/conf/{class}/test-data, /conf/cql2-text/validate and /conf/cql2-json/validate"""
    wrong = []
    for each in predicates():
        if each["class"] == name:
            text, wanted = each["predicate"], int(each["items"])
            as_json = json.dumps(parse_text(text).to_json())
            counts = (
                earth.number_over_http(each["collection"], text),
                earth.number(each["collection"], as_json, "cql2-json"),
            )
            if counts != (wanted, wanted):
                wrong.append((text, wanted, counts))
    assert not wrong


@pytest.mark.parametrize(
    "name", [each for each in CLASSES if each != "basic-spatial-functions-plus"]
)
def test_logical(earth: Earth, name: str) -> None:
    """/conf/{class}/logical: the standard's form on four predicates of a collection by chance."""
    dice = random.Random(name)
    for collection in earth.collections:
        known = [each["predicate"] for each in predicates()
                 if each["class"] == name and each["collection"] == collection.name
                 and len(each["predicate"]) < 200]  # fmt: skip
        for _ in range(10 if known else 0):
            a, b, c, d = dice.choices(known, k=4)
            text = f"((NOT ({a}) AND ({b})) OR (({c}) and NOT ({d})) or not (({a}) AND ({d})))"
            assert earth.number(collection.name, text) >= 0


def test_cql2_text_escaping(earth: Earth) -> None:
    for text in ("'it''s' = 'it''s'", "'a\tb' = 'a\tb'", "'a\nb' = 'a\nb'", "'\a\b\v\f\r' <> ''"):
        assert earth.number("ne_110m_rivers_lake_centerlines", text) == 13
    assert earth.number("ne_110m_rivers_lake_centerlines", "'it''s' = 'its'") == 0


def test_basic_cql2_basic_test(earth: Earth) -> None:
    for each in earth.collections:
        properties = earth.ogc.json(f"/collections/{each.name}/queryables")["properties"]
        assert properties.pop("geometry")["format"].startswith("geometry-")
        assert properties
        assert {schema["type"] for schema in properties.values()} <= {
            "string", "number", "integer", "boolean",
        }  # fmt: skip


def _compare(earth: Earth, template: Callable[[str, str, str], str]) -> None:
    for name, field, kind in earth.properties():
        sets = {sign: earth.found(name, template(field, sign, VALUES[kind])) for sign in COMPARED}
        for one, other in (("=", "<>"), (">", "<="), ("<", ">=")):
            assert not sets[one] & sets[other], (name, field, one)


def test_basic_cql2_comparison(earth: Earth) -> None:
    _compare(earth, lambda field, sign, value: f"{field} {sign} {value}")


def test_basic_cql2_is_null(earth: Earth) -> None:
    for name, field, _ in earth.properties():
        none, some = (earth.found(name, f"{field} {test}") for test in ("IS NULL", "is not null"))
        assert not none & some
        assert none | some == earth.found(name, "true")


def test_basic_cql2_boolean(earth: Earth) -> None:
    for each in earth.collections:
        assert earth.found(each.name, "true")
        assert not earth.found(each.name, "false")


def test_advanced_comparison_operators_like(earth: Earth) -> None:
    for name, field, _ in earth.properties("string"):
        every, some, empty, twice, signs = (
            earth.found(name, f"{field} like '{pattern}'")
            for pattern in ("%", "_%", "", "%%", "\\%\\_")
        )
        assert not some & empty
        assert every == twice
        assert not signs


def test_advanced_comparison_operators_between(earth: Earth) -> None:
    for name, field, _ in earth.properties("number", "integer"):
        assert earth.number(name, f"{field} BETWEEN 0 AND 100") >= 0
        assert earth.number(name, f"{field} between 100.0 and 1.0") == 0


def test_advanced_comparison_operators_in(earth: Earth) -> None:
    lists = {
        "number": "(1, 2, 3)", "integer": "(1, 2, 3)", "string": "('foo', 'bar')",
        "boolean": "(true)", "date-time": "('2022-04-14T14:52:56Z', '2022-04-14T15:52:56Z')",
        "date": "('2022-04-14', '2022-04-15')",
    }  # fmt: skip
    for name, field, kind in earth.properties():
        assert earth.number(name, f"{field} in {lists[kind]}") >= 0


def test_case_insensitive_comparison_casei(earth: Earth) -> None:
    for name, field, _ in earth.properties("string"):
        same = earth.found(name, f"CASEI({field}) = casei('foo')")
        assert not same & earth.found(name, f"CASEI({field}) <> casei('FOO')")


def test_case_insensitive_comparison_casei_like(earth: Earth) -> None:
    for name, field, _ in earth.properties("string"):
        low, high = (earth.found(name, f"CASEI({field}) LIKE casei('{pattern}')")
                     for pattern in ("ber%", "BER%"))  # fmt: skip
        assert low == high
        if field == '"name"' and "places" in name:
            assert len(low) == 2


def test_basic_spatial_functions_s_intersects(earth: Earth) -> None:
    for each in earth.collections:
        assert earth.found(each.name, f"S_INTERSECTS(geom,{WORLD})")
        assert earth.number(each.name, "S_INTERSECTS(geom,POINT(7.02 49.92))") >= 0
        earth.refused(each.name, "S_INTERSECTS(geom,POINT(90 180))")
        both = ("S_INTERSECTS(geom,BBOX(-180,-90,-90,90)) AND "
                "S_INTERSECTS(geom,BBOX(90,-90,180,90))")  # fmt: skip
        assert earth.number(each.name, both) >= 0


def test_basic_spatial_functions_plus_s_intersects(earth: Earth) -> None:
    outer = "(-180 -90, -90 -90, -90 90, -180 90, -180 -90)"
    hole = f"{outer}, (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)"
    square = "((0 0, 10 0, 10 10, 0 10, 0 0))"
    for each in earth.collections:
        earth.refused(each.name, "S_INTERSECTS(geom,MULTIPOINT(7.02 49.92, 90 180))")
        for shape in (
            "LINESTRING(-180 -45, 0 -45)", "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
            f"POLYGON({hole})", f"MULTIPOLYGON(({hole}),{square})",
            f"GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON{square})",
        ):  # fmt: skip
            assert earth.number(each.name, f"S_INTERSECTS(geom,{shape})") >= 0


def _spatial(earth: Earth, function: str, *shapes: str) -> Iterator[list[frozenset[Any]]]:
    """What a function finds with each shape, of each collection."""
    for each in earth.collections:
        yield [earth.found(each.name, f"{function}(geom,{shape})") for shape in shapes]


LINE, POINT = "LINESTRING(7 50,10 51)", "POINT(7.02 49.92)"


def test_spatial_functions_s_intersects(earth: Earth) -> None:
    for box, ring, *_ in _spatial(earth, "S_INTERSECTS", WORLD, RING, LINE, POINT):
        assert box == ring
    for each in earth.collections:
        earth.refused(each.name, "S_INTERSECTS(geom,POINT(90 180))")


def test_spatial_functions_s_disjoint(earth: Earth) -> None:
    shapes = (WORLD, RING, LINE, POINT)
    pairs = zip(_spatial(earth, "S_DISJOINT", *shapes), _spatial(earth, "S_INTERSECTS", *shapes),
                strict=True)  # fmt: skip
    for apart, touching in pairs:
        assert not apart[0]
        assert not apart[1]
        assert not apart[2] & touching[2]
        assert not apart[3] & touching[3]
    for each in earth.collections:
        earth.refused(each.name, "S_DISJOINT(geom,POINT(90 180))")


def test_spatial_functions_s_equals(earth: Earth) -> None:
    for found in _spatial(earth, "S_EQUALS", RING, LINE, POINT):
        assert found == [frozenset()] * 3


def test_spatial_functions_s_touches(earth: Earth) -> None:
    for box, ring, _ in _spatial(earth, "S_TOUCHES", WORLD, RING, LINE):
        assert box == ring


def test_spatial_functions_s_crosses(earth: Earth) -> None:
    for box, ring, _ in _spatial(earth, "S_CROSSES", WORLD, RING, LINE):
        assert box == ring


MANY = "MULTIPOINT(7 50,10 51)"


def test_spatial_functions_s_within(earth: Earth) -> None:
    for box, ring, *_ in _spatial(earth, "S_WITHIN", WORLD, RING, LINE, MANY):
        assert box == ring


def test_spatial_functions_s_contains(earth: Earth) -> None:
    shapes = (WORLD, RING, LINE, MANY)
    pairs = zip(_spatial(earth, "S_CONTAINS", *shapes), _spatial(earth, "S_WITHIN", *shapes),
                strict=True)  # fmt: skip
    for around, inside in pairs:
        assert around[0] == around[1]
        assert not any(a & b for a, b in zip(around, inside, strict=True))


def test_spatial_functions_s_overlaps(earth: Earth) -> None:
    for box, ring, *_ in _spatial(earth, "S_OVERLAPS", WORLD, RING, LINE, MANY):
        assert box == ring


INSTANTS = ("T_AFTER", "T_BEFORE", "T_DISJOINT", "T_EQUALS", "T_INTERSECTS")
INTERVALS = (*INSTANTS, "T_CONTAINS", "T_DURING", "T_FINISHEDBY", "T_FINISHES", "T_MEETS",
             "T_METBY", "T_OVERLAPPEDBY", "T_OVERLAPS", "T_STARTEDBY", "T_STARTS")  # fmt: skip
YEAR = {"date-time": "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')",
        "date": "INTERVAL('2021-01-01','2021-12-31')"}  # fmt: skip
MOMENT = {"date-time": "TIMESTAMP('2022-04-24T07:59:57Z')", "date": "DATE('2022-04-24')"}


def test_temporal_functions_1(earth: Earth) -> None:
    for name, field, kind in earth.properties("date", "date-time"):
        for other in (YEAR[kind], MOMENT[kind]):
            found = {each: earth.found(name, f"{each}({field},{other})") for each in INSTANTS}
            assert not found["T_AFTER"] & found["T_BEFORE"]
            assert not found["T_DISJOINT"] & found["T_INTERSECTS"]
            assert found["T_EQUALS"] <= found["T_INTERSECTS"]


def test_temporal_functions_2(earth: Earth) -> None:
    name = "ne_110m_populated_places_simple"
    for first, last in (("start", '"end"'), ('"date"', '"end"')):
        for year in YEAR.values():
            found = {
                each: earth.found(name, f"{each}(INTERVAL({first},{last}),{year})")
                for each in INTERVALS
            }
            assert not found["T_AFTER"] & found["T_BEFORE"]
            assert not found["T_DISJOINT"] & found["T_INTERSECTS"]
            assert not found["T_CONTAINS"] & found["T_DURING"]


def test_property_property_comparison_value_property(earth: Earth) -> None:
    _compare(earth, lambda field, sign, value: f"{value} {sign} {field}")


def test_property_property_comparison_property_property(earth: Earth) -> None:
    for name, field, _ in earth.properties():
        found = {sign: earth.found(name, f"{field} {sign} {field}") for sign in COMPARED}
        assert not found["<>"] | found["<"] | found[">"]
        assert found["="] == found[">="] == found["<="]


def test_property_property_comparison_value_value(earth: Earth) -> None:
    for each in earth.collections:
        for value in VALUES.values():
            found = {sign: earth.found(each.name, f"{value} {sign} {value}") for sign in COMPARED}
            assert not found["<>"] | found["<"] | found[">"]
            assert found["="] == found[">="] == found["<="] == earth.found(each.name, "true")


def test_arithmetic_arithmetic(earth: Earth) -> None:
    for name, field, _ in earth.properties("number", "integer"):
        every = earth.found(name, f"{field} IS NOT NULL")
        for text in (f"{field} + 1 > {field}", f"{field} * 2 - {field} = {field}",
                     f"{field} / 2 <= {field}", f"-{field} <= 0", f"{field} ^ 2 >= 0",
                     f"{field} % 2 < 2", f"{field} div 2 <= {field}"):  # fmt: skip
            assert earth.found(name, text) == every, text
