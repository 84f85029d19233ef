"""Reports: the citizen's door, and following one by number and code."""

import hmac
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Header, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from chengyun.core.contacts import contacts_with_phone, masked
from chengyun.core.http import actor_of, optional_intake, session_or_token
from chengyun.core.models import Role
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import Forbidden, Invalid, NotFound
from chengyun.core.ratelimit import limit_shared
from chengyun.governance import actions
from chengyun.governance.actions import NewContact, follow_code
from chengyun.governance.models import STATE_EN, TERMINAL, Case, Channel, Report, State
from chengyun.governance.queries import VISITORS, result_photos, visible_cases, waiting_visits
from chengyun.governance.schemas.case import ReportOut

router = Router(tags=["reports"])

Text = Annotated[str, StringConstraints(max_length=8000)]
Short = Annotated[str, StringConstraints(max_length=200)]


class ContactIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(max_length=80)] = ""
    phone: Annotated[str, StringConstraints(max_length=30)] = ""
    email: Annotated[str, StringConstraints(max_length=200)] = ""


class ReportIn(Schema):
    """One call makes one report. Position in degrees; ``system`` says in which datum."""

    model_config = ConfigDict(extra="forbid")

    text: Text
    channel: Channel = Channel.CITIZEN
    matter_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    lon: Annotated[float, Field(allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(allow_inf_nan=False)] | None = None
    system: Annotated[str, StringConstraints(max_length=20)] = "cgcs2000"
    address: Annotated[str, StringConstraints(max_length=500)] = ""
    component_code: Annotated[str, StringConstraints(max_length=32)] = ""
    contact: ContactIn | None = None
    attachments: Annotated[list[UUID], Field(max_length=20)] = []
    urgency: Annotated[str, StringConstraints(pattern="^(normal|urgent)$")] = "normal"
    public: bool = True
    reported_at: datetime | None = None
    source: Annotated[str, StringConstraints(max_length=80)] = ""
    external_id: Annotated[str, StringConstraints(max_length=120)] = ""
    same_as: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = Field(
        default=None,
        description="an open case that tells of the same problem: the report joins it, `text` "
        "may be empty; the public joins public cases only",
    )


class ReceiptOut(Schema):
    """``code`` lets whoever has it follow the report; it is shown here and in the receipt."""

    number: str
    code: str
    case_id: int | None = Field(description="only for staff")
    created: bool = Field(description="false: the same submission had come before")


#: What a citizen's own form may claim to be; other channels have staff or machines behind them.
ANYBODY = frozenset({Channel.CITIZEN})
MACHINES = frozenset({Channel.VIDEO, Channel.ALARM, Channel.HOTLINE})


@router.post(
    "/reports",
    response={201: ReceiptOut, 200: ReceiptOut},
    auth=optional_intake,
    summary="Report something; anonymous is welcome",
)
def create_report(
    request: HttpRequest,
    payload: ReportIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=160)] = "",
) -> Status[ReceiptOut]:
    actor = actor_of(request)
    if actor.user is None:
        limit_shared(f"report:{actor.ip}", settings.CHENGYUN.rate_reports)
    if actor.user is None and payload.channel not in ANYBODY:
        raise Forbidden(
            zh="此渠道须登录后使用。", en="Sign in to use this channel.", field="channel"
        )
    if payload.channel in (Channel.OPEN311, Channel.IMPORT, Channel.ALARM):
        raise Invalid(
            zh="此渠道有专用接口。",
            en="This channel has an interface of its own.",
            field="channel",
        )
    # External ids belong to a machine's token: nobody can claim another one's numbers.
    source = f"token:{actor.token_id}:{payload.source}" if actor.token_id else ""
    receipt = actions.receive_report(
        actor=actor,
        channel=payload.channel,
        text=payload.text,
        matter_id=payload.matter_id,
        lon=payload.lon,
        lat=payload.lat,
        system=payload.system,
        address=payload.address,
        component_code=payload.component_code,
        contact=NewContact(**payload.contact.dict()) if payload.contact else None,
        attachments=payload.attachments,
        urgency=payload.urgency if actor.user is not None else "normal",
        public=payload.public,
        reported_at=payload.reported_at if actor.user is not None else None,
        source=source,
        external_id=payload.external_id if actor.token_id else "",
        idempotency_key=_own_key(actor.user_id, idempotency_key),
        same_as=payload.same_as,
    )
    answer = ReceiptOut(
        number=receipt.report.number,
        code=follow_code(receipt.report),
        case_id=receipt.case.pk if actor.user is not None else None,
        created=receipt.created,
    )
    return Status(201 if receipt.created else 200, answer)


def _own_key(user_id: int | None, key: str) -> str:
    """A key is the sender's own; an anonymous one must be long enough not to be guessed."""
    if not key:
        return ""
    if user_id is None and len(key) < 16:
        raise Invalid(
            zh="幂等键至少 16 个字符。",
            en="An anonymous idempotency key has at least 16 characters.",
            field="Idempotency-Key",
            remedy_zh="例如使用 UUID。",
            remedy_en="Use a UUID.",
        )
    return f"{user_id or '-'}:{key}"


class FollowStep(Schema):
    at: datetime
    operation: str = Field(description="the step of the flow, for a symbol")
    zh: str
    en: str


class FollowOut(Schema):
    """What the reporter sees: plain words, no names of people.

    ``photos_before`` are their own photos where the case is public, ``photos_after`` those the
    department sent with its result, once a public case is closed: ``/api/attachments/{key}`` shows
    them then. All other photos of the work are for those who work on it."""

    number: str
    state: State
    state_zh: str
    state_en: str
    done: bool
    text: str
    address: str
    reported_at: datetime
    expected_at: datetime | None
    department_zh: str | None
    department_en: str | None
    note: str
    note_en: str
    may_rate: bool
    photos_before: list[UUID]
    photos_after: list[UUID]
    steps: list[FollowStep]


#: Steps a reporter is told of, in plain words.
PLAIN: dict[str, tuple[str, str]] = {
    "receive": ("已收到您的诉求", "Your report was received"),
    "accept": ("已受理", "It was accepted"),
    "send_verify": ("已安排现场核实", "Somebody is sent to look"),
    "verify": ("已现场核实", "Somebody went to look"),
    "refuse": ("不予受理", "It was not accepted"),
    "file": ("已立案", "A case was opened"),
    "dispatch": ("已派遣责任单位", "It was sent to the department in charge"),
    "redispatch": ("已改派责任单位", "It was sent to another department"),
    "sign": ("责任单位已开始处置", "The department has started"),
    "grant_suspension": ("暂缓处置", "Work is suspended"),
    "grant_deferral": ("暂缓处置", "Work is deferred"),
    "resume": ("恢复处置", "Work goes on"),
    "finish": ("处置完成，等待核查", "Work is done and will be checked"),
    "rework": ("核查未通过，继续处置", "The check failed, work goes on"),
    "pass_check": ("核查通过", "The check was passed"),
    "close": ("已办结", "It is closed"),
    "grant_forced_close": ("已办结", "It is closed"),
    "reopen": ("重新办理", "It is handled once more"),
    "void": ("未予办理", "It is not taken further"),
}


# Base32 has none of these digits: who types one has misread the letter.
_MISREAD = str.maketrans("018", "OIB")
_BEFORE_LETTERS = len("R20261130")


def _followed(request: HttpRequest, number: str, code: str) -> Report:
    """The report of a number and its code; guessing is slowed down, both errors look alike."""
    number = number[:_BEFORE_LETTERS] + number[_BEFORE_LETTERS:].translate(_MISREAD)
    code = code.strip().upper().translate(_MISREAD)
    limit_shared(f"follow:{actor_of(request).ip}", settings.CHENGYUN.rate_anonymous)
    report = (
        Report.objects.select_related("case__department", "case__merged_into", "case__standard")
        .filter(number=number)
        .first()
    )
    if report is None or not hmac.compare_digest(
        follow_code(report).encode(), code.encode("utf-8", "replace")
    ):
        raise NotFound(
            zh="编号或查询码不正确。", en="The number or the code is not right.", field="code"
        )
    return report


ReceiptNumber = Annotated[str, Path(max_length=24)]
FollowCode = Annotated[str, Query(max_length=16)]


@router.get(
    "/reports/{number}", response=FollowOut, auth=optional_intake, summary="Follow my report"
)
def follow_report(request: HttpRequest, number: ReceiptNumber, code: FollowCode) -> FollowOut:
    report = _followed(request, number, code)
    case = report.case
    state = State(case.state)
    # A report may have joined a case that was under way: its own receipt is the first that counts.
    records = case.records.filter(operation__in=PLAIN.keys() - {"receive"}).order_by("seq")
    told = sorted(
        [(report.received_at, "receive"), *records.values_list("at", "operation")],
        key=lambda step: step[0],
    )
    return FollowOut(
        number=report.number,
        state=state,
        state_zh=str(state.label),
        state_en=STATE_EN[state],
        done=state in TERMINAL,
        text=report.text,
        address=report.address,
        reported_at=report.reported_at,
        expected_at=case.close_due_at,
        department_zh=case.department.name_zh if case.department else None,
        department_en=case.department.name_en if case.department else None,
        note=case.status_note,
        note_en=_note_en(case),
        may_rate=state is State.CLOSED and not _rated(report),
        photos_before=report.attachments if case.public else [],
        photos_after=result_photos(case),
        steps=[
            FollowStep(at=at, operation=operation, zh=PLAIN[operation][0], en=PLAIN[operation][1])
            for at, operation in told
        ],
    )


def _note_en(case: Case) -> str:
    """The word on the result in English where it is the standard's own, else as it was written."""
    standard = case.standard
    if standard is not None and case.status_note == standard.closing_zh:
        return standard.closing_en or standard.closing_zh
    return case.status_note


def _rated(report: Report) -> bool:
    visit = getattr(report, "visit", None)
    return visit is not None and visit.done_at is not None


class RatingIn(Schema):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(max_length=16)]
    answered: bool
    solved: bool
    satisfied: bool
    note: Annotated[str, StringConstraints(max_length=1000)] = ""


class RatedOut(Schema):
    number: str
    reopened: bool


@router.post(
    "/reports/{number}/rating",
    response=RatedOut,
    auth=optional_intake,
    summary="Rate a closed report; “not solved” opens it again",
)
def rate_report(request: HttpRequest, number: ReceiptNumber, payload: RatingIn) -> RatedOut:
    report = _followed(request, number, payload.code)
    case = actions.rate(
        actor=actor_of(request),
        report=report,
        answered=payload.answered,
        solved=payload.solved,
        satisfied=payload.satisfied,
        note=payload.note,
    )
    return RatedOut(number=report.number, reopened=case.state != State.CLOSED)


@router.get(
    "/reports",
    response=Page[ReportOut],
    auth=session_or_token,
    summary="Reports of cases that I may see; a phone number finds the caller's earlier ones",
)
def list_reports(
    request: HttpRequest,
    phone: Short = "",
    source: Short = "",
    channel: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> Page[ReportOut]:
    actor = actor_of(request)
    reports = Report.objects.filter(case__in=visible_cases(actor.scope)).select_related("case")
    reports = reports.only(*_OWN_COLUMNS, "case__number", "case__state")
    if phone:
        actor.require_role(Role.ACCEPTOR, Role.SHIFT_LEADER)
        reports = reports.filter(contact__in=contacts_with_phone(phone))
    if source:
        reports = reports.filter(source=source)
    if channel:
        reports = reports.filter(channel__in=channel)
    items, after, before = paginate(reports, order=["-id"], cursor=cursor, limit=limit)
    return Page(items=[ReportOut.of(report, None) for report in items], next=after, previous=before)


#: A report whole; of its case only what a row names.
_OWN_COLUMNS = tuple(field.name for field in Report._meta.concrete_fields)


class VisitOut(Schema):
    """A visit back that waits: whom to ask, about which case."""

    report_number: str
    case_id: int
    case_number: str | None
    due_at: datetime
    contact: dict[str, Any] | None


@router.get(
    "/visits",
    response=Page[VisitOut],
    auth=session_or_token,
    summary="Visits back that are to be made",
)
def list_visits(
    request: HttpRequest, cursor: PageCursor = None, limit: PageLimit = DEFAULT_LIMIT
) -> Page[VisitOut]:
    actor = actor_of(request)
    actor.require_role(*VISITORS)
    waiting = waiting_visits(actor.scope)
    assert waiting is not None  # the post was just required
    waiting = waiting.select_related("report__contact", "case").defer("case__description")
    items, after, before = paginate(waiting, order=["due_at", "id"], cursor=cursor, limit=limit)
    rows = [
        VisitOut(
            report_number=visit.report.number,
            case_id=visit.case_id,
            case_number=visit.case.number,
            due_at=visit.due_at,
            contact=masked(visit.report.contact) if visit.report.contact else None,
        )
        for visit in items
    ]
    return Page(items=rows, next=after, previous=before)
