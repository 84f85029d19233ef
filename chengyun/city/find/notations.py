"""Positions as people write them: degrees in many notations, metres of a zone, a map's system.

36.0671,120.3826          120.3826 36.0671          geo:36.0671,120.3826
120°22′57″E 36°4′2″N      E120 22.95 N36 4.03       东经120度22分57秒 北纬36度4分2秒
gcj02:120.38,36.06        百度 120.39,36.07         POINT(120.38 36.06)
40534512.3,3993214.5      EPSG:4549 534512.3 3993214.5
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from chengyun.city.coordinates import System, outside_china, to_cgcs2000
from chengyun.city.zones import ZONES, Zone

#: Signs that NFKC would take apart or leave as they are, by what is meant.
_SIGNS = str.maketrans(
    {
        "º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "`": "'", "″": '"', "”": '"',
        "“": '"', "〃": '"', "、": ",", "；": ",", ";": ",", "−": "-", "–": "-", "：": ":",
    }
)  # fmt: skip
_MARKS = str.maketrans({"度": "°", "分": "'", "秒": '"'})
_SIDES = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S", "经度": "E", "纬度": "N"}
_SYSTEMS = {
    "火星": "gcj02", "高德": "gcj02", "腾讯": "gcj02", "amap": "gcj02", "百度": "bd09",
    "baidu": "bd09", "天地图": "cgcs2000", "gps": "wgs84",
}  # fmt: skip
_SYSTEM = re.compile(
    r"((?:gcj-?02|bd-?09|wgs-?84|cgcs-?2000|epsg:?4490|epsg:?4326)(?![0-9a-z])|"
    + "|".join(_SYSTEMS)
    + r")(?:坐标系?)?[\s:,]*",
    re.IGNORECASE,
)
_ZONE = re.compile(r"epsg:?(4\d{3})(?=\D)[\s:,]*", re.IGNORECASE)
_WRAPPED = re.compile(r"(?:point\s*)?[(\[]\s*(.*?)\s*[)\]]", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(?P<mark>[°'\"])|(?P<side>[NSEW])"
    r"|(?P<sign>(?<![0-9.°'\"])[+-])|(?P<comma>,)|\s+"
)
_LONGEST = 120


@dataclass(frozen=True)
class Reading:
    """One way to read a text as a position: CGCS2000 degrees, and what was taken for granted."""

    lon: float
    lat: float
    system: System = System.CGCS2000
    zone: Zone | None = None
    #: Whether the text itself says which number is which.
    certain: bool = True
    #: Whether the latitude was read first.
    latitude_first: bool = False


@dataclass
class _Angle:
    """Numbers with their marks, and the side of the earth where it was said."""

    numbers: list[str]
    marks: list[str]
    side: str = ""
    sign: int = 1

    def degrees(self) -> float | None:
        """The angle, signed; None where it cannot be one."""
        if not 1 <= len(self.numbers) <= 3:
            return None
        if any(mark and mark != "°'\""[place] for place, mark in enumerate(self.marks)):
            return None
        if any("." in number for number in self.numbers[:-1]):
            return None
        values = [float(number) for number in self.numbers]
        if any(value >= 60 for value in values[1:]):
            return None
        if self.side and self.sign < 0:
            return None
        sign = -self.sign if self.side in ("S", "W") else self.sign
        return sign * sum(value / 60.0**place for place, value in enumerate(values))


def readings(text: str) -> list[Reading]:
    """Every way to read a text as a position, the likelier first; none where it is none.

    Two plain numbers may be read both ways round (`certain` is false then); which is meant, the
    caller decides by what lies in the city.
    """
    if len(text) > _LONGEST:
        return []
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip()
    zoned: Zone | None = None
    if (named := _ZONE.match(plain)) and int(named[1]) in ZONES:
        zoned = ZONES[int(named[1])]
        plain = plain[named.end() :]
    system = System.CGCS2000
    if found := _SYSTEM.match(plain):
        system, plain = _system(found[1]), plain[found.end() :]
    elif (found := _SYSTEM.search(plain)) and found.end() == len(plain):
        system, plain = _system(found[1]), plain[: found.start()]
    if found := _WRAPPED.fullmatch(plain.strip()):
        plain = found[1]
    latitude_first = plain.lower().startswith("geo:")
    if latitude_first:
        plain = plain[4:].partition(";")[0].partition("?")[0].partition(",u=")[0]
    for word, side in _SIDES.items():
        plain = re.sub(rf"{word}\s*:?", f" {side} ", plain)
    plain = plain.translate(_MARKS).replace("''", '"')
    tokens = _tokens(plain.upper())
    if tokens is None:
        return []
    plane = _plane(tokens, zoned)
    if plane or zoned is not None:
        return plane
    pair = _angles(tokens)
    return _oriented(pair, system, latitude_first) if pair else []


def _system(name: str) -> System:
    return System.parse(_SYSTEMS.get(name.lower(), name))


def _tokens(text: str) -> list[tuple[str, str]] | None:
    """Kind and text of every token; None when anything is none."""
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found.lastgroup is not None:
            tokens.append((found.lastgroup, found[0]))
    return tokens


def _angles(tokens: Sequence[tuple[str, str]]) -> tuple[_Angle, _Angle] | None:
    """The tokens as two angles; None when they are anything else."""
    parts = _halves(tokens)
    if parts is None:
        return None
    first, second = _angle(parts[0]), _angle(parts[1])
    if first is None or second is None or bool(first.side) != bool(second.side):
        return None
    return first, second


def _halves(tokens: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], ...] | None:
    """Where the second angle begins: at its letter, after a letter, a comma, at a second degree
    mark, or in the middle of plain numbers."""
    sides = [at for at, (kind, _) in enumerate(tokens) if kind == "side"]
    commas = [at for at, (kind, _) in enumerate(tokens) if kind == "comma"]
    cut: int | None = None
    if len(sides) == 2:
        cut = sides[1] if sides[0] == 0 else sides[0] + 1
    elif sides:
        return None
    elif len(commas) == 1:
        cut = commas[0]
    else:
        degrees = [at for at, token in enumerate(tokens) if token == ("mark", "°")]
        numbers = [at for at, (kind, _) in enumerate(tokens) if kind == "number"]
        if len(degrees) == 2:
            cut = degrees[1] - 1
        elif not degrees and len(numbers) in (2, 4, 6):
            cut = numbers[len(numbers) // 2]
        if cut is not None and cut > 0 and tokens[cut - 1][0] == "sign":
            cut -= 1
    if cut is None:
        return None
    halves = (list(tokens[:cut]), list(tokens[cut:]))
    if halves[0] and halves[0][-1][0] == "comma":
        halves[0].pop()
    if halves[1] and halves[1][0][0] == "comma":
        halves[1].pop(0)
    return halves


def _angle(tokens: Sequence[tuple[str, str]]) -> _Angle | None:
    angle = _Angle([], [])
    for at, (kind, text) in enumerate(tokens):
        if kind == "number":
            angle.numbers.append(text)
            angle.marks.append("")
        elif kind == "mark" and angle.marks and not angle.marks[-1]:
            angle.marks[-1] = text
        elif kind == "side" and not angle.side and at in (0, len(tokens) - 1):
            angle.side = text
        elif kind == "sign" and not angle.numbers and at == (1 if angle.side else 0):
            angle.sign = -1 if text == "-" else 1
        else:
            return None
    return angle


def _oriented(pair: tuple[_Angle, _Angle], system: System, latitude_first: bool) -> list[Reading]:
    first, second = pair[0].degrees(), pair[1].degrees()
    if first is None or second is None:
        return []
    if pair[0].side:
        east = [angle.side in ("E", "W") for angle in pair]
        if east[0] == east[1]:
            return []
        lon, lat = (first, second) if east[0] else (second, first)
        return _in_degrees(lon, lat, system, certain=True, latitude_first=not east[0])
    if latitude_first:
        return _in_degrees(second, first, system, certain=True, latitude_first=True)
    both = [
        *_in_degrees(first, second, system, certain=False, latitude_first=False),
        *_in_degrees(second, first, system, certain=False, latitude_first=True),
    ]
    if len(both) == 1:
        one = both[0]
        return [Reading(one.lon, one.lat, system, None, True, one.latitude_first)]
    return both


def _in_degrees(
    lon: float, lat: float, system: System, *, certain: bool, latitude_first: bool
) -> list[Reading]:
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return []
    x, y = to_cgcs2000(lon, lat, system)
    return [Reading(float(x), float(y), system, None, certain, latitude_first)]


def _plane(tokens: Sequence[tuple[str, str]], zoned: Zone | None) -> list[Reading]:
    """Two numbers that can only be metres: northing of seven digits, easting of six or eight."""
    numbers = [float(text) for kind, text in tokens if kind == "number"]
    others = {kind for kind, _ in tokens} - {"number", "comma"}
    if len(numbers) != 2 or others or sum(kind == "comma" for kind, _ in tokens) > 1:
        return []
    found: list[Reading] = []
    for north_first in (True, False):
        north, east = numbers if north_first else numbers[::-1]
        # China reaches from 3 to 54 degrees north.
        if not 100_000 <= north < 10_000_000:
            continue
        for candidate in (zoned,) if zoned else ZONES.values():
            # A zone of three degrees is 167 km to each side at the equator, one of six 334 km.
            if abs(east - candidate.false_easting) > 400_000:
                continue
            lon, lat = candidate.to_degrees(east, north)
            half = candidate.width / 2 + 0.5
            if abs(lon - candidate.meridian) <= half and not outside_china(lon, lat):
                found.append(
                    Reading(
                        lon, lat, System.CGCS2000, candidate,
                        certain=zoned is not None or candidate.prefixed,
                        latitude_first=north_first,
                    )
                )  # fmt: skip
    return found


def sexagesimal(degrees: float, sides: str, marks: str = "°′″", digits: int = 2) -> str:
    """An angle in degrees, minutes and seconds behind the word or letter of its side; `sides`
    has the one for positive and the one for negative angles, divided by a bar."""
    positive, _, negative = sides.partition("|")
    units = round(abs(degrees) * 3600 * 10**digits)
    whole, fraction = divmod(units, 10**digits)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f".{fraction:0{digits}}" if digits else ""
    side = negative if degrees < 0 else positive
    return f"{side}{hours}{marks[0]}{minutes}{marks[1]}{seconds}{tail}{marks[2]}"
