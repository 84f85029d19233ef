"""Coordinate reference systems: their names, axis order, and the way from and to each other."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from chengyun.city.ogc.refusal import bad

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
#: CGCS2000: degrees, then all Gauss-Krüger zones of six and three degrees, by number and by
#: central meridian.
_CODES: Final = (4490, 4326, 3857, *range(4534, 4555), *range(4513, 4534), *range(4491, 4513))
#: Every system that geometries are given and taken in, the default first.
URIS: Final = (CRS84, *(f"{_EPSG}{code}" for code in _CODES))
#: No place of the earth has more metres than this in any of them.
FAR: Final = 1e8
#: Degrees a box may reach beyond the world before it is taken for metres.
_SLACK = 1e-9


@dataclass(frozen=True)
class Crs:
    """A system by its address. `flipped`: north comes before east in it."""

    uri: str
    srid: int
    flipped: bool
    geographic: bool

    @property
    def digits(self) -> int:
        """Decimals that carry a centimetre."""
        return 7 if self.geographic else 3


@cache
def known(uri: str) -> Crs:
    """The system of one of `URIS`."""
    if uri == CRS84:
        return Crs(uri, 4326, flipped=False, geographic=True)
    code = int(uri.removeprefix(_EPSG))
    system = pyproj.CRS.from_epsg(code)
    return Crs(uri, code, system.axis_info[0].direction == "north", system.is_geographic)


def by_uri(text: str, parameter: str) -> Crs:
    """The system that a parameter names: its address, also as a CURIE or short (`EPSG:4549`).
    Raises Problem."""
    name = text.strip().removeprefix("[").removesuffix("]").replace("https://", "http://")
    if name.upper() in ("OGC:CRS84", "CRS84"):
        name = CRS84
    elif name.upper().startswith("EPSG:"):
        name = _EPSG + name[5:]
    if name not in URIS:
        raise bad(
            f"不支持坐标参考系 {text[:100]}。",
            f"The coordinate reference system {text[:100]} is not supported.",
            field=parameter,
            remedy_zh="可用的坐标系列于 /ogc/collections 的 crs，例如 "
            f"{_EPSG}4490；本市分带见 EPSG:4534 至 4554。",
            remedy_en=f"The crs of /ogc/collections lists what may be used, such as {_EPSG}4490.",
        )
    return known(name)


@cache
def _way(source: int, target: int) -> pyproj.Transformer:
    # CGCS2000 and WGS 84 are taken as the same numbers, as everywhere in the platform.
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def moved(shape: BaseGeometry, source: Crs, srid: int) -> BaseGeometry:
    """A geometry, given with the axes of `source`, in the coordinates of `srid`, east first.

    Raises ValueError where there is no such place."""
    turned = source.flipped
    numbers = shapely.get_coordinates(shape)
    if turned:
        shape = shapely.transform(shape, lambda points: points[:, ::-1])
        numbers = numbers[:, ::-1]
    if source.geographic and len(numbers):
        east, north = abs(numbers[:, 0]).max(), abs(numbers[:, 1]).max()
        if not (east <= 180 + _SLACK and north <= 90 + _SLACK):
            raise ValueError("not degrees")
    if source.srid != srid and {source.srid, srid} != {4326, 4490}:
        way = _way(source.srid, srid)
        shape = shapely.transform(
            shape, lambda points: np.column_stack(way.transform(points[:, 0], points[:, 1]))
        )
    if not all(map(math.isfinite, shape.bounds or (0.0,))):
        raise ValueError("no such place")
    return shape


@dataclass(frozen=True)
class Box:
    """A box as it is asked for: the area in the wanted coordinates, as WKB, how much of the
    world's square degrees it covers, and its west, south, east and north where these are all of
    it, in CGCS2000."""

    wkb: bytes
    square_degrees: float
    sides: tuple[float, float, float, float] | None = None


def box(text: str, crs: Crs, srid: int) -> Box:
    """The box of four or six numbers in the axis order of `crs`; west beyond east spans the
    antimeridian. Raises Problem."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise _bad_box("须为 4 个或 6 个数。", "It needs four or six numbers.", crs)
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if crs.flipped:
        low, high = low[::-1], high[::-1]
    (west, south), (east, north) = low, high
    if south > north:
        raise _bad_box("南界大于北界。", "Its south lies north of its north.", crs)
    if crs.geographic:
        if not (-180 <= west <= 180 and -180 <= east <= 180 and south >= -90 and north <= 90):
            raise _bad_box("超出经纬度范围。", "It is not in degrees.", crs)
    elif max(map(abs, (west, south, east, north))) > FAR:
        raise _bad_box("超出该坐标系的范围。", "It lies outside of this system.", crs)
    elif west > east:
        raise _bad_box("西界大于东界。", "Its west lies east of its east.", crs)
    sides = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    parts: list[BaseGeometry] = [shapely.box(a, south, b, north) for a, b in sides]
    area: BaseGeometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    # A straight edge in one system is bent in another one.
    if not crs.geographic or srid != 4490:
        longest = max(east - west, north - south) if west <= east else 360.0
        area = shapely.segmentize(area, max(longest / 16, 1e-9))
    plain = Crs(crs.uri, crs.srid, flipped=False, geographic=crs.geographic)
    try:
        if srid != 4490:
            area = _within_mercator(area, plain)
        degrees = moved(area, plain, 4490)
        wanted = moved(area, plain, srid)
    except ValueError:
        raise _bad_box("超出该坐标系的范围。", "It lies outside of this system.", crs) from None
    wkb = shapely.to_wkb(shapely.set_srid(wanted, srid), include_srid=True)
    whole = srid == 4490 and crs.geographic and west <= east
    return Box(wkb, degrees.area, (west, south, east, north) if whole else None)


def _within_mercator(area: BaseGeometry, crs: Crs) -> BaseGeometry:
    """Without the poles, which the map's metres do not have."""
    if not crs.geographic:
        return area
    return area.intersection(shapely.box(-180, -85.06, 180, 85.06))


def _bad_box(zh: str, en: str, crs: Crs) -> Exception:
    order_zh, order_en = ("南,西,北,东", "SOUTH,WEST,NORTH,EAST") if crs.flipped else (
        "西,南,东,北", "WEST,SOUTH,EAST,NORTH"
    )  # fmt: skip
    unit_zh, unit_en = ("度", "degrees") if crs.geographic else ("米", "metres")
    return bad(
        f"范围 bbox 无效：{zh}",
        f"The bbox is not valid. {en}",
        field="bbox",
        remedy_zh=f"在此坐标系中写作 {order_zh}，单位为{unit_zh}；坐标系由 bbox-crs 给出。",
        remedy_en=f"In this system write {order_en} in {unit_en}; bbox-crs names the system.",
    )
