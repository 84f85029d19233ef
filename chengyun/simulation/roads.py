"""Roads of the synthetic city: the cuts that made its blocks, under the names that doors bear."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString

from chengyun.simulation.areas import Grid, Ground
from chengyun.simulation.cutting import METRES_PER_DEGREE, SHRINK, Shape, to_plane
from chengyun.simulation.places import Roads

Lines = npt.NDArray[np.object_]
# Neighbours share their border up to their rounding; the same line twice is within this.
_SAME = 0.5 / METRES_PER_DEGREE
# What runs along the outline of the city is a coast or a ridge, not a road.
_BESIDE_OUTLINE = 40.0 / METRES_PER_DEGREE
_ON_BORDER = 3.0 / METRES_PER_DEGREE
# Crumbs of the rounding.
_STUB = 1.0 / METRES_PER_DEGREE


#: Colours that are told apart on a light map and on a dark one.
STYLE = {
    "color": "#94a0ad",
    "width": 3,
    "label": "name",
    "by": {
        "field": "class",
        "values": [
            {"value": "primary", "zh": "主干路", "en": "Arterial", "color": "#b98a3c"},
            {"value": "secondary", "zh": "次干路", "en": "Collector", "color": "#8793a1"},
            {"value": "residential", "zh": "支路", "en": "Local", "color": "#a5afba"},
        ],
        "other": "#94a0ad",
    },
}


class RoadClass(StrEnum):
    """How much a road carries, in OpenStreetMap's words: cuts between streets, between
    communities, between blocks."""

    ARTERIAL = "primary"
    COLLECTOR = "secondary"
    LOCAL = "residential"


def road_rows(
    city: Ground, grids: Sequence[Grid], named: Mapping[str, Roads]
) -> Iterator[dict[str, object]]:
    """Every road once per part that hangs together: `name`, `class`, and its `line` in degrees.

    Lines that meet share their points, so that ways can be found along them."""
    pieces = _pieces(city, grids)
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    together: dict[tuple[str, str, str], list[LineString]] = defaultdict(list)
    classes, names = _classes(middles, city), _names(pieces, middles, city, grids, named)
    for piece, carries, (district, name) in zip(pieces, classes, names, strict=True):
        together[district, carries.value, name].append(piece)
    for (_, road_class, name), parts in sorted(together.items()):
        yield from ({"name": name, "class": road_class, "line": line} for line in _joined(parts))


def road_feature(number: int, row: Mapping[str, object]) -> str:
    """One GeoJSON feature on one line."""
    line = row["line"]
    assert isinstance(line, LineString)
    corners = [[round(x, 7), round(y, 7)] for x, y in line.coords]
    return json.dumps(
        {
            "type": "Feature",
            "id": number,
            "properties": {"name": row["name"], "class": row["class"]},
            "geometry": {"type": "LineString", "coordinates": corners},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _pieces(city: Ground, grids: Iterable[Grid]) -> Lines:
    """The borders of blocks from crossing to crossing, in plane units, without the city's own."""
    borders = [shapely.boundary(to_plane(grid.outline)) for grid in grids]
    pieces = shapely.get_parts(shapely.union_all(borders, grid_size=_SAME))
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    districts = [to_plane(each.outline) for each in city.children if each.outline is not None]
    outline = shapely.boundary(shapely.union_all(districts, grid_size=_SAME))
    edge = shapely.buffer(outline, _BESIDE_OUTLINE)
    shapely.prepare(edge)
    inland: Lines = pieces[~shapely.contains(edge, middles) & (shapely.length(pieces) > _STUB)]
    return inland


def _classes(middles: Lines, city: Ground) -> list[RoadClass]:
    streets = [street for district in city.children for street in district.children]
    communities = [community for street in streets for community in street.children]
    arterial, collector = (
        _lie_on(middles, [each.outline for each in areas]) for areas in (streets, communities)
    )
    return [
        RoadClass.ARTERIAL if first else RoadClass.COLLECTOR if second else RoadClass.LOCAL
        for first, second in zip(arterial.tolist(), collector.tolist(), strict=True)
    ]


def _lie_on(points: Lines, outlines: Iterable[Shape | None]) -> npt.NDArray[np.bool_]:
    borders = [shapely.boundary(to_plane(each)) for each in outlines if each is not None]
    tree = shapely.STRtree(borders)
    found = np.zeros(len(points), dtype=bool)
    near, _ = tree.query(points, predicate="dwithin", distance=_ON_BORDER)
    found[near] = True
    return found


def _names(
    pieces: Lines, middles: Lines, city: Ground, grids: Sequence[Grid], named: Mapping[str, Roads]
) -> Iterator[tuple[str, str]]:
    """The district of each piece and the name that doors along it bear; none in villages."""
    streets = [street for district in city.children for street in district.children]
    villages = {c.code for street in streets for c in street.children if c.is_village}
    tree = shapely.STRtree([to_plane(grid.outline) for grid in grids])
    beside = tree.nearest(middles).tolist()
    ends = shapely.get_coordinates(shapely.get_point(pieces, [[0], [-1]]))
    width, height = np.abs(np.subtract(*ends.reshape(2, -1, 2))).T
    for point, block, eastward in zip(middles, beside, (width >= height).tolist(), strict=True):
        grid = grids[block]
        name, _ = named[grid.code[:9]].address(point.x / SHRINK, point.y, eastward)
        yield grid.code[:6], "" if grid.community in villages else name


def _joined(parts: Sequence[LineString]) -> Iterator[LineString]:
    merged = shapely.line_merge(shapely.multilinestrings(parts))
    for line in shapely.get_parts(merged):
        yield shapely.transform(line, lambda c: c / np.array([SHRINK, 1.0]))
