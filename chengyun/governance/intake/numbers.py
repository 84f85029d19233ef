"""Numbers in bulk: ids from the sequences, case numbers from the counters that filing uses."""

import base64
import os
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, models
from django.utils import timezone

DayPrefix = tuple[date, str]


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take ``count`` ids from the table's sequence, rising."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return sorted(row[0] for row in cursor.fetchall())


def reserve_case_numbers(wanted: Sequence[DayPrefix]) -> list[str]:
    """A case number for each (day, district) in turn, as filing one by one would give them.

    The counters' rows stay locked until the transaction ends: what is rolled back leaves no gap.
    They are locked in one order, so that two imports cannot wait for each other.
    """
    counts = Counter(wanted)
    if not counts:
        return []
    keys = sorted(counts)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO governance_casenumber AS counter (day, prefix, last)
               SELECT * FROM unnest(%s::date[], %s::text[], %s::int[])
               ON CONFLICT (day, prefix) DO UPDATE SET last = counter.last + EXCLUDED.last
               RETURNING day, prefix, last""",
            [[day for day, _ in keys], [prefix for _, prefix in keys], [counts[k] for k in keys]],
        )
        following = {(day, prefix): last for day, prefix, last in cursor.fetchall()}
    for key in keys:
        following[key] -= counts[key]
    numbers: list[str] = []
    for key in wanted:
        following[key] += 1
        day, prefix = key
        numbers.append(f"{prefix}{day:%Y%m%d}{following[key]:05d}")
    return numbers


def receipt_numbers(moments: Sequence[datetime]) -> list[str]:
    """Receipt numbers of imported reports: the city's day, then 60 random bits, for a file may
    bring more reports of one day than the eight characters of a live receipt can tell apart."""
    random = os.urandom(8 * len(moments))
    letters = [base64.b32encode(random[8 * i : 8 * i + 8])[:12] for i in range(len(moments))]
    days = [timezone.localdate(moment) for moment in moments]
    return [f"R{day:%Y%m%d}{own.decode()}" for day, own in zip(days, letters, strict=True)]
