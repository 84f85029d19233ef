"""Moments and stretches of time as addresses and filters write them (RFC 3339)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from chengyun.city.ogc.refusal import bad

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")


@dataclass(frozen=True)
class Interval:
    """From the first to the last moment, both included, in UTC; None is open."""

    first: datetime | None
    last: datetime | None

    def first_as(self, kind: str) -> date | datetime:
        assert self.first is not None
        return self.first.date() if kind == "date" else self.first

    def last_as(self, kind: str) -> date | datetime:
        assert self.last is not None
        return self.last.date() if kind == "date" else self.last


def moment(text: str) -> Interval:
    """A day or a moment; a day has all its moments. Raises ValueError."""
    if _DATE.fullmatch(text):
        first = datetime.combine(date.fromisoformat(text), time(), UTC)
        last = datetime.combine(first.date(), time.max, UTC)
        return Interval(first, last)
    if not _TIME.fullmatch(text):
        raise ValueError("not RFC 3339")
    whole = text.upper().replace("Z", "+00:00")
    # A leap second is the last moment of its minute; digits beyond microseconds are cut.
    whole = re.sub(r"(\.\d{6})\d+", r"\1", whole)
    whole = re.sub(r"(T\d{2}:\d{2}):60", r"\1:59", whole)
    try:
        at = datetime.fromisoformat(whole).astimezone(UTC)
    except OverflowError:
        raise ValueError("no such moment") from None
    return Interval(at, at)


def interval(text: str) -> Interval:
    """The parameter `datetime`: a moment, or two with a slash between, `..` or nothing for an
    open end. Raises Problem."""
    parts = text.split("/")
    try:
        if len(parts) == 1:
            return moment(parts[0])
        if len(parts) != 2:
            raise ValueError("too many parts")
        first, last = (None if part in ("", "..") else moment(part) for part in parts)
        made = Interval(first.first if first else None, last.last if last else None)
        if made.first and made.last and made.first > made.last:
            raise ValueError("it ends before it begins")
        return made
    except ValueError:
        raise bad(
            "datetime 无效。",
            "The datetime is not valid.",
            field="datetime",
            remedy_zh="请写作 2026-05-01、2026-05-01T08:00:00Z 或 2026-05-01/..。",
            remedy_en="Write 2026-05-01, 2026-05-01T08:00:00Z or 2026-05-01/.., "
            "the earlier one first.",
        ) from None
