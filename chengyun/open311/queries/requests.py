"""The public requests. Only cases that are public and have a class are shown, and of them
nothing that could name the reporter."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.gis.geos import Polygon
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from chengyun.city.queries import catalogue
from chengyun.core import clock
from chengyun.core.models import Attachment
from chengyun.governance.models import OPEN, STATE_EN, TERMINAL, Case, CaseRecord, Report, State
from chengyun.open311.models import Open311Attribute
from chengyun.open311.privacy import public_text
from chengyun.open311.wire import Items, Value, named

#: What one answer holds at most, and how far `start_date` and `end_date` may lie apart.
MAX_ROWS: Final = 1000
MAX_SPAN: Final = timedelta(days=90)

OPEN_STATES = frozenset(state.value for state in OPEN)
CLOSED_STATES = frozenset(state.value for state in TERMINAL)


@dataclass(frozen=True)
class Wanted:
    """Which requests are asked for. `ids` overrides everything else."""

    ids: Sequence[str] = ()
    service_codes: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    statuses: frozenset[str] = frozenset()
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    near: tuple[float, float, float] | None = None  # longitude, latitude, metres
    words: str = ""
    page: int = 1
    page_size: int = MAX_ROWS


def public_cases() -> QuerySet[Case]:
    """The cases that anybody may see."""
    return Case.objects.filter(public=True, matter__isnull=False)


def picture_of(request_id: str, picture: UUID) -> Attachment | None:
    """A picture of a public request that may be shown; None otherwise."""
    case = public_cases().filter(pk=_number(request_id), accepted_at__isnull=False).first()
    if case is None or not case.reports.filter(attachments__contains=[picture]).exists():
        return None
    return Attachment.objects.filter(pk=picture).first()


def find_requests(wanted: Wanted) -> list[Case]:
    """The asked-for public cases, the newest first."""
    cases = public_cases().select_related("matter", "department")
    if wanted.ids:
        numbers = [_number(request_id) for request_id in wanted.ids]
        return list(cases.filter(pk__in=numbers).order_by("-reported_at", "-pk")[:MAX_ROWS])
    cases = cases.filter(**_window(wanted))
    if wanted.service_codes:
        cases = cases.filter(matter_id__in=_matter_ids(wanted.service_codes))
    if wanted.statuses == {"open"}:
        cases = cases.filter(state__in=OPEN_STATES)
    elif wanted.statuses == {"closed"}:
        cases = cases.filter(state__in=CLOSED_STATES)
    if wanted.near is not None:
        cases = _within(cases, *wanted.near)
    if wanted.words:
        cases = cases.filter(
            Q(description__icontains=wanted.words) | Q(address__icontains=wanted.words)
        )
    first = (wanted.page - 1) * wanted.page_size
    return list(cases.order_by("-reported_at", "-pk")[first : first + wanted.page_size])


def _number(request_id: str) -> int:
    """The number of a request id; 0, which no request has, for what is not one of ours."""
    return int(request_id) if re.fullmatch(r"[0-9]{1,18}", request_id) else 0


def _window(wanted: Wanted) -> dict[str, Any]:
    """The limits in time. Without any, the last 90 days; updates may be of older requests."""
    start, end = wanted.start, wanted.end
    limits: dict[str, Any] = {}
    if wanted.updated_after is not None:
        limits["updated_at__gte"] = wanted.updated_after
    if wanted.updated_before is not None:
        limits["updated_at__lte"] = wanted.updated_before
    if start is None and end is None and limits:
        return limits
    if start is None:
        start = (end or clock.now()) - MAX_SPAN
    elif end is None:
        end = start + MAX_SPAN
    limits["reported_at__gte"] = start
    if end is not None:
        # Times are given to whole seconds: the last one belongs to the span as a whole.
        limits["reported_at__lt"] = end + timedelta(seconds=1)
    return limits


def _matter_ids(codes: Collection[str]) -> list[int]:
    wanted = set(codes)
    known = catalogue()
    return [matter.id for matter in known.matters.values() if matter.code in wanted]


def _within(cases: QuerySet[Case], lon: float, lat: float, metres: float) -> QuerySet[Case]:
    """Cases within `metres`: a box of degrees that an index answers, then the exact distance."""
    north = metres / 110_000
    east = metres / (111_000 * max(0.01, 1 - (abs(lat) / 90) ** 2))
    box = Polygon.from_bbox((lon - east, lat - north, lon + east, lat + north))
    box.srid = 4490
    exact = RawSQL(
        "ST_DistanceSphere(governance_case.geom, ST_SetSRID(ST_Point(%s, %s), 4490))", (lon, lat)
    )
    return cases.filter(geom__bboverlaps=box).annotate(metres=exact).filter(metres__lte=metres)


@dataclass
class Details:
    """What a page of requests needs beside the case rows, read in one go."""

    attributes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    media: Mapping[int, str] = field(default_factory=dict)
    photos: Mapping[int, str] = field(default_factory=dict)
    definitions: Mapping[int, Sequence[Open311Attribute]] = field(default_factory=dict)
    notes: Mapping[int, Sequence[CaseRecord]] = field(default_factory=dict)


def details_of(cases: Sequence[Case], *, extended: bool) -> Details:
    """Pictures of the cases, and with `extended` their answers and public notes."""
    ids = [case.pk for case in cases]
    attributes: dict[int, Mapping[str, Any]] = {}
    media: dict[int, str] = {}
    photos: dict[int, str] = {}
    rows = Report.objects.filter(case_id__in=ids).order_by("case_id", "id")
    for report in rows.only("case_id", "attachments", "media_url", "attributes"):
        attributes.setdefault(report.case_id, report.attributes)
        if report.media_url:
            media.setdefault(report.case_id, report.media_url)
        if report.attachments:
            photos.setdefault(report.case_id, str(report.attachments[0]))
    found = Details(attributes, media, photos)
    if extended:
        definitions: dict[int, list[Open311Attribute]] = defaultdict(list)
        matters = {case.matter_id for case in cases if case.matter_id is not None}
        for row in Open311Attribute.objects.filter(matter_id__in=matters).order_by("order"):
            definitions[row.matter_id].append(row)
        notes: dict[int, list[CaseRecord]] = defaultdict(list)
        for step in CaseRecord.objects.filter(case_id__in=ids).order_by("case_id", "seq"):
            if step.from_state != step.to_state:
                notes[step.case_id].append(step)
        found.definitions, found.notes = definitions, notes
    return found


def request_item(
    case: Case, details: Details, language: str, address: str, *, extended: bool = False
) -> dict[str, Value]:
    """One `request`. `address` is the server's own, without a slash at its end."""
    assert case.matter is not None
    closed = case.state in CLOSED_STATES
    item: dict[str, Value] = {
        "service_request_id": str(case.pk),
        "status": "closed" if closed else "open",
        "status_notes": status_note(case, language),
        "service_name": named(case.matter.name_zh, case.matter.name_en, language),
        "service_code": case.matter.code,
        "description": public_text(case.description),
        "agency_responsible": (
            named(case.department.name_zh, case.department.name_en, language)
            if case.department
            else None
        ),
        "service_notice": None,
        "requested_datetime": case.reported_at,
        "updated_datetime": (case.closed_at if closed else None) or case.updated_at,
        "expected_datetime": case.close_due_at or case.handle_due_at,
        "address": public_text(case.address) or None,
        "address_id": None,
        "zipcode": None,
        "lat": round(case.geom.y, 7) if case.geom else None,
        "long": round(case.geom.x, 7) if case.geom else None,
        "media_url": _media_url(case, details, address),
    }
    if extended:
        item |= _extension(case, details, language)
    return item


def _media_url(case: Case, details: Details, address: str) -> str | None:
    """A picture is shown only after a person of the centre has accepted the report."""
    if case.accepted_at is None:
        return None
    photo = details.photos.get(case.pk)
    if photo is not None:
        return f"{address}/open311/v2/requests/{case.pk}/media/{photo}"
    return details.media.get(case.pk)


def _extension(case: Case, details: Details, language: str) -> dict[str, Value]:
    assert case.matter_id is not None
    answers = details.attributes.get(case.pk, {}).get("open311", {})
    rows = details.definitions.get(case.matter_id, ())
    state = State(case.state)
    return {
        "extended_attributes": {
            "case_number": case.number,
            "state": state.value,
            "state_name": STATE_EN[state] if language == "en" else str(state.label),
        },
        "attributes": Items(
            "attribute",
            [_answer(row, answers[row.code], language) for row in rows if row.code in answers],
        ),
        "notes": Items(
            "note",
            [
                {
                    "datetime": step.at,
                    "description": state_name(step.to_state, language),
                    "type": step.operation,
                }
                for step in details.notes.get(case.pk, ())
            ],
        ),
    }


def _answer(row: Open311Attribute, given: object, language: str) -> dict[str, Value]:
    keys = [str(key) for key in given] if isinstance(given, list) else [str(given)]
    names = {
        key: named(zh, en, language)
        for key, zh, en in zip(row.keys, row.names_zh, row.names_en, strict=True)
    }
    return {
        "label": named(row.description_zh, row.description_en, language),
        "code": row.code,
        "value": public_text(",".join(keys)),
        "name": public_text("、".join(names.get(key, key) for key in keys)),
    }


def status_note(case: Case, language: str) -> str:
    """The public word on where the request stands."""
    if case.state == State.MERGED:
        main = case.merged_into_id
        return (
            f"Duplicate request. It is handled as {main}."
            if language == "en"
            else f"重复上报，并入 {main} 办理。"
        )
    return public_text(case.status_note) or state_name(case.state, language)


def state_name(state: str, language: str) -> str:
    known = State(state)
    return STATE_EN[known] if language == "en" else str(known.label)
