"""Cases as they are shown: a lean row for lists, everything for the case page."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from chengyun.governance.flow import Transition
from chengyun.governance.models import (
    Case,
    CaseRecord,
    CaseRequest,
    Report,
    State,
    Supervision,
    Task,
)
from chengyun.governance.schemas.step import form_of


class Named(Schema):
    """Something with a code and two names."""

    id: int
    code: str
    name_zh: str
    name_en: str


class Person(Schema):
    id: int
    name: str


class CaseRow(Schema):
    """One line of a list. Times are UTC; ``lon``/``lat`` CGCS2000."""

    id: int
    number: str | None
    state: State
    channel: str
    urgency: str
    matter: Named | None
    description: str
    address: str
    lon: float | None
    lat: float | None
    area: Named | None
    department: Named | None
    stage: str
    stage_due_at: datetime | None
    handle_due_at: datetime | None
    warned: int
    paused_until: datetime | None
    reported_at: datetime
    filed_at: datetime | None
    closed_at: datetime | None
    handle_late: bool
    report_count: int
    rework_count: int
    urge_count: int
    supervision_count: int
    version: int

    @classmethod
    def of(cls, case: Case, cut: int = 200) -> "CaseRow":
        """``cut`` shortens the description for lists."""
        return cls(**row_of(case, cut))


def row_of(case: Case, cut: int | None = 200) -> dict[str, Any]:
    """A ``CaseRow`` as plain values, for lists that are written without validation (a test holds
    the two equal). Needs the columns of ``api.cases.with_names``."""
    return {
        "id": case.pk,
        "number": case.number,
        "state": State(case.state),
        "channel": case.channel,
        "urgency": case.urgency,
        "matter": _names(case.matter),
        "description": case.description[:cut],
        "address": case.address,
        "lon": case.geom.x if case.geom else None,
        "lat": case.geom.y if case.geom else None,
        "area": _names(case.area),
        "department": _names(case.department),
        "stage": case.stage,
        "stage_due_at": case.stage_due_at,
        "handle_due_at": case.handle_due_at,
        "warned": case.warned,
        "paused_until": case.paused_until,
        "reported_at": case.reported_at,
        "filed_at": case.filed_at,
        "closed_at": case.closed_at,
        "handle_late": case.handle_late,
        "report_count": case.report_count,
        "rework_count": case.rework_count,
        "urge_count": case.urge_count,
        "supervision_count": case.supervision_count,
        "version": case.version,
    }


def _names(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"id": row.pk, "code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}


def _named(row: Any) -> Named | None:
    return None if row is None else Named(**_names(row) or {})


class OperationOut(Schema):
    """A button: what this person may do with the case now, and what it asks for.

    ``form`` names the fields of the operation's body, without ``version``; ``needs`` are the
    inputs that may not be empty."""

    operation: str
    zh: str
    en: str
    needs: list[str]
    form: list[str]
    target: State | None

    @classmethod
    def of(cls, row: Transition) -> "OperationOut":
        return cls(
            operation=row.operation.value,
            zh=row.zh,
            en=row.en,
            needs=list(row.needs),
            form=[name for name in form_of(row.operation).model_fields if name != "version"],
            target=row.target,
        )


class RecordOut(Schema):
    seq: int
    operation: str
    from_state: str
    to_state: str
    at: datetime
    actor: str
    role: str
    organisation: Named | None
    receiver: Person | None
    receiver_organisation: Named | None
    stage: str
    due_at: datetime | None
    used_seconds: int | None
    timed_out: bool
    opinion: str
    data: dict[str, Any]
    attachments: list[UUID]

    @classmethod
    def of(cls, record: CaseRecord) -> "RecordOut":
        return cls(
            seq=record.seq,
            operation=record.operation,
            from_state=record.from_state,
            to_state=record.to_state,
            at=record.at,
            actor=record.actor_label,
            role=record.actor_role,
            organisation=_named(record.actor_organisation),
            receiver=person(record.receiver),
            receiver_organisation=_named(record.receiver_organisation),
            stage=record.stage,
            due_at=record.due_at,
            used_seconds=record.used_seconds,
            timed_out=record.timed_out,
            opinion=record.opinion,
            data=record.data,
            attachments=record.attachments,
        )


class ReportOut(Schema):
    """A report of a case; the contact is masked, revealing it is an action of its own."""

    number: str
    case_id: int
    case_number: str | None
    case_state: State
    channel: str
    text: str
    address: str
    lon: float | None
    lat: float | None
    place_note: str
    reported_at: datetime
    attachments: list[UUID]
    media_url: str
    attributes: dict[str, Any]
    suggestions: dict[str, Any]
    contact_id: UUID | None
    contact: dict[str, Any] | None

    @classmethod
    def of(cls, report: Report, contact: dict[str, Any] | None) -> "ReportOut":
        return cls(
            number=report.number,
            case_id=report.case_id,
            case_number=report.case.number,
            case_state=State(report.case.state),
            channel=report.channel,
            text=report.text,
            address=report.address,
            lon=report.geom.x if report.geom else None,
            lat=report.geom.y if report.geom else None,
            place_note=report.place_note,
            reported_at=report.reported_at,
            attachments=report.attachments,
            media_url=report.media_url,
            attributes=report.attributes,
            suggestions=report.suggestions,
            contact_id=report.contact_id if contact else None,
            contact=contact,
        )


class RequestOut(Schema):
    id: int
    kind: str
    state: str
    reason: str
    until: datetime | None
    applicant: Person | None
    applied_at: datetime
    opinion: str
    decided_at: datetime | None

    @classmethod
    def of(cls, request: CaseRequest) -> "RequestOut":
        return cls(
            id=request.pk,
            kind=request.kind,
            state=request.state,
            reason=request.reason,
            until=request.until,
            applicant=person(request.applicant),
            applied_at=request.applied_at,
            opinion=request.opinion,
            decided_at=request.decided_at,
        )


class TaskOut(Schema):
    id: int
    case_id: int
    kind: str
    state: str
    organisation: Named | None
    assignee: Person | None
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    result: str
    opinion: str

    @classmethod
    def of(cls, task: Task) -> "TaskOut":
        return cls(
            id=task.pk,
            case_id=task.case_id,
            kind=task.kind,
            state=task.state,
            organisation=_named(task.organisation),
            assignee=person(task.assignee),
            created_at=task.created_at,
            due_at=task.due_at,
            done_at=task.done_at,
            result=task.result,
            opinion=task.opinion,
        )


class SupervisionOut(Schema):
    kind: str
    level: int
    requirement: str
    reply_required: bool
    by: Person | None
    at: datetime
    reply: str
    replied_at: datetime | None

    @classmethod
    def of(cls, supervision: Supervision) -> "SupervisionOut":
        return cls(
            kind=supervision.kind,
            level=supervision.level,
            requirement=supervision.requirement,
            reply_required=supervision.reply_required,
            by=person(supervision.by),
            at=supervision.at,
            reply=supervision.reply,
            replied_at=supervision.replied_at,
        )


class PauseOut(Schema):
    reason: str
    started_at: datetime
    ended_at: datetime | None


class StandardOut(Schema):
    """A row of the standard: when to file, how long, when to close."""

    id: int
    condition_zh: str
    condition_en: str
    limit_class: str
    limit: float
    unit: str
    make_safe_limit: float | None
    make_safe_unit: str
    closing_zh: str
    closing_en: str
    version: int


class MergedCase(Schema):
    id: int
    number: str | None
    description: str


class CaseDetail(CaseRow):
    """The case page: the row, its whole life, and what this person may do now."""

    standard: StandardOut | None
    unit_grid: str | None
    component: str | None
    component_name: str
    handler: Person | None
    accept_due_at: datetime | None
    file_due_at: datetime | None
    dispatch_due_at: datetime | None
    check_due_at: datetime | None
    close_due_at: datetime | None
    make_safe_due_at: datetime | None
    make_safe_at: datetime | None
    dispatched_at: datetime | None
    handled_at: datetime | None
    stage_started_at: datetime | None
    stage_warn_at: datetime | None
    paused_since: datetime | None
    timeout_exempt: bool
    extension_count: int
    wrong_dispatch_count: int
    reopen_count: int
    forced: bool
    corrected: bool
    public: bool
    status_note: str
    answered: bool | None
    solved: bool | None
    satisfied: bool | None
    merged_into: int | None
    records: list[RecordOut]
    reports: list[ReportOut]
    requests: list[RequestOut]
    tasks: list[TaskOut]
    pauses: list[PauseOut]
    supervisions: list[SupervisionOut]
    merged: list[MergedCase]
    operations: list[OperationOut]

    @classmethod
    def of_case(cls, case: Case, **parts: Any) -> "CaseDetail":
        own = {name: getattr(case, name) for name in _OWN}
        return cls(
            **row_of(case, None),
            **own,
            standard=StandardOut.from_orm(case.standard) if case.standard else None,
            unit_grid=case.unit_grid.code if case.unit_grid else None,
            component=case.component.code if case.component else None,
            component_name=case.component.name if case.component else "",
            handler=person(case.handler),
            merged_into=case.merged_into_id,
            **parts,
        )


_OWN = (
    "accept_due_at", "file_due_at", "dispatch_due_at", "check_due_at", "close_due_at",
    "make_safe_due_at", "make_safe_at", "dispatched_at", "handled_at", "stage_started_at",
    "stage_warn_at", "paused_since", "timeout_exempt", "extension_count", "wrong_dispatch_count",
    "reopen_count", "forced", "corrected", "public", "status_note", "answered", "solved",
    "satisfied",
)  # fmt: skip


def person(user: Any) -> Person | None:
    if user is None:
        return None
    return Person(id=user.pk, name=user.display_name or user.username)


class StepOut(Schema):
    """The answer to a step: where the case stands now."""

    id: int
    number: str | None
    state: State
    version: int
    stage: str
    stage_due_at: datetime | None
    handle_due_at: datetime | None
    department: str | None

    @classmethod
    def of(cls, case: Case) -> "StepOut":
        return cls(
            id=case.pk,
            number=case.number,
            state=State(case.state),
            version=case.version,
            stage=case.stage,
            stage_due_at=case.stage_due_at,
            handle_due_at=case.handle_due_at,
            department=case.department.code if case.department else None,
        )
