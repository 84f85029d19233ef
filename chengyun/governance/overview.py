"""The city now, in numbers: what came in, what is open, what is late. Filtered by permission.

Days are the city's days (``time_zone``), a week is the last seven of them, today included. A case
is *closed on time* when it was handled within its limit or an appeal exempted it; cases closed by
force were not handled and count neither way. Times in the answers are UTC, positions CGCS2000.
"""

# ruff: noqa: S608  (the only text put in is the permission predicate; every value is bound)

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from chengyun.city.queries import catalogue
from chengyun.city.snapshot import AreaInfo
from chengyun.core import clock
from chengyun.core.access import WITHOUT_SIGHT, Scope
from chengyun.core.models import Organisation
from chengyun.governance.models import OPEN

CLASSES, DEPARTMENTS, NORM_WEEKS = 10, 10, 4
#: Fewer days than this say nothing of what is usual.
NORM_LEAST = 3
#: Facts of days gone by change only by an appeal or a reopened case.
PAST_KEPT = timedelta(minutes=10)
_KEPT_SCOPES = 256

_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
_JUDGED = "count(*) FILTER (WHERE NOT c.forced)"
_ON_TIME = "count(*) FILTER (WHERE NOT c.forced AND (NOT c.handle_late OR c.timeout_exempt))"

# Index-only by case_open_overview, unless a post is bound to an organisation.
OPEN_NOW = f"""
SELECT c.district_code, c.department_id, count(*),
       count(*) FILTER (WHERE c.paused_since IS NULL AND c.stage_due_at < %s),
       count(*) FILTER (WHERE c.state = 'suspended'),
       count(*) FILTER (WHERE c.stage = 'handle'),
       count(*) FILTER (WHERE c.stage = 'handle' AND c.paused_since IS NULL
                        AND c.stage_due_at < %s),
       min(c.stage_due_at) FILTER (WHERE c.stage = 'handle' AND c.paused_since IS NULL)
FROM governance_case c
WHERE c.state IN ({_OPEN}) AND {{may}} GROUP BY 1, 2
"""
RECEIVED_TODAY = """
SELECT hour, district, class_token, count(*), GROUPING(hour, district, class_token)
FROM (SELECT extract(hour FROM c.reported_at AT TIME ZONE %s)::int AS hour,
             c.district_code AS district, c.scope_matters[1] AS class_token
      FROM governance_case c
      WHERE c.reported_at >= %s AND c.reported_at <= %s AND {may}) AS received
GROUP BY GROUPING SETS ((hour), (district), (class_token))
"""
COUNTS = """
SELECT (SELECT count(*) FROM governance_case c WHERE c.filed_at >= %s AND c.filed_at <= %s
            AND {may}),
       (SELECT count(*) FROM governance_case c WHERE c.reported_at >= %s AND c.reported_at <= %s
            AND {may}),
       (SELECT count(*) FROM governance_case c WHERE c.closed_at >= %s AND c.closed_at <= %s
            AND c.state = 'closed' AND {may}),
       (SELECT min(reported_at) FROM governance_case)
"""
CLOSED_WEEK = f"""
SELECT c.district_code, count(*), {_JUDGED}, {_ON_TIME},
       count(*) FILTER (WHERE c.closed_at >= %s)
FROM governance_case c
WHERE c.closed_at >= %s AND c.closed_at <= %s AND c.state = 'closed' AND {{may}} GROUP BY 1
"""
CLOSED_BEFORE = f"""
SELECT {_JUDGED}, {_ON_TIME} FROM governance_case c
WHERE c.closed_at >= %s AND c.closed_at < %s AND c.state = 'closed' AND {{may}}
"""
# One arm a day: asked for all days at once, the planner reads the array index a day.
RECEIVED_BEFORE = """
SELECT extract(hour FROM c.reported_at AT TIME ZONE %s)::int, count(*)
FROM governance_case c WHERE c.reported_at >= %s AND c.reported_at < %s AND {may} GROUP BY 1
"""
POINTS = """
SELECT code, ST_X(point), ST_Y(point)
FROM (SELECT code, ST_PointOnSurface(geom) AS point FROM city_area
      WHERE level = 'district' AND geom IS NOT NULL) AS inside
"""


@dataclass(frozen=True)
class _Past:
    """What the days before say: received by hour (summed over ``days``), share on time."""

    by_hour: Counter[int]
    days: int
    on_time_rate: float | None


_past: dict[tuple[str, date], tuple[datetime, _Past]] = {}
_points: tuple[Any, dict[str, tuple[float, float]]] | None = None


def forget_past() -> None:
    """Count the days gone by anew at the next question; for tests and loaders."""
    _past.clear()


def scope_key(scope: Scope) -> str:
    """Equal for two people exactly when they may see the same cases for the same reasons."""
    return repr(scope.as_sql("c"))


def overview(scope: Scope) -> dict[str, Any]:
    """Everything but the newest cases; the shape is ``api.overview.OverviewOut``.

    At most 8 statements; the days gone by are remembered for ``PAST_KEPT``.
    """
    now = clock.now()
    zone = ZoneInfo(settings.CHENGYUN.time_zone)
    local = now.astimezone(zone)
    today = local.date()
    start = _midnight(today, zone)
    yesterday = _midnight(today - timedelta(days=1), zone)
    # The same time of day by the clock on the wall.
    by_now = datetime.combine(today - timedelta(days=1), local.time(), zone).astimezone(UTC)

    standing = _rows(OPEN_NOW, scope, [now, now])
    received = _rows(RECEIVED_TODAY, scope, [zone.key, start, now])
    [(filed, received_before, closed_before, first)] = _rows(
        COUNTS, scope, [start, now], [yesterday, by_now], [yesterday, by_now]
    )
    week = _rows(CLOSED_WEEK, scope, [start, _midnight(today - timedelta(days=6), zone), now])
    past = _past_of(scope, today, zone, first, now)

    by_hour = Counter({row[0]: row[3] for row in received if row[4] == 0b011})
    by_district = {row[1]: row[3] for row in received if row[4] == 0b101}
    by_class = Counter({row[2]: row[3] for row in received if row[4] == 0b110 and row[2]})
    return {
        "at": now,
        "today": {
            "received": by_hour.total(),
            "filed": filed,
            "closed": sum(row[4] for row in week),
            "received_yesterday_by_now": received_before,
            "closed_yesterday_by_now": closed_before,
        },
        "open": {
            "total": sum(row[2] for row in standing),
            "overdue": sum(row[3] for row in standing),
            "suspended": sum(row[4] for row in standing),
        },
        "week": {
            "closed": sum(row[1] for row in week),
            "on_time_rate": _rate(sum(row[3] for row in week), sum(row[2] for row in week)),
            "previous_on_time_rate": past.on_time_rate,
        },
        "hours": [
            {
                "hour": hour,
                "today": by_hour[hour] if hour <= local.hour else None,
                "norm": _norm(past, hour),
            }
            for hour in range(24)
        ],
        "classes": _classes(by_class),
        "districts": _districts(scope, standing, by_district, week),
        "late_departments": _late_departments(standing),
    }


def _past_of(
    scope: Scope, today: date, zone: ZoneInfo, first: datetime | None, now: datetime
) -> _Past:
    key = (scope_key(scope), today)
    known = _past.get(key)
    if known and timedelta(0) <= now - known[0] < PAST_KEPT:
        return known[1]
    # Weeks before the first case ever say nothing about the city's habits.
    days = [today - timedelta(weeks=week) for week in range(1, NORM_WEEKS + 1)]
    days = [day for day in days if first and day >= first.astimezone(zone).date()]
    spans = [[_midnight(day, zone), _midnight(day + timedelta(days=1), zone)] for day in days]
    by_hour: Counter[int] = Counter()
    arms = " UNION ALL ".join([RECEIVED_BEFORE] * len(days))
    for hour, count in _rows(arms, scope, *([zone.key, *s] for s in spans)) if days else []:
        by_hour[hour] += count
    span = [_midnight(today - timedelta(days=13), zone), _midnight(today - timedelta(days=6), zone)]
    [(judged, on_time)] = _rows(CLOSED_BEFORE, scope, span)
    past = _Past(by_hour, len(days), _rate(on_time, judged))
    if len(_past) >= _KEPT_SCOPES:
        _past.clear()
    _past[key] = (now, past)
    return past


def _classes(by_class: Counter[str]) -> list[dict[str, Any]]:
    names = {m.class_token: (m.class_zh, m.class_en) for m in catalogue().matters.values()}
    return [
        {
            "code": token,
            "name_zh": names.get(token, (token, ""))[0],
            "name_en": names.get(token, ("", token))[1],
            "count": count,
        }
        for token, count in sorted(by_class.items(), key=lambda item: (-item[1], item[0]))[:CLASSES]
    ]


def _districts(
    scope: Scope,
    standing: Sequence[tuple[Any, ...]],
    received: dict[str, int],
    week: Sequence[tuple[Any, ...]],
) -> list[dict[str, Any]]:
    open_now: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for row in standing:
        open_now[row[0]] += row[2]
        late[row[0]] += row[3]
    closed = {row[0]: row for row in week}
    points = _district_points()
    found = []
    for area in catalogue().areas.values():
        if area.level != "district" or not _reaches(scope, area):
            continue
        lon, lat = points.get(area.code, (None, None))
        done = closed.get(area.code)
        found.append(
            {
                "code": area.code,
                "name_zh": area.name_zh,
                "name_en": area.name_en,
                "lon": lon,
                "lat": lat,
                "open": open_now[area.code],
                "overdue": late[area.code],
                "received_today": received.get(area.code, 0),
                "closed_week": done[1] if done else 0,
                "on_time_rate": _rate(done[3], done[2]) if done else None,
            }
        )
    return found


def _reaches(scope: Scope, district: AreaInfo) -> bool:
    """Whether some case of the district could be seen: a row of zeros would say there is none."""
    known = catalogue().area_of
    for clause in scope.clauses:
        if clause.roles <= WITHOUT_SIGHT:
            continue
        if clause.area is None or clause.area in district.ancestors:
            return True
        limit = known.get(clause.area)
        if limit is not None and district.code in limit.ancestors:
            return True
    return False


def _district_points() -> dict[str, tuple[float, float]]:
    """A point inside each district, for a label; read once per version of the areas."""
    global _points  # noqa: PLW0603
    version = catalogue().version
    if _points is None or _points[0] != version:
        with connection.cursor() as cursor:
            cursor.execute(POINTS)
            _points = (version, {code: (x, y) for code, x, y in cursor.fetchall()})
    return _points[1]


def _late_departments(standing: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Who has cases past their limit of handling. Other stages are not the department's."""
    open_now: Counter[int] = Counter()
    late: Counter[int] = Counter()
    oldest: dict[int, datetime] = {}
    for _, department, *_, handling, handling_late, due in standing:
        if department is None:
            continue
        open_now[department] += handling
        late[department] += handling_late
        if due is not None:
            oldest[department] = min(due, oldest.get(department, due))
    worst = sorted((key for key in late if late[key]), key=lambda key: (-late[key], key))
    worst = worst[:DEPARTMENTS]
    known = Organisation.objects.in_bulk(worst) if worst else {}
    return [
        {
            "id": key,
            "code": known[key].code,
            "name_zh": known[key].name_zh,
            "name_en": known[key].name_en,
            "overdue": late[key],
            "open": open_now[key],
            "oldest_due_at": oldest[key],
        }
        for key in worst
    ]


def _norm(past: _Past, hour: int) -> float | None:
    return round(past.by_hour[hour] / past.days, 1) if past.days >= NORM_LEAST else None


def _rate(over: int, under: int) -> float | None:
    return round(over / under, 4) if under else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _rows(sql: str, scope: Scope, *values: list[Any]) -> list[tuple[Any, ...]]:
    """Run one statement; each group of values stands before one ``{may}``."""
    may, limits = scope.as_sql("c")
    parameters = [value for group in values for value in (*group, *limits)]
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{may}", may), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
