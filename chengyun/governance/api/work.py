"""What waits for me: the numbers that a desk begins its day with."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Router, Schema

from chengyun.core import clock
from chengyun.core.http import actor_of, session_or_token
from chengyun.governance import clocks
from chengyun.governance.queries import (
    CaseFilter,
    filter_cases,
    overdue,
    visible_cases,
    waiting_visits,
)
from chengyun.governance.waiting import requests_for, supervisions_for

router = Router(tags=["cases"], auth=session_or_token)

#: A desk is told "more than 1,000"; counting on would help nobody.
COUNT_LIMIT = 1_000


class Work(Schema):
    """What waits for me; each number is counted to at most ``capped``."""

    waiting: int = Field(description="cases in which I am the next to move")
    overdue: int = Field(description="of these, past the limit of their stage")
    due_today: int = Field(description="of these, due before the city's day ends")
    requests: int = Field(description="requests that I may decide")
    visits: int = Field(description="visits back that are to be made")
    supervised: int = Field(description="supervisions that my department has to answer")
    capped: int


@router.get("/work", response=Work, summary="What waits for me")
def my_work(request: HttpRequest) -> Work:
    """All numbers in one statement."""
    scope = actor_of(request).scope
    waiting = filter_cases(visible_cases(scope), CaseFilter(waiting=scope))
    now = clock.now()
    parts: dict[str, QuerySet[Any] | None] = {
        "waiting": waiting,
        "overdue": waiting.filter(overdue()),
        "due_today": waiting.filter(
            paused_since=None, stage_due_at__gte=now, stage_due_at__lt=_end_of_day(now)
        ),
        "requests": requests_for(scope),
        "visits": waiting_visits(scope),
        "supervised": supervisions_for(scope),
    }
    return Work(**_counted(parts), capped=COUNT_LIMIT)


def _end_of_day(now: datetime) -> datetime:
    """When the city's day ends."""
    zone = clocks.calendar().tz
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone)


def _counted(parts: dict[str, QuerySet[Any] | None]) -> dict[str, int]:
    """The length of every query, to at most ``COUNT_LIMIT``, in one statement."""
    counts = dict.fromkeys(parts, 0)
    asked: list[str] = []
    columns: list[str] = []
    given: list[Any] = []
    for name, rows in parts.items():
        if rows is None:
            continue
        try:
            text, values = rows.order_by().values("pk")[:COUNT_LIMIT].query.sql_with_params()
        except EmptyResultSet:  # Django knows without asking that there are none
            continue
        asked.append(name)
        columns.append(f"(SELECT count(*) FROM ({text}) AS counted)")  # noqa: S608  (our own query)
        given += values
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", given)
            counts.update(zip(asked, cursor.fetchone(), strict=True))
    return counts
