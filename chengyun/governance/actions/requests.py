"""Time asked for and given: extension, suspension, deferral; forced closing; appeal.

Whoever asks does not decide. Limits of the field: at most two extensions, each one original
limit, asked before the deadline; one suspension, until a date within a year; one appeal.
"""

from datetime import datetime, timedelta
from typing import Unpack

from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.check import end_case
from chengyun.governance.actions.dispatch import cancel_tasks
from chengyun.governance.actions.handle import own, withdraw_requests
from chengyun.governance.actions.transition import Form, Step, recompute_handling, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, CaseRequest, ClockPause

EXTENSIONS = 2
SUSPENSION_AT_MOST = timedelta(days=366)


def ask_extension(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Ask for one more original limit, before the deadline, at most twice."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.ASK_EXTENSION, **form
    ) as step:
        own(step)
        case = step.case
        if case.handle_due_at is None or step.now > case.handle_due_at:
            raise Conflict(
                zh="已超过处置时限，不能再申请延期。",
                en="The deadline has passed: an extension is asked for before it.",
            )
        if case.extension_count >= EXTENSIONS:
            raise Conflict(
                zh=f"已延期 {EXTENSIONS} 次。", en=f"It was extended {EXTENSIONS} times already."
            )
        _ask(step, "extension")
    return step.case


def grant_extension(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """One more original limit."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.GRANT_EXTENSION, **form
    ) as step:
        _decide(step, "granted")
        step.case.extension_count += 1
        recompute_handling(step)
        step.data["handle_due_at"] = step.case.handle_due_at.isoformat()  # type: ignore[union-attr]
    return step.case


def refuse_extension(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """A refusal does not count against the two."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.REFUSE_EXTENSION, **form
    ) as step:
        _decide(step, "refused")
    return step.case


def ask_suspension(
    *, actor: Actor, case_id: int, until: datetime | None = None, **form: Unpack[Form]
) -> Case:
    """Ask that the clock stands still until a date, once, at most a year."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASK_SUSPENSION,
        **form,
        given={"until": until},
    ) as step:
        own(step)
        if step.case.suspension_count:
            raise Conflict(zh="案件已挂账一次。", en="The case was suspended once already.")
        _ask(step, "suspension", _checked_until(step, until))
    return step.case


def grant_suspension(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The clock stands still; the case wakes up by itself on the date asked for."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.GRANT_SUSPENSION, **form
    ) as step:
        _still_ahead(step)
        _decide(step, "granted")
        step.case.suspension_count += 1
    return step.case


def refuse_suspension(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=Operation.REFUSE_SUSPENSION, **form
    ) as step:
        _decide(step, "refused")
    return step.case


def ask_deferral(
    *, actor: Actor, case_id: int, until: datetime | None = None, **form: Unpack[Form]
) -> Case:
    """It cannot be done now (season, budget): dispatcher endorses, shift leader decides."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASK_DEFERRAL,
        **form,
        given={"until": until},
    ) as step:
        own(step)
        _ask(step, "deferral", _checked_until(step, until))
    return step.case


def endorse_deferral(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=Operation.ENDORSE_DEFERRAL, **form
    ) as step:
        _endorse(step)
    return step.case


def grant_deferral(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=Operation.GRANT_DEFERRAL, **form
    ) as step:
        _still_ahead(step)
        _decide(step, "granted")
    return step.case


def refuse_deferral(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=Operation.REFUSE_DEFERRAL, **form
    ) as step:
        _decide(step, "refused")
    return step.case


def resume(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The clock runs on, with the time it stood still given back. Also done by the wake-up job."""
    with transition(actor=actor, case_id=case_id, operation=Operation.RESUME, **form) as step:
        if step.actor.user is not None and step.role == "department":
            own(step)
    return step.case


def ask_forced_close(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The shift leader asks a leader to close a case that cannot be finished."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.ASK_FORCED_CLOSE, **form
    ) as step:
        _ask(step, "forced_close")
    return step.case


def grant_forced_close(
    *, actor: Actor, case_id: int, public_note: str = "", **form: Unpack[Form]
) -> Case:
    """Close by force; flagged, and counted apart."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.GRANT_FORCED_CLOSE, **form
    ) as step:
        assert step.request is not None
        _decide(step, "granted")
        withdraw_requests(step)
        cancel_tasks(step)
        ClockPause.objects.filter(case=step.case, ended_at=None).update(ended_at=step.now)
        step.case.forced = True
        end_case(step, public_note or step.request.reason)
    return step.case


def refuse_forced_close(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=Operation.REFUSE_FORCED_CLOSE, **form
    ) as step:
        _decide(step, "refused")
    return step.case


def appeal(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The department contests a timeout of a closed case, once."""
    with transition(actor=actor, case_id=case_id, operation=Operation.APPEAL, **form) as step:
        own(step)
        if not step.case.handle_late:
            raise Conflict(zh="本案没有超期，无须申诉。", en="The case was not late.")
        if CaseRequest.objects.filter(case=step.case, kind="appeal").exists():
            raise Conflict(zh="本案已申诉过一次。", en="The case was appealed once already.")
        _ask(step, "appeal")
    return step.case


def endorse_appeal(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """First review, by the dispatcher."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.ENDORSE_APPEAL, **form
    ) as step:
        _endorse(step)
    return step.case


def grant_appeal(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Statistics no longer count the timeout; the raw fact ``handle_late`` stays."""
    with transition(actor=actor, case_id=case_id, operation=Operation.GRANT_APPEAL, **form) as step:
        _decide(step, "granted")
        step.case.timeout_exempt = True
    return step.case


def refuse_appeal(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    with transition(
        actor=actor, case_id=case_id, operation=Operation.REFUSE_APPEAL, **form
    ) as step:
        _decide(step, "refused")
    return step.case


def _ask(step: Step, kind: str, until: datetime | None = None) -> None:
    if CaseRequest.objects.filter(
        case=step.case, kind=kind, state__in=["pending", "endorsed"]
    ).exists():
        raise Conflict(zh="已有同类申请在审。", en="The same request is waiting already.")
    CaseRequest.objects.create(
        case=step.case,
        kind=kind,
        reason=step.opinion,
        until=until,
        applicant=step.user,
        applied_at=step.now,
    )
    step.data["request"] = kind


def _endorse(step: Step) -> None:
    request = step.request
    assert request is not None
    request.state, request.reviewer, request.reviewed_at = "endorsed", step.user, step.now
    request.save(update_fields=["state", "reviewer", "reviewed_at"])


def _decide(step: Step, state: str) -> None:
    request = step.request
    assert request is not None
    request.state, request.decider, request.decided_at = state, step.user, step.now
    request.opinion = step.opinion
    request.save(update_fields=["state", "decider", "decided_at", "opinion"])
    step.data["request"] = request.pk


def _checked_until(step: Step, until: datetime | None) -> datetime:
    if until is None or until.tzinfo is None:
        raise Invalid(zh="截止时间须带时区。", en="The date needs a zone.", field="until")
    if not step.now < until <= step.now + SUSPENSION_AT_MOST:
        raise Invalid(
            zh="截止时间须在将来一年之内。",
            en="The date must be in the future, within a year.",
            field="until",
        )
    return until


def _still_ahead(step: Step) -> None:
    assert step.request is not None
    assert step.request.until is not None
    if step.request.until <= step.now:
        raise Conflict(
            zh="申请的截止时间已过，请退回重新申请。",
            en="The date asked for has passed: refuse it, and let them ask again.",
        )
