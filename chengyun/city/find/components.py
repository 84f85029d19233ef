"""Components by the beginning of their code or name, or by their class near a point."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import connection

from chengyun.city.find.addresses import metres_between
from chengyun.city.find.finder import Finder, Found, Match, Question
from chengyun.city.find.pages import component_page
from chengyun.city.find.text import fold, literal
from chengyun.city.models.components import ComponentState
from chengyun.city.snapshot import catalogue

#: Rows looked at around a point for a name or a class.
_AROUND = 600
_RANKED = 30

_ROW = "id, code, name, state, component_class_id, geom"
_CODE = f"SELECT {_ROW} FROM city_component WHERE code LIKE %(code)s ORDER BY code LIMIT {_RANKED}"  # noqa: S608
_NAME = f"""
    SELECT {_ROW} FROM city_component
    WHERE (name COLLATE "C") LIKE %(name)s ORDER BY name COLLATE "C" LIMIT {_RANKED}
"""  # noqa: S608
_NEAR = f"""
    SELECT {_ROW} FROM (
        SELECT {_ROW} FROM city_component
        ORDER BY geom <-> ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4490) LIMIT {_AROUND}
    ) c
    WHERE name LIKE %(name)s OR component_class_id = ANY (%(classes)s) LIMIT {_RANKED}
"""  # noqa: S608
_CLASS = f"""
    SELECT {_ROW} FROM city_component
    WHERE component_class_id = ANY (%(classes)s) LIMIT {_RANKED}
"""  # noqa: S608


class Components(Finder):
    """Components; removed ones too, their state is said."""

    kind: ClassVar[str] = "component"

    def find(self, question: Question) -> Sequence[Found]:
        if not question.words:
            return []
        joined = " ".join(question.words)
        classes = [] if question.code else _classes(joined)
        params: dict[str, Any] = {
            "code": f"{literal(question.code)}%",
            "name": f"{literal(question.text.strip())}%",
            "classes": classes,
        }
        branches = [_NAME]
        if len(question.code) >= 4:
            branches.append(_CODE)
        if question.near is not None:
            params["lon"], params["lat"] = question.near
            branches.append(_NEAR)
        if classes:
            branches.append(_CLASS)
        columns = "id, code, name, state, component_class_id, ST_X(geom), ST_Y(geom)"
        sql = " UNION ".join(f"(SELECT {columns} FROM ({branch}) b)" for branch in branches)  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
        ranked = [(_match(row, question, joined), row) for row in rows]
        ranked.sort(key=lambda r: (r[0], metres_between(question.near, *r[1][5:7]), r[1][1]))
        return [_found(row, match) for match, row in ranked[: question.limit]]


def _classes(text: str) -> list[int]:
    """The classes, of any edition, whose name has the text; one character is too little."""
    if len(text) < 2:
        return []
    return [
        info.id
        for info in catalogue().component_classes.values()
        if text in fold(info.name_zh) or text in fold(info.name_en)
    ]


def _match(row: Sequence[Any], question: Question, joined: str) -> Match:
    code, name = row[1], fold(row[2])
    if question.code and code == question.code:
        return Match.EXACT
    if question.code and code.startswith(question.code):
        return Match.PREFIX
    # The name of a thing is mostly that of its class: there are a thousand others, so no name is
    # an exact answer.
    return Match.PREFIX if name.startswith(joined) else Match.PART


def _found(row: Sequence[Any], match: Match) -> Found:
    _, code, name, state, class_id, lon, lat = row
    kind = catalogue().component_classes.get(class_id)
    state_zh, _, state_en = str(ComponentState(state).label).partition(" ")
    class_zh = kind.name_zh if kind else ""
    class_en = (kind.name_en or kind.name_zh) if kind else ""
    return Found(
        kind=Components.kind,
        match=match,
        title_zh=name or class_zh or code,
        title_en=name if name and name != class_zh else class_en or code,
        detail_zh=" ".join(part for part in (code, class_zh, state_zh) if part),
        detail_en=", ".join(part for part in (code, class_en, state_en) if part),
        code=code,
        lon=lon,
        lat=lat,
        href=component_page(code),
    )
