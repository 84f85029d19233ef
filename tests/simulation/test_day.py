"""A played day leaves cases as real work would: in every state, with clocks that agree."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from chengyun.core.models import AuditEntry
from chengyun.core.problems import Conflict
from chengyun.governance.models import OPEN, STAGE_OF, TERMINAL, Case, CaseRecord, Report, State
from chengyun.simulation.day import Play, Played, play_day, play_history
from chengyun.simulation.scenery import scenery_of_database, scenery_of_folder
from chengyun.simulation.stream import ZONE
from tests.simulation.conftest import Folder

DAY = date(2026, 11, 18)  # a Wednesday
CASES = 60

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def played(loaded_city: Folder, django_db_blocker: object) -> Played:
    return play_day(DAY, cases=CASES, seed=3)


@pytest.fixture
def cases(played: Played) -> list[Case]:
    return list(Case.objects.select_related("standard").order_by("id"))


def outcome() -> list[tuple[str, ...]]:
    """What a play left, without what is random on purpose (ids, receipt numbers)."""
    rows = Report.objects.order_by("external_id").values_list(
        "external_id", "text", "case__state", "case__number", "case__department__code"
    )
    return [tuple(str(v) for v in row) for row in rows]


def test_every_report_comes_in_and_no_step_is_refused(played: Played) -> None:
    assert played.refused == []
    assert played.reports == CASES
    assert Report.objects.count() == CASES
    assert f"{CASES} cases" in played.summary().en
    assert "Qingdao-days per hour" in played.summary().en


def test_work_is_found_in_many_states(cases: list[Case], played: Played) -> None:
    states = Counter(case.state for case in cases)
    assert states[State.CLOSED] > 0
    assert states[State.HANDLING] > 0
    assert len(states) >= 5
    assert {"accept", "send_verify", "verify", "file", "dispatch", "sign", "finish", "forward",
            "pass_check", "close"} <= set(played.operations)  # fmt: skip


def test_times_run_forward_and_stay_within_the_day(cases: list[Case]) -> None:
    start = datetime.combine(DAY, datetime.min.time(), ZONE).astimezone(UTC)
    for case in cases:
        steps = [case.reported_at, case.accepted_at, case.filed_at, case.dispatched_at,
                 case.signed_at, case.handled_at, case.checked_at, case.closed_at]  # fmt: skip
        done = [moment for moment in steps if moment is not None]
        if case.rework_count == 0 and case.reopen_count == 0:
            assert done == sorted(done)
        assert all(start <= moment < start + timedelta(days=1) for moment in done)


def test_clocks_agree_with_states(cases: list[Case]) -> None:
    for case in cases:
        assert bool(case.number) == bool(case.filed_at)
        assert (case.standard is not None) == bool(case.filed_at)
        if case.state in TERMINAL:
            assert case.stage == ""
            assert case.stage_due_at is None
            continue
        assert case.stage == STAGE_OF[State(case.state)]
        if case.paused_since is None:
            assert case.stage_started_at is not None
            assert case.stage_due_at is not None
        if case.state in (State.PENDING_HANDLE, State.HANDLING) and case.paused_since is None:
            assert case.stage_due_at == case.handle_due_at
            assert case.department_id is not None
        if case.handled_at and case.rework_count == 0 and case.wrong_dispatch_count == 0:
            assert case.handle_due_at is not None
            assert case.handle_late == (case.handled_at > case.handle_due_at)


def test_records_tell_the_life_without_gaps(cases: list[Case]) -> None:
    lives = defaultdict(list)
    for record in CaseRecord.objects.order_by("case_id", "seq"):
        lives[record.case_id].append(record)
    for case in cases:
        life = lives[case.pk]
        assert [r.seq for r in life] == list(range(1, case.version + 1))
        assert [r.at for r in life] == sorted(r.at for r in life)
        assert all(a.to_state == b.from_state for a, b in pairwise(life))
        assert life[-1].to_state == case.state


def test_the_two_axes_are_never_one_person(cases: list[Case]) -> None:
    command = {"dispatch", "redispatch", "forward"}
    supervision = {"verify", "file", "pass_check", "close"}
    handling = {"sign", "finish", "return_dispatch"}
    roles = defaultdict(set)
    for operation, role in CaseRecord.objects.values_list("operation", "actor_role"):
        roles[operation].add(role)
    assert all(roles[op] <= {"dispatcher"} for op in command)
    assert all(roles[op] <= {"collector", "shift_leader"} for op in supervision)
    assert all(roles[op] <= {"department", "handler"} for op in handling)


def test_neighbours_reports_are_merged_into_one_case(cases: list[Case]) -> None:
    merged = [case for case in cases if case.state == State.MERGED]
    assert merged
    for case in merged:
        assert case.merged_into is not None
        assert case.merged_into.report_count > 1


def test_a_day_is_played_once_unless_asked_again(played: Played) -> None:
    with pytest.raises(Conflict, match="played already"):
        play_day(DAY, cases=5, seed=3)
    assert AuditEntry.objects.filter(action="simulation.day.play", object_id=str(DAY)).count() == 1
    play_day(DAY, cases=5, seed=3, again=True)
    assert Report.objects.count() == CASES + 5


def test_the_same_seed_plays_the_same_day(loaded_city: Folder) -> None:
    day = date(2026, 9, 9)
    outcomes = []
    for seed in (5, 5, 6):
        with transaction.atomic():
            play_day(day, cases=12, seed=seed)
            outcomes.append([row for row in outcome() if "20260909" in row[0]])
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] != outcomes[2]


def test_a_day_that_broke_off_goes_on_without_doubles(loaded_city: Folder) -> None:
    day = date(2026, 9, 9)
    broken = Play(seed=5)
    broken.plan_day(day, 16)
    broken.run(datetime(2026, 9, 9, 12, 0, tzinfo=ZONE))
    there = Report.objects.filter(external_id__contains="20260909").count()
    assert 0 < there < 16
    resumed = play_day(day, cases=16, seed=5)
    assert resumed.refused == []
    assert Report.objects.filter(external_id__contains="20260909").count() == 16
    lives = defaultdict(list)
    for case, at in CaseRecord.objects.order_by("case_id", "seq").values_list("case_id", "at"):
        lives[case].append(at)
    assert all(life == sorted(life) for life in lives.values())


def test_open_cases_are_taken_up_the_next_day(loaded_city: Folder) -> None:
    first = date(2026, 9, 9)
    play_day(first, cases=16, seed=5, until=datetime(2026, 9, 9, 15, 0, tzinfo=ZONE))
    open_states = [state.value for state in OPEN]
    left = list(
        Case.objects.filter(state__in=open_states, reported_at__date=first).values_list(
            "pk", "version"
        )
    )
    play_history(first + timedelta(days=1), 2, per_day=3, seed=5)
    moved = Case.objects.in_bulk([pk for pk, _ in left])
    assert sum(moved[pk].version > version for pk, version in left) > len(left) / 2


def test_database_and_folder_show_the_same_scenery(loaded_city: Folder) -> None:
    from_database, from_folder = scenery_of_database(), scenery_of_folder(loaded_city.path)
    assert {s.tail for s in from_database.spots} == {s.tail for s in from_folder.spots}
    assert from_database.things.keys() == from_folder.things.keys()
