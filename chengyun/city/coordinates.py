"""Coordinate systems at the edges of the platform.

Everything is stored in CGCS2000 (EPSG:4490), longitude first. WGS 84 differs from it by
centimetres to decimetres depending on the epoch and is taken as the same numbers. GCJ-02 is the
shifted system of Chinese web maps, BD-09 that of Baidu. Their forward formulas are public; the
inverse is found by fixed-point iteration to a few micrometres. Plane coordinates of surveys
are in `zones.py`; `docs/city/coordinates.md` says what is meant, measured and proved.

The functions take and return numpy arrays (or floats) in degrees and work element by element.
NaN stays NaN.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from chengyun.core.words import ValueRefused

CGCS2000_SRID: Final = 4490

Degrees: TypeAlias = npt.NDArray[np.float64]

# Krasovsky 1940, on which the shift of GCJ-02 is defined.
_SEMI_MAJOR = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_BD_SHIFT = (0.0065, 0.006)
# Each step of the inverse shrinks the error some 250 times in GCJ-02 (500 m, 2.8 m, 1.1 cm, 46 µm;
# three micrometres are left at the meridian of 105°, where a root of the formula has its kink) and
# fifty times or more in BD-09 (41 m, 15 cm, 0.3 mm, 6 µm, 0.1 µm).
_GCJ_STEPS = 4
_BD_STEPS = 4
# Points that are worked on at once: what is made of them on the way stays in the cache.
_BLOCK = 8192
_RADIANS = np.pi / 180.0
_SIN_35, _COS_35 = float(np.sin(np.radians(35.0))), float(np.cos(np.radians(35.0)))

Pair: TypeAlias = tuple[Degrees, Degrees]


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
            raise ValueRefused(
                f"{text!r} 不是坐标系；可用 {known}",
                f"{text!r} is not a coordinate system; known are {known}",
            ) from None


def to_cgcs2000(
    lon: npt.ArrayLike, lat: npt.ArrayLike, system: System | str
) -> tuple[Degrees, Degrees]:
    """Convert positions given in `system` to CGCS2000, to a few micrometres."""
    match System(system):
        case System.CGCS2000 | System.WGS84:
            return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        case System.GCJ02:
            return _in_blocks(_gcj02_inverse, lon, lat)
        case System.BD09:
            return _in_blocks(lambda x, y: _gcj02_inverse(*_bd09_inverse(x, y)), lon, lat)


def from_cgcs2000(
    lon: npt.ArrayLike, lat: npt.ArrayLike, system: System | str
) -> tuple[Degrees, Degrees]:
    """Convert CGCS2000 positions to `system`."""
    match System(system):
        case System.CGCS2000 | System.WGS84:
            return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        case System.GCJ02:
            return _in_blocks(_gcj02_forward, lon, lat)
        case System.BD09:
            return _in_blocks(lambda x, y: _bd09_forward(*_gcj02_forward(x, y)), lon, lat)


def outside_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell where GCJ-02 is not shifted: outside the box that its makers defined. The edge itself
    belongs to China."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return (x < 72.004) | (x > 137.8347) | (y < 0.8293) | (y > 55.8271)


def _in_blocks(
    convert: Callable[[Degrees, Degrees], Pair], lon: npt.ArrayLike, lat: npt.ArrayLike
) -> Pair:
    """Convert block by block; the answer has the shape of the question."""
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    flat_x, flat_y = x.ravel(), y.ravel()
    out_x, out_y = np.empty(x.size), np.empty(x.size)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for start in range(0, x.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            out_x[block], out_y[block] = convert(flat_x[block], flat_y[block])
    return out_x.reshape(x.shape), out_y.reshape(x.shape)


class _Waves(NamedTuple):
    """Sines of an angle's parts and multiples, of which the shift is made: sin(pi t), sin(pi t/3),
    sin(pi t/12) and sin(pi t/30) of t degrees, cos(pi t); and sine and cosine of t itself."""

    whole: Degrees
    third: Degrees
    twelfth: Degrees
    thirtieth: Degrees
    cosine: Degrees
    own_sine: Degrees
    own_cosine: Degrees


def _waves(t: Degrees) -> _Waves:
    """All from one sine: pi t / 60 is three times t in radians, and the rest are multiples of it.

    The factors multiply the rounding error a thousandfold, to less than 1e-9 m of shift. Right for
    -90 < t < 90, which is more than China.
    """
    sine = np.sin(t * _RADIANS)
    square = sine * sine
    cosine = np.sqrt(1.0 - square)
    sine3, cosine3 = sine * (3.0 - 4.0 * square), cosine * (1.0 - 4.0 * square)
    thirtieth = 2.0 * sine3 * cosine3
    square = sine3 * sine3
    twelfth = sine3 * (5.0 - square * (20.0 - 16.0 * square))
    square = 1.0 - square
    twelfth_cosine = cosine3 * (5.0 - square * (20.0 - 16.0 * square))
    sixth, sixth_cosine = 2.0 * twelfth * twelfth_cosine, 1.0 - 2.0 * twelfth * twelfth
    third, third_cosine = 2.0 * sixth * sixth_cosine, 1.0 - 2.0 * sixth * sixth
    square = third * third
    whole, whole_cosine = third * (3.0 - 4.0 * square), third_cosine * (1.0 - 4.0 * square)
    return _Waves(whole, third, twelfth, thirtieth, whole_cosine, sine, cosine)


def _gcj02_shift(x: Degrees, y: Degrees) -> Pair:
    """The shift that GCJ-02 adds at CGCS2000 position (x, y) inside China, in degrees."""
    east, north = x - 105.0, y - 35.0
    root = np.sqrt(np.abs(east))
    along, across = _waves(east), _waves(north)
    double = 2.0 * along.whole * along.cosine  # sin(2 pi t); three times the angle is sin(6 pi t)
    ripple = double * (80.0 - 80.0 * double * double)
    d_lon = 300.0 + east + 2.0 * north + 0.1 * east * (east + north) + 0.1 * root
    d_lon += (2.0 / 3.0) * (
        ripple
        + 20.0 * along.whole
        + 40.0 * along.third
        + 150.0 * along.twelfth
        + 300.0 * along.thirtieth
    )
    d_lat = -100.0 + 2.0 * east + 3.0 * north + north * (0.2 * north + 0.1 * east) + 0.2 * root
    d_lat += (2.0 / 3.0) * (
        ripple
        + 20.0 * across.whole
        + 40.0 * across.third
        + 160.0 * across.twelfth
        + 320.0 * across.thirtieth
    )
    sine = across.own_sine * _COS_35 + across.own_cosine * _SIN_35
    cosine = across.own_cosine * _COS_35 - across.own_sine * _SIN_35
    flattening = 1.0 - _ECCENTRICITY_SQUARED * sine * sine
    root = np.sqrt(flattening)
    degrees = 1.0 / (_RADIANS * _SEMI_MAJOR)
    d_lon *= root * degrees / cosine
    d_lat *= flattening * root * (degrees / (1.0 - _ECCENTRICITY_SQUARED))
    return d_lon, d_lat


def _gcj02_forward(x: Degrees, y: Degrees) -> Pair:
    outside = outside_china(x, y)
    d_lon, d_lat = _gcj02_shift(x, y)
    return np.where(outside, x, x + d_lon), np.where(outside, y, y + d_lat)


def _gcj02_inverse(x: Degrees, y: Degrees) -> Pair:
    """The position that GCJ-02 shows at (x, y).

    Where two positions are shown at one place (a strip of some 0.7 km outside the box) it is the
    one in China; where none is (a strip inside) the formula goes on.
    """
    guess_x, guess_y = x, y
    for _ in range(_GCJ_STEPS):
        d_lon, d_lat = _gcj02_shift(guess_x, guess_y)
        guess_x, guess_y = x - d_lon, y - d_lat
    unshifted = outside_china(x, y) & ~_inside_china(guess_x, guess_y)
    return np.where(unshifted, x, guess_x), np.where(unshifted, y, guess_y)


def _inside_china(x: Degrees, y: Degrees) -> npt.NDArray[np.bool_]:
    """Within the box by at least the error of the inverse; false for NaN."""
    slack = 1e-11
    return (
        (x >= 72.004 - slack)
        & (x <= 137.8347 + slack)
        & (y >= 0.8293 - slack)
        & (y <= 55.8271 + slack)
    )


def _bd09_forward(x: Degrees, y: Degrees) -> Pair:
    """BD-09 of GCJ-02: turned by up to 3e-6 radians and stretched, without any angle taken: the
    sine of the turn is the turn itself to the last bit."""
    turn = 0.000003 * np.cos(x * _BD_TURN)
    radius = np.maximum(np.sqrt(x * x + y * y), 1e-300)
    stretch = 1.0 + 0.00002 * np.sin(y * _BD_TURN) / radius
    along = stretch * (1.0 - 0.5 * turn * turn)
    turn *= stretch
    return x * along - y * turn + _BD_SHIFT[0], y * along + x * turn + _BD_SHIFT[1]


def _bd09_inverse(x: Degrees, y: Degrees) -> Pair:
    guess_x, guess_y = x - _BD_SHIFT[0], y - _BD_SHIFT[1]
    for _ in range(_BD_STEPS):
        forward_x, forward_y = _bd09_forward(guess_x, guess_y)
        guess_x, guess_y = guess_x + x - forward_x, guess_y + y - forward_y
    return guess_x, guess_y
