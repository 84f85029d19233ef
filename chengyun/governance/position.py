"""A position that somebody gave: checked, put in CGCS2000, and found in the city."""

from django.contrib.gis.geos import Point

from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.queries import Place, locate
from chengyun.core.problems import Invalid


def find_position(
    lon: float | None, lat: float | None, system: str = "cgcs2000"
) -> tuple[Point, Place] | None:
    """The point and its place; None when no position was given.

    Raises Invalid, naming the field: half a position, out of range, an unknown coordinate system,
    outside the city.
    """
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise Invalid(
            zh="经度和纬度须同时给出。",
            en="Longitude and latitude go together.",
            field="lat" if lat is None else "lon",
        )
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid(
            zh="坐标超出范围：经度 -180…180，纬度 -90…90。",
            en="The position is out of range: longitude -180…180, latitude -90…90.",
            field="lon",
            remedy_zh="请检查经纬度是否写反。",
            remedy_en="Check that longitude and latitude are not swapped.",
        )
    try:
        lons, lats = to_cgcs2000(lon, lat, system)
    except ValueError as error:
        known = ", ".join(each.value for each in System)
        raise Invalid(
            zh=f"没有坐标系 {system!r}。",
            en=f"There is no coordinate system {system!r}.",
            field="system",
            remedy_zh=f"可用：{known}。",
            remedy_en=f"Use: {known}.",
        ) from error
    point = Point(float(lons), float(lats), srid=4490)
    place = locate(point.x, point.y)
    if place is None:
        raise Invalid(
            zh="该位置不在本市范围内。",
            en="The position is outside the city.",
            field="lon",
            remedy_zh="请在地图上重新选点，或检查坐标系（system）。",
            remedy_en="Pick the place again, or check the coordinate system.",
        )
    return point, place
