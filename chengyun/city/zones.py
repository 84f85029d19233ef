"""The plane coordinates of Chinese surveys: Gauss-Krüger zones of CGCS2000, by name and number.

A zone of three degrees is numbered by its central meridian / 3 (40 is 120° east), one of six
degrees by (central meridian + 3) / 6 (20 is 117°). Where eastings carry the number of the zone in
front they have eight digits, else six.
"""

import re
from dataclasses import dataclass
from functools import cache

import pyproj

from chengyun.city.coordinates import CGCS2000_SRID

_FALSE_EASTING = 500_000.0
_PREFIX = 1_000_000.0


@dataclass(frozen=True)
class Zone:
    """One zone: its EPSG number, its width in degrees (3 or 6), its central meridian, and whether
    its eastings begin with its number."""

    srid: int
    width: int
    meridian: int
    prefixed: bool

    @property
    def number(self) -> int:
        """The number of the zone in its own width's counting."""
        return self.meridian // 3 if self.width == 3 else (self.meridian + 3) // 6

    @property
    def name(self) -> str:
        """The name in the EPSG register."""
        kind = "3-degree Gauss-Kruger" if self.width == 3 else "Gauss-Kruger"
        place = f"zone {self.number}" if self.prefixed else f"CM {self.meridian}E"
        return f"CGCS2000 / {kind} {place}"

    @property
    def name_zh(self) -> str:
        """The name as surveyors say it."""
        width = "三" if self.width == 3 else "六"
        prefix = "，东坐标带带号" if self.prefixed else ""
        return (
            f"CGCS2000 {width}度带第 {self.number} 带（中央经线 {self.meridian}°E{prefix}，"
            f"EPSG:{self.srid}）"
        )

    @property
    def false_easting(self) -> float:
        """Easting of the central meridian, metres."""
        return _FALSE_EASTING + (self.number * _PREFIX if self.prefixed else 0.0)

    def to_degrees(self, east: float, north: float) -> tuple[float, float]:
        """CGCS2000 lon-lat of plane coordinates in metres; inf where there is no such place."""
        lon, lat = _way(self.srid, CGCS2000_SRID).transform(east, north)
        return float(lon), float(lat)

    def to_metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Easting and northing, metres, of a CGCS2000 position."""
        east, north = _way(CGCS2000_SRID, self.srid).transform(lon, lat)
        return float(east), float(north)


@cache
def _way(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


#: Every zone of CGCS2000 by its EPSG number.
ZONES: dict[int, Zone] = {
    zone.srid: zone
    for zone in (
        *(Zone(4491 + at, 6, 75 + 6 * at, prefixed=True) for at in range(11)),
        *(Zone(4502 + at, 6, 75 + 6 * at, prefixed=False) for at in range(11)),
        *(Zone(4513 + at, 3, 75 + 3 * at, prefixed=True) for at in range(21)),
        *(Zone(4534 + at, 3, 75 + 3 * at, prefixed=False) for at in range(21)),
    )
}

_EPSG = re.compile(r"(?:epsg)?:?(4\d{3})")
_NAMED = re.compile(r"(?:cgcs2000/?)?([36])(?:-?degree|度|°)(?:带|gauss-kruger)?(.+)")
_NUMBER = re.compile(r"(?:第|zone)?(\d{2})(?:带)?")
_MERIDIAN = re.compile(r"(?:cm|中央经线|中央子午线)(\d{2,3})(?:e|°|度|°e)?")


def zone(name: str) -> Zone:
    """A zone by its EPSG number (`EPSG:4549`) or name: `CGCS2000 / 3-degree Gauss-Kruger CM 120E`,
    `3-degree zone 40`, `3度带40`, `三度带 中央经线 120`.

    A zone named by its number has eastings that begin with it, one named by its meridian has not.
    Raises ValueError for what is no zone of CGCS2000.
    """
    plain = re.sub(r"[\s_]+", "", name.lower()).replace("三", "3").replace("六", "6")
    plain = plain.replace("gauss-krüger", "gauss-kruger")
    if plain.startswith("cgcs2000/gauss-kruger"):
        plain = plain.replace("gauss-kruger", "6-degree", 1)
    if (found := _EPSG.fullmatch(plain)) and int(found[1]) in ZONES:
        return ZONES[int(found[1])]
    if found := _NAMED.fullmatch(plain):
        width, rest = int(found[1]), found[2]
        number, meridian = _NUMBER.fullmatch(rest), _MERIDIAN.fullmatch(rest)
        for candidate in ZONES.values():
            if candidate.width != width:
                continue
            if number and candidate.prefixed and candidate.number == int(number[1]):
                return candidate
            if meridian and not candidate.prefixed and candidate.meridian == int(meridian[1]):
                return candidate
    raise ValueError(
        f"{name!r} is not a zone of CGCS2000; write EPSG:4549, '3-degree zone 40' or "
        "'3-degree CM 120E'"
    )
