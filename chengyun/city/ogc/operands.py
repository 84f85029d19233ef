"""Values inside a CQL2 filter: fields, literals, arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from chengyun.city.ogc.collection import Lookup
from chengyun.city.ogc.conditions import Conditions
from chengyun.city.ogc.moments import moment
from chengyun.city.ogc.refusal import bad, bad_filter

_ARITHMETIC = {"+", "-", "*", "/", "%", "div", "^"}
#: Kinds that are compared with each other.
_FAMILIES = {"integer": "number", "number": "number", "date-time": "time", "date": "time"}


@dataclass(frozen=True)
class Operand:
    """A value as SQL: `outer` anywhere, `inner` where the row `r` of `lookup` is at hand.

    `own` tells that our row is read; a literal has neither a lookup nor `own`. `pattern` is the
    text of a literal."""

    kind: str
    outer: str
    inner: str
    lookups: frozenset[Lookup] = frozenset()
    own: bool = False
    pattern: str | None = None

    @property
    def family(self) -> str:
        return _FAMILIES.get(self.kind, self.kind)


def combined(values: Sequence[Operand], template: str) -> str:
    """A test of values. Where all fields are of one row of another table, its rows are found
    first and the index on our column does the rest."""
    if any(value.kind == "date-time" for value in values):
        values = [_as_time(value) for value in values]
    lookups = frozenset(each for value in values for each in value.lookups)
    if len(lookups) == 1 and not any(value.own for value in values):
        [lookup] = lookups
        tested = template.format(*(value.inner for value in values))
        found = f"SELECT r.id FROM {lookup.table} AS r WHERE {tested}"  # noqa: S608
        return f"(t.{lookup.column} = ANY (ARRAY({found})))"
    return f"({template.format(*(value.outer for value in values))})"


def operand(conditions: Conditions, node: Any, like: Operand | None = None) -> Operand:
    """A value of the tree. Raises Problem."""
    if isinstance(node, bool):
        return _literal(conditions, "boolean", node)
    if isinstance(node, int | float):
        number = float(node)
        if number - number != 0:
            raise bad_filter("数值过大", "a number is too large")
        return _literal(conditions, "number", number)
    if isinstance(node, str):
        return _text(conditions, node, like)
    if not isinstance(node, Mapping):
        raise bad_filter("此处须为值", "a value is needed here")
    if "property" in node:
        return _field(conditions, node["property"])
    for kind in ("date", "timestamp"):
        if kind in node:
            return _time(conditions, node[kind], kind)
    name, args = node.get("op"), node.get("args")
    if isinstance(name, str) and isinstance(args, list):
        return _computed(conditions, name.lower(), args)
    raise bad_filter("此处须为值", "a value is needed here")


def _computed(conditions: Conditions, name: str, args: list[Any]) -> Operand:
    if name == "casei" and len(args) == 1:
        text = operand(conditions, args[0])
        if text.family != "string":
            raise bad_filter("CASEI 须为文本", "CASEI takes a text")
        return Operand(
            "string", f"lower({text.outer})", f"lower({text.inner})", text.lookups, text.own,
            text.pattern,
        )  # fmt: skip
    if name not in _ARITHMETIC:
        raise bad_filter(
            f"没有函数 {name[:40]}，可用 {known_operations()}",
            f"there is no function {name[:40]}; there is {known_operations()}",
        )
    values = [operand(conditions, each) for each in args]
    if name == "-" and len(values) == 1:
        values.insert(0, _literal(conditions, "number", 0.0))
    if len(values) != 2:
        raise bad_filter(f"{name} 须有两个数", f"{name} takes two numbers")
    if any(value.family != "number" for value in values):
        raise bad_filter(f"{name} 须为数", f"{name} takes numbers")
    sides = [[f"({side})::float8" for side in (value.outer, value.inner)] for value in values]
    outer, inner = (_arithmetic(name, sides[0][n], sides[1][n]) for n in (0, 1))
    lookups = values[0].lookups | values[1].lookups
    return Operand("number", outer, inner, lookups, any(value.own for value in values))


def _arithmetic(name: str, left: str, right: str) -> str:
    if name == "^":
        return f"power({left}, {right})"
    if name == "div":
        return f"trunc({left} / {right})"
    if name == "%":
        # There is no remainder of floating numbers in SQL.
        return f"({left} - {right} * trunc({left} / {right}))"
    return f"({left} {name} {right})"


def _field(conditions: Conditions, name: Any) -> Operand:
    each = conditions.collection.field(name) if isinstance(name, str) else None
    if each is None:
        names = ", ".join(field.name for field in conditions.collection.fields)
        raise bad(
            f"没有属性 {str(name)[:60]}。",
            f"There is no property {str(name)[:60]}.",
            field="filter",
            remedy_zh=f"可用：{names}，以及几何 geometry（用于 S_ 函数）。",
            remedy_en=f"Use: {names}, and geometry in the S_ functions.",
        )
    if each.lookup is None:
        return Operand(each.kind, each.sql, each.sql, own=True)
    return Operand(each.kind, conditions.expression(each), each.sql, frozenset({each.lookup}))


def _literal(conditions: Conditions, kind: str, value: Any) -> Operand:
    cast = {"number": "::float8", "boolean": "::boolean", "string": "::text"}.get(kind, "")
    placeholder = conditions.value(value) + cast
    return Operand(kind, placeholder, placeholder, pattern=value if kind == "string" else None)


def _text(conditions: Conditions, text: str, like: Operand | None) -> Operand:
    if "\0" in text:
        raise bad_filter("文本含空字符", "a text has a NUL character")
    if like is not None and like.family == "time":
        return _time(conditions, text, "date" if len(text) == 10 else "timestamp")
    return _literal(conditions, "string", text)


def _time(conditions: Conditions, text: Any, kind: str) -> Operand:
    try:
        if not isinstance(text, str):
            raise ValueError
        at = moment(text).first
        if at is None or (kind == "date") != (len(text) == 10):
            raise ValueError
    except ValueError:
        shown = str(text)[:40]
        raise bad(
            f"{shown} 不是有效的日期或时间。",
            f"{shown} is no day and no time.",
            field="filter",
            remedy_zh="请写作 DATE('2026-05-01') 或 TIMESTAMP('2026-05-01T08:00:00Z')。",
            remedy_en="Write DATE('2026-05-01') or TIMESTAMP('2026-05-01T08:00:00Z').",
        ) from None
    if kind == "date":
        day: date = at.date()
        return _literal(conditions, "date", day)
    return _literal(conditions, "date-time", at.astimezone(UTC))


def _as_time(value: Operand) -> Operand:
    """A day beside a time is its first moment, in UTC."""
    if value.kind != "date":
        return value
    outer, inner = (
        f"(({sql})::timestamp AT TIME ZONE 'UTC')" for sql in (value.outer, value.inner)
    )
    return Operand("date-time", outer, inner, value.lookups, value.own)


def known_operations() -> str:
    return (
        "= <> < <= > >= LIKE BETWEEN IN IS NULL AND OR NOT CASEI + - * / % DIV ^ "
        "S_INTERSECTS S_EQUALS S_DISJOINT S_TOUCHES S_WITHIN S_OVERLAPS S_CROSSES S_CONTAINS, T_…"
    )
