"""CQL2 (text and JSON) as SQL on a collection, every value a parameter.

The text is parsed by `cql2`; its JSON form is the tree that is compiled here. What is not known
is refused by name. Deep and long filters are refused before anything walks them.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cql2 import ParseError, parse_text

from chengyun.city.ogc.conditions import Conditions
from chengyun.city.ogc.crs import Crs
from chengyun.city.ogc.operands import Operand, combined, known_operations, operand
from chengyun.city.ogc.refusal import bad, bad_filter
from chengyun.city.ogc.shapes import GEOMETRY, shape_operand
from chengyun.city.ogc.stretches import TEMPORAL, temporal

LANGUAGES = ("cql2-text", "cql2-json")
#: A filter is refused beyond these: characters, signs and words that nest, levels, nodes.
LONGEST, MOST_SIGNS, DEEPEST, MOST_NODES = 16_000, 300, 40, 2_000
#: What nests in the text; quoted texts are taken out before.
_SIGNS = re.compile(r"[()+*/%^=<>-]|\b(?:not|and|or|div|in|like|between|is)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
#: A run of coordinates; they do not nest.
_NUMBER = re.compile(r"(?<=[\s,(])-(?=\d)")

_COMPARED = {"=", "<>", "<", "<=", ">", ">="}
_SPATIAL = {
    "s_intersects": "ST_Intersects", "s_equals": "ST_Equals", "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches", "s_within": "ST_Within", "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses", "s_contains": "ST_Contains",
}  # fmt: skip


def compiled(conditions: Conditions, text: str, language: str | None, crs: Crs) -> str:
    """The SQL of a filter; its values are added to `conditions`. Raises Problem."""
    language = language or "cql2-text"
    if language not in LANGUAGES:
        raise bad(
            f"不支持过滤语言 {language[:40]}。",
            f"The filter language {language[:40]} is not supported.",
            field="filter-lang",
            remedy_zh=f"可用：{', '.join(LANGUAGES)}。",
            remedy_en=f"Use one of: {', '.join(LANGUAGES)}.",
        )
    if not text:
        return "TRUE"
    if len(text) > LONGEST:
        raise _too_much(f"至多 {LONGEST} 个字符", f"{LONGEST} characters at most")
    tree = _from_text(text) if language == "cql2-text" else _from_json(text)
    _measure(tree)
    return _Compiler(conditions, crs).predicate(tree)


def _from_text(text: str) -> Any:
    plain = _NUMBER.sub("", _QUOTED.sub("''", text))
    if len(_SIGNS.findall(plain)) > MOST_SIGNS:
        raise _too_much(f"至多 {MOST_SIGNS} 个运算与括号", f"{MOST_SIGNS} operators at most")
    try:
        return parse_text(text).to_json()
    except ParseError as error:
        where = re.search(r"--> \d+:(\d+)", str(error))
        at = int(where[1]) if where else 1
        raise bad(
            f"CQL2 文本有误，在第 {at} 个字符处。",
            f"The CQL2 text is not right at character {at}.",
            field="filter",
            remedy_zh="例如：state = 'damaged' AND changed_on >= DATE('2026-01-01')。",
            remedy_en="Write for example: state = 'damaged' AND changed_on >= DATE('2026-01-01').",
        ) from None


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise _too_much(f"至多 {DEEPEST} 层", f"{DEEPEST} levels at most") from None
    except ValueError as error:
        raise bad(
            f"CQL2 JSON 有误：{error}。",
            f"The CQL2 is not JSON: {error}.",
            field="filter",
            remedy_zh='例如：{"op":"=","args":[{"property":"state"},"damaged"]}。',
            remedy_en='Write for example: {"op":"=","args":[{"property":"state"},"damaged"]}.',
        ) from None


def _measure(tree: Any) -> None:
    nodes, level = 0, [tree]
    for _ in range(DEEPEST + 1):
        nodes += len(level)
        if nodes > MOST_NODES:
            raise _too_much(f"至多 {MOST_NODES} 个节点", f"{MOST_NODES} nodes at most")
        below: list[Any] = []
        for node in level:
            # Coordinates are measured with the geometry they belong to.
            if isinstance(node, Mapping) and "coordinates" not in node and "bbox" not in node:
                below += node.values()
            elif isinstance(node, list):
                below += node
        level = [node for node in below if isinstance(node, Mapping | list)]
        if not level:
            return
    raise _too_much(f"至多 {DEEPEST} 层", f"{DEEPEST} levels at most")


def _too_much(zh: str, en: str) -> Exception:
    return bad(
        f"过滤条件过大或嵌套过深：{zh}。",
        f"The filter is too large or too deep: {en}.",
        field="filter",
        remedy_zh="请简化条件，或分几次查询。",
        remedy_en="Make it simpler, or ask in several steps.",
    )


class _Compiler:
    """Compiles one tree; nothing of it but names of fields and operators reaches the SQL."""

    def __init__(self, conditions: Conditions, crs: Crs) -> None:
        self.conditions, self.crs = conditions, crs

    def predicate(self, node: Any) -> str:
        """The SQL of something that is true or not."""
        if isinstance(node, bool):
            return "TRUE" if node else "FALSE"
        if not isinstance(node, Mapping):
            raise bad_filter("此处须为条件", "a condition is needed here")
        if "property" in node:
            value = self.operand(node)
            if value.kind != "boolean":
                raise bad_filter(
                    f"{node['property']} 不是真假值", f"{node['property']} is no boolean"
                )
            return combined([value], "{0}")
        operation, args = self._operation(node)
        if operation in ("and", "or"):
            if len(args) < 2:
                raise bad_filter(f"{operation} 须有两个条件", f"{operation} needs two conditions")
            return "(" + f" {operation.upper()} ".join(self.predicate(a) for a in args) + ")"
        compile_ = self._predicates().get(operation)
        if compile_ is None:
            raise bad_filter(
                f"不支持 {operation[:40]}，可用 {known_operations()}",
                f"{operation[:40]} is not known here; there is {known_operations()}",
            )
        return compile_(operation, args)

    def _predicates(self) -> dict[str, Callable[[str, list[Any]], str]]:
        return {
            "not": self._not,
            **dict.fromkeys(_COMPARED, self._compare),
            "like": self._like,
            "between": self._between,
            "in": self._in,
            "isnull": self._is_null,
            **dict.fromkeys(_SPATIAL, self._spatial),
            **dict.fromkeys(TEMPORAL, self._temporal),
        }

    def operand(self, node: Any, like: Operand | None = None) -> Operand:
        """A value; a text beside a day or a time (`like`) is read as one."""
        return operand(self.conditions, node, like)

    def _operation(self, node: Mapping[str, Any]) -> tuple[str, list[Any]]:
        name, args = node.get("op"), node.get("args")
        if not isinstance(name, str) or not isinstance(args, list):
            raise bad_filter("每个条件须有 op 与 args", "every condition needs op and args")
        return name.lower(), args

    def _args(self, operation: str, args: list[Any], number: int) -> list[Any]:
        if len(args) != number:
            raise bad_filter(f"{operation} 须有 {number} 项", f"{operation} takes {number} values")
        return args

    def _alike(self, args: list[Any]) -> list[Operand]:
        """Values that can be compared with each other."""
        first = next((a for a in args if isinstance(a, Mapping)), None)
        model = None if first is None else self.operand(first)
        values = [self.operand(a, model) for a in args]
        kinds = {value.family for value in values} - {"null"}
        if len(kinds) > 1:
            listed = ", ".join(sorted(kinds))
            raise bad_filter(f"类型不同，无法比较：{listed}", f"these cannot be compared: {listed}")
        if "geometry" in kinds:
            raise bad_filter("几何须用 S_ 函数比较", "compare geometries with the S_ functions")
        return values

    def _not(self, operation: str, args: list[Any]) -> str:
        [inner] = self._args(operation, args, 1)
        return f"(NOT {self.predicate(inner)})"

    def _compare(self, operation: str, args: list[Any]) -> str:
        left, right = self._alike(self._args(operation, args, 2))
        return combined([left, right], f"{{0}} {operation} {{1}}")

    def _like(self, operation: str, args: list[Any]) -> str:
        value, pattern = self._alike(self._args(operation, args, 2))
        if value.family != "string" or pattern.pattern is None:
            raise bad_filter("LIKE 须为文本属性与文本模式", "LIKE takes a text and a pattern")
        # A last backslash would escape nothing, which the database refuses.
        ending = len(pattern.pattern) - len(pattern.pattern.rstrip("\\"))
        if ending % 2:
            raise bad_filter("模式不能以反斜杠结尾", "a pattern cannot end with a backslash")
        return combined([value, pattern], "{0} LIKE {1}")

    def _between(self, operation: str, args: list[Any]) -> str:
        values = self._alike(self._args(operation, args, 3))
        return combined(values, "{0} BETWEEN {1} AND {2}")

    def _in(self, operation: str, args: list[Any]) -> str:
        value, choices = self._args(operation, args, 2)
        if not isinstance(choices, list) or not choices:
            raise bad_filter("IN 须有一个列表", "IN takes a list")
        values = self._alike([value, *choices])
        places = ", ".join(f"{{{n}}}" for n in range(1, len(values)))
        return combined(values, f"{{0}} IN ({places})")

    def _is_null(self, operation: str, args: list[Any]) -> str:
        [node] = self._args(operation, args, 1)
        if isinstance(node, Mapping) and node.get("property") == GEOMETRY:
            return f"({self.conditions.collection.geom} IS NULL)"
        value = self.operand(node)
        return f"({value.outer} IS NULL)"

    def _spatial(self, operation: str, args: list[Any]) -> str:
        left, right = (
            shape_operand(self.conditions, node, self.crs)
            for node in self._args(operation, args, 2)
        )
        return f"{_SPATIAL[operation]}({left}, {right})"

    def _temporal(self, operation: str, args: list[Any]) -> str:
        return temporal(self.conditions, operation, self._args(operation, args, 2))
