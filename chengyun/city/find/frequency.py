"""How common a pair of characters is in the addresses: what the database's own statistics say."""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

#: How long the statistics are believed; a bulk import is analysed within minutes anyway.
KEPT_SECONDS = 300.0
#: With fewer addresses than this every question is answered completely.
FEW = 20_000

_STATISTICS = """
SELECT c.reltuples::float8, s.most_common_elems::text::text[], s.most_common_elem_freqs
FROM pg_class c
LEFT JOIN pg_stats s ON s.schemaname = c.relnamespace::regnamespace::text
    AND s.tablename = 'city_address_terms'
WHERE c.oid = 'city_address'::regclass
"""


@dataclass(frozen=True)
class Frequencies:
    """Rows of the table, and the share of them that has a pair, for the common pairs."""

    rows: float
    shares: Mapping[str, float] = field(default_factory=dict)

    def rows_with(self, terms: Iterable[str]) -> float:
        """At most so many rows have all of the terms, as far as the statistics know."""
        return self.rows * min((self.shares.get(term, 0.0) for term in terms), default=1.0)

    def rows_beginning(self, character: str) -> float:
        """About so many rows have a pair that begins with the character."""
        return self.rows * sum(
            share for term, share in self.shares.items() if term.startswith(character)
        )


_lock = threading.Lock()
_cached: Frequencies | None = None
_read_at = 0.0


def frequencies() -> Frequencies:
    """The statistics as this process knows them; one statement every five minutes."""
    global _cached, _read_at
    now = time.monotonic()
    known = _cached
    if known is not None and now - _read_at < KEPT_SECONDS:
        return known
    with _lock:
        _cached, _read_at = _read(), now
        return _cached


def forget_frequencies() -> None:
    """Make the next `frequencies()` read again."""
    global _cached  # noqa: PLW0603
    _cached = None


def _read() -> Frequencies:
    with connection.cursor() as cursor:
        cursor.execute(_STATISTICS)
        rows, terms, shares = cursor.fetchone()
    # The list of shares ends with three numbers that are no shares: least, greatest and of nulls.
    return Frequencies(max(rows, 0.0), dict(zip(terms or [], shares or [], strict=False)))
