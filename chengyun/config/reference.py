"""The list of settings, for people: as a page of the documentation and with values in force."""

from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from chengyun.config.environment import Environment

INTRODUCTION = """# Settings

Every setting is read from the environment, else from `chengyun.env` in the `var` folder, else it
has its default. Lists are written with commas. `chengyun settings` shows the values in force.
This page is written by `make reference`; a test keeps it current.
"""


def variable(name: str) -> str:
    """The environment variable of a field."""
    return "DATABASE_URL" if name == "database_url" else f"CHENGYUN_{name.upper()}"


def _kind(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    options = [str(part) for part in get_args(annotation) if isinstance(part, str)]
    if options:
        return " or ".join(f"`{option}`" for option in options)
    names = {bool: "true or false", int: "whole number", str: "text", SecretStr: "secret"}
    if annotation in names:
        return names[annotation]
    return "list" if "list" in str(annotation) else "path"


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        made = field.default_factory() if field.annotation == list[str] else None  # type: ignore[call-arg]
        return f"`{','.join(made)}`" if made else ""
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in (None, "", PydanticUndefined):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def settings_page() -> str:
    """``docs/settings.md``."""
    lines = [INTRODUCTION, "| Setting | Kind | Default | Meaning |", "|---|---|---|---|"]
    for name, field in Environment.model_fields.items():
        meaning = (field.description or "").replace("|", "\\|")
        lines.append(f"| `{variable(name)}` | {_kind(field)} | {_default(field)} | {meaning} |")
    return "\n".join(lines) + "\n"


def settings_table(current: Environment) -> str:
    """Every variable with its value in force; a secret only says whether it is set."""
    lines = []
    for name, field in Environment.model_fields.items():
        value = getattr(current, name)
        if "SecretStr" in str(field.annotation):
            shown = "(set)" if str(value) not in ("", "[]") else "(not set)"
        elif name == "database_url" and value:
            from psycopg.conninfo import conninfo_to_dict, make_conninfo

            parts = conninfo_to_dict(value)
            parts.pop("password", None)
            shown = make_conninfo("", **parts)
        else:
            shown = ",".join(value) if isinstance(value, list) else str(value)
        lines.append(f"{variable(name)}={shown}")
    return "\n".join(lines)
