"""Unit grids by code; duty grids, for those who are signed in, by code and name."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import connection
from django.utils import timezone

from chengyun.city.find.areas import names_above
from chengyun.city.find.finder import Finder, Found, Match, Question
from chengyun.city.find.pages import on_map
from chengyun.city.find.text import fold, literal
from chengyun.city.models import DutyGrid
from chengyun.city.snapshot import catalogue

_UNIT = """
SELECT '' AS kind, code, '' AS name, community_id, geom, ST_PointOnSurface(geom) AS p FROM (
    SELECT code, community_id, geom FROM city_unitgrid
    WHERE code LIKE %(code)s AND valid_from <= %(today)s
      AND (valid_until IS NULL OR valid_until > %(today)s)
    ORDER BY code LIMIT %(limit)s
) u
"""
# A few thousand at most: read as they are.
_DUTY = """
SELECT kind, code, name, NULL::bigint AS community_id, geom, ST_PointOnSurface(geom) AS p FROM (
    SELECT kind, code, name, ST_Transform(gm, 4490) AS geom FROM city_dutygrid
    WHERE code ILIKE %(code)s OR city_search_fold(name) LIKE %(name)s
    ORDER BY (city_search_fold(name) = %(exact)s) DESC, code LIMIT %(limit)s
) d
"""
_COLUMNS = (
    "kind, code, name, community_id, ST_X(p), ST_Y(p), "
    "ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)"
)


class Grids(Finder):
    """The unit grids of today, and the grids that people answer for."""

    kind: ClassVar[str] = "grid"
    public: ClassVar[bool] = True

    def find(self, question: Question) -> Sequence[Found]:
        joined = " ".join(question.words)
        unit = len(question.code) >= 4
        branches = [_UNIT] if unit else []
        if question.reach is not None and joined:
            branches.append(_DUTY)
        if not branches:
            return []
        params: dict[str, Any] = {
            "code": f"{literal(question.code or joined)}%",
            "name": f"%{literal(joined)}%",
            "exact": joined,
            "today": timezone.localdate(),
            "limit": question.limit,
        }
        union = " UNION ALL ".join(f"({branch})" for branch in branches)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_COLUMNS} FROM ({union}) g", params)  # noqa: S608
            rows = cursor.fetchall()
        ranked = sorted(((_match(row, question, joined), row) for row in rows), key=_order)
        return [_found(row, match) for match, row in ranked[: question.limit]]


def _order(ranked: tuple[Match, Sequence[Any]]) -> tuple[Match, str]:
    return ranked[0], ranked[1][1]


def _match(row: Sequence[Any], question: Question, joined: str) -> Match:
    code, name = row[1], fold(row[2])
    if fold(code) == joined or name == joined:
        return Match.EXACT
    if fold(code).startswith(joined) or name.startswith(joined):
        return Match.PREFIX
    return Match.PART


def _found(row: Sequence[Any], match: Match) -> Found:
    kind, code, name, community, lon, lat, *box = row
    if kind:
        zh, _, en = str(DutyGrid.Kind(kind).label).partition(" ")
        title_zh = title_en = name or code
        detail_zh, detail_en = f"{zh} {code}", f"{en} {code}"
    else:
        known = catalogue()
        area = known.areas.get(community)
        detail_zh, detail_en = names_above(known, area.ancestors) if area else ("", "")
        title_zh, title_en = f"单元网格 {code}", f"Unit grid {code}"
    known_place = lon is not None
    return Found(
        kind=Grids.kind,
        match=match,
        title_zh=title_zh,
        title_en=title_en,
        detail_zh=detail_zh,
        detail_en=detail_en,
        code=code,
        lon=lon,
        lat=lat,
        bounds=(box[0], box[1], box[2], box[3]) if known_place else None,
        href=on_map(lon, lat, 16) if known_place else "",
    )
