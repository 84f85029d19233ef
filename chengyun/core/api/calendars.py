from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AwareDatetime

from ..actions import save_calendar
from ..deadlines import Unit, deadline
from ..http import actor_of, requires, session_or_token
from ..models import WorkCalendar
from ..problems import Invalid
from ..queries import calendar_of
from ..schemas import REFUSALS, CalendarIn, CalendarOut, Code, DeadlineOut

router = Router()

Amount = Annotated[Decimal, Query(ge=0, le=10_000, max_digits=9, decimal_places=4)]


@router.get("/calendars", auth=session_or_token, response={200: list[CalendarOut], **REFUSALS})
def list_calendars(request: HttpRequest) -> list[WorkCalendar]:
    """Every work calendar with its holidays and make-up workdays."""
    return list(WorkCalendar.objects.prefetch_related("days"))


@router.put("/calendars/{code}", auth=requires("admin"), response={200: CalendarOut, **REFUSALS})
def put_calendar(request: HttpRequest, code: Code, content: CalendarIn) -> WorkCalendar:
    """Create or change a calendar; `days` given replaces all its days."""
    fields: dict[str, Any] = content.dict(exclude={"days"})
    days = content.days
    return save_calendar(
        actor=actor_of(request),
        code=code,
        **fields,
        days=None if days is None else [(each.day, each.kind, each.name) for each in days],
    )


@router.get(
    "/calendars/{code}/deadline", auth=session_or_token, response={200: DeadlineOut, **REFUSALS}
)
def get_deadline(
    request: HttpRequest, code: Code, start: AwareDatetime, limit: Amount, unit: Unit
) -> dict[str, Any]:
    """When a limit that starts now or then runs out, by this calendar."""
    try:
        at = deadline(calendar_of(code), start, limit, unit)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            zh="时间超出工作日历的范围（1970 至 2199 年）。",
            en="The time is outside the work calendar (years 1970 to 2199).",
            field="start",
        ) from error
    return {"start": start, "deadline": at}
