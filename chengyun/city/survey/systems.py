"""The coordinate systems that files come in, by the names that people give them."""

import re
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.exceptions import CRSError

from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.survey.source import SurveyRefused

Degrees = npt.NDArray[np.float64]

# The zones of CGCS2000 by their central meridian; with numbered eastings by the zone's number.
_THREE_BY_MERIDIAN = {75 + 3 * i: 4534 + i for i in range(21)}
_THREE_BY_ZONE = {25 + i: 4513 + i for i in range(21)}
_SIX_BY_MERIDIAN = {75 + 6 * i: 4502 + i for i in range(11)}
_SIX_BY_ZONE = {13 + i: 4491 + i for i in range(11)}
_ZONE = re.compile(
    r"^(?:cgcs\s*-?2000|国家2000|2000坐标系?)?[\s/_:-]*(?P<width>[36三六])\s*(?:-?deg(?:ree)?|°|度)?\s*"
    r"(?:zone|带|分带|gauss-kruger)?[\s/_:-]*(?P<how>cm|中央经线|zone|带号)?[\s:]*(?P<number>\d{2,3})"
    r"\s*(?:[e°度带]|号带)*$",
    re.IGNORECASE,
)


def parse_system(text: str) -> str:
    """Read the name of a system: `gcj02`, `EPSG:4549`, `4549`, `CGCS2000 3° 120E`, a PROJ name.

    Returns what `SourceFile.crs` holds. Raises SurveyRefused for one that does not exist.
    """
    said = text.strip()
    try:
        return str(System.parse(said))
    except ValueError:
        pass
    if zone := _zone(said):
        return zone
    number = re.fullmatch(r"(?:epsg\s*[:：]?\s*)?(\d{4,6})", said, re.IGNORECASE)
    try:
        crs = pyproj.CRS.from_epsg(int(number[1])) if number else pyproj.CRS.from_user_input(said)
        if not number and _is_guess(said, crs):
            raise CRSError(said)
    except CRSError:
        raise SurveyRefused(
            zh=f"坐标系 {said} 不存在。",
            en=f"There is no coordinate system {said}.",
            remedy_zh="写 EPSG 编号（例如 EPSG:4549）、CGCS2000 分带（例如 CGCS2000 3度 120）"
            "或 cgcs2000, wgs84, gcj02, bd09。",
            remedy_en="Write an EPSG number (EPSG:4549), a zone of CGCS2000 (CGCS2000 3deg 120), "
            "or cgcs2000, wgs84, gcj02, bd09.",
        ) from None
    return name_of(crs)


def _is_guess(said: str, crs: pyproj.CRS) -> bool:
    """Whether PROJ took a name for another that only resembles it."""
    exact = "[" in said or "{" in said or "+" in said or ":" in said
    return not exact and _plain(said) != _plain(crs.name)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def name_of(crs: pyproj.CRS) -> str:
    """A system by its EPSG number where it has one, else by its WKT."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    authority = crs.to_authority(min_confidence=90)
    if authority is not None:
        name = ":".join(authority)
        # CRS84 is EPSG:4326 with longitude first, as everything is here.
        return "EPSG:4326" if name == "OGC:CRS84" else name
    return crs.to_wkt()


def _zone(said: str) -> str | None:
    found = _ZONE.match(said)
    if found is None:
        return None
    number, three = int(found["number"]), found["width"] in "3三"
    by_zone, by_meridian = (
        (_THREE_BY_ZONE, _THREE_BY_MERIDIAN) if three else (_SIX_BY_ZONE, _SIX_BY_MERIDIAN)
    )
    epsg = by_zone.get(number) or by_meridian.get(number)
    return f"EPSG:{epsg}" if epsg else None


def is_geographic(crs: str) -> bool:
    """Whether coordinates of the system are degrees."""
    return crs in set(System) or pyproj.CRS.from_user_input(crs).is_geographic


@lru_cache(maxsize=16)
def _transformer(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)


# Degrees that are taken as those of CGCS2000: WGS 84 differs by decimetres at most.
_SAME = frozenset({"EPSG:4490", "EPSG:4326", "OGC:CRS84", System.CGCS2000, System.WGS84})


def to_degrees(x: npt.ArrayLike, y: npt.ArrayLike, crs: str) -> tuple[Degrees, Degrees]:
    """Positions in `crs` as CGCS2000 degrees, east before north; inf where there is no such."""
    if crs in _SAME:
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if crs in set(System):
        return to_cgcs2000(x, y, crs)
    lon, lat = _transformer(crs).transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def coordinates_to_degrees(crs: str) -> Any:
    """The same for an array of (n, 2), as shapely hands it over."""

    def turn(pairs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.column_stack(to_degrees(pairs[:, 0], pairs[:, 1], crs))

    return turn
