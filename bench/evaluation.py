"""A year by department × month, against one statement written by hand that counts the same."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bench import world
from bench.meter import Line, measure

ZONE = "Asia/Shanghai"
TARGET = 3.0

_HANDLED = "('pending_feedback', 'pending_check', 'pending_close', 'closed')"
_WITH = "('pending_handle', 'handling', 'suspended', 'deferred')"

#: What an analyst writes: a block for every date, with the counts that date decides.
BY_HAND = f"""
WITH span AS (SELECT timestamptz '2025-01-01 00:00+08' AS a, timestamptz '2026-01-01 00:00+08' AS z)
SELECT 'cases' AS what, department_id, date_trunc('month', reported_at, '{ZONE}') AS month,
    count(*) AS n1, count(*) FILTER (WHERE state = 'not_accepted') AS n2,
    count(*) FILTER (WHERE state = 'voided') AS n3, count(*) FILTER (WHERE state = 'merged') AS n4,
    count(*) FILTER (WHERE self_handled) AS n5, 0::bigint AS n6
FROM governance_case, span WHERE reported_at >= a AND reported_at < z GROUP BY 2, 3
UNION ALL
SELECT 'accepted', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done), count(*) FILTER (WHERE done AND NOT late),
    count(*) FILTER (WHERE done AND late), count(*) FILTER (WHERE NOT done), 0
FROM (SELECT department_id, state <> 'reported' AS done,
        CASE WHEN state = 'reported' THEN accept_due_at ELSE accepted_at END AS t,
        coalesce(accepted_at > accept_due_at, false) AS late FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'verified', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done), count(*) FILTER (WHERE done AND NOT late),
    count(*) FILTER (WHERE done AND late), count(*) FILTER (WHERE NOT done), 0
FROM (SELECT department_id, state <> 'pending_verify' AS done,
        CASE WHEN state = 'pending_verify' THEN verify_due_at ELSE verified_at END AS t,
        coalesce(verified_at > verify_due_at, false) AS late FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'filed', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done), count(*) FILTER (WHERE done AND NOT late),
    count(*) FILTER (WHERE done AND late),
    count(*) FILTER (WHERE done AND state <> 'voided' AND NOT corrected),
    count(*) FILTER (WHERE done AND reopen_count > 0)
FROM (SELECT department_id, state, corrected, reopen_count, state <> 'pending_file' AS done,
        CASE WHEN state = 'pending_file' THEN file_due_at ELSE filed_at END AS t,
        coalesce(filed_at > file_due_at, false) AS late FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'dispatched', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done), count(*) FILTER (WHERE done AND NOT late),
    count(*) FILTER (WHERE done AND late),
    count(*) FILTER (WHERE done AND wrong_dispatch_count = 0),
    count(*) FILTER (WHERE done AND wrong_dispatch_count > 0)
FROM (SELECT department_id, wrong_dispatch_count, state <> 'pending_dispatch' AS done,
        CASE WHEN state = 'pending_dispatch' THEN dispatch_due_at ELSE dispatched_at END AS t,
        coalesce(dispatched_at > dispatch_due_at, false) AS late FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'handled', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done),
    count(*) FILTER (WHERE done AND (NOT handle_late OR timeout_exempt)),
    count(*) FILTER (WHERE NOT done AND NOT timeout_exempt),
    count(*) FILTER (WHERE done AND rework_count > 0),
    coalesce(sum(rework_count) FILTER (WHERE done), 0)::bigint
FROM (SELECT *, handled_at IS NOT NULL AND NOT forced AND state IN {_HANDLED} AS done,
        CASE WHEN handled_at IS NOT NULL AND NOT forced AND state IN {_HANDLED} THEN handled_at
             WHEN state IN {_WITH} AND (paused_since IS NULL OR paused_since > handle_due_at)
             THEN handle_due_at END AS t FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'asked', department_id, date_trunc('month', t, '{ZONE}'),
    count(*) FILTER (WHERE extension_count > 0), count(*) FILTER (WHERE suspension_count > 0),
    count(*) FILTER (WHERE urge_count > 0), count(*) FILTER (WHERE supervision_count > 0),
    count(*) FILTER (WHERE timeout_exempt), 0
FROM (SELECT *,
        CASE WHEN handled_at IS NOT NULL AND NOT forced AND state IN {_HANDLED} THEN handled_at
             WHEN state IN {_WITH} AND (paused_since IS NULL OR paused_since > handle_due_at)
             THEN handle_due_at END AS t FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'checked', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done), count(*) FILTER (WHERE done AND NOT late),
    count(*) FILTER (WHERE done AND late), count(*) FILTER (WHERE NOT done), 0
FROM (SELECT department_id, state <> 'pending_check' AS done,
        CASE WHEN state = 'pending_check' THEN check_due_at ELSE checked_at END AS t,
        coalesce(checked_at > check_due_at, false) AS late FROM governance_case) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'closed', department_id, date_trunc('month', t, '{ZONE}'), count(*),
    count(*) FILTER (WHERE done), count(*) FILTER (WHERE done AND (NOT late OR timeout_exempt)),
    count(*) FILTER (WHERE done AND late AND NOT timeout_exempt),
    count(*) FILTER (WHERE NOT done AND NOT timeout_exempt), 0
FROM (SELECT department_id, timeout_exempt, state = 'closed' AS done,
        CASE WHEN state = 'closed' THEN closed_at ELSE close_due_at END AS t,
        coalesce(closed_at > close_due_at, false) AS late FROM governance_case
      WHERE state IN {_HANDLED} AND NOT (forced AND state = 'closed')) x, span
WHERE t >= a AND t < z GROUP BY 2, 3
UNION ALL
SELECT 'forced', department_id, date_trunc('month', closed_at, '{ZONE}'), count(*), 0, 0, 0, 0, 0
FROM governance_case, span
WHERE forced AND state = 'closed' AND closed_at >= a AND closed_at < z GROUP BY 2, 3
UNION ALL
SELECT 'reports', c.department_id, date_trunc('month', r.reported_at, '{ZONE}'), count(*),
    count(*) FILTER (WHERE r.channel = 'collector'),
    count(*) FILTER (WHERE r.channel = 'collector' AND c.filed_at IS NOT NULL
                     AND c.state <> 'pending_file'),
    count(*) FILTER (WHERE r.channel IN ('citizen', 'hotline', 'open311', 'media')),
    count(*) FILTER (WHERE r.first_found_by_public AND c.filed_at IS NOT NULL
                     AND c.state <> 'pending_file'), 0
FROM span, governance_report r JOIN governance_case c ON c.id = r.case_id
WHERE r.reported_at >= a AND r.reported_at < z GROUP BY 2, 3
UNION ALL
SELECT 'visits', c.department_id, date_trunc('month', v.done_at, '{ZONE}'), count(*),
    count(*) FILTER (WHERE v.reached), count(*) FILTER (WHERE v.reached AND v.answered),
    count(*) FILTER (WHERE v.reached AND v.solved),
    count(*) FILTER (WHERE v.reached AND v.satisfied), 0
FROM span, governance_visitback v JOIN governance_case c ON c.id = v.case_id
WHERE v.done_at >= a AND v.done_at < z GROUP BY 2, 3
"""

#: Which of our counts stands in which column of the statement by hand.
SAME: dict[str, tuple[str, ...]] = {
    "cases": ("cases", "not_accepted", "voided", "merged", "self_handled"),
    "accepted": ("should_accepted", "accepted", "accepted_in_time", "accepted_late",
                 "accepted_overdue"),
    "verified": ("should_verified", "verified", "verified_in_time", "verified_late",
                 "verified_overdue"),
    "filed": ("should_filed", "filed", "filed_in_time", "filed_late", "filed_accurate", "reopened"),
    "dispatched": ("should_dispatched", "dispatched", "dispatched_in_time", "dispatched_late",
                   "dispatched_accurate", "dispatched_wrong"),
    "handled": ("should_handled", "handled", "handled_in_time", "handled_overdue", "reworked",
                "rework_times"),
    "asked": ("extended", "suspended", "urged", "supervised", "handled_exempt"),
    "checked": ("should_checked", "checked", "checked_in_time", "checked_late", "checked_overdue"),
    "closed": ("should_closed", "closed", "closed_in_time", "closed_late", "closed_overdue"),
    "forced": ("forced_closed",),
    "reports": ("reports", "collector_reports", "valid_reports", "public_reports",
                "missed_reports"),
    "visits": ("visits", "reached", "answered", "solved", "satisfied"),
}  # fmt: skip


def lines(rounds: int) -> Iterator[Line]:
    """Both, turn by turn, and whether their numbers are the same."""
    rounds = max(rounds // 10, 3)
    mine = measure("department × month, one year", [_ours] * (rounds + 1), warm=1)
    hand = measure("the same by one hand-written statement", [_by_hand] * (rounds + 1), warm=1)
    agree = "equal numbers" if _totals_ours() == _totals_by_hand() else "NUMBERS DIFFER"
    ratio = f"× {mine.p50_ms / hand.p50_ms:.2f} of the hand-written (target ≤ {TARGET:g}); {agree}"
    yield replace(mine, note=ratio)
    yield hand
    for name, options in (
        ("region × month, one year", {"kind": "region", "series": "month"}),
        ("department, one month, compared", {"period": "2025-11", "compare": True}),
        ("department, one day", {"period": "2025-11-20"}),
        ("1,300 communities, one year", {"kind": "region", "level": "community"}),
    ):
        calls = [lambda o=options: _ask(**o)] * (rounds + 1)
        yield measure(name, calls, warm=1)


def _ask(
    kind: str = "department",
    period: str = "2025",
    series: str | None = None,
    compare: bool = False,
    level: str = "district",
) -> Any:
    from chengyun.core.access import Scope
    from chengyun.governance.evaluation.judge import judge, request_of
    from chengyun.governance.evaluation.measures import Kind
    from chengyun.governance.evaluation.periods import Span
    from chengyun.governance.evaluation.request import Filters

    zone = ZoneInfo(ZONE)
    request = request_of(
        Kind(kind), period=period, series=Span(series) if series else None, at=world.NOW, zone=zone,
        scope=Scope.everything(), filters=Filters(), level=level,
    )  # fmt: skip
    return judge(request, scheme=None, compare=zone if compare else None)


def _ours() -> Any:
    return _ask(series="month")


def _by_hand() -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BY_HAND)
        return list(cursor.fetchall())


def _totals_ours() -> dict[str, int]:
    total = _ours().table.total
    codes = [code for names in SAME.values() for code in names]
    return {code: sum(cell.counts[code] for cell in total.cells) for code in codes}


def _totals_by_hand() -> dict[str, int]:
    totals: dict[str, int] = {}
    for what, _, _, *numbers in _by_hand():
        for code, number in zip(SAME[what], numbers, strict=False):
            totals[code] = totals.get(code, 0) + number
    return {code: totals.get(code, 0) for names in SAME.values() for code in names}
