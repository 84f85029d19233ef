"""The ground a person answers for, and the way a person went: who may tell, who may read."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.city.models import Area, DutyGrid, UnitGrid
from chengyun.city.queries import forget_catalogue
from chengyun.core.access import forget_scope
from chengyun.core.models import AuditEntry, Grant
from chengyun.governance.jobs import erase_tracks
from chengyun.governance.models import PatrolPoint
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


def way(start: datetime, count: int, **fields: Any) -> list[dict[str, Any]]:
    """A walk to the east, a position every ten seconds, eleven metres apart at 36° north."""
    return [
        {
            "at": (start + timedelta(seconds=10 * n)).isoformat(),
            "lon": 120.05 + n * 0.000125,
            "lat": 36.05,
            "accuracy_m": 5,
            **fields,
        }
        for n in range(count)
    ]


def test_a_track_is_delivered_and_read(hall: Any) -> None:
    points = way(hall.now - timedelta(minutes=20), 100)
    assert hall.collector.post("/patrols", points=points) == {"stored": 100, "known": 0}
    seen = hall.collector.get("/patrols")
    assert len(seen["points"]) == 100
    assert seen["points"][0] == {
        "at": points[0]["at"].replace("+00:00", "Z"), "lon": 120.05, "lat": 36.05, "accuracy_m": 5,
    }  # fmt: skip
    assert seen["length_m"] == pytest.approx(99 * 11.25, rel=0.01)
    assert AuditEntry.objects.filter(action="governance.patrol.store").count() == 1
    assert "120.0" not in str(AuditEntry.objects.filter(action__contains="patrol").values())


def test_sending_again_changes_nothing(hall: Any) -> None:
    points = way(hall.now - timedelta(minutes=20), 10)
    hall.collector.post("/patrols", points=points[:6])
    assert hall.collector.post("/patrols", points=points) == {"stored": 4, "known": 6}
    moved = [{**point, "lon": 121.0} for point in points]
    assert hall.collector.post("/patrols", points=moved) == {"stored": 0, "known": 10}
    assert hall.collector.post("/patrols", points=points[:1] * 3) == {"stored": 0, "known": 3}
    assert {row["lon"] for row in hall.collector.get("/patrols")["points"]} <= {
        point["lon"] for point in points
    }
    # The same moment of somebody else is another position.
    assert hall.handler.post("/patrols", points=points[:2]) == {"stored": 2, "known": 0}
    assert PatrolPoint.objects.count() == 12


def test_a_thousand_points_cost_what_one_costs(hall: Any) -> None:
    def statements(points: list[dict[str, Any]]) -> int:
        with CaptureQueriesContext(connection) as captured:
            hall.collector.post("/patrols", points=points)
        return len(captured)

    start = hall.now - timedelta(hours=4)
    statements(way(start, 1))
    assert statements(way(start + timedelta(seconds=5), 1000)) == statements(
        way(start + timedelta(seconds=3), 1)
    )
    assert PatrolPoint.objects.count() == 1002


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"at": "2026-03-02T01:06:00Z"}, "at"),  # six minutes ahead
        ({"at": "2026-02-23T00:59:00Z"}, "at"),  # more than seven days back
        ({"at": "2026-03-02T01:00:00"}, "at"),  # no zone
        ({"at": "9999-12-31T23:59:59Z"}, "at"),
        ({"lon": 181}, "lon"),
        ({"lat": "north"}, "lat"),
        ({"accuracy_m": -1}, "accuracy_m"),
        ({"user_id": 7}, "user_id"),  # of somebody else: unknown members are refused
    ],
)
def test_a_position_that_cannot_be_is_named(hall: Any, change: dict[str, Any], field: str) -> None:
    points = way(hall.now - timedelta(minutes=5), 3)
    points[1] |= change
    with pytest.raises(Refused) as refused:
        hall.collector.post("/patrols", points=points)
    assert refused.value.status == 422
    assert field in str(refused.value.problem)
    assert "1" in str(refused.value.problem)
    assert not PatrolPoint.objects.exists()


def test_the_edges_of_time_are_kept(hall: Any) -> None:
    for at in ("2026-03-02T01:05:00Z", "2026-02-23T01:00:00Z", "2026-03-02T09:00:00+08:00"):
        assert hall.collector.post("/patrols", points=way(hall.now, 1, at=at))["stored"] == 1


@pytest.mark.parametrize("count", [0, 1001])
def test_a_delivery_has_one_to_a_thousand_points(hall: Any, count: int) -> None:
    with pytest.raises(Refused) as refused:
        hall.collector.post("/patrols", points=way(hall.now - timedelta(hours=4), count))
    assert refused.value.status == 422


def test_who_does_not_walk_delivers_nothing(hall: Any) -> None:
    for name in ("acceptor", "shift_leader", "dispatcher", "department", "leader", "administrator"):
        with pytest.raises(Refused) as refused:
            hall.desks[name].post("/patrols", points=way(hall.now, 1))
        assert refused.value.status == 403
    assert not PatrolPoint.objects.exists()


def test_a_day_is_a_day_of_the_city(hall: Any) -> None:
    for at in ("2026-03-01T15:59:59Z", "2026-03-01T16:00:00Z"):  # around midnight on the wall
        hall.collector.post("/patrols", points=way(hall.now, 1, at=at))
    assert len(hall.collector.get("/patrols", day="2026-03-01")["points"]) == 1
    assert len(hall.collector.get("/patrols", day="2026-03-02")["points"]) == 1
    assert hall.collector.get("/patrols", day="2026-03-03") == {"points": [], "length_m": 0}
    for day in ("0001-01-01", "9999-12-31", "yesterday"):
        with pytest.raises(Refused) as refused:
            hall.collector.get("/patrols", day=day)
        assert refused.value.status == 422


def test_a_vague_position_is_shown_but_is_no_way(hall: Any) -> None:
    points = way(hall.now - timedelta(minutes=5), 3)
    points[1] |= {"lon": 120.5, "accuracy_m": 3000}
    hall.collector.post("/patrols", points=points)
    seen = hall.collector.get("/patrols")
    assert len(seen["points"]) == 3
    assert seen["length_m"] == pytest.approx(22.5, rel=0.01)


def reads(hall: Any, reader: str, whose: str = "collector") -> bool:
    forget_scope(hall.desks[whose].user)
    try:
        hall.desks[reader].get("/patrols", user_id=hall.desks[whose].user.pk)
    except Refused as refused:
        if refused.status != 404:
            raise
        return False
    return True


def test_only_who_answers_for_people_reads_their_track(hall: Any) -> None:
    hall.collector.post("/patrols", points=way(hall.now, 1))
    may = {name for name in hall.desks if reads(hall, name)}
    assert may == {"collector", "shift_leader", "evaluator", "leader"}
    with pytest.raises(Refused) as refused:
        hall.acceptor.get("/patrols", user_id=10**12)
    assert refused.value.status == 404


def test_a_leader_of_a_district_reads_its_people_only(hall: Any) -> None:
    Area.objects.create(
        code="990002", name_zh="城西区", level="district", parent=Area.objects.get(level="city"),
        ancestors=["990000", "990002"],
    )  # fmt: skip
    forget_catalogue()
    leader = Grant.objects.filter(user=hall.leader.user)
    walker = Grant.objects.filter(user=hall.collector.user)
    leader.update(area_code="990001")
    assert not reads(hall, "leader")  # the collector walks the whole city
    walker.update(area_code="990001001001")
    assert reads(hall, "leader")
    leader.update(area_code="990002")
    assert not reads(hall, "leader")
    leader.update(area_code="990000")
    assert reads(hall, "leader")
    leader.update(area_code="", matter_code="town-2026:01")
    assert not reads(hall, "leader")
    walker.update(matter_code="town-2026:01")
    assert reads(hall, "leader")
    # Somebody without a post in the street is followed by nobody but the whole city's leader.
    walker.delete()
    assert not reads(hall, "leader")
    leader.update(area_code="", matter_code="")
    assert reads(hall, "leader")


def test_tracks_are_erased_when_their_time_is_over(hall: Any, settings: Any) -> None:
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"patrol_retention_days": 10})
    hall.collector.post("/patrols", points=way(hall.now - timedelta(hours=2), 5))
    hall.later(days=5)
    hall.collector.post("/patrols", points=way(hall.now - timedelta(hours=2), 3))
    assert erase_tracks() == 0
    hall.later(days=6)
    assert erase_tracks() == 5
    assert PatrolPoint.objects.count() == 3
    assert AuditEntry.objects.filter(action="governance.patrol.erase").count() == 1
