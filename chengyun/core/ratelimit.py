"""Rate limits. Anonymous callers are counted in PostgreSQL, across all processes; signed-in
ones in this process, because their hot path pays for every statement."""

import math
import time
from datetime import UTC, datetime

from django.db import connection

from .problems import TooMany

_COUNT = """
INSERT INTO core_ratecounter AS c (key, window_start, count) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN c.window_start = EXCLUDED.window_start THEN c.count + 1 ELSE 1 END,
    window_start = EXCLUDED.window_start
RETURNING count
"""
# More keys than this in one window are forgotten, so that memory stays bounded.
_LOCAL_KEYS = 50_000
_local: dict[str, int] = {}
_local_window = 0


def limit_shared(key: str, limit: int, seconds: int = 60) -> None:
    """Count one request of `key`; raise `TooMany` above `limit` in the fixed window.

    One SQL statement. Not inside the transaction that may be rolled back: a refused attempt
    counts too.
    """
    now = time.time()
    start = now - now % seconds
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, datetime.fromtimestamp(start, UTC)])
        (count,) = cursor.fetchone()
    if count > limit:
        raise too_many(limit, seconds, start + seconds - now)


def limit_local(key: str, limit: int) -> None:
    """Like `limit_shared` per minute, counted in this process only and free of SQL: with N
    server processes a caller gets up to N times the limit."""
    global _local_window  # noqa: PLW0603  (one counter per process is the point)
    now = time.time()
    window = int(now // 60)
    if window != _local_window or len(_local) > _LOCAL_KEYS:
        _local.clear()
        _local_window = window
    count = _local.get(key, 0) + 1
    _local[key] = count
    if count > limit:
        raise too_many(limit, 60, 60 - now % 60)


def too_many(limit: int, seconds: int, wait: float) -> TooMany:
    after = max(1, math.ceil(wait))
    return TooMany(
        zh=f"请求过于频繁：每 {seconds} 秒至多 {limit} 次。",
        en=f"Too many requests: at most {limit} in {seconds} seconds.",
        remedy_zh=f"请在 {after} 秒后重试。",
        remedy_en=f"Try again in {after} seconds.",
        headers={"Retry-After": str(after)},
    )
