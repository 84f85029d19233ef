"""``chengyun simulate``: a synthetic city and its days."""

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengyun.config.language import said

if TYPE_CHECKING:
    from chengyun.simulation.day import Played

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
    components: Annotated[
        int, typer.Option(help="How many components; 0: those of the scale.", min=0, max=5_000_000)
    ] = 0,
) -> None:
    """Write the city folder of a synthetic Qingdao."""
    from chengyun.simulation.city import write_city
    from chengyun.simulation.showing import bar

    started = time.monotonic()
    with bar() as progress:
        counts = write_city(
            out, seed=seed, scale=scale.value, components=components or None, progress=progress
        )
    for name, count in counts.items():
        typer.echo(f"{name:24} {count:>10,}")
    seconds = f"{time.monotonic() - started:.1f}"
    typer.echo(said(f"{out} 已写出，用时 {seconds} 秒", f"{out} written in {seconds} s"))


@app.command()
def day(
    date: Annotated[
        str, typer.Option(help="The day to play, 2026-11-22; today when left out.")
    ] = "",
    cases: Annotated[
        int, typer.Option(help="How many reports come in; 0: as many as the real city has.")
    ] = 300,
    seed: Annotated[int, typer.Option(help="The same seed plays the same day.")] = 1,
    until: Annotated[
        str, typer.Option(help="Stop at this time, 15:30; today never goes beyond now.")
    ] = "",
    again: Annotated[bool, typer.Option(help="Play a day that was played before.")] = False,
) -> None:
    """Play a working day of the loaded city through the real actions."""
    from chengyun.simulation.day import play_day
    from chengyun.simulation.moments import end_of_play, the_day
    from chengyun.simulation.showing import bar

    played_day = the_day(date)
    with bar() as progress:
        played = play_day(
            played_day,
            cases=cases or None,
            seed=seed,
            until=end_of_play(played_day, until),
            again=again,
            progress=progress,
        )
    _tell(played)


@app.command()
def history(
    days: Annotated[int, typer.Option(help="How many days up to yesterday.")] = 30,
    per_day: Annotated[int, typer.Option(help="Reports on a mean day.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed plays the same days.")] = 1,
) -> None:
    """Play the days before today, so that the city has a past."""
    from datetime import timedelta

    from chengyun.simulation.day import play_history
    from chengyun.simulation.moments import the_day
    from chengyun.simulation.showing import bar

    first = the_day("") - timedelta(days=days)
    with bar() as progress:
        played = play_history(first, days, per_day=per_day, seed=seed, progress=progress)
    _tell(played)


@app.command()
def bulk(
    cases: Annotated[int, typer.Option(help="How many cases to put in.")] = 1_000_000,
    days: Annotated[int, typer.Option(help="They were reported within so many days.")] = 365,
    seed: Annotated[int, typer.Option(help="The same seed draws the same lives.")] = 1,
    ended: Annotated[
        bool, typer.Option("--ended", help="Leave out what is still under way.")
    ] = False,
) -> None:
    """Fill the loaded city with cases by COPY, for benches and a long past."""
    from chengyun.simulation.bulk import fill
    from chengyun.simulation.showing import bar

    with bar() as progress:
        filled = fill(cases, days=days, seed=seed, ended=ended, progress=progress)
    rate = filled.cases / filled.seconds if filled.seconds else 0.0
    typer.echo(
        said(
            f"案件 {filled.cases:,} 件，记录 {filled.records:,} 条，用时 {filled.seconds:,.1f} 秒 "
            f"→ 每秒 {rate:,.0f} 件",
            f"{filled.cases:,} cases, {filled.records:,} records in {filled.seconds:,.1f} s "
            f"→ {rate:,.0f} cases per second",
        )
    )


def _tell(played: "Played") -> None:
    for name, count in played.operations.most_common():
        typer.echo(f"{name:24} {count:>10,}")
    if played.refused:
        count, first = len(played.refused), played.refused[0]
        typer.echo(
            said(
                f"{count} 步被拒绝，第一步：{first}",
                f"{count} steps were refused, the first: {first}",
            )
        )
    typer.echo(said(*played.summary()))
