"""The command line: every command explains itself, and every one is in the documentation."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from chengyun.cli import app, mount
from chengyun.cli.reference import commands_page

runner = CliRunner()
#: What a person is promised to find.
PROMISED = (
    "up", "down", "status", "migrate", "load", "import reports", "export openapi",
    "simulate city", "simulate day", "evaluate", "train classifier", "audit verify", "doctor",
    "make grid", "keys rotate", "commands", "settings",
)  # fmt: skip


def _walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield (*path, name), child
            yield from _walk(child, (*path, name))


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    """Every command by its words."""
    if not app.registered_commands:
        mount()
    return {" ".join(path): command for path, command in _walk(typer.main.get_command(app))}


def test_every_command_helps(commands: dict[str, Any]) -> None:
    for words in commands:
        result = runner.invoke(app, [*words.split(), "--help"])
        assert result.exit_code == 0, f"{words}: {result.output}"


def test_every_command_and_option_says_what_it_does(commands: dict[str, Any]) -> None:
    mute = [words for words, command in commands.items() if not (command.help or "").strip()]
    assert not mute
    options = [
        f"{words} {option.name}"
        for words, command in commands.items()
        for option in command.params
        if not getattr(option, "help", None)
    ]
    assert not options


def test_every_promised_command_exists(commands: dict[str, Any]) -> None:
    missing = [
        words
        for words in PROMISED
        if words not in commands and not any(name.startswith(f"{words} ") for name in commands)
    ]
    assert not missing


def test_every_command_is_in_the_documentation(commands: dict[str, Any], root: Path) -> None:
    page = (root / "docs" / "commands.md").read_text(encoding="utf-8")
    ends = [words for words, command in commands.items() if not hasattr(command, "commands")]
    missing = [words for words in ends if f"`chengyun {words}`" not in page]
    assert not missing
    assert page == commands_page(app), "make reference writes it anew"


def test_help_is_quick_because_it_loads_no_models() -> None:
    code = (
        "import sys; sys.argv = ['chengyun', 'up', '--help']\n"
        "from chengyun.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "bad = [m for m in ('django.db', 'numpy', 'sklearn', 'jieba') if m in sys.modules]\n"
        "sys.exit(', '.join(bad) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_command_is_not_bound_by_the_webs_statement_timeout(root: Path) -> None:
    """Asked of the whole command as it is typed: an import may run for hours."""
    program = (
        "import sys, atexit\n"
        "sys.argv = ['chengyun', 'export', 'openapi', '--check']\n"
        "from chengyun.cli import main\n"
        "def show():\n"
        "    from django.conf import settings\n"
        "    print(settings.DATABASES['default']['OPTIONS']['options'])\n"
        "atexit.register(show)\n"
        "main()\n"
    )
    outer = {k: v for k, v in os.environ.items() if k != "CHENGYUN_STATEMENT_TIMEOUT_MS"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=outer, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert "statement_timeout=0" in done.stdout
