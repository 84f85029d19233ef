"""The rows of a table: which regions, departments or people it has, and how large they are."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from chengyun.governance.evaluation.measures import Kind
from chengyun.governance.evaluation.request import Request, bound_organisation

#: The object of cases that have none yet: no place known, not dispatched.
NONE_CODE = "-"


@dataclass(frozen=True)
class Evaluated:
    """A region (with its km2 and unit_grids as ``extents``), a department, a person in a post."""

    id: int | None
    code: str
    zh: str
    en: str
    role: str | None = None
    parent: str | None = None
    extents: dict[str, float | None] = field(default_factory=dict)


def unassigned(kind: Kind) -> Evaluated:
    """The row of cases that belong to no object of the table."""
    if kind is Kind.REGION:
        return Evaluated(None, NONE_CODE, "位置不明", "place unknown")
    return Evaluated(None, NONE_CODE, "未派遣", "not dispatched")


def whole(kind: Kind, extents: dict[str, float | None]) -> Evaluated:
    """The row of everything together."""
    return Evaluated(None, "", "合计", "total", extents=extents)


def objects_of(request: Request, seen: Collection[tuple[int, str | None]]) -> list[Evaluated]:
    """The rows: everything in reach of the scope, and everything that was counted. One statement.

    ``seen`` are the (id, post) that have counts."""
    if request.kind is Kind.REGION:
        return _regions(request, {object_id for object_id, _ in seen})
    if request.kind is Kind.DEPARTMENT:
        return _departments(request, {object_id for object_id, _ in seen})
    return _people(seen)


def _rows(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


_REGIONS = """
SELECT o.id, o.code, o.name_zh, o.name_en, p.code, o.area_m2 / 1e6, coalesce(g.grids, 0)
FROM city_area o
LEFT JOIN city_area p ON p.id = o.parent_id
LEFT JOIN (
    SELECT upper.code, count(*) AS grids
    FROM city_unitgrid u JOIN city_area a ON a.id = u.community_id,
         unnest(a.ancestors) AS upper (code)
    WHERE u.valid_from <= %(day)s AND (u.valid_until IS NULL OR u.valid_until > %(day)s)
    GROUP BY upper.code
) g ON g.code = o.code
WHERE o.id = ANY(%(seen)s) OR (
    o.level = %(level)s
    AND (%(areas)s::text[] IS NULL OR o.ancestors && %(areas)s::text[])
    AND (%(filtered)s::text[] IS NULL OR o.ancestors && %(filtered)s::text[]))
ORDER BY o.code
"""


def _regions(request: Request, seen: set[int]) -> list[Evaluated]:
    limits = [clause.area for clause in request.scope.clauses]
    reach = None if None in limits else [area for area in limits if area]
    params = {
        "seen": list(seen),
        "day": request.at.date(),
        "level": request.level,
        "areas": reach,
        "filtered": list(request.filters.areas) or None,
    }
    return [
        Evaluated(
            object_id, code, zh, en or zh, parent=parent, extents={"km2": km2, "unit_grids": grids}
        )
        for object_id, code, zh, en, parent, km2, grids in _rows(_REGIONS, params)
    ]


_DEPARTMENTS = """
SELECT o.id, o.code, o.name_zh, o.name_en, p.code
FROM core_organisation o LEFT JOIN core_organisation p ON p.id = o.parent_id
WHERE o.id = ANY(%(seen)s) OR (
    o.active AND o.kind IN ('department', 'company', 'street')
    AND (%(orgs)s::text[] IS NULL OR o.ancestors && %(orgs)s::text[])
    AND (%(filtered)s::text[] IS NULL OR o.ancestors && %(filtered)s::text[]))
ORDER BY o.code
"""


def _departments(request: Request, seen: set[int]) -> list[Evaluated]:
    limits = [bound_organisation(clause) for clause in request.scope.clauses]
    reach = None if None in limits else [org for org in limits if org]
    params = {
        "seen": list(seen),
        "orgs": reach,
        "filtered": list(request.filters.departments) or None,
    }
    return [
        Evaluated(object_id, code, zh, en or zh, parent=parent)
        for object_id, code, zh, en, parent in _rows(_DEPARTMENTS, params)
    ]


_PEOPLE = """
SELECT u.id, u.username, u.display_name, o.code
FROM core_user u LEFT JOIN core_organisation o ON o.id = u.organisation_id
WHERE u.id = ANY(%(seen)s) ORDER BY u.username
"""


def _people(seen: Collection[tuple[int, str | None]]) -> list[Evaluated]:
    posts: dict[int, list[str]] = {}
    for object_id, post in seen:
        posts.setdefault(object_id, []).append(post or "")
    return [
        Evaluated(object_id, f"{post}:{username}", name or username, name or username, post, org)
        for object_id, username, name, org in _rows(_PEOPLE, {"seen": list(posts)})
        for post in sorted(posts[object_id])
    ]
