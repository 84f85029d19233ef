"""Who else has this open now, so that two people do not write at the same thing unknowingly.

A page says every few seconds that it is still there; whoever was not heard of for half a minute
has left. Nothing here is audited and no event is sent: it is not work, it changes nothing, and a
log of who looked at what at which second would be a record of people, kept for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from . import clock
from .models import Presence, User

#: Not heard of for so long: gone.
GONE_AFTER = timedelta(seconds=30)
#: So many others are named at most, the longest there first.
MOST = 50

_HERE = """
INSERT INTO core_presence AS p (subject_type, subject_id, user_id, doing, since, seen_at)
VALUES (%(type)s, %(id)s, %(user)s, %(doing)s, %(now)s, %(now)s)
ON CONFLICT (subject_type, subject_id, user_id) DO UPDATE SET
    since = CASE WHEN p.doing = EXCLUDED.doing AND p.seen_at >= %(gone)s
                 THEN p.since ELSE EXCLUDED.since END,
    doing = EXCLUDED.doing,
    seen_at = EXCLUDED.seen_at
"""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else at the same thing; ``id`` is the person's."""

    id: int
    name: str
    organisation_zh: str
    organisation_en: str
    doing: str
    since: datetime


def arrive(user: User, subject_type: str, subject_id: int, doing: str) -> list[Other]:
    """Note that the person is here and does this; returns the others. Two statements."""
    now = clock.now()
    given: dict[str, Any] = {
        "type": subject_type,
        "id": subject_id,
        "user": user.pk,
        "doing": doing,
        "now": now,
        "gone": now - GONE_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HERE, given)
    others = (
        Presence.objects.filter(
            subject_type=subject_type, subject_id=subject_id, seen_at__gte=now - GONE_AFTER
        )
        .exclude(user=user)
        .select_related("user__organisation")
        .order_by("since", "id")[:MOST]
    )
    return [_other(row) for row in others]


def leave(user: User, subject_type: str, subject_id: int) -> None:
    """The person has closed the page."""
    Presence.objects.filter(subject_type=subject_type, subject_id=subject_id, user=user).delete()


def _other(row: Presence) -> Other:
    organisation = row.user.organisation
    return Other(
        id=row.user_id,
        name=str(row.user),
        organisation_zh=organisation.name_zh if organisation else "",
        organisation_en=organisation.name_en if organisation else "",
        doing=row.doing,
        since=row.since,
    )
