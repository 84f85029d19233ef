"""A first look through the files: how many rows, and at which positions too many of them stand."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from chengyun.governance.intake.normalise import Normaliser, Point, point_key
from chengyun.governance.intake.records import Source

#: Positions remembered at once. Beyond it those seen once are forgotten, so that a file of any
#: size fits; a position with very many rows is found all the same.
_REMEMBERED = 500_000
_EVERY = 10_000


@dataclass
class Survey:
    """What the first look found, over all files of one import."""

    rows: int = 0
    _positions: Counter[Point] = field(default_factory=Counter)

    def look(self, source: Source, reader: Normaliser | None, seen: Callable[[int], None]) -> int:
        """Go through one file; returns its rows. Without ``reader`` positions are not counted."""
        rows = 0
        for record in source.records():
            rows += 1
            if reader is not None and (point := reader.position(record)) is not None:
                self._positions[point] += 1
            if rows % _EVERY == 0:
                seen(rows)
                self._forget_some()
        self.rows += rows
        return rows

    def untrusted(self, declared: list[Point], above: int) -> frozenset[Point]:
        """Positions declared as default points, and those that more than ``above`` rows share."""
        crowded = {p for p, count in self._positions.items() if above and count > above}
        return frozenset(crowded | {point_key(lon, lat) for lon, lat in declared})

    def _forget_some(self) -> None:
        if len(self._positions) > _REMEMBERED:
            self._positions = Counter({p: n for p, n in self._positions.items() if n > 1})
