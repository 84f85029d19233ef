"""Reading tracks: one's own, or of the people one answers for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from chengyun.city.queries import catalogue
from chengyun.core import clock
from chengyun.core.access import Scope, scope_of
from chengyun.core.actor import Actor
from chengyun.core.models import Role, User
from chengyun.core.problems import NotFound
from chengyun.governance.actions.patrol import WALKERS

#: Who answers for people in the street.
FOLLOWERS = (Role.SHIFT_LEADER, Role.EVALUATOR, Role.LEADER)
#: A fix from a radio mast is no step of a way.
TRUSTED_M = 100.0

# The way is the sum of straight lines between one position and the next.
_TRACK = """
SELECT at, ST_X(geom), ST_Y(geom), accuracy_m FROM governance_patrolpoint
WHERE user_id = %(user)s AND at >= %(start)s AND at < %(stop)s ORDER BY at
"""
_LENGTH = """
SELECT coalesce(ST_Length(ST_MakeLine(geom ORDER BY at)::geography), 0)
FROM governance_patrolpoint
WHERE user_id = %(user)s AND at >= %(start)s AND at < %(stop)s
  AND (accuracy_m IS NULL OR accuracy_m <= %(trusted)s)
"""


@dataclass(frozen=True)
class Track:
    """Positions in the order of time, and the length of the way in metres."""

    points: list[dict[str, Any]]
    length_m: float


def track_of(actor: Actor, user_id: int | None, day: date | None) -> Track:
    """The track of a person (oneself when none is named) on a day of the city (today).

    Raises `NotFound` for somebody who is not there or whose track is not the actor's to read.
    """
    wanted = actor.user_id if user_id is None else user_id
    if wanted is not None and wanted != actor.user_id:
        person = User.objects.filter(pk=wanted).first()
        if person is None or not may_follow(actor.scope, person):
            raise NotFound(
                zh="没有这个人员，或您无权查看其轨迹。",
                en="There is no such person, or you may not see their track.",
                field="user_id",
            )
    zone = ZoneInfo(settings.CHENGYUN.time_zone)
    first = day or clock.now().astimezone(zone).date()
    start, stop = (
        datetime.combine(first + timedelta(days=offset), time(), zone).astimezone(UTC)
        for offset in (0, 1)
    )
    span = {"user": wanted, "start": start, "stop": stop, "trusted": TRUSTED_M}
    with connection.cursor() as cursor:
        cursor.execute(_TRACK, span)
        names = ("at", "lon", "lat", "accuracy_m")
        points = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute(_LENGTH, span)
        [length] = cursor.fetchone()
    return Track(points, round(length, 1))


def may_follow(reader: Scope, person: User) -> bool:
    """Whether a post of the reader reaches one of the person's posts in the street: its area lies
    in the reader's, its matters among the reader's. A post without limits reaches everybody."""
    known = catalogue().area_of
    held = scope_of(person).for_roles(WALKERS).clauses
    for clause in reader.for_roles(FOLLOWERS).clauses:
        if clause.area is None and clause.matters is None:
            return True
        for post in held:
            area = known.get(post.area or "")
            above = area.ancestors if area else ((post.area,) if post.area else ())
            if clause.area is not None and clause.area not in above:
                continue
            if clause.matters is None or (
                post.matters is not None and set(post.matters) <= set(clause.matters)
            ):
                return True
    return False
