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
        ranked = _matching(question, known) or _similar(question, known)
        ranked.sort(key=_order)
        return [_found(area, match, known) for match, area in ranked[: question.limit]]


@lru_cache(maxsize=1)
def _folded(version: Hashable) -> Sequence[tuple[AreaInfo, tuple[str, str]]]:
    """Every area with its names as they are compared."""
    areas = catalogue().areas.values()
    return [(area, (fold(area.name_zh), fold(area.name_en))) for area in areas]


def _order(row: tuple[Match, AreaInfo]) -> tuple[Match, int, int, str]:
    match, area = row
    return match, len(area.ancestors), len(area.name_zh), area.code


def _matching(question: Question, known: Catalogue) -> list[tuple[Match, AreaInfo]]:
    """The areas whose code begins with the question, or whose name has all words of it."""
    code, words, joined = question.code, question.words, " ".join(question.words)
    # Fewer digits than a district has name everything.
    by_code = code if len(code) >= 4 else ""
    found: list[tuple[Match, AreaInfo]] = []
    for area, names in _folded(known.version):
        if by_code and area.code.startswith(by_code):
            found.append((Match.EXACT if area.code == code else Match.PREFIX, area))
        elif joined in names:
            found.append((Match.EXACT, area))
        elif all(words[0] not in name for name in names):
            continue
        elif any(name.startswith(joined) for name in names):
            found.append((Match.PREFIX, area))
        elif any(all(word in name for word in words) for name in names):
            found.append((Match.PART, area))
    return found


def _similar(question: Question, known: Catalogue) -> list[tuple[Match, AreaInfo]]:
    """The areas whose name shares enough pairs of characters with the question."""
    wanted = set(pairs("".join(question.words)))
    if len(wanted) < 2 or question.code:
        return []
    least = max(2.0, _ENOUGH * len(wanted))
    return [
        (Match.SIMILAR, area)
        for area, have in _paired(known.version)
        if any(len(wanted & pairs_of_name) >= least for pairs_of_name in have)
    ]


@lru_cache(maxsize=1)
def _paired(version: Hashable) -> Sequence[tuple[AreaInfo, tuple[frozenset[str], ...]]]:
    """Every area with the pairs of characters of its names."""
    return [(area, tuple(frozenset(pairs(n)) for n in names)) for area, names in _folded(version)]


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
