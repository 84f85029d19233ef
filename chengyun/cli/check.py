"""``chengyun check``: does what stands in the registers hold together?"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chengyun.config.language import said

app = typer.Typer(help="Check the registers.", no_args_is_help=True)


@app.callback()
def checks() -> None:
    """Check the registers."""


@app.command()
def grids(
    area: Annotated[str, typer.Option(help="Code of an area, with all below it.")] = "",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today if not given.")
    ] = None,
    smallest: Annotated[float | None, typer.Option(help="A grid has so many m² or more.")] = None,
    largest: Annotated[float | None, typer.Option(help="A grid has no more m² than this.")] = None,
    width: Annotated[
        float, typer.Option(help="What is nowhere wider, in metres, is no fault.")
    ] = 0.05,
    geojson: Annotated[Path | None, typer.Option(help="Write the faults to this file.")] = None,
) -> None:
    """Do the unit grids tile their communities? Exit code 1 when they do not."""
    import json
    from collections import Counter

    from django.utils import timezone

    from chengyun.city.grids.topology import Limits
    from chengyun.city.grids.unit import communities_below, fault_feature, faults_on

    day = as_of.date() if as_of else timezone.localdate()
    limits = Limits(smallest, largest, width)
    found = list(faults_on(day, communities_below(area), limits))
    for fault in found:
        what = said(fault.zh, fault.en)
        typer.echo(f"{fault.kind:8} {fault.point[0]:.6f} {fault.point[1]:.6f}  {what}")
        typer.echo(f"{'':8} {said(fault.remedy_zh, fault.remedy_en)}")
    if geojson is not None:
        features = [fault_feature(fault) for fault in found]
        document = {"type": "FeatureCollection", "features": features}
        geojson.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    if found:
        kinds = ", ".join(f"{n} × {kind}" for kind, n in Counter(f.kind for f in found).items())
        count = len(found)
        summary = said(f"{count} 处问题：{kinds}。", f"{count} faults: {kinds}.")
        typer.secho(summary, fg=typer.colors.RED, err=True)
        raise typer.Exit(1)
    typer.echo(said("单元网格铺满各自社区。", "The unit grids tile their communities."))
