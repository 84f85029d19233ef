"""Which grids of a survey hold ground that another grid holds in the same days."""

# ruff: noqa: S608  (the tables are the survey's own)

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.utils import timezone

from chengyun.city.grids.topology import GridShape, overlaps_of
from chengyun.city.models import Survey
from chengyun.city.survey.staging import table_of

# Of what was registered before, days that the file does not tell stay as they are.
_STAGED = """
SELECT s.line, s.code, ST_AsBinary(s.geom) AS shape,
    coalesce(s.valid_from, r.valid_from, '2000-01-01') AS begins, {ends} AS ends
FROM {table} s LEFT JOIN city_unitgrid r USING (code)
"""
_REGISTERED = """
SELECT NULL::bigint AS line, r.code, ST_AsBinary(r.geom), r.valid_from, r.valid_until
FROM city_unitgrid r
WHERE r.geom && (SELECT ST_SetSRID(ST_Extent(s.geom)::geometry, 4490) FROM {table} s)
  AND NOT EXISTS (SELECT FROM {table} s WHERE s.code = r.code)
  AND NOT EXISTS (SELECT FROM {gone} g WHERE g.id = r.id)
"""


@dataclass(frozen=True)
class _Grid:
    line: int | None
    shape: GridShape
    begins: date
    ends: date | None

    def meets(self, other: "_Grid") -> bool:
        """Whether there is a day on which both hold."""
        return (self.ends is None or other.begins < self.ends) and (
            other.ends is None or self.begins < other.ends
        )


def overlapping(cursor: Any, survey: Survey, gone: str) -> dict[int, str]:
    """Lines of grids that overlap another from today on, and which and by how much: the later of
    two in the file; what is registered stays. `gone` is the table of the grids that end today."""
    told = "valid_until" in survey.settings["fields"]
    ends = "s.valid_until" if told else "coalesce(s.valid_until, r.valid_until)"
    table = table_of(survey)
    staged = _read(cursor, _STAGED.format(table=table, ends=ends))
    registered = _read(cursor, _REGISTERED.format(table=table, gone=gone))
    grids = {grid.shape.code: grid for grid in [*registered, *staged]}
    over: dict[int, str] = {}
    for fault in overlaps_of([g.shape for g in staged], [g.shape for g in registered]):
        one, other = grids[fault.code], grids[fault.other]
        if one.meets(other):
            later, first = sorted((one, other), key=lambda grid: -(grid.line or 0))
            if later.line is not None:
                over.setdefault(later.line, f"{first.shape.code} {fault.m2:,.1f} m²")
    return over


def _read(cursor: Any, statement: str) -> list[_Grid]:
    """The grids of a statement that hold today or later."""
    cursor.execute(
        f"SELECT * FROM ({statement}) found (line, code, shape, begins, ends) "
        "WHERE ends IS NULL OR ends > %s ORDER BY line, code",
        [timezone.localdate()],
    )
    return [
        _Grid(line, GridShape(code, "", shapely.from_wkb(bytes(shape))), begins, ends)
        for line, code, shape, begins, ends in cursor.fetchall()
    ]
