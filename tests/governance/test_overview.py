"""The overview: the city's day, who is late, and only what a person may see."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.city.models import Area
from chengyun.core.models import Grant, Organisation, Role, User
from chengyun.governance.api.overview import KEPT, forget_overviews
from chengyun.governance.models import Case

#: Sign-in, grants, and what is counted.
STATEMENTS = 11


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    forget_overviews()
    yield
    forget_overviews()


def overview(desk: Any) -> Any:
    forget_overviews()
    return desk.get("/overview")


def test_an_empty_city_has_no_rates(hall: Any) -> None:
    seen = overview(hall.leader)
    assert set(seen["today"].values()) == {0}
    assert seen["open"] == {"total": 0, "overdue": 0, "suspended": 0}
    assert seen["week"] == {"closed": 0, "on_time_rate": None, "previous_on_time_rate": None}
    # 09:00 on the wall: nine hours are over, the tenth runs, the others are to come.
    assert [row["today"] for row in seen["hours"]] == [0] * 10 + [None] * 14
    assert {row["norm"] for row in seen["hours"]} == {None}
    assert (seen["classes"], seen["late_departments"], seen["newest"]) == ([], [], [])
    [district] = seen["districts"]
    assert (district["code"], district["on_time_rate"]) == ("990001", None)
    assert 120.0 < district["lon"] < 120.2
    assert 36.0 < district["lat"] < 36.2


def test_the_day_of_a_case(hall: Any) -> None:
    hall.closed()
    waiting = hall.handling()
    untouched = hall.reported()
    seen = overview(hall.leader)
    assert seen["today"] == {
        "received": 3, "filed": 2, "closed": 1,
        "received_yesterday_by_now": 0, "closed_yesterday_by_now": 0,
    }  # fmt: skip
    assert seen["open"] == {"total": 2, "overdue": 0, "suspended": 0}
    assert seen["week"]["closed"] == 1
    assert seen["week"]["on_time_rate"] == 1.0
    assert seen["hours"][9]["today"] == 3
    assert seen["classes"] == [
        {"code": "town-2026:01", "name_zh": "市政设施", "name_en": "Municipal works", "count": 2}
    ]
    [district] = seen["districts"]
    assert (district["open"], district["received_today"], district["closed_week"]) == (2, 3, 1)
    assert [row["id"] for row in seen["newest"]][:2] == [untouched, waiting]
    assert seen["newest"] == hall.leader.get("/cases", limit=12)["items"]


def test_a_day_begins_at_midnight_of_the_city(hall: Any) -> None:
    hall.later(hours=14, minutes=30)  # 23:30 on the wall, 15:30 UTC
    hall.reported()
    hall.later(hours=1)  # 00:30 of the next day, the same day in UTC
    hall.reported()
    seen = overview(hall.leader)["today"]
    assert (seen["received"], seen["received_yesterday_by_now"]) == (1, 0)
    hall.later(hours=23)
    seen = overview(hall.leader)["today"]
    assert (seen["received"], seen["received_yesterday_by_now"]) == (1, 1)


def test_a_late_department_is_named_with_its_oldest_case(hall: Any) -> None:
    first = hall.handling()
    hall.later(minutes=10)
    hall.handling()
    hall.pending_check()  # late too, but not the department's
    due = hall.case(first).stage_due_at
    hall.later(days=20)
    seen = overview(hall.leader)
    assert seen["open"]["overdue"] == 3
    [late] = seen["late_departments"]
    assert (late["code"], late["overdue"], late["open"]) == ("WORKS", 2, 2)
    assert late["oldest_due_at"] == due.isoformat().replace("+00:00", "Z")


def test_the_norm_is_the_same_weekday_of_the_weeks_that_were(hall: Any) -> None:
    for count in (1, 2, 6):  # three Mondays at nine
        for _ in range(count):
            hall.reported()
        hall.later(days=1)
        hall.reported()  # a Tuesday counts for nothing
        hall.later(days=6)
    nine, ten = overview(hall.leader)["hours"][9:11]
    assert (nine["today"], nine["norm"]) == (0, 3.0)
    assert ten["norm"] == 0.0


def test_two_days_are_no_norm(hall: Any) -> None:
    for _ in range(2):
        hall.reported()
        hall.later(days=7)
    assert {row["norm"] for row in overview(hall.leader)["hours"]} == {None}


def test_last_week_and_the_week_before(hall: Any) -> None:
    late = hall.closed()
    hall.closed()
    Case.objects.filter(pk=late).update(handle_late=True)
    hall.later(days=7)
    hall.closed()
    exempt = hall.closed()
    Case.objects.filter(pk=exempt).update(handle_late=True, timeout_exempt=True)
    forced = hall.closed()
    Case.objects.filter(pk=forced).update(handle_late=True, forced=True)
    assert overview(hall.leader)["week"] == {
        "closed": 3, "on_time_rate": 1.0, "previous_on_time_rate": 0.5,
    }  # fmt: skip


def test_everybody_sees_their_own_city(hall: Any) -> None:
    hall.handling()
    assert overview(hall.department)["open"]["total"] == 1
    assert overview(hall.parks)["open"]["total"] == 0
    assert overview(hall.parks)["newest"] == []
    administrator = overview(hall.administrator)
    assert administrator["today"]["received"] == 0
    assert administrator["districts"] == []


def test_a_district_that_i_see_nothing_of_is_not_shown(hall: Any) -> None:
    other = Area.objects.create(
        code="990002", name_zh="城西区", name_en="West", level="district",
        parent=Area.objects.get(level="city"), ancestors=["990000", "990002"],
    )  # fmt: skip
    from chengyun.city.queries import forget_catalogue

    forget_catalogue()
    hall.reported()
    shown = {row["code"]: row for row in overview(hall.leader)["districts"]}
    assert set(shown) == {"990001", other.code}
    assert (shown[other.code]["lon"], shown[other.code]["open"]) == (None, 0)
    Grant.objects.filter(user=hall.leader.user).update(area_code="990001001")
    assert [row["code"] for row in overview(hall.leader)["districts"]] == ["990001"]
    Grant.objects.filter(user=hall.leader.user).update(area_code=other.code)
    seen = overview(hall.leader)
    assert [row["code"] for row in seen["districts"]] == [other.code]
    assert seen["open"]["total"] == 0


def test_an_answer_is_kept_for_seconds_and_for_nobody_else(hall: Any) -> None:
    def total(desk: Any) -> int:
        return int(desk.get("/overview")["open"]["total"])

    assert (total(hall.leader), total(hall.parks)) == (0, 0)
    hall.handling()
    assert (total(hall.leader), total(hall.parks)) == (0, 0)
    # Another reach is another answer, at once.
    assert total(hall.department) == 1
    hall.later(seconds=KEPT.total_seconds())
    assert (total(hall.leader), total(hall.parks)) == (1, 0)
    assert timedelta(seconds=5) >= KEPT


def test_the_number_of_statements_does_not_grow(hall: Any) -> None:
    hall.handling()
    for number in range(3):
        organisation = Organisation.objects.create(
            code=f"D{number}", name_zh=f"第{number}处", kind="department",
            path=f"/D{number}/", ancestors=[f"D{number}"],
        )  # fmt: skip
        case = hall.handling()
        Case.objects.filter(pk=case).update(department=organisation)
    hall.later(days=20)
    hall.leader.get("/overview")
    forget_overviews()
    with CaptureQueriesContext(connection) as captured:
        assert len(hall.leader.get("/overview")["late_departments"]) == 4
    reads = [q["sql"] for q in captured.captured_queries if "SELECT" in q["sql"]]
    assert len(reads) <= STATEMENTS, [sql[:80] for sql in reads]
    with CaptureQueriesContext(connection) as captured:
        hall.leader.get("/overview")
    assert not [q for q in captured.captured_queries if "governance_case" in q["sql"]]


def test_somebody_without_a_post_sees_a_city_without_cases(hall: Any) -> None:
    hall.reported()
    Grant.objects.filter(user=hall.leader.user).delete()
    assert User.objects.filter(pk=hall.leader.user.pk, grants__role=Role.LEADER).count() == 0
    seen = overview(hall.leader)
    assert (seen["open"]["total"], seen["districts"], seen["newest"]) == (0, [], [])
