"""The ``chengyun`` command. One file per noun; each is read only when its command is called."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import typer

#: Where each file mounts: a noun with a group name, or None when its commands stand alone.
NOUNS: tuple[tuple[str, str | None], ...] = (
    ("server", None),
    ("database", None),
    ("load", None),
    ("import_reports", "import"),
    ("export", "export"),
    ("simulate", "simulate"),
    ("evaluate", "evaluate"),
    ("train", "train"),
    ("make", "make"),
    ("keys", "keys"),
    ("users", "users"),
    ("audit", "audit"),
    ("doctor", None),
)

app = typer.Typer(
    name="chengyun",
    help="Chengyun 城运: the open city operations platform.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _mount() -> None:
    for noun, group in NOUNS:
        if find_spec(f"chengyun.cli.{noun}") is None:
            continue
        module = import_module(f"chengyun.cli.{noun}")
        if hasattr(module, "register"):
            module.register(app)
        else:
            app.add_typer(module.app, name=group)


def main() -> None:
    """Entry point of the ``chengyun`` command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    _mount()
    sys.exit(app())
