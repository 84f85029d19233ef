"""After closing: the reporter is asked, and may say that it is not solved."""

from typing import Unpack

from django.db import transaction

from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.transition import Form, Step, end_pauses, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, Report, State, VisitBack


def visit_back(
    *,
    actor: Actor,
    case_id: int,
    report_number: str = "",
    reached: bool = True,
    answered: bool | None = None,
    solved: bool | None = None,
    satisfied: bool | None = None,
    channel: str = "phone",
    **form: Unpack[Form],
) -> Case:
    """Note what a reporter says (三率). Who was not reached is not counted in the rates."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.VISIT_BACK,
        **form,
        given={"report": report_number},
    ) as step:
        report = Report.objects.filter(case=step.case, number=report_number).first()
        if report is None:
            raise Invalid(
                zh="本案没有这个上报编号。",
                en="The case has no report of this number.",
                field="report_number",
            )
        _note(step, report, channel, reached, answered, solved, satisfied)
    return step.case


def rate(
    *, actor: Actor, report: Report, answered: bool, solved: bool, satisfied: bool, note: str = ""
) -> Case:
    """The reporter rates a closed case by number and code; "not solved" opens it again.

    Raises Conflict when the case is not closed or was rated by this reporter before.
    """
    with transaction.atomic():
        visit = VisitBack.objects.select_for_update().filter(report=report).first()
        if visit is not None and visit.done_at is not None:
            raise Conflict(zh="您已评价过。", en="You have rated it already.")
        desk = Actor.system(actor.label)
        with transition(
            actor=desk,
            case_id=report.case_id,
            operation=Operation.VISIT_BACK,
            opinion=note,
            given={"report": report.number},
        ) as step:
            _note(step, report, "web", True, answered, solved, satisfied)
        if solved:
            return step.case
        return reopen(
            actor=desk,
            case_id=report.case_id,
            opinion=note.strip() or "群众评价：未解决（rated: not solved）",
        )


def reopen(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Handle it once more: the case goes back to dispatch under its number and standard."""
    with transition(actor=actor, case_id=case_id, operation=Operation.REOPEN, **form) as step:
        case = step.case
        if case.standard_id is None:
            raise Conflict(
                zh="案件没有立案标准，不能重办；请重新登记上报。",
                en="The case was never filed under a standard: register a new report instead.",
            )
        case.reopen_count += 1
        case.closed_at = None
        case.forced = False
        case.handler = None
        case.handle_due_at = None
        # What was told when it was closed holds no longer, nor does the review of the first result.
        case.status_note = ""
        end_pauses(case, step.now)
        step.data["department"] = case.department_id
        step.target = State.PENDING_DISPATCH
    return step.case


def _note(
    step: Step,
    report: Report,
    channel: str,
    reached: bool,
    answered: bool | None,
    solved: bool | None,
    satisfied: bool | None,
) -> None:
    if not reached:
        answered = solved = satisfied = None
    elif None in (answered, solved, satisfied):
        raise Invalid(
            zh="已接通的回访须填写是否答复、解决、满意。",
            en="A visit that reached the reporter says: answered, solved, satisfied.",
            field="answered",
        )
    said = {
        "case": step.case,
        "done_at": step.now,
        "by": step.actor.user,
        "channel": channel,
        "reached": reached,
        "answered": answered,
        "solved": solved,
        "satisfied": satisfied,
        "note": step.opinion,
    }
    VisitBack.objects.update_or_create(
        report=report, defaults=said, create_defaults={**said, "due_at": step.now}
    )
    if reached:
        case = step.case
        case.answered, case.solved, case.satisfied = answered, solved, satisfied
    step.data.update(
        report=report.number, reached=reached, answered=answered, solved=solved, satisfied=satisfied
    )
