"""A position in any notation is found as itself."""

from collections.abc import Sequence
from typing import ClassVar

from chengyun.city.coordinates import System
from chengyun.city.find.extents import city_bounds
from chengyun.city.find.finder import Bounds, Finder, Found, Match, Question
from chengyun.city.find.notations import Reading, readings, sexagesimal
from chengyun.city.find.pages import on_map

#: Degrees around the city's bounds that still count as the city.
_AROUND = 0.2

_SYSTEM_NAMES = {
    System.WGS84: ("WGS 84（视同 CGCS2000）", "WGS 84 (taken as CGCS2000)"),
    System.GCJ02: ("由 GCJ-02 换算", "converted from GCJ-02"),
    System.BD09: ("由 BD-09 换算", "converted from BD-09"),
}


class Positions(Finder):
    """Coordinates. Of several readings those in the city are given, else all; the answer says how
    it was read."""

    kind: ClassVar[str] = "coordinate"
    public: ClassVar[bool] = True

    def find(self, question: Question) -> Sequence[Found]:
        ways = readings(question.text)
        if not ways:
            return []
        bounds = city_bounds()
        inside = [way for way in ways if bounds and _within(way, bounds)]
        chosen = inside or (ways if ways[0].zone is None or ways[0].certain else [])
        decided = len(inside) == 1 and len(ways) > 1
        return [_found(way, decided=decided, inside=bool(inside)) for way in chosen][
            : question.limit
        ]


def _within(way: Reading, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    across = west - _AROUND <= way.lon <= east + _AROUND
    return across and south - _AROUND <= way.lat <= north + _AROUND


def _found(way: Reading, *, decided: bool, inside: bool) -> Found:
    zh, en = [], []
    if way.zone is not None:
        zh.append(way.zone.name_zh)
        en.append(f"{way.zone.name} (EPSG:{way.zone.srid})")
    elif way.system in _SYSTEM_NAMES:
        zh.append(_SYSTEM_NAMES[way.system][0])
        en.append(_SYSTEM_NAMES[way.system][1])
    if not way.certain:
        if way.zone is None:
            zh.append("按纬度在前读" if way.latitude_first else "按经度在前读")
            en.append("read latitude first" if way.latitude_first else "read longitude first")
        zh.append("因为它在本市" if decided else "有多种读法")
        en.append("because that lies in the city" if decided else "it can be read several ways")
    if not inside:
        zh.append("不在本市")
        en.append("not in this city")
    lat_zh, lon_zh = sexagesimal(way.lat, "北纬|南纬"), sexagesimal(way.lon, "东经|西经")
    lat_en, lon_en = sexagesimal(way.lat, "N|S"), sexagesimal(way.lon, "E|W")
    return Found(
        kind=Positions.kind,
        match=Match.EXACT,
        title_zh=f"{way.lon:.6f}, {way.lat:.6f}",
        title_en=f"{way.lon:.6f}, {way.lat:.6f}",
        detail_zh="; ".join([f"{lon_zh} {lat_zh}", *zh]),
        detail_en="; ".join([f"{lat_en} {lon_en}", *en]),
        lon=way.lon,
        lat=way.lat,
        href=on_map(way.lon, way.lat),
    )
