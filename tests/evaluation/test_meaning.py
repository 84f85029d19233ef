"""What single rules mean: exemption, force, nothing over nothing, places, posts, repeats."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from chengyun.city.models import UnitGrid
from chengyun.governance.evaluation.compute import Cell, Table, compute
from chengyun.governance.evaluation.drill import rows_behind
from chengyun.governance.evaluation.judge import judge
from chengyun.governance.evaluation.measures import BY_CODE, Kind
from chengyun.governance.evaluation.request import Filters, Request
from chengyun.governance.evaluation.schemes import load_schemes
from chengyun.governance.evaluation.score import ranked
from chengyun.governance.models import Case, EvaluationScheme, Task

from .conftest import ZONE, City, at

Ask = Callable[..., Request]


def cell(table: Table, code: str) -> Cell:
    return next(row.cells[0] for row in table.rows if row.object.code == code)


def handled(late: bool, **more: Any) -> dict[str, Any]:
    return {
        "handled_at": at("2026-03-10T10:00"), "handle_due_at": at("2026-03-11T10:00"),
        "handle_late": late, **more,
    }  # fmt: skip


def test_an_appeal_that_was_granted_counts_as_in_time_and_the_fact_stays(
    city: City, ask: Ask
) -> None:
    city.case(**handled(True))
    city.case(**handled(True, timeout_exempt=True))
    numbers = cell(compute(ask(Kind.DEPARTMENT, "2026-03")), "D1")
    assert (numbers.counts["handled_in_time"], numbers.counts["handled_late"]) == (1, 1)
    assert numbers.counts["handled_exempt"] == 1
    assert numbers.rates["handling_in_time_rate"] == 0.5
    assert Case.objects.filter(handle_late=True).count() == 2


def test_closing_by_force_is_counted_apart(city: City, ask: Ask) -> None:
    city.case(**handled(False, forced=True))
    counts = cell(compute(ask(Kind.DEPARTMENT, "2026-03")), "D1").counts
    assert counts["forced_closed"] == 1
    assert counts["handled"] == counts["closed"] == counts["should_handled"] == 0


def test_nothing_over_nothing_is_null_and_gets_no_score(city: City, ask: Ask) -> None:
    load_schemes()
    judged = judge(ask(Kind.DEPARTMENT, "2026-03"), scheme=None, compare=None)
    assert [row.object.code for row in judged.table.rows] == ["D1", "D2"]
    for row, scores in zip(judged.table.rows, judged.scores, strict=True):
        assert set(row.cells[0].rates.values()) == {None}
        assert (scores[0].score, scores[0].grade, scores[0].rank) == (None, None, None)


def test_the_first_and_the_last_microsecond_of_a_month(city: City, ask: Ask) -> None:
    for moment in ("2026-02-28T23:59:59.999999", "2026-03-01T00:00:00",
                   "2026-03-31T23:59:59.999999", "2026-04-01T00:00:00"):  # fmt: skip
        city.case(filed_at=at(moment))
    counts = [compute(ask(Kind.REGION, month)).total for month in ("2026-02", "2026-03", "2026-04")]
    assert [row.cells[0].counts["filed"] for row in counts if row] == [1, 2, 1]


def test_what_is_due_later_than_now_is_not_yet_due(city: City, ask: Ask) -> None:
    city.case(state="handling", handle_due_at=at("2026-03-20T12:00"))
    for now, expected in [("2026-03-20T12:00:00", 0), ("2026-03-20T12:00:00.000001", 1)]:
        counts = cell(compute(ask(Kind.DEPARTMENT, "2026-03", at=at(now))), "D1").counts
        assert counts["should_handled"] == counts["handled_overdue"] == expected


def test_a_clock_that_stands_still_lets_nothing_fall_due(city: City, ask: Ask) -> None:
    due = at("2026-03-20T12:00")
    city.case(state="suspended", handle_due_at=due, paused_since=at("2026-03-19T12:00"))
    assert cell(compute(ask(Kind.DEPARTMENT, "2026-03")), "D1").counts["should_handled"] == 0


def test_comparisons_are_the_numbers_of_those_periods(city: City, ask: Ask) -> None:
    for day, times in [("2026-03-05", 3), ("2026-02-05", 2), ("2025-03-05", 1)]:
        for _ in range(times):
            city.case(filed_at=at(f"{day}T10:00"))
    numbers = cell(compute(ask(Kind.REGION, "2026-03"), compare=ZONE), "A1")
    assert numbers.previous is not None
    assert numbers.year_before is not None
    found = [c.counts["filed"] for c in (numbers, numbers.previous, numbers.year_before)]
    assert found == [3, 2, 1]


def test_density_by_area_and_by_unit_grid(city: City, ask: Ask, supervised_grid: UnitGrid) -> None:
    city.case(filed_at=at("2026-03-10T10:00"))
    table = compute(ask(Kind.REGION, "2026-03", level="community"))
    assert cell(table, "C11").rates["density_km2"] == 0.5
    assert cell(table, "C11").rates["density_grid"] == 1.0
    assert cell(table, "C12").rates["density_km2"] == 0.0
    assert cell(table, "C12").rates["density_grid"] is None  # no grid: nothing to divide by


@pytest.mark.parametrize(
    ("level", "rows"),
    [
        ("city", {"CITY": 3}),
        ("district", {"A1": 2, "A2": 1}),
        ("street", {"S1": 2, "S2": 1}),
        ("community", {"C11": 2, "C21": 1}),
    ],
)
def test_regions_of_every_level(city: City, ask: Ask, level: str, rows: dict[str, int]) -> None:
    for area in ("C11", "C11", "C21", None):
        city.case(area=area)
    table = compute(ask(Kind.REGION, "2026-03", level=level))
    shown = {r.object.code: r.cells[0].counts["cases"] for r in table.rows}
    assert {code: number for code, number in shown.items() if number} == rows | {"-": 1}
    assert table.total is not None
    assert table.total.cells[0].counts["cases"] == 4


def test_filters_narrow_the_cases(city: City, ask: Ask) -> None:
    city.case(area="C11", channel="hotline")
    city.case(area="C21", department="D2", matter=city.matters[1])
    for filters, expected in [
        (Filters(areas=["S1"]), 1), (Filters(areas=["CITY"]), 2), (Filters(departments=["D2"]), 1),
        (Filters(departments=["ROOT"]), 2), (Filters(matters=["test:02"]), 1),
        (Filters(matters=["test:01001"]), 1), (Filters(channels=["hotline"]), 1),
        (Filters(areas=["S1"], departments=["D2"]), 0),
    ]:  # fmt: skip
        total = compute(ask(Kind.DEPARTMENT, "2026-03", filters=filters)).total
        assert total is not None
        assert total.cells[0].counts["cases"] == expected, filters


def test_repeats_are_the_same_subclass_at_the_same_place_within_days(city: City, ask: Ask) -> None:
    here, far = Point(120.00001, 36.00001, srid=4490), Point(120.01, 36.00001, srid=4490)
    first = city.case(geom=here, filed_at=at("2026-02-20T10:00"))
    again = city.case(geom=here, filed_at=at("2026-03-05T10:00"))
    city.case(geom=far, filed_at=at("2026-03-06T10:00"))
    city.case(geom=here, filed_at=at("2026-03-07T10:00"), matter=city.matters[1])
    city.case(filed_at=at("2026-03-08T10:00"))
    request = ask(Kind.REGION, "2026-03", repeats=True, repeat_days=14)
    assert cell(compute(request), "A1").counts["repeats"] == 1
    assert cell(compute(request), "A1").rates["repeat_rate"] == 0.25
    rows = rows_behind(request, BY_CODE["repeats"], "A1", after=None, limit=10)
    assert [row.case for row in rows] == [again.pk]
    assert first.pk != again.pk
    shorter = ask(Kind.REGION, "2026-03", repeats=True, repeat_days=7)
    assert cell(compute(shorter), "A1").counts["repeats"] == 0


def test_citizens_are_counted_over_those_who_were_reached(city: City, ask: Ask) -> None:
    done = at("2026-03-12T10:00")
    for reached, answered, solved, satisfied in [
        (True, True, True, False), (True, True, False, False), (False, None, None, None),
    ]:  # fmt: skip
        city.visit(
            city.case(), done_at=done, reached=reached, answered=answered, solved=solved,
            satisfied=satisfied,
        )  # fmt: skip
    city.visit(city.case(), reached=None)  # not made yet
    numbers = cell(compute(ask(Kind.DEPARTMENT, "2026-03")), "D1")
    assert (numbers.counts["visits"], numbers.counts["reached"]) == (3, 2)
    assert [numbers.rates[f"{name}_rate"] for name in ("answered", "solved", "satisfied")] == [
        1.0, 0.5, 0.0,
    ]  # fmt: skip


def test_reports_and_what_collectors_missed(
    city: City, ask: Ask, supervised_grid: UnitGrid
) -> None:
    filed = city.case(filed_at=at("2026-03-10T10:00"), unit_grid=supervised_grid)
    unfiled = city.case(state="not_accepted", unit_grid=supervised_grid)
    city.report(filed, channel="collector", reporter=city.people["wang"])
    city.report(unfiled, channel="collector", reporter=city.people["wang"])
    city.report(filed, channel="hotline", first_found_by_public=True)
    city.report(unfiled, channel="hotline", first_found_by_public=True)
    numbers = cell(compute(ask(Kind.REGION, "2026-03")), "A1")
    assert [numbers.counts[code] for code in ("reports", "collector_reports", "valid_reports",
            "public_reports", "missed_reports")] == [4, 2, 1, 2, 1]  # fmt: skip
    assert numbers.rates["public_report_rate"] == 0.5
    assert numbers.rates["missed_rate"] == 0.5
    wang = cell(compute(ask(Kind.POST, "2026-03")), "collector:wang")
    assert (wang.counts["valid_reports"], wang.counts["missed_in_grid"]) == (1, 1)
    assert wang.rates["grid_missed_rate"] == 0.5


def test_posts_are_counted_by_person_and_role(city: City, ask: Ask) -> None:
    case = city.case()
    timed = {"due_at": at("2026-03-10T11:00"), "stage": "dispatch"}
    city.record(case, "wang", "dispatcher", "dispatch", used_seconds=600, **timed)
    city.record(case, "zhao", "department", "return_dispatch")
    city.record(case, "wang", "dispatcher", "dispatch", used_seconds=1200, timed_out=True, **timed)
    city.record(case, "wang", "shift_leader", "file", used_seconds=60, **timed)
    city.record(case, "wang", "dispatcher", "urge", at=at("2026-04-01T00:00"))
    request = ask(Kind.POST, "2026-03")
    table = compute(request)
    assert [row.object.code for row in table.rows] == [
        "dispatcher:wang", "shift_leader:wang", "department:zhao",
    ]  # fmt: skip
    wang = cell(table, "dispatcher:wang")
    assert wang.counts["operations"] == 2
    assert wang.counts["operations_late"] == 1
    assert wang.counts["used_seconds"] == 1800
    assert wang.rates["mean_seconds"] == 900
    assert wang.rates["error_rate"] == 0.5  # the first was sent back, the second was not
    for row in table.rows:
        for measure in request.measures:
            rows = rows_behind(request, measure, row.object.code, after=None, limit=50)
            assert sum(r.counts for r in rows) == row.cells[0].counts[measure.code], measure.code


def test_an_undone_step_is_wrong_even_when_it_is_undone_after_the_period(
    city: City, ask: Ask
) -> None:
    case = city.case()
    city.record(case, "zhao", "handler", "finish", at=at("2026-03-31T23:00"))
    city.record(case, "wang", "collector", "rework", at=at("2026-04-01T09:00"))
    row = cell(compute(ask(Kind.POST, "2026-03")), "handler:zhao")
    assert row.counts["wrong_operations"] == 1
    before = cell(compute(ask(Kind.POST, "2026-03", at=at("2026-04-01T08:00"))), "handler:zhao")
    assert before.counts["wrong_operations"] == 0


def test_tasks_of_collectors(city: City, ask: Ask) -> None:
    due = at("2026-03-10T12:00")
    for kind, state, done in [
        ("verify", "done", "2026-03-10T11:00"), ("verify", "done", "2026-03-10T13:00"),
        ("verify", "open", None), ("verify", "cancelled", "2026-03-10T11:00"),
        ("check", "done", "2026-03-10T12:00"),
    ]:  # fmt: skip
        Task.objects.create(
            case=city.case(), kind=kind, assignee=city.people["li"], state=state, due_at=due,
            created_at=at("2026-03-10T09:00"), done_at=at(done) if done else None,
        )  # fmt: skip
    li = cell(compute(ask(Kind.POST, "2026-03")), "collector:li")
    assert li.counts["should_task_verified"] == 3
    assert li.counts["task_verified"] == 2
    assert li.rates["task_verify_in_time_rate"] == pytest.approx(1 / 3)
    assert li.rates["task_check_in_time_rate"] == 1.0


def test_scores_follow_weights_and_equal_scores_share_a_place(city: City, ask: Ask) -> None:
    EvaluationScheme.objects.create(
        code="two", kind="department", name_zh="二", name_en="two",
        weights={"handling_in_time_rate": {"weight": 75, "reverse": False},
                 "rework_rate": {"weight": 25, "reverse": True}},
        grades=[{"grade": g, "from": edge, "colour": ""} for g, edge in (("A", 90), ("E", 0))],
    )  # fmt: skip
    city.case(**handled(False))
    city.case(**handled(True, rework_count=2))
    city.case(department="D2", **handled(False))
    judged = judge(ask(Kind.DEPARTMENT, "2026-03"), scheme="two", compare=None)
    merits = [(s[0].score, s[0].grade, s[0].rank) for s in judged.scores]
    assert merits == [(50.0, "E", 2), (100.0, "A", 1)]
    assert ranked([90.0, None, 80.0, 90.0, 70.0]) == [1, None, 3, 1, 4]


def test_the_default_schemes_load_once_and_keep_the_citys_changes(db: None) -> None:
    assert load_schemes() > 5
    EvaluationScheme.objects.filter(code="department").update(name_zh="本市方案")
    assert load_schemes() == 0
    assert EvaluationScheme.objects.get(code="department").name_zh == "本市方案"
    for scheme in EvaluationScheme.objects.all():
        assert sum(entry["weight"] for entry in scheme.weights.values()) == 100
