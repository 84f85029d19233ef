"""``chengyun load``: a city folder into the database, everything or nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengyun.config.language import language, said
from chengyun.core.words import Both

if TYPE_CHECKING:
    from chengyun.city.load import LoadReport
    from chengyun.city.load.report import Progress
    from chengyun.core.actor import Actor

#: Every part of a folder that a load counts or shows as its step.
NAMES = {
    names.en: names
    for names in (
        Both("目录", "catalogue"),
        Both("目录版本", "editions"),
        Both("部件类别", "component classes"),
        Both("事项", "matters"),
        Both("版本对照", "crosswalk"),
        Both("工作日历", "calendar"),
        Both("机构", "organisations"),
        Both("区域", "areas"),
        Both("单元网格", "unit grids"),
        Both("用户", "users"),
        Both("岗位授予", "grants"),
        Both("责任网格", "duty grids"),
        Both("点位", "points"),
        Both("地址", "addresses"),
        Both("部件", "components"),
        Both("立案结案标准", "standards"),
        Both("权责清单", "responsibilities"),
        Both("环节时限", "desk limits"),
        Both("评价方案", "evaluation schemes"),
        Both("Open311 服务", "Open311 services"),
        Both("Open311 服务", "open311 services"),
        Both("Open311 属性", "open311 attributes"),
    )
}


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
            typer.echo(refused.problems.summary(language()), err=True)
            count = len(refused.problems)
            typer.secho(
                said(
                    f"{folder} 未载入：共 {count} 处错误。未作任何改动。",
                    f"{folder} was not loaded: {count} mistakes. Nothing was changed.",
                ),
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
    raise typer.BadParameter(
        said(f"没有城市文件夹 {city}", f"there is no city folder {city}"), param_hint="CITY"
    )


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
        self._task = self._bar.add_task(said("读取", "reading"), total=None)

        def show(step: str, done: int, total: int | None) -> None:
            self._bar.update(self._task, description=name_of(step), completed=done, total=total)

        return show

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _tell(folder: Path, report: "LoadReport") -> None:
    for note in report.notes:
        words = note.said(language())
        typer.secho(said(f"注意：{words}", f"Note: {words}"), fg=typer.colors.YELLOW)
    if not report.changed:
        typer.echo(
            said(f"{folder} 已载入过，没有变化。", f"{folder} is loaded already; nothing changed.")
        )
        return
    headings = (said("新增", "new"), said("更新", "changed"), said("不变", "same"))
    _line("", *headings)
    for name, count in report.counts.items():
        numbers = (count.created, count.changed, count.unchanged)
        _line(name_of(name), *(f"{number:,}" for number in numbers))
    typer.echo(said(f"{folder} 已载入。", f"{folder} is loaded."))


def _line(name: str, *cells: str) -> None:
    """A name and cells to its right, in columns: a Chinese letter is as wide as two others."""
    from rich.cells import cell_len

    padded = (" " * (12 - cell_len(cell)) + cell for cell in cells)
    typer.echo(name + " " * (24 - cell_len(name)) + "".join(padded))


def name_of(part: str) -> str:
    """A part of the folder, in the words of whoever loads it."""
    return NAMES[part].said(language())
