"""Cases by cell: the numbers of the list, each opening to its rows, for the same people."""

import random
from collections import Counter
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import h3
import pandas as pd
import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.city.models import UnitGrid
from chengyun.core.models import Grant
from chengyun.governance import density
from chengyun.governance.models import Case
from tests.api.town import FAR_LAT, FAR_LON, LAT, LON
from tests.governance.conftest import Refused

pytestmark = pytest.mark.django_db(transaction=True)

#: 50 m north and south of each other, surely not in one cell of 50 m.
FAR_ENOUGH = 0.001


def other_grid() -> UnitGrid:
    """A second grid, east of the town's."""
    first = UnitGrid.objects.get()
    square = Polygon.from_bbox((120.1, 36.0, 120.2, 36.1))
    return UnitGrid.objects.create(
        code=f"{first.code[:-3]}002", community=first.community, geom=MultiPolygon(square),
        area_m2=5e7, valid_from=date(2020, 1, 1),
    )  # fmt: skip


def cells(desk: Any, **query: Any) -> dict[str, dict[str, Any]]:
    found = desk.get("/density", **query)["items"]
    assert found == sorted(found, key=lambda item: (-item["n"], item["cell"]))
    return {item["cell"]: item for item in found}


def opened(desk: Any, answer: dict[str, Any], item: dict[str, Any], number: str) -> set[int]:
    """The cases to which a number opens."""
    address = answer["rows"][number]
    if address is None:
        return set()
    address = address.replace("{cell}", item["cell"])
    address = address.replace("{within}", item.get("within", ""))
    path = urlsplit(address)
    assert path.path == "/api/cases"
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(path.query):
        query.setdefault(name, []).append(value)
    rows = desk.get("/cases", **query, limit=100)
    assert rows["next"] is None
    return {row["id"] for row in rows["items"]}


def scattered(hall: Any, number: int = 24) -> None:
    """Cases in two grids, in several states, some at one place."""
    east = other_grid()
    dice = random.Random(5)
    places = [(LON + dice.uniform(-0.04, 0.12), LAT + dice.uniform(-0.04, 0.04)) for _ in range(7)]
    for n in range(number):
        lon, lat = places[n % 7]
        step = (hall.handling, hall.closed, hall.reported, hall.pending_dispatch)[n % 4]
        case = step(lon=lon, lat=lat)
        if lon > 120.1:
            Case.objects.filter(pk=case).update(unit_grid=east)
        hall.later(hours=1)


def test_what_a_grid_holds(hall: Any) -> None:
    hall.closed()
    hall.handling(lon=LON + 0.02)
    hall.reported(lon=LON - 0.02)
    answer = hall.leader.get("/density")
    [item] = answer["items"]
    grid = UnitGrid.objects.get()
    assert item == {
        "cell": grid.code, "n": 3, "open": 2, "filed": 2, "repeats": 0, "repeat_rate": 0.0,
        "area_km2": 100.0, "per_km2": 0.03, "lon": 120.05, "lat": 36.05,
        }  # fmt: skip
    assert (answer["cells"], answer["resolution"], answer["elsewhere"]) == ("unit_grid", None, 0)
    assert answer["repeat_days"] == 30


def test_a_case_is_a_repeat_by_subclass_place_and_days(hall: Any) -> None:
    first = hall.handling()
    hall.later(days=10)
    again = hall.handling()
    hall.reported()  # never filed
    hall.handling(lat=LAT + FAR_ENOUGH)  # elsewhere
    other = hall.reported()
    hall.acceptor.do("accept", other, matter_id=hall.town.matters["01002"].pk)  # another subclass
    hall.later(days=31)
    late = hall.handling()  # 31 days after `again`
    [item] = cells(hall.leader).values()
    assert (item["filed"], item["repeats"], item["repeat_rate"]) == (4, 1, 0.25)
    assert [row["id"] for row in hall.leader.get("/cases", repeat="true")["items"]] == [again]
    [item] = cells(hall.leader, repeat_days=60).values()
    assert item["repeats"] == 2
    found = hall.leader.get("/cases", repeat="true", repeat_days=60)["items"]
    assert {row["id"] for row in found} == {again, late}
    rest = hall.leader.get("/cases", repeat="false")["items"]
    assert first in {row["id"] for row in rest}
    assert again not in {row["id"] for row in rest}


def test_a_repeat_of_what_the_filters_leave_out_is_a_repeat(hall: Any) -> None:
    hall.closed()
    hall.later(days=5)
    again = hall.handling()
    [item] = cells(hall.leader, open="true").values()
    assert (item["n"], item["repeats"], item["repeat_rate"]) == (1, 1, 1.0)
    assert [row["id"] for row in hall.leader.get("/cases", repeat="true")["items"]] == [again]


@pytest.mark.parametrize(
    "query",
    [
        {"cells": "unit_grid"},
        {"cells": "h3", "resolution": 6},
        {"cells": "h3", "resolution": 9, "reported_from": "2026-03-02T05:00:00+00:00"},
        {"cells": "h3", "resolution": 8, "state": ["handling", "closed"]},
        {"cells": "unit_grid", "open": "false", "matter": "town-2026:01001"},
        {"cells": "unit_grid", "repeat": "false"},
    ],
)
def test_every_number_opens_to_its_rows(hall: Any, query: dict[str, Any]) -> None:
    scattered(hall)
    answer = hall.leader.get("/density", **query)
    assert answer["items"]
    filters = {k: v for k, v in query.items() if k not in ("cells", "resolution")}
    listed = hall.leader.get("/cases", **filters, limit=100)["items"]
    assert sum(item["n"] for item in answer["items"]) == len(listed)
    seen: set[int] = set()
    for item in answer["items"]:
        rows = opened(hall.leader, answer, item, "n")
        assert len(rows) == item["n"]
        assert not rows & seen
        seen |= rows
        assert len(opened(hall.leader, answer, item, "open")) == item["open"]
        assert len(opened(hall.leader, answer, item, "repeats")) == item["repeats"]
    assert seen == {row["id"] for row in listed}


def test_hexagons_are_those_of_h3(hall: Any) -> None:
    scattered(hall)
    truth = Counter(h3.latlng_to_cell(c.geom.y, c.geom.x, 8) for c in Case.objects.all())
    found = cells(hall.leader, cells="h3", outlines="true")
    assert {cell: item["n"] for cell, item in found.items()} == truth
    for cell, item in found.items():
        lat, lon = h3.cell_to_latlng(cell)
        assert (item["lat"], item["lon"]) == pytest.approx((lat, lon), abs=1e-6)
        assert item["area_km2"] == pytest.approx(h3.cell_area(cell), abs=1e-6)
        assert item["per_km2"] == pytest.approx(item["n"] / h3.cell_area(cell), abs=1e-3)
        [ring] = item["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert [(y, x) for x, y in ring[:-1]] == [
            pytest.approx(corner, abs=1e-7) for corner in h3.cell_to_boundary(cell)
        ]


def test_a_box_names_cells_and_each_is_counted_whole(hall: Any) -> None:
    scattered(hall)
    whole = cells(hall.leader, cells="h3", resolution=8)
    some = next(iter(whole.values()))
    lon, lat = some["lon"], some["lat"]
    # A box in the middle of the fullest cell, far smaller than it: no case needs to lie inside.
    box = f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}"
    answer = hall.leader.get("/density", cells="h3", resolution=8, bbox=box)
    assert [(i["cell"], i["n"]) for i in answer["items"]] == [(some["cell"], some["n"])]
    assert answer["elsewhere"] is None
    grid = UnitGrid.objects.order_by("code").first()
    assert grid is not None
    small = hall.leader.get("/density", bbox="120.00001,36.00001,120.00002,36.00002")
    assert [(i["cell"], i["n"]) for i in small["items"]] == [
        (grid.code, Case.objects.filter(unit_grid=grid).count())
    ]
    assert hall.leader.get("/density", bbox="10,10,11,11")["items"] == []


def test_what_stands_in_no_cell_is_said(hall: Any) -> None:
    hall.reported()
    nowhere = hall.reported(lon=LON + 0.01)
    Case.objects.filter(pk=nowhere).update(unit_grid=None, geom=None)
    outside = hall.reported(lon=LON + 0.02)
    Case.objects.filter(pk=outside).update(unit_grid=None, geom=Point(FAR_LON, FAR_LAT, srid=4490))
    grids = hall.leader.get("/density")
    assert (sum(item["n"] for item in grids["items"]), grids["elsewhere"]) == (1, 2)
    hexagons = hall.leader.get("/density", cells="h3")
    assert (sum(item["n"] for item in hexagons["items"]), hexagons["elsewhere"]) == (2, 1)


@pytest.mark.parametrize("division", ["unit_grid", "h3"])
def test_only_cases_that_i_may_see(hall: Any, division: str) -> None:
    hall.handling()
    mine = hall.reported()
    parks = hall.town.department.__class__.objects.get(code="PARKS")
    Case.objects.filter(pk=mine).update(department=parks, scope_orgs=["PARKS"])
    [item] = cells(hall.parks, cells=division).values()
    assert item["n"] == 1
    assert sum(i["n"] for i in cells(hall.leader, cells=division).values()) == 2
    Grant.objects.filter(user=hall.parks.user).delete()
    assert cells(hall.parks, cells=division) == {}


@pytest.mark.parametrize("division", ["unit_grid", "h3"])
def test_statements_do_not_grow_with_cells(
    hall: Any, division: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chengyun.core.http._TOUCH_SECONDS", 3600.0)
    monkeypatch.setattr("chengyun.city.snapshot.CHECK_EVERY_SECONDS", 3600.0)
    scattered(hall, 8)
    hall.leader.get("/density", cells=division)
    with CaptureQueriesContext(connection) as captured:
        hall.leader.get("/density", cells=division, outlines="true", bbox="119,35,122,38")
    # The token, the grants, the cells, the repeats; grids have names and places.
    assert len(captured) == (5 if division == "unit_grid" else 4)


def test_many_cases_at_few_places_are_what_another_program_counts(hall: Any) -> None:
    scattered(hall, 24)
    Case.objects.filter(pk=hall.reported()).update(geom=None)
    rows = pd.DataFrame(
        [(case.geom.x, case.geom.y, case.unit_grid.code, case.state, case.filed_at is not None)
         for case in Case.objects.select_related("unit_grid").exclude(geom=None)],
        columns=["lon", "lat", "grid", "state", "filed"],
    )  # fmt: skip
    rows["open"] = ~rows["state"].isin(["closed", "not_accepted", "voided", "merged"])
    assert rows["open"].nunique() == rows["filed"].nunique() == 2
    for size in (7, 10):
        rows["cell"] = [h3.latlng_to_cell(row.lat, row.lon, size) for row in rows.itertuples()]
        with CaptureQueriesContext(connection) as captured:
            answer = hall.leader.get("/density", cells="h3", resolution=size, repeats="false")
        assert sum("ST_X" in query["sql"] for query in captured) == 1
        assert answer["elsewhere"] == 1
        assert {
            item["cell"]: (item["n"], item["open"], item["filed"]) for item in answer["items"]
        } == {
            cell: (len(held), held["open"].sum(), held["filed"].sum())
            for cell, held in rows.groupby("cell")
        }


def test_repeats_are_left_out_where_too_much_must_be_looked_back_for(
    hall: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(density, "MOST_LOOKED_BACK", 1)
    hall.handling()
    hall.later(hours=1)
    hall.handling()
    [item] = cells(hall.leader).values()
    assert (item["repeats"], item["repeat_rate"]) == (None, None)
    [item] = cells(hall.leader, repeats="true").values()
    assert (item["repeats"], item["repeat_rate"]) == (1, 0.5)
    monkeypatch.setattr(density, "MOST_LOOKED_BACK", 10)
    [item] = cells(hall.leader, repeats="false").values()
    assert item["repeats"] is None


def test_an_answer_has_an_end(hall: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scattered(hall, 8)
    monkeypatch.setattr(density, "MOST_CELLS", 1)
    for division in ("unit_grid", "h3"):
        with pytest.raises(Refused) as refused:
            hall.leader.get("/density", cells=division, resolution=10)
        assert (refused.value.status, refused.value.problem["field"]) == (422, "bbox")
    monkeypatch.setattr(density, "MOST_CELLS", 100)
    monkeypatch.setattr(density, "MOST_PLACES", 3)
    with pytest.raises(Refused) as refused:
        hall.leader.get("/density", cells="h3")
    assert refused.value.status == 422
    assert hall.leader.get("/density", cells="unit_grid")["items"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cells": "h3", "resolution": 5}, "resolution"),
        ({"cells": "h3", "resolution": 11}, "resolution"),
        ({"cells": "circle"}, "cells"),
        ({"repeat_days": 0}, "repeat_days"),
        ({"repeat_days": 10**9}, "repeat_days"),
        ({"bbox": "170,36,-170,37"}, "bbox"),
        ({"bbox": "nan,36,120,37"}, "bbox"),
        ({"cells": "h3", "within": "120,36;120.1,36;120.1,36.1"}, "within"),
        ({"state": "asleep"}, "state"),
    ],
)
def test_what_makes_no_sense_is_refused(hall: Any, query: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        hall.leader.get("/density", **query)
    assert refused.value.status == 422
    problem = refused.value.problem
    assert field in (problem.get("field") or "") + str(problem.get("errors"))


def test_a_list_and_a_map_of_one_grid(hall: Any) -> None:
    scattered(hall, 8)
    grid = UnitGrid.objects.order_by("code").last()
    assert grid is not None
    listed = hall.leader.get("/cases", unit_grid=grid.code, limit=100)["items"]
    assert {row["id"] for row in listed} == set(
        Case.objects.filter(unit_grid=grid).values_list("pk", flat=True)
    )
    total = hall.leader.get("/cases/total", unit_grid=grid.code)
    assert total["count"] == len(listed)
    assert hall.leader.get("/cases", unit_grid="no-such-grid")["items"] == []


def test_the_look_back_has_an_index(hall: Any) -> None:
    hall.handling()
    hall.later(days=1)
    hall.handling()
    with CaptureQueriesContext(connection) as captured:
        hall.leader.get("/cases", repeat="true")
    [sql] = [q["sql"] for q in captured if "governance_place_cell" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_hashjoin = off")
        cursor.execute("SET enable_mergejoin = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_hashjoin; RESET enable_mergejoin")
    assert "case_filed_here" in plan
