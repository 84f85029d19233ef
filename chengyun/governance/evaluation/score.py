"""What the numbers are worth: score by a scheme's weights, grade, and rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chengyun.governance.evaluation.compute import Cell, Row
from chengyun.governance.evaluation.measures import RATE_BY_CODE
from chengyun.governance.models import EvaluationScheme

#: Quotients that are no shares of a whole: they are compared with the largest, like counts.
UNBOUNDED = frozenset({"density_km2", "density_grid", "mean_seconds"})


@dataclass(frozen=True)
class Score:
    """0 … 100 to two decimals, or None when nothing could be judged; rank 1 is the best."""

    score: float | None
    grade: str | None
    colour: str | None
    rank: int | None


def score_rows(rows: Sequence[Row], scheme: EvaluationScheme) -> list[list[Score]]:
    """Scores of every row and period, in the order of the rows; each period is ranked by itself."""
    if not rows:
        return []
    periods = range(len(rows[0].cells))
    columns = [_score_period([row.cells[i] for row in rows], scheme) for i in periods]
    return [[column[n] for column in columns] for n in range(len(rows))]


def _score_period(cells: Sequence[Cell], scheme: EvaluationScheme) -> list[Score]:
    largest = {code: _largest(cells, code) for code in scheme.weights}
    scores = [_score(cell, scheme.weights, largest) for cell in cells]
    ranks = ranked(scores)
    return [
        Score(score, *_grade(score, scheme.grades), rank)
        for score, rank in zip(scores, ranks, strict=True)
    ]


def _value(cell: Cell, code: str) -> float | None:
    return cell.rates[code] if code in cell.rates else cell.counts.get(code)


def _largest(cells: Sequence[Cell], code: str) -> float:
    return max((value for cell in cells if (value := _value(cell, code)) is not None), default=0)


def _score(
    cell: Cell, weights: Mapping[str, Mapping[str, Any]], largest: Mapping[str, float]
) -> float | None:
    """The weighted mean over what has a value. Counts alone do not make a score: a party that
    has done nothing is not judged."""
    total = weight_sum = 0.0
    judged = False
    for code, entry in weights.items():
        value = _value(cell, code)
        if value is None:
            continue
        share = value
        if code not in RATE_BY_CODE or code in UNBOUNDED:
            share = value / largest[code] if largest[code] else 0.0
        else:
            judged = True
        judged = judged or value > 0
        share = min(max(share, 0.0), 1.0)
        total += entry["weight"] * 100 * (1 - share if entry["reverse"] else share)
        weight_sum += entry["weight"]
    return round(total / weight_sum, 2) if weight_sum and judged else None


def _grade(
    score: float | None, grades: Sequence[Mapping[str, Any]]
) -> tuple[str | None, str | None]:
    if score is None:
        return None, None
    found = next((entry for entry in grades if score >= entry["from"]), grades[-1])
    return found["grade"], found["colour"] or None


def ranked(scores: Sequence[float | None]) -> list[int | None]:
    """Places from the best: equal scores share a place and the next one is skipped (1, 2, 2, 4)."""
    order = sorted((score for score in scores if score is not None), reverse=True)
    place = {score: order.index(score) + 1 for score in dict.fromkeys(order)}
    return [None if score is None else place[score] for score in scores]
