"""A regular unit grid for a city that has none of its own."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from pyproj import Geod

from chengyun.city import codes
from chengyun.city.load import outlines
from chengyun.city.load.areas import AREA_COLUMNS, AREAS, UNIT_GRIDS
from chengyun.city.load.bulk import latitude, longitude
from chengyun.city.load.folder import FolderReader
from chengyun.city.load.table import MISSING_COLUMN, CellError, Column, Problems, read_table
from chengyun.core.words import Both, ValueRefused

_EARTH = Geod(ellps="GRS80")
# Five decimals of a degree are a metre; neighbours share their corners to the last digit.
_DECIMALS = 5
_MOST_CELLS = 200_000
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cell:
    """One cell: its corner numbers, counted from the north-west, and its outline."""

    row: int
    column: int
    west: float
    south: float
    east: float
    north: float


class GridError(ValueRefused):
    """The grid cannot be made."""


def extent_of_points(path: Path, lon: str, lat: str, encoding: str = "utf-8") -> Extent:
    """West, south, east, north of the points of a CSV file; rows without a point are passed over.

    Raises LoadRefused when the file cannot be read.
    """
    problems = Problems()
    columns = [
        Column(lon, required=False, parse=_or_none(longitude), default=None),
        Column(lat, required=False, parse=_or_none(latitude), default=None),
    ]
    table = read_table(path, columns, problems=problems, encoding=encoding, extra_columns=True)
    xs, ys = [], []
    for row in table:
        if row[lon] is not None and row[lat] is not None:
            xs.append(row[lon])
            ys.append(row[lat])
    for name in (lon, lat):
        if table.heading and name not in table.heading:
            there = ", ".join(table.heading)
            remedy = Both(f"可用：{there}", f"name one of {there}")
            problems.add(table.name, 1, name, MISSING_COLUMN, remedy)
    problems.raise_if_any()
    if not xs:
        raise GridError(
            f"{path} 没有带坐标的行：请核对 --lon 与 --lat",
            f"{path} has no row with a point: check --lon and --lat",
        )
    return min(xs), min(ys), max(xs), max(ys)


def _or_none(parse: Callable[[str], float]) -> Callable[[str], float | None]:
    """The same parser, giving None for what cannot be a coordinate."""

    def read(cell: str) -> float | None:
        try:
            return parse(cell)
        except codes.CodeError:
            return None

    return read


def regular_cells(extent: Extent, cell_m: float) -> list[Cell]:
    """Rectangles of about `cell_m` metres that cover the extent, north-west first, row by row.

    The step in degrees is the same for the whole grid, right in its middle; over a city the cells
    differ by less than a percent.
    """
    west, south, east, north = extent
    if not (-180 <= west < east <= 180 and -90 < south < north < 90):
        raise GridError(
            "范围须为以度表示的 西,南,东,北，且西小于东、南小于北",
            "the box must be WEST SOUTH EAST NORTH in degrees, west < east, south < north",
        )
    middle = (south + north) / 2
    _, _, metres_east = _EARTH.inv(west, middle, west + 0.01, middle)
    _, _, metres_north = _EARTH.inv(west, middle - 0.005, west, middle + 0.005)
    step_x, step_y = cell_m / metres_east * 0.01, cell_m / metres_north * 0.01
    columns, rows = math.ceil((east - west) / step_x), math.ceil((north - south) / step_y)
    if columns * rows > _MOST_CELLS:
        raise GridError(
            f"将有 {columns * rows:,} 个 {cell_m:g} 米的网格：请放大网格或缩小范围",
            f"that would be {columns * rows:,} cells of {cell_m:g} m; make them larger or fewer",
        )
    xs = [round(west + i * step_x, _DECIMALS) for i in range(columns + 1)]
    ys = [round(north - i * step_y, _DECIMALS) for i in range(rows + 1)]
    return [
        Cell(row, column, xs[column], ys[row + 1], xs[column + 1], ys[row])
        for row in range(rows)
        for column in range(columns)
    ]


def write_grid(
    folder: Path, extent: Extent, cell_m: float, *, valid_from: date | None = None
) -> int:
    """Write `unit_grids.geojson` of a city folder; returns how many cells it has.

    A cell belongs to the smallest area that covers its middle, else to the city. Its code is the
    community's 12 digits and a serial of 3, counted from west to east and north to south inside
    the community, where the community has a national code; elsewhere `AREA-ROW-COLUMN`.
    """
    reader = FolderReader(folder)
    areas = [
        (row["code"], row["level"], row["geometry"])
        for row in reader.features(AREAS, AREA_COLUMNS, unique=("code",), required=True)
    ]
    reader.problems.raise_if_any()
    city = next((code for code, level, _ in areas if level == "city"), None)
    if city is None:
        raise GridError(
            f"{folder / AREAS} 中没有城市：请先加入",
            f"{folder / AREAS} has no city: add it first",
        )
    cells = regular_cells(extent, cell_m)
    homes = _homes(cells, areas, city)
    path = folder / UNIT_GRIDS
    lines = list(_features(cells, homes, valid_from))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return len(lines)


def _homes(cells: list[Cell], areas: list[tuple[str, str, object]], city: str) -> list[str]:
    """For each cell the code of the smallest area that covers its middle."""
    outlined = []
    for code, _, geometry in areas:
        if geometry is not None:
            try:
                outlined.append((code, outlines.outline(geometry)))
            except CellError as error:
                raise GridError(
                    f"{AREAS}，{code}：{error.what.zh}；{error.remedy.zh}",
                    f"{AREAS}, {code}: {error.what.en}; {error.remedy.en}",
                ) from None
    outlined.sort(key=lambda pair: pair[1].area)
    homes = [city] * len(cells)
    middles = shapely.points(
        np.array([(c.west + c.east) / 2 for c in cells]),
        np.array([(c.south + c.north) / 2 for c in cells]),
    )
    tree = shapely.STRtree(middles)
    for code, polygon in reversed(outlined):
        for i in tree.query(polygon, predicate="covers"):
            homes[int(i)] = code
    return homes


def _features(cells: list[Cell], homes: list[str], valid_from: date | None) -> Iterator[str]:
    serials: dict[str, int] = {}
    for cell, home in zip(cells, homes, strict=True):
        if codes.is_national(home, 12):
            serials[home] = serials.get(home, 0) + 1
            if serials[home] > 999:
                raise GridError(
                    f"社区 {home} 将有 999 个以上网格：请放大网格",
                    f"community {home} would have more than 999 grids: make them larger",
                )
            code = f"{home}{serials[home]:03}"
        else:
            code = f"{home}-{cell.row + 1:03}-{cell.column + 1:03}"
        ring = [
            [cell.west, cell.south],
            [cell.east, cell.south],
            [cell.east, cell.north],
            [cell.west, cell.north],
            [cell.west, cell.south],
        ]
        properties = {"code": code, "community": home}
        if valid_from is not None:
            properties["valid_from"] = valid_from.isoformat()
        feature = {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        yield json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
