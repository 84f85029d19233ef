"""The counts on the map are those of the components, whatever was done to them and by how many."""

import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengyun.city.models import Component, ComponentClass, Edition
from chengyun.city.tiles.cells import fold_cells

STATES = list(Component.State.values)
#: The south pole has no place on the map; the others share some cells and not others.
PLACES = [(120.3, 36.05), (120.3001, 36.0501), (120.31, 36.05), (121.0, 36.9), (0.0, 0.0),
          (179.9999, -85.0), (120.0, -90.0)]  # fmt: skip

# Counted from the rows, by another arithmetic than the triggers': tiles of zoom z + 5.
EXPECTED = """
WITH cell AS (
    SELECT z, floor((ST_X(geom) + 180) / 360 * 2 ^ (z + 5))::integer AS gx,
        floor((1 - asinh(tan(radians(ST_Y(geom)))) / pi()) / 2 * 2 ^ (z + 5))::integer AS gy,
        state
    FROM city_component, generate_series(6, 13) AS z
    WHERE abs(ST_Y(geom)) < 85.05 AND state <> 'removed'
)
SELECT z, gx / 32, gy / 32, gx % 32, gy % 32, count(*),
    count(*) FILTER (WHERE state IN ('damaged', 'lost'))
FROM cell GROUP BY 1, 2, 3, 4, 5
"""
KEPT = """
SELECT z, tx, ty, cx, cy, sum(n), sum(damaged) FROM city_componentcell
GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(damaged) <> 0
"""

# Components that no row of their block holds (0017).
STRAY = """
SELECT id FROM city_component WHERE NOT EXISTS (
    SELECT FROM city_componentblock WHERE block = id / 1024
        AND ST_X(geom) BETWEEN west AND east AND ST_Y(geom) BETWEEN south AND north)
"""


def rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(tuple(int(value) for value in row) for row in cursor.fetchall())


def check() -> None:
    assert rows(KEPT) == rows(EXPECTED)
    assert rows(STRAY) == []


@pytest.fixture
def kind(db: None) -> ComponentClass:
    edition = Edition.objects.create(code="t", name_zh="测试", class_width=2, subclass_width=3)
    return ComponentClass.objects.create(
        edition=edition, class_code="01", class_zh="公用", sub_code="001", name_zh="井盖"
    )


def put(kind: ComponentClass, code: str, place: int, state: str) -> Component:
    lon, lat = PLACES[place]
    return Component(
        code=code, component_class=kind, name="", state=state, geom=f"SRID=4490;POINT({lon} {lat})"
    )


places = st.integers(0, len(PLACES) - 1)
states = st.sampled_from(STATES)
#: Every second, every third … component is meant.
some = st.integers(1, 4)
step = st.one_of(
    st.tuples(st.just("insert"), st.lists(st.tuples(places, states), max_size=5)),
    st.tuples(st.just("move"), some, places),
    st.tuples(st.just("state"), some, states),
    st.tuples(st.just("delete"), some),
    st.tuples(st.just("upsert"), places, states),
    st.tuples(st.just("undo"), places),
    st.tuples(st.just("fold")),
    st.tuples(st.just("truncate")),
)


class World:
    """The components of one life, and what may be done to them."""

    def __init__(self, kind: ComponentClass) -> None:
        self.kind = kind
        self.made = 0

    def _new(self, place: int, state: str) -> Component:
        self.made += 1
        return put(self.kind, f"C{self.made}", place, state)

    def _some(self, each: int) -> Any:
        keys = list(Component.objects.order_by("pk").values_list("pk", flat=True))
        return Component.objects.filter(pk__in=keys[::each])

    def insert(self, rows: list[tuple[int, str]]) -> None:
        Component.objects.bulk_create([self._new(*row) for row in rows])

    def move(self, each: int, place: int) -> None:
        lon, lat = PLACES[place]
        self._some(each).update(geom=f"SRID=4490;POINT({lon} {lat})")

    def state(self, each: int, state: str) -> None:
        self._some(each).update(state=state)

    def delete(self, each: int) -> None:
        self._some(each).delete()

    def upsert(self, place: int, state: str) -> None:
        Component.objects.bulk_create(
            [put(self.kind, "C1", place, state), self._new(place, state)],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["state", "geom"],
        )

    def undo(self, place: int) -> None:
        with transaction.atomic():
            self._new(place, "intact").save()
            transaction.set_rollback(True)

    def fold(self) -> None:
        fold_cells()

    def truncate(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE city_component CASCADE")


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(step, max_size=12))
def test_counts_are_right_after_any_writes(kind: ComponentClass, steps: list[Any]) -> None:
    with transaction.atomic():
        world = World(kind)
        world.insert([(0, "intact"), (1, "lost")])
        for name, *values in steps:
            getattr(world, name)(*values)
            check()
        fold_cells()
        fold_cells()
        check()
        [(kept, cells)] = rows(
            "SELECT count(*), count(DISTINCT (z, tx, ty, cx, cy)) FROM city_componentcell"
        )
        assert kept == cells, "one row a cell"
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_writers_and_folders_at_once_lose_nothing(kind: ComponentClass) -> None:
    Component.objects.bulk_create([put(kind, f"A{i}", i % 4, "intact") for i in range(40)])
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(10):
                with transaction.atomic():
                    # Two writers that take the same cells in opposite order.
                    for place in (0, 3) if number % 2 else (3, 0):
                        put(kind, f"W{number}-{turn}-{place}", place, "lost").save()
                Component.objects.filter(code=f"A{number * 10 + turn}").update(state="damaged")
                if turn % 3 == 0:
                    fold_cells()
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert Component.objects.count() == 120
    check()
