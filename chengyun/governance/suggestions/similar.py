"""Closed cases like this one, and how they were handled."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.db.models import QuerySet

from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, CaseRecord, State
from chengyun.governance.search import matching_any
from chengyun.governance.suggestions.classifier import keywords
from chengyun.governance.suggestions.subject import Subject
from chengyun.governance.suggestions.text import grams

_LATEST_OF_MATTER = 200
_LATEST_BY_WORDS = 100
_KEYWORDS = 4
_LEAST_SIMILARITY = 0.12


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A closed case. ``used_hours`` is clock time from dispatch to the finished work."""

    case_id: int
    number: str | None
    matter_id: int | None
    description: str
    address: str
    department_id: int | None
    department_zh: str
    department_en: str
    closed_at: datetime | None
    used_hours: float | None
    result: str
    solved: bool | None
    confidence: float
    reason_zh: str
    reason_en: str


def find_similar(cases: QuerySet[Case], subject: Subject, *, limit: int = 5) -> list[SimilarCase]:
    """The closed cases of ``cases`` whose words come nearest, best first.

    Candidates are the latest of the same matter and, by the search index, those that share two
    of the rarest words. Words that all candidates share (“市民来电反映”) count for little.
    """
    closed = cases.filter(state=State.CLOSED.value)
    if subject.case_id is not None:
        closed = closed.exclude(pk=subject.case_id)
    texts: dict[int, str] = {}
    if subject.matter_id is not None:
        same = closed.filter(matter_id=subject.matter_id).order_by("-id")
        texts.update(same.values_list("id", "description")[:_LATEST_OF_MATTER])
    if alternatives := _alternatives(subject.text):
        worded = matching_any(closed, alternatives).order_by("-id")
        texts.update(worded.values_list("id", "description")[:_LATEST_BY_WORDS])
    ranked = _ranked(subject.text, texts)[:limit]
    return _described(cases, ranked, subject.matter_id)


def _alternatives(text: str) -> list[tuple[str, ...]]:
    """Every two of the rarest words; a single word alone when there are no two."""
    rare = keywords(text, _KEYWORDS)
    return list(combinations(rare, 2)) or [(word,) for word in rare]


def _ranked(text: str, texts: Mapping[int, str]) -> list[tuple[int, float]]:
    wanted = grams(text)
    pieces = {case_id: grams(other) for case_id, other in texts.items()}
    holders = Counter(piece for found in pieces.values() for piece in found)
    count = len(pieces)
    weight = {piece: math.log(1 + count / (1 + holders[piece])) ** 2 for piece in wanted}
    for piece, held in holders.items():
        weight.setdefault(piece, math.log(1 + count / (1 + held)) ** 2)
    length = _length(wanted, weight)
    scored = [
        (case_id, sum(weight[p] for p in wanted & found) / (length * _length(found, weight)))
        for case_id, found in pieces.items()
        if found and length
    ]
    near = [(case_id, min(1.0, score)) for case_id, score in scored if score >= _LEAST_SIMILARITY]
    return sorted(near, key=lambda pair: (-pair[1], -pair[0]))


def _length(pieces: Set[str], weight: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight[piece] for piece in pieces))


def _described(
    cases: QuerySet[Case], ranked: Iterable[tuple[int, float]], matter_id: int | None
) -> list[SimilarCase]:
    scores = dict(ranked)
    if not scores:
        return []
    rows = cases.select_related("department").in_bulk(list(scores))
    results = dict(
        CaseRecord.objects.filter(case_id__in=scores, operation=Operation.FINISH.value)
        .order_by("seq")
        .values_list("case_id", "opinion")
    )
    return [
        _as_similar(rows[case_id], score, results.get(case_id, ""), matter_id)
        for case_id, score in scores.items()
        if case_id in rows
    ]


def _as_similar(case: Case, score: float, result: str, matter_id: int | None) -> SimilarCase:
    used = None
    if case.dispatched_at and case.handled_at and case.handled_at >= case.dispatched_at:
        used = round((case.handled_at - case.dispatched_at).total_seconds() / 3600, 1)
    zh, en = [f"文本相似 {score:.2f}"], [f"text similarity {score:.2f}"]
    if matter_id is not None and case.matter_id == matter_id:
        zh.insert(0, "同小类")
        en.insert(0, "same subclass")
    return SimilarCase(
        case_id=case.pk,
        number=case.number,
        matter_id=case.matter_id,
        description=case.description,
        address=case.address,
        department_id=case.department_id,
        department_zh=case.department.name_zh if case.department else "",
        department_en=case.department.name_en if case.department else "",
        closed_at=case.closed_at,
        used_hours=used,
        result=result,
        solved=case.solved,
        confidence=round(score, 3),
        reason_zh="、".join(zh),
        reason_en=", ".join(en),
    )
