"""Where the areas lie: a point inside and the bounds of each, in memory like the catalogue."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chengyun.city.find.finder import Bounds
from chengyun.city.snapshot import catalogue

_EXTENTS = """
SELECT id, ST_X(p), ST_Y(p), ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
FROM (SELECT id, geom, ST_PointOnSurface(geom) AS p FROM city_area WHERE geom IS NOT NULL) a
"""


@dataclass(frozen=True)
class Extent:
    """A point inside an area, and its bounds."""

    lon: float
    lat: float
    bounds: Bounds


_lock = threading.Lock()
_cached: tuple[tuple[int, datetime | None], Mapping[int, Extent]] | None = None


def extents() -> Mapping[int, Extent]:
    """The extent of every area that has an outline, or areas with one below it.

    One statement when the areas have changed, else none.
    """
    global _cached  # noqa: PLW0603
    version = catalogue().version
    known = _cached
    if known is not None and known[0] == version:
        return known[1]
    with _lock:
        found = _read()
        _cached = (version, found)
        return found


def forget_extents() -> None:
    """Make the next `extents()` read again."""
    global _cached  # noqa: PLW0603
    _cached = None


def city_bounds() -> Bounds | None:
    """The bounds of the whole city; None before one was loaded with outlines."""
    city = catalogue().city
    extent = extents().get(city.id) if city else None
    return extent.bounds if extent else None


def _read() -> Mapping[int, Extent]:
    with connection.cursor() as cursor:
        cursor.execute(_EXTENTS)
        found = {row[0]: Extent(row[1], row[2], row[3:7]) for row in cursor.fetchall()}
    known = catalogue()
    boxes: dict[int, list[Bounds]] = {}
    for area in known.areas.values():
        if area.id not in found:
            continue
        for code in area.ancestors[:-1]:
            above = known.area_of.get(code)
            if above is not None and above.id not in found:
                boxes.setdefault(above.id, []).append(found[area.id].bounds)
    for area_id, parts in boxes.items():
        west, south = min(p[0] for p in parts), min(p[1] for p in parts)
        east, north = max(p[2] for p in parts), max(p[3] for p in parts)
        found[area_id] = Extent((west + east) / 2, (south + north) / 2, (west, south, east, north))
    return found
