"""A network of roads out of lines: junctions, the stretches between them, the shortest ways.

Lines meet where they share a point (to a centimetre), be it an end or not. Where they cross without
one there is a bridge. Positions are CGCS2000 degrees, lengths metres over the ellipsoid.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]

_GLOBE = Geod(ellps="GRS80")
#: Points nearer than this are one, in degrees and in metres.
_SAME_DEGREES, _SAME = 1e-7, 0.05
#: A part of the network with a smaller share of the largest part's length hangs on nothing.
_SMALLEST_PART: Final = 0.01


@dataclass(frozen=True)
class Feet:
    """The points of roads nearest to some places: the stretch (-1: none so near), the metres along
    it and its whole length, the point itself, and the metres from the place to it."""

    stretch: Whole
    along: Floats
    lons: Floats
    lats: Floats
    gap: Floats

    def before(self, others: "Feet") -> "Feet":
        """These and others behind them."""
        pairs = ((getattr(self, each.name), getattr(others, each.name)) for each in fields(self))
        return Feet(*(np.concatenate(pair) for pair in pairs))


class Network:
    """The roads of a layer. `ways` says of each line 1 where it may be driven only as it is drawn,
    -1 only against that, 0 both."""

    def __init__(self, lines: Sequence[Any], ways: npt.ArrayLike) -> None:
        points, line = shapely.get_coordinates(list(lines), return_index=True)
        vertex, junction = _junctions(points, line)
        places = np.flatnonzero(junction)
        # A stretch goes from one junction of a line to the next.
        onward = line[places[:-1]] == line[places[1:]]
        first, last = places[:-1][onward], places[1:][onward]
        steps = np.zeros(len(points))
        if len(points) > 1:
            steps[1:] = metres(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
        self._points, self._walked = points, np.cumsum(steps)
        length = self._walked[last] - self._walked[first]
        kept = (length > 0) & _of_large_parts(vertex[first], vertex[last], length)
        self._first, self._last, self.length = first[kept], last[kept], length[kept]
        nodes, ends = np.unique(
            vertex[np.concatenate([self._first, self._last])], return_inverse=True
        )
        self.nodes = len(nodes)
        self._places = np.empty((self.nodes, 2))
        self._places[ends] = points[np.concatenate([self._first, self._last])]
        self.start, self.end = ends[: len(self._first)], ends[len(self._first) :]
        way = np.asarray(ways, dtype=np.int64)[line[self._first]]
        self.forward, self.backward = way >= 0, way <= 0

    # -- places ----------------------------------------------------------------------------------

    def feet(self, lons: Floats, lats: Floats, within: float) -> Feet:
        """Where one comes to a road from each place, no farther than so many metres."""
        found = Feet(
            np.full(len(lons), -1, dtype=np.int64), np.zeros(len(lons)), lons.copy(), lats.copy(),
            np.full(len(lons), np.inf),
        )  # fmt: skip
        if not len(self.length):
            return found
        places = shapely.points(lons * self._squeeze, lats)
        reach = within / 110_500.0  # metres of a degree of latitude where it is shortest
        asked, stretch = self._tree.query_nearest(places, max_distance=reach, all_matches=False)
        lines = self._lines[stretch]
        share = shapely.line_locate_point(lines, places[asked], normalized=True)
        foot = shapely.get_coordinates(
            shapely.line_interpolate_point(lines, share, normalized=True)
        )
        x, y = foot[:, 0] / self._squeeze, foot[:, 1]
        gap = metres(lons[asked], lats[asked], x, y)
        near = gap <= within
        asked, stretch, share = asked[near], stretch[near], share[near]
        found.stretch[asked], found.along[asked] = stretch, share * self.length[stretch]
        found.lons[asked], found.lats[asked], found.gap[asked] = x[near], y[near], gap[near]
        return found

    @cached_property
    def _squeeze(self) -> float:
        """A degree east is so much shorter than a degree north, in the middle of the network."""
        x, y = self._points[self._first].mean(axis=0)
        return float(metres(x, y, x + 0.01, y) / metres(x, y - 0.005, x, y + 0.005))

    @cached_property
    def _lines(self) -> npt.NDArray[np.object_]:
        """Each stretch in degrees that are equally long both ways."""
        sizes = self._last - self._first + 1
        of = np.repeat(np.arange(len(sizes)), sizes)
        at = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + self._first[of]
        squeezed = self._points[at] * (self._squeeze, 1.0)
        return np.asarray(shapely.linestrings(squeezed, indices=of), dtype=np.object_)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._lines)

    # -- ways ------------------------------------------------------------------------------------

    @cached_property
    def _arcs(self) -> tuple[Whole, Whole, Floats]:
        """From-to numbers of the arcs in order, the stretch of each, its metres. Of several ways
        between two junctions the shortest."""
        forward, backward = np.flatnonzero(self.forward), np.flatnonzero(self.backward)
        stretch = np.concatenate([forward, backward])
        source = np.concatenate([self.start[forward], self.end[backward]])
        target = np.concatenate([self.end[forward], self.start[backward]])
        order = np.lexsort((self.length[stretch], source * self.nodes + target))
        order = order[source[order] != target[order]]
        key, unique = np.unique((source * self.nodes + target)[order], return_index=True)
        stretch = stretch[order][unique]
        return key, stretch, self.length[stretch]

    @cached_property
    def _graph(self) -> csr_array:
        key, _, length = self._arcs
        places = (key // max(self.nodes, 1), key % max(self.nodes, 1))
        return csr_array((length, places), shape=(self.nodes, self.nodes))

    def ways(self, feet: Feet, limit: float) -> "Ways":
        """The shortest ways from the first of the feet to all others, no longer than `limit`
        metres along the roads."""
        doors = self.doors(int(feet.stretch[0]), float(feet.along[0]), leaving=True)
        far, before = dijkstra(
            self._graph, indices=[door.node for door in doors], limit=limit,
            return_predecessors=True,
        )  # fmt: skip
        return Ways(self, feet, doors, far, before)

    def doors(self, stretch: int, along: float, *, leaving: bool) -> list["Door"]:
        """Where one may leave a stretch from a point of it, or come to the point. What is at a
        junction is there already."""
        length = float(self.length[stretch])
        to_end, to_start = self.forward[stretch], self.backward[stretch]
        if not leaving:
            to_end, to_start = to_start, to_end
        both = (
            (Door(int(self.start[stretch]), 0.0, along), to_start),
            (Door(int(self.end[stretch]), length, length - along), to_end),
        )
        return [door for door, may in both if may or door.metres <= _SAME]

    def arc(self, source: int, target: int) -> Floats:
        """The points of the shortest stretch from one junction to the next."""
        key, stretch, _ = self._arcs
        found = int(stretch[np.searchsorted(key, source * self.nodes + target)])
        points: Floats = self._points[self._first[found] : self._last[found] + 1]
        return points if self.start[found] == source and self.forward[found] else points[::-1]

    def place(self, node: int) -> Floats:
        """The one point of a junction."""
        return self._places[node : node + 1]

    def piece(self, stretch: int, begin: float, end: float) -> Floats:
        """The points between two places of a stretch, metres along it, both left out."""
        at = np.arange(self._first[stretch], self._last[stretch] + 1)
        walked = self._walked[at] - self._walked[at[0]]
        inner: Floats = self._points[at[(walked > min(begin, end)) & (walked < max(begin, end))]]
        return inner if begin <= end else inner[::-1]


class Door(NamedTuple):
    """A junction at an end of a stretch: where it is on the stretch, metres from its start, and how
    far from the point that was asked about."""

    node: int
    at: float
    metres: float


class Way(NamedTuple):
    """The metres of a way, the door by which it leaves (a number; -1: it stays on one stretch),
    and the one by which it arrives."""

    metres: float
    out: int
    come: Door | None


class Ways:
    """The shortest ways from one foot to others."""

    def __init__(
        self, network: Network, feet: Feet, doors: Sequence[Door], far: Floats, before: Any
    ) -> None:
        self._network, self._feet = network, feet
        self._doors, self._before = doors, before
        self._far = far + np.array([[door.metres] for door in doors])

    def best(self, number: int) -> Way | None:
        """The way along the roads to the foot of this number; None where there is none."""
        network, feet = self._network, self._feet
        stretch, end = int(feet.stretch[number]), float(feet.along[number])
        if stretch < 0:
            return None
        ways = []
        ahead = end - float(feet.along[0])
        if stretch == feet.stretch[0]:
            may = network.forward[stretch] if ahead > 0 else network.backward[stretch]
            if may or abs(ahead) <= _SAME:
                ways.append(Way(abs(ahead), -1, None))
        for come in network.doors(stretch, end, leaving=False):
            out = int(np.argmin(self._far[:, come.node]))
            ways.append(Way(float(self._far[out, come.node]) + come.metres, out, come))
        best = min(ways, key=lambda way: way.metres, default=None)
        return None if best is None or np.isinf(best.metres) else best

    def line(self, number: int, way: Way) -> list[tuple[float, float]]:
        """The way from the one foot to the other, degrees."""
        network, feet = self._network, self._feet
        here, there = int(feet.stretch[0]), int(feet.stretch[number])
        begin, end = float(feet.along[0]), float(feet.along[number])
        if way.come is None:
            parts = [network.piece(here, begin, end)]
        else:
            junctions = [way.come.node]
            while (previous := int(self._before[way.out, junctions[-1]])) >= 0:
                junctions.append(previous)
            junctions.reverse()
            parts = [network.piece(here, begin, self._doors[way.out].at)]
            parts += [network.arc(*pair) for pair in pairwise(junctions)]
            # A door between two stretches is a point of the way, though neither piece has it.
            parts.append(network.place(way.come.node))
            parts.append(network.piece(there, way.come.at, end))
        first, last = ([[feet.lons[n], feet.lats[n]]] for n in (0, number))
        points = np.concatenate([first, *parts, last])
        fresh = np.any(np.abs(np.diff(points, axis=0)) > _SAME_DEGREES, axis=1)
        return [(float(x), float(y)) for x, y in points[np.concatenate([[True], fresh])]]


def metres(lon: Floats, lat: Floats, other_lon: Floats, other_lat: Floats) -> Floats:
    """Straight metres between places, over the ellipsoid."""
    return np.asarray(_GLOBE.inv(lon, lat, other_lon, other_lat)[2], dtype=np.float64)


def _junctions(points: Floats, line: Whole) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """The number of the place of each point, and whether lines begin, end or meet there."""
    x, y = np.round(points / _SAME_DEGREES).astype(np.int64).T
    _, vertex, times = np.unique(x * 4_000_000_000 + y, return_inverse=True, return_counts=True)
    ends = np.ones(len(points), dtype=np.bool_)
    inside = line[1:] == line[:-1]
    ends[1:-1] = ~(inside[:-1] & inside[1:])
    # A place that is met twice is a junction wherever it is met, as is one where a line ends.
    meeting = times > 1
    return vertex, ends | meeting[vertex]


def _of_large_parts(start: Whole, end: Whole, length: Floats) -> npt.NDArray[np.bool_]:
    """Which stretches belong to a part of the network that is worth being led to."""
    if not len(length):
        return np.zeros(0, dtype=np.bool_)
    nodes, ends = np.unique(np.concatenate([start, end]), return_inverse=True)
    start, end = ends[: len(length)], ends[len(length) :]
    graph = csr_array((np.ones(len(length)), (start, end)), shape=(len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    lengths = np.bincount(part[start], weights=length)
    return np.asarray(lengths[part[start]] >= _SMALLEST_PART * lengths.max())
