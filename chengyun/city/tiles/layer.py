"""What a layer of the map is, and the register of all layers."""

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chengyun.core.access import Scope

#: Zooms that a tile may be asked at.
DEEPEST = 22
#: Units along an edge of a tile.
EXTENT = 4096
#: Half the way round the earth in the map's metres (EPSG:3857).
HALF = 20037508.342789244
#: Units that lines are drawn beyond the edge, so that no seam shows.
MARGIN = 64

Query = Mapping[str, Sequence[str]]


class Tile(NamedTuple):
    """A tile of the map by zoom, column from the west and row from the north."""

    z: int
    x: int
    y: int

    def exists(self) -> bool:
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z

    @property
    def size(self) -> float:
        """The length of an edge in the map's metres."""
        return 2 * HALF / (1 << self.z)

    @property
    def west(self) -> float:
        return self.x * self.size - HALF

    @property
    def north(self) -> float:
        return HALF - self.y * self.size

    def degrees(self, margin: float = MARGIN) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, widened by `margin` units."""
        wider = margin * self.size / EXTENT
        west, east = self.west - wider, self.west + self.size + wider
        south, north = self.north - self.size - wider, self.north + wider
        return _longitude(west), _latitude(south), _longitude(east), _latitude(north)


def _longitude(metres: float) -> float:
    return max(-180.0, min(180.0, metres / HALF * 180))


def _latitude(metres: float) -> float:
    inside = max(-HALF, min(HALF, metres))
    return math.degrees(2 * math.atan(math.exp(inside / HALF * math.pi)) - math.pi / 2)


@dataclass(frozen=True)
class Part:
    """One MVT layer inside the tiles of a layer. `fields` are its properties and their meaning."""

    name: str
    fields: Mapping[str, str]
    minzoom: int
    maxzoom: int = DEEPEST


@dataclass(frozen=True)
class Question:
    """The statement that answers with one tile (bytea), with %(name)s parameters.

    One that is `prepared` is planned once for all values: it must be a constant, of which one plan
    is right however full a tile is. Its parameters are numbers, words and dates."""

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    prepared: bool = False


class Layer(ABC):
    """One layer of the map: who may see it, and the SQL of its tiles.

    A tile below `minzoom` is empty. `public` layers need no sign-in. `seconds` is how long a tile
    may be remembered; None means until one of the versions it follows moves (`city_tileversion`).
    """

    name: str
    zh: str
    en: str
    minzoom: int
    maxzoom: int
    parts: tuple[Part, ...]
    public: bool = False
    seconds: float | None = None

    @property
    def follows(self) -> tuple[str, ...]:
        """The versions that its content depends on."""
        return (self.name,)

    def admits(self, reach: Scope | None) -> bool:
        """Whether the caller may know of the layer; None is a stranger."""
        return self.public or reach is not None

    def narrow(self, query: Query, reach: Scope) -> Hashable:
        """The filters of the address, as part of what a tile is remembered by. Raises Invalid."""
        return None

    def insight(self, reach: Scope) -> Hashable:
        """What of the caller's reach decides the content: nothing, where all see the same."""
        return None

    @abstractmethod
    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        """The statement of a tile. When its answer is too large it is asked again with a higher
        `coarseness` (0, 1, 2, 3) for something simpler."""
