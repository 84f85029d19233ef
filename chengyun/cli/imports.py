"""``chengyun import``: other people's files into the city."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from chengyun.cli.import_city import addresses, components, grids
from chengyun.cli.import_layer import layer
from chengyun.cli.progress import Progress
from chengyun.config.language import language, said

if TYPE_CHECKING:
    from chengyun.governance.intake.run import FileOutcome

app = typer.Typer(no_args_is_help=True, help="Bring files in: requests of citizens and others.")

app.command()(components)
app.command()(grids)
app.command()(addresses)
app.command()(layer)


@app.callback()
def group() -> None:
    """Bring files in: requests of citizens and others."""


@app.command()
def reports(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV, XLSX, GeoJSON or JSON lines, plain or gzip; several are one import.",
            exists=True,
            dir_okay=False,
        ),
    ],
    mapping: Annotated[
        Path,
        typer.Option("--map", help="TOML file that says what the columns mean.", exists=True),
    ],
    rejected: Annotated[
        Path | None,
        typer.Option(help="Where rejected rows go: a file, or a folder for several FILES."),
    ] = None,
    batch: Annotated[
        int, typer.Option(help="Rows of one transaction.", min=1, max=100_000)
    ] = 5_000,
) -> None:
    """Import requests, historic ones with their times. Again changes nothing; a kill is resumed.

    Rows that cannot go in land in FILE.rejected.csv with the reason; mended, it can be imported
    with the same mapping.
    """
    from chengyun.cli.session import command_actor
    from chengyun.governance.intake.mapping import read_mapping
    from chengyun.governance.intake.run import import_reports

    started = time.monotonic()
    with Progress() as progress:
        outcomes = import_reports(
            files,
            read_mapping(mapping),
            actor=command_actor(),
            batch=batch,
            rejected=rejected,
            watch=progress,
        )
    _tell(outcomes, time.monotonic() - started)


def _tell(outcomes: "list[FileOutcome]", seconds: float) -> None:
    from chengyun.governance.intake.reasons import NOTICES, WORDS, Reason

    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(title=said("导入", "import"), title_justify="left")
    table.add_column(said("文件", "file"), overflow="fold")
    for name in (
        said("行数", "rows"), said("新增", "new"), said("已有", "known"), said("拒收", "rejected"),
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for outcome in outcomes:
        note = ""
        if outcome.already:
            note = said("（已导入过，未作改动）", "  (imported before: nothing was changed)")
        if behind := outcome.resumed_behind:
            note = said(f"（从第 {behind:,} 行之后继续）", f"  (went on behind row {behind:,})")
        table.add_row(
            f"{outcome.path.name}{note}",
            f"{outcome.rows:,}",
            "0" if outcome.already else f"{outcome.rows_in:,}",
            f"{outcome.rows:,}" if outcome.already else f"{outcome.rows_known:,}",
            f"{outcome.rows_rejected:,}",
        )
    console.print(table)
    notices, rejections = _summed(outcomes)
    if notices:
        chinese = language() == "zh"
        rows = [(name, NOTICES.get(name, ("", ""))[not chinese], *rest) for name, *rest in notices]
        console.print(_listed(said("已注意并保留", "noticed, and kept"), rows))
    if rejections:
        rows = [
            (name, said(WORDS[Reason(name)].zh, WORDS[Reason(name)].en), *rest)
            for name, *rest in rejections
        ]
        console.print(_listed(said("拒收", "rejected"), rows))
        for outcome in outcomes:
            if outcome.rows_rejected:
                path = outcome.rejected_path
                console.print(said(f"拒收的行：{path}", f"rejected rows: {path}"), soft_wrap=True)
    new = sum(outcome.rows_in for outcome in outcomes if not outcome.already)
    console.print(
        said(
            f"新增案件 {new:,} 件，用时 {seconds:,.1f} 秒",
            f"{new:,} new cases in {seconds:,.1f} s",
        )
    )


def _summed(
    outcomes: "list[FileOutcome]",
) -> tuple[list[tuple[str, int, str]], list[tuple[str, int, str]]]:
    """Notices and rejections over all files: (code, count, examples)."""
    from chengyun.governance.intake.run import REJECTED

    counts: dict[str, int] = {}
    examples: dict[str, str] = {}
    for outcome in outcomes:
        for name, count in outcome.counts.items():
            counts[name] = counts.get(name, 0) + count
        for name, lines in outcome.examples.items():
            shown = (said(f"第 {line} 行", f"line {line}") for line in lines)
            examples.setdefault(name, said("；", "; ").join(shown))
    rows = [(name, count, examples.get(name, "")) for name, count in sorted(counts.items())]
    return (
        [row for row in rows if not row[0].startswith(REJECTED)],
        [(n.removeprefix(REJECTED), c, e) for n, c, e in rows if n.startswith(REJECTED)],
    )


def _listed(title: str, rows: "list[tuple[Any, ...]]") -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(said("代码", "code"), overflow="fold")
    table.add_column(said("说明", "meaning"), overflow="fold")
    table.add_column(said("行数", "rows"), justify="right")
    table.add_column(said("示例", "examples"), overflow="fold")
    for code, meaning, count, example in rows:
        table.add_row(str(code), meaning, f"{count:,}", example)
    return table
