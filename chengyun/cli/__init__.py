"""The ``chengyun`` command. One file per noun; each is read only when its command is called."""

import os
import sys
from importlib import import_module

import typer

#: Where each file mounts: a noun with a group name, or None when its commands stand alone.
NOUNS: tuple[tuple[str, str | None], ...] = (
    ("server", None),
    ("database", None),
    ("demo", None),
    ("load", None),
    ("imports", "import"),
    ("surveys", "surveys"),
    ("layers", "layers"),
    ("export", "export"),
    ("simulate", "simulate"),
    ("evaluate", "evaluate"),
    ("train", "train"),
    ("make", "make"),
    ("keys", "keys"),
    ("users", "users"),
    ("audit", "audit"),
    ("check", "check"),
    ("alarms", "alarms"),
    ("open311", "open311"),
    ("doctor", None),
)

app = typer.Typer(
    name="chengyun",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(context: typer.Context) -> None:
    """Chengyun 城运: the open city operations platform."""
    from chengyun.cli.session import WITHOUT_DJANGO, open_session, wants_help

    if context.invoked_subcommand not in WITHOUT_DJANGO and not wants_help():
        open_session()


def mount() -> typer.Typer:
    """The complete command: every noun's commands added."""
    for noun, group in NOUNS:
        module = import_module(f"chengyun.cli.{noun}")
        if isinstance(getattr(module, "app", None), typer.Typer):
            app.add_typer(module.app, name=group)
        else:
            module.register(app)
    return app


def call(*arguments: str) -> None:
    """Run one command inside this process, as if typed."""
    result = typer.main.get_command(app).main(list(arguments), standalone_mode=False)
    if isinstance(result, int) and result:
        raise SystemExit(result)


def main() -> None:
    """Entry point of the ``chengyun`` command: every failure a person can mend is one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    try:
        mount()()
    except Exception as failure:
        sentence = _sentence(failure)
        if sentence is None or os.environ.get("CHENGYUN_DEBUG") == "true":
            raise
        typer.secho(sentence, fg=typer.colors.RED, err=True)
        sys.exit(1)


def _sentence(failure: Exception) -> str | None:
    """What to tell a person about this failure; None for a defect, whose traceback is wanted."""
    from pydantic import ValidationError

    from chengyun.config.language import refusal, said
    from chengyun.core.complaints import complaint
    from chengyun.core.words import ValueRefused
    from chengyun.server.postgres import ServerError

    if isinstance(failure, ServerError):
        return str(failure)
    if isinstance(failure, ValidationError) and failure.title == "Environment":
        bad = failure.errors()[0]
        name = "_".join(str(part) for part in bad["loc"]).upper()
        reason = said(*complaint(dict(bad)))
        name = f"CHENGYUN_{name.removeprefix('CHENGYUN_')}"
        return said(f"设置 {name}：{reason}", f"Setting {name}: {reason}")
    if isinstance(failure, ValueRefused):
        return said(*failure.words)
    if isinstance(failure, FileNotFoundError):
        name = failure.filename
        return said(f"没有 {name}", f"There is no {name}")
    if "django" in sys.modules:
        from django.db import OperationalError

        if isinstance(failure, OperationalError):
            why = str(failure).splitlines()[0]
            return said(f"数据库没有应答：{why}", f"The database does not answer: {why}")
        if "chengyun.core.problems" in sys.modules:
            problem = sys.modules["chengyun.core.problems"].Problem
            if isinstance(failure, problem):
                return refusal(failure)
    return None
