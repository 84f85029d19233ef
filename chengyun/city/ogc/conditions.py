"""Conditions on the rows of a collection, with every value as a parameter."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chengyun.city.ogc.collection import Collection, Field
from chengyun.city.ogc.moments import moment
from chengyun.city.ogc.refusal import bad

_REMEDY_ZH = {
    "integer": "请写整数。", "number": "请写数字。", "boolean": "请写 true 或 false。",
    "date": "请写日期，例如 2026-05-01。", "date-time": "请写时间，例如 2026-05-01T08:00:00Z。",
    "string": "请写文本。",
}  # fmt: skip
_REMEDY_EN = {
    "integer": "Write a whole number.", "number": "Write a number.",
    "boolean": "Write true or false.", "date": "Write a day such as 2026-05-01.",
    "date-time": "Write a time such as 2026-05-01T08:00:00Z.", "string": "Write a text.",
}  # fmt: skip


class Conditions:
    """What must hold of a row `t` of the collection's table, all of it."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.params: dict[str, Any] = {}
        self._parts: list[str] = []

    @property
    def sql(self) -> str:
        return " AND ".join(self._parts) or "TRUE"

    def add(self, sql: str, params: Mapping[str, Any]) -> None:
        self._parts.append(f"({sql})")
        self.params.update(params)

    def value(self, value: Any) -> str:
        """The placeholder of a value."""
        name = f"v{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def literal(self, each: Field, text: str) -> Any:
        """A value of a field as an address writes it. Raises Problem."""
        try:
            if each.kind == "integer":
                number = int(text)
                if abs(number) >= 1 << 62 or len(text) > 20:
                    raise ValueError
                return number
            if each.kind == "number":
                return _finite(float(text))
            if each.kind == "boolean":
                return {"true": True, "false": False}[text]
            if each.kind == "date":
                return date.fromisoformat(text)
            if each.kind == "date-time":
                return moment(text).first
        except (ValueError, KeyError):
            raise wrong_value(each) from None
        return text

    def compared(self, each: Field, operator: str, values: Sequence[Any]) -> str:
        """A field compared with values: `=`, `<`, … with one, `IN` with several."""
        listed = ", ".join(self.value(value) for value in values)
        return self.about(
            each, f"{{}} IN ({listed})" if operator == "IN" else f"{{}} {operator} {listed}"
        )

    def about(self, each: Field, test: str) -> str:
        """A test of one field, with `{}` where it stands. When the value is another table's, its
        rows are found first, so that the index on our column answers."""
        if each.lookup is None:
            return test.replace("{}", each.sql)
        tested = test.replace("{}", each.sql)
        lookup = each.lookup
        found = f"SELECT r.id FROM {lookup.table} AS r WHERE {tested}"  # noqa: S608
        return f"t.{lookup.column} = ANY (ARRAY({found}))"

    def expression(self, each: Field) -> str:
        """A field's value anywhere in an expression."""
        if each.lookup is None:
            return each.sql
        lookup = each.lookup
        row = f"{lookup.table} AS r WHERE r.id = t.{lookup.column}"
        return f"(SELECT {each.sql} FROM {row})"  # noqa: S608


def _finite(number: float) -> float:
    if number - number != 0:
        raise ValueError("not finite")
    return number


def wrong_value(each: Field) -> Exception:
    return bad(
        f"{each.name} 的值类型不符。", f"The value of {each.name} is not acceptable.",
        field=each.name, remedy_zh=_REMEDY_ZH[each.kind], remedy_en=_REMEDY_EN[each.kind],
    )  # fmt: skip
