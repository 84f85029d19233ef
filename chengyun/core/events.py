"""Domain events: what travels up between apps, and to live pages, as data."""

from collections.abc import Collection
from typing import Any

from . import clock
from .models import DomainEvent

# areas, organisations, matters: the same three columns as on the subject itself.
EventScope = tuple[Collection[str], Collection[str], Collection[str]]


def event(
    *,
    kind: str,
    subject_type: str,
    subject_id: object,
    payload: dict[str, Any] | None = None,
    scope: EventScope = ((), (), ()),
    public: bool = False,
) -> DomainEvent:
    """An unsaved event, for `emit_many`."""
    areas, orgs, matters = scope
    return DomainEvent(
        at=clock.now(),
        kind=kind,
        subject_type=subject_type,
        subject_id=str(subject_id),
        payload=payload or {},
        scope_areas=list(areas),
        scope_orgs=list(orgs),
        scope_matters=list(matters),
        public=public,
    )


def emit(
    *,
    kind: str,
    subject_type: str,
    subject_id: object,
    payload: dict[str, Any] | None = None,
    scope: EventScope = ((), (), ()),
    public: bool = False,
) -> DomainEvent:
    """Tell that something happened: one INSERT. Live readers hear of it when it commits.

    Whoever may not see the scope does not receive the event; `public` events go to everyone,
    so their payload holds nothing personal.
    """
    made = event(
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        payload=payload,
        scope=scope,
        public=public,
    )
    made.save(force_insert=True)
    return made


def emit_many(events: Collection[DomainEvent]) -> list[DomainEvent]:
    """Write events made by `event` in one statement (per 10,000)."""
    return DomainEvent.objects.bulk_create(events, batch_size=10_000)
