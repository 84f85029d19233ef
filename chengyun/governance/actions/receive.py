"""The one door for live reports: citizen, operator, collector, Open311, alarm."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chengyun.city.models import Component, Matter
from chengyun.city.queries import Place
from chengyun.core import audit, clock, events
from chengyun.core.actor import Actor
from chengyun.core.contacts import save_contact
from chengyun.core.models import Contact, Role
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound
from chengyun.governance import clocks
from chengyun.governance.actions.transition import check_attachments
from chengyun.governance.flow import Operation
from chengyun.governance.models import (
    OPEN,
    TERMINAL,
    Case,
    CaseRecord,
    Channel,
    Report,
    Stage,
)
from chengyun.governance.notices import notify_received
from chengyun.governance.position import find_position
from chengyun.governance.queries import scope_arrays, visible_cases
from chengyun.governance.suggestions import matters_for_report

TEXT_LIMIT = 4000
#: Channels that only some posts may use; the others have doors of their own.
_POSTS = {
    Channel.HOTLINE: (Role.ACCEPTOR, Role.SHIFT_LEADER),
    Channel.SUPERIOR: (Role.ACCEPTOR, Role.SHIFT_LEADER),
    Channel.LEADER: (Role.ACCEPTOR, Role.SHIFT_LEADER, Role.LEADER),
    Channel.MEDIA: (Role.ACCEPTOR, Role.SHIFT_LEADER),
    Channel.COLLECTOR: (Role.COLLECTOR,),
}


@dataclass(frozen=True)
class NewContact:
    """How to reach the reporter. Kept encrypted, shown masked, erased after its time."""

    name: str = ""
    phone: str = ""
    email: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.email)


@dataclass(frozen=True)
class Receipt:
    """What the reporter gets. ``created`` False: the same submission had come before."""

    report: Report
    case: Case
    created: bool


@dataclass(frozen=True)
class _Submission:
    """A report's content, checked and put in the city's terms."""

    channel: Channel
    text: str
    address: str
    point: Point | None
    place: Place | None
    matter: Matter | None
    component: Component | None
    reported_at: datetime
    received_at: datetime
    source: str
    external_id: str
    idempotency_key: str
    attachments: Sequence[UUID]
    media_url: str
    urgency: str
    public: bool
    same_as: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def receive_report(
    *,
    actor: Actor,
    channel: Channel,
    text: str,
    reported_at: datetime | None = None,
    lon: float | None = None,
    lat: float | None = None,
    system: str = "cgcs2000",
    address: str = "",
    matter_id: int | None = None,
    component_code: str = "",
    contact: NewContact | None = None,
    source: str = "",
    external_id: str = "",
    idempotency_key: str = "",
    attachments: Sequence[UUID] = (),
    media_url: str = "",
    attributes: Mapping[str, Any] | None = None,
    urgency: str = "normal",
    public: bool = True,
    same_as: int | None = None,
) -> Receipt:
    """Take in a report and open its case in state ``reported``; with ``same_as`` (the id of an
    open case that is public, or that the actor may see) it joins that case, and its text may be
    empty.

    ``lon``/``lat`` are degrees in ``system`` (cgcs2000, wgs84, gcj02, bd09). The same
    ``external_id`` of a source, or the same ``idempotency_key`` of a channel and source, is the
    same report: the first receipt is given again. Raises Invalid, Forbidden, and with ``same_as``
    NotFound and Conflict.
    """
    known = _known(channel, source, external_id, idempotency_key)
    if known is not None:
        return known
    posts = _POSTS.get(channel)
    if posts and actor.user is not None:
        actor.require_role(*posts)
    elif posts and actor.role != "system":
        raise Forbidden(zh="此渠道须由工作人员登记。", en="This channel is for staff.")
    check_attachments(actor, attachments)
    now = clock.now()
    component = _component(component_code)
    if lon is None and lat is None and component is not None and component.geom is not None:
        lon, lat, system = component.geom.x, component.geom.y, "cgcs2000"
    found = find_position(lon, lat, system)
    submission = _Submission(
        channel=channel,
        text=_checked_text(text, may_be_empty=same_as is not None),
        address=address.strip()[:500],
        point=found[0] if found else None,
        place=found[1] if found else None,
        matter=_matter(matter_id, component),
        component=component,
        reported_at=_checked_time(reported_at, now),
        received_at=now,
        source=source,
        external_id=external_id,
        idempotency_key=idempotency_key,
        attachments=attachments,
        media_url=media_url,
        urgency=urgency,
        public=public,
        same_as=same_as,
        attributes=attributes or {},
    )
    try:
        with transaction.atomic():
            return _write(actor, submission, contact)
    except IntegrityError:
        # The same submission came in twice at the same moment; the other one was first.
        known = _known(channel, source, external_id, idempotency_key)
        if known is None:
            raise
        return known


def follow_code(report: Report) -> str:
    """The code that, with the receipt number, lets the reporter follow: derived, never stored."""
    digest = salted_hmac("chengyun.follow", report.number, algorithm="sha256").digest()
    return base64.b32encode(digest)[:8].decode()


def _known(channel: Channel, source: str, external_id: str, key: str) -> Receipt | None:
    if external_id:
        found = Report.objects.filter(source=source, external_id=external_id)
    elif key:
        found = Report.objects.filter(channel=channel, source=source, idempotency_key=key)
    else:
        return None
    report = found.select_related("case").first()
    return Receipt(report, report.case, created=False) if report else None


def _checked_text(text: str, *, may_be_empty: bool) -> str:
    text = text.strip()
    if not text and not may_be_empty:
        raise Invalid(
            zh="请说明发生了什么。", en="Say what is the matter.", field="text",
            remedy_zh="填写问题描述。", remedy_en="Fill in the description.",
        )  # fmt: skip
    if len(text) > TEXT_LIMIT:
        raise Invalid(
            zh=f"描述有 {len(text)} 字，最多 {TEXT_LIMIT} 字。",
            en=f"The description has {len(text)} characters; {TEXT_LIMIT} are allowed.",
            field="text",
        )
    return text


def _checked_time(reported_at: datetime | None, now: datetime) -> datetime:
    if reported_at is None:
        return now
    if reported_at.tzinfo is None:
        raise Invalid(
            zh="时间须带时区。", en="The time needs a zone.", field="reported_at",
            remedy_zh="例如 2026-11-22T08:30:00+08:00。",
            remedy_en="For example 2026-11-22T08:30:00+08:00.",
        )  # fmt: skip
    if reported_at > now or reported_at.year < 1970:
        raise Invalid(
            zh="上报时间不能晚于现在，也不能早于 1970 年。",
            en="The time of the report is in the future or before 1970.",
            field="reported_at",
        )
    return reported_at


def _component(code: str) -> Component | None:
    if not code:
        return None
    component = Component.objects.select_related("unit_grid", "component_class").filter(code=code)
    found = component.first()
    if found is None:
        raise Invalid(
            zh=f"没有编码为 {code} 的部件。", en=f"There is no component {code}.",
            field="component_code",
        )  # fmt: skip
    return found


def _matter(matter_id: int | None, component: Component | None) -> Matter | None:
    matters = Matter.objects.select_related("edition").filter(active=True)
    if matter_id is not None:
        matter = matters.filter(pk=matter_id).first()
        if matter is None:
            raise Invalid(zh="没有这个事项小类。", en="There is no such matter.", field="matter_id")
        return matter
    if component is not None:
        return matters.filter(component_class_id=component.component_class_id).first()
    return None


def _write(actor: Actor, submission: _Submission, contact: NewContact | None) -> Receipt:
    kept = (
        save_contact(actor=actor, name=contact.name, phone=contact.phone, email=contact.email)
        if contact
        else None
    )
    joins = submission.same_as is not None
    if submission.same_as is None:
        case = _open_case(submission)
    else:
        case = _joined_case(actor, submission, submission.same_as)
    report = _write_report(actor, submission, case, kept)
    _record(actor, case, submission, report if joins else None)
    audit.record(
        actor=actor,
        action="governance.report.receive",
        object_type="report",
        object_id=report.number,
        zh=f"{actor.label} 登记上报 {report.number}（{submission.channel.label}）",
        en=f"{actor.label} received report {report.number} ({submission.channel.value})",
        after={"case": case.pk, "channel": submission.channel.value},
    )
    events.emit(
        kind="governance.case.join" if joins else "governance.case.receive",
        subject_type="case",
        subject_id=case.pk,
        payload={
            "number": case.number,
            "state": case.state,
            "version": case.version,
            "report": report.number,
        },
        scope=(case.scope_areas, case.scope_orgs, case.scope_matters),
    )
    if kept is not None:
        notify_received(report, follow_code(report))
    return Receipt(report, case, created=True)


def _open_case(submission: _Submission) -> Case:
    now, place = submission.received_at, submission.place
    area = place.area if place else None
    areas, orgs, matters = scope_arrays(area, [], submission.matter)
    due = clocks.stage_due(Stage.ACCEPT, now)
    case = Case(
        channel=submission.channel,
        urgency=submission.urgency,
        matter=submission.matter,
        description=submission.text,
        address=submission.address,
        geom=submission.point,
        unit_grid=place.grid if place else None,
        area=area,
        district_code=place.district.code if place and place.district else "",
        component=submission.component,
        public=submission.public,
        scope_areas=areas,
        scope_orgs=orgs,
        scope_matters=matters,
        reported_at=submission.reported_at,
        accept_due_at=due,
        updated_at=now,
    )
    clocks.start_stage(case, Stage.ACCEPT, now, due)
    case.save(force_insert=True)
    return case


def _joined_case(actor: Actor, submission: _Submission, case_id: int) -> Case:
    """The case that the report tells of too, locked and counted up.

    Its version moves, because the record takes it as its number; a form that is open at a desk
    does not mind (``transition``). Whatever the actor may not see looks like nothing."""
    seen = Q(pk__in=visible_cases(actor.scope).filter(pk=case_id).values("pk"))
    public = Q(public=True, state__in=[state.value for state in OPEN])
    case = Case.objects.select_for_update(of=("self",)).filter(seen | public, pk=case_id).first()
    if case is None:
        raise NotFound(
            zh="没有这个可跟进的案件。", en="There is no such case to follow.", field="same_as",
            remedy_zh="请作为新问题上报。", remedy_en="Report it as something new.",
        )  # fmt: skip
    if case.state in TERMINAL:
        raise Conflict(
            zh="该案件已办结，不能再跟进。", en="The case has ended: it cannot be joined.",
            field="same_as", remedy_zh="请作为新问题上报。",
            remedy_en="Report it as something new.",
        )  # fmt: skip
    if case.public and submission.attachments and not submission.public:
        # Photos of a public case are everybody's; these were not meant to be.
        raise Invalid(
            zh="该案件是公开的，照片会随之公开。",
            en="The case is public, and so would be your photos.",
            field="public",
            remedy_zh="请同意公开，或不附照片，或作为新问题上报。",
            remedy_en="Agree to that, leave the photos out, or report it as something new.",
        )
    case.version += 1
    case.report_count += 1
    case.updated_at = submission.received_at
    case.save(update_fields=["version", "report_count", "updated_at"])
    return case


def _write_report(
    actor: Actor, submission: _Submission, case: Case, contact: Contact | None
) -> Report:
    report = Report(
        number=new_receipt_number(submission.received_at),
        case=case,
        channel=submission.channel,
        source=submission.source,
        external_id=submission.external_id,
        idempotency_key=submission.idempotency_key,
        text=submission.text,
        address=submission.address,
        geom=submission.point,
        place_note="" if submission.point else "none",
        matter=submission.matter,
        reporter=actor.user,
        contact=contact,
        reported_at=submission.reported_at,
        received_at=submission.received_at,
        attachments=list(submission.attachments),
        media_url=submission.media_url,
        attributes=dict(submission.attributes),
        suggestions=matters_for_report(submission.text) if submission.text else {},
    )
    report.save(force_insert=True)
    return report


def new_receipt_number(moment: datetime) -> str:
    """The city's day and eight random characters: it tells nobody how many reports there are."""
    day = timezone.localdate(moment)
    return f"R{day:%Y%m%d}{base64.b32encode(secrets.token_bytes(5)).decode()}"


def _record(
    actor: Actor, case: Case, submission: _Submission, joining: Report | None
) -> CaseRecord:
    """The first line of the case's life, or the line of a report that joins it."""
    data: dict[str, Any] = {"channel": submission.channel.value}
    if joining is not None:
        data["report"] = joining.number
    return CaseRecord.objects.create(
        case=case,
        seq=case.version,
        operation=Operation.RECEIVE.value,
        from_state=case.state if joining is not None else "",
        to_state=case.state,
        at=submission.received_at,
        actor=actor.user,
        actor_label=actor.label,
        actor_role=actor.role if actor.user else "",
        actor_organisation_id=actor.user.organisation_id if actor.user else None,
        opinion="",
        data=data,
        attachments=list(submission.attachments),
    )
