"""Areas by code and by name, Chinese or English, out of the memory of the process."""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import ClassVar

from chengyun.city.find.extents import extents
from chengyun.city.find.finder import Finder, Found, Match, Question
from chengyun.city.find.pages import on_map
from chengyun.city.find.text import fold, pairs
from chengyun.city.snapshot import AreaInfo, Catalogue, catalogue

#: A name is similar when it has this share of the pairs that were asked for.
_ENOUGH = 0.5
_ZOOM = {"city": 9, "district": 11, "street": 13, "community": 15}


class Areas(Finder):
    """Districts, streets and communities; the larger area first among equals."""

    kind: ClassVar[str] = "area"
    public: ClassVar[bool] = True

    def find(self, question: Question) -> Sequence[Found]:
        if not question.words:
            return []
        known = catalogue()
        ranked = [
            (match, len(area.ancestors), len(area.name_zh), area.code, area)
            for area, names in _folded(known.version)
            if (match := _match(area, names, question)) is not None
        ]
        ranked.sort(key=lambda row: row[:4])
        return [_found(row[4], row[0], known) for row in ranked[: question.limit]]


@lru_cache(maxsize=1)
def _folded(version: Hashable) -> Sequence[tuple[AreaInfo, tuple[str, str]]]:
    """Every area with its names as they are compared."""
    areas = catalogue().areas.values()
    return [(area, (fold(area.name_zh), fold(area.name_en))) for area in areas]


def _match(area: AreaInfo, names: tuple[str, str], question: Question) -> Match | None:
    if question.code:
        if area.code == question.code:
            return Match.EXACT
        # One digit more or less of a code means a whole level: shorter than a district is noise.
        if len(question.code) >= 4 and area.code.startswith(question.code):
            return Match.PREFIX
    joined = " ".join(question.words)
    if joined in names:
        return Match.EXACT
    if any(name.startswith(joined) for name in names):
        return Match.PREFIX
    if any(all(word in name for word in question.words) for name in names):
        return Match.PART
    wanted = pairs(joined.replace(" ", ""))
    if len(wanted) > 1 and not question.code:
        shared = max(sum(pair in name for pair in wanted) for name in names)
        if shared > 1 and shared >= _ENOUGH * len(wanted):
            return Match.SIMILAR
    return None


def names_above(known: Catalogue, codes: Iterable[str]) -> tuple[str, str]:
    """The names of areas from the largest to the smallest, the city left out, zh and en."""
    above = [known.area_of[code] for code in codes if code in known.area_of]
    below_city = [area for area in above if area.level != "city"]
    zh = " ".join(area.name_zh for area in below_city)
    en = ", ".join(area.name_en or area.name_zh for area in reversed(below_city))
    return zh, en


def _found(area: AreaInfo, match: Match, known: Catalogue) -> Found:
    extent = extents().get(area.id)
    zh, en = names_above(known, area.ancestors[:-1])
    return Found(
        kind=Areas.kind,
        match=match,
        title_zh=area.name_zh,
        title_en=area.name_en or area.name_zh,
        detail_zh=zh,
        detail_en=en,
        code=area.code,
        lon=extent.lon if extent else None,
        lat=extent.lat if extent else None,
        bounds=extent.bounds if extent else None,
        href=on_map(extent.lon, extent.lat, _ZOOM.get(area.level, 13)) if extent else "",
    )
