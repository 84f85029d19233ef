"""How the database reads a page: a small box by the map's index alone, and once."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection, transaction

from chengyun.city.models import Component, ComponentClass
from chengyun.city.ogc import items
from chengyun.city.ogc.items import asked, page_of, page_question
from chengyun.city.ogc.registry import REGISTER
from chengyun.core.access import Scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]

#: The city is about 20 km wide: a box of 150 m is small, one of 3 km is not.
CITY = (120.25, 36.0, 120.45, 36.2)
SMALL, LARGE = "120.3205,36.0495,120.322,36.051", "120.30,36.05,120.33,36.08"
MAP, OTHERS = "city_component_geom_6f28565e_id", ("city_component_class", "city_component_state")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def read(**given: str) -> tuple[list[str], Any]:
    """The indexes of components and the tables that a page is read by, and the page."""
    asking = {name: [text] for name, text in given.items()}
    wanted = asyncio.run(asked(REGISTER.program["components"], asking, Scope.everything()))
    question = page_question(wanted, CITY)
    with transaction.atomic(), connection.cursor() as cursor:
        # The few rows of a test would be read from end to end; not those of a city.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {question.sql}", dict(question.params))
        answer = cursor.fetchone()[0]
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        cursor.execute(question.sql, dict(question.params))
        page = page_of(cursor.fetchone()[0], wanted)
    ours = [
        each.get("Index Name") or each["Node Type"]
        for each in _nodes(plan)
        if each.get("Index Name", "").startswith("city_component_")
        or (each.get("Relation Name") == "city_component" and "Index Name" not in each
            and each["Node Type"] != "Bitmap Heap Scan")
    ]  # fmt: skip
    return ours, page


def test_a_small_box_is_read_by_the_map_and_nothing_beside_it() -> None:
    indexes, page = read(bbox=SMALL, state="damaged")
    assert indexes == [MAP]
    assert page.returned == 1
    indexes, _ = read(bbox=SMALL, **{"class": "01002"})
    assert indexes == [MAP]
    assert not set(indexes) & set(OTHERS)


def test_a_count_in_a_small_box_reads_it_no_second_time() -> None:
    indexes, page = read(bbox=SMALL, state="damaged", count="true")
    assert indexes.count(MAP) == 1
    # Beside it only the rows of the page itself, by their key.
    assert set(indexes) <= {MAP, "city_component_pkey"}
    assert (page.returned, page.matched) == (1, 1)


@pytest.mark.parametrize("ahead", [5, 40, 20_000])
def test_pages_of_a_box_are_the_same_however_it_is_read(
    ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "AHEAD", ahead)
    for box in (SMALL, LARGE):
        west, south, east, north = map(float, box.split(","))
        wanted = sorted(
            each.code for each in Component.objects.exclude(state="removed")
            if west <= each.geom.x <= east and south <= each.geom.y <= north
        )  # fmt: skip
        for count in ("false", "true"):
            found: list[str] = []
            more = {"cursor": ""}
            while more:
                given = {name: text for name, text in more.items() if text}
                _, page = read(bbox=box, limit="7", count=count, **given)
                found += [each["id"] for each in json.loads(f"[{page.features}]")]
                assert page.matched == (len(wanted) if count == "true" else None)
                more = {"cursor": page.next} if page.next else {}
            assert found == wanted


BOXES = [LARGE, "120.25,36.0,120.45,36.2", "120.31,36.05,120.3101,36.07"]
FILTERS: list[dict[str, str]] = [
    {}, {"class": "01001"}, {"class": "01002"}, {"state": "damaged"}, {"filter": "state='intact'"},
    {"class": "01001", "filter": "name='1'"}, {"datetime": "2026-01-01/.."},
]  # fmt: skip


def scatter() -> None:
    """Components of several blocks, that lie together and not; some move, some go."""
    first = Component.objects.order_by("pk").first()
    assert first is not None
    kinds = list(ComponentClass.objects.filter(
        edition=first.component_class.edition, class_code="01", sub_code__in=("001", "002")
    ))  # fmt: skip
    Component.objects.bulk_create(
        Component(
            id=1_000_000 + number * 150, code=f"x{number:03}", name=str(number % 3),
            component_class=kinds[number % 2], state=("intact", "damaged")[number % 7 == 0],
            geom=Point(120.26 + number // 8 * 0.01, 36.01 + number % 4 * 0.02, srid=4490),
        )
        for number in range(120)
    )  # fmt: skip
    for number in (3, 50, 119):
        Component.objects.filter(code=f"x{number:03}").update(geom=Point(120.31, 36.06, srid=4490))
    Component.objects.filter(code="x004").delete()
    Component.objects.filter(code="x005").update(state="removed")


@pytest.mark.parametrize("blocks", [1, 20])
@pytest.mark.parametrize("narrowed", FILTERS, ids=str)
def test_pages_by_blocks_are_those_of_every_row(
    narrowed: dict[str, str], blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scatter()
    monkeypatch.setattr(items, "BLOCKS", blocks)
    _, page = read(limit="10000", **narrowed)
    every = json.loads(f"[{page.features}]")
    assert len(every) > 5
    for box in BOXES:
        west, south, east, north = map(float, box.split(","))
        wanted = [
            each["id"] for each in every
            if west <= each["geometry"]["coordinates"][0] <= east
            and south <= each["geometry"]["coordinates"][1] <= north
        ]  # fmt: skip
        found: list[str] = []
        more = {"cursor": ""}
        while more:
            given = {name: text for name, text in more.items() if text} | narrowed
            _, page = read(bbox=box, limit="4", count="true", **given)
            found += [each["id"] for each in json.loads(f"[{page.features}]")]
            assert page.matched == len(wanted)
            more = {"cursor": page.next} if page.next else {}
        assert found == wanted


@pytest.mark.parametrize("narrowed", [{}, {"class": "01001"}], ids=str)
def test_a_large_box_is_read_in_the_order_of_the_key(narrowed: dict[str, str]) -> None:
    scatter()
    for box in BOXES[:2]:
        indexes, _ = read(bbox=box, **narrowed)
        assert set(indexes) <= {"city_component_pkey", "city_component_class_id"}, indexes
