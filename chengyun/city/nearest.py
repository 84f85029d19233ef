"""The nearest components to a point: which hydrants, which cameras are at hand.

In a straight line, over the ellipsoid. The way by road is found in `roads.nearest`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.db import connection

from chengyun.city.models.components import ComponentState
from chengyun.city.snapshot import ComponentClassInfo, catalogue
from chengyun.core.problems import Invalid

#: What is no longer in the street.
GONE = (ComponentState.REMOVED.value, ComponentState.LOST.value)
MOST = 50
#: Farther than this nothing is at hand, metres.
FARTHEST = 50_000.0

_METRES_PER_DEGREE = 110_500.0  # of latitude, where a degree is shortest
# The index orders by degrees, in which a step east is shorter than a step north. So: the k nearest
# by degrees say how far the k nearest by metres can lie at most (a degree of latitude is nowhere
# 1.02 times as long as elsewhere); what lies so far is put in order by metres.
_NEAREST = """
WITH here AS (SELECT ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490) AS point),
reach AS (
    SELECT 1.02 * max(degrees) + 1e-7 AS degrees FROM (
        SELECT geom <-> (SELECT point FROM here) AS degrees FROM city_component
        WHERE geom && ST_Expand((SELECT point FROM here), %(wide)s, %(high)s)
          AND state <> ALL (%(gone)s) {classes}
        ORDER BY geom <-> (SELECT point FROM here) LIMIT %(k)s
    ) AS near
)
SELECT code, name, component_class_id, state, lon, lat, metres FROM (
    SELECT code, name, component_class_id, state, ST_X(geom) AS lon, ST_Y(geom) AS lat,
        ST_DistanceSpheroid(geom, point, 'SPHEROID["CGCS2000",6378137,298.257222101]') AS metres
    FROM here, reach, city_component
    WHERE geom && ST_Expand(point, degrees / cos(radians(least(abs(%(lat)s) + degrees, 89))),
                            degrees)
      AND state <> ALL (%(gone)s) {classes}
) AS near
WHERE metres <= %(within)s ORDER BY metres, code LIMIT %(k)s
"""
_OF_CLASSES = "AND component_class_id = ANY (%(classes)s)"


@dataclass(frozen=True)
class NearComponent:
    """A component near a point, and how far away it is in metres."""

    code: str
    name: str
    kind: ComponentClassInfo
    state: str
    lon: float
    lat: float
    metres: float


def nearest_components(
    lon: float, lat: float, *, classes: Collection[str] = (), k: int = 5, within: float = FARTHEST
) -> list[NearComponent]:
    """The `k` components nearest to a CGCS2000 point within so many metres, nearest first, by one
    statement. What is lost or removed is not among them; what is damaged is, and says so.

    `classes` are class codes, or class and subclass codes, of the city's edition; none are all.
    Raises Invalid for a class that is not there.
    """
    high = within / _METRES_PER_DEGREE
    parameters: dict[str, Any] = {
        "lon": lon, "lat": lat, "k": k, "within": within, "gone": list(GONE),
        "high": high, "wide": high / cos(radians(min(abs(lat) + high, 89.0))),
        "classes": _ids(classes),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST.format(classes=_OF_CLASSES if classes else ""), parameters)
        rows = cursor.fetchall()
    kinds = catalogue().component_classes
    return [
        NearComponent(code, name, kinds[kind], state, x, y, metres)
        for code, name, kind, state, x, y, metres in rows
    ]


def _ids(codes: Collection[str]) -> list[int]:
    """Ids of the classes that the codes name."""
    known = catalogue()
    own = [
        info for info in known.component_classes.values()
        if info.edition == known.default_edition.code
    ]  # fmt: skip
    found: list[int] = []
    for code in codes:
        ids = [info.id for info in own if code in (info.class_code, info.code)]
        if not ids:
            raise Invalid(
                zh=f"没有部件类别 {code}。",
                en=f"There is no component class {code}.",
                field="class",
                remedy_zh="请核对代码。",
                remedy_en="Check the code.",
            )
        found += ids
    return found
