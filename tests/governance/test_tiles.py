"""Cases on the map: the same cases as in the list, for the same people."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from chengyun.city.tiles import service
from chengyun.core.models import Grant
from chengyun.governance import tiles
from chengyun.governance.models import OPEN, TERMINAL, Case, State
from tests.api.town import LAT, LON
from tests.map_client import Box, Map, place_of, run, tile_at

pytestmark = pytest.mark.django_db(transaction=True)

TOWN = Box(120.0, 36.0, 120.1, 36.1)


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CALLER_SECONDS", 0.0)


def map_of(desk: Any) -> Map:
    return Map({"Authorization": f"Bearer {desk.token}"})


def drawn(desk: Any, query: dict[str, Any] | None = None, z: int = 13) -> list[dict[str, Any]]:
    """The properties of all points of the town, as this person sees them."""
    found: list[dict[str, Any]] = []

    async def scene() -> None:
        text = f"?{urlencode(query, doseq=True)}" if query else ""
        points = await map_of(desk).around("cases", "cases", z, TOWN, text)
        found.extend(point["properties"] for _, _, point in points)

    run(scene)
    return sorted(found, key=lambda point: point["id"])


def ids(points: list[dict[str, Any]]) -> list[int]:
    return [point["id"] for point in points]


def counted(desk: Any, z: int = 10, query: str = "") -> dict[str, int]:
    """The sum of all cells of the town, without zeros."""
    sums: dict[str, int] = {}

    async def scene() -> None:
        for _, _, cell in await map_of(desk).around("cases", "cases_count", z, TOWN, query):
            for name, number in cell["properties"].items():
                sums[name] = sums.get(name, 0) + number

    run(scene)
    return {name: number for name, number in sums.items() if number}


def test_every_state_has_one_look() -> None:
    looks = [states for name, states in tiles.PHASES.items()]
    assert sorted(state for states in looks for state in states) == sorted(State)
    assert tiles.PHASES["done"] == TERMINAL


def test_an_open_case_is_a_point_that_says_what_it_is(hall: Any) -> None:
    case = hall.handling()
    closed = hall.closed(lon=LON + 0.01)
    [point] = drawn(hall.acceptor)
    row = hall.case(case)
    assert row.stage_due_at is not None
    assert point == {
        "id": case,
        "number": row.number,
        "state": "handling",
        "phase": "doing",
        "matter_zh": "井盖缺失",
        "matter_en": "Manhole cover missing",
        "due": f"{row.stage_due_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert [(p["id"], p["phase"]) for p in drawn(hall.acceptor, {"state": "closed"})] == [
        (closed, "done")
    ]
    assert ids(drawn(hall.acceptor, {"open": "all"})) == [case, closed]

    async def scene() -> None:
        x, y = tile_at(LON, LAT, 18)
        answer = await map_of(hall.acceptor).get(f"/tiles/cases/18/{x}/{y}.mvt")
        [feature] = answer.features("cases")
        assert feature["id"] == case
        lon, lat = place_of(18, x, y, *feature["geometry"]["coordinates"])
        assert abs(lon - LON) < 1e-6
        assert abs(lat - LAT) < 1e-6

    run(scene)


def test_the_look_follows_the_life_of_a_case(hall: Any) -> None:
    looks = {
        hall.reported(): "new",
        hall.pending_file(): "new",
        hall.pending_dispatch(): "new",
        hall.pending_handle(): "doing",
        hall.pending_feedback(): "doing",
        hall.pending_check(): "check",
        hall.pending_close(): "check",
    }
    assert {point["id"]: point["phase"] for point in drawn(hall.leader)} == looks
    hall.later(days=3)
    late = {point["id"]: point["phase"] for point in drawn(hall.leader)}
    assert late == dict.fromkeys(looks, "over")
    assert counted(hall.leader) == {"n": 7, "n_over": 7}
    # A paused clock is not late.
    Case.objects.filter(state="pending_handle").update(state="suspended", paused_since=hall.now)
    assert counted(hall.leader) == {"n": 7, "n_over": 6, "n_doing": 1}


def test_nobody_sees_on_the_map_what_the_list_does_not_show(hall: Any) -> None:
    case = hall.handling()
    other = hall.reported()
    Grant.objects.filter(user=hall.acceptor.user).update(area_code="no-such-district")
    for name, desk in hall.desks.items():
        listed = [row["id"] for row in desk.get("/cases", open="true")["items"]]
        assert ids(drawn(desk)) == sorted(listed), name
        assert counted(desk).get("n", 0) == len(listed), name
    assert ids(drawn(hall.department)) == [case]
    assert drawn(hall.parks) == drawn(hall.acceptor) == drawn(hall.administrator) == []
    assert ids(drawn(hall.dispatcher)) == [case, other]


def test_what_one_person_was_shown_is_not_shown_to_another(hall: Any) -> None:
    """In one process, one after the other, the tile being remembered."""
    case = hall.handling()
    x, y = tile_at(LON, LAT, 14)
    path = f"/tiles/cases/14/{x}/{y}.mvt"

    async def scene() -> None:
        seen = {}
        for name in ("dispatcher", "parks", "department", "administrator", "dispatcher2"):
            features = (await map_of(hall.desks[name]).get(path)).features("cases")
            seen[name] = [feature["properties"]["id"] for feature in features]
        assert seen == {
            "dispatcher": [case], "parks": [], "department": [case], "administrator": [],
            "dispatcher2": [case],
        }  # fmt: skip
        assert (await Map().get(path)).status == 401

    run(scene)


def test_a_grant_that_was_taken_away_ends_the_sight(hall: Any) -> None:
    hall.handling()
    assert drawn(hall.dispatcher2)
    Grant.objects.filter(user=hall.dispatcher2.user).delete()
    assert drawn(hall.dispatcher2) == []


def test_the_filters_of_the_list_mean_the_same_on_the_map(hall: Any) -> None:
    hall.handling()
    hall.pending_dispatch(text="路灯下的井盖", channel="leader")
    hall.later(hours=30)
    hall.reported()
    hall.closed()
    hall.pending_check()
    Case.objects.filter(state="reported").update(urgency="urgent")
    filed = Case.objects.exclude(number=None).order_by("id").first()
    assert filed is not None
    moment = (hall.now.astimezone(UTC)).isoformat()
    questions: list[dict[str, Any]] = [
        {},
        {"state": ["handling", "reported"]},
        {"state": "closed"},
        {"open": "false"},
        {"matter": "town-2026:01"},
        {"matter": "town-2026:02"},
        {"area": "990001"},
        {"area": ["990002"]},
        {"department": "WORKS"},
        {"overdue": "true"},
        {"overdue": "false"},
        {"channel": "leader"},
        {"urgency": "urgent"},
        {"reported_from": moment},
        {"reported_until": moment},
        {"number": filed.number},
        {"text": "路灯"},
        {"mine": "true"},
        {"waiting": "true"},
        {"ids": [filed.pk]},
        {"area": "990001", "overdue": "true", "channel": ["hotline", "leader"]},
        {"matter": "'; DROP TABLE governance_case; --"},
        {"text": "100%"},
    ]
    desks = [hall.dispatcher, hall.department, hall.shift_leader]
    expected = []
    for question in questions:
        asked = question if {"open", "state"} & set(question) else {**question, "open": "true"}
        for desk in desks:
            listed = sorted(row["id"] for row in desk.get("/cases", **asked)["items"])
            expected.append((desk, f"?{urlencode(question, doseq=True)}", listed))
    assert sum(bool(listed) for _, _, listed in expected) > len(expected) / 2

    async def scene() -> None:
        for desk, query, listed in expected:
            reader = map_of(desk)
            points = await reader.around("cases", "cases", 12, TOWN, query)
            assert sorted(point["properties"]["id"] for _, _, point in points) == listed, query
            cells = await reader.around("cases", "cases_count", 9, TOWN, query)
            assert sum(cell["properties"]["n"] for _, _, cell in cells) == len(listed), query

    run(scene)


def test_mine_is_not_yours(hall: Any) -> None:
    case = hall.handling()
    hall.department.do("assign", case, handler_id=hall.handler.user.pk)
    # Both see the same cases; the tile of one must not answer the other.
    Grant.objects.filter(user=hall.parks_handler.user).update(organisation=hall.town.department)
    x, y = tile_at(LON, LAT, 14)
    path = f"/tiles/cases/14/{x}/{y}.mvt?mine=true"

    async def scene() -> None:
        mine = await map_of(hall.handler).get(path)
        assert len(mine.features("cases")) == 1
        assert (await map_of(hall.parks_handler).get(path)).status == 204

    run(scene)


def scatter(count: int) -> None:
    """So many open cases over the town, as far as the map is concerned; at the same places in
    every run: rounding draws what lies on the edge of a tile in the next one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = "
            "'governance_case' AND column_name NOT IN ('id', 'geom', 'number')"
        )
        columns = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        cursor.execute(
            f"INSERT INTO governance_case (geom, {columns}) SELECT ST_SetSRID(ST_Point("
            f"120.001 + random() * 0.098, 36.001 + random() * 0.098), 4490), {columns} "
            "FROM (SELECT * FROM governance_case LIMIT 1) one, generate_series(1, %s)",
            [count],
        )


def test_counts_add_up_at_every_zoom(hall: Any) -> None:
    hall.reported()
    scatter(700)
    for z in range(11):
        assert counted(hall.leader, z) == {"n": 701, "n_new": 701}, z
    assert len(ids(drawn(hall.leader, z=11))) == 701
    assert len(set(ids(drawn(hall.leader, z=15)))) == 701


def test_too_many_cases_are_counted_where_points_would_be(hall: Any, monkeypatch: Any) -> None:
    hall.reported()
    scatter(300)
    monkeypatch.setattr(tiles, "MOST_POINTS", 40)
    for z in (11, 12, 13, 14):
        points, cells = drawn(hall.leader, z=z), counted(hall.leader, z)
        assert len(points) + cells.get("n", 0) == 301, "a tile holds points or counts, not both"
        assert cells or z > 11
        assert points or z < 14


def test_a_new_case_shows_within_the_promised_seconds(hall: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tiles.Cases, "seconds", -1.0)
    hall.reported()
    assert len(drawn(hall.leader)) == 1
    hall.reported()
    assert len(drawn(hall.leader)) == 2
    assert service.Memory(10_000).get("nothing") is None


def test_cases_without_a_place_are_not_drawn(hall: Any) -> None:
    hall.reported()
    Case.objects.update(geom=None)
    assert drawn(hall.leader) == []
    assert counted(hall.leader) == {}


def test_open_cases_are_found_by_their_own_index(hall: Any) -> None:
    """A million closed cases are not passed on the way to the open ones of a tile."""
    hall.reported()
    condition, params = tiles.condition_of(
        tiles.filter_cases(Case.objects.all(), tiles.CaseFilter(open=True))
    )
    sql = tiles.HITS.replace("{condition}", condition)
    given = {
        **params, "half": 1.0, "now": datetime.now(UTC), "w": 120.0, "s": 36.0, "e": 120.01,
        "n": 36.01,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", given)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "governance_case_open_place" in plan, plan
    assert sorted(params.values()) == sorted(state.value for state in OPEN)
