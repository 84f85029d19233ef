"""``chengyun evaluate``: tables of evaluation in the terminal, as JSON, or into a file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chengyun.config.language import language as asked
from chengyun.config.language import refusal, said
from chengyun.core.words import Both, Language

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from chengyun.governance.evaluation.judge import Judged
    from chengyun.governance.evaluation.score import Score

app = typer.Typer(help="Evaluate regions, departments and posts.", no_args_is_help=True)

_ANY_WIDTH = 10_000
#: What is printed of each kind unless --show names others.
SHOWN = {
    "region": ("filed", "should_closed", "closed", "closing_rate", "closing_in_time_rate",
               "density_km2", "public_report_rate"),
    "department": ("should_handled", "handled", "handled_in_time", "handled_late",
                   "handled_overdue", "handling_rate", "handling_in_time_rate", "rework_rate",
                   "extension_rate"),
    "post": ("operations", "timed_operations", "operations_late", "wrong_operations",
             "operation_in_time_rate", "error_rate", "mean_seconds"),
}  # fmt: skip

_KINDS = {"region": "区域", "department": "专业部门", "post": "岗位"}
_COLUMNS = (
    ("对象", "object"), ("时段", "period"), ("得分", "score"), ("等级", "grade"), ("排名", "rank"),
)  # fmt: skip

Period = Annotated[str, typer.Option(help="2026, 2026H2, 2026Q4, 2026-11, 2026-W47 or 2026-11-20.")]
Series = Annotated[
    Literal["day", "week", "month", "quarter", "half_year"] | None,
    typer.Option(help="Divide the period into these parts."),
]
Codes = Annotated[list[str] | None, typer.Option(help="Several allowed; subtrees count.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvFile = Annotated[Path | None, typer.Option("--csv", help="Write CSV to this file.")]
Show = Annotated[list[str] | None, typer.Option(help="Codes of counts and rates to print instead.")]
In = Annotated[
    Language | None, typer.Option(help="Language of headings and names; yours unless given.")
]
SchemeCode = Annotated[str | None, typer.Option(help="Scheme that gives the scores.")]


@app.command()
def region(
    period: Period,
    series: Series = None,
    level: Annotated[
        Literal["city", "district", "street", "community"], typer.Option(help="Rows of the table.")
    ] = "district",
    area: Codes = None,
    matter: Codes = None,
    scheme: SchemeCode = None,
    show: Show = None,
    language: In = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """Areas of the city: closing, density, what the public reports."""
    judged = _judge(
        "region", period, series, scheme, areas=area or [], matters=matter or [], level=level
    )
    _give(judged, show, language or asked(), as_json, csv)


@app.command()
def department(
    period: Period,
    series: Series = None,
    area: Codes = None,
    department: Codes = None,
    matter: Codes = None,
    scheme: SchemeCode = None,
    show: Show = None,
    language: In = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """Departments: handled, in time, rework, extensions."""
    judged = _judge(
        "department", period, series, scheme, areas=area or [], departments=department or [],
        matters=matter or [],
    )  # fmt: skip
    _give(judged, show, language or asked(), as_json, csv)


@app.command()
def post(
    period: Period,
    series: Series = None,
    role: Annotated[list[str] | None, typer.Option(help="Posts, several allowed.")] = None,
    scheme: SchemeCode = None,
    show: Show = None,
    language: In = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """People in their posts: operations, in time, errors."""
    judged = _judge("post", period, series, scheme, roles=role or [])
    _give(judged, show, language or asked(), as_json, csv)


def _judge(
    kind: str,
    period: str,
    series: str | None,
    scheme: str | None,
    level: str = "district",
    areas: Sequence[str] = (),
    departments: Sequence[str] = (),
    matters: Sequence[str] = (),
    roles: Sequence[str] = (),
) -> "Judged":
    from chengyun.cli.session import command_actor
    from chengyun.core import clock
    from chengyun.core.problems import Problem
    from chengyun.governance.evaluation.judge import judge, request_of
    from chengyun.governance.evaluation.measures import Kind
    from chengyun.governance.evaluation.periods import Span, city_zone
    from chengyun.governance.evaluation.request import Filters

    try:
        request = request_of(
            Kind(kind),
            period=period,
            series=Span(series) if series else None,
            at=clock.now(),
            zone=city_zone(),
            scope=command_actor().scope,
            filters=Filters(areas, departments, matters, (), roles),
            level=level,
        )
        return judge(request, scheme=scheme, compare=None)
    except Problem as problem:
        typer.echo(refusal(problem), err=True)
        raise typer.Exit(2) from problem


def _give(
    judged: "Judged", show: list[str] | None, language: Language, as_json: bool, csv: Path | None
) -> None:
    from chengyun.governance.evaluation.files import as_csv
    from chengyun.governance.evaluation.periods import city_zone
    from chengyun.governance.schemas.evaluation import table_out

    if csv is not None:
        csv.write_bytes(as_csv(judged, language))
        size = f"{csv.stat().st_size:,}"
        typer.echo(said(f"{csv}：{size} 字节", f"{csv}: {size} bytes"), err=True)
    if as_json:
        content = table_out(judged, str(city_zone()))
        typer.echo(json.dumps(content, ensure_ascii=False, default=str))
    elif csv is None:
        from rich.console import Console

        console, grid = Console(), _grid(judged, show, language)
        if not console.is_terminal:
            # Nobody can widen a pipe: there the table is as wide as it needs to be.
            console = Console(width=Console(width=_ANY_WIDTH).measure(grid).maximum)
        console.print(grid)


def _grid(judged: "Judged", show: list[str] | None, language: Language) -> "Grid":
    """The table for a terminal: rates in percent, what has no value as a dash."""
    from rich.table import Table as Grid

    from chengyun.governance.evaluation.judge import with_total

    table = judged.table
    english = language == "en"
    named = {entry.code: entry for entry in table.request.columns}
    codes = show or list(SHOWN[table.request.kind.value])
    unknown = [code for code in codes if code not in named]
    if unknown:
        known = ", ".join(named)
        typer.echo(
            said(
                f"没有计数或比率“{unknown[0]}”。可用：{known}。",
                f"No count or rate “{unknown[0]}”. There are: {known}.",
            ),
            err=True,
        )
        raise typer.Exit(2)
    kind, first = table.request.kind.value, table.request.periods[0].code
    grid = Grid(title=f"{kind if english else _KINDS[kind]} {first}…")
    for zh, en in _COLUMNS:
        left = en in ("object", "period")
        grid.add_column(en if english else zh, justify="left" if left else "right", overflow="fold")
    for code in codes:
        grid.add_column(
            named[code].en if english else named[code].zh, justify="right", overflow="fold"
        )
    rows = list(with_total(judged))
    idle = [row for row, _ in rows if not any(any(cell.counts.values()) for cell in row.cells)]
    if len(table.request.periods) == 1:
        rows = sorted(rows, key=lambda pair: _by_rank(pair[1]))
    for row, scores in rows:
        if row in idle:
            continue
        name = row.object.en if english else row.object.zh
        label = f"{name} {_post(row.object.role, english=english)}".strip()
        for cell, judgement in zip(row.cells, scores, strict=True):
            values = [
                _rate(code, cell.rates[code]) if code in cell.rates else f"{cell.counts[code]:,}"
                for code in codes
            ]
            merit = (_plain(judgement.score), judgement.grade or "–", _plain(judgement.rank))
            grid.add_row(label, cell.period.code, *merit, *values)
    if idle:
        grid.caption = Both(
            f"本期无案件的 {len(idle)} 个对象未列出（--csv 含全部）",
            f"{len(idle)} without a case in the period are not shown (--csv has them)",
        ).said(language)
    return grid


def _post(role: str | None, *, english: bool) -> str:
    from chengyun.core.models import Role

    if not role:
        return ""
    return Role(role).label_en if english else str(Role(role).label)


def _by_rank(scores: "Sequence[Score]") -> tuple[bool, int]:
    """Ranked rows first, in their order; rows without a rank and the total after them."""
    rank = scores[0].rank if scores else None
    return (rank is None, rank or 0)


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _rate(code: str, value: float | None) -> str:
    from chengyun.governance.evaluation.score import UNBOUNDED

    if value is None:
        return "–"
    return f"{value:,.2f}" if code in UNBOUNDED else f"{value:.1%}"
