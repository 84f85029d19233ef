"""How far a long command has come."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer
from rich.console import Console

from chengyun.config.language import said

_LINE_EVERY_SECONDS = 5.0


class Progress:
    """A bar with the time left on a terminal, a plain line now and then elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._tasks: dict[tuple[Path, bool], Any] = {}
        self._said_at = 0.0
        if sys.stderr.isatty():
            from rich import progress

            self._bar = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.MofNCompleteColumn(),
                progress.TimeRemainingColumn(),
                console=Console(stderr=True),
            )

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        if isinstance(error, KeyboardInterrupt):
            typer.echo(
                said(
                    "已停止。已导入的保留；再次运行同一命令即可继续。",
                    "Stopped. What was put in stays; run the same command to go on.",
                ),
                err=True,
            )

    def __call__(self, path: Path, done: int, total: int | None) -> None:
        if self._bar is not None:
            key = (path, total is None)
            if key not in self._tasks:
                word = said("察看", "survey") if total is None else said("导入", "import")
                self._tasks[key] = self._bar.add_task(f"{word} {path.name}", total=total)
            self._bar.update(self._tasks[key], completed=done)
            return
        now = time.monotonic()
        if now - self._said_at >= _LINE_EVERY_SECONDS or done == total:
            self._said_at = now
            typer.echo(rows_read(path.name, done, total), err=True)


def rows_read(name: str, done: int, total: int | None) -> str:
    """How many rows of a file were read, and of how many."""
    if total is None:
        return said(f"{name}：已读 {done:,} 行", f"{name}: {done:,} rows seen")
    return said(f"{name}：{done:,} / {total:,} 行", f"{name}: {done:,} of {total:,} rows")
