"""Times as files write them: compiled patterns, a zone, and a date that exists or an error."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chengyun.core.words import ValueRefused

#: Years outside this span are mistakes of typing, not history (city lists use the same span).
FIRST_YEAR, LAST_YEAR = 1900, 2999

_PIECES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?|上午|下午)",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}
_NAMED = ("iso", "epoch", "epoch_ms", "excel")

Parser = Callable[[str], datetime | None]


class TimeFormatError(ValueRefused):
    """A declared form of times or a zone that is not known."""


def time_reader(formats: Sequence[str], zone: str) -> Callable[[str], datetime]:
    """Make a reader of times that tries ``formats`` in turn; its answers are in UTC.

    A format is written like strftime's (``%Y-%m-%d %H:%M:%S``; a day without a time is midnight)
    or one of ``iso``, ``epoch``, ``epoch_ms``, ``excel`` (serial day number). Times without an
    offset are in ``zone``; where the clock was put back the earlier of the two is meant.
    The reader raises ValueError for a text of another form and for a time that does not exist.
    """
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeFormatError(
            f"{zone!r} 不是时区，例如写 Asia/Shanghai",
            f"{zone!r} is not a time zone, write one like Asia/Shanghai",
        ) from None
    parsers = [_parser(form, local) for form in formats]

    def read(text: str) -> datetime:
        for parse in parsers:
            try:
                moment = parse(text)
            except OverflowError:
                raise ValueError(f"the year of {text!r} cannot be") from None
            if moment is not None:
                if not FIRST_YEAR <= moment.year <= LAST_YEAR:
                    raise ValueError(f"the year of {text!r} cannot be")
                return moment
        raise ValueError(f"{text!r} is in none of the declared forms")

    return read


def _parser(form: str, zone: tzinfo) -> Parser:
    match form:
        case "iso":
            return lambda text: _iso(text, zone)
        case "epoch":
            return lambda text: _epoch(text, 1)
        case "epoch_ms":
            return lambda text: _epoch(text, 1000)
        case "excel":
            return lambda text: _excel(text, zone)
    pattern = _compile(form)

    def parse(text: str) -> datetime | None:
        found = pattern.fullmatch(text)
        return None if found is None else _build(found.groupdict(), zone)

    return parse


def _compile(form: str) -> re.Pattern[str]:
    parts: list[str] = []
    for piece in re.split(r"(%.)", form):
        if len(piece) == 2 and piece[0] == "%":
            if piece[1] not in _PIECES:
                raise TimeFormatError(
                    f"{form!r} 中的 %{piece[1]} 无法识别；可用 {_known()}",
                    f"%{piece[1]} in {form!r} is not known; use {_known()}",
                )
            parts.append(_PIECES[piece[1]])
        else:
            parts.append(re.escape(piece))
    pattern = "".join(parts)
    if not {"Y", "y"} & set(re.findall(r"P<(\w)>", pattern)) or "<m>" not in pattern:
        raise TimeFormatError(
            f"{form!r} 没有年和月；可用 {_known()}",
            f"{form!r} names no year and month; use {_known()}",
        )
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as error:
        raise TimeFormatError(
            f"{form!r} 中同一部分出现两次（{error}）", f"{form!r} names a part twice ({error})"
        ) from None


def _known() -> str:
    return ", ".join([*(f"%{key}" for key in _PIECES if key != "%"), *_NAMED])


def _build(parts: dict[str, str | None], zone: tzinfo) -> datetime:
    year = int(parts.get("Y") or 0)
    if parts.get("y"):
        short = int(parts["y"] or 0)
        year = short + (2000 if short < 69 else 1900)
    hour = int(parts.get("H") or 0)
    if parts.get("I"):
        hour = int(parts["I"] or 0)
        if not 1 <= hour <= 12:
            raise ValueError("an hour of a 12-hour clock is between 1 and 12")
        afternoon = (parts.get("p") or "").lower()[:1] in ("p", "下")
        hour = hour % 12 + (12 if afternoon else 0)
    fraction = (parts.get("f") or "0").ljust(6, "0")[:6]
    offset = parts.get("z")
    moment = datetime(
        year,
        int(parts.get("m") or 1),
        int(parts.get("d") or 1),
        hour,
        int(parts.get("M") or 0),
        int(parts.get("S") or 0),
        int(fraction),
        tzinfo=_offset(offset) if offset else zone,
    )
    return moment.astimezone(UTC)


def _offset(text: str) -> tzinfo:
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo
    assert zone is not None
    return zone


def _iso(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _epoch(text: str, per_second: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _excel(text: str, zone: tzinfo) -> datetime | None:
    try:
        # Day 60 is the 29 February 1900 that spreadsheets made up; before it the base differs.
        moment = datetime(1899, 12, 30) + timedelta(days=float(text))  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=zone).astimezone(UTC)
