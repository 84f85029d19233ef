"""Supervision axis, second half: somebody else goes and looks, then the case is closed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Unpack

from django.db.models import Exists, OuterRef

from chengyun.core.actor import Actor
from chengyun.core.problems import Forbidden
from chengyun.governance.actions.accept import finish_task, give_task
from chengyun.governance.actions.transition import Form, Step, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, CaseRecord, Report, State, VisitBack
from chengyun.governance.notices import notify_reporters

#: A reporter with a contact is visited within this time after closing.
VISIT_WITHIN = timedelta(days=3)


def pass_check(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The collector saw that it is done."""
    return _checked(Operation.PASS_CHECK, "pass", actor, case_id, **form)


def cannot_check(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The collector could not look (locked, gone); the shift leader decides."""
    return _checked(Operation.CANNOT_CHECK, "cannot", actor, case_id, **form)


def rework(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Not done: back to the same department with everything kept; its clock goes on."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.REWORK,
        **form,
        annotations=_own_work(actor),
    ) as step:
        _refuse_own_work(step)
        step.case.rework_count += 1
        step.receiver_organisation = step.case.department
        if step.row.sources == {State.PENDING_CHECK}:
            step.case.checked_at = step.now
            step.case.check_result = "fail"
            finish_task(step, "check", "fail")
    return step.case


def recheck(
    *, actor: Actor, case_id: int, collector_id: int | None = None, **form: Unpack[Form]
) -> Case:
    """The shift leader wants it looked at once more."""
    with transition(actor=actor, case_id=case_id, operation=Operation.RECHECK, **form) as step:
        give_task(step, "check", collector_id)
    return step.case


def close(
    *,
    actor: Actor,
    case_id: int,
    closing_met: bool = True,
    public_note: str = "",
    **form: Unpack[Form],
) -> Case:
    """Close: the closing condition of the standard is met. Reporters are told and visited."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.CLOSE,
        **form,
        given={"closing_met": closing_met},
    ) as step:
        end_case(step, public_note)
    return step.case


def end_case(step: Step, public_note: str) -> None:
    """What closing means for the case and its reporters."""
    case = step.case
    case.closed_at = step.now
    case.status_note = public_note.strip() or (
        case.standard.closing_zh if case.standard else step.opinion
    )
    reports = notify_reporters(case, "report.closed", case.status_note)
    plan_visits(case, reports, step)


def plan_visits(case: Case, reports: Sequence[Report], step: Step) -> None:
    """One visit back for every reporter who can be reached; a reopened case is visited again."""
    VisitBack.objects.bulk_create(
        [
            VisitBack(report=report, case=case, due_at=step.now + VISIT_WITHIN)
            for report in reports
            if report.contact_id is not None
        ],
        update_conflicts=True,
        unique_fields=["report"],
        update_fields=["case", "due_at", "asked_at", "done_at"],
    )


def _checked(
    operation: Operation, result: str, actor: Actor, case_id: int, **form: Unpack[Form]
) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=operation, **form, annotations=_own_work(actor)
    ) as step:
        _refuse_own_work(step)
        step.case.checked_at = step.now
        step.case.check_result = result
        finish_task(step, "check", result)
    return step.case


def _own_work(actor: Actor) -> dict[str, Exists]:
    """Whether the actor sent or handled this case, whatever posts they held when they did."""
    records = CaseRecord.objects.filter(
        case=OuterRef("pk"),
        actor=actor.user,
        operation__in=[
            Operation.DISPATCH,
            Operation.REDISPATCH,
            Operation.FINISH,
            Operation.CO_FINISH,
        ],
    )
    return {"own_work": Exists(records)}


def _refuse_own_work(step: Step) -> None:
    if getattr(step.case, "own_work", False):
        raise Forbidden(
            zh="不能核查本人派遣或处置的案件。",
            en="You dispatched or handled this case: somebody else checks it.",
        )
