"""``chengyun make``: files of a city folder that can be computed."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chengyun.cli.make_city_from_requests import city_from_requests
from chengyun.config.language import language, said

app = typer.Typer(no_args_is_help=True, help="Make files of a city folder.")
app.command()(city_from_requests)


@app.callback()
def root() -> None:
    """Make files of a city folder."""


@app.command()
def grid(
    folder: Annotated[Path, typer.Argument(help="The city folder; its areas.geojson is read.")],
    cell: Annotated[float, typer.Option(help="Length of a cell's side in metres.", min=10)] = 500,
    bbox: Annotated[
        str | None, typer.Option(help="WEST,SOUTH,EAST,NORTH in degrees of CGCS2000.")
    ] = None,
    from_csv: Annotated[
        Path | None, typer.Option(help="Cover the points of this CSV file (gzip accepted).")
    ] = None,
    lon: Annotated[str, typer.Option(help="Its column with the longitude.")] = "lon",
    lat: Annotated[str, typer.Option(help="Its column with the latitude.")] = "lat",
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the grids.")
    ] = None,
) -> None:
    """Write a regular unit grid over an extent to FOLDER/unit_grids.geojson."""
    from chengyun.city.grids.regular import GridError, extent_of_points, write_grid
    from chengyun.city.load import LoadRefused

    if (bbox is None) == (from_csv is None):
        raise typer.BadParameter(
            said("--bbox 与 --from-csv 须给其一", "give either --bbox or --from-csv")
        )
    first_day = valid_from.date() if valid_from else None
    try:
        extent = extent_of_points(from_csv, lon, lat) if from_csv else _box(bbox or "")
        count = write_grid(folder, extent, cell, valid_from=first_day)
    except LoadRefused as refused:
        typer.echo(refused.problems.summary(language()), err=True)
        raise typer.Exit(1) from None
    except GridError as error:
        zh, en = error.words
        typer.echo(said(f"{zh}。", f"{en}."), err=True)
        raise typer.Exit(1) from None
    target = folder / "unit_grids.geojson"
    typer.echo(
        said(
            f"{target}：{count:,} 个约 {cell:g} 米的网格。",
            f"{target}: {count:,} cells of about {cell:g} m.",
        )
    )


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            said("写作 西,南,东,北", "write WEST,SOUTH,EAST,NORTH"), param_hint="--bbox"
        ) from None
    return west, south, east, north
