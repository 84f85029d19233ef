"""How a layer is drawn: a small vocabulary, checked word by word, and the legend it implies."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chengyun.core.problems import Invalid

Style = dict[str, Any]

#: What is not said.
USUAL: Final[Style] = {
    "color": "#1b5ccb", "width": 2, "radius": 5, "fill_opacity": 0.25, "outline": None,
    "label": None, "by": None,
}  # fmt: skip
_RANGES = {"width": (1, 20), "radius": (1, 30), "fill_opacity": (0, 1)}
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
#: Most classes of a layer: more colours nobody can tell apart.
MOST_VALUES = 40
_LONGEST = 100


def checked_style(given: Any, fields: Sequence[str]) -> Style:
    """A style with everything said; `fields` are those that a label and classes may name.

    Raises Invalid, with the word that is wrong as its field."""
    if not isinstance(given, Mapping):
        raise _wrong("style", "须为对象", "it must be an object")
    unknown = [str(name) for name in given if name not in USUAL]
    if unknown:
        names = ", ".join(USUAL)
        raise _wrong(
            f"style.{unknown[0][:60]}", "不认识此项", "there is no such word",
            f"可用：{names}", f"use {names}",
        )  # fmt: skip
    style = {**USUAL, **{name: value for name, value in given.items() if value is not None}}
    style["color"] = _color("style.color", style["color"])
    if style["outline"] is not None:
        style["outline"] = _color("style.outline", style["outline"])
    for name, (least, most) in _RANGES.items():
        number = style[name]
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise _wrong(f"style.{name}", "须为数字", "it must be a number")
        if not least <= number <= most:
            raise _wrong(
                f"style.{name}", f"须在 {least} 与 {most} 之间", f"it must be {least} to {most}"
            )
    if style["label"] is not None:
        style["label"] = _field("style.label", style["label"], fields)
    if style["by"] is not None:
        style["by"] = _by(style["by"], fields)
    return style


def legend_of(style: Mapping[str, Any], shape: str, zh: str, en: str) -> list[dict[str, str]]:
    """What the colours mean: `{zh, en, color, shape}` for each, in the order of the style."""
    by = style.get("by")
    color = str(style.get("color", USUAL["color"]))
    if not by:
        return [{"zh": zh, "en": en or zh, "color": color, "shape": shape}]
    entries = [
        {"zh": each["zh"], "en": each["en"], "color": each["color"], "shape": shape}
        for each in by["values"]
    ]
    return [*entries, {"zh": "其他", "en": "Other", "color": by["other"], "shape": shape}]


def _by(given: Any, fields: Sequence[str]) -> Style:
    at = "style.by"
    if not isinstance(given, Mapping):
        raise _wrong(at, "须为对象", "it must be an object")
    unknown = [str(name) for name in given if name not in ("field", "values", "other")]
    if unknown:
        raise _wrong(
            f"{at}.{unknown[0][:60]}", "不认识此项", "there is no such word",
            "可用：field, values, other", "use field, values, other",
        )  # fmt: skip
    field = _field(f"{at}.field", given.get("field"), fields)
    values = given.get("values")
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_VALUES:
        raise _wrong(
            f"{at}.values", f"须列出 1 至 {MOST_VALUES} 个值", f"list 1 to {MOST_VALUES} values"
        )
    classes = [_class(f"{at}.values.{number}", each) for number, each in enumerate(values)]
    seen = [each["value"] for each in classes]
    if len(set(seen)) < len(seen):
        raise _wrong(f"{at}.values", "值有重复", "a value is there twice")
    other = given.get("other")
    return {
        "field": field,
        "values": classes,
        "other": "#8a94a0" if other is None else _color(f"{at}.other", other),
    }


def _class(at: str, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise _wrong(at, "须为对象", "it must be an object")
    unknown = [str(name) for name in given if name not in ("value", "zh", "en", "color")]
    if unknown:
        raise _wrong(f"{at}.{unknown[0][:60]}", "不认识此项", "there is no such word")
    value = given.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(f"{at}.value", "须为文本或数字", "it must be a text or a number")
    value = _text(f"{at}.value", str(value))
    zh = _text(f"{at}.zh", given.get("zh") or given.get("en") or value)
    return {
        "value": value,
        "zh": zh,
        "en": _text(f"{at}.en", given.get("en") or zh),
        "color": _color(f"{at}.color", given.get("color")),
    }


def _color(at: str, value: Any) -> str:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise _wrong(at, "须为 #rrggbb", "it must be #rrggbb")
    return value.lower()


def _text(at: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or "\0" in value:
        raise _wrong(
            at, f"须为至多 {_LONGEST} 个字符的文本", f"a text of {_LONGEST} characters at most"
        )
    return value


def _field(at: str, name: Any, fields: Sequence[str]) -> str:
    if not isinstance(name, str) or name not in fields:
        names = ", ".join(fields) or "—"
        raise _wrong(
            at, "图层没有这个字段", "the layer has no such field",
            f"可用：{names}", f"use {names}",
        )  # fmt: skip
    return name


def _wrong(at: str, zh: str, en: str, remedy_zh: str = "", remedy_en: str = "") -> Invalid:
    return Invalid(
        zh=f"{at}: {zh}。",
        en=f"{at}: {en}.",
        field=at,
        remedy_zh=f"{remedy_zh or '样式的写法见 docs/city/layers.md'}。",
        remedy_en=f"{remedy_en or 'The words of a style are told in docs/city/layers.md'}.",
    )
