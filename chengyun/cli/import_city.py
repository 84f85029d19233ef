"""``chengyun import components``, ``grids`` and ``addresses``: surveys into a loaded city."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chengyun.cli.progress import Progress
from chengyun.config.language import refusal, said

if TYPE_CHECKING:
    from chengyun.city.models import Survey

File = Annotated[
    Path,
    typer.Argument(
        help="GeoPackage, Shapefile (or zip of one), GeoJSON(.gz), FlatGeobuf, GeoParquet, "
        "CSV(.gz) or OSM PBF.",
        exists=True,
        dir_okay=False,
    ),
]
Layer = Annotated[str, typer.Option(help="Layer of the file, where it has several.")]
Crs = Annotated[
    str,
    typer.Option(
        "--crs", "--system",
        help="System of the coordinates: EPSG:4549, 'CGCS2000 3deg 120', cgcs2000, wgs84, gcj02, "
        "bd09; the file's own unless given.",
    ),
]  # fmt: skip
Encoding = Annotated[str, typer.Option(help="Encoding of the texts; found out unless given.")]
Map = Annotated[
    Path | None,
    typer.Option("--map", help="TOML file that says what the columns mean.", exists=True),
]
Lon = Annotated[str, typer.Option(help="Column of the longitude (or x) of a table.")]
Lat = Annotated[str, typer.Option(help="Column of the latitude (or y) of a table.")]
Tolerance = Annotated[
    float | None,
    typer.Option(help="Two of a class nearer than so many metres are one.", min=0, max=100),
]
Complete = Annotated[
    bool,
    typer.Option("--complete", help="What is registered there and not in the file is gone."),
]
Areas = Annotated[
    list[str] | None, typer.Option("--area", help="With --complete: only in these areas.")
]
Classes = Annotated[
    list[str] | None, typer.Option("--class", help="With --complete: only of these classes.")
]
Review = Annotated[
    bool | None,
    typer.Option(
        "--review/--apply",
        help="Wait for a review, or apply at once; unless given, it is applied when nothing "
        "is gone and few rows were rejected.",
    ),
]
Rejected = Annotated[
    Path | None, typer.Option(help="Where rejected rows go; FILE.rejected.csv unless given.")
]
Edition = Annotated[
    str | None, typer.Option(help="Edition of the codes; the city's own unless given.")
]


def components(
    file: File, layer: Layer = "", crs: Crs = "", encoding: Encoding = "", mapping: Map = None,
    lon: Lon = "", lat: Lat = "", tolerance: Tolerance = None, edition: Edition = None,
    complete: Complete = False, area: Areas = None, kinds: Classes = None,
    review: Review = None, rejected: Rejected = None,
) -> None:  # fmt: skip
    """Import a survey of components. Known codes are updated; bad rows land in a file.

    Again changes nothing; a reading that was killed goes on where it stood.
    """
    _import(
        "components", file, mapping, review, rejected,
        layer=layer, crs=crs, encoding=encoding, lon=lon, lat=lat, tolerance=tolerance,
        edition=edition or "", complete=complete or bool(area or kinds),
        complete_areas=tuple(area or ()), complete_classes=tuple(kinds or ()),
    )  # fmt: skip


def grids(
    file: File, layer: Layer = "", crs: Crs = "", encoding: Encoding = "", mapping: Map = None,
    complete: Complete = False, area: Areas = None,
    review: Review = None, rejected: Rejected = None,
) -> None:  # fmt: skip
    """Import unit grids. With --complete those that are not in the file end today."""
    _import(
        "unit_grids", file, mapping, review, rejected,
        layer=layer, crs=crs, encoding=encoding, complete=complete or bool(area),
        complete_areas=tuple(area or ()),
    )  # fmt: skip


def addresses(
    file: File, layer: Layer = "", crs: Crs = "", encoding: Encoding = "", mapping: Map = None,
    lon: Lon = "", lat: Lat = "", review: Review = None, rejected: Rejected = None,
) -> None:  # fmt: skip
    """Import addresses. Known ones are updated; bad rows land in a file."""
    _import(
        "addresses", file, mapping, review, rejected,
        layer=layer, crs=crs, encoding=encoding, lon=lon, lat=lat,
    )  # fmt: skip


def _import(
    register: str, file: Path, mapping: Path | None, review: bool | None, rejected: Path | None,
    **wanted: Any,
) -> None:  # fmt: skip
    from chengyun.city.actions import surveys
    from chengyun.city.survey.mapping import Mapping, read_mapping
    from chengyun.cli.session import command_actor

    actor = command_actor()
    with explained():
        read = read_mapping(mapping, register) if mapping else Mapping()
        asked = surveys.Wanted(register, mapping=read, **wanted)
        surveys.source_of(file, asked)
        survey = surveys.open_survey(actor=actor, path=file, wanted=asked)
        if survey.cursor:
            typer.echo(
                said(
                    f"普查批次 {survey.pk} 从第 {survey.cursor:,} 行之后继续。",
                    f"Survey {survey.pk} goes on behind row {survey.cursor:,}.",
                ),
                err=True,
            )
        with _bar(file) as step:
            show_new = review is not False
            try:
                surveys.read_survey(survey=survey, path=file, step=step, show_new=show_new)
            except surveys.SurveyRefused:
                surveys.discard_survey(actor=actor, survey=survey)
                raise
        target = write_rejected(survey, rejected or file.with_name(f"{file.name}.rejected.csv"))
        many = surveys.too_many_rejected(survey)
        wait = review if review is not None else bool(survey.gone) or many
        if not wait:
            surveys.apply_survey(actor=actor, survey=survey, force=review is False)
            survey.refresh_from_db()
    tell(survey, file)
    if target is not None:
        typer.echo(rejected_rows(target))
    if wait:
        if many and review is None:
            typer.echo(
                said(
                    "拒收的行过多，文件本身似乎有误。",
                    "So many rows were rejected that the file is wrong, it seems.",
                )
            )
        typer.echo(
            said(
                f"尚未改动。查看：chengyun surveys show {survey.pk}；"
                f"然后 chengyun surveys apply {survey.pk}，或 discard {survey.pk}。",
                f"Nothing was changed yet. Look: chengyun surveys show {survey.pk}; then "
                f"chengyun surveys apply {survey.pk}, or discard {survey.pk}.",
            )
        )
        if review is None:
            raise typer.Exit(3)


def tell(survey: "Survey", file: Path | str) -> None:
    """One line of what a survey did, or would do."""
    passed = survey.settings.get("passed_over", 0)
    parts = [
        said(f"新增 {survey.new:,}", f"{survey.new:,} new"),
        said(f"变更 {survey.changed:,}", f"{survey.changed:,} changed"),
        said(f"不变 {survey.same:,}", f"{survey.same:,} the same"),
        said(f"拒收 {survey.rejected:,}", f"{survey.rejected:,} rejected"),
    ]
    if survey.settings.get("complete"):
        parts.append(said(f"消失 {survey.gone:,}", f"{survey.gone:,} gone"))
    if passed:
        parts.append(said(f"类别未列入映射 {passed:,}", f"{passed:,} of no class that is mapped"))
    typer.echo(said(f"{file}：{'，'.join(parts)}。", f"{file}: {', '.join(parts)}."))


def rejected_rows(target: Path) -> str:
    """Where the rejected rows are."""
    return said(f"拒收的行及原因：{target}", f"The rejected rows with their reasons: {target}")


def write_rejected(survey: "Survey", target: Path) -> Path | None:
    """Write the rejected rows, as GeoJSON when the name says so; None when there are none."""
    from chengyun.city.survey.rejected import as_csv, as_geojson

    if not survey.rejected:
        return None
    pieces = as_geojson(survey) if target.suffix == ".geojson" else as_csv(survey)
    with target.open("w", encoding="utf-8", newline="") as out:
        out.writelines(pieces)
    return target


@contextmanager
def explained() -> Iterator[None]:
    """A file that cannot be read is told in one sentence; nothing was changed."""
    from chengyun.city.survey.source import SurveyRefused

    try:
        yield
    except SurveyRefused as refused:
        typer.echo(refusal(refused), err=True)
        raise typer.Exit(1) from None


@contextmanager
def _bar(file: Path) -> Iterator[Any]:
    """A bar with the time left on a terminal, a plain line now and then elsewhere."""
    with Progress() as progress:
        yield lambda done, total: progress(file, done, total)
    sys.stderr.flush()
