"""Polygons of a city folder: taken only when a map can be drawn from them without doubt."""

from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from pyproj import Geod
from shapely.geometry import shape
from shapely.validation import explain_validity

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.load.table import CellError

# GRS 80 is the ellipsoid of CGCS2000 but for a tenth of a millimetre at the pole.
_EARTH = Geod(ellps="GRS80")


def outline(geometry: Any) -> shapely.MultiPolygon:
    """Read a GeoJSON polygon in CGCS2000 or WGS 84 degrees; raises CellError."""
    if not isinstance(geometry, dict):
        raise CellError("the feature has no geometry", "draw its outline")
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise CellError(f"it is a {geometry.get('type')}, not a polygon", "draw it as a polygon")
    try:
        read = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.GEOSException):
        raise CellError(
            "its coordinates are not a closed ring of [longitude, latitude]", "export it again"
        ) from None
    if read.is_empty:
        raise CellError("the outline is empty", "draw it")
    west, south, east, north = read.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CellError(
            f"the coordinates {west:.8g} {south:.8g} are not degrees",
            "export it in longitude and latitude of CGCS2000 (EPSG:4490)",
        )
    if not read.is_valid:
        raise CellError(
            f"the outline is not a clean polygon: {_in_words(explain_validity(read))}",
            "open it in a map editor and untie that place",
        )
    return read if isinstance(read, shapely.MultiPolygon) else shapely.MultiPolygon([read])


def _in_words(reason: str) -> str:
    """`Self-intersection[120.5 36.1]` → `it crosses itself at 120.5 36.1`."""
    name, _, place = reason.partition("[")
    words = {
        "Self-intersection": "it crosses itself",
        "Ring Self-intersection": "its ring touches itself",
        "Hole lies outside shell": "a hole lies outside",
        "Nested shells": "one part lies inside another",
        "Too few points in geometry component": "a ring has too few points",
    }.get(name, name)
    return f"{words} at {place.rstrip(']')}"


def area_m2(polygon: shapely.MultiPolygon) -> float:
    """The area on the ellipsoid, in square metres, to the centimetre squared."""
    return round(abs(_EARTH.geometry_area_perimeter(polygon)[0]), 4)


def for_database(polygon: shapely.MultiPolygon) -> MultiPolygon:
    """The same polygon as GeoDjango wants it."""
    geometry = GEOSGeometry(memoryview(shapely.to_wkb(polygon)), srid=CGCS2000_SRID)
    assert isinstance(geometry, MultiPolygon)
    return geometry
