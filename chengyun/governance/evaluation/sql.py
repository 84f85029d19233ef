"""Builds the statements of evaluation from the table of measures.

One scan of a source answers every measure and every period: per row and moment the predicates
become the bits of one number, GROUPING SETS count the few combinations that occur per object and
period, and an outer query adds the combinations up to measures. This was measured fastest of
seven shapes at one million cases (decision 0061).
"""

# ruff: noqa: S608  (text comes from the table of measures only; every value is bound)

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from chengyun.core.access import Scope
from chengyun.governance.evaluation.measures import (
    REPEAT,
    REPEAT_WHERE,
    UNDONE,
    Kind,
    Measure,
    Moment,
    Source,
)
from chengyun.governance.evaluation.periods import Period
from chengyun.governance.evaluation.request import Filters, Request, bound_organisation


@dataclass
class Bound:
    """Named parameters of one statement; equal names would collide, so they are numbered."""

    values: dict[str, Any] = field(default_factory=dict)

    def add(self, value: Any) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


@dataclass(frozen=True)
class Buckets:
    """Breakpoints of all asked periods, cut off at ``at``; bucket i is [points[i-1], points[i])."""

    points: tuple[datetime, ...]
    spans: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def of(cls, periods: Sequence[Period], at: datetime) -> "Buckets":
        spans = {(p.start, min(p.end, at)) for p in periods if p.start < at}
        points = sorted({edge for span in spans for edge in span})
        return cls(tuple(points), tuple(_merged(sorted(spans))))

    def of_period(self, period: Period, at: datetime) -> range:
        """The buckets that make up a period; none when it lies ahead."""
        if period.start >= at:
            return range(0)
        first = self.points.index(period.start) + 1
        return range(first, self.points.index(min(period.end, at)) + 1)


def _merged(spans: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans joined where they touch, so that a year of months is one range to scan."""
    current: tuple[datetime, datetime] | None = None
    for start, end in spans:
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (start, end)
    if current:
        yield current


@dataclass(frozen=True)
class Slot:
    """Where a measure stands in the answer: moment number and column."""

    measure: Measure
    moment: int
    column: int


@dataclass(frozen=True)
class Counting:
    """A statement that counts, and how to read its rows
    (moment, object, post, bucket, column 0 …)."""

    sql: str
    params: dict[str, Any]
    slots: tuple[Slot, ...]


def counting(request: Request, buckets: Buckets) -> Counting:
    """One statement for all measures of the request."""
    bound = Bound()
    slots = _slots(request.measures)
    width = max(slot.column for slot in slots) + 1
    parts, number = [], 0
    for source, moments in _by_source(slots):
        parts.append(_source_sql(request, buckets, source, moments, number, width, bound))
        number += len(moments)
    opening = prelude(request, buckets, bound)
    return Counting(opening + " UNION ALL ".join(parts), bound.values, slots)


def _slots(measures: Sequence[Measure]) -> tuple[Slot, ...]:
    """Measures of one moment share its row; moments of one source stand together."""
    order = {source: n for n, source in enumerate(dict.fromkeys(m.moment.source for m in measures))}
    moments = sorted(
        dict.fromkeys(measure.moment for measure in measures),
        key=lambda moment: order[moment.source],
    )
    return tuple(
        Slot(measure, number, column)
        for number, moment in enumerate(moments)
        for column, measure in enumerate(m for m in measures if m.moment == moment)
    )


def _by_source(slots: Sequence[Slot]) -> list[tuple[Source, list[list[Slot]]]]:
    """Slots by source, and within it by moment."""
    return [
        (source, [list(same) for _, same in groupby(found, key=lambda slot: slot.moment)])
        for source, found in groupby(slots, key=lambda slot: slot.measure.moment.source)
    ]


def _source_sql(
    request: Request,
    buckets: Buckets,
    source: Source,
    moments: list[list[Slot]],
    first_number: int,
    width: int,
    bound: Bound,
) -> str:
    """Count one source. ``b``/``m``/``w`` are bucket, bits and weights of a moment."""
    points = bound.add(list(buckets.points))
    inner = [f"{object_sql(request.kind, source)} AS o", f"{post_sql(request.kind, source)} AS r"]
    weights: list[str] = []
    for number, slots in enumerate(moments):
        inner.append(
            f"width_bucket({slots[0].measure.moment.sql}, {points}::timestamptz[]) AS b{number}"
        )
        inner.append(f"{_bits(slots)} AS m{number}")
        for slot in slots:
            if slot.measure.weight != "1":
                weights.append(f"w{slot.moment}_{slot.column}")
                amount = f"CASE WHEN {slot.measure.where} THEN {slot.measure.weight} END"
                inner.append(f"{amount} AS {weights[-1]}")
    count = len(moments)
    sets = ", ".join(f"(o, r, b{n}, m{n})" for n in range(count))
    marks = ", ".join(f"b{n}" for n in range(count))
    sums = "".join(f", sum({name}) AS {name}" for name in weights)
    # GROUPING has a bit for every column that is not in the set; exactly one b is.
    which = " ".join(
        f"WHEN {(1 << count) - 1 - (1 << (count - 1 - n))} THEN {first_number + n}"
        for n in range(count)
    )
    where = conditions(request.scope, request.filters, request.kind, source, bound)
    where.append(ranges_sql([slots[0].measure.moment for slots in moments], buckets, bound))
    if source is REPEAT:
        where.append(repeat_condition(request, buckets.points[0], buckets.points[-1], bound))
    return (
        f"SELECT k, o, r, b{_columns(moments, first_number, width)} FROM ("
        f"SELECT CASE GROUPING({marks}) {which} END AS k, o, r, "
        f"coalesce({marks}) AS b, coalesce({marks.replace('b', 'm')}) AS m, count(*) AS n{sums} "
        f"FROM (SELECT {', '.join(inner)} FROM {tables(request, source)} "
        f"WHERE {' AND '.join(where)} OFFSET 0) rows GROUP BY GROUPING SETS ({sets})) counted "
        f"WHERE b BETWEEN 1 AND {len(buckets.points) - 1} GROUP BY k, o, r, b"
    )


def _bits(slots: list[Slot]) -> str:
    terms = [
        f"CASE WHEN {slot.measure.where} THEN {1 << slot.column} ELSE 0 END"
        for slot in slots
        if slot.measure.weight == "1" and slot.measure.where != "TRUE"
    ]
    return f"({' + '.join(terms) or '0'})"


def _columns(moments: list[list[Slot]], first_number: int, width: int) -> str:
    """The outer sums: column j holds measure j of whichever moment the row is of."""
    by_column: dict[int, list[str]] = {}
    for number, slots in enumerate(moments):
        for slot in slots:
            measure, column = slot.measure, slot.column
            if measure.weight != "1":
                amount = f"coalesce(w{slot.moment}_{column}, 0)"
            elif measure.where == "TRUE":
                amount = "n"
            else:
                amount = f"CASE WHEN m & {1 << column} <> 0 THEN n ELSE 0 END"
            by_column.setdefault(column, []).append(f"WHEN {first_number + number} THEN {amount}")
    return "".join(
        f", sum(CASE k {' '.join(by_column[column])} ELSE 0 END)::bigint"
        if column in by_column
        else ", 0::bigint"
        for column in range(width)
    )


def object_sql(kind: Kind, source: Source) -> str:
    return {
        Kind.REGION: "g.object_id",
        Kind.DEPARTMENT: "c.department_id",
        Kind.POST: source.person,
    }[kind]


def post_sql(kind: Kind, source: Source) -> str:
    return source.post if kind is Kind.POST else "NULL::text"


def tables(request: Request, source: Source) -> str:
    """The rows of a source, for regions with the object each place belongs to."""
    if request.kind is not Kind.REGION:
        return source.tables
    return f"{source.tables} LEFT JOIN place g ON g.id = c.area_id"


def conditions(
    scope: Scope, filters: Filters, kind: Kind, source: Source, bound: Bound
) -> list[str]:
    """Permission and filters, the same for counting and for opening a count."""
    conditions = [_permission(scope, kind, source, bound)]
    if filters.areas:
        conditions.append(f"c.scope_areas && {bound.add(list(filters.areas))}::text[]")
    if filters.departments:
        conditions.append(f"c.department_id IN {_below(list(filters.departments), bound)}")
    if filters.matters:
        conditions.append(f"c.scope_matters && {bound.add(list(filters.matters))}::text[]")
    if filters.channels:
        conditions.append(f"c.channel = ANY({bound.add(list(filters.channels))})")
    if filters.origin:
        conditions.append(f"c.origin = {bound.add(filters.origin)}")
    if kind is Kind.POST:
        conditions.append(f"{source.person} IS NOT NULL AND {source.post} <> ''")
        if filters.roles:
            conditions.append(f"{source.post} = ANY({bound.add(list(filters.roles))})")
    return conditions


def _permission(scope: Scope, kind: Kind, source: Source, bound: Bound) -> str:
    """The permission predicate; a department is further held to what is evaluated as its own:
    its cases, and in the table of posts its own people."""
    alternatives = []
    for clause in scope.clauses:
        text, values = Scope(scope.user_id, (clause,)).as_sql("c")
        for value in values:
            text = text.replace("%s", bound.add(value), 1)
        own = bound_organisation(clause)
        if own is not None:
            party = source.employer if kind is Kind.POST else "c.department_id"
            text = f"({text} AND {party} IN {_below([own], bound)})"
        alternatives.append(text)
    return f"({' OR '.join(alternatives) or 'FALSE'})"


def _below(codes: list[str], bound: Bound) -> str:
    return f"(SELECT id FROM core_organisation WHERE ancestors && {bound.add(codes)}::text[])"


def ranges_sql(moments: Sequence[Moment], buckets: Buckets, bound: Bound) -> str:
    """A condition on plain columns that no counted row fails, so that indexes can serve it."""
    columns = dict.fromkeys(column for moment in moments for column in moment.columns)
    spans = [(bound.add(start), bound.add(end)) for start, end in buckets.spans]
    parts = [
        f"({column} >= {start} AND {column} < {end})" for column in columns for start, end in spans
    ]
    return f"({' OR '.join(parts)})"


def repeat_condition(request: Request, first: datetime, last: datetime, bound: Bound) -> str:
    """The predicate of a repeat, with its window of days."""
    bound.values |= {"repeat_days": request.repeat_days, "first": first, "last": last}
    return REPEAT_WHERE


def prelude(request: Request, buckets: Buckets, bound: Bound) -> str:
    """What a statement looks up once: the region of every place, or the wrong operations."""
    if request.kind is Kind.REGION:
        return (
            "WITH place AS MATERIALIZED (SELECT a.id, o.id AS object_id FROM city_area a "
            "CROSS JOIN unnest(a.ancestors) AS upper (code) "
            f"JOIN city_area o ON o.code = upper.code AND o.level = {bound.add(request.level)}) "
        )
    if request.kind is Kind.POST:
        bound.values |= {"first": buckets.points[0], "at": request.at}
        return f"WITH undone AS MATERIALIZED ({UNDONE}) "
    return ""
