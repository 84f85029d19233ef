"""Opens a number: the rows that a count counted, and no others."""

# ruff: noqa: S608  (text comes from the table of measures only; every value is bound)

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.core.problems import Invalid
from chengyun.governance.evaluation.measures import BY_CODE, REPEAT, Kind, Measure
from chengyun.governance.evaluation.objects import NONE_CODE
from chengyun.governance.evaluation.request import Request
from chengyun.governance.evaluation.sql import (
    Bound,
    Buckets,
    conditions,
    object_sql,
    post_sql,
    prelude,
    ranges_sql,
    repeat_condition,
    tables,
)


@dataclass(frozen=True)
class CountedRow:
    """One counted row and its case. ``row`` is the id of the report, visit, record or task that
    was counted (the case itself where cases are counted); ``counts`` is what it added."""

    row: int
    source: str
    case: int
    number: str | None
    state: str
    matter: str | None
    matter_zh: str | None
    matter_en: str | None
    area: str | None
    department: str | None
    description: str
    at: datetime
    counts: int


def measure_named(code: str, kind: Kind) -> Measure:
    """The measure. Raises Invalid (422) when this kind of object has none of that name."""
    measure = BY_CODE.get(code)
    if measure is None or kind not in measure.kinds:
        raise Invalid(
            zh=f"没有计数指标“{code[:60]}”。",
            en=f"There is no count “{code[:60]}” for a {kind.value}.",
            field="measure",
            remedy_zh="可用的指标见 /api/evaluation/measures；比率请分别打开其分子和分母。",
            remedy_en="See /api/evaluation/measures; open a rate by its numerator or denominator.",
        )
    return measure


def rows_behind(
    request: Request, measure: Measure, object_code: str, *, after: int | None, limit: int
) -> list[CountedRow]:
    """Rows behind one cell, newest id first, below row id ``after``; one statement.

    ``object_code`` is the code of an area or organisation or ``post:username``; "" opens the
    total and "-" the rows that belong to no object.
    """
    (period,) = request.periods
    buckets = Buckets.of([period], request.at)
    if not buckets.spans:
        return []
    bound = Bound()
    source = measure.moment.source
    where = conditions(request.scope, request.filters, request.kind, source, bound)
    where.append(ranges_sql([measure.moment], buckets, bound))
    where += _instant(measure, buckets, bound)
    where.append(f"({measure.where})")
    if source is REPEAT:
        where.append(repeat_condition(request, buckets.points[0], buckets.points[-1], bound))
    if object_code:
        where.append(_object_is(request, object_code, measure, bound))
    if after is not None:
        where.append(f"{source.row} < {bound.add(after)}")
    opening = prelude(request, buckets, bound)
    sql = (
        f"{opening}SELECT {source.row}, c.id, c.number, c.state, mt.code, mt.name_zh, mt.name_en, "
        f"ar.code, og.code, left(c.description, 120), {measure.moment.sql}, {measure.weight} "
        f"FROM {tables(request, source)} "
        "LEFT JOIN city_matter mt ON mt.id = c.matter_id "
        "LEFT JOIN city_area ar ON ar.id = c.area_id "
        "LEFT JOIN core_organisation og ON og.id = c.department_id "
        f"WHERE {' AND '.join(where)} ORDER BY {source.row} DESC LIMIT {bound.add(limit)}"
    )
    return [CountedRow(row[0], source.code, *row[1:]) for row in _fetch(sql, bound.values)]


def _fetch(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _instant(measure: Measure, buckets: Buckets, bound: Bound) -> list[str]:
    start, end = buckets.spans[0]
    sql = measure.moment.sql
    return [f"{sql} >= {bound.add(start)}", f"{sql} < {bound.add(end)}"]


def _object_is(request: Request, code: str, measure: Measure, bound: Bound) -> str:
    column = object_sql(request.kind, measure.moment.source)
    if code == NONE_CODE:
        return f"{column} IS NULL"
    if request.kind is Kind.POST:
        post, _, username = code.partition(":")
        return (
            f"{column} = (SELECT id FROM core_user WHERE username = {bound.add(username)}) "
            f"AND {post_sql(request.kind, measure.moment.source)} = {bound.add(post)}"
        )
    table = "city_area" if request.kind is Kind.REGION else "core_organisation"
    return f"{column} = (SELECT id FROM {table} WHERE code = {bound.add(code)})"
