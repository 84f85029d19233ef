"""``chengyun import components`` and ``addresses``: files of points into a loaded city."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chengyun.city.coordinates import System
    from chengyun.city.load.imports import ImportOutcome

File = Annotated[Path, typer.Argument(help="CSV or GeoJSON of points, plain or gzip.", exists=True)]
SystemName = Annotated[
    str, typer.Option("--system", help="Coordinates of the file: cgcs2000, wgs84, gcj02 or bd09.")
]
Encoding = Annotated[str, typer.Option(help="Encoding of a CSV file, for example gb18030.")]


def components(
    file: File,
    system: SystemName = "cgcs2000",
    encoding: Encoding = "utf-8",
    edition: Annotated[
        str | None, typer.Option(help="Edition of the codes; the city's own unless given.")
    ] = None,
) -> None:
    """Import components. Known codes are updated; bad rows land in FILE.rejected.csv."""
    from chengyun.city.load.imports import import_components
    from chengyun.cli.session import command_actor

    with _explained():
        outcome = import_components(
            file,
            actor=command_actor(),
            system=_system(system),
            edition=edition,
            encoding=encoding,
        )
    _tell(file, outcome)


def addresses(file: File, system: SystemName = "cgcs2000", encoding: Encoding = "utf-8") -> None:
    """Import addresses. Known ones are updated; bad rows land in FILE.rejected.csv."""
    from chengyun.city.load.imports import import_addresses
    from chengyun.cli.session import command_actor

    with _explained():
        outcome = import_addresses(
            file, actor=command_actor(), system=_system(system), encoding=encoding
        )
    _tell(file, outcome)


@contextmanager
def _explained() -> Iterator[None]:
    """A file that cannot be read is told in one sentence each; nothing was changed."""
    from chengyun.city.load import LoadRefused

    try:
        yield
    except LoadRefused as refused:
        typer.echo(refused.problems.summary(), err=True)
        raise typer.Exit(1) from None


def _system(name: str) -> "System":
    from chengyun.city.coordinates import System

    try:
        return System.parse(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--system") from None


def _tell(file: Path, outcome: "ImportOutcome") -> None:
    count = outcome.count
    typer.echo(
        f"{file}: {count.created:,} new, {count.changed:,} changed, "
        f"{count.unchanged:,} the same, {outcome.rejected:,} rejected."
    )
    if outcome.rejected_file is not None:
        typer.echo(f"The rejected rows with their reasons: {outcome.rejected_file}")
