"""The nearest components along the roads: how far one has to go, and which way.

From the point to the nearest road, along the roads, from there to the component. No way is shorter
than the straight line, so components are read by straight distance until no farther one can win.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from chengyun.city.layers.description import Description
from chengyun.city.nearest import MOST, NearComponent, nearest_components
from chengyun.city.roads.network import Feet, Network
from chengyun.city.roads.reading import network_of, road_layer
from chengyun.core.access import Scope
from chengyun.core.problems import Invalid

#: Farther than this from any road nothing is reached by road, metres.
FAR_FROM_ROAD: Final = 500.0
#: How far is looked first, metres; then four times as far, and so on.
_FIRST_LOOK: Final = 2_000.0
#: Components whose ways are compared first, and at most.
_FIRST, _MOST = 64, 4_096


@dataclass(frozen=True)
class RoadAnswer:
    """The components by road, nearest first; their `metres` are those of the way, `line`. `gap` are
    the metres from the point to its road."""

    layer: Description
    gap: float
    items: list[tuple[NearComponent, list[tuple[float, float]]]]


def nearest_by_road(
    lon: float, lat: float, *, reach: Scope, roads: str = "", classes: Collection[str] = (),
    k: int = 5, within: float,
) -> RoadAnswer:  # fmt: skip
    """The `k` components to which the way from a CGCS2000 point is shortest and no longer than
    `within` metres. Where one-way streets are told, the way there, not the way back.

    `roads` is the code of a layer, else the first that is declared to be the roads. Components that
    lie `FAR_FROM_ROAD` from any road are left out, as are those to which no road leads. Raises
    NotFound without a layer of roads, Invalid for a point far from any road."""
    layer = road_layer(reach, roads)
    network = network_of(layer, reach)
    start = network.feet(np.array([lon]), np.array([lat]), FAR_FROM_ROAD)
    if start.stretch[0] < 0:
        raise _far_from_road(layer)
    limit, count = min(_FIRST_LOOK, within), max(_FIRST, 2 * k)
    while True:
        near = nearest_components(lon, lat, classes=classes, k=count, within=limit)
        found = _by_road(network, start, near, lon, lat, limit)[:k]
        full = len(found) == k
        # What was not read is farther in a straight line than the last that was.
        all_read = len(near) < count or (full and found[-1][0].metres <= near[-1].metres)
        if not all_read and count < _MOST:
            count *= 8
        elif full or limit >= within or not all_read:
            return RoadAnswer(layer, float(start.gap[0]), found)
        else:
            limit = min(4 * limit, within)


def _by_road(
    network: Network, start: Feet, near: list[NearComponent], lon: float, lat: float, limit: float
) -> list[tuple[NearComponent, list[tuple[float, float]]]]:
    """The components within so many metres of way, the nearest first."""
    places = np.array([(each.lon, each.lat) for each in near], dtype=np.float64).reshape(-1, 2)
    ends = network.feet(places[:, 0], places[:, 1], FAR_FROM_ROAD)
    feet = start.before(ends)
    ways = network.ways(feet, limit)
    found = []
    for number, component in enumerate(near, start=1):
        way = ways.best(number)
        if way is None:
            continue
        metres = float(feet.gap[0]) + way.metres + float(feet.gap[number])
        if metres <= limit:
            found.append((metres, component.code, number, way))
    found.sort(key=lambda each: each[:2])
    return [
        (
            replace(near[number - 1], metres=metres),
            [(lon, lat), *ways.line(number, way), (near[number - 1].lon, near[number - 1].lat)],
        )
        for metres, _, number, way in found[:MOST]
    ]


def _far_from_road(layer: Description) -> Invalid:
    return Invalid(
        zh=f"该点 {FAR_FROM_ROAD:.0f} 米内没有图层 {layer.zh} 的道路。",
        en=f"No road of {layer.en} lies within {FAR_FROM_ROAD:.0f} m of the point.",
        field="by",
        remedy_zh="请选择路边的点，或按直线查找。",
        remedy_en="Choose a point at a road, or ask for straight distances.",
    )
