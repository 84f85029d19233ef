"""Do the unit grids tile their communities? What does not is told place by place.

A grid must be a clean polygon, carry its community's code, lie inside its community, overlap no
other grid, and leave no gap in its community. Everything is done on arrays of outlines at once;
5,000 grids take seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from chengyun.city import codes

Shapes: TypeAlias = npt.NDArray[Any]

# GRS 80, the ellipsoid of CGCS2000.
_SEMI_MAJOR, _E2 = 6378137.0, 0.00669438002290
_EARTH = Geod(ellps="GRS80")


class FaultKind(StrEnum):
    """What is wrong."""

    INVALID = "invalid"
    CODE = "code"
    SIZE = "size"
    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Limits:
    """What still passes. Areas in m²; None checks no size. What is nowhere wider than `width_m`
    is no fault: outlines that were drawn twice differ by such slivers."""

    smallest_m2: float | None = None
    largest_m2: float | None = None
    width_m: float = 0.05


@dataclass(frozen=True)
class GridShape:
    """A unit grid: its code, that of its community, its outline in CGCS2000 degrees."""

    code: str
    community: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class TopologyFault:
    """One fault. `code` and `other` are the grids (`other` empty where there is no second, `code`
    empty of a gap that no grid bounds), `m2` its area, `point` a point on it (longitude, latitude)
    and `geometry` its shape, in CGCS2000 degrees."""

    kind: FaultKind
    community: str
    code: str
    other: str
    m2: float
    point: tuple[float, float]
    geometry: BaseGeometry
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


def faults_of(
    grids: Sequence[GridShape],
    communities: Mapping[str, BaseGeometry | None],
    limits: Limits = Limits(),
    neighbours: Sequence[GridShape] = (),
) -> list[TopologyFault]:
    """All faults of these grids, by community, kind and code.

    `communities` holds the outlines by code, None where only the name is known: there a gap is a
    hole among the grids, and nothing lies outside. `neighbours` are grids of other communities
    that must not be overlapped; they are not examined themselves."""
    if not grids:
        return []
    ground = _Ground(grids, communities, limits, neighbours)
    found = [
        *ground.invalid(), *ground.codes(), *ground.sizes(), *ground.overlaps(),
        *ground.of_communities(),
    ]  # fmt: skip
    order = list(FaultKind)
    return sorted(found, key=lambda f: (f.community, order.index(f.kind), f.code, f.other, -f.m2))


def overlaps_of(
    grids: Sequence[GridShape],
    neighbours: Sequence[GridShape] = (),
    limits: Limits = Limits(),
) -> list[TopologyFault]:
    """Where grids hold the same ground, each other's or that of neighbours; the widest first."""
    if not grids:
        return []
    return sorted(_Ground(grids, {}, limits, neighbours).overlaps(), key=lambda f: -f.m2)


def covers_exactly(
    parts: Sequence[GridShape], whole: BaseGeometry, limits: Limits = Limits()
) -> list[TopologyFault]:
    """What keeps parts from covering a ground without overlap, gap or anything beyond it."""
    shapes = [GridShape(part.code, "", part.geometry) for part in parts]
    return faults_of(shapes, {"": whole}, limits)


class _Ground:
    """The grids on a plane in metres, and what is wrong with them."""

    def __init__(
        self,
        grids: Sequence[GridShape],
        communities: Mapping[str, BaseGeometry | None],
        limits: Limits,
        neighbours: Sequence[GridShape],
    ) -> None:
        #: The examined ones stand first.
        self.grids, self.count, self.limits = [*grids, *neighbours], len(grids), limits
        given = shapely.force_2d(np.array([grid.geometry for grid in self.grids], dtype=object))
        self.given = given
        self.plane = _Plane(given)
        self.valid = shapely.is_valid(given) & ~shapely.is_empty(given)
        # A tied outline still covers its ground: only its own fault is told, no gap beside it.
        mended = np.where(self.valid, given, shapely.make_valid(given))
        self.shapes = _polygonal(self.plane.of(mended))
        self.codes_ = np.array([grid.code for grid in self.grids], dtype=object)
        self.of = np.array([grid.community for grid in grids], dtype=object)
        self.outlines = {
            code: self.plane.of(np.array([shape], dtype=object))[0]
            for code, shape in communities.items()
            if shape is not None
        }

    def invalid(self) -> Iterable[TopologyFault]:
        for i in np.flatnonzero(~self.valid[: self.count]):
            why = shapely.is_valid_reason(self.given[i]) if self.given[i] else "Empty"
            yield self._fault(
                FaultKind.INVALID, int(i), "", self.shapes[i],
                f"网格 {self.codes_[i]} 的边界无效：{why}。",
                f"The outline of grid {self.codes_[i]} is not valid: {why}.",
                "请在地图编辑器中改正该处。", "Untie that place in a map editor.",
            )  # fmt: skip

    def codes(self) -> Iterable[TopologyFault]:
        for i, grid in enumerate(self.grids[: self.count]):
            try:
                if grid.community:
                    codes.unit_grid_code(grid.code, grid.community)
            except codes.CodeError as error:
                yield self._fault(
                    FaultKind.CODE, i, "", self.shapes[i],
                    f"网格编码 {grid.code} 与所在社区 {grid.community} 不符。", f"{error.what.en}.",
                    f"应为 {grid.community} 加三位顺序号，或改正所属社区。", f"{error.remedy.en}.",
                )  # fmt: skip

    def sizes(self) -> Iterable[TopologyFault]:
        areas = self.plane.areas(self.shapes[: self.count])
        small, large = self.limits.smallest_m2, self.limits.largest_m2
        for i, m2 in enumerate(areas):
            if small is not None and m2 < small:
                yield self._fault(
                    FaultKind.SIZE, i, "", self.shapes[i],
                    f"网格 {self.codes_[i]} 仅 {m2:,.0f} 平方米，小于 {small:,.0f}。",
                    f"Grid {self.codes_[i]} covers {m2:,.0f} m², less than {small:,.0f}.",
                    "请并入相邻网格。", "Join it with a neighbour.",
                )  # fmt: skip
            elif large is not None and m2 > large:
                yield self._fault(
                    FaultKind.SIZE, i, "", self.shapes[i],
                    f"网格 {self.codes_[i]} 达 {m2:,.0f} 平方米，大于 {large:,.0f}。",
                    f"Grid {self.codes_[i]} covers {m2:,.0f} m², more than {large:,.0f}.",
                    "请划分为几个网格。", "Split it.",
                )  # fmt: skip

    def overlaps(self) -> Iterable[TopologyFault]:
        # The cheap question first: where nothing overlaps, as nearly always, this is all.
        if self.valid.all() and shapely.coverage_is_valid(self.shapes):
            return
        first, second = shapely.STRtree(self.shapes).query(self.shapes, predicate="intersects")
        # Each pair once, and none of two neighbours.
        once = (first < second) & (first < self.count)
        first, second = first[once], second[once]
        # Neighbours that only touch are the rule; this cheaper test leaves the real overlaps.
        real = ~shapely.touches(self.shapes[first], self.shapes[second])
        first, second = first[real], second[real]
        common = _polygonal(shapely.intersection(self.shapes[first], self.shapes[second]))
        wide = self._wide(common)
        for a, b, shape in zip(first[wide], second[wide], common[wide], strict=True):
            one, other = sorted((self.codes_[a], self.codes_[b]))
            m2 = self.plane.m2(shape)
            yield self._made(
                FaultKind.OVERLAP, self.of[a], one, other, shape,
                f"网格 {one} 与 {other} 重叠 {m2:,.1f} 平方米。",
                f"Grids {one} and {other} overlap by {m2:,.1f} m².",
                "请将公共边界移到一处。", "Draw their common border once, for both.",
            )  # fmt: skip

    def of_communities(self) -> Iterable[TopologyFault]:
        """Gaps, and what lies outside."""
        for community in sorted(set(self.of)):
            mine = np.flatnonzero(self.of == community)
            outline = self.outlines.get(community)
            together = shapely.union_all(self.shapes[mine])
            if outline is None:
                holes = [
                    shapely.Polygon(ring)
                    for part in shapely.get_parts(together)
                    for ring in part.interiors
                ]
                missing: BaseGeometry = shapely.MultiPolygon(holes)
            else:
                missing = shapely.difference(outline, together)
                if not shapely.covers(outline, together):
                    yield from self._outside(community, mine, outline)
            yield from self._gaps(community, mine, missing)

    def _gaps(
        self, community: str, mine: npt.NDArray[np.intp], missing: BaseGeometry
    ) -> Iterable[TopologyFault]:
        parts = _parts(missing)
        parts = parts[self._wide(parts)]
        if not len(parts):
            return
        for shape in parts:
            m2 = self.plane.m2(shape)
            near = mine[shapely.dwithin(self.shapes[mine], shape, self.limits.width_m)]
            border = shapely.buffer(self.shapes[near], self.limits.width_m)
            shared = shapely.length(shapely.intersection(shape.boundary, border))
            longest = [self.codes_[i] for i in near[np.argsort(-shared, kind="stable")][:2]]
            code, other = [*sorted(longest), "", ""][:2]
            where_zh = f"，位于 {'、'.join(filter(None, (code, other)))} 旁" if code else ""
            where_en = f" beside {' and '.join(filter(None, (code, other)))}" if code else ""
            yield self._made(
                FaultKind.GAP, community, code, other, shape,
                f"社区 {community} 有 {m2:,.1f} 平方米未被网格覆盖{where_zh}。",
                f"{m2:,.1f} m² of community {community} lie in no grid{where_en}.",
                "请将相邻网格的边界延伸至此。", "Extend a neighbouring grid to cover it.",
            )  # fmt: skip

    def _outside(
        self, community: str, mine: npt.NDArray[np.intp], outline: BaseGeometry
    ) -> Iterable[TopologyFault]:
        beyond = _polygonal(shapely.difference(self.shapes[mine], outline))
        wide = self._wide(beyond)
        for i, shape in zip(mine[wide], beyond[wide], strict=True):
            code, m2 = self.codes_[i], self.plane.m2(shape)
            yield self._fault(
                FaultKind.OUTSIDE, int(i), "", shape,
                f"网格 {code} 有 {m2:,.1f} 平方米在社区 {community} 之外。",
                f"{m2:,.1f} m² of grid {code} lie outside community {community}.",
                "请将其边界收回社区内。", "Draw its border inside of the community.",
            )  # fmt: skip

    def _wide(self, shapes: Shapes) -> npt.NDArray[np.bool_]:
        """Which shapes are somewhere wider than a sliver."""
        if not len(shapes):
            return np.zeros(0, dtype=bool)
        wide: npt.NDArray[np.bool_] = ~shapely.is_empty(
            shapely.buffer(shapes, -self.limits.width_m / 2, quad_segs=1)
        )
        return wide

    def _fault(
        self, kind: FaultKind, i: int, other: str, shape: BaseGeometry, zh: str, en: str,
        remedy_zh: str, remedy_en: str,
    ) -> TopologyFault:  # fmt: skip
        grid = self.grids[i]
        return self._made(
            kind, grid.community, grid.code, other, shape, zh, en, remedy_zh, remedy_en
        )

    def _made(
        self, kind: FaultKind, community: str, code: str, other: str, shape: BaseGeometry,
        zh: str, en: str, remedy_zh: str, remedy_en: str,
    ) -> TopologyFault:  # fmt: skip
        there, inside = self.plane.back(
            np.array([shape, shapely.point_on_surface(shape)], dtype=object)
        )
        point = (round(inside.x, 7), round(inside.y, 7)) if not inside.is_empty else (0.0, 0.0)
        m2 = round(self.plane.m2(shape), 2)
        return TopologyFault(
            kind, community, code, other, m2, point, there, zh, en, remedy_zh, remedy_en
        )


class _Plane:
    """Metres around the middle of some outlines, by stretching the degrees.

    Stretching keeps straight what is straight between two vertices in degrees: a long side of one
    outline and the short ones of its neighbours along it stay in one line, which on any true
    projection they do not. Areas are measured on the ellipsoid."""

    def __init__(self, shapes: Shapes) -> None:
        west, south, east, north = shapely.total_bounds(shapes)
        self._middle = np.array([(west + east) / 2, (south + north) / 2])
        lat = np.radians(self._middle[1])
        bent = 1 - _E2 * np.sin(lat) ** 2
        along = _SEMI_MAJOR * (1 - _E2) / bent**1.5
        across = _SEMI_MAJOR / np.sqrt(bent) * np.cos(lat)
        self._metres = np.radians(1) * np.array([across, along])

    def of(self, shapes: Shapes) -> Shapes:
        moved: Shapes = shapely.transform(shapes, lambda xy: (xy - self._middle) * self._metres)
        return moved

    def back(self, shapes: Shapes) -> Shapes:
        moved: Shapes = shapely.transform(shapes, lambda xy: xy / self._metres + self._middle)
        return moved

    def areas(self, shapes: Shapes) -> npt.NDArray[np.float64]:
        """m² of many, to a thousandth: a degree of longitude shrinks on the way north."""
        lats = shapely.get_y(shapely.centroid(shapes)) / self._metres[1] + self._middle[1]
        shrunk = np.cos(np.radians(lats)) / np.cos(np.radians(self._middle[1]))
        areas: npt.NDArray[np.float64] = shapely.area(shapes) * shrunk
        return areas

    def m2(self, shape: BaseGeometry) -> float:
        """m² of one, exactly."""
        (there,) = self.back(np.array([shape], dtype=object))
        return abs(float(_EARTH.geometry_area_perimeter(there)[0]))


def _polygonal(shapes: Shapes) -> Shapes:
    """Only what has an area of each shape: where borders meet, lines and points fall off."""
    kinds = shapely.get_type_id(shapes)
    if (np.isin(kinds, (3, 6))).all():
        return shapes
    return np.array(
        [
            shape if kind in (3, 6) else shapely.MultiPolygon(list(_parts(shape)))
            for shape, kind in zip(shapes, kinds, strict=True)
        ],
        dtype=object,
    )


def _parts(shape: BaseGeometry) -> Shapes:
    """The polygons of a shape, whatever else it holds."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    polygons: Shapes = parts[shapely.get_type_id(parts) == 3]
    return polygons
