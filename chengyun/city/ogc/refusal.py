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
