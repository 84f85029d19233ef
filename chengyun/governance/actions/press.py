"""Leaders press (督办, 催办), departments answer, anybody at work leaves a note."""

from typing import Unpack

from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.handle import own
from chengyun.governance.actions.transition import Form, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, Supervision

KINDS = ("timeout", "leader", "important")


def supervise(
    *,
    actor: Actor,
    case_id: int,
    kind: str = "important",
    level: int = 1,
    reply_required: bool = True,
    **form: Unpack[Form],
) -> Case:
    """Supervise: ``opinion`` says what is required; the department may have to answer."""
    if kind not in KINDS or not 1 <= level <= 3:
        raise Invalid(
            zh=f"督办类型须为 {'、'.join(KINDS)}，级别 1 至 3。",
            en=f"The kind is one of {', '.join(KINDS)}, the level 1 to 3.",
            field="kind",
        )
    with transition(actor=actor, case_id=case_id, operation=Operation.SUPERVISE, **form) as step:
        step.case.supervision_count += 1
        step.receiver_organisation = step.case.department
        step.data.update(kind=kind, level=level, reply_required=reply_required)
        Supervision.objects.create(
            case=step.case,
            kind=kind,
            level=level,
            requirement=step.opinion,
            reply_required=reply_required,
            by=step.user,
            at=step.now,
        )
    return step.case


def answer_supervision(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The department answers what was required of it."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.ANSWER_SUPERVISION, **form
    ) as step:
        own(step)
        answered = Supervision.objects.filter(
            case=step.case, reply_required=True, replied_at=None
        ).update(reply=step.opinion, replied_by=step.user, replied_at=step.now)
        if not answered:
            raise Conflict(zh="没有待回复的督办。", en="No supervision waits for an answer.")
    return step.case


def urge(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """A reminder to whoever holds the case."""
    with transition(actor=actor, case_id=case_id, operation=Operation.URGE, **form) as step:
        step.case.urge_count += 1
        step.receiver_organisation = step.case.department
    return step.case


def annotate(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """A note on the case; nothing else changes."""
    with transition(actor=actor, case_id=case_id, operation=Operation.ANNOTATE, **form) as step:
        pass
    return step.case
