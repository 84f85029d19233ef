"""The list of commands as a page of the documentation."""

from collections.abc import Iterator
from typing import Any

import typer

INTRODUCTION = """# Commands

Everything is done by one command, `chengyun`; `chengyun COMMAND --help` tells the same as this
page. Every command starts the private database when it is down and stops it again when it ends.
Exit codes: 0 done, 1 refused or failed (one sentence says why), 2 wrongly typed, 3 not running.
This page is written by `make reference`; a test keeps it current.
"""


def commands_page(app: typer.Typer) -> str:
    """``docs/commands.md``."""
    parts = [INTRODUCTION]
    for words, command in _walk(typer.main.get_command(app), ()):
        parts.append(f"## `chengyun {' '.join(words)}`\n\n{_text(command.help)}\n")
        rows = [_row(param) for param in command.params if not getattr(param, "hidden", False)]
        if rows:
            parts.append(
                "\n".join(["| Argument | Meaning | Default |", "|---|---|---|", *rows]) + "\n"
            )
    return "\n".join(parts)


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in sorted(getattr(command, "commands", {}).items()):
        if child.hidden:
            continue
        if hasattr(child, "commands"):
            yield from _walk(child, (*path, name))
        else:
            yield (*path, name), child


def _row(param: Any) -> str:
    argument = param.param_type_name == "argument"
    name = str(param.metavar or param.name).upper() if argument else param.opts[-1]
    if param.secondary_opts:
        name += f" / {param.secondary_opts[-1]}"
    default = param.default
    known = default not in (None, "", False, ()) and not callable(default)
    shown = f"`{getattr(default, 'value', default)}`" if known else ""
    shown = "required" if param.required else shown
    return f"| `{name}` | {_text(getattr(param, 'help', ''))} | {shown} |"


def _text(text: str | None) -> str:
    """Help as one paragraph that a table can hold."""
    return " ".join((text or "").split()).replace("|", "\\|")
