"""What pydantic complains of, in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chengyun.core.words import Both, ValueRefused

# The commonest complaints; others are given in English.
_CHINESE = {
    "missing": "必填项缺失",
    "extra_forbidden": "不接受此字段",
    "string_type": "须为文本",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不符：{pattern}",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "float_type": "须为数值",
    "float_parsing": "须为数值",
    "finite_number": "须为有限数值",
    "bool_parsing": "须为 true 或 false",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "须不小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "须不大于 {le}",
    "enum": "须为以下之一：{expected}",
    "literal_error": "须为以下之一：{expected}",
    "datetime_parsing": "不是有效的日期时间",
    "datetime_from_date_parsing": "不是有效的日期时间",
    "timezone_aware": "日期时间须带时区",
    "date_parsing": "不是有效的日期",
    "date_from_datetime_parsing": "不是有效的日期",
    "uuid_parsing": "不是有效的 UUID",
    "list_type": "须为列表",
    "dict_type": "须为对象",
    "too_long": "至多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "json_invalid": "不是有效的 JSON",
}


def complaint(fault: Mapping[str, Any]) -> Both:
    """One of the `errors()` of a ValidationError, in both languages."""
    refused = (fault.get("ctx") or {}).get("error")
    if isinstance(refused, ValueRefused):
        return refused.words
    english = str(fault.get("msg", ""))
    template = _CHINESE.get(fault.get("type", ""))
    if template is None:
        return Both(english, english)
    try:
        return Both(template.format_map(fault.get("ctx") or {}), english)
    except KeyError:
        return Both(template.partition("：")[0], english)


def complaints(error: ValidationError) -> list[Both]:
    """All that is wrong with a document, each with its place."""
    found = []
    for fault in error.errors():
        place, told = ".".join(str(part) for part in fault["loc"]), complaint(dict(fault))
        found.append(Both(f"{place}：{told.zh}", f"{place}: {told.en}"))
    return found
