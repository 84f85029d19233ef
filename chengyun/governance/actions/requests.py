"""Time asked for and given: extension, suspension, deferral; forced closing; appeal.

Whoever asks does not decide. Limits of the field: at most two extensions, each one original
limit, asked before the deadline; one suspension, until a date within a year; one appeal.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.check import end_case
from chengyun.governance.actions.dispatch import cancel_tasks
from chengyun.governance.actions.handle import own, withdraw_requests
from chengyun.governance.actions.transition import Step, recompute_handling, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, CaseRequest, ClockPause

EXTENSIONS = 2
SUSPENSION_AT_MOST = timedelta(days=366)


def ask_extension(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    """Ask for one more original limit, before the deadline, at most twice."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASK_EXTENSION,
        version=version,
        opinion=opinion,
        attachments=attachments,
    ) as step:
        own(step)
        case = step.case
        if case.handle_due_at is None or step.now > case.handle_due_at:
            raise Conflict(
                zh="已超过处置时限, 不能再申请延期。",
                en="The deadline has passed: an extension is asked for before it.",
            )
        if case.extension_count >= EXTENSIONS:
            raise Conflict(
                zh=f"已延期 {EXTENSIONS} 次。", en=f"It was extended {EXTENSIONS} times already."
            )
        _ask(step, "extension")
    return step.case


def grant_extension(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    """One more original limit."""
    with _deciding(
        Operation.GRANT_EXTENSION, actor, case_id, version, opinion, attachments
    ) as step:
        _decide(step, "granted")
        step.case.extension_count += 1
        recompute_handling(step)
        step.data["handle_due_at"] = step.case.handle_due_at.isoformat()  # type: ignore[union-attr]
    return step.case


def refuse_extension(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    """A refusal does not count against the two."""
    with _deciding(
        Operation.REFUSE_EXTENSION, actor, case_id, version, opinion, attachments
    ) as step:
        _decide(step, "refused")
    return step.case


def ask_suspension(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    until: datetime | None = None,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    """Ask that the clock stands still until a date, once, at most a year."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASK_SUSPENSION,
        version=version,
        opinion=opinion,
        attachments=attachments,
        given={"until": until},
    ) as step:
        own(step)
        if step.case.suspension_count:
            raise Conflict(zh="案件已挂账一次。", en="The case was suspended once already.")
        _ask(step, "suspension", _checked_until(step, until))
    return step.case


def grant_suspension(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    """The clock stands still; the case wakes up by itself on the date asked for."""
    with _deciding(
        Operation.GRANT_SUSPENSION, actor, case_id, version, opinion, attachments
    ) as step:
        _still_ahead(step)
        _decide(step, "granted")
        step.case.suspension_count += 1
    return step.case


def refuse_suspension(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    with _deciding(
        Operation.REFUSE_SUSPENSION, actor, case_id, version, opinion, attachments
    ) as step:
        _decide(step, "refused")
    return step.case


def ask_deferral(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    until: datetime | None = None,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    """It cannot be done now (season, budget): dispatcher endorses, shift leader decides."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASK_DEFERRAL,
        version=version,
        opinion=opinion,
        attachments=attachments,
        given={"until": until},
    ) as step:
        own(step)
        _ask(step, "deferral", _checked_until(step, until))
    return step.case


def endorse_deferral(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    with _deciding(
        Operation.ENDORSE_DEFERRAL, actor, case_id, version, opinion, attachments
    ) as step:
        _endorse(step)
    return step.case


def grant_deferral(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    with _deciding(Operation.GRANT_DEFERRAL, actor, case_id, version, opinion, attachments) as step:
        _still_ahead(step)
        _decide(step, "granted")
    return step.case


def refuse_deferral(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    with _deciding(
        Operation.REFUSE_DEFERRAL, actor, case_id, version, opinion, attachments
    ) as step:
        _decide(step, "refused")
    return step.case


def resume(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    """The clock runs on, with the time it stood still given back. Also done by the wake-up job."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.RESUME,
        version=version,
        opinion=opinion,
        attachments=attachments,
    ) as step:
        if step.actor.user is not None and step.role == "department":
            own(step)
    return step.case


def ask_forced_close(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    """The shift leader asks a leader to close a case that cannot be finished."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASK_FORCED_CLOSE,
        version=version,
        opinion=opinion,
        attachments=attachments,
    ) as step:
        _ask(step, "forced_close")
    return step.case


def grant_forced_close(
    *,
    actor: Actor,
    case_id: int,
    public_note: str = "",
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    """Close by force; flagged, and counted apart."""
    with _deciding(
        Operation.GRANT_FORCED_CLOSE, actor, case_id, version, opinion, attachments
    ) as step:
        assert step.request is not None
        _decide(step, "granted")
        withdraw_requests(step)
        cancel_tasks(step)
        ClockPause.objects.filter(case=step.case, ended_at=None).update(ended_at=step.now)
        step.case.forced = True
        end_case(step, public_note or step.request.reason)
    return step.case


def refuse_forced_close(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    with _deciding(
        Operation.REFUSE_FORCED_CLOSE, actor, case_id, version, opinion, attachments
    ) as step:
        _decide(step, "refused")
    return step.case


def appeal(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    """The department contests a timeout of a closed case, once."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.APPEAL,
        version=version,
        opinion=opinion,
        attachments=attachments,
    ) as step:
        own(step)
        if not step.case.handle_late:
            raise Conflict(zh="本案没有超期, 无须申诉。", en="The case was not late.")
        if CaseRequest.objects.filter(case=step.case, kind="appeal").exists():
            raise Conflict(zh="本案已申诉过一次。", en="The case was appealed once already.")
        _ask(step, "appeal")
    return step.case


def endorse_appeal(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    """First review, by the dispatcher."""
    with _deciding(Operation.ENDORSE_APPEAL, actor, case_id, version, opinion, attachments) as step:
        _endorse(step)
    return step.case


def grant_appeal(
    *,
    actor: Actor,
    case_id: int,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
) -> Case:
    """Statistics no longer count the timeout; the raw fact ``handle_late`` stays."""
    with _deciding(Operation.GRANT_APPEAL, actor, case_id, version, opinion, attachments) as step:
        _decide(step, "granted")
        step.case.timeout_exempt = True
    return step.case


def refuse_appeal(
    *,
    actor: Actor,
    case_id: int,
    opinion: str,
    version: int | None = None,
    attachments: Sequence[UUID] = (),
) -> Case:
    with _deciding(Operation.REFUSE_APPEAL, actor, case_id, version, opinion, attachments) as step:
        _decide(step, "refused")
    return step.case


def _deciding(
    operation: Operation,
    actor: Actor,
    case_id: int,
    version: int | None,
    opinion: str,
    attachments: Sequence[UUID],
) -> AbstractContextManager[Step]:
    return transition(
        actor=actor,
        case_id=case_id,
        operation=operation,
        version=version,
        opinion=opinion,
        attachments=attachments,
    )


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
            zh="申请的截止时间已过, 请退回重新申请。",
            en="The date asked for has passed: refuse it, and let them ask again.",
        )
