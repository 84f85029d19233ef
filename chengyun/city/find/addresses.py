"""Addresses and places by any part of their text, one character wrong or missing at worst.

One statement. Every pair of neighbouring characters is in an index (`city_address_terms`), so the
rows that have all pairs of a word are those that contain it, but for rare coincidences. A question
that very many addresses answer ("区", "路") is not answered completely: those that begin so, and
those near the point asked about, are enough. What is common, the database's statistics know.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians
from typing import Any, ClassVar

from django.db import connection

from chengyun.city.find.areas import names_above
from chengyun.city.find.extents import city_bounds
from chengyun.city.find.finder import Finder, Found, Match, Question
from chengyun.city.find.frequency import FEW, Frequencies, frequencies
from chengyun.city.find.pages import on_map
from chengyun.city.find.text import all_of, fold, literal, pairs, quoted
from chengyun.city.models import Address
from chengyun.city.snapshot import Catalogue, catalogue

#: Rows looked at around a point when a question is too common for the index.
_AROUND = 500
#: Rows that the index may give before they are ranked.
_MOST = 2_000
#: Rows that are ranked here.
_RANKED = 60
#: Pairs of a question that is long.
_LONG = 12
#: Answers for a stranger: enough to find one's own, too few to copy the register by asking.
_FOR_STRANGERS = 10
#: A text is similar when it has this share of the pairs that were asked for.
_ENOUGH = 0.5

_ROW = "id, full_text, kind, area_id, geom"
_BEGIN = f"""
    SELECT {_ROW} FROM city_address
    WHERE (city_search_fold(full_text) COLLATE "C") LIKE %(start)s
    ORDER BY city_search_fold(full_text) COLLATE "C" LIMIT %(ranked)s
"""  # noqa: S608
_PART = f"""
    SELECT {_ROW} FROM (
        SELECT {_ROW} FROM city_address
        WHERE city_search_terms(full_text) @@ %(all)s::tsquery LIMIT {_MOST}
    ) a
    WHERE {{words}}
    ORDER BY {{order}} LIMIT %(ranked)s
"""  # noqa: S608
_NEAR = f"""
    SELECT {_ROW} FROM (
        SELECT {_ROW} FROM city_address ORDER BY geom <-> {{point}} LIMIT {_AROUND}
    ) a
    WHERE {{words}} LIMIT %(ranked)s
"""  # noqa: S608
_LIKE = f"""
    SELECT {_ROW} FROM city_address
    WHERE {{nothing}} AND city_search_terms(full_text) @@ {{terms}}::tsquery
    LIMIT {_MOST // 4}
"""  # noqa: S608
_POINT = "ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490)"
_COLUMNS = "id, full_text, kind, area_id, ST_X(geom), ST_Y(geom)"


@dataclass(frozen=True)
class Near:
    """An address that was found, and how well: pairs of the question that it has not, metres from
    the point asked about."""

    id: int
    text: str
    kind: str
    area_id: int | None
    lon: float
    lat: float
    match: Match
    missed: int
    metres: float

    def order(self) -> tuple[Match, int, float, int, str, int]:
        """Sorts the better answers first."""
        return self.match, self.missed, self.metres, len(self.text), self.text, self.id


class Addresses(Finder):
    """Door plates, buildings, compounds, roads and places of interest.

    Public, because whoever reports must be able to say where; the whole register is not."""

    kind: ClassVar[str] = "address"
    public: ClassVar[bool] = True

    def find(self, question: Question) -> Sequence[Found]:
        known = catalogue()
        most = question.limit if question.reach is not None else _FOR_STRANGERS
        return [_found(row, known) for row in search(question)[:most]]


def search(question: Question) -> list[Near]:
    """The addresses that answer a question, the best first, at most its limit; one statement."""
    if not question.words:
        return []
    sql, params = _statement(question, frequencies())
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    ranked = [row for row in (_ranked(row, question) for row in rows) if row is not None]
    ranked.sort(
        key=lambda row: (row.match, row.missed, row.metres, len(row.text), row.text, row.id)
    )
    return ranked[: question.limit]


def _statement(question: Question, known: Frequencies) -> tuple[str, dict[str, Any]]:
    words = question.words
    params: dict[str, Any] = {"ranked": _RANKED}
    if question.near is not None:
        params["lon"], params["lat"] = question.near
    conditions = []
    for number, word in enumerate(words):
        params[f"word{number}"] = f"%{literal(word)}%"
        # The text as it is first: folding it costs ten times as much, making it lower three times.
        plain = (
            "lower(full_text)" if any(c.isascii() and c.isalpha() for c in word) else "full_text"
        )
        conditions.append(
            f"({plain} LIKE %(word{number})s OR city_search_fold(full_text) LIKE %(word{number})s)"
        )
    condition = " AND ".join(conditions)
    begin = None
    if len(words) == 1:
        params["start"] = f"{literal(words[0])}%"
        begin = _BEGIN
    terms = [pair for word in words for pair in pairs(word)]
    if common(terms, words, known):
        branches = [begin]
        if (point := question.near or _middle()) is not None:
            params["lon"], params["lat"] = point
            branches.append(_NEAR.format(point=_POINT, words=condition))
        return _together(branches), params
    params["all"] = all_of(terms) or " & ".join(f"{quoted(word)}:*" for word in words)
    order = f"geom <-> {_POINT}" if question.near else "length(full_text), id"
    # Of words of two characters the index knows everything.
    known_all = all(len(word) == 2 for word in words)
    part = _PART.format(words="TRUE" if known_all else condition, order=order)
    # Nothing has it all: what lacks one pair is tried, and only then what lacks two.
    steps = [("parts", part)]
    for name, missing in (("closer", 1), ("nearly", 2)):
        params[name] = _relaxed(words, known, missing)
        if params[name]:
            nothing = " AND ".join(f"NOT EXISTS (SELECT FROM {step})" for step, _ in steps)
            steps.append((name, _LIKE.format(nothing=nothing, terms=f"%({name})s")))
    tried = ", ".join(f"{name} AS MATERIALIZED ({step})" for name, step in steps)
    return f"WITH {tried} {_together([begin, *(f'TABLE {name}' for name, _ in steps)])}", params


def common(terms: Sequence[str], words: Sequence[str], known: Frequencies) -> bool:
    """Whether more addresses have the terms (or, without any, the characters) than may be read."""
    if terms:
        return known.rows_with(terms) > FEW
    return known.rows > FEW and all(known.rows_beginning(word) > FEW for word in words)


def _together(branches: Sequence[str | None]) -> str:
    inner = " UNION ".join(
        f"(SELECT {_COLUMNS} FROM ({branch}) b)"  # noqa: S608
        for branch in branches
        if branch
    )
    return inner or f"SELECT {_COLUMNS} FROM city_address WHERE FALSE"  # noqa: S608


def _relaxed(words: Sequence[str], known: Frequencies, missing: int) -> str:
    """The tsquery that forgives one wrong, missing or superfluous character: all pairs but one, or
    two neighbouring ones. Empty where too little would be left to search by."""
    terms = [pair for word in words for pair in pairs(word)]
    # A code with one digit off is another code.
    if len(terms) < 3 or all(word.isascii() for word in words):
        return ""
    # Of a long text few addresses have all pairs but two: there is nothing to be lost among.
    if missing == 1 and len(terms) > _LONG:
        return ""
    ways = [terms[:at] + terms[at + missing :] for at in range(len(terms) + 1 - missing)]
    kept = [way for way in ways if way and known.rows_with(way) <= FEW]
    return " | ".join(f"({all_of(way)})" for way in kept)


def _middle() -> tuple[float, float] | None:
    bounds = city_bounds()
    return ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2) if bounds else None


def _ranked(row: Sequence[Any], question: Question) -> Near | None:
    """The row with how well it answers; None for what only shares some pairs by accident."""
    text = fold(row[1])
    match, missed = _match(text, question.words), 0
    if match is None:
        return None
    if match is Match.SIMILAR:
        missed = sum(pair not in text for word in question.words for pair in pairs(word))
    number, full_text, kind, area_id, lon, lat = row
    metres = metres_between(question.near, lon, lat)
    return Near(number, full_text, kind, area_id, lon, lat, match, missed, metres)


def _match(text: str, words: Sequence[str]) -> Match | None:
    starts = (text, _below_areas(text))
    joined = " ".join(words)
    if joined in starts:
        return Match.EXACT
    if len(words) == 1 and any(start.startswith(words[0]) for start in starts):
        return Match.PREFIX
    if all(word in text for word in words):
        return Match.PART
    wanted = [pair for word in words for pair in pairs(word)]
    shared = sum(pair in text for pair in wanted)
    return Match.SIMILAR if wanted and shared >= _ENOUGH * len(wanted) else None


def _below_areas(text: str) -> str:
    """An address without the areas it begins with: people do not type their city."""
    known = catalogue()
    names = _names_by_first(known.version)
    while text and (name := next((n for n in names.get(text[0], ()) if text.startswith(n)), "")):
        text = text[len(name) :]
    return text


@lru_cache(maxsize=1)
def _names_by_first(version: Hashable) -> Mapping[str, Sequence[str]]:
    """The folded names of all areas by their first character, the longest first."""
    names: dict[str, list[str]] = {}
    for area in catalogue().areas.values():
        if name := fold(area.name_zh):
            names.setdefault(name[0], []).append(name)
    return {first: sorted(group, key=len, reverse=True) for first, group in names.items()}


def metres_between(near: tuple[float, float] | None, lon: float, lat: float) -> float:
    """Metres from a point, flat; 0 without one."""
    if near is None:
        return 0.0
    return hypot((lon - near[0]) * cos(radians(near[1])), lat - near[1]) * 111_320.0


def _found(row: Near, known: Catalogue) -> Found:
    kind_zh, _, kind_en = str(Address.Kind(row.kind).label).partition(" ")
    area = known.areas.get(row.area_id) if row.area_id else None
    zh, en = names_above(known, area.ancestors) if area else ("", "")
    return Found(
        kind=Addresses.kind,
        match=row.match,
        title_zh=row.text,
        title_en=row.text,
        detail_zh=" ".join(part for part in (kind_zh, zh) if part),
        detail_en=", ".join(part for part in (kind_en, en) if part),
        lon=row.lon,
        lat=row.lat,
        href=on_map(row.lon, row.lat),
    )
