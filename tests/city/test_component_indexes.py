"""The history stays as it was written; every filter of the lists has an index in its order."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from django.db import IntegrityError, connection, transaction

from chengyun.city.actions.components import ComponentValues, register_component
from chengyun.city.components.filter import Wanted, polygon_of, wanted_components, with_names
from chengyun.city.models import Component, ComponentChange
from chengyun.city.models.components import ComponentState
from chengyun.core.actor import Actor
from tests.city.conftest import Folder

Run = Callable[..., Result]
SYSTEM = Actor.system("tests")
SQUARE = [[120.301, 36.051], [120.309, 36.051], [120.309, 36.059], [120.301, 36.059]]

#: Enough for the planner to see what is rare: few are lost, or nobody's, or in no grid, or lamps.
MANY = """
INSERT INTO city_component (code, component_class_id, name, state, unit_grid_id, geom,
    maintainer_id, source, remark, street_code, community_code)
SELECT '37020201999' || lpad(n::text, 6, '0'), CASE WHEN n % 300 = 1 THEN lamp.id ELSE bin.id END,
    CASE WHEN n % 300 = 1 THEN '路灯' ELSE '垃圾箱' END,
    CASE WHEN n % 300 = 2 THEN 'lost' ELSE 'intact' END,
    CASE WHEN n % 300 = 3 THEN NULL ELSE grid.id END,
    ST_SetSRID(ST_Point(120.30 + (n * 7 % 600) / 1e4, 36.05 + (n * 11 % 600) / 1e4), 4490),
    CASE WHEN n % 300 = 4 THEN NULL WHEN n % 300 = 5 THEN san.id ELSE gov.id END, '', '', '', ''
FROM generate_series(1, 3000) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM city_unitgrid) grid
    ON grid.place = n % 36,
    (SELECT c.id FROM city_componentclass c JOIN city_edition e ON e.id = c.edition_id
     WHERE e.is_default AND class_code || sub_code = '01037') lamp,
    (SELECT c.id FROM city_componentclass c JOIN city_edition e ON e.id = c.edition_id
     WHERE e.is_default AND class_code || sub_code = '03005') bin,
    (SELECT id FROM core_organisation WHERE code = 'SAN') san,
    (SELECT id FROM core_organisation WHERE code = 'GOV') gov
"""


def test_what_happened_to_a_component_stays_written(loaded: Folder) -> None:
    code = "37020201037000009"
    values = ComponentValues(120.305, 36.055)
    register_component(actor=SYSTEM, code=code, values=values, origin="tests")
    change = ComponentChange.objects.get()
    assert (change.component.code, change.verb, change.actor) == (code, "register", "tests")
    for refused in (
        lambda: ComponentChange.objects.update(actor="somebody else"),
        change.delete,
        lambda: _sql("DELETE FROM city_componentchange"),
    ):
        with pytest.raises(IntegrityError, match="stays written"), transaction.atomic():
            refused()
    change.refresh_from_db()
    assert change.actor == "tests"


@pytest.mark.parametrize(
    ("wanted", "index", "sorts"),
    [
        (Wanted(), "city_component_code", False),
        (Wanted(class_code="01037"), "city_component_class", False),
        (Wanted(class_code="01"), "city_component_class", False),
        (Wanted(state=ComponentState.LOST), "city_component_state", False),
        (Wanted(state=ComponentState.INTACT), "city_component_code", False),
        (Wanted(maintainer="SAN"), "city_component_maintainer", False),
        (Wanted(maintainer="none"), "city_component_maintainer", True),
        (Wanted(area="370202"), "city_component_grid", False),
        (Wanted(area="none"), "city_component_grid", True),
        (Wanted(unit_grid="370202001001007"), "city_component_grid", False),
        (Wanted(text="370202"), "city_component_code", False),
        (Wanted(text="路灯"), "city_component_name", True),
        (Wanted(box=(120.3, 36.05, 120.31, 36.06)), "city_component_geom", True),
        (Wanted(within=polygon_of([SQUARE])), "city_component_geom", True),
    ],
)
def test_a_filter_reads_its_index_and_not_the_table(
    loaded: Folder, wanted: Wanted, index: str, sorts: bool
) -> None:
    rows, order = wanted_components(wanted)
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute("ANALYZE city_component")
        # A small table is read faster than any index; what could be used is asked here.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        if not sorts:
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off")
    plan = with_names(rows).order_by(*order)[:26].explain()
    assert index in plan, plan
    assert "Seq Scan on city_component " not in plan
    assert ("Sort" in plan) is sorts, plan


def _sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_indexes_serve_the_foreign_keys_too(loaded: Folder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'city_component' AND indexdef ~ %s",
            [r"\((component_class_id|unit_grid_id|maintainer_id)[,)]"],
        )
        defined = [row[0] for row in cursor.fetchall()]
    # A class has two: by code for lists, by id for pages of features.
    columns = sorted(index.rpartition("(")[2] for index in defined)
    assert columns == [
        "component_class_id, code)", "component_class_id, id)", "maintainer_id, code)",
        "unit_grid_id, code)",
    ], defined  # fmt: skip
    assert Component.objects.count() == 2
