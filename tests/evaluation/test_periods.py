from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.core.problems import Invalid
from chengyun.governance.evaluation.periods import (
    Span,
    parse_period,
    period_of,
    previous_period,
    split_period,
    year_before,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
spans = st.sampled_from(list(Span))


@pytest.mark.parametrize(
    ("code", "first", "after"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026H2", "2026-07-01", "2027-01-01"),
        ("2026Q4", "2026-10-01", "2027-01-01"),
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026-W47", "2026-11-16", "2026-11-23"),
        ("2026-11-20", "2026-11-20", "2026-11-21"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
    ],
)
def test_a_period_reaches_from_midnight_to_midnight_of_the_city(
    code: str, first: str, after: str
) -> None:
    period = parse_period(code, SHANGHAI)
    assert period.code == code
    assert period.start == datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
    assert period.end == datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)


def test_the_zone_decides_where_a_day_begins() -> None:
    assert parse_period("2015-03-08", BOSTON).start == datetime(2015, 3, 8, 5, tzinfo=UTC)
    # The clocks go forward that day: it has 23 hours.
    day = parse_period("2015-03-08", BOSTON)
    assert (day.end - day.start).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-13", "2026-02-30", "2026Q5", "2026H3", "2026-W54", "0000", "9999", "2026-1",
     "٢٠٢٦", "2026;DROP", "2025-W53"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_period(text, SHANGHAI)
    assert "2026-W47" in refused.value.remedy_en


@given(spans, days, st.sampled_from([SHANGHAI, BOSTON]))
def test_periods_tile_time(span: Span, day: date, zone: ZoneInfo) -> None:
    period = period_of(span, day, zone)
    assert parse_period(period.code, zone) == period
    before = previous_period(period, zone)
    assert before.end == period.start
    assert period.end not in period
    assert period.start in period


@given(st.sampled_from([Span.MONTH, Span.QUARTER, Span.HALF_YEAR, Span.YEAR]), days)
def test_parts_of_a_period_fill_it(span: Span, day: date) -> None:
    whole = period_of(span, day, SHANGHAI)
    for part in list(Span)[: list(Span).index(span)]:
        parts = split_period(whole, part, SHANGHAI)
        assert all(a.end == b.start for a, b in pairwise(parts))
        if part is not Span.WEEK:
            assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)


@given(st.integers(1990, 2100))
def test_every_week_belongs_to_one_month_and_one_year(year: int) -> None:
    weeks = split_period(parse_period(str(year), SHANGHAI), Span.WEEK, SHANGHAI)
    months = split_period(parse_period(str(year), SHANGHAI), Span.MONTH, SHANGHAI)
    of_months = [w for month in months for w in split_period(month, Span.WEEK, SHANGHAI)]
    assert of_months == weeks
    assert {week.code[:4] for week in weeks} == {str(year)}


def test_a_year_before() -> None:
    for code, expected in [
        ("2026-11", "2025-11"), ("2024-02-29", "2023-02-28"), ("2026Q1", "2025Q1"),
        ("2020-W53", "2019-W52"), ("2026-W47", "2025-W47"),
    ]:  # fmt: skip
        assert year_before(parse_period(code, SHANGHAI), SHANGHAI).code == expected


def test_a_period_cannot_be_divided_into_longer_ones() -> None:
    with pytest.raises(Invalid):
        split_period(parse_period("2026-11", SHANGHAI), Span.QUARTER, SHANGHAI)
