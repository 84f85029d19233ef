"""Keeping the tracks of people in the street, and erasing them when their time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from chengyun.core import clock
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.models import Role
from chengyun.core.problems import Invalid
from chengyun.governance.models import PatrolPoint

#: Whose way is part of the work.
WALKERS = (Role.COLLECTOR, Role.HANDLER)
#: A device's clock may be fast by so much; a device without a network delivers so late.
AHEAD, LATE = timedelta(minutes=5), timedelta(days=7)
_BATCH = 10_000

_STORE = """
INSERT INTO governance_patrolpoint (user_id, at, geom, accuracy_m)
SELECT %s, at, ST_SetSRID(ST_Point(lon, lat), 4490), accuracy
FROM unnest(%s::timestamptz[], %s::float8[], %s::float8[], %s::float8[])
     AS point (at, lon, lat, accuracy)
ON CONFLICT (user_id, at) DO NOTHING
"""


@dataclass(frozen=True)
class Position:
    """Where a device was: aware time, CGCS2000 degrees, metres."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None = None


@transaction.atomic
def store_track(*, actor: Actor, positions: Sequence[Position]) -> int:
    """Keep positions of the actor; returns how many were new.

    A position is known by its person and moment: sending a batch again changes nothing. Raises
    `Forbidden` for a post that does not walk, `Invalid` for a moment that cannot be.
    """
    actor.require_role(*WALKERS)
    assert actor.user is not None, "only a person holds a post"
    now = clock.now()
    for number, position in enumerate(positions):
        if not now - LATE <= position.at <= now + AHEAD:
            raise Invalid(
                zh=f"第 {number + 1} 点的时间在未来，或早于 7 天前。",
                en=f"The time of point {number + 1} lies ahead, or more than 7 days back.",
                field=f"points.{number}.at",
                remedy_zh="请校准设备时钟；过期的点不再上传。",
                remedy_en="Set the clock of the device; leave out points that are too old.",
            )
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                actor.user.pk,
                [p.at for p in positions],
                [p.lon for p in positions],
                [p.lat for p in positions],
                [p.accuracy_m for p in positions],
            ],
        )
        stored = int(cursor.rowcount)
    if stored:
        # No place goes into the audit: what stands there cannot be erased any more. There is no
        # event either: nobody is told where a person is who did not ask for the track.
        record(
            actor=actor,
            action="governance.patrol.store",
            object_type="core.user",
            object_id=actor.user.pk,
            zh=f"上传巡查轨迹 {stored} 点",
            en=f"Delivered {stored} points of a patrol track",
        )
    return stored


def erase_old_tracks() -> int:
    """Erase positions older than `CHENGYUN_PATROL_RETENTION_DAYS`; returns how many.

    In batches, so that no statement holds locks for long.
    """
    limit = clock.now() - timedelta(days=settings.CHENGYUN.patrol_retention_days)
    erased = 0
    while True:
        old = PatrolPoint.objects.filter(at__lt=limit).order_by("at").values("pk")[:_BATCH]
        gone, _ = PatrolPoint.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
        erased += gone
        if gone < _BATCH:
            break
    if erased:
        record(
            actor=Actor.system("tracks"),
            action="governance.patrol.erase",
            object_type="governance.patrolpoint",
            object_id="",
            zh=f"到期清除巡查轨迹 {erased} 点",
            en=f"Erased {erased} points of patrol tracks whose time was over",
        )
    return erased
