"""Polygons of a city folder: taken only when a map can be drawn from them without doubt."""

from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from pyproj import Geod
from shapely.geometry import shape
from shapely.validation import explain_validity

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.load.table import CellError
from chengyun.core.words import Both

# GRS 80 is the ellipsoid of CGCS2000 but for a tenth of a millimetre at the pole.
_EARTH = Geod(ellps="GRS80")


def outline(geometry: Any) -> shapely.MultiPolygon:
    """Read a GeoJSON polygon in CGCS2000 or WGS 84 degrees; raises CellError."""
    if not isinstance(geometry, dict):
        raise CellError(
            Both("该要素没有图形", "the feature has no geometry"),
            Both("画出其边界", "draw its outline"),
        )
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type")
        raise CellError(
            Both(f"图形是 {kind}，不是面", f"it is a {kind}, not a polygon"),
            Both("画成面", "draw it as a polygon"),
        )
    try:
        read = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.GEOSException):
        raise CellError(
            Both(
                "坐标不是由 [经度, 纬度] 组成的闭合环",
                "its coordinates are not a closed ring of [longitude, latitude]",
            ),
            Both("重新导出", "export it again"),
        ) from None
    if read.is_empty:
        raise CellError(Both("边界为空", "the outline is empty"), Both("画出边界", "draw it"))
    west, south, east, north = read.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CellError(
            Both(
                f"坐标 {west:.8g} {south:.8g} 不是经纬度",
                f"the coordinates {west:.8g} {south:.8g} are not degrees",
            ),
            Both(
                "以 CGCS2000 经纬度（EPSG:4490）导出",
                "export it in longitude and latitude of CGCS2000 (EPSG:4490)",
            ),
        )
    if not read.is_valid:
        why = _in_words(explain_validity(read))
        raise CellError(
            Both(
                f"边界不是有效的多边形：{why.zh}", f"the outline is not a clean polygon: {why.en}"
            ),
            Both("在制图软件中改正该处", "open it in a map editor and untie that place"),
        )
    return read if isinstance(read, shapely.MultiPolygon) else shapely.MultiPolygon([read])


_INVALID = {
    "Self-intersection": Both("自相交", "it crosses itself"),
    "Ring Self-intersection": Both("环与自身相触", "its ring touches itself"),
    "Hole lies outside shell": Both("洞在外环之外", "a hole lies outside"),
    "Nested shells": Both("一部分在另一部分之内", "one part lies inside another"),
    "Too few points in geometry component": Both("环的顶点过少", "a ring has too few points"),
}


def _in_words(reason: str) -> Both:
    """`Self-intersection[120.5 36.1]` → `it crosses itself at 120.5 36.1`."""
    name, _, place = reason.partition("[")
    words, at = _INVALID.get(name, Both(name, name)), place.rstrip("]")
    return Both(f"{words.zh}，位于 {at}", f"{words.en} at {at}")


def area_m2(polygon: shapely.MultiPolygon) -> float:
    """The area on the ellipsoid, in square metres, to the centimetre squared."""
    return round(abs(_EARTH.geometry_area_perimeter(polygon)[0]), 4)


def for_database(polygon: shapely.MultiPolygon) -> MultiPolygon:
    """The same polygon as GeoDjango wants it."""
    geometry = GEOSGeometry(memoryview(shapely.to_wkb(polygon)), srid=CGCS2000_SRID)
    assert isinstance(geometry, MultiPolygon)
    return geometry
