"""Cuts a polygon into tiles: recursive straight cuts across the long side, like blocks by roads.

All geometry here is in a plane where a degree of longitude was shrunk to the length of a degree of
latitude (see `to_plane`), so that "long side" and "near" mean what they mean on the ground.
"""

import math
import random
from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import shapely
from shapely.affinity import scale as stretch
from shapely.geometry import MultiPolygon, Point, Polygon, box

# One factor for the whole city keeps shared borders shared; Qingdao spans 35.6° to 37.2° N.
SHRINK = math.cos(math.radians(36.3))
METRES_PER_DEGREE = 111_195.0
# Output grid of 1e-7 degree (1 cm): far below survey accuracy, short enough to write.
PRECISION = 1e-7
_HALVINGS = 9

Shape: TypeAlias = Polygon | MultiPolygon
T = TypeVar("T")


def to_plane(shape: Shape) -> Shape:
    """Degrees → plane units (degrees of latitude)."""
    return stretch(shape, SHRINK, 1.0, origin=(0, 0))


def to_degrees(shape: Shape) -> Shape:
    """Plane units → degrees, snapped to the output grid and valid."""
    snapped = shapely.set_precision(stretch(shape, 1.0 / SHRINK, 1.0, origin=(0, 0)), PRECISION)
    return only_polygons(snapped)


def area_m2(shape: Shape) -> float:
    """Area in m² of a shape in degrees (equirectangular at the city's latitude, ±1 %)."""
    return float(shape.area) * SHRINK * METRES_PER_DEGREE**2


def only_polygons(shape: Any) -> Shape:
    """Drops the points and lines that clipping can leave beside the polygons."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = [p for p in getattr(shape, "geoms", []) if isinstance(p, Polygon | MultiPolygon)]
    return only_polygons(shapely.union_all(parts)) if parts else Polygon()


def _long_axis(shape: Shape) -> float:
    """Direction of the longer side of the smallest rectangle around the shape, radians."""
    corners = np.asarray(shapely.get_coordinates(shapely.oriented_envelope(shape)))
    if len(corners) < 4:
        return 0.0
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    dx, dy = first if np.hypot(*first) >= np.hypot(*second) else second
    return math.atan2(dy, dx)


def _half_plane(offset: float, angle: float, reach: float, ahead: bool) -> Polygon:
    """The big rectangle before (or ahead of) the line at `offset` along `angle`."""
    low, high = (offset, offset + reach) if ahead else (offset - reach, offset)
    rectangle = box(low, -reach, high, reach)
    cos, sin = math.cos(angle), math.sin(angle)
    return shapely.transform(rectangle, lambda c: c @ np.array([[cos, sin], [-sin, cos]]))


def cut_in_two(shape: Shape, share: float, angle: float) -> tuple[Shape, Shape]:
    """Cuts at right angles to `angle` so that the first part has `share` of the area."""
    cos, sin = math.cos(angle), math.sin(angle)
    corners = np.asarray(shapely.get_coordinates(shape))
    along = corners @ np.array([cos, sin])
    across = corners @ np.array([-sin, cos])
    low, high = float(along.min()), float(along.max())
    # The half-planes lie around the origin of the rotated axes, so reach over everything.
    reach = 2.0 * (high - low) + 2.0 * float(np.abs(across).max()) + 1.0
    whole = shape.area
    offset = (low + high) / 2
    for _ in range(_HALVINGS):
        part = shapely.intersection(shape, _half_plane(offset, angle, reach, ahead=False))
        if part.area < share * whole:
            low = offset
        else:
            high = offset
        offset = (low + high) / 2
    first = only_polygons(
        shapely.intersection(shape, _half_plane(offset, angle, reach, ahead=False))
    )
    second = only_polygons(
        shapely.intersection(shape, _half_plane(offset, angle, reach, ahead=True))
    )
    return first, second


def share_out(
    shape: Shape,
    items: Sequence[tuple[T, float]],
    dice: random.Random,
) -> list[tuple[T, Shape]]:
    """Tiles `shape` with one part per (item, weight): areas follow the weights, and items that
    stand side by side in the list tend to lie side by side."""
    if len(items) == 1:
        return [(items[0][0], shape)]
    angle = _long_axis(shape)
    angle += dice.uniform(-0.16, 0.16)
    sums = np.cumsum([weight for _, weight in items])
    total = float(sums[-1])
    at = 1 + int(np.argmin(np.abs(sums[:-1] - total / 2)))
    first, second = cut_in_two(shape, float(sums[at - 1]) / total, angle)
    return share_out(first, items[:at], dice) + share_out(second, items[at:], dice)


def cells(shape: Shape, count: int, core: Point, dice: random.Random) -> list[Shape]:
    """Cuts `shape` into `count` cells, smaller towards `core`, as blocks are in a town."""
    if count <= 1:
        return [shape]
    angle = _long_axis(shape)
    half = count // 2
    cos, sin = math.cos(angle), math.sin(angle)
    centre = shape.centroid
    core_is_first = (core.x - centre.x) * cos + (core.y - centre.y) * sin < 0
    # The side of the core gets half of the cells on 38 % of the ground.
    lean = 0.12 if count >= 4 else 0.0
    share = half / count + (-lean if core_is_first else lean) + dice.uniform(-0.04, 0.04)
    share = min(max(share, 0.2), 0.8)
    first, second = cut_in_two(shape, share, angle + dice.uniform(-0.08, 0.08))
    return cells(first, half, core, dice) + cells(second, count - half, core, dice)
