"""What a score is made of, on numbers that are given: no database."""

from typing import Any

from chengyun.governance.evaluation.compute import Cell, Row
from chengyun.governance.evaluation.score import score_rows
from chengyun.governance.models import EvaluationScheme

#: An object and a period that no score looks at.
ANY: Any = None


def merits(
    cells: list[tuple[dict[str, Any], dict[str, Any]]], **weights: tuple[int, bool]
) -> list[tuple[float | None, str | None, int | None]]:
    """(score, grade, rank) of objects whose counts and rates are these."""
    scheme = EvaluationScheme(
        weights={name: {"weight": w, "reverse": reverse} for name, (w, reverse) in weights.items()},
        grades=[{"grade": "A", "from": 90, "colour": ""}, {"grade": "E", "from": 0, "colour": ""}],
    )
    rows = [Row(ANY, (Cell(ANY, counts, rates),)) for counts, rates in cells]
    return [(each.score, each.grade, each.rank) for [each] in score_rows(rows, scheme)]


def test_who_has_done_nothing_is_not_judged() -> None:
    found = merits(
        [({"closed": 0}, {}), ({"closed": 4}, {}), ({"closed": 2}, {})], closed=(100, False)
    )
    assert found == [(None, None, None), (100.0, "A", 1), (50.0, "E", 2)]


def test_a_rate_beyond_the_whole_counts_as_the_whole() -> None:
    cells: list[Any] = [({}, {"rework_rate": 1.5}), ({}, {"rework_rate": 0.1})]
    assert merits(cells, rework_rate=(100, True)) == [(0.0, "E", 2), (90.0, "A", 1)]


def test_quotients_that_are_no_shares_are_held_against_the_largest() -> None:
    cells: list[Any] = [({}, {"mean_seconds": 7_200.0}), ({}, {"mean_seconds": 1_800.0})]
    assert merits(cells, mean_seconds=(100, True)) == [(0.0, "E", 2), (75.0, "E", 1)]
