"""Cases by cell: how many stand where, how many are open, how many came back.

A cell is a unit grid or a hexagon of H3. The numbers are those of the list of cases with the same
filters, `bbox` apart: here it names the cells that it touches, and each cell is counted whole.
Rates are 0 to 1, 0/0 is None; positions are CGCS2000.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import h3
import h3.api.basic_int as hexagons
import shapely
from django.contrib.gis.geos import Polygon
from django.db.models import (
    Count,
    FloatField,
    Func,
    Q,
    QuerySet,
    TextField,
)

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models import UnitGrid
from chengyun.core.access import Scope
from chengyun.core.problems import Invalid
from chengyun.governance.models import OPEN, Case
from chengyun.governance.queries import CaseFilter, filter_cases, visible_cases
from chengyun.governance.repeats import repeated

#: Cells of one answer.
MOST_CELLS = 20_000
#: Places of cases of one answer in hexagons: each is put into its cell here, not by the database.
MOST_PLACES = 1_000_000
#: Filed cases up to which repeats are counted without being asked for: each looks back once.
MOST_LOOKED_BACK = 200_000
#: Sizes of hexagons, in the city's latitude about: 6 is 36 km², 8 is 0.7 km², 10 is 0.015 km².
COARSEST, FINEST, USUAL = 6, 10, 8

#: Places that are held in memory at once.
_ROWS = 10_000
_DECIMALS = 6
# A millimetre: an outline opens the same cases in the list, but for those within a hand's breadth
# of an edge, which is straight on the globe here and straight on the map there.
_EDGE_DECIMALS = 8
_KM_PER_DEGREE = 110.5  # of latitude, where a degree is shortest
# The way from the middle to the farthest corner, in mean edges; none is so irregular.
_REACH = 1.6

Box = tuple[float, float, float, float]


class Cells(StrEnum):
    """What the ground is divided into."""

    UNIT_GRID = "unit_grid"
    H3 = "h3"


@dataclass(frozen=True)
class Division:
    """Which cells are wanted. `repeats` None counts them where that is cheap (`MOST_LOOKED_BACK`);
    `outlines` adds the outline of every cell, simplified to a fiftieth of its width."""

    cells: Cells = Cells.UNIT_GRID
    resolution: int = USUAL
    repeats: bool | None = None
    outlines: bool = False


@dataclass(slots=True)
class Tally:
    """What one cell holds."""

    n: int = 0
    open: int = 0
    filed: int = 0

    def add(self, n: int, open: int, filed: int) -> None:  # noqa: A002
        self.n += n
        self.open += open
        self.filed += filed


def density(scope: Scope, wanted: CaseFilter, division: Division) -> dict[str, Any]:
    """Cells with cases that the scope may see, the fullest first; three statements at most.

    `elsewhere` are cases that stand in no cell (None: a box was asked for, and they are nowhere).
    Raises Invalid for more than `MOST_CELLS` cells or, in hexagons, `MOST_PLACES` places or
    an outline: its cells could not be opened again.
    """
    if division.cells is Cells.H3 and wanted.within is not None:
        raise _no_outline()
    cases = filter_cases(visible_cases(scope), replace(wanted, bbox=None)).order_by()
    again = repeated(wanted.repeat_days)
    if division.cells is Cells.H3:
        return _in_hexagons(cases, again, wanted.bbox, division)
    return _in_grids(cases, again, wanted.bbox, division)


def _in_grids(
    cases: QuerySet[Case], again: Any, box: Box | None, division: Division
) -> dict[str, Any]:
    if box is not None:
        touched = UnitGrid.objects.filter(geom__intersects=_polygon(box)).order_by()
        cases = cases.filter(unit_grid__in=touched.values("pk"))
    rows = (
        cases.values_list("unit_grid")
        # Rows, not keys: all that is counted stands in the index case_unit_grid.
        .annotate(n=Count("*"), open=Count("state", filter=_OPEN), filed=Count("filed_at"))
        .order_by()[: MOST_CELLS + 2]
    )
    tallies: dict[Any, Tally] = {grid: Tally(*numbers) for grid, *numbers in rows}
    nowhere = tallies.pop(None, Tally()).n

    def look_back() -> Mapping[Hashable, int]:
        back = cases.filter(again, unit_grid__isnull=False)
        return dict(back.values_list("unit_grid").annotate(Count("pk")).order_by())

    repeats = _repeats(tallies, division, look_back)
    items = [
        {
            "cell": grid.code,
            **_numbers(tallies[grid.pk], grid.area_m2 / 1e6, repeats, grid.pk),
            "lon": round(grid.lon, _DECIMALS),
            "lat": round(grid.lat, _DECIMALS),
            **({"geometry": json.loads(grid.outline)} if division.outlines else {}),
        }
        for grid in _grids(tallies, outlines=division.outlines)
    ]
    return _answer(items, nowhere if box is None else None)


def _grids(ids: Collection[int], *, outlines: bool) -> QuerySet[Any]:
    """Unit grids with a point inside, and their outline where it is wanted."""
    shape = UnitGrid._meta.get_field("geom")
    inside = Func("geom", function="ST_PointOnSurface", output_field=shape)
    grids = UnitGrid.objects.filter(pk__in=list(ids)).only("code", "area_m2").order_by()
    grids = grids.annotate(
        lon=Func(inside, function="ST_X", output_field=FloatField()),
        lat=Func(inside, function="ST_Y", output_field=FloatField()),
    )
    if outlines:
        simple = Func(
            "geom",
            # A fiftieth of the width, in degrees.
            Func("area_m2", function="sqrt", template="%(function)s(%(expressions)s) * 1.8e-7"),
            function="ST_SimplifyPreserveTopology",
            output_field=shape,
        )
        text = {"template": f"%(function)s(%(expressions)s, {_DECIMALS})"}
        grids = grids.annotate(
            outline=Func(simple, function="ST_AsGeoJSON", output_field=TextField(), **text)
        )
    return grids


def _in_hexagons(
    cases: QuerySet[Case], again: Any, box: Box | None, division: Division
) -> dict[str, Any]:
    size = division.resolution
    if box is not None:
        cases = cases.filter(geom__bboverlaps=_polygon(_widened(box, size)))
    tallies: dict[Any, Tally] = {}
    nowhere = places = 0
    numbers = {"n": Count("*"), "open": Count("state", filter=_OPEN), "filed": Count("filed_at")}
    for lon, lat, *counted in _by_place(cases, **numbers):
        if lon is None:
            nowhere = counted[0]
            continue
        places += 1
        tallies.setdefault(hexagons.latlng_to_cell(lat, lon, size), Tally()).add(*counted)
    if places > MOST_PLACES:
        raise _too_many_places()
    if box is not None:
        tallies = {cell: tally for cell, tally in tallies.items() if _touches(cell, box)}

    def look_back() -> Mapping[Hashable, int]:
        found: Counter[Hashable] = Counter()
        back = cases.filter(again, geom__isnull=False)
        for lon, lat, n in _by_place(back, n=Count("*")):
            found[hexagons.latlng_to_cell(lat, lon, size)] += n
        return found

    repeats = _repeats(tallies, division, look_back)
    items = list(_hexagon_items(tallies, repeats, outlines=division.outlines))
    return _answer(items, nowhere if box is None else None)


def _by_place(cases: QuerySet[Case], **numbers: Count) -> Iterator[tuple[Any, ...]]:
    """Longitude, latitude and the numbers of each place that a case stands at. A city has fewer
    places than cases: addresses and components are reported again and again."""
    places = cases.annotate(lon=_LON, lat=_LAT).values_list("lon", "lat")
    rows = places.annotate(**numbers).order_by()[: MOST_PLACES + 2]
    return rows.iterator(chunk_size=_ROWS)


def _hexagon_items(
    tallies: Mapping[int, Tally], repeats: Mapping[Hashable, int] | None, *, outlines: bool
) -> Iterator[dict[str, Any]]:
    for cell, tally in tallies.items():
        lat, lon = hexagons.cell_to_latlng(cell)
        corners = _corners(cell)
        item = {
            "cell": h3.int_to_str(cell),
            **_numbers(tally, hexagons.cell_area(cell, unit="km^2"), repeats, cell),
            "lon": round(lon, _DECIMALS),
            "lat": round(lat, _DECIMALS),
            "within": ";".join(
                f"{x:.{_EDGE_DECIMALS}f},{y:.{_EDGE_DECIMALS}f}" for x, y in corners
            ),
        }
        if outlines:
            item["geometry"] = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
        yield item


def _corners(cell: int) -> list[tuple[float, float]]:
    """The corners of a hexagon, lon-lat."""
    return [
        (round(lon, _EDGE_DECIMALS), round(lat, _EDGE_DECIMALS))
        for lat, lon in hexagons.cell_to_boundary(cell)
    ]


def _touches(cell: int, box: Box) -> bool:
    west, south, east, north = box
    corners = _corners(cell)
    # Most cells lie inside; only those at the rim are worth an exact test.
    if any(west <= x <= east and south <= y <= north for x, y in corners):
        return True
    return bool(shapely.Polygon(corners).intersects(shapely.box(*box)))


def _widened(box: Box, size: int) -> Box:
    """A box that holds every hexagon which touches `box`, whole."""
    west, south, east, north = box
    reach = 2 * _REACH * h3.average_hexagon_edge_length(size, unit="km") / _KM_PER_DEGREE
    south, north = max(-89.9, south - reach), min(89.9, north + reach)
    across = reach / math.cos(math.radians(max(abs(south), abs(north))))
    return max(-180.0, west - across), south, min(180.0, east + across), north


def _repeats(
    tallies: Mapping[Any, Tally], division: Division, count: Callable[[], Mapping[Hashable, int]]
) -> Mapping[Hashable, int] | None:
    """The repeats of each cell; None where they are not counted. Checks the number of cells."""
    if len(tallies) > MOST_CELLS:
        raise _too_many_cells()
    wanted = division.repeats
    if wanted is None:
        wanted = sum(tally.filed for tally in tallies.values()) <= MOST_LOOKED_BACK
    return count() if wanted else None


def _numbers(
    tally: Tally, km2: float, repeats: Mapping[Hashable, int] | None, key: Hashable
) -> dict[str, Any]:
    again = None if repeats is None else repeats.get(key, 0)
    return {
        "n": tally.n,
        "open": tally.open,
        "filed": tally.filed,
        "repeats": again,
        "repeat_rate": None if again is None or not tally.filed else round(again / tally.filed, 4),
        "area_km2": round(km2, 6),
        "per_km2": round(tally.n / km2, 3) if km2 > 0 else None,
    }


def _answer(items: list[dict[str, Any]], elsewhere: int | None) -> dict[str, Any]:
    items.sort(key=lambda item: (-item["n"], item["cell"]))
    return {"items": items, "elsewhere": elsewhere}


def _polygon(box: Box) -> Polygon:
    polygon = Polygon.from_bbox(box)
    polygon.srid = CGCS2000_SRID
    return polygon


def _too_many_cells() -> Invalid:
    return Invalid(
        zh=f"单元超过 {MOST_CELLS} 个。",
        en=f"There are more than {MOST_CELLS} cells.",
        field="bbox",
        remedy_zh="请以 bbox 缩小范围，或降低 resolution。",
        remedy_en="Give a smaller bbox, or a lower resolution.",
    )


def _no_outline() -> Invalid:
    return Invalid(
        zh="按六边形统计时不能同时给出 within。",
        en="Hexagons cannot be counted within an outline.",
        field="within",
        remedy_zh="请改用 bbox，或按单元网格统计。",
        remedy_en="Give a bbox, or use cells=unit_grid.",
    )


def _too_many_places() -> Invalid:
    return Invalid(
        zh=f"案件的位置超过 {MOST_PLACES} 个，不能按六边形统计。",
        en=f"Cases stand at more than {MOST_PLACES} places: too many to put into hexagons.",
        field="bbox",
        remedy_zh="请缩小范围或时段，或按单元网格统计。",
        remedy_en="Give a smaller bbox or a shorter time, or use cells=unit_grid.",
    )


_OPEN = Q(state__in=[state.value for state in OPEN])
_LON = Func("geom", function="ST_X", output_field=FloatField())
_LAT = Func("geom", function="ST_Y", output_field=FloatField())
