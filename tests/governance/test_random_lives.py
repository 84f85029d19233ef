"""Many random lives of a case: whatever people press, the case stays whole."""

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chengyun.governance.jobs import RED, YELLOW, wake_due, warn_late
from chengyun.governance.models import (
    STAGE_OF,
    TERMINAL,
    CaseNumber,
    ClockPause,
    Stage,
    State,
    Task,
)
from tests.governance.conftest import Refused

DESKS = [
    "collector", "collector2", "acceptor", "shift_leader", "dispatcher", "dispatcher2",
    "department", "handler", "parks", "parks_handler", "leader", "evaluator",
]  # fmt: skip


def inputs(hall: Any, operation: str, case: Any, dice: random.Random) -> dict[str, Any]:
    """Something sensible for each operation; what is missing the server must name."""
    body: dict[str, Any] = {"opinion": "情况属实"}
    departments = [hall.town.department.pk, hall.parks.user.organisation_id]
    if operation in ("accept", "send_verify", "amend"):
        body["matter_id"] = hall.town.matters[dice.choice(["01001", "01002"])].pk
    elif operation == "verify":
        body["result"] = dice.choice(["exists", "not_exists", "cannot"])
    elif operation == "file":
        standards = hall.shift_leader.get(f"/cases/{case.pk}/choices")["standards"]
        body["standard_id"] = standards[0]["id"]
    elif operation in ("dispatch", "redispatch"):
        body["department_id"] = dice.choice(departments)
    elif operation == "split":
        body["department_ids"] = [dice.choice(departments)]
    elif operation == "assign":
        body["handler_id"] = dice.choice([hall.handler, hall.parks_handler]).user.pk
    elif operation in ("ask_suspension", "ask_deferral"):
        body["until"] = (hall.now + timedelta(days=dice.choice([1, 40]))).isoformat()
    elif operation == "visit_back":
        body |= {"report_number": case.reports.first().number, "answered": True,
                 "solved": dice.random() < 0.5, "satisfied": True}  # fmt: skip
    return body


@pytest.mark.parametrize("seed", range(12))
def test_a_random_life_keeps_its_invariants(hall: Any, seed: int) -> None:
    dice = random.Random(seed)
    case_id = hall.reported(contact={"phone": "13900001234"})
    for _ in range(40):
        hall.later(minutes=dice.choice([1, 20, 90, 600]))
        warn_late(RED), warn_late(YELLOW), wake_due()
        desk = hall.desks[dice.choice(DESKS)]
        status, page = answered(desk.get, f"/cases/{case_id}")
        if status == 404:
            continue  # not this department's case
        offered = page["operations"]
        forward = [row for row in offered if row["operation"] not in ("void", "refuse", "annotate")]
        if not forward:
            continue
        operation = dice.choice(forward)["operation"]
        case = hall.case(case_id)
        before = (case.version, case.state)
        status, _ = answered(desk.do, operation, case_id, **inputs(hall, operation, case, dice))
        assert status in (200, 403, 409, 422), operation
        if status != 200:
            after = hall.case(case_id)
            assert (after.version, after.state) == before, operation
        check_whole(hall, case_id)


def answered(call: Any, *arguments: Any, **more: Any) -> tuple[int, Any]:
    """Status and body, refusals too."""
    try:
        return 200, call(*arguments, **more)
    except Refused as refusal:
        return refusal.status, refusal.problem


def check_whole(hall: Any, case_id: int) -> None:
    case = hall.case(case_id)
    records = list(case.records.order_by("seq"))
    assert [record.seq for record in records] == list(range(1, case.version + 1))
    assert records[-1].to_state == case.state
    for left, right in pairwise(records):
        assert left.to_state == right.from_state
    assert all((record.used_seconds or 0) >= 0 for record in records)
    state = State(case.state)
    open_pauses = ClockPause.objects.filter(case=case, ended_at=None).count()
    assert open_pauses <= 1
    if state in (State.SUSPENDED, State.DEFERRED):
        assert case.paused_since
        assert open_pauses == 1
        assert case.stage_due_at is None
    else:
        assert case.paused_since is None
    if state in TERMINAL:
        assert case.stage == ""
    else:
        assert case.stage == STAGE_OF[state]
        assert case.stage_started_at
    if case.stage == Stage.HANDLE and state not in (State.SUSPENDED, State.DEFERRED):
        assert case.stage_due_at == case.handle_due_at
    if case.department and state in (State.PENDING_HANDLE, State.HANDLING):
        assert set(case.department.ancestors) <= set(case.scope_orgs)
    if state in TERMINAL:
        assert not Task.objects.filter(case=case, state="open").exclude(kind="co_handle").exists()
    if case.number:
        assert CaseNumber.objects.get().last == 1  # one number, however often it was filed
