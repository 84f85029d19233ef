"""Reads of core that are more than one line."""

import time as clock
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from .actor import Actor
from .deadlines import Calendar
from .models import AuditEntry, CalendarDay, Organisation, Role, WorkCalendar
from .problems import NotFound

# A changed calendar is noticed by every process after at most so many seconds.
CALENDAR_CHECK_SECONDS = 60.0


@dataclass
class _Cached:
    calendar: Calendar
    identity: tuple[int, int]
    checked: float


_calendars: dict[str | None, _Cached] = {}


def calendar_of(code: str | None = None) -> Calendar:
    """The calendar with this code, or the default one; kept in memory by version.

    Without any calendar in the database the default is Monday to Friday 08-12 and 14-18 in
    the configured zone, so that a fresh installation has clocks that run.
    """
    cached = _calendars.get(code)
    now = clock.monotonic()
    if cached is not None and now - cached.checked < CALENDAR_CHECK_SECONDS:
        return cached.calendar
    rows = (
        WorkCalendar.objects.filter(code=code)
        if code
        else WorkCalendar.objects.order_by("-is_default", "id")
    )
    row = rows.first()
    if row is None:
        if code:
            raise NotFound(zh=f"没有工作日历 {code}。", en=f"There is no work calendar {code}.")
        _calendars[code] = _Cached(_fallback(), (0, 0), now)
        return _calendars[code].calendar
    identity = (row.pk, row.version)
    if cached is None or cached.identity != identity:
        cached = _Cached(as_calendar(row), identity, now)
    cached.checked = now
    _calendars[code] = cached
    return cached.calendar


def forget_calendars() -> None:
    """Drop what this process remembers; called when a calendar is saved here."""
    _calendars.clear()


def as_calendar(row: WorkCalendar) -> Calendar:
    """The pure calendar of a stored one (one SQL statement for its days)."""
    days = list(row.days.all())
    return Calendar(
        zone=row.zone,
        duty=parse_duty(row.duty),
        holidays=frozenset(d.day for d in days if d.kind == CalendarDay.Kind.HOLIDAY),
        workdays=frozenset(d.day for d in days if d.kind == CalendarDay.Kind.WORKDAY),
    )


def parse_duty(segments: list[Any]) -> tuple[tuple[time, time], ...]:
    """[["08:00","12:00"], …] as times; "24:00" is midnight at the end of the day."""
    return tuple(
        (time.fromisoformat(begin), time() if end == "24:00" else time.fromisoformat(end))
        for begin, end in segments
    )


def _fallback() -> Calendar:
    return Calendar(settings.CHENGYUN.time_zone, ((time(8), time(12)), (time(14), time(18))))


def organisations_below(code: str) -> QuerySet[Organisation]:
    """The organisation with this code and everything under it."""
    return Organisation.objects.filter(ancestors__contains=[code])


def audit_for(actor: Actor) -> QuerySet[AuditEntry]:
    """The entries an actor may read: administrators all, everybody their own."""
    if Role.ADMINISTRATOR in actor.scope.roles():
        return AuditEntry.objects.all()
    if actor.user_id is None:
        return AuditEntry.objects.none()
    return AuditEntry.objects.filter(actor_id=actor.user_id)
