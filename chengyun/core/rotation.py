"""Writing everything encrypted anew with the newest key, so that an old key can be removed."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Model

from .actor import Actor
from .audit import record
from .encryption import decrypt, keyed_digest, rotate
from .models import Contact, OutboxMessage, User

BATCH = 500
# Every encrypted column of the platform; other apps add theirs by `register_encrypted`.
ENCRYPTED: dict[type[Model], tuple[str, ...]] = {
    Contact: ("name_enc", "phone_enc", "email_enc"),
    User: ("phone_encrypted",),
    OutboxMessage: ("recipient_encrypted",),
}


def register_encrypted(model: type[Model], *fields: str) -> None:
    """Say which columns of an app's own table are encrypted; called in `AppConfig.ready`. What
    is not named here is lost when an old key is removed (a test finds it)."""
    ENCRYPTED[model] = fields


def rotate_keys(*, actor: Actor, progress: Callable[[int], None] = lambda _: None) -> int:
    """Re-encrypt every value; returns how many rows. May be interrupted and run again: both
    keys open everything until the old one is removed from the settings."""
    done = 0
    for model, fields in ENCRYPTED.items():
        for rows in _batches(model):
            with transaction.atomic():
                done += _rotate_rows(model, fields, rows)
            progress(done)
    with transaction.atomic():
        record(
            actor=actor,
            action="core.keys.rotate",
            object_type="core.keys",
            object_id="secret_keys",
            zh=f"轮换加密密钥，重写 {done} 条",
            en=f"Rotated the encryption keys, {done} rows written anew",
        )
    return done


def _batches(model: type[Model]) -> Iterator[list[Any]]:
    last: Any = None
    while True:
        rows = model._default_manager.order_by("pk")
        keys = list(
            (rows.filter(pk__gt=last) if last else rows).values_list("pk", flat=True)[:BATCH]
        )
        if not keys:
            return
        last = keys[-1]
        yield keys


def _rotate_rows(model: type[Model], fields: tuple[str, ...], keys: list[Any]) -> int:
    rows: list[Any] = list(model._default_manager.select_for_update().filter(pk__in=keys))
    written = list(fields)
    for row in rows:
        for name in fields:
            value = getattr(row, name)
            if value is not None:
                setattr(row, name, rotate(value))
        if isinstance(row, Contact) and row.phone_enc is not None:
            row.phone_digest = keyed_digest(decrypt(row.phone_enc))
    if model is Contact:
        written.append("phone_digest")
    model._default_manager.bulk_update(rows, written)
    return len(rows)
