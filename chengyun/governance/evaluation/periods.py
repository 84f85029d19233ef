"""Periods of evaluation: half-open spans between midnights of the city's zone.

A period has one spelling that sorts and reads well: ``2026``, ``2026H2``, ``2026Q4``,
``2026-11``, ``2026-W47`` (ISO week), ``2026-11-20``.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chengyun.core.problems import Invalid
from chengyun.core.queries import calendar_of

FIRST_YEAR, LAST_YEAR = 1950, 2199
#: No table is wider than two years of days.
MOST_PERIODS = 740


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """``start ≤ t < end``, both UTC; ``first`` is its first day in the city's zone."""

    code: str
    span: Span
    first: date
    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


_FORMS: tuple[tuple[Span, re.Pattern[str]], ...] = (
    (Span.YEAR, re.compile(r"([0-9]{4})")),
    (Span.HALF_YEAR, re.compile(r"([0-9]{4})H([12])")),
    (Span.QUARTER, re.compile(r"([0-9]{4})Q([1-4])")),
    (Span.MONTH, re.compile(r"([0-9]{4})-([0-9]{2})")),
    (Span.WEEK, re.compile(r"([0-9]{4})-W([0-9]{2})")),
    (Span.DAY, re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")),
)
_MONTHS = {Span.MONTH: 1, Span.QUARTER: 3, Span.HALF_YEAR: 6, Span.YEAR: 12}


def city_zone() -> ZoneInfo:
    """The zone of the city's default work calendar."""
    return calendar_of().tz


def parse_period(text: str, zone: ZoneInfo) -> Period:
    """The period that ``text`` spells. Raises Invalid (422) with the accepted forms."""
    for span, form in _FORMS:
        match = form.fullmatch(text.strip())
        if match:
            try:
                return _from_numbers(span, [int(part) for part in match.groups()], zone)
            except ValueError:
                break
    raise Invalid(
        zh=f"无法识别的评价周期“{text[:40]}”。",
        en=f"“{text[:40]}” is not a period.",
        field="period",
        remedy_zh="请使用 2026、2026H2、2026Q4、2026-11、2026-W47 或 2026-11-20 这样的写法。",
        remedy_en="Write it like 2026, 2026H2, 2026Q4, 2026-11, 2026-W47 or 2026-11-20.",
    )


def _from_numbers(span: Span, numbers: list[int], zone: ZoneInfo) -> Period:
    year = numbers[0]
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("year out of range")
    if span is Span.WEEK:
        return period_of(span, date.fromisocalendar(year, numbers[1], 1), zone)
    if span is Span.DAY:
        return period_of(span, date(*numbers), zone)
    length = _MONTHS[span]
    part = numbers[1] if len(numbers) > 1 else 1
    return period_of(span, date(year, (part - 1) * length + 1, 1), zone)


def period_of(span: Span, day: date, zone: ZoneInfo) -> Period:
    """The period of this length that contains the day."""
    if span is Span.DAY:
        first, after, code = day, day + timedelta(days=1), day.isoformat()
    elif span is Span.WEEK:
        first = day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
        iso = first.isocalendar()
        code = f"{iso.year:04d}-W{iso.week:02d}"
    else:
        length = _MONTHS[span]
        part = (day.month - 1) // length
        first = date(day.year, part * length + 1, 1)
        after = _months_later(first, length)
        code = {
            Span.MONTH: f"{first.year:04d}-{first.month:02d}",
            Span.QUARTER: f"{first.year:04d}Q{part + 1}",
            Span.HALF_YEAR: f"{first.year:04d}H{part + 1}",
            Span.YEAR: f"{first.year:04d}",
        }[span]
    return Period(code, span, first, _midnight(first, zone), _midnight(after, zone))


def split_period(period: Period, span: Span, zone: ZoneInfo) -> list[Period]:
    """The parts of a period, in order. A week belongs to the period that has its Thursday
    (the ISO rule). Raises Invalid when the parts are not shorter or are too many."""
    if list(Span).index(span) >= list(Span).index(period.span):
        raise Invalid(
            zh=f"周期 {period.code} 不能再分为 {span.value}。",
            en=f"{period.code} cannot be divided into parts of a {span.value}.",
            field="series",
            remedy_zh="series 须短于 period。",
            remedy_en="Give a series that is shorter than the period.",
        )
    end_day = period.end.astimezone(zone).date()
    offset = timedelta(days=3) if span is Span.WEEK else timedelta()
    part = period_of(span, period.first, zone)
    parts: list[Period] = []
    while part.first + offset < end_day:
        if part.first + offset >= period.first:
            parts.append(part)
        part = period_of(span, part.end.astimezone(zone).date(), zone)
    return parts


def previous_period(period: Period, zone: ZoneInfo) -> Period:
    """The period just before (环比)."""
    return period_of(period.span, period.first - timedelta(days=1), zone)


def year_before(period: Period, zone: ZoneInfo) -> Period:
    """The same period of the year before (同比); a week by its number, 29 February by the 28th."""
    first = period.first
    if period.span is Span.WEEK:
        iso = first.isocalendar()
        try:
            return period_of(Span.WEEK, date.fromisocalendar(iso.year - 1, iso.week, 1), zone)
        except ValueError:  # week 53 of a year that has 52
            return period_of(Span.WEEK, date.fromisocalendar(iso.year - 1, iso.week - 1, 1), zone)
    try:
        day = first.replace(year=first.year - 1)
    except ValueError:
        day = first.replace(year=first.year - 1, day=28)
    return period_of(period.span, day, zone)


def _months_later(first: date, months: int) -> date:
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
