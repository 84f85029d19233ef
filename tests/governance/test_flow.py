"""One case from report to evaluation, by the right posts; refused to the wrong ones."""

from typing import Any

import pytest

from chengyun.core.models import AXIS, AuditEntry, Axis, DomainEvent, Role
from chengyun.core.pagination import Page
from chengyun.governance.flow import FLOW, ROWS, Operation
from chengyun.governance.models import STAGE_OF, TERMINAL, CaseRecord, State
from chengyun.governance.schemas.case import CaseRow
from tests.governance.conftest import Refused


def test_a_report_becomes_a_closed_case(hall: Any) -> None:
    case = hall.reported(contact={"name": "王芳", "phone": "13900001234"})
    matter = hall.town.matters["01001"].pk
    hall.later(minutes=5)
    hall.acceptor.do("send_verify", case, matter_id=matter)
    task = hall.collector.get("/tasks")["items"][0]
    assert (task["kind"], task["assignee"]["id"]) == ("verify", hall.collector.user.pk)
    hall.later(minutes=30)
    hall.collector.do("verify", case, result="exists", opinion="属实")
    hall.later(minutes=5)
    filed = hall.shift_leader.do("file", case, standard_id=hall.town.standard.pk)
    assert filed["number"] == "9900012026030200001"
    hall.later(minutes=5)
    sent = hall.dispatcher.do("dispatch", case, department_id=hall.town.department.pk)
    assert sent["state"] == "pending_handle"
    assert sent["handle_due_at"] == "2026-03-02T05:45:00Z"  # 4 urgent hours from 09:45 local
    hall.later(hours=1)
    hall.department.do("sign", case)
    hall.department.do("assign", case, handler_id=hall.handler.user.pk)
    hall.later(hours=1)
    hall.handler.do("finish", case, opinion="已更换井盖")
    hall.dispatcher.do("forward", case)
    hall.later(hours=1)
    hall.collector.do("pass_check", case, opinion="已恢复")
    hall.shift_leader.do("close", case, public_note="井盖已更换。")
    page = hall.acceptor.get(f"/cases/{case}")
    assert page["state"] == "closed"
    assert page["handle_late"] is False
    assert [record["operation"] for record in page["records"]] == [
        "receive", "send_verify", "verify", "file", "dispatch", "sign", "assign", "finish",
        "forward", "pass_check", "close",
    ]  # fmt: skip
    finish = next(r for r in page["records"] if r["operation"] == "finish")
    assert finish["used_seconds"] == 2 * 3600
    assert page["reports"][0]["contact"] == {
        "name": "王*", "phone": "139****1234", "email": None, "erased": False,
    }  # fmt: skip


def test_every_step_leaves_a_record_an_audit_entry_and_an_event(hall: Any) -> None:
    case = hall.closed()
    operations = list(
        CaseRecord.objects.filter(case=case).order_by("seq").values_list("operation", flat=True)
    )
    assert len(operations) == 9
    steps = [f"governance.case.{operation}" for operation in operations[1:]]
    assert (
        list(
            AuditEntry.objects.filter(object_type="case", object_id=str(case))
            .order_by("id")
            .values_list("action", flat=True)
        )
        == steps
    )
    assert list(
        DomainEvent.objects.filter(subject_type="case", subject_id=str(case))
        .order_by("id")
        .values_list("kind", flat=True)
    ) == ["governance.case.receive", *steps]


@pytest.mark.parametrize("operation", [op for op in Operation if ROWS[op]])
def test_no_operation_is_open_to_a_post_that_the_flow_does_not_name(
    hall: Any, operation: Operation
) -> None:
    """Every operation × every post, from a state the operation starts from."""
    source = min(ROWS[operation][0].sources)
    case = _in_state(hall, source)
    named = {role for row in ROWS[operation] for role in row.who}
    for role in Role:
        if role in named:
            continue
        with pytest.raises(Refused) as refused:
            hall.desks[role.value].do(operation.value, case, opinion="x")
        # The administrator sees no cases, handlers of no department neither.
        assert refused.value.status in (403, 404), (role, refused.value)
    assert hall.case(case).state == source


def _in_state(hall: Any, state: State) -> int:
    ways = {
        State.REPORTED: hall.reported,
        State.PENDING_FILE: hall.pending_file,
        State.PENDING_DISPATCH: hall.pending_dispatch,
        State.PENDING_HANDLE: hall.pending_handle,
        State.HANDLING: hall.handling,
        State.PENDING_FEEDBACK: hall.pending_feedback,
        State.PENDING_CHECK: hall.pending_check,
        State.PENDING_CLOSE: hall.pending_close,
        State.CLOSED: hall.closed,
    }
    if state in ways:
        return int(ways[state]())
    case = hall.handling()
    hall.case(case)
    type(hall.case(case)).objects.filter(pk=case).update(
        state=state, merged_into=case if state == State.MERGED else None
    )
    return int(case)


def test_the_two_axes_share_no_row() -> None:
    for row in FLOW:
        axes = {AXIS[role] for role in row.who if role in AXIS}
        if row.operation in (Operation.ANNOTATE, Operation.URGE, Operation.RESUME):
            continue  # a note, a reminder, and waking up decide nothing
        assert len(axes) <= 1, row
    deciding = {Operation.PASS_CHECK, Operation.CLOSE, Operation.REWORK, Operation.CANNOT_CHECK}
    for operation in deciding:
        for row in ROWS[operation]:
            assert {AXIS[role] for role in row.who} == {Axis.SUPERVISION}


def test_every_state_has_a_way_on_or_is_an_end() -> None:
    for state in State:
        ways = [row for row in FLOW if state in row.sources and row.target not in (None, state)]
        assert ways or state in TERMINAL, state
        assert (state in STAGE_OF) != (state in TERMINAL)


def test_the_wrong_state_is_a_conflict_that_says_where_the_case_is(hall: Any) -> None:
    case = hall.reported()
    with pytest.raises(Refused) as refused:
        hall.dispatcher.do("dispatch", case, department_id=hall.town.department.pk)
    assert refused.value.status == 409
    assert refused.value.problem["state"] == "reported"


def test_a_form_opened_on_an_older_state_is_refused_and_nothing_changes(hall: Any) -> None:
    case = hall.handling()
    version = hall.case(case).version
    hall.department.do("assign", case, handler_id=hall.handler.user.pk, version=version)
    with pytest.raises(Refused) as refused:
        hall.department.do("return_dispatch", case, opinion="不属于我处", version=version)
    assert refused.value.status == 409
    assert refused.value.problem["version"] == version + 1
    assert hall.case(case).state == "handling"


def test_what_is_needed_is_named(hall: Any) -> None:
    case = hall.pending_dispatch()
    with pytest.raises(Refused) as refused:
        hall.dispatcher.do("dispatch", case)
    assert refused.value.status == 422
    assert refused.value.problem["field"] == "department"


def test_the_page_offers_exactly_the_steps_that_work(hall: Any) -> None:
    case = hall.handling()
    offered = {row["operation"] for row in hall.department.get(f"/cases/{case}")["operations"]}
    assert {"assign", "finish", "return_dispatch", "ask_extension", "ask_suspension"} <= offered
    assert not offered & {"dispatch", "close", "pass_check", "grant_extension"}
    assert {r["operation"] for r in hall.collector.get(f"/cases/{case}")["operations"]} == {
        "annotate"
    }


def test_records_refuse_to_be_changed(hall: Any) -> None:
    from django.db import DatabaseError, transaction

    case = hall.reported()
    for change in (
        lambda: CaseRecord.objects.filter(case=case).update(opinion="改"),
        lambda: CaseRecord.objects.filter(case=case).delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_rows_written_without_validation_are_what_the_api_promises(hall: Any) -> None:
    hall.closed()
    hall.reported(lon=None, lat=None)
    page = hall.leader.get("/cases")
    checked = Page[CaseRow].model_validate(page)
    assert checked.model_dump(mode="json") == page
    assert [row["lon"] for row in page["items"]] == [None, 120.05]
