"""``chengyun simulate``: a synthetic city and its days."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="A synthetic city, its days and its history.")


class ScaleName(StrEnum):
    """Sizes of a synthetic city."""

    small = "small"
    demo = "demo"
    full = "full"


@app.command()
def city(
    out: Annotated[Path, typer.Argument(help="Folder to write; made when it is missing.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    scale: Annotated[
        ScaleName,
        typer.Option(help="small: 300 grids · demo: 5,000 · full: 22,000 and 2.5 M components"),
    ] = ScaleName.demo,
) -> None:
    """Write the city folder of a synthetic Qingdao."""
    from chengyun.simulation.city import write_city
    from chengyun.simulation.showing import bar

    started = time.monotonic()
    with bar() as progress:
        counts = write_city(out, seed=seed, scale=scale.value, progress=progress)
    for name, count in counts.items():
        typer.echo(f"{name:24} {count:>10,}")
    typer.echo(f"{out} written in {time.monotonic() - started:.1f} s")
