"""The laws of the deadline functions, over the Chinese New Year of 2026 and its make-up days."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.core.deadlines import (
    Calendar,
    Limit,
    Unit,
    deadline,
    deadline_many,
    elapsed_seconds,
    used,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
DUTY = ((time(8), time(12)), (time(14), time(18)))
CITY = Calendar(
    "Asia/Shanghai",
    DUTY,
    holidays=frozenset(date(2026, 2, day) for day in range(15, 24)),
    workdays=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
)
AMERICAN = Calendar("America/New_York", DUTY)

moments = st.datetimes(
    datetime(2026, 1, 20), datetime(2026, 4, 1), timezones=st.just(SHANGHAI)
).map(lambda moment: moment.replace(microsecond=0))
amounts = st.one_of(
    st.integers(0, 40), st.decimals(min_value=0, max_value=40, places=2, allow_nan=False)
)
units = st.sampled_from(list(Unit))
spans = st.tuples(moments, st.timedeltas(timedelta(0), timedelta(days=9))).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
pause_lists = st.lists(spans, max_size=3)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        # Four work hours reach over the midday break.
        ("2026-03-04 10:00", 4, Unit.WORK_HOUR, "2026-03-04 16:00"),
        # Eight from the first minute end with the day, not with the next morning.
        ("2026-03-04 08:00", 8, Unit.WORK_HOUR, "2026-03-04 18:00"),
        ("2026-03-04 19:00", 2, Unit.WORK_HOUR, "2026-03-05 10:00"),
        # Friday evening to Monday.
        ("2026-03-06 17:00", 2, Unit.WORK_HOUR, "2026-03-09 09:00"),
        ("2026-03-04 10:30", 1, Unit.WORK_DAY, "2026-03-05 10:30"),
        ("2026-03-04 08:00", 1, Unit.WORK_DAY, "2026-03-05 08:00"),
        ("2026-03-04 18:00", 1, Unit.WORK_DAY, "2026-03-06 08:00"),
        ("2026-03-04 12:30", 1, Unit.WORK_DAY, "2026-03-05 14:00"),
        # Saturday 14 February works; then nine days of holiday.
        ("2026-02-13 16:00", 1, Unit.WORK_DAY, "2026-02-14 16:00"),
        ("2026-02-13 16:00", 2, Unit.WORK_DAY, "2026-02-24 16:00"),
        ("2026-02-14 17:00", 3, Unit.WORK_HOUR, "2026-02-24 10:00"),
        ("2026-02-27 09:00", 1, Unit.WORK_DAY, "2026-02-28 09:00"),
        ("2026-02-16 23:00", 2, Unit.URGENT_HOUR, "2026-02-17 01:00"),
        ("2026-02-16 23:00", 2, Unit.URGENT_DAY, "2026-02-18 23:00"),
        ("2026-02-16 23:00", 2, Unit.NATURAL_DAY, "2026-02-18 23:00"),
        ("2026-03-04 10:00", Decimal("1.5"), Unit.WORK_HOUR, "2026-03-04 11:30"),
    ],
)
def test_a_limit_ends_when_the_city_expects(
    start: str, amount: Decimal, unit: Unit, expected: str
) -> None:
    assert deadline(CITY, at(start), amount, unit) == at(expected)


def test_a_natural_day_keeps_the_clock_over_the_change_to_summer_time() -> None:
    start = at("2026-03-07 10:00", NEW_YORK)  # clocks go forward on the 8th
    assert deadline(AMERICAN, start, 1, Unit.NATURAL_DAY) == at("2026-03-08 10:00", NEW_YORK)
    assert deadline(AMERICAN, start, 1, Unit.URGENT_DAY) == at("2026-03-08 11:00", NEW_YORK)
    assert used(AMERICAN, start, at("2026-03-08 10:00", NEW_YORK), Unit.NATURAL_DAY) == 1


def test_a_natural_day_keeps_the_clock_over_the_change_to_winter_time() -> None:
    start = at("2026-10-31 10:00", NEW_YORK)
    assert deadline(AMERICAN, start, 1, Unit.NATURAL_DAY) == at("2026-11-01 10:00", NEW_YORK)
    assert deadline(AMERICAN, start, 24, Unit.URGENT_HOUR) == at("2026-11-01 09:00", NEW_YORK)


def test_work_units_follow_the_wall_clock_on_both_sides_of_a_change() -> None:
    friday = at("2026-03-06 10:30", NEW_YORK)
    assert deadline(AMERICAN, friday, 1, Unit.WORK_DAY) == at("2026-03-09 10:30", NEW_YORK)


def test_extensions_count_on_in_their_own_unit() -> None:
    start = at("2026-03-04 10:00")
    extended = deadline(
        CITY,
        start,
        2,
        Unit.WORK_HOUR,
        extensions=[Limit(1, Unit.WORK_DAY), Limit(2, Unit.URGENT_HOUR)],
    )
    # 12:00 is the end of the morning, a work day from there is 14:00 the next day.
    assert extended == at("2026-03-05 16:00")


def test_an_open_pause_adds_nothing_yet_and_stops_the_used_clock() -> None:
    start, paused = at("2026-03-04 10:00"), at("2026-03-04 11:00")
    assert deadline(CITY, start, 4, Unit.WORK_HOUR, [(paused, None)]) == at("2026-03-04 16:00")
    end = at("2026-03-06 11:00")
    assert used(CITY, start, end, Unit.WORK_HOUR, [(paused, None)]) == 1


def test_a_pause_over_the_night_costs_no_work_time() -> None:
    night = (at("2026-03-04 18:00"), at("2026-03-05 08:00"))
    start = at("2026-03-04 16:00")
    assert deadline(CITY, start, 4, Unit.WORK_HOUR, [night]) == at("2026-03-05 10:00")


@given(moments, amounts, amounts, units, pause_lists)
def test_more_time_is_never_an_earlier_deadline(start, one, other, unit, pauses) -> None:
    small, large = sorted([one, other])
    assert deadline(CITY, start, small, unit, pauses) <= deadline(CITY, start, large, unit, pauses)


@given(moments, moments, amounts, units, pause_lists)
def test_a_later_start_is_never_an_earlier_deadline(one, other, amount, unit, pauses) -> None:
    early, late = sorted([one, other])
    assert deadline(CITY, early, amount, unit, pauses) <= deadline(CITY, late, amount, unit, pauses)


@given(moments, amounts, units, pause_lists)
def test_exactly_the_limit_is_used_at_the_deadline(start, amount, unit, pauses) -> None:
    end = deadline(CITY, start, amount, unit, pauses)
    assert end >= start
    assert used(CITY, start, end, unit, pauses) == Decimal(amount)


@given(moments, amounts, units, spans)
def test_a_pause_shifts_the_deadline_by_the_running_time_it_took(
    start, amount, unit, pause
) -> None:
    """Paused time that lies before the deadline is given back, no more and no less."""
    begin, end = max(pause[0], start), max(pause[1], start)
    without = deadline(CITY, start, amount, unit)
    shifted = deadline(CITY, start, amount, unit, [pause])
    if begin > without or end <= begin:
        assert shifted == without
        return
    if begin < without:
        taken = used(CITY, begin, end, unit)
        assert shifted == deadline(CITY, start, Decimal(amount) + taken, unit) or (
            # the same place on the duty line, at the far side of a break
            used(CITY, start, shifted, unit) == Decimal(amount) + taken
        )


@given(moments, st.integers(1, 30), units, pause_lists)
def test_pauses_count_once_however_they_are_cut(start, amount, unit, pauses) -> None:
    pieces = [
        piece
        for begin, end in pauses
        for middle in [begin + (end - begin) / 2]
        for piece in ((begin, middle), (middle, end), (begin, end))
    ]
    assert deadline(CITY, start, amount, unit, pieces) == deadline(
        CITY, start, amount, unit, pauses
    )


@given(moments, st.integers(0, 60))
def test_a_work_day_is_the_same_clock_time_some_working_days_later(start, days) -> None:
    end = deadline(CITY, start, days, Unit.WORK_DAY).astimezone(SHANGHAI)
    on_duty = any(begin <= start.time() < finish for begin, finish in DUTY)
    if on_duty and CITY.is_workday(start.date()):
        assert end.time() == start.time()
        passed, day = 0, start.date()
        while day < end.date():
            day += timedelta(days=1)
            passed += CITY.is_workday(day)
        assert passed == days
    elif days:
        assert CITY.is_workday(end.date())
        assert end.time() in (time(8), time(14))


@given(moments, moments, units)
def test_seconds_and_units_tell_the_same(one, other, unit) -> None:
    start, end = sorted([one, other])
    length = {Unit.WORK_DAY: 8 * 3600, Unit.WORK_HOUR: 3600, Unit.URGENT_HOUR: 3600}
    expected = float(used(CITY, start, end, unit)) * length.get(unit, 86400)
    assert elapsed_seconds(CITY, start, end, unit) == pytest.approx(expected)


@given(st.lists(moments, max_size=20), amounts, units)
def test_many_at_once_are_the_same_as_one_by_one(starts, amount, unit) -> None:
    many = deadline_many(CITY, starts, amount, unit)
    each = [deadline(CITY, start, amount, unit) for start in starts]
    assert [moment.replace(tzinfo=UTC) for moment in many.tolist()] == each


@given(
    st.lists(
        st.datetimes(datetime(2026, 2, 20), datetime(2026, 12, 1), timezones=st.just(NEW_YORK)),
        max_size=20,
    ),
    st.integers(0, 20),
    units,
)
def test_many_at_once_agree_where_clocks_change(starts, amount, unit) -> None:
    many = deadline_many(AMERICAN, starts, amount, unit)
    each = [deadline(AMERICAN, start, amount, unit) for start in starts]
    assert [moment.replace(tzinfo=UTC) for moment in many.tolist()] == each


def test_many_take_numpy_times_in_utc() -> None:
    starts = np.array(["2026-03-04T02:00:00"], dtype="datetime64[s]")
    assert deadline_many(CITY, starts, 4, Unit.WORK_HOUR)[0] == np.datetime64("2026-03-04T08:00:00")


@pytest.mark.parametrize(
    "duty",
    [(), ((time(8), time(8)),), ((time(8), time(12)), (time(11), time(18)))],
)
def test_a_calendar_without_sensible_duty_is_refused(duty) -> None:
    with pytest.raises(ValueError, match="duty"):
        Calendar("Asia/Shanghai", duty)


def test_a_day_may_be_on_duty_until_midnight() -> None:
    always = Calendar("Asia/Shanghai", ((time(0), time(0)),))
    assert deadline(always, at("2026-03-04 23:00"), 2, Unit.WORK_HOUR) == at("2026-03-05 01:00")


def test_a_date_outside_the_calendar_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="1970 to 2199"):
        deadline(CITY, datetime(1900, 1, 1, tzinfo=UTC), 1, Unit.WORK_DAY)
