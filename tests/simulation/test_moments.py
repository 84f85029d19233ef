"""Days and times as a person types them: taken in the city's zone, or refused with a remedy."""

from datetime import UTC, date, datetime

import pytest

from chengyun.core import clock
from chengyun.core.problems import Invalid
from chengyun.simulation.moments import end_of_play, the_day
from chengyun.simulation.stream import ZONE

NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # 06:30 of the 22nd in the city


def test_today_is_the_citys_today() -> None:
    with clock.at(NOW):
        assert the_day("") == date(2026, 11, 22)
        assert the_day("2026-11-20") == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0000-01-01", "2026-11-23"])
def test_what_is_no_day_or_has_not_come_is_refused(text: str) -> None:
    with clock.at(NOW), pytest.raises(Invalid) as refused:
        the_day(text)
    assert refused.value.remedy_en


def test_a_past_day_is_played_to_its_end_and_today_to_this_minute() -> None:
    with clock.at(NOW):
        assert end_of_play(date(2026, 11, 20), "") == datetime(2026, 11, 21, tzinfo=ZONE)
        assert end_of_play(date(2026, 11, 20), "15:30") == datetime(
            2026, 11, 20, 15, 30, tzinfo=ZONE
        )
        assert end_of_play(date(2026, 11, 22), "") == NOW
        assert end_of_play(date(2026, 11, 22), "23:00") == NOW
        with pytest.raises(Invalid):
            end_of_play(date(2026, 11, 20), "half past three")
