"""Work calendars as data: saved by action, remembered by every process, asked over the API."""

from datetime import UTC, date, datetime

import pytest

from chengyun.core import queries
from chengyun.core.actions import save_calendar
from chengyun.core.deadlines import Unit, deadline
from chengyun.core.models import AuditEntry, CalendarDay, WorkCalendar
from chengyun.core.problems import Invalid, NotFound
from chengyun.core.queries import calendar_of

DAYS = [(date(2026, 10, 1), "holiday", "国庆节"), (date(2026, 10, 10), "workday", "调休")]


@pytest.fixture
def save(db, system):
    def call(**fields):
        made = {"code": "qd", "name_zh": "青岛", "days": DAYS}
        return save_calendar(actor=system, **{**made, **fields})

    return call


def test_a_saved_calendar_counts(save) -> None:
    save()
    calendar = calendar_of("qd")
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 10, 10))
    start = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)  # 16:00 there
    assert deadline(calendar, start, 1, Unit.WORK_DAY) == datetime(2026, 10, 2, 8, 0, tzinfo=UTC)


def test_it_is_read_once_and_remembered(save, django_assert_num_queries) -> None:
    save(is_default=True)
    with django_assert_num_queries(2):
        calendar = calendar_of("qd")
    with django_assert_num_queries(0):
        assert calendar_of("qd") is calendar


def test_another_process_notices_a_change(save, monkeypatch, django_assert_num_queries) -> None:
    save()
    old = calendar_of("qd")
    # Another process saves: this one's memory is not told.
    WorkCalendar.objects.update(version=2, duty=[["09:00", "10:00"]])
    CalendarDay.objects.all().delete()
    assert calendar_of("qd") is old
    monkeypatch.setattr(queries, "CALENDAR_CHECK_SECONDS", 0.0)
    assert calendar_of("qd").day_length == 3600 * 1_000_000
    with django_assert_num_queries(1):  # only the version is asked while nothing changed
        calendar_of("qd")


def test_saving_again_is_seen_at_once(save) -> None:
    save()
    assert not calendar_of("qd").is_workday(date(2026, 10, 1))
    save(days=[])
    assert calendar_of("qd").is_workday(date(2026, 10, 1))


def test_saving_the_same_writes_nothing(save) -> None:
    save()
    entries, version = AuditEntry.objects.count(), WorkCalendar.objects.get().version
    save(days=list(reversed(DAYS)))
    assert (AuditEntry.objects.count(), WorkCalendar.objects.get().version) == (entries, version)


def test_days_are_kept_when_not_given(save) -> None:
    save()
    save(name_zh="青岛市", days=None)
    assert WorkCalendar.objects.get().days.count() == 2


def test_there_is_one_default(save) -> None:
    save(is_default=True)
    save(code="other", zone="America/New_York", is_default=True)
    assert WorkCalendar.objects.get(is_default=True).code == "other"
    assert calendar_of().zone == "America/New_York"


def test_a_fresh_installation_has_clocks_that_run(db) -> None:
    assert calendar_of().zone == "Asia/Shanghai"
    with pytest.raises(NotFound):
        calendar_of("none")


@pytest.mark.parametrize(
    "fields",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"duty": []},
        {"duty": [["25:00", "26:00"]]},
        {"duty": [["12:00", "08:00"]]},
        {"duty": [["08:00", "12:00"], ["11:00", "13:00"]]},
        {"days": [(date(2026, 1, 1), "maybe", "")]},
        {"days": [DAYS[0], DAYS[0]]},
    ],
)
def test_a_calendar_without_sense_is_refused(save, fields) -> None:
    with pytest.raises(Invalid):
        save(**fields)
    assert not WorkCalendar.objects.exists()


def test_calendars_over_the_api(client, administrator, bearer) -> None:
    headers = bearer(administrator, "admin", "read")
    content = {
        "name_zh": "青岛",
        "duty": [["08:00", "12:00"], ["14:00", "18:00"]],
        "days": [{"day": "2026-10-01", "kind": "holiday", "name": "国庆节"}],
    }
    made = client.put(
        "/api/calendars/qd", content, content_type="application/json", headers=headers
    )
    assert made.status_code == 200
    (listed,) = client.get("/api/calendars", headers=headers).json()
    assert listed == made.json()
    asked = client.get(
        "/api/calendars/qd/deadline?start=2026-09-30T16:00:00%2B08:00&limit=1&unit=work_day",
        headers=headers,
    )
    assert asked.json()["deadline"] == "2026-10-02T08:00:00Z"
