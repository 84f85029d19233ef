"""The ground a person answers for."""

from typing import Any

import pytest

from chengyun.city.models import DutyGrid, UnitGrid
from tests.governance.conftest import Refused


def codes(answer: Any) -> list[str]:
    return [row["code"] for row in answer]


def test_my_grids_have_their_outline(hall: Any) -> None:
    [grid] = hall.collector.get("/duty-grids")
    assert (grid["code"], grid["kind"], grid["name"], grid["unit_grids"]) == (
        "S1", "supervision", "监督网格", 1,
    )  # fmt: skip
    assert grid["bbox"] == pytest.approx([120.0, 36.0, 120.1, 36.1], abs=1e-6)
    assert grid["geometry"]["type"] == "MultiPolygon"
    corners = {tuple(round(x, 4) for x in point) for point in grid["geometry"]["coordinates"][0][0]}
    assert corners == {(120.0, 36.0), (120.1, 36.0), (120.1, 36.1), (120.0, 36.1)}


def test_mine_all_and_kinds(hall: Any) -> None:
    duty = DutyGrid.objects.create(code="D1", name="责任网格", kind="duty")
    duty.users.set([hall.department.user])
    assert codes(hall.department.get("/duty-grids")) == ["D1"]
    assert hall.parks.get("/duty-grids", mine=True) == []
    assert codes(hall.parks.get("/duty-grids", mine=False)) == ["D1", "S1"]
    assert codes(hall.parks.get("/duty-grids", mine=False, kind="")) == ["D1", "S1"]
    assert codes(hall.parks.get("/duty-grids", mine=False, kind="supervision")) == ["S1"]
    with pytest.raises(Refused) as refused:
        hall.parks.get("/duty-grids", kind="circle")
    assert refused.value.status == 422


def test_a_grid_without_ground_has_no_outline(hall: Any) -> None:
    grid = DutyGrid.objects.get(code="S1")
    grid.unit_grids.clear()
    [empty] = hall.collector.get("/duty-grids")
    assert (empty["bbox"], empty["geometry"], empty["unit_grids"]) == (None, None, 0)
    grid.unit_grids.set(UnitGrid.objects.all())
    [whole] = hall.collector.get("/duty-grids")
    assert whole["bbox"] is not None
