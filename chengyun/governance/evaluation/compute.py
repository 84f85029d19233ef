"""Computes a table of evaluation: counts, rates, comparisons, in two statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.db import connection

from chengyun.governance.evaluation.measures import EXTENTS, Kind, Rate
from chengyun.governance.evaluation.objects import Evaluated, objects_of, unassigned, whole
from chengyun.governance.evaluation.periods import Period, previous_period, year_before
from chengyun.governance.evaluation.request import Request
from chengyun.governance.evaluation.sql import Buckets, counting

Key = tuple[int | None, str | None]  # object id, post
Counts = dict[str, int]
Rates = dict[str, float | None]
_Counted = dict[Key, dict[int, Counts]]  # by bucket


@dataclass(frozen=True)
class Cell:
    """What one object did in one period; ``previous`` (环比) and ``year_before`` (同比) are the
    same numbers of the period before and of the same period a year ago."""

    period: Period
    counts: Counts
    rates: Rates
    previous: "Cell | None" = None
    year_before: "Cell | None" = None


@dataclass(frozen=True)
class Row:
    """One object and its cells, one a period."""

    object: Evaluated
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The answer to a request. ``total`` adds all rows up (region and department)."""

    request: Request
    rows: tuple[Row, ...]
    total: Row | None


def compute(request: Request, *, compare: ZoneInfo | None = None) -> Table:
    """The table; with the two comparisons when the city's zone is given as ``compare``."""
    wanted = list(request.periods)
    if compare is not None:
        wanted += [previous_period(period, compare) for period in request.periods]
        wanted += [year_before(period, compare) for period in request.periods]
    buckets = Buckets.of(wanted, request.at)
    counted = _count(request, buckets) if buckets.spans else {}
    seen = {(key[0], key[1]) for key in counted if key[0] is not None}
    objects = objects_of(request, seen)
    build = _Builder(request, buckets, counted, compare)
    rows = [build.row(object_, [(object_.id, object_.role)]) for object_ in objects]
    if request.kind is Kind.POST:
        return Table(request, tuple(rows), None)
    if any(key[0] is None for key in counted):
        rows.append(build.row(unassigned(request.kind), [(None, None)]))
    total = build.row(whole(request.kind, _extents(objects)), list(counted))
    return Table(request, tuple(rows), total)


def _count(request: Request, buckets: Buckets) -> _Counted:
    """All numbers of the request by object and bucket: one statement."""
    statement = counting(request, buckets)
    names: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for slot in statement.slots:
        names[slot.moment].append((slot.column, slot.measure.code))
    counted: _Counted = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        for moment, object_id, post, bucket, *columns in cursor:
            counts = counted[object_id, post][bucket]
            for column, code in names[moment]:
                # Two sources may count for one person and moment only through different rows.
                counts[code] = counts.get(code, 0) + columns[column]
    return counted


@dataclass
class _Builder:
    request: Request
    buckets: Buckets
    counted: _Counted
    zone: ZoneInfo | None

    def row(self, object_: Evaluated, keys: Sequence[Key]) -> Row:
        return Row(object_, tuple(self.cell(object_, keys, p) for p in self.request.periods))

    def cell(self, object_: Evaluated, keys: Sequence[Key], period: Period) -> Cell:
        cell = self._plain(object_, keys, period)
        if self.zone is None:
            return cell
        return replace(
            cell,
            previous=self._plain(object_, keys, previous_period(period, self.zone)),
            year_before=self._plain(object_, keys, year_before(period, self.zone)),
        )

    def _plain(self, object_: Evaluated, keys: Sequence[Key], period: Period) -> Cell:
        counts = dict.fromkeys((measure.code for measure in self.request.measures), 0)
        buckets = self.buckets.of_period(period, self.request.at)
        for key in keys:
            by_bucket = self.counted.get(key, {})
            for bucket in buckets:
                for code, number in by_bucket.get(bucket, {}).items():
                    counts[code] += number
        return Cell(period, counts, rates(self.request.rates, counts, object_.extents))


def rates(
    wanted: Iterable[Rate], counts: Mapping[str, int], extents: Mapping[str, float | None]
) -> Rates:
    """The quotients; null where there is nothing to divide by."""
    return {rate.code: _quotient(rate, counts, extents) for rate in wanted}


def _quotient(
    rate: Rate, counts: Mapping[str, int], extents: Mapping[str, float | None]
) -> float | None:
    under = sum(
        (extents.get(code) or 0) if code in EXTENTS else counts[code] for code in rate.under
    )
    return sum(counts[code] for code in rate.over) / under if under else None


def _extents(objects: Sequence[Evaluated]) -> dict[str, float | None]:
    """Of the whole: null as soon as one part is not known."""
    total: dict[str, float | None] = {}
    for name in EXTENTS:
        sizes = [object_.extents.get(name) for object_ in objects]
        known = [size for size in sizes if size is not None]
        total[name] = sum(known) if known and len(known) == len(sizes) else None
    return total
