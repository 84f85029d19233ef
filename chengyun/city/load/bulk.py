"""Loading very many points: components and addresses, by COPY, checked row by row.

Used for the files of a city folder (one mistake refuses the folder) and for imports (bad rows are
set aside, the rest goes in); the caller decides what to do with the noted mistakes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import shapely
from django.db import connection

from chengyun.city import codes
from chengyun.city.coordinates import CGCS2000_SRID, System, to_cgcs2000
from chengyun.city.load.report import Count, Step
from chengyun.city.load.table import (
    CellError,
    Column,
    Problems,
    Row,
    day,
    decimal,
    no_organisation,
    one_of,
    repeated,
)
from chengyun.city.models import Address, Area, Component, UnitGrid
from chengyun.city.models.components import PARTIES
from chengyun.city.queries import Locator
from chengyun.city.snapshot import catalogue
from chengyun.core.models import Organisation
from chengyun.core.words import Both

_BATCH = 10_000


def longitude(cell: str) -> float:
    """Read a longitude in degrees."""
    return _degrees(cell, 180)


def latitude(cell: str) -> float:
    """Read a latitude in degrees."""
    return _degrees(cell, 90)


def _degrees(cell: str, most: int) -> float:
    value = float(decimal(cell))
    if not -most <= value <= most:
        raise CellError(
            Both(
                f"{cell} 不在 -{most} 与 {most} 之间", f"{cell} is not between -{most} and {most}"
            ),
            Both("写度数，经度在前，纬度在后", "write degrees, lon before lat"),
        )
    return value


COMPONENT_COLUMNS = [
    Column("code"),
    Column("name", required=False),
    Column("state", required=False, parse=one_of(Component.State.values), default="intact"),
    Column("unit_grid", required=False),
    Column("lon", parse=longitude),
    Column("lat", parse=latitude),
    Column("authority", required=False),
    Column("owner", required=False),
    Column("maintainer", required=False),
    Column("first_surveyed", required=False, parse=day, default=None),
    Column("changed_on", required=False, parse=day, default=None),
    Column("source", required=False),
    Column("remark", required=False),
    Column("street_code", required=False),
    Column("community_code", required=False),
]
ADDRESS_COLUMNS = [
    Column("full_text"),
    Column("kind", parse=one_of(Address.Kind.values)),
    Column("lon", parse=longitude),
    Column("lat", parse=latitude),
    Column("area", required=False),
    Column("unit_grid", required=False),
    Column("source", required=False),
]
_COMPONENT_FIELDS = (
    "code", "component_class_id", "name", "state", "unit_grid_id", "geom", "authority_id",
    "owner_id", "maintainer_id", "first_surveyed", "changed_on", "source", "remark",
    "street_code", "community_code",
)  # fmt: skip
_ADDRESS_FIELDS = ("full_text", "kind", "geom", "area_id", "unit_grid_id", "source")

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Origin:
    """Rows to load: where they come from, where mistakes go, in which system the points are."""

    rows: Iterable[Row]
    file: str
    problems: Problems
    system: System = System.CGCS2000

    def fault(self, row: Row | int, column: str | None, what: Both, remedy: Both) -> None:
        """Note a mistake in a row."""
        line = row.line if isinstance(row, Row) else row
        self.problems.add(self.file, line, column, what, remedy)


def load_components(origin: Origin, edition: str, step: Step, *, strict: bool = True) -> Count:
    """Load components; their class and district are read from their code in `edition`.

    A row without a unit grid gets the one it lies in. `strict`: with any mistake nothing is
    written; otherwise the rows without mistakes are.
    """
    make = _ComponentMaker(origin, edition)
    return _load(origin, Component, ("code",), _COMPONENT_FIELDS, make, step, strict=strict)


def load_addresses(origin: Origin, step: Step, *, strict: bool = True) -> Count:
    """Load addresses, known by their full text and kind."""
    make = _AddressMaker(origin)
    key = ("full_text", "kind")
    return _load(origin, Address, key, _ADDRESS_FIELDS, make, step, strict=strict)


class _ComponentMaker:
    """Turns rows of components into values of the table."""

    def __init__(self, origin: Origin, edition: str) -> None:
        known = catalogue()
        self.origin = origin
        self.edition = known.editions[edition]
        self.classes = {
            code: info for (of, code), info in known.component_class_of.items() if of == edition
        }
        self.organisations = dict(Organisation.objects.values_list("code", "id"))
        self.grids = dict(UnitGrid.objects.values_list("code", "id"))
        self.districts = {a.code for a in known.areas.values() if a.level == Area.Level.DISTRICT}

    def __call__(self, row: Row, geom: bytes, grid: int | None, area: int | None) -> Values:
        """The values of a row; raises CellError with `column` set."""
        parts = codes.component_code(
            row["code"],
            class_width=self.edition.class_width,
            sub_width=self.edition.subclass_width,
            serial=self.edition.serial_width,
        )
        kind = self.classes.get(parts.class_code + parts.sub_code)
        if kind is None:
            number = parts.class_code + parts.sub_code
            raise CellError(
                Both(
                    f"{row['code']} 的类别 {number} 不在版本 {self.edition.code} 中",
                    f"{row['code']} has the class {number}, "
                    f"which {self.edition.code} does not have",
                ),
                Both(
                    "改正标识码，或将该类别加入 catalogue/components_*.csv",
                    "correct the code, or add the class to catalogue/components_*.csv",
                ),
            )
        if self.districts and parts.district not in self.districts:
            raise CellError(
                Both(
                    f"{row['code']} 以 {parts.district} 开头，本市没有该区县",
                    f"{row['code']} begins with {parts.district}, "
                    "which is no district of this city",
                ),
                Both("改正前六位", "correct the first six digits"),
            )
        parties = [self._organisation(row[name]) for name in PARTIES]
        return (
            row["code"],
            kind.id,
            row["name"] or kind.name_zh,
            row["state"],
            grid,
            geom,
            *parties,
            *(row[c.name] for c in COMPONENT_COLUMNS[9:]),
        )

    def _organisation(self, code: str) -> int | None:
        if not code:
            return None
        if code not in self.organisations:
            raise CellError(*no_organisation(code))
        return self.organisations[code]


class _AddressMaker:
    """Turns rows of addresses into values of the table."""

    def __init__(self, origin: Origin) -> None:
        self.grids = dict(UnitGrid.objects.values_list("code", "id"))
        self.areas = dict(Area.objects.values_list("code", "id"))

    def __call__(self, row: Row, geom: bytes, grid: int | None, area: int | None) -> Values:
        """The values of a row; raises CellError."""
        if row["area"]:
            area = self.areas.get(row["area"])
            if area is None:
                raise CellError(
                    Both(f"没有区域 {row['area']}", f"there is no area {row['area']}"),
                    Both("改正编码", "correct the code"),
                )
        return (row["full_text"], row["kind"], geom, area, grid, row["source"])


def _load(
    origin: Origin,
    model: type[Component] | type[Address],
    key: Sequence[str],
    fields: Sequence[str],
    make: _ComponentMaker | _AddressMaker,
    step: Step,
    *,
    strict: bool,
) -> Count:
    table = model._meta.db_table
    columns = ", ".join(fields)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS city_incoming")
        cursor.execute(
            f"CREATE TEMP TABLE city_incoming ON COMMIT DROP AS "  # noqa: S608
            f"SELECT 0::bigint AS line, {columns} FROM {table} WHERE false"
        )
        done = 0
        # Whole batches at a time: while a COPY runs the connection can answer nothing else.
        for batch in _located(origin, make):
            with cursor.copy(f"COPY city_incoming (line, {columns}) FROM STDIN") as copy:
                for line, values in batch:
                    copy.write_row((line, *values))
            done += len(batch)
            step(done, None)
        _drop_repeated(cursor, origin, key)
        if strict and origin.problems:
            return Count()
        return _merge(cursor, table, key, fields)


def _located(
    origin: Origin, make: _ComponentMaker | _AddressMaker
) -> Iterator[list[tuple[int, Values]]]:
    """Batches of (line, values) of good rows, with grid and area found where none is named."""
    locator: Locator | None = None
    rows = iter(origin.rows)
    while batch := list(islice(rows, _BATCH)):
        lons, lats = to_cgcs2000(
            np.array([row["lon"] for row in batch]),
            np.array([row["lat"] for row in batch]),
            origin.system,
        )
        points = shapely.points(lons, lats)
        geoms = shapely.to_wkb(shapely.set_srid(points, CGCS2000_SRID), hex=True, include_srid=True)
        grids, areas = np.zeros(len(batch), np.int64), np.zeros(len(batch), np.int64)
        homeless = [i for i, row in enumerate(batch) if not row["unit_grid"]]
        if homeless:
            locator = locator or Locator.load()
            grids[homeless], areas[homeless] = locator.locate(lons[homeless], lats[homeless])
        good: list[tuple[int, Values]] = []
        for i, row in enumerate(batch):
            grid: int | None = int(grids[i]) or None
            try:
                if row["unit_grid"]:
                    grid = make.grids.get(row["unit_grid"])
                    if grid is None:
                        code = row["unit_grid"]
                        raise CellError(
                            Both(f"没有单元网格 {code}", f"there is no unit grid {code}"),
                            Both(
                                "改正，或留空由位置确定",
                                "correct it, or leave it empty: it will be found",
                            ),
                        )
                values = make(row, geoms[i], grid, int(areas[i]) or None)
            except codes.CodeError as error:
                origin.fault(row, None, error.what, error.remedy)
                continue
            good.append((row.line, values))
        yield good


def _drop_repeated(cursor: Any, origin: Origin, key: Sequence[str]) -> None:
    names = ", ".join(key)
    same = " AND ".join(f"incoming.{name} = twice.{name}" for name in key)
    cursor.execute(f"""
        DELETE FROM city_incoming incoming
        USING (SELECT {names}, min(line) AS first FROM city_incoming
               GROUP BY {names} HAVING count(*) > 1) twice
        WHERE {same} AND incoming.line > twice.first
        RETURNING incoming.line, twice.first, incoming.{key[0]}
    """)  # noqa: S608
    for line, first, name in cursor.fetchall():
        origin.fault(line, key[0], *repeated(name, first))


def _merge(cursor: Any, table: str, key: Sequence[str], fields: Sequence[str]) -> Count:
    """Insert new rows in the order of their place (tiles read them so), update changed ones."""
    columns, others = ", ".join(fields), [f for f in fields if f not in key]
    new_values = ", ".join(f"{f} = EXCLUDED.{f}" for f in others)
    stored, given = (", ".join(f"{side}.{f}" for f in others) for side in (table, "EXCLUDED"))
    # The names come from the lists above, never from a file.
    cursor.execute(f"""
        WITH merged AS (
            INSERT INTO {table} ({columns}) SELECT {columns} FROM city_incoming ORDER BY geom
            ON CONFLICT ({", ".join(key)}) DO UPDATE SET {new_values}
            WHERE ({stored}) IS DISTINCT FROM ({given})
            RETURNING xmax = 0 AS fresh
        )
        SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh),
               (SELECT count(*) FROM city_incoming)
        FROM merged
    """)  # noqa: S608
    created, changed, total = cursor.fetchone()
    cursor.execute("DROP TABLE city_incoming")
    return Count(created, changed, total - created - changed)
