"""Suggestions: for a report before it is sent, and for a case at a desk."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from chengyun.city.models import Address
from chengyun.city.queries import catalogue
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, optional_actor, session_or_token
from chengyun.core.problems import NotFound
from chengyun.core.ratelimit import limit_shared
from chengyun.governance.models import OPEN, Case
from chengyun.governance.queries import visible_cases
from chengyun.governance.suggestions import Subject, Suggestions, suggest
from chengyun.governance.suggestions.duplicates import DuplicateSuggestion
from chengyun.governance.suggestions.similar import SimilarCase

router = Router(tags=["suggestions"])

CaseId = Annotated[int, Path(ge=1, le=2**63 - 1)]
MatterId = Annotated[int, Field(ge=1, le=2**63 - 1)]
# What the public sees of a description: enough to recognise, too little to read somebody's story.
_EXCERPT = 80
_LONG_NUMBER = re.compile(r"\d{7,}")  # somebody's telephone


class Draft(Schema):
    """A report that is being written. The position is CGCS2000, in degrees."""

    text: str = Field(min_length=1, max_length=4000)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    address: str = Field(default="", max_length=500)
    matter: MatterId | None = None


class _Reasoned(Schema):
    confidence: float = Field(description="0…1; a measured probability from the classifier only")
    reason_zh: str
    reason_en: str


class SuggestedMatter(_Reasoned):
    matter_id: int
    token: str
    name_zh: str
    name_en: str
    class_zh: str
    class_en: str
    source: str = Field(description="classifier or catalogue")


class DepartmentOut(_Reasoned):
    organisation_id: int
    code: str
    name_zh: str
    name_en: str
    source: str = Field(description="responsibility or history")


class NearbyOut(_Reasoned):
    """A public open case nearby: what anybody may see of it."""

    case_id: int
    number: str | None
    state: str
    matter_id: int | None
    matter_zh: str = Field(description="empty while the case has no matter")
    matter_en: str
    excerpt: str
    reported_at: datetime
    lon: float
    lat: float
    distance_m: float
    same_matter: bool
    text_similarity: float


class DuplicateOut(NearbyOut):
    description: str
    address: str
    hours: float
    same_component: bool


class SimilarOut(_Reasoned):
    case_id: int
    number: str | None
    matter_id: int | None
    matter_zh: str
    matter_en: str
    description: str
    address: str
    department_zh: str
    department_en: str
    closed_at: datetime | None
    used_hours: float | None = Field(description="clock time from dispatch to finished work")
    result: str
    solved: bool | None


class NoteOut(Schema):
    """A suggester that could not answer now."""

    suggester: str
    zh: str
    en: str


class DraftSuggestions(Schema):
    matters: list[SuggestedMatter]
    duplicates: list[NearbyOut]
    notes: list[NoteOut]


class CaseSuggestions(Schema):
    matters: list[SuggestedMatter]
    departments: list[DepartmentOut]
    duplicates: list[DuplicateOut]
    similar: list[SimilarOut]
    notes: list[NoteOut]

    @classmethod
    def of(cls, found: Suggestions) -> Self:
        return cls(
            matters=_matters(found),
            departments=[DepartmentOut.model_validate(one) for one in found.departments],
            duplicates=[
                DuplicateOut.model_validate(_with_excerpt(one)) for one in found.duplicates
            ],
            similar=[SimilarOut.model_validate(_with_matter(one)) for one in found.similar],
            notes=[NoteOut.model_validate(one) for one in found.notes],
        )


@router.post(
    "/suggestions",
    auth=optional_actor,
    response=DraftSuggestions,
    summary="Class and nearby cases for a report that is being written",
)
def suggest_for_draft(request: HttpRequest, draft: Draft) -> DraftSuggestions:
    """Nothing is stored. Everybody, staff too, sees only public open cases here."""
    actor = actor_of(request)
    if actor.user is None:
        # Each one compares texts: as many as reports would be too few for a form that asks while
        # it is being filled in, as many as reads too many.
        limit_shared(f"suggest:{actor.ip}", 3 * settings.CHENGYUN.rate_reports)
    lon, lat = _position(draft)
    subject = Subject.of_words(draft.text, lon=lon, lat=lat, matter_id=draft.matter)
    known = Case.objects.filter(public=True, state__in=[state.value for state in OPEN])
    found = suggest(subject, cases=known, staff=False)
    return DraftSuggestions(
        matters=_matters(found),
        duplicates=[NearbyOut.model_validate(_with_excerpt(one)) for one in found.duplicates],
        notes=[NoteOut.model_validate(one) for one in found.notes],
    )


@router.get(
    "/cases/{case_id}/suggestions",
    auth=session_or_token,
    response=CaseSuggestions,
    summary="Class, department, duplicates and similar closed cases",
)
def suggest_for_case(request: HttpRequest, case_id: CaseId) -> CaseSuggestions:
    """All four kinds, from the cases that I may see."""
    actor = actor_of(request)
    cases = visible_cases(actor.scope)
    subject = Subject.of_case(_find(actor, case_id))
    return CaseSuggestions.of(suggest(subject, cases=cases, staff=True))


def _position(draft: Draft) -> tuple[float | None, float | None]:
    """The given point; without one, that of the standard address of this name, if there is any."""
    if draft.lon is not None and draft.lat is not None:
        return draft.lon, draft.lat
    known = Address.objects.filter(full_text=draft.address.strip()).first()
    return (known.geom.x, known.geom.y) if known else (None, None)


def _find(actor: Actor, case_id: int) -> Case:
    case = visible_cases(actor.scope).filter(pk=case_id).first()
    if case is None:
        raise NotFound(
            zh="没有这个案件，或您无权查看。", en="There is no such case, or you may not see it."
        )
    return case


def _matters(found: Suggestions) -> list[SuggestedMatter]:
    """The suggested matters with their names, from the catalogue in memory."""
    known = catalogue().matters
    return [
        SuggestedMatter(
            **asdict(one),
            name_zh=matter.name_zh,
            name_en=matter.name_en,
            class_zh=matter.class_zh,
            class_en=matter.class_en,
        )
        for one in found.matters
        # One that was taken out of the catalogue since cannot be chosen any more.
        if (matter := known.get(one.matter_id))
    ]


def _with_matter(found: DuplicateSuggestion | SimilarCase) -> dict[str, Any]:
    matter = catalogue().matters.get(found.matter_id) if found.matter_id else None
    return asdict(found) | {
        "matter_zh": matter.name_zh if matter else "",
        "matter_en": matter.name_en if matter else "",
    }


def _with_excerpt(duplicate: DuplicateSuggestion) -> dict[str, Any]:
    text = _LONG_NUMBER.sub("***", duplicate.description)
    excerpt = text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
    return _with_matter(duplicate) | {"excerpt": excerpt}
