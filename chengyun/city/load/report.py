"""What a load did, in numbers, and how far it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chengyun.core.words import Both


@dataclass
class Count:
    """How many rows of one kind were new, changed or the same as before."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class LoadReport:
    """The outcome of loading a folder. `notes` are remarks that do not stop the load."""

    counts: dict[str, Count] = field(default_factory=dict)
    notes: list[Both] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything in the database is different now."""
        return any(count.created or count.changed for count in self.counts.values())

    def add(self, counts: Mapping[str, Count]) -> None:
        """Add the counts of another part of the load."""
        self.counts.update(counts)


class Progress(Protocol):
    """Called with the step's name, how many rows are done, and how many there are if known."""

    def __call__(self, step: str, done: int, total: int | None) -> None: ...


Step = Callable[[int, int | None], None]


def no_progress(step: str, done: int, total: int | None) -> None:
    """Show nothing."""
