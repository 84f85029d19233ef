"""Unit grids of a day: lists, and whether they tile their communities."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import shapely
from django.db import connection
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from chengyun.city.grids.topology import GridShape, Limits, TopologyFault, faults_of
from chengyun.city.models import UnitGrid
from chengyun.city.snapshot import AreaInfo, Catalogue, catalogue
from chengyun.core.problems import Invalid

# What other communities have within the box of these: it must not be overlapped.
_SHAPES = """
SELECT g.code, a.code, ST_AsBinary(g.geom)::bytea, g.community_id = ANY (%(communities)s)
FROM city_unitgrid g JOIN city_area a ON a.id = g.community_id
WHERE g.valid_from <= %(day)s AND (g.valid_until IS NULL OR g.valid_until > %(day)s)
  AND (g.community_id = ANY (%(communities)s) OR g.geom && (
      SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4490) FROM city_unitgrid
      WHERE community_id = ANY (%(communities)s)))
ORDER BY g.code
"""
_OUTLINES = """
SELECT code, ST_AsBinary(geom)::bytea FROM city_area WHERE id = ANY (%(communities)s)
"""
#: Communities that are held in memory at once.
_STEP = 100


def grids_on(day: date) -> QuerySet[UnitGrid]:
    """The grids that hold on a day."""
    return UnitGrid.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), valid_from__lte=day
    )


def communities_below(code: str) -> list[AreaInfo]:
    """The areas at or below one (all of the city for "") in the order of their codes, which may
    have grids. Raises Invalid for an area that is not there."""
    known: Catalogue = catalogue()
    if code and code not in known.area_of:
        raise Invalid(
            zh=f"没有区域 {code}。",
            en=f"There is no area {code}.",
            field="area",
            remedy_zh="请核对代码。",
            remedy_en="Check the code.",
        )
    found = [a for a in known.areas.values() if not code or code in a.ancestors]
    return sorted(found, key=lambda area: area.code)


def faults_on(
    day: date,
    communities: Sequence[AreaInfo],
    limits: Limits = Limits(),  # noqa: B008  (frozen)
) -> Iterator[TopologyFault]:
    """The faults of the grids that hold on a day, by community; a hundred are looked at a time."""
    for start in range(0, len(communities), _STEP):
        some = communities[start : start + _STEP]
        yield from _faults(day, some, limits)


def _faults(day: date, communities: Sequence[AreaInfo], limits: Limits) -> list[TopologyFault]:
    parameters: dict[str, Any] = {"communities": [area.id for area in communities], "day": day}
    own: list[GridShape] = []
    near: list[GridShape] = []
    with connection.cursor() as cursor:
        cursor.execute(_SHAPES, parameters)
        for code, community, wkb, is_own in cursor.fetchall():
            shape = GridShape(code, community, shapely.from_wkb(bytes(wkb)))
            (own if is_own else near).append(shape)
        cursor.execute(_OUTLINES, parameters)
        outlines: dict[str, BaseGeometry | None] = {
            code: shapely.from_wkb(bytes(wkb)) if wkb is not None else None
            for code, wkb in cursor.fetchall()
        }
    return faults_of(own, outlines, limits, near)


def fault_feature(fault: TopologyFault) -> dict[str, Any]:
    """A fault as a GeoJSON feature."""
    geometry = shapely.transform(fault.geometry, lambda xy: xy.round(8))
    return {
        "type": "Feature",
        "geometry": json.loads(shapely.to_geojson(geometry)),
        "properties": {
            "kind": fault.kind.value,
            "community": fault.community,
            "code": fault.code,
            "other": fault.other,
            "m2": fault.m2,
            "lon": fault.point[0],
            "lat": fault.point[1],
            "zh": fault.zh,
            "en": fault.en,
            "remedy_zh": fault.remedy_zh,
            "remedy_en": fault.remedy_en,
        },
    }
