"""Days and times as the commands take them, in the city's zone."""

from datetime import date, datetime, time, timedelta

from chengyun.core import clock
from chengyun.core.problems import Invalid
from chengyun.simulation.stream import ZONE


def the_day(text: str) -> date:
    """`2026-11-22`, or today where nothing is given. Raises Invalid for a day to come."""
    today = clock.now().astimezone(ZONE).date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise Invalid(
            zh=f"“{text}”不是日期。", en=f"{text!r} is not a date.",
            remedy_zh="例如 2026-11-22。", remedy_en="Write it like 2026-11-22.",
        ) from None  # fmt: skip
    if day > today:
        raise Invalid(
            zh=f"{day} 尚未到来。", en=f"{day} has not come yet.",
            remedy_zh="选择今天或以前的日期。", remedy_en="Choose today or an earlier day.",
        )  # fmt: skip
    return day


def end_of_play(day: date, text: str) -> datetime:
    """The end of the day, or `15:30` of it; today never goes beyond the present."""
    end = datetime.combine(day + timedelta(days=1), time.min, ZONE)
    if text:
        try:
            end = datetime.combine(day, time.fromisoformat(text), ZONE)
        except ValueError:
            raise Invalid(
                zh=f"“{text}”不是时间。", en=f"{text!r} is not a time of day.",
                remedy_zh="例如 15:30。", remedy_en="Write it like 15:30.",
            ) from None  # fmt: skip
    return min(end, clock.now())
