"""Where is it, and what is it: every read of the city that other apps use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.find.addresses import search as matching_addresses
from chengyun.city.find.finder import Match, Question
from chengyun.city.find.text import words_of
from chengyun.city.models import Address, Area, Component, Matter, UnitGrid
from chengyun.city.snapshot import Catalogue, EditionInfo, catalogue, forget_catalogue
from chengyun.core.problems import NotFound

__all__ = [
    "Catalogue",
    "Locator",
    "NearAddress",
    "Place",
    "catalogue",
    "component_by_code",
    "default_edition",
    "forget_catalogue",
    "locate",
    "locate_many",
    "matter_by_code",
    "nearest_address",
    "search_addresses",
]

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """Where a point lies. `area` is the deepest known area, `ancestors` its codes, city first.

    The areas and the grid are loaded without their geometry.
    """

    grid: UnitGrid | None
    area: Area
    city: Area | None = None
    district: Area | None = None
    street: Area | None = None
    community: Area | None = None
    ancestors: list[str] = field(default_factory=list)


# A point lies on a shared border in two grids, and real grids overlap here and there: the lower id
# wins, always. The areas are asked only when no grid covers the point.
_LOCATE = """
WITH grid AS (
    SELECT g.id, g.code, g.community_id
    FROM city_unitgrid g
    WHERE ST_Covers(g.geom, ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490))
      AND g.valid_from <= %(today)s AND (g.valid_until IS NULL OR g.valid_until > %(today)s)
    ORDER BY g.id LIMIT 1
), covering AS (
    SELECT a.id
    FROM city_area a
    WHERE NOT EXISTS (SELECT FROM grid)
      AND ST_Covers(a.geom, ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490))
    ORDER BY a.area_m2, a.id LIMIT 1
), deepest AS (
    SELECT a.id, a.ancestors
    FROM city_area a
    WHERE a.id = COALESCE((SELECT community_id FROM grid), (SELECT id FROM covering))
)
SELECT a.id, a.code, a.name_zh, a.name_en, a.level, a.parent_id, a.ancestors,
       a.id = deepest.id, deepest.ancestors,
       (SELECT id FROM grid), (SELECT code FROM grid), (SELECT community_id FROM grid)
FROM deepest JOIN city_area a ON a.code = ANY (deepest.ancestors)
"""
_AREA_FIELDS = ["id", "code", "name_zh", "name_en", "level", "parent_id", "ancestors"]


def locate(lon: float, lat: float) -> Place | None:
    """Find the unit grid and the areas of a CGCS2000 point by one indexed query.

    Where no unit grid covers the point, the smallest area that does is taken; None outside.
    """
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"lon": lon, "lat": lat, "today": timezone.localdate()}
        cursor.execute(_LOCATE, parameters)
        rows = cursor.fetchall()
    if not rows:
        return None
    areas: dict[str, Area] = {}
    deepest: Area | None = None
    for row in rows:
        area = Area.from_db("default", _AREA_FIELDS, row[:7])
        areas[area.level] = area
        if row[7]:
            deepest = area
    assert deepest is not None
    grid = None
    if rows[0][9] is not None:
        grid = UnitGrid.from_db("default", ["id", "code", "community_id"], rows[0][9:12])
        grid.community = deepest
    return Place(grid=grid, area=deepest, ancestors=rows[0][8], **areas)


class Locator:
    """Finds grid and area of very many points; holds the outlines in memory.

    Make one per import and use it for every batch: `Locator.load().locate(lons, lats)`.
    """

    def __init__(
        self, grids: Sequence[tuple[int, int, bytes]], areas: Sequence[tuple[int, bytes]]
    ) -> None:
        self._grid_ids = np.array([row[0] for row in grids], dtype=np.int64)
        self._grid_areas = np.array([row[1] for row in grids], dtype=np.int64)
        self._grid_outlines = shapely.from_wkb(np.array([row[2] for row in grids], dtype=object))
        self._area_ids = np.array([row[0] for row in areas], dtype=np.int64)
        self._area_outlines = shapely.from_wkb(np.array([row[1] for row in areas], dtype=object))

    @classmethod
    def load(cls) -> Self:
        """Read the outlines of today: grids in the order of their ids, areas smallest first."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, community_id, ST_AsBinary(geom)::bytea FROM city_unitgrid "
                "WHERE valid_from <= %(today)s AND (valid_until IS NULL OR valid_until > %(today)s)"
                " ORDER BY id",
                {"today": timezone.localdate()},
            )
            grids = [(i, area, bytes(wkb)) for i, area, wkb in cursor.fetchall()]
            cursor.execute(
                "SELECT id, ST_AsBinary(geom)::bytea FROM city_area WHERE geom IS NOT NULL "
                "ORDER BY area_m2, id"
            )
            areas = [(i, bytes(wkb)) for i, wkb in cursor.fetchall()]
        return cls(grids, areas)

    def locate(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[Ids, Ids]:
        """For each point the id of its unit grid and of its deepest area; 0 where there is none.

        The same answers as `locate` gives one by one. NaN coordinates are nowhere.
        """
        x, y = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
        grid_ids, area_ids = np.zeros(len(x), np.int64), np.zeros(len(x), np.int64)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        points = shapely.points(x[known], y[known])
        first = _first_cover(points, self._grid_outlines)
        inside = first >= 0
        grid_ids[known[inside]] = self._grid_ids[first[inside]]
        area_ids[known[inside]] = self._grid_areas[first[inside]]
        outside = known[~inside]
        first = _first_cover(points[~inside], self._area_outlines)
        area_ids[outside[first >= 0]] = self._area_ids[first[first >= 0]]
        return grid_ids, area_ids


def _first_cover(points: npt.NDArray[Any], outlines: npt.NDArray[Any]) -> Ids:
    """For each point the index of the first outline that covers it, -1 where none does."""
    first = np.full(len(points), -1, dtype=np.int64)
    if len(points) and len(outlines):
        # The tree is made of the points: each outline is then prepared once, which is the faster
        # way round.
        outline, point = shapely.STRtree(points).query(outlines, predicate="covers")
        order = np.argsort(-outline, kind="stable")
        first[point[order]] = outline[order]
    return first


def locate_many(lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[Ids, Ids]:
    """Ids of unit grid and deepest area of many CGCS2000 points, 0 where there is none."""
    return Locator.load().locate(lons, lats)


@dataclass(frozen=True)
class NearAddress:
    """An address near a point, and how far away it is in metres."""

    address: Address
    distance_m: float


# The index orders by degrees, in which a step north is longer than a step east: the ten nearest
# by degrees are put in order by metres.
_NEAREST = """
SELECT id, full_text, kind, area_id, unit_grid_id, metres FROM (
    SELECT id, full_text, kind, area_id, unit_grid_id,
           ST_DistanceSphere(geom, ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490)) AS metres
    FROM city_address
    ORDER BY geom <-> ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490)
    LIMIT 10
) nearest
WHERE metres <= %(within)s ORDER BY metres, id LIMIT 1
"""


def nearest_address(lon: float, lat: float, *, within_m: float = 300.0) -> NearAddress | None:
    """The address nearest to a CGCS2000 point, None when none is within `within_m` metres."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, {"lon": lon, "lat": lat, "within": within_m})
        row = cursor.fetchone()
    if row is None:
        return None
    names = ["id", "full_text", "kind", "area_id", "unit_grid_id"]
    return NearAddress(Address.from_db("default", names, row[:5]), row[5])


def search_addresses(text: str, limit: int = 10) -> list[Address]:
    """Addresses that contain every word of a text, by index, the shortest first."""
    question = Question(text=text, words=words_of(text), near=None, limit=limit, reach=None)
    ids = [row.id for row in matching_addresses(question) if row.match <= Match.PART]
    rows = Address.objects.select_related("area", "unit_grid")
    known = rows.defer("area__geom", "unit_grid__geom").in_bulk(ids)
    return [known[address] for address in ids]


def component_by_code(code: str, rows: QuerySet[Component]) -> Component:
    """The one of these components that has the code, removed or not. Raises NotFound."""
    found = rows.filter(code=code).first()
    if found is None:
        raise NotFound(
            zh=f"没有部件 {code}。",
            en=f"There is no component {code}.",
            field="code",
            remedy_zh="请核对标识码。",
            remedy_en="Check the code.",
        )
    return found


def default_edition() -> EditionInfo:
    """The edition that the city works with; raises LookupError before a city was loaded."""
    return catalogue().default_edition


def matter_by_code(edition: str, code: str) -> Matter:
    """The matter of an edition by its code; raises Matter.DoesNotExist."""
    return Matter.objects.select_related("edition").get(edition__code=edition, code=code)


assert CGCS2000_SRID == 4490, "the SQL of this file names the number"
