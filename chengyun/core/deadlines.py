"""Deadlines in the units of the standard: pure functions of a calendar, no I/O.

Work units are counted on a *duty line*: all duty time of all working days laid end to end, in
microseconds. A moment has one place on it; a limit is a distance; a pause is a piece cut out.
Every law (monotonic, pause shift, round trip) follows from that. Docs: decisions/0010.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_DAY = 24 * _HOUR
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001  (wall clock arithmetic has no zone)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 1970, 2199

Pause = tuple[datetime, datetime | None]
Micros = NDArray[np.int64]
Moments = NDArray[np.datetime64]


class Unit(StrEnum):
    """How a limit is counted."""

    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"

    @property
    def zh(self) -> str:
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        return _NAMES[self][1]

    # Members by their stored name as well: `Unit.work_hour` reads like the data.
    urgent_hour = URGENT_HOUR
    urgent_day = URGENT_DAY
    work_hour = WORK_HOUR
    work_day = WORK_DAY
    natural_day = NATURAL_DAY


_NAMES = {
    Unit.URGENT_HOUR: ("紧急工作时", "urgent hour"),
    Unit.URGENT_DAY: ("紧急工作日", "urgent day"),
    Unit.WORK_HOUR: ("工作时", "work hour"),
    Unit.WORK_DAY: ("工作日", "work day"),
    Unit.NATURAL_DAY: ("自然日", "natural day"),
}


@dataclass(frozen=True)
class Limit:
    """A span of time in its unit, e.g. 4 work hours."""

    amount: Decimal | int
    unit: Unit


@dataclass(frozen=True)
class Calendar:
    """Duty hours of every working day, local time, and the days that differ.

    Monday to Friday are working days unless in `holidays`; a day in `workdays` works whatever
    its weekday (调休). A segment that ends at 00:00 ends at midnight. Days from 1970 to 2199.
    """

    zone: str
    duty: tuple[tuple[time, time], ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not self.duty:
            raise ValueError("a calendar needs at least one duty segment")
        last = -1
        for begin, end in self._segments:
            if begin < last or end <= begin:
                raise ValueError("duty segments must be in order and must not overlap")
            last = end

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        return day.weekday() < 5 and day not in self.holidays

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _segments(self) -> list[tuple[int, int]]:
        """Begin and end of each segment, microseconds after midnight."""
        return [(_of_day(begin), _of_day(end) or _DAY) for begin, end in self.duty]

    @cached_property
    def day_length(self) -> int:
        """Duty time of one working day, microseconds."""
        return sum(end - begin for begin, end in self._segments)

    @cached_property
    def _starts(self) -> list[tuple[int, int, int]]:
        """Per segment: begin, end, duty time before it."""
        rows, before = [], 0
        for begin, end in self._segments:
            rows.append((begin, end, before))
            before += end - begin
        return rows

    @cached_property
    def working(self) -> Micros:
        """Working days as days after 1970-01-01, ascending."""
        first = date(_FIRST_YEAR, 1, 1).toordinal() - _EPOCH_ORDINAL
        days = np.arange(first, date(_LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH_ORDINAL)
        works = (days + 3) % 7 < 5  # 1970-01-01 was a Thursday
        for special, value in ((self.holidays, False), (self.workdays, True)):
            numbers = [day.toordinal() - _EPOCH_ORDINAL for day in special]
            works[[n - first for n in numbers if first <= n <= days[-1]]] = value
        return days[works].astype(np.int64)

    @cached_property
    def _working_list(self) -> list[int]:
        return list(map(int, self.working))

    def place(self, moment: datetime) -> int:
        """Where a moment lies on the duty line; moments off duty lie where duty resumes."""
        local = moment.astimezone(self.tz).replace(tzinfo=None)
        day, clock = divmod((local - _EPOCH_NAIVE) // _MICROSECOND, _DAY)
        days = self._working_list
        _check_range(day, day)
        index = bisect_left(days, day)
        into = 0
        if index < len(days) and days[index] == day:
            for begin, end, before in self._starts:
                if clock <= begin:
                    break
                into = before + min(clock, end) - begin
        return index * self.day_length + into

    def moment(self, place: int, *, late: bool) -> datetime:
        """The moment at a place. Where duty breaks off, one place is two moments: the end of
        the earlier segment, or (`late`) the start of the next one."""
        index, into = divmod(place, self.day_length)
        if into == 0 and not late:
            index, into = index - 1, self.day_length
        days = self._working_list
        if not 0 <= index < len(days):
            raise ValueError(f"the deadline leaves the years {_FIRST_YEAR} to {_LAST_YEAR}")
        for begin, end, before in self._starts:
            inside = into - before
            if inside < end - begin or (inside == end - begin and not late):
                break
        local = _EPOCH_NAIVE + timedelta(microseconds=days[index] * _DAY + begin + inside)
        return _from_wall(local, self.tz)


def deadline(
    calendar: Calendar,
    start: datetime,
    limit: Decimal | int,
    unit: Unit,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Limit] = (),
) -> datetime:
    """When `limit` has run out, counted from `start` (aware); the answer is in UTC.

    A pause (from, until) stops the clock; one that is still open (until None) adds nothing
    yet, so the answer is then the earliest the deadline can be. Extensions are counted on from
    the deadline before them, each in its own unit.

    A work day is the same clock time that many working days later; a start off duty counts
    from the next duty start. A natural day is the same clock time the next day, an urgent day
    is 24 hours.
    """
    closed = _closed(pauses)
    at = _reach(calendar, start, limit, unit, closed)
    for extension in extensions:
        at = _reach(calendar, at, extension.amount, extension.unit, closed)
    return at.astimezone(UTC)


def used(
    calendar: Calendar,
    start: datetime,
    end: datetime,
    unit: Unit,
    pauses: Sequence[Pause] = (),
) -> Decimal:
    """How much of the unit ran from `start` to `end`; zero when `end` is not after `start`.

    `used(start, deadline(start, limit))` is `limit`. An open pause runs until `end`.
    """
    span = _span(calendar, start, end, unit, pauses)
    return Decimal(span) / Decimal(unit_length(calendar, unit))


def elapsed_seconds(
    calendar: Calendar,
    start: datetime,
    end: datetime,
    unit: Unit,
    pauses: Sequence[Pause] = (),
) -> float:
    """Seconds that the clock of this unit ran (duty seconds for work units), pauses taken off."""
    return _span(calendar, start, end, unit, pauses) / _SECOND


def unit_length(calendar: Calendar, unit: Unit) -> int:
    """Microseconds of running clock in one unit."""
    if unit is Unit.WORK_DAY:
        return calendar.day_length
    return _HOUR if unit in (Unit.URGENT_HOUR, Unit.WORK_HOUR) else _DAY


def deadline_many(
    calendar: Calendar, starts: Sequence[datetime] | Moments, limit: Decimal | int, unit: Unit
) -> Moments:
    """Deadlines of many starts at once, without pauses.

    `starts` are aware datetimes or datetime64 in UTC; the answer is datetime64[us] in UTC, in
    the same order, equal to `deadline` of each.
    """
    begins = _as_micros(starts)
    length = _micros(calendar, limit, unit)
    if unit in (Unit.URGENT_HOUR, Unit.URGENT_DAY):
        return (begins + length).view("datetime64[us]")
    local = begins + _offsets(begins, calendar.tz, wall=False)
    if unit is Unit.NATURAL_DAY:
        walls = local + length
    else:
        walls = _reach_many(calendar, local, length, late=unit is Unit.WORK_DAY)
        walls = np.maximum(walls, local)
    return (walls - _offsets(walls, calendar.tz, wall=True)).view("datetime64[us]")


def _reach(
    calendar: Calendar,
    start: datetime,
    limit: Decimal | int,
    unit: Unit,
    pauses: list[tuple[datetime, datetime]],
) -> datetime:
    length = _micros(calendar, limit, unit)
    if unit in (Unit.WORK_HOUR, Unit.WORK_DAY):
        # sup{t: used <= limit} for days, inf{t: used >= limit} for hours: eight work hours from
        # 08:00 end at 18:00, one work day from 08:00 ends at 08:00.
        late = unit is Unit.WORK_DAY
        place = calendar.place(start) + length
        for begin, end in pauses:
            if end <= start:
                continue
            first = calendar.place(max(begin, start))
            if first < place or (late and first == place):
                place += calendar.place(end) - first
        return max(start, calendar.moment(place, late=late))
    if unit is Unit.NATURAL_DAY:
        wall = start.astimezone(calendar.tz).replace(tzinfo=None)
        at = _from_wall(wall + timedelta(microseconds=length), calendar.tz)
    else:
        # In UTC: adding to a zoned datetime would count wall clock, not time.
        at = start.astimezone(UTC) + timedelta(microseconds=length)
    for begin, end in pauses:
        if end > start and begin < at:
            at = at.astimezone(UTC) + (end - max(begin, start))
    return at


def _span(
    calendar: Calendar, start: datetime, end: datetime, unit: Unit, pauses: Sequence[Pause]
) -> int:
    if end <= start:
        return 0

    def measure(begin: datetime, until: datetime) -> int:
        if unit in (Unit.WORK_HOUR, Unit.WORK_DAY):
            return calendar.place(until) - calendar.place(begin)
        return (until - begin) // _MICROSECOND

    if unit is Unit.NATURAL_DAY:
        walls = [moment.astimezone(calendar.tz).replace(tzinfo=None) for moment in (start, end)]
        total = (walls[1] - walls[0]) // _MICROSECOND
    else:
        total = measure(start.astimezone(UTC), end.astimezone(UTC))
    for begin, until in _closed(pauses, open_until=end):
        begin, until = max(begin, start), min(until, end)
        if until > begin:
            total -= measure(begin.astimezone(UTC), until.astimezone(UTC))
    return max(total, 0)


def _closed(
    pauses: Sequence[Pause], open_until: datetime | None = None
) -> list[tuple[datetime, datetime]]:
    """Pauses in order, overlaps merged so that no time is taken off twice."""
    merged: list[tuple[datetime, datetime]] = []
    for begin, until in sorted(pauses, key=lambda pause: pause[0]):
        end = until if until is not None else open_until
        if end is None or end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _micros(calendar: Calendar, limit: Decimal | int, unit: Unit) -> int:
    if limit < 0:
        raise ValueError("a limit cannot be negative")
    return int((Decimal(limit) * unit_length(calendar, unit)).to_integral_value())


def _of_day(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * _SECOND + clock.microsecond


def _from_wall(local: datetime, tz: ZoneInfo) -> datetime:
    """A wall clock time as a moment: the first one when the hour comes twice, and when it does
    not exist the moment as many minutes after the change."""
    return local.replace(tzinfo=tz).astimezone(UTC)


def _check_range(first: int, last: int) -> None:
    if not first >= 0 or last >= date(_LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH_ORDINAL:
        raise ValueError(f"work calendars cover the years {_FIRST_YEAR} to {_LAST_YEAR}")


def _as_micros(starts: Sequence[datetime] | Moments) -> Micros:
    if isinstance(starts, np.ndarray):
        return starts.astype("datetime64[us]").view(np.int64)
    return np.array([(moment - _EPOCH) // _MICROSECOND for moment in starts], dtype=np.int64)


def _offsets(moments: Micros, tz: ZoneInfo, *, wall: bool) -> Micros:
    """Offset from UTC of each moment (or wall clock time). Zones change on quarter hours, so
    each quarter that occurs is asked once."""
    quarters, which = np.unique(moments // (_HOUR // 4), return_inverse=True)
    found = np.empty(len(quarters), dtype=np.int64)
    for index, quarter in enumerate(quarters.tolist()):
        seconds = timedelta(seconds=quarter * 900)
        at: Any = (_EPOCH_NAIVE + seconds).replace(tzinfo=tz) if wall else _EPOCH + seconds
        found[index] = (
            at.astimezone(tz).utcoffset() // _MICROSECOND
            if not wall
            else (at.utcoffset() // _MICROSECOND)
        )
    return found[which]


def _reach_many(calendar: Calendar, local: Micros, length: int, *, late: bool) -> Micros:
    """`place` + length + `moment` on arrays of wall clock microseconds."""
    days, clock = np.divmod(local, _DAY)
    if len(days):
        _check_range(int(days.min()), int(days.max()))
    working = calendar.working
    index = np.searchsorted(working, days)
    on_duty_day = working[np.minimum(index, len(working) - 1)] == days
    into = np.zeros_like(clock)
    for begin, end in calendar._segments:
        into += np.clip(clock, begin, end) - begin
    place = index * calendar.day_length + np.where(on_duty_day, into, 0) + length
    index, into = np.divmod(place, calendar.day_length)
    if not late:
        whole = into == 0
        index, into = index - whole, np.where(whole, calendar.day_length, into)
    if len(index) and (index.min() < 0 or index.max() >= len(working)):
        raise ValueError(f"the deadline leaves the years {_FIRST_YEAR} to {_LAST_YEAR}")
    befores = [before for _, _, before in calendar._starts]
    begins = np.array([begin for begin, _, _ in calendar._starts], dtype=np.int64)
    segment = np.searchsorted(np.array(befores), into, side="right" if late else "left")
    segment = np.maximum(segment - 1, 0)
    walls: Micros = working[index] * _DAY + begins[segment] + into - np.array(befores)[segment]
    return walls
