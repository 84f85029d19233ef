"""One step of a case: the only code that changes a case's state.

    with transition(actor=actor, case_id=7, operation=Operation.SIGN, version=3) as step:
        step.case.signed_at = step.now

Entering locks the case, checks that the actor may do this here (``flow``), that the form was not
opened on an older state, and that nothing needed is missing. Leaving moves the clocks and writes
the case, its record, one audit entry and one event: all of it or, on any exception, nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction

from chengyun.core import audit, clock, events
from chengyun.core.actor import Actor
from chengyun.core.models import Attachment, Organisation, Role, User
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound
from chengyun.governance import clocks
from chengyun.governance.flow import ROWS, Clock, Operation, Transition
from chengyun.governance.models import (
    STAGE_OF,
    STATE_EN,
    Case,
    CaseRecord,
    CaseRequest,
    ClockPause,
    Stage,
    Standard,
    State,
)
from chengyun.governance.queries import roles_at, scope_arrays, visible_cases

#: Columns a step never writes: what the reporter said, and when.
_FIXED = frozenset({"id", "origin", "channel", "reported_at"})
_WRITTEN = [f.attname for f in Case._meta.concrete_fields if f.attname not in _FIXED]


class Form(TypedDict, total=False):
    """What every operation takes. ``version`` is the one the form was opened on (a newer one is
    a Conflict); ``opinion`` is required where ``Transition.needs`` says so; ``attachments`` are
    the actor's own uploads."""

    version: int | None
    opinion: str
    attachments: Sequence[UUID]


@dataclass
class Step:
    """A step under way. ``case`` may be changed until the block ends; ``data`` goes on record."""

    actor: Actor
    case: Case
    row: Transition
    role: Role
    now: datetime
    opinion: str
    attachments: Sequence[UUID]
    request: CaseRequest | None = None
    receiver: User | None = None
    receiver_organisation: Organisation | None = None
    data: dict[str, Any] = field(default_factory=dict)
    target: State | None = None

    @property
    def user(self) -> User:
        """The person; operations of the flow are done by people (Problem for a machine)."""
        if self.actor.user is None:
            raise Forbidden(zh="此操作须由本人执行。", en="This must be done by a person.")
        return self.actor.user

    def standard(self) -> Standard:
        """The standard the case was filed under. Raises Conflict before filing."""
        if self.case.standard is None:
            raise Conflict(zh="案件尚未套用立案标准。", en="The case has no standard yet.")
        return self.case.standard

    def rescope(self, orgs: Sequence[Organisation]) -> None:
        """Recompute the permission arrays after place, matter or departments changed."""
        areas, organisations, matters = scope_arrays(self.case.area, orgs, self.case.matter)
        self.case.scope_areas, self.case.scope_orgs = areas, organisations
        self.case.scope_matters = matters


@contextmanager
def transition(
    *,
    actor: Actor,
    case_id: int,
    operation: Operation,
    version: int | None = None,
    opinion: str = "",
    attachments: Sequence[UUID] = (),
    given: Mapping[str, Any] | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Iterator[Step]:
    """Perform one row of the flow. ``given`` are the inputs that ``Transition.needs`` may name;
    ``annotations`` are asked in the statement that locks the case.

    Raises NotFound (not visible), Forbidden (wrong post), Conflict (wrong state, version, or no
    request waiting), Invalid (a needed input is missing).
    """
    with transaction.atomic():
        case = locked_case(actor, case_id, annotations=annotations or {})
        row, role = _row(actor, case, operation)
        _check_version(case, version)
        _check_needs(row, case, {"opinion": opinion.strip(), **(given or {})})
        step = Step(
            actor=actor,
            case=case,
            row=row,
            role=role,
            now=clock.now(),
            opinion=opinion.strip(),
            attachments=attachments,
            request=_pending(row, case, actor),
            target=row.target,
        )
        check_attachments(actor, attachments)
        before = State(case.state)
        left = _StageLeft.of(case)
        yield step
        after = step.target or before
        _move_clock(step, row.clock)
        case.state = after.value
        _enter_stage(step, before, after)
        case.version += 1
        case.updated_at = step.now
        case.save(update_fields=_WRITTEN)
        write_record(step, before, after, left)
        announce(actor, case, operation, row, before, step.now)


def locked_case(actor: Actor, case_id: int, *, annotations: Mapping[str, Any]) -> Case:
    """The case, locked for this transaction. Raises NotFound when the actor may not see it."""
    case = (
        visible_cases(actor.scope)
        .annotate(**annotations)
        .select_for_update(of=("self",))
        .select_related("matter__edition", "standard", "department", "area")
        # An outline of a district weighs more than all the rest of the step together.
        .defer("area__geom", "matter__description", "matter__aliases")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise NotFound(
            zh="没有这个案件，或您无权查看。", en="There is no such case, or you may not see it."
        )
    return case


def _row(actor: Actor, case: Case, operation: Operation) -> tuple[Transition, Role]:
    held = roles_at(actor.scope, case)
    rows = [row for row in ROWS[operation] if row.who & held]
    if not rows:
        posts = sorted({role for row in ROWS[operation] for role in row.who})
        raise Forbidden(
            zh=f"此操作须由{'、'.join(str(post.label) for post in posts)}执行。",
            en=f"This is done by: {', '.join(post.label_en for post in posts)}.",
            extra={"operation": operation.value, "posts": [post.value for post in posts]},
        )
    state = State(case.state)
    for row in rows:
        if state in row.sources:
            return row, min(row.who & held)
    raise Conflict(
        zh=f"案件处于“{state.label}”，不能“{rows[0].zh}”。",
        en=f"The case stands at “{STATE_EN[state]}”: it is not possible to {rows[0].en}.",
        remedy_zh="请刷新后按当前状态操作。",
        remedy_en="Reload the case and act on its present state.",
        extra={"state": state.value, "version": case.version},
    )


def check_attachments(actor: Actor, attachments: Sequence[UUID]) -> None:
    """Photos must be there and be the actor's own uploads: attaching lends them the sight of the
    case. Raises Invalid."""
    if not attachments:
        return
    own = Attachment.objects.filter(
        uuid__in=attachments, uploaded_by=actor.user, purpose__in=["report", "case"]
    ).count()
    if own != len(set(attachments)):
        raise Invalid(
            zh="有附件不存在，或不是您上传的。",
            en="An attachment is not there, or was not uploaded by you.",
            field="attachments",
            remedy_zh="请重新上传照片后提交。",
            remedy_en="Upload the photo again, then send.",
        )


def _check_version(case: Case, version: int | None) -> None:
    if version is not None and version != case.version and _changed_since(case, version):
        raise Conflict(
            zh="案件已被他人更新。",
            en="Somebody else has changed the case since you opened it.",
            field="version",
            remedy_zh="请刷新后重试；您填写的内容未保存。",
            remedy_en="Reload and try again; nothing of yours was saved.",
            extra={"state": case.state, "version": case.version},
        )


def _changed_since(case: Case, version: int) -> bool:
    """Whether more happened than reports that joined: those change nothing a form stands on, and
    anybody in the street could hold up a desk with them."""
    if version > case.version:
        return True
    since = CaseRecord.objects.filter(case=case, seq__gt=version)
    return since.exclude(operation=Operation.RECEIVE.value).exists()


def _check_needs(row: Transition, case: Case, given: Mapping[str, Any]) -> None:
    missing = [
        name
        for name in row.needs
        if given.get(name) in (None, False, "", [], ())
        # A report that came in with its matter need not be classified again.
        and not (name == "matter" and case.matter_id)
    ]
    if missing:
        raise Invalid(
            zh=f"“{row.zh}”须填写：{'、'.join(missing)}。",
            en=f"To {row.en}, give: {', '.join(missing)}.",
            field=missing[0],
            errors=[{"field": name, "zh": "必填", "en": "required"} for name in missing],
        )


def _pending(row: Transition, case: Case, actor: Actor) -> CaseRequest | None:
    """The request this row decides. Whoever asked, or already reviewed, does not decide."""
    if row.pending is None:
        return None
    kind, state = row.pending
    request = CaseRequest.objects.filter(case=case, kind=kind, state=state).first()
    if request is None:
        raise Conflict(
            zh=f"没有待审的申请，不能“{row.zh}”。",
            en=f"No request is waiting: it is not possible to {row.en}.",
        )
    if actor.user_id in (request.applicant_id, request.reviewer_id):
        raise Forbidden(
            zh="申请须由他人审批。", en="A request is decided by somebody other than its applicant."
        )
    return request


@dataclass(frozen=True)
class _StageLeft:
    """The clock as it stood when the step began: what its record tells of."""

    stage: str
    started_at: datetime | None
    due_at: datetime | None

    @classmethod
    def of(cls, case: Case) -> "_StageLeft":
        return cls(case.stage, case.stage_started_at, case.stage_due_at)


def _move_clock(step: Step, action: Clock) -> None:
    """What the step does to the department's limit."""
    case, now = step.case, step.now
    if action is Clock.START:
        start_handling(step)
    elif action is Clock.STOP:
        if case.handle_due_at and case.handled_at is None and now > case.handle_due_at:
            case.handle_late = True
        if case.paused_since is not None:
            end_pauses(case, now)
        if step.row.operation is Operation.FINISH:
            case.handled_at = now
            ClockPause.objects.create(case=case, reason="review", started_at=now)
    elif action is Clock.PAUSE:
        assert step.request is not None
        case.paused_since, case.paused_until = now, step.request.until
        reason = "suspended" if step.target is State.SUSPENDED else "deferred"
        ClockPause.objects.create(case=case, reason=reason, started_at=now)
    elif action is Clock.RESUME:
        end_pauses(case, now)
        case.handled_at = None
        recompute_handling(step)


def start_handling(step: Step) -> None:
    """The limit of a department starts when the case is sent to it."""
    case, now, standard = step.case, step.now, step.standard()
    if case.handle_due_at and case.handled_at is None and now > case.handle_due_at:
        case.handle_late = True  # the first department was late before the case moved on
    case.dispatched_at, case.signed_at, case.handled_at = now, None, None
    case.extension_count = 0
    case.handle_due_at = clocks.handling_due(standard, now)
    case.make_safe_due_at = clocks.make_safe_due(standard, now)
    case.close_due_at = clocks.closing_due(case.handle_due_at)


def recompute_handling(step: Step) -> None:
    """The deadline anew from the dispatch, its pauses and its extensions."""
    case = step.case
    assert case.dispatched_at is not None
    pauses = list(ClockPause.objects.filter(case=case, started_at__gte=case.dispatched_at))
    case.handle_due_at = clocks.handling_due(
        step.standard(), case.dispatched_at, pauses, case.extension_count
    )
    case.close_due_at = clocks.closing_due(case.handle_due_at)


def end_pauses(case: Case, now: datetime) -> None:
    """The department's clock stands no longer."""
    ClockPause.objects.filter(case=case, ended_at=None).update(ended_at=now)
    case.paused_since, case.paused_until = None, None


def _enter_stage(step: Step, before: State, after: State) -> None:
    """Start, stop or move the stage's clock as the new state asks."""
    case, now = step.case, step.now
    stage = STAGE_OF.get(after)
    if after in (State.SUSPENDED, State.DEFERRED):
        clocks.set_stage_due(case, None)
        return
    if stage is Stage.HANDLE:
        if STAGE_OF.get(before) is not Stage.HANDLE or step.row.clock is Clock.START:
            clocks.start_stage(case, stage, now, case.handle_due_at)
        elif case.stage_due_at != case.handle_due_at:
            clocks.set_stage_due(case, case.handle_due_at)
        return
    if stage is not STAGE_OF.get(before) or stage is None:
        due = clocks.stage_due(stage, now) if stage else None
        clocks.start_stage(case, stage, now, due)
        _note_due(case, stage, due)


def _note_due(case: Case, stage: Stage | None, due: datetime | None) -> None:
    """Keep the due time of the desk steps that evaluation counts."""
    if stage is Stage.ACCEPT:
        case.accept_due_at = due
    elif stage is Stage.VERIFY:
        case.verify_due_at = due
    elif stage is Stage.FILE:
        case.file_due_at = due
    elif stage is Stage.DISPATCH:
        case.dispatch_due_at = due
    elif stage is Stage.CHECK:
        case.check_due_at = due


def write_record(step: Step, before: State, after: State, left: _StageLeft) -> CaseRecord:
    """The immutable line of the case's life. ``seq`` is the version: no number is read."""
    used: int | None = None
    timed_out = False
    if left.stage and left.started_at and STAGE_OF.get(after) != left.stage:
        used = clocks.used_seconds(left.started_at, step.now, step.case.standard, Stage(left.stage))
        timed_out = left.due_at is not None and step.now > left.due_at
    user = step.actor.user
    return CaseRecord.objects.create(
        case=step.case,
        seq=step.case.version,
        operation=step.row.operation.value,
        from_state=before.value,
        to_state=after.value,
        at=step.now,
        actor=user,
        actor_label=step.actor.label,
        actor_role=step.role.value if user else "",
        actor_organisation_id=user.organisation_id if user else None,
        receiver=step.receiver,
        receiver_organisation=step.receiver_organisation,
        stage=left.stage,
        stage_started_at=left.started_at,
        due_at=left.due_at,
        used_seconds=used,
        timed_out=timed_out,
        opinion=step.opinion,
        data=step.data,
        attachments=list(step.attachments),
    )


def announce(
    actor: Actor, case: Case, operation: Operation, row: Transition, before: State, at: datetime
) -> None:
    """One audit entry and one event for a step."""
    name = case.number or f"#{case.pk}"
    action = f"governance.case.{operation.value}"
    audit.record(
        actor=actor,
        action=action,
        object_type="case",
        object_id=case.pk,
        zh=f"{actor.label} 对案件 {name} 执行“{row.zh}”",
        en=f"{actor.label}: {row.en}, case {name}",
        before={"state": before.value, "version": case.version - 1},
        after={"state": case.state, "version": case.version},
    )
    events.emit(
        kind=action,
        subject_type="case",
        subject_id=case.pk,
        payload={
            "number": case.number,
            "state": case.state,
            "before": before.value,
            "version": case.version,
            "at": at.isoformat(),
        },
        scope=(case.scope_areas, case.scope_orgs, case.scope_matters),
    )
