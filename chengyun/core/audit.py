"""The audit: append-only entries, sealed afterwards by a chain of hashes."""

from collections.abc import Sequence
from typing import Any

from .actor import Actor
from .models import AuditEntry

JsonObject = dict[str, Any]


def entry(
    *,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: object,
    zh: str,
    en: str,
    before: JsonObject | None = None,
    after: JsonObject | None = None,
) -> AuditEntry:
    """An unsaved entry, for `record_many`."""
    return AuditEntry(
        actor=actor.user,
        actor_label=actor.label,
        ip=actor.ip,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        sentence_zh=zh,
        sentence_en=en,
        before=before,
        after=after,
    )


def record(
    *,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: object,
    zh: str,
    en: str,
    before: JsonObject | None = None,
    after: JsonObject | None = None,
) -> AuditEntry:
    """Write one entry: one INSERT, inside the transaction of the action it tells of.

    `action` is a namespaced code ("governance.case.dispatch"); `zh` and `en` say the same in a
    sentence a person reads. Contact data never goes in: it could not be erased any more.
    """
    made = entry(
        actor=actor,
        action=action,
        object_type=object_type,
        object_id=object_id,
        zh=zh,
        en=en,
        before=before,
        after=after,
    )
    made.save(force_insert=True)
    return made


def record_many(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Write entries made by `entry` in one statement (per 10,000)."""
    return AuditEntry.objects.bulk_create(entries, batch_size=10_000)
