"""Cases put in by COPY are such as the actions would have left them."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from chengyun.core import clock
from chengyun.governance import clocks
from chengyun.governance.flow import ROWS, Operation
from chengyun.governance.models import (
    STAGE_OF,
    TERMINAL,
    Case,
    CaseRecord,
    ClockPause,
    Report,
    Stage,
    State,
)
from chengyun.simulation.bulk import SOURCE, fill
from tests.simulation.conftest import Folder

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
COUNT = 400

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def filled(loaded_city: Folder, django_db_blocker: object) -> int:
    with clock.at(NOW):
        return fill(COUNT, days=10, seed=4).records


@pytest.fixture
def cases(filled: int) -> list[Case]:
    return list(Case.objects.select_related("standard", "matter", "area", "department"))


def test_as_many_as_asked_with_one_report_each(filled: int, cases: list[Case]) -> None:
    assert len(cases) == COUNT
    assert Report.objects.filter(source=SOURCE).count() == COUNT
    assert CaseRecord.objects.count() == filled
    since = NOW - timedelta(days=11)
    assert all(since < case.reported_at <= NOW for case in cases)
    assert {State.CLOSED, State.HANDLING, State.NOT_ACCEPTED} <= {case.state for case in cases}


def test_every_step_is_one_that_the_flow_knows(cases: list[Case]) -> None:
    lives = defaultdict(list)
    for record in CaseRecord.objects.order_by("case_id", "seq"):
        lives[record.case_id].append(record)
    for case in cases:
        life = lives[case.pk]
        assert [r.seq for r in life] == list(range(1, case.version + 1))
        assert [r.at for r in life] == sorted(r.at for r in life)
        assert life[-1].at <= NOW
        assert life[-1].to_state == case.state
        for before, record in pairwise(life):
            assert before.to_state == record.from_state
            rows = ROWS[Operation(record.operation)]
            assert any(
                record.from_state in row.sources
                and row.target in (record.to_state, None)
                and record.actor_role in row.who
                for row in rows
            )
            assert record.timed_out == (
                record.used_seconds is not None
                and record.due_at is not None
                and record.at > record.due_at
            )


def test_limits_are_those_of_the_calendar(cases: list[Case]) -> None:
    for case in cases:
        assert case.accept_due_at == clocks.stage_due(Stage.ACCEPT, case.reported_at)
        if case.dispatched_at is None or case.rework_count:
            continue
        assert case.standard is not None
        assert case.handle_due_at == clocks.handling_due(case.standard, case.dispatched_at)
        assert case.close_due_at == clocks.closing_due(case.handle_due_at)
        if case.handled_at and not case.wrong_dispatch_count:
            assert case.handle_late == (case.handled_at > case.handle_due_at)
    assert any(case.handle_late for case in cases)


def test_a_reworked_case_has_a_pause_that_moved_its_limit(cases: list[Case]) -> None:
    reworked = [case for case in cases if case.rework_count]
    assert reworked
    for case in reworked:
        pauses = list(ClockPause.objects.filter(case=case, ended_at__isnull=False))
        assert case.standard is not None
        assert case.dispatched_at is not None
        due = clocks.handling_due(case.standard, case.dispatched_at, pauses)
        assert case.handle_due_at == due


def test_running_clocks_belong_to_the_state(cases: list[Case]) -> None:
    for case in cases:
        assert bool(case.number) == bool(case.filed_at) == (case.standard_id is not None)
        if case.state in TERMINAL:
            assert (case.stage, case.stage_due_at) == ("", None)
        else:
            assert case.stage == STAGE_OF[State(case.state)]
            assert case.stage_due_at is not None
            assert case.stage_warn_at is not None


def test_permissions_follow_place_department_and_matter(cases: list[Case]) -> None:
    for case in cases:
        assert case.area is not None
        assert case.matter is not None
        assert case.scope_areas == case.area.ancestors
        assert case.scope_matters == case.matter.tokens
        if case.department is not None:
            assert set(case.department.ancestors) <= set(case.scope_orgs)


def test_numbers_are_gapless_per_day_and_district(cases: list[Case]) -> None:
    serials = defaultdict(list)
    for case in cases:
        if case.number:
            serials[case.number[:14]].append(int(case.number[14:]))
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in serials.values())


def test_called_again_it_adds_more(filled: int) -> None:
    with clock.at(NOW):
        fill(40, days=10, seed=4)
    assert Report.objects.filter(source=SOURCE).count() == COUNT + 40


def test_a_past_of_ended_cases_leaves_nothing_to_do(cases: list[Case]) -> None:
    with clock.at(NOW):
        filled = fill(COUNT, days=10, seed=5, ended=True)
        fill(COUNT, days=10, seed=6, ended=True)
    known = {case.pk for case in cases}
    added = Case.objects.exclude(pk__in=known)
    assert COUNT / 2 < filled.cases < COUNT
    assert added.count() > filled.cases
    assert {case.state for case in added} == {State.CLOSED, State.NOT_ACCEPTED}
    assert not added.exclude(stage="", stage_due_at=None).exists()
    assert Report.objects.filter(case__in=added).count() == added.count()
