"""Progress bars of the simulation's commands."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chengyun.simulation.city import Progress as Report


@contextmanager
def bar() -> Iterator[Report]:
    """A bar per step on standard error; silent when that is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as screen:
        tasks = {}

        def report(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = screen.add_task(step, total=total)
            screen.update(tasks[step], completed=done, total=total)

        yield report
