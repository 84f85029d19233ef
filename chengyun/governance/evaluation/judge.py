"""A table with its scores: what the API answers, the command prints and files hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from chengyun.core.access import Scope
from chengyun.core.words import Language
from chengyun.governance.evaluation.compute import Row, Table, compute
from chengyun.governance.evaluation.measures import Kind
from chengyun.governance.evaluation.periods import (
    MOST_PERIODS,
    Span,
    parse_period,
    split_period,
)
from chengyun.governance.evaluation.request import Filters, Request
from chengyun.governance.evaluation.schemes import post_schemes, scheme_for
from chengyun.governance.evaluation.score import Score, score_rows

_UNJUDGED = Score(None, None, None, None)


@dataclass(frozen=True)
class Judged:
    """A table, and for each of its rows one score a period. ``schemes`` are the codes used."""

    table: Table
    scores: tuple[tuple[Score, ...], ...]
    schemes: tuple[str, ...]


def request_of(
    kind: Kind,
    *,
    period: str,
    series: Span | None,
    at: datetime,
    zone: ZoneInfo,
    scope: Scope,
    filters: Filters,
    **options: Any,
) -> Request:
    """A request from what people type. Raises Invalid for a period that is none."""
    whole = parse_period(period, zone)
    periods = split_period(whole, series, zone) if series else [whole]
    return Request(kind, periods[:MOST_PERIODS], at, scope, filters, **options)


def judge(request: Request, *, scheme: str | None, compare: ZoneInfo | None) -> Judged:
    """Compute and score: three statements. People are ranked within their post."""
    if request.kind is not Kind.POST or scheme:
        found = scheme_for(request.kind, scheme)
        by_role = None
    else:
        found, by_role = None, post_schemes()
    table = compute(request, compare=compare)
    scores: dict[int, list[Score]] = {}
    used: list[str] = []
    order = sorted(range(len(table.rows)), key=lambda n: table.rows[n].object.role or "")
    for role, numbers in groupby(order, key=lambda n: table.rows[n].object.role):
        judging = by_role.get(role or "") if by_role is not None else found
        places = [n for n in numbers if judging and _judged_by(table.rows[n], judging.role)]
        if judging and places:
            used.append(judging.code)
            scored = score_rows([table.rows[n] for n in places], judging)
            scores.update(zip(places, scored, strict=True))
    blank = [_UNJUDGED] * len(request.periods)
    return Judged(
        table, tuple(tuple(scores.get(n, blank)) for n in range(len(table.rows))), tuple(used)
    )


def _judged_by(row: Row, role: str) -> bool:
    """The row of cases without an object is nobody's merit; a post's scheme judges that post."""
    return (row.object.id is not None) and (not role or row.object.role == role)


def with_total(judged: Judged) -> Iterator[tuple[Row, tuple[Score, ...]]]:
    """Rows with their scores, then the total, which is not scored."""
    yield from zip(judged.table.rows, judged.scores, strict=True)
    if judged.table.total is not None:
        yield judged.table.total, (_UNJUDGED,) * len(judged.table.request.periods)


def heading(table: Table, language: Language) -> list[str]:
    """Column names of a file."""
    english = language == "en"
    fixed = (
        ["code", "name", "post", "period", "score", "grade", "rank"]
        if english
        else ["编码", "名称", "岗位", "周期", "得分", "等级", "名次"]
    )
    return fixed + [entry.en if english else entry.zh for entry in table.request.columns]


def lines(judged: Judged, language: Language) -> Iterator[list[Any]]:
    """The values under ``heading``, one line per object and period; the total comes last."""
    table = judged.table
    for row, scores in with_total(judged):
        name = row.object.en if language == "en" else row.object.zh
        for cell, score in zip(row.cells, scores, strict=True):
            yield [
                row.object.code,
                name,
                row.object.role or "",
                cell.period.code,
                score.score,
                score.grade,
                score.rank,
                *(cell.counts[measure.code] for measure in table.request.measures),
                *(cell.rates[rate.code] for rate in table.request.rates),
            ]
