"""``chengyun load``: a city folder into the database, everything or nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chengyun.city.load import LoadReport
    from chengyun.city.load.report import Progress
    from chengyun.core.actor import Actor


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(rich_help_panel="Data")
    def load(
        city: Annotated[
            str,
            typer.Argument(help="A city folder, or the name of one under cities/ or examples/."),
        ],
    ) -> None:
        """Load a city folder. Nothing is half-loaded; loading again changes only what differs."""
        from chengyun.city.load import LoadRefused
        from chengyun.cli.session import command_actor

        folder = find_folder(city)
        try:
            with _Shown() as progress:
                report = load_folder(folder, actor=command_actor(), progress=progress)
        except LoadRefused as refused:
            typer.echo(refused.problems.summary(), err=True)
            typer.secho(
                f"{folder} was not loaded: {len(refused.problems)} mistakes. Nothing was changed.",
                fg=typer.colors.RED,
                err=True,
            )
            raise typer.Exit(1) from None
        _tell(folder, report)


def find_folder(city: str) -> Path:
    """The folder that a person means: a path, or a name under `cities/` or `examples/`."""
    for candidate in (Path(city), Path("cities") / city, Path("examples") / city):
        if candidate.is_dir():
            return candidate
    raise typer.BadParameter(f"there is no city folder {city}", param_hint="CITY")


def load_folder(folder: Path, *, actor: "Actor", progress: "Progress") -> "LoadReport":
    """Load the city's and the governance part of a folder in one transaction."""
    from django.conf import settings
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from chengyun.city.load import FolderReader, load_city
    from chengyun.governance.load import load_governance
    from chengyun.open311.load import load_open311

    reader = FolderReader(folder)
    password = None
    if reader.city.get("demo_accounts") is True:
        # One hash for all: thousands of Argon2 runs would take minutes.
        password = make_password(settings.CHENGYUN.demo_password.get_secret_value())
    with transaction.atomic():
        report = load_city(reader, actor=actor, progress=progress, encoded_password=password)
        progress("standards", 0, None)
        report.add(load_governance(reader, actor=actor))
        progress("Open311 services", 0, None)
        report.add(load_open311(reader, actor=actor))
        reader.problems.raise_if_any()
    return report


class _Shown:
    """Shows the running step on a terminal; silent in a pipe."""

    def __enter__(self) -> "Progress":
        from rich.console import Console
        from rich.progress import Progress as Bar
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.completed:,}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not Console(stderr=True).is_terminal,
        )
        self._bar.start()
        self._task = self._bar.add_task("reading", total=None)

        def show(step: str, done: int, total: int | None) -> None:
            self._bar.update(self._task, description=step, completed=done, total=total)

        return show

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _tell(folder: Path, report: "LoadReport") -> None:
    for note in report.notes:
        typer.secho(f"Note: {note}", fg=typer.colors.YELLOW)
    if not report.changed:
        typer.echo(f"{folder} is loaded already; nothing changed.")
        return
    typer.echo(f"{'':24}{'new':>12}{'changed':>12}{'same':>12}")
    for name, count in report.counts.items():
        typer.echo(f"{name:24}{count.created:>12,}{count.changed:>12,}{count.unchanged:>12,}")
    typer.echo(f"{folder} is loaded.")
