"""The one clock of the product. Simulation and tests set it; nothing else asks the system."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_moment: ContextVar[datetime | None] = ContextVar("chengyun_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _moment.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Within the block `now()` is `moment` (aware). Blocks nest; other threads are not touched."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes an aware datetime")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _moment.reset(token)
