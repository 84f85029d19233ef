"""The city now: one answer for a start page or a wall, read by many and counted rarely."""

from datetime import datetime, timedelta

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from chengyun.core import clock
from chengyun.core.access import Scope
from chengyun.core.http import actor_of, session_or_token
from chengyun.core.schemas import REFUSALS
from chengyun.governance.api.cases import with_names
from chengyun.governance.overview import forget_past, overview, scope_key
from chengyun.governance.queries import visible_cases
from chengyun.governance.schemas.case import CaseRow, row_of

router = Router(tags=["overview"], auth=session_or_token)

NEWEST = 12
#: How old an answer may be: a wall that asks every few seconds costs one count.
KEPT = timedelta(seconds=5)
_KEPT_SCOPES = 256
_kept: dict[str, tuple[datetime, bytes]] = {}


class Today(Schema):
    """Cases of the city's day so far; yesterday up to the same time of day."""

    received: int
    filed: int
    closed: int
    received_yesterday_by_now: int
    closed_yesterday_by_now: int


class Standing(Schema):
    """Open cases; `overdue` is past the limit of the running stage."""

    total: int
    overdue: int
    suspended: int


class Week(Schema):
    """Cases closed in the last seven city days, and in the seven before them; rates 0 to 1."""

    closed: int
    on_time_rate: float | None
    previous_on_time_rate: float | None


class Hour(Schema):
    """Cases received in an hour of the day: today (null: to come), and the mean of the same
    weekday in the last four weeks (null: the data has fewer than three such days)."""

    hour: int
    today: int | None
    norm: float | None


class ClassCount(Schema):
    code: str
    name_zh: str
    name_en: str
    count: int


class DistrictNow(Schema):
    """A district that I may see something of; `on_time_rate` of the `closed_week` cases closed in
    the last seven days. Cases of no district are in no row."""

    code: str
    name_zh: str
    name_en: str
    lon: float | None
    lat: float | None
    open: int
    overdue: int
    received_today: int
    closed_week: int
    on_time_rate: float | None


class LateDepartment(Schema):
    """Cases that are with the department (state pending_handle, handling, suspended, deferred)."""

    id: int
    code: str
    name_zh: str
    name_en: str
    overdue: int
    open: int
    oldest_due_at: datetime


class OverviewOut(Schema):
    at: datetime
    today: Today
    open: Standing
    week: Week
    hours: list[Hour]
    classes: list[ClassCount]
    districts: list[DistrictNow]
    late_departments: list[LateDepartment]
    newest: list[CaseRow]


@router.get("/overview", response={200: OverviewOut, **REFUSALS}, summary="The city now")
def get_overview(request: HttpRequest) -> HttpResponse:
    """Numbers of the cases that I may see, at most five seconds old."""
    body = _body(actor_of(request).scope)
    return HttpResponse(body, content_type="application/json")


def forget_overviews() -> None:
    """Count anew at the next question; for tests and loaders."""
    _kept.clear()
    forget_past()


def _body(scope: Scope) -> bytes:
    """The answer as JSON, the same for all who may see the same."""
    key, now = scope_key(scope), clock.now()
    known = _kept.get(key)
    if known and timedelta(0) <= now - known[0] < KEPT:
        return known[1]
    newest = with_names(visible_cases(scope)).order_by("-id")[:NEWEST]
    body = msgspec.json.encode({**overview(scope), "newest": [row_of(case) for case in newest]})
    if len(_kept) >= _KEPT_SCOPES:
        _kept.clear()
    _kept[key] = (now, body)
    return body
