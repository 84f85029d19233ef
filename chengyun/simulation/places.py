"""Where things stand: along the streets that bound a grid, on named roads with door numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon

from chengyun.simulation.areas import Grid, Ground
from chengyun.simulation.cutting import METRES_PER_DEGREE, SHRINK, to_plane
from chengyun.simulation.scale import chance
from chengyun.simulation.words import words

Floats = npt.NDArray[np.float64]
# Pavement: this far inside the grid's border, less in a narrow grid.
_KERB_M = 6.0
# One road every so many metres, but no more than this many across a street's area.
_ROAD_EVERY_M = 450.0
_ROADS_AT_MOST = 24
_METRES_PER_DOOR = 14.0
_DOORS_AT_MOST = 480


def kerb(grid: Grid) -> LineString | None:
    """The line along the inside of a grid's border, in plane units; None for a sliver."""
    shape = to_plane(grid.outline)
    for metres in (_KERB_M, _KERB_M / 4):
        inside = shapely.buffer(shape, -metres / METRES_PER_DEGREE, quad_segs=1)
        parts = [p for p in getattr(inside, "geoms", [inside]) if not p.is_empty]
        if parts:
            largest: Polygon = max(parts, key=lambda p: float(p.area))
            return LineString(largest.exterior.coords)
    return None


def length_m(line: LineString) -> float:
    """Length of a line in plane units, in metres."""
    return float(line.length) * METRES_PER_DEGREE


def points_along(line: LineString, shares: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Points at the given shares (0 to 1) of a line: lon-lat in degrees, and whether the line runs
    rather east-west there."""
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, shares, normalized=True))
    ahead = shapely.get_coordinates(
        shapely.line_interpolate_point(line, (shares + 1e-4) % 1.0, normalized=True)
    )
    step = np.abs(ahead - here)
    degrees = np.round(here / np.array([SHRINK, 1.0]), 7)
    return degrees, step[:, 0] >= step[:, 1]


@dataclass(frozen=True)
class Roads:
    """The named roads of one street's area: bands from west to east and from south to north."""

    west: float
    south: float
    pitch: tuple[float, float]
    eastward: tuple[str, ...]
    northward: tuple[str, ...]

    def address(self, lon: float, lat: float, eastward: bool) -> tuple[str, int]:
        """The road at a point and the door number there; odd on the north and east side."""
        across, along = (lat - self.south, lon - self.west)
        pitch, names = self.pitch[1], self.eastward
        if not eastward:
            across, along = along, across
            pitch, names = self.pitch[0], self.northward
        place = across / pitch
        band = min(max(int(place), 0), len(names) - 1)
        doors = 1 + int(along * METRES_PER_DEGREE / _METRES_PER_DOOR) % _DOORS_AT_MOST
        side = 1 if place % 1.0 < 0.5 else 0
        return names[band], 2 * doors - side


def name_roads(city: Ground, seed: int) -> dict[str, Roads]:
    """Roads of every street, by its code. A name stands for one road only within a district."""
    result: dict[str, Roads] = {}
    for district in city.children:
        dice = chance(seed, "roads", district.code)
        stems, suffixes = list(words("roads", "stem")), sorted(set(words("roads", "suffix")))
        names = [stem + suffix for suffix in suffixes for stem in dice.sample(stems, len(stems))]
        # Plain 路 first: it is what most roads are called.
        names.sort(key=lambda n: 0 if n[-1] == "路" and n[-2] not in "东西南北支一二三" else 1)
        free = iter(names)
        for street in district.children:
            assert street.outline is not None
            west, south, east, north = street.outline.bounds
            counts = [
                min(_ROADS_AT_MOST, max(2, round(size * METRES_PER_DEGREE / _ROAD_EVERY_M)))
                for size in ((east - west) * SHRINK, north - south)
            ]
            if counts[0] + counts[1] > 14 and street.name.endswith("镇"):
                counts = [7, 7]
            northward = tuple(next(free) for _ in range(counts[0]))
            eastward = tuple(next(free) for _ in range(counts[1]))
            pitch = ((east - west) / counts[0], (north - south) / counts[1])
            result[street.code] = Roads(west, south, pitch, eastward, northward)
    return result


def inner_point(grid: Grid) -> tuple[float, float]:
    """A point that surely lies in the grid, lon-lat in degrees."""
    point: Point = grid.outline.representative_point()
    return round(point.x, 7), round(point.y, 7)


def apportion(weights: Floats, total: int) -> npt.NDArray[np.int64]:
    """Whole numbers in proportion to `weights` that add up to `total` (largest remainders)."""
    exact = weights / weights.sum() * total
    counts: npt.NDArray[np.int64] = np.floor(exact).astype(np.int64)
    missing = total - int(counts.sum())
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[:missing]] += 1
    return counts
