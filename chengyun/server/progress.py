"""Progress a person can follow: a spinner on a terminal, plain lines in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from chengyun.config.language import said

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line."""
    console.print(text)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show that ``title`` is being done, and how long it took."""
    started = time.monotonic()
    if console.is_terminal:
        with console.status(f"{title} …"):
            yield
        seconds = f"{time.monotonic() - started:.1f}"
        told = said(f"{seconds} 秒", f"{seconds} s")
        console.print(f"[green]✓[/green] {title}  [dim]{told}[/dim]")
        return
    console.print(f"{title} …")
    yield
    seconds = f"{time.monotonic() - started:.1f}"
    console.print(said(f"  完成，用时 {seconds} 秒", f"  done in {seconds} s"))
