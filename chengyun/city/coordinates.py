"""Coordinate systems at the edges of the platform.

Everything is stored in CGCS2000 (EPSG:4490), longitude first. WGS 84 differs from it by
centimetres to decimetres depending on the epoch and is taken as the same numbers. GCJ-02 is the
shifted system of Chinese web maps, BD-09 that of Baidu. Their forward formulas are public; the
inverse is found by fixed-point iteration.

The functions take and return numpy arrays (or floats) in degrees and work element by element.
"""

from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

CGCS2000_SRID: Final = 4490

Degrees: TypeAlias = npt.NDArray[np.float64]

# Krasovsky 1940, on which the shift of GCJ-02 is defined.
_SEMI_MAJOR = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_BD_SHIFT = (0.0065, 0.006)
# The error shrinks from 2.8 m to 1.1 cm to 46 µm in the first three steps; five reach rounding.
_STEPS = 5


class System(StrEnum):
    """A coordinate system by the name that mappings, settings and requests use."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @classmethod
    def parse(cls, text: str) -> "System":
        """Read a name as people write it (`GCJ-02`, `wgs 84`, `EPSG:4326`).

        Raises ValueError with the names that are known.
        """
        plain = "".join(c for c in text.lower() if c.isalnum())
        plain = {"epsg4490": "cgcs2000", "epsg4326": "wgs84", "baidu": "bd09"}.get(plain, plain)
        try:
            return cls(plain)
        except ValueError:
            known = ", ".join(cls)
            raise ValueError(f"{text!r} is not a coordinate system; known are {known}") from None


def to_cgcs2000(
    lon: npt.ArrayLike, lat: npt.ArrayLike, system: System | str
) -> tuple[Degrees, Degrees]:
    """Convert positions given in `system` to CGCS2000."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    match System(system):
        case System.CGCS2000 | System.WGS84:
            return x, y
        case System.GCJ02:
            return _gcj02_inverse(x, y)
        case System.BD09:
            return _gcj02_inverse(*_bd09_inverse(x, y))


def from_cgcs2000(
    lon: npt.ArrayLike, lat: npt.ArrayLike, system: System | str
) -> tuple[Degrees, Degrees]:
    """Convert CGCS2000 positions to `system`."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    match System(system):
        case System.CGCS2000 | System.WGS84:
            return x, y
        case System.GCJ02:
            return _gcj02_forward(x, y)
        case System.BD09:
            return _bd09_forward(*_gcj02_forward(x, y))


def outside_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell where GCJ-02 is not shifted: outside the box that its makers defined."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return (x < 72.004) | (x > 137.8347) | (y < 0.8293) | (y > 55.8271)


def _gcj02_shift(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    """The shift that GCJ-02 adds at CGCS2000 position (x, y) inside China, in degrees."""
    east, north = x - 105.0, y - 35.0
    root = np.sqrt(np.abs(east))
    waves = 20.0 * np.sin(6.0 * east * np.pi) + 20.0 * np.sin(2.0 * east * np.pi)
    d_lat = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north * north + 0.1 * east * north
    d_lat = d_lat + 0.2 * root + waves * 2.0 / 3.0
    d_lat = d_lat + (20.0 * np.sin(north * np.pi) + 40.0 * np.sin(north / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat = (
        d_lat
        + (160.0 * np.sin(north / 12.0 * np.pi) + 320.0 * np.sin(north * np.pi / 30.0)) * 2.0 / 3.0
    )
    d_lon = 300.0 + east + 2.0 * north + 0.1 * east * east + 0.1 * east * north
    d_lon = d_lon + 0.1 * root + waves * 2.0 / 3.0
    d_lon = d_lon + (20.0 * np.sin(east * np.pi) + 40.0 * np.sin(east / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon = (
        d_lon
        + (150.0 * np.sin(east / 12.0 * np.pi) + 300.0 * np.sin(east / 30.0 * np.pi)) * 2.0 / 3.0
    )
    radians = np.radians(y)
    flattening = 1.0 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian = _SEMI_MAJOR * (1.0 - _ECCENTRICITY_SQUARED) / (flattening * np.sqrt(flattening))
    parallel = _SEMI_MAJOR / np.sqrt(flattening) * np.cos(radians)
    return np.degrees(d_lon / parallel), np.degrees(d_lat / meridian)


def _gcj02_forward(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    outside = outside_china(x, y)
    d_lon, d_lat = _gcj02_shift(x, y)
    return x + np.where(outside, 0.0, d_lon), y + np.where(outside, 0.0, d_lat)


def _gcj02_inverse(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    # The rule for "outside" is taken from the shifted position, the only one that is known here;
    # only points within the shift (about 0.7 km) of the box's edge can be judged differently.
    outside = outside_china(x, y)
    guess_x, guess_y = x, y
    for _ in range(_STEPS):
        d_lon, d_lat = _gcj02_shift(guess_x, guess_y)
        guess_x, guess_y = x - d_lon, y - d_lat
    return np.where(outside, x, guess_x), np.where(outside, y, guess_y)


def _bd09_forward(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + _BD_SHIFT[0], radius * np.sin(angle) + _BD_SHIFT[1]


def _bd09_inverse(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    guess_x, guess_y = x - _BD_SHIFT[0], y - _BD_SHIFT[1]
    for _ in range(_STEPS):
        forward_x, forward_y = _bd09_forward(guess_x, guess_y)
        guess_x, guess_y = guess_x + x - forward_x, guess_y + y - forward_y
    return guess_x, guess_y
