"""All suggestions for one subject, each suggester on its own: one that fails stops nothing."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from chengyun.governance.models import Case
from chengyun.governance.suggestions import departments, duplicates, matters, similar
from chengyun.governance.suggestions.classifier import active_classifier
from chengyun.governance.suggestions.departments import DepartmentSuggestion
from chengyun.governance.suggestions.duplicates import DuplicateSuggestion
from chengyun.governance.suggestions.matters import MatterSuggestion
from chengyun.governance.suggestions.similar import SimilarCase
from chengyun.governance.suggestions.subject import Subject

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Note:
    """A suggester that could not answer."""

    suggester: str
    zh: str
    en: str


@dataclass
class Suggestions:
    """What may be chosen, and what could not be said. Nothing is decided here."""

    matters: list[MatterSuggestion] = field(default_factory=list)
    departments: list[DepartmentSuggestion] = field(default_factory=list)
    duplicates: list[DuplicateSuggestion] = field(default_factory=list)
    similar: list[SimilarCase] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def suggest(subject: Subject, *, cases: QuerySet[Case], staff: bool) -> Suggestions:
    """Suggestions from ``cases`` (already limited to what the asker may see). Never raises.

    Citizens get matters and duplicates; staff also departments and similar closed cases.
    """
    answer = Suggestions()
    answer.matters = _guarded(
        "matters", answer.notes, lambda: matters.suggest_matters(subject.text)
    )
    answer.duplicates = _guarded(
        "duplicates", answer.notes, lambda: duplicates.find_duplicates(cases, subject)
    )
    if staff:
        answer.departments = _guarded(
            "departments", answer.notes, lambda: departments.suggest_departments(cases, subject)
        )
        answer.similar = _guarded(
            "similar", answer.notes, lambda: similar.find_similar(cases, subject)
        )
    return answer


def matters_for_report(text: str) -> dict[str, Any]:
    """What is kept with a report: the suggested matters, and by which model. Never raises."""
    notes: list[Note] = []
    found = _guarded("matters", notes, lambda: matters.suggest_matters(text))
    kept: dict[str, Any] = {"matters": [asdict(suggestion) for suggestion in found]}
    if any(suggestion.source == "classifier" for suggestion in found):
        kept["classifier"] = active_classifier().model_id
    if notes:
        kept["notes"] = [asdict(note) for note in notes]
    return kept


def _guarded(name: str, notes: list[Note], ask: Callable[[], list[T]]) -> list[T]:
    try:
        if not connection.in_atomic_block:
            return ask()
        if name == "matters":  # asks memory; a savepoint would cost two statements a report
            return ask()
        with transaction.atomic():  # a failed statement must not spoil the caller's transaction
            return ask()
    except Exception:
        log.exception("the suggester of %s failed", name)
        notes.append(
            Note(
                name,
                "此项建议暂不可用，不影响办理。",
                "Not available now; work can go on without it.",
            )
        )
        return []
