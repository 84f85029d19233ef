"""The numbers against a second computation, written differently: plain Python over dictionaries,
period by period and object by object, with no SQL and no table of measures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengyun.governance.evaluation.compute import Table, compute
from chengyun.governance.evaluation.drill import rows_behind
from chengyun.governance.evaluation.measures import Kind
from chengyun.governance.evaluation.request import Request
from chengyun.governance.models import Case, State

from .conftest import ZONE, City

MARCH = datetime(2026, 3, 1, tzinfo=ZONE)
TICK = timedelta(microseconds=1)
#: Edges of days, months and the moment that counts as now, and moments between them.
NOW = datetime(2026, 4, 20, 12, tzinfo=ZONE)
EDGES = [MARCH, MARCH + timedelta(days=31), MARCH + timedelta(days=61), NOW]
moments = st.one_of(
    st.sampled_from([edge + shift for edge in EDGES for shift in (-TICK, timedelta(), TICK)]),
    st.datetimes(datetime(2026, 2, 20), datetime(2026, 5, 10)).map(
        lambda moment: moment.replace(tzinfo=UTC)
    ),
)
maybe = st.none() | moments
small = st.integers(0, 3)
STATES = [state.value for state in State if state is not State.MERGED]

cases = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "area": st.sampled_from(["C11", "C12", "C21", "S2", None]),
        "department": st.sampled_from(["D1", "D2", None]),
        "channel": st.sampled_from(["citizen", "collector", "alarm"]),
        "reported_at": moments,
        "accepted_at": maybe,
        "accept_due_at": maybe,
        "verified_at": maybe,
        "verify_due_at": maybe,
        "filed_at": maybe,
        "file_due_at": maybe,
        "dispatched_at": maybe,
        "dispatch_due_at": maybe,
        "handled_at": maybe,
        "handle_due_at": maybe,
        "checked_at": maybe,
        "check_due_at": maybe,
        "closed_at": moments,
        "close_due_at": maybe,
        "paused_since": maybe,
        "handle_late": st.booleans(),
        "timeout_exempt": st.booleans(),
        "forced": st.booleans(),
        "corrected": st.booleans(),
        "self_handled": st.booleans(),
        "rework_count": small,
        "wrong_dispatch_count": small,
        "extension_count": small,
        "suspension_count": small,
        "reopen_count": small,
        "urge_count": small,
        "supervision_count": small,
    }
)

WAITING = {
    "accepted": ["reported"],
    "verified": ["pending_verify"],
    "filed": ["pending_file"],
    "dispatched": ["pending_dispatch"],
    "checked": ["pending_check"],
}
DUE = {
    "accepted": "accept_due_at", "verified": "verify_due_at", "filed": "file_due_at",
    "dispatched": "dispatch_due_at", "handled": "handle_due_at", "checked": "check_due_at",
    "closed": "close_due_at",
}  # fmt: skip
AFTER_HANDLING = ["pending_feedback", "pending_check", "pending_close", "closed"]


def when_done(case: dict[str, Any], step: str) -> datetime | None:
    """When the step was done, if it counts as done in the state the case is in."""
    moment: datetime | None = case[f"{step}_at"]
    if step == "handled":
        return None if case["forced"] or case["state"] not in AFTER_HANDLING else moment
    if step == "closed":
        return moment if case["state"] == "closed" and not case["forced"] else None
    return None if case["state"] in WAITING[step] else moment


def when_missed(case: dict[str, Any], step: str) -> datetime | None:
    """The deadline of a step that is still awaited."""
    due: datetime | None = case[DUE[step]]
    if step == "handled":
        if case["state"] not in ["pending_handle", "handling", "suspended", "deferred"]:
            return None
        paused = case["paused_since"]
        return None if due and paused and paused <= due else due
    if step == "closed":
        return due if case["state"] in AFTER_HANDLING[:3] else None
    return due if case["state"] in WAITING[step] else None


def tally(case: dict[str, Any], inside: Callable[[datetime | None], bool]) -> dict[str, int]:
    """What one case adds to the numbers of one period."""
    numbers: dict[str, int] = {}
    exempt = case["timeout_exempt"]
    for step, due_column in DUE.items():
        done, missed = when_done(case, step), when_missed(case, step)
        if done is not None and inside(done):
            late = (
                case["handle_late"]
                if step == "handled"
                else case[due_column] is not None and done > case[due_column]
            )
            forgiven = exempt and step in ("handled", "closed")
            numbers |= {f"should_{step}": 1, step: 1}
            numbers[f"{step}_in_time" if not late or forgiven else f"{step}_late"] = 1
        elif done is None and missed is not None and inside(missed):
            numbers[f"should_{step}"] = 1
            if not (exempt and step in ("handled", "closed")):
                numbers[f"{step}_overdue"] = 1
    if "should_handled" in numbers:
        numbers |= {
            "handled_exempt": int(exempt),
            "extended": int(case["extension_count"] > 0),
            "suspended": int(case["suspension_count"] > 0),
            "urged": int(case["urge_count"] > 0),
            "supervised": int(case["supervision_count"] > 0),
        }
    if "handled" in numbers:
        numbers |= {
            "reworked": int(case["rework_count"] > 0),
            "rework_times": case["rework_count"],
        }
    if "filed" in numbers:
        numbers["filed_accurate"] = int(case["state"] != "voided" and not case["corrected"])
        numbers["reopened"] = int(case["reopen_count"] > 0)
    if "dispatched" in numbers:
        numbers["dispatched_accurate"] = int(case["wrong_dispatch_count"] == 0)
        numbers["dispatched_wrong"] = int(case["wrong_dispatch_count"] > 0)
    if inside(case["reported_at"]):
        numbers |= {
            "cases": 1,
            "not_accepted": int(case["state"] == "not_accepted"),
            "voided": int(case["state"] == "voided"),
            "self_handled": int(case["self_handled"]),
        }
    if case["state"] == "closed" and case["forced"] and inside(case["closed_at"]):
        numbers["forced_closed"] = 1
    return numbers


def expected(all_cases: list[dict[str, Any]], request: Request, key: str) -> pd.DataFrame:
    """Numbers by object and period, summed by pandas."""
    lines = []
    for case in all_cases:
        for period in request.periods:
            start, end = period.start, min(period.end, request.at)

            def inside(
                moment: datetime | None, start: datetime = start, end: datetime = end
            ) -> bool:
                return moment is not None and start <= moment < end

            place = case["area"]
            region = {"C": f"A{place[1]}", "S": f"A{place[1]}"}[place[0]] if place else "-"
            object_code = region if key == "region" else case["department"] or "-"
            lines.append({"object": object_code, "period": period.code} | tally(case, inside))
    frame = pd.DataFrame(lines).fillna(0)
    return frame.groupby(["object", "period"]).sum()


def assert_equal(table: Table, frame: pd.DataFrame) -> None:
    from_cases = [m.code for m in table.request.measures if m.moment.source.code == "case"]
    shown = {row.object.code for row in table.rows}
    assert {code for code, _ in frame[frame.sum(axis=1) > 0].index} <= shown
    for row in table.rows:
        for cell in row.cells:
            key = (row.object.code, cell.period.code)
            for code in from_cases:
                wanted = frame[code].get(key, 0) if code in frame else 0
                assert cell.counts[code] == wanted, (code, key)


@pytest.mark.parametrize("kind", [Kind.REGION, Kind.DEPARTMENT])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(cases, min_size=1, max_size=12))
def test_counts_equal_a_second_computation(
    kind: Kind, city: City, ask: Callable[..., Request], drawn: list[dict[str, Any]]
) -> None:
    """Every measure over cases, with moments on the edges of periods and of now."""
    request = ask(kind, "2026-03", "2026-04", "2026-05", at=NOW)
    with transaction.atomic():
        Case.objects.bulk_create([city.unsaved(**case) for case in drawn])
        table = compute(request)
        assert_equal(table, expected(drawn, request, kind.value))
        transaction.set_rollback(True)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(cases, min_size=1, max_size=8))
def test_every_number_opens_to_exactly_its_rows(
    city: City, ask: Callable[..., Request], drawn: list[dict[str, Any]]
) -> None:
    with transaction.atomic():
        Case.objects.bulk_create([city.unsaved(**case) for case in drawn])
        for case in Case.objects.all():
            city.report(case)
        for kind in (Kind.REGION, Kind.DEPARTMENT):
            request = ask(kind, "2026-03", at=NOW)
            table = compute(request)
            assert table.total is not None
            for row in (*table.rows, table.total):
                for measure in request.measures:
                    rows = rows_behind(request, measure, row.object.code, after=None, limit=200)
                    assert len({r.row for r in rows}) == len(rows)
                    number = row.cells[0].counts[measure.code]
                    assert sum(r.counts for r in rows) == number, (measure.code, row.object.code)
        transaction.set_rollback(True)


def test_months_add_up_to_their_year(city: City, ask: Callable[..., Request]) -> None:
    for month in range(1, 7):
        city.case(
            reported_at=datetime(2026, month, 5, tzinfo=ZONE),
            filed_at=datetime(2026, month, 28, 23, tzinfo=ZONE),
            handled_at=datetime(2026, month + 1, 3, tzinfo=ZONE),
            handle_due_at=datetime(2026, month, 20, tzinfo=ZONE),
            handle_late=True,
        )
    months = compute(ask(Kind.DEPARTMENT, *(f"2026-{month:02d}" for month in range(1, 13))))
    year = compute(ask(Kind.DEPARTMENT, "2026"))
    assert months.total is not None
    assert year.total is not None
    for code, number in year.total.cells[0].counts.items():
        assert sum(cell.counts[code] for cell in months.total.cells) == number, code
    assert year.total.cells[0].counts["handled_late"] == 5  # July's is after `NOW` of the request
