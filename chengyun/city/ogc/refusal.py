"""Refusals as the standard wants them: a parameter that is not acceptable is 400."""

from chengyun.core.problems import Problem


def bad(
    zh: str, en: str, *, field: str | None = None, remedy_zh: str = "", remedy_en: str = ""
) -> Problem:
    """What the caller wrote cannot be understood."""
    return Problem(
        type="urn:chengyun:problem:invalid",
        zh=zh,
        en=en,
        field=field,
        remedy_zh=remedy_zh,
        remedy_en=remedy_en,
    )


def bad_filter(zh: str, en: str) -> Problem:
    """A filter that says what the collection cannot be asked."""
    return bad(
        f"过滤条件有误：{zh}。",
        f"The filter is not right: {en}.",
        field="filter",
        remedy_zh="可过滤的属性见该集合的 queryables。",
        remedy_en="The collection's queryables list what may be asked for.",
    )
