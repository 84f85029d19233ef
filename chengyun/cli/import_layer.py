"""``chengyun import layer``: a file becomes a layer of the map, or the rows of one."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chengyun.cli.import_city import rejected_rows
from chengyun.cli.progress import rows_read
from chengyun.config.language import refusal, said

if TYPE_CHECKING:
    from chengyun.city.models import LayerFilling

_LINE_EVERY_SECONDS = 5.0

File = Annotated[
    Path,
    typer.Argument(
        help="GeoPackage, Shapefile (or zip of one), GeoJSON(.gz), FlatGeobuf, GeoParquet, "
        "CSV(.gz) or OSM PBF.",
        exists=True,
        dir_okay=False,
    ),
]


def layer(
    file: File,
    code: Annotated[str, typer.Option(help="Code of the layer: small letters, digits, _.")],
    name: Annotated[str, typer.Option(help="Name in Chinese; needed where it is new.")] = "",
    name_en: Annotated[str, typer.Option(help="Name in English.")] = "",
    about: Annotated[str, typer.Option(help="Where it comes from, its licence.")] = "",
    folder: Annotated[str, typer.Option(help="Branch of the tree, as 园林/设施.")] = "",
    access: Annotated[
        str, typer.Option(help="Who sees it: public, signed_in, granted (by area of each row).")
    ] = "",
    organisation: Annotated[str, typer.Option(help="Code of whose layer it is.")] = "",
    style: Annotated[
        Path | None, typer.Option(help="JSON file of its style.", exists=True, dir_okay=False)
    ] = None,
    visible: Annotated[bool, typer.Option("--visible", help="The map opens with it.")] = False,
    minzoom: Annotated[
        int, typer.Option(help="Farther out than this zoom it is not drawn.", min=0, max=24)
    ] = 0,
    roads: Annotated[
        bool, typer.Option("--roads", help="Of lines: the nearest is found along them.")
    ] = False,
    source_layer: Annotated[
        str, typer.Option("--layer", help="Layer of the file, where it has several.")
    ] = "",
    crs: Annotated[
        str,
        typer.Option(help="System of the coordinates, as EPSG:4549 or gcj02; the file's unless "
                     "given."),
    ] = "",
    encoding: Annotated[str, typer.Option(help="Encoding of the texts.")] = "",
    lon: Annotated[str, typer.Option(help="Column of the longitude (or x) of a table.")] = "",
    lat: Annotated[str, typer.Option(help="Column of the latitude (or y) of a table.")] = "",
    anew: Annotated[bool, typer.Option("--anew", help="Take the fields from this file.")] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; FILE.rejected.csv unless given.")
    ] = None,
) -> None:  # fmt: skip
    """Make a layer of a file, or replace the rows of one. A kill or a fault changes nothing."""
    from django.db import transaction

    from chengyun.city.actions.layers import change_layer, create_layer, fill_layer
    from chengyun.city.layers.description import one_layer
    from chengyun.city.layers.filling import shape_of
    from chengyun.city.layers.rejected import RejectedFile
    from chengyun.city.layers.values import LayerValues
    from chengyun.city.survey.reading import SurveyRefused, open_source
    from chengyun.cli.session import command_actor

    actor = command_actor()
    said: dict[str, Any] = {
        "name_zh": name, "name_en": name_en, "about": about, "folder": folder, "access": access,
        "organisation": organisation, "visible": visible, "minzoom": minzoom, "roads": roads,
    }  # fmt: skip
    given = {key: value for key, value in said.items() if value}
    target = rejected or file.with_name(f"{file.name}.rejected.csv")
    started = time.monotonic()
    try:
        source = open_source(
            file, layer=source_layer or None, crs=crs or None, encoding=encoding or None,
            lon=lon or None, lat=lat or None,
        )  # fmt: skip
        with transaction.atomic(), RejectedFile(target) as bad:
            if one_layer(code) is None:
                values = {"name_zh": name, "shape": shape_of(source) or "", **given}
                create_layer(actor=actor, code=code, values=LayerValues(**values))
            elif given:
                change_layer(actor=actor, code=code, changes=given)
            filling = fill_layer(
                actor=actor, code=code, source=source, anew=anew, reject=bad.write,
                watch=_progress(file, source.count),
            )  # fmt: skip
            # A style may name fields, and there are none before the file is read.
            if style is not None:
                change_layer(actor=actor, code=code, changes={"style": _read_style(style)})
    except SurveyRefused as refused:
        typer.echo(refusal(refused), err=True)
        raise typer.Exit(1) from None
    _tell(file, code, filling, target, time.monotonic() - started)


def _read_style(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise typer.BadParameter(
            said(f"{path.name} 不是 JSON：{error}", f"{path.name} is not JSON: {error}"),
            param_hint="--style",
        ) from None


def _progress(file: Path, total: int | None) -> Callable[[int], None]:
    said_at = time.monotonic()

    def watch(read: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _LINE_EVERY_SECONDS:
            said_at = time.monotonic()
            sys.stderr.write(f"{rows_read(file.name, read, total)}\n")

    return watch


def _tell(file: Path, code: str, filling: "LayerFilling", target: Path, seconds: float) -> None:
    typer.echo(
        said(
            f"{file}：图层 {code} 有 {filling.rows:,} 行，拒收 {filling.rejected:,} 行，"
            f"用时 {seconds:,.1f} 秒。",
            f"{file}: {filling.rows:,} rows in layer {code}, {filling.rejected:,} rejected, "
            f"{seconds:,.1f} s.",
        )
    )
    ignored, empty = filling.result["ignored"], filling.result["empty"]
    if ignored:
        names = ", ".join(ignored)
        typer.echo(
            said(
                f"没有对应字段的列：{names}（--anew 将其纳入）。",
                f"Columns without a field: {names} (--anew takes them).",
            )
        )
    if empty:
        names = ", ".join(empty)
        typer.echo(said(f"没有对应列的字段：{names}。", f"Fields without a column: {names}."))
    if filling.rejected:
        typer.echo(rejected_rows(target))
    places = f"/tiles/{code}.json, /ogc/collections/{code}"
    typer.echo(said(f"地图上：{places}", f"On the map: {places}"))
