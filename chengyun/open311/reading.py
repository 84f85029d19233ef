"""Reading parameters of the query string and the form: empty counts as absent, and every
mistake of one request is collected, so that a client mends it once."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chengyun.open311.faults import Fault, Refusal

# W3C's profile of ISO 8601: a full date, a time and a zone. A form's "+" arrives as a blank.
_W3C = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+ -]\d{2}:?\d{2})"
)
_LIST_LIMIT = 1000


class Reader:
    """The parameters of one request. Methods return None for what is absent or wrong."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.faults: list[Fault] = []

    def fault(self, field: str, zh: str, en: str) -> None:
        self.faults.append(Fault(zh, en, field))

    def refuse_if_faulty(self) -> None:
        """Raise a 400 that lists every fault noted so far."""
        if self.faults:
            raise Refusal(400, *self.faults)

    def text(self, name: str, limit: int = 500) -> str:
        """The trimmed text, "" when absent. Longer than `limit` characters is a fault."""
        value = str(self._given.get(name) or "").strip()
        if len(value) > limit:
            self.fault(
                name,
                f"{name} 有 {len(value)} 个字符，最多 {limit} 个。",
                f"{name} has {len(value)} characters; at most {limit} are accepted.",
            )
            return ""
        if "\x00" in value:
            self.fault(name, f"{name} 含有空字符。", f"{name} contains a NUL character.")
            return ""
        return value

    def words(self, name: str) -> list[str]:
        """A comma list without blanks."""
        words = [word.strip() for word in self.text(name, 20_000).split(",")]
        words = [word for word in words if word]
        if len(words) > _LIST_LIMIT:
            self.fault(
                name,
                f"{name} 最多可列 {_LIST_LIMIT} 项。",
                f"{name} may list at most {_LIST_LIMIT} values.",
            )
            return []
        return words

    def moment(self, name: str) -> datetime | None:
        """A time with its zone, in UTC."""
        value = self.text(name, 40)
        if not value:
            return None
        try:
            return w3c(value)
        except ValueError:
            self.fault(
                name,
                f"{name} 须为带时区的日期时间，如 2026-01-31T08:00:00Z "
                "或 2026-01-31T16:00:00+08:00。",
                f"{name} must be a date and time with its zone, such as 2026-01-31T08:00:00Z "
                "or 2026-01-31T16:00:00+08:00.",
            )
            return None

    def number(self, name: str, low: float, high: float) -> float | None:
        """A finite number within [low, high]."""
        value = self.text(name, 40)
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            self.fault(
                name,
                f"{name} 须为 {low:g} 至 {high:g} 之间的数。",
                f"{name} must be a number between {low:g} and {high:g}.",
            )
            return None
        return number

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number within [low, high]."""
        value = self.text(name, 40)
        if not value:
            return None
        number = int(value) if re.fullmatch(r"[0-9]{1,18}", value) else -1
        if not low <= number <= high:
            self.fault(
                name,
                f"{name} 须为 {low} 至 {high} 之间的整数。",
                f"{name} must be a whole number between {low} and {high}.",
            )
            return None
        return number

    def flag(self, name: str) -> bool:
        """true or false; absent is false."""
        value = self.text(name, 10).lower()
        if value not in ("", "true", "false", "1", "0"):
            self.fault(name, f"{name} 须为 true 或 false。", f"{name} must be true or false.")
        return value in ("true", "1")


def w3c(text: str) -> datetime:
    """A W3C date and time, in UTC. Raises ValueError when it is none or names no zone."""
    match = _W3C.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, zone = match.groups()
    zone = "+00:00" if zone == "Z" else zone.replace(" ", "+")
    plain = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{zone}"
    try:
        return datetime.fromisoformat(plain).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
