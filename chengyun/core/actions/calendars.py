from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import F

from ..actor import Actor
from ..audit import record
from ..deadlines import Calendar
from ..models import CalendarDay, Role, WorkCalendar
from ..problems import Invalid
from ..queries import forget_calendars, parse_duty


@transaction.atomic
def save_calendar(
    *,
    actor: Actor,
    code: str,
    name_zh: str,
    name_en: str = "",
    zone: str = "Asia/Shanghai",
    duty: Sequence[Sequence[str]] = (("08:00", "12:00"), ("14:00", "18:00")),
    days: Iterable[tuple[date, str, str]] | None = None,
    is_default: bool = False,
) -> WorkCalendar:
    """Create the calendar `code` or bring it to these values.

    `days` are (day, "holiday" | "workday", name) and replace all stored days; None keeps them.
    Nothing is written when nothing differs. Deadlines already set do not move by themselves.
    """
    actor.require_role(Role.ADMINISTRATOR, Role.DATA_MANAGER)
    segments = [list(segment) for segment in duty]
    _check(zone, segments)
    stored = WorkCalendar.objects.select_for_update().filter(code=code).first()
    before = _state(stored) if stored else None
    calendar = stored or WorkCalendar(code=code)
    calendar.name_zh, calendar.name_en, calendar.zone = name_zh, name_en, zone
    calendar.duty, calendar.is_default = segments, is_default
    after: dict[str, Any] = _plain(calendar)
    wanted = None if days is None else _days(days)
    after["days"] = wanted if wanted is not None else (before or {}).get("days", {})
    if before == after:
        return calendar
    if is_default:
        WorkCalendar.objects.filter(is_default=True).exclude(code=code).update(
            is_default=False, version=F("version") + 1
        )
    calendar.version = calendar.version + 1 if stored else 1
    calendar.save()
    if wanted is not None:
        calendar.days.all().delete()
        CalendarDay.objects.bulk_create(
            CalendarDay(calendar=calendar, day=date.fromisoformat(day), kind=kind, name=name)
            for day, (kind, name) in wanted.items()
        )
    record(
        actor=actor,
        action="core.calendar.save",
        object_type="core.calendar",
        object_id=code,
        zh=f"保存工作日历 {name_zh} ({code})",
        en=f"Saved work calendar {name_en or name_zh} ({code})",
        before=before,
        after=after,
    )
    forget_calendars()
    transaction.on_commit(forget_calendars)
    return calendar


def _check(zone: str, segments: list[list[str]]) -> None:
    try:
        Calendar(zone, parse_duty(segments))
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise Invalid(
            zh=f"时区或上班时段有误：{error}",
            en=f"The zone or the duty hours are not acceptable: {error}",
            field="duty",
            remedy_zh='时段按先后书写且不重叠，例如 [["08:00","12:00"],["14:00","18:00"]]。',
            remedy_en='Write segments in order without overlap: [["08:00","12:00"], …].',
        ) from error


def _days(days: Iterable[tuple[date, str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for day, kind, name in sorted(days):
        if kind not in CalendarDay.Kind.values:
            raise Invalid(
                zh=f"{day} 的类型 {kind} 无效。",
                en=f"{day} has the unknown kind {kind}.",
                field="kind",
                remedy_zh="请用 holiday 或 workday。",
                remedy_en="Use holiday or workday.",
            )
        if day.isoformat() in found:
            raise Invalid(zh=f"{day} 出现两次。", en=f"{day} occurs twice.", field="day")
        found[day.isoformat()] = [kind, name]
    return found


def _plain(calendar: WorkCalendar) -> dict[str, Any]:
    names = ("name_zh", "name_en", "zone", "duty", "is_default")
    return {name: getattr(calendar, name) for name in names}


def _state(calendar: WorkCalendar) -> dict[str, Any]:
    days = calendar.days.order_by("day")
    return {
        **_plain(calendar),
        "days": {each.day.isoformat(): [each.kind, each.name] for each in days},
    }
