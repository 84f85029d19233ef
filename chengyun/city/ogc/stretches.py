"""The temporal functions of CQL2: how two stretches of time lie to each other.

Every value becomes its first and its last moment. A day lasts from its first moment to its last
one, in UTC; an open end reaches forever.
"""

from collections.abc import Mapping
from typing import Any

from chengyun.city.ogc.conditions import Conditions
from chengyun.city.ogc.operands import Operand, operand
from chengyun.city.ogc.refusal import bad

# a and b begin at a0, b0 and end at a1, b1.
_TESTS = {
    "t_after": "{a0} > {b1}",
    "t_before": "{a1} < {b0}",
    "t_contains": "{a0} < {b0} AND {a1} > {b1}",
    "t_disjoint": "{a1} < {b0} OR {a0} > {b1}",
    "t_during": "{a0} > {b0} AND {a1} < {b1}",
    "t_equals": "{a0} = {b0} AND {a1} = {b1}",
    "t_finishedby": "{a0} < {b0} AND {a1} = {b1}",
    "t_finishes": "{a0} > {b0} AND {a1} = {b1}",
    "t_intersects": "{a0} <= {b1} AND {a1} >= {b0}",
    "t_meets": "{a1} = {b0}",
    "t_metby": "{a0} = {b1}",
    "t_overlappedby": "{a0} > {b0} AND {a0} < {b1} AND {a1} > {b1}",
    "t_overlaps": "{a0} < {b0} AND {a1} > {b0} AND {a1} < {b1}",
    "t_startedby": "{a0} = {b0} AND {a1} > {b1}",
    "t_starts": "{a0} = {b0} AND {a1} < {b1}",
}
TEMPORAL = tuple(_TESTS)
_FOREVER = ("-infinity", "infinity")


def temporal(conditions: Conditions, operation: str, args: list[Any]) -> str:
    """The SQL of a temporal function. Raises Problem."""
    (a0, a1), (b0, b1) = (_ends(conditions, node) for node in args)
    return f"({_TESTS[operation].format(a0=a0, a1=a1, b0=b0, b1=b1)})"


def _ends(conditions: Conditions, node: Any) -> tuple[str, str]:
    if isinstance(node, Mapping) and "interval" in node:
        parts = node["interval"]
        if not isinstance(parts, list) or len(parts) != 2:
            raise _fault()
        ends = [_end(conditions, *each) for each in zip(parts, _FOREVER, strict=True)]
        told = [end for end, part in zip(ends, parts, strict=True) if isinstance(part, Mapping)]
        first, last = (
            _open(end, forever, told) for end, forever in zip(ends, _FOREVER, strict=True)
        )
        return first, last
    return _end(conditions, node, "-infinity"), _end(conditions, node, "infinity")


def _open(end: str, forever: str, told: list[str]) -> str:
    """An end that is not told is open: what has not ended yet. Where no end is told, nothing is
    known of the stretch."""
    opened = f"coalesce({end}, '{forever}'::timestamptz)"
    if not told:
        return opened
    return f"CASE WHEN coalesce({', '.join(told)}) IS NOT NULL THEN {opened} END"


def _end(conditions: Conditions, node: Any, forever: str) -> str:
    if node in ("..", ""):
        return f"'{forever}'::timestamptz"
    # Texts inside an interval are days or times.
    if isinstance(node, str):
        node = {"date" if len(node) == 10 else "timestamp": node}
    value: Operand = operand(conditions, node)
    if value.family != "time":
        raise _fault()
    sql = value.outer
    if value.kind == "date":
        day = f"(({sql})::timestamp AT TIME ZONE 'UTC')"
        sql = day if forever == "-infinity" else f"({day} + interval '1 day - 1 microsecond')"
    return sql


def _fault() -> Exception:
    return bad(
        "时间函数的参数无效。",
        "A temporal function takes days, times and intervals.",
        field="filter",
        remedy_zh="例如：T_AFTER(changed_on, DATE('2026-01-01')) 或 "
        "T_DURING(changed_on, INTERVAL('2026-01-01', '..'))。",
        remedy_en="Write T_AFTER(changed_on, DATE('2026-01-01')) or "
        "T_DURING(changed_on, INTERVAL('2026-01-01', '..')).",
    )
