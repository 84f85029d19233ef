"""Cases that may tell of the same thing: near in place and time, alike in class and words."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point, Polygon
from django.db.models import F, FloatField, Func, Q, QuerySet, Value

from chengyun.city.queries import catalogue
from chengyun.governance.models import OPEN, Case, State
from chengyun.governance.suggestions.subject import Subject
from chengyun.governance.suggestions.text import grams, similarity

# Of another class, or of none yet: only the words can tell.
_LEAST_SIMILARITY_OTHER = 0.5
_LEAST_SIMILARITY_UNKNOWN = 0.35
# The nearest so many are compared by text; a crowded corner has more.
_MOST_CANDIDATES = 200
_METRES_PER_DEGREE = 110_574.0  # of latitude at the equator, where a degree is shortest
_SPHEROID = 'SPHEROID["CGCS2000",6378137,298.257222101]'


@dataclass(frozen=True, slots=True)
class DuplicateSuggestion:
    """A case that may be the same. ``confidence`` orders candidates; it is not a probability.

    ``hours`` is how long before the subject it was reported (negative: after it).
    """

    case_id: int
    number: str | None
    state: str
    matter_id: int | None
    description: str
    address: str
    reported_at: datetime
    lon: float
    lat: float
    distance_m: float
    hours: float
    same_matter: bool
    same_component: bool
    text_similarity: float
    confidence: float
    reason_zh: str
    reason_en: str


def find_duplicates(
    cases: QuerySet[Case], subject: Subject, *, limit: int = 5
) -> list[DuplicateSuggestion]:
    """Open and lately closed cases of ``cases`` that may be the subject, likeliest first.

    One SQL statement on the index of place and time. Without a position there is nothing to
    compare, and the answer is empty.
    """
    if subject.lon is None or subject.lat is None:
        return []
    radius = radius_of(subject.matter_id)
    rows = _near(cases, subject, radius)
    words = grams(subject.text)
    found = []
    for row in rows:
        suggestion = _judge(row, subject, radius, similarity(words, grams(row["description"])))
        if suggestion is not None:
            found.append(suggestion)
    found.sort(key=lambda one: (-one.confidence, one.distance_m, -one.case_id))
    return found[:limit]


def radius_of(matter_id: int | None) -> float:
    """How far apart two reports of one thing may lie: components stand still, events spread."""
    matter = catalogue().matters.get(matter_id) if matter_id else None
    given = settings.CHENGYUN
    if matter is not None and matter.kind == "component":
        return float(given.duplicate_radius_component_m)
    return float(given.duplicate_radius_m)


def _near(cases: QuerySet[Case], subject: Subject, radius: float) -> list[dict[str, Any]]:
    assert subject.lon is not None
    assert subject.lat is not None
    north = radius / _METRES_PER_DEGREE * 1.001
    east = north / max(math.cos(math.radians(subject.lat)), 0.01)
    box = Polygon.from_bbox(
        (subject.lon - east, subject.lat - north, subject.lon + east, subject.lat + north)
    )
    box.srid = 4490
    span = timedelta(hours=settings.CHENGYUN.duplicate_hours)
    here = Value(Point(subject.lon, subject.lat, srid=4490), output_field=PointField(srid=4490))
    near = cases.filter(
        Q(state__in=[state.value for state in OPEN]) | Q(state=State.CLOSED.value),
        geom__bboverlaps=box,
        reported_at__gte=subject.at - span,
        reported_at__lte=subject.at + span,
    )
    if subject.case_id is not None:
        near = near.exclude(pk=subject.case_id)
    distance = Func(
        F("geom"),
        here,
        Value(_SPHEROID),
        function="ST_DistanceSpheroid",
        template="%(function)s(%(expressions)s::spheroid)",
        output_field=FloatField(),
    )
    rows = (
        near.annotate(metres=distance)
        .filter(metres__lte=radius)
        .order_by("metres", "-id")
        .values(
            "id", "number", "state", "matter_id", "component_id", "description", "address",
            "reported_at", "geom", "metres",
        )[:_MOST_CANDIDATES]
    )  # fmt: skip
    return [dict(row) for row in rows]


def _judge(
    row: dict[str, Any], subject: Subject, radius: float, alike: float
) -> DuplicateSuggestion | None:
    hours = (subject.at - row["reported_at"]).total_seconds() / 3600
    same_matter = subject.matter_id is not None and row["matter_id"] == subject.matter_id
    same_component = (
        subject.component_id is not None and row["component_id"] == subject.component_id
    )
    place = 1 - row["metres"] / radius
    recent = 1 - abs(hours) / settings.CHENGYUN.duplicate_hours
    if same_component:
        confidence = 0.6 + 0.2 * recent + 0.2 * alike
    elif same_matter:
        confidence = 0.3 + 0.2 * place + 0.15 * recent + 0.35 * alike
    else:
        unknown = subject.matter_id is None or row["matter_id"] is None
        if alike < (_LEAST_SIMILARITY_UNKNOWN if unknown else _LEAST_SIMILARITY_OTHER):
            return None
        confidence = 0.15 * place + 0.1 * recent + 0.7 * alike
    reason_zh, reason_en = _reason(row, hours, same_matter, same_component, alike)
    return DuplicateSuggestion(
        case_id=row["id"],
        number=row["number"],
        state=row["state"],
        matter_id=row["matter_id"],
        description=row["description"],
        address=row["address"],
        reported_at=row["reported_at"],
        lon=round(row["geom"].x, 6),
        lat=round(row["geom"].y, 6),
        distance_m=round(row["metres"], 1),
        hours=round(hours, 2),
        same_matter=same_matter,
        same_component=same_component,
        text_similarity=round(alike, 3),
        confidence=round(confidence, 3),
        reason_zh=reason_zh,
        reason_en=reason_en,
    )


def _reason(
    row: dict[str, Any], hours: float, same_matter: bool, same_component: bool, alike: float
) -> tuple[str, str]:
    zh, en = [], []
    if same_component:
        zh.append("同一部件")
        en.append("same component")
    if same_matter:
        zh.append("同小类")
        en.append("same subclass")
    zh.append(f"相距 {row['metres']:.0f} m")
    en.append(f"{row['metres']:.0f} m away")
    amount_zh, amount_en = _span(abs(hours))
    zh.append(f"{amount_zh}{'前' if hours >= 0 else '后'}")
    en.append(f"{amount_en} {'before' if hours >= 0 else 'after'}")
    zh.append(f"文本相似 {alike:.2f}")
    en.append(f"text similarity {alike:.2f}")
    if row["state"] == State.CLOSED:
        zh.append("已结案")
        en.append("closed")
    return "、".join(zh), ", ".join(en)


def _span(hours: float) -> tuple[str, str]:
    if hours < 1:
        return f"{hours * 60:.0f} 分钟", f"{hours * 60:.0f} min"
    return f"{hours:.0f} 小时", f"{hours:.0f} h"
