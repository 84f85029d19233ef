"""The audit: append-only entries, sealed afterwards by a chain of hashes.

A seal is SHA-256 over the digest of the seal before it and over every entry of its run, in
order. Chaining each entry while it is written would make all writers queue behind one row;
sealing a minute later costs them nothing (decisions/0011).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from . import clock
from .actor import Actor
from .models import AuditEntry, AuditSeal
from .words import Both

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
        at=clock.now(),
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


SEAL_BATCH = 10_000
_LOCK_WAIT = "300ms"
# jsonb as PostgreSQL prints it is canonical: same value, same text. Times as microseconds.
_ROWS = """
SELECT id, (extract(epoch FROM at) * 1000000)::bigint, actor_id, actor_label, host(ip), action,
    object_type, object_id, sentence_zh, sentence_en, before::text, after::text
FROM core_auditentry WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
"""


@dataclass(frozen=True)
class VerifyResult:
    """What `verify_audit` found; `first_broken` is the id of the first seal that is wrong."""

    ok: bool
    seals: int
    entries: int
    first_broken: int | None = None
    why: str = ""
    why_zh: str = ""


def seal_audit() -> int:
    """Seal every entry that is not sealed yet; returns how many were.

    Numbers are given before commit, so the highest visible one may have smaller ones still to
    come. A moment of a SHARE lock (which waits for open writers, at most 300 ms) tells a
    number below which nothing more can appear. When writers hold on longer, nothing is sealed
    and the next run tries again.
    """
    stable = _stable_maximum()
    if stable is None:
        return 0
    sealed = 0
    while count := _seal_batch(stable):
        sealed += count
    return sealed


def _stable_maximum() -> int | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'")
            cursor.execute("LOCK TABLE core_auditentry IN SHARE MODE")
            cursor.execute("SELECT max(id) FROM core_auditentry")
            (maximum,) = cursor.fetchone()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock not available
            raise
        return None
    return maximum or None


@transaction.atomic
def _seal_batch(stable: int) -> int:
    with connection.cursor() as cursor:
        # Two sealers at once would fork the chain; the second one has nothing to do.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('core.audit.seal'))")
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-id").first()
    previous = last.digest if last else ""
    digest = hashlib.sha256(previous.encode())
    first = final = count = 0
    for number, line in _lines(last.last_entry if last else 0, stable, SEAL_BATCH):
        first, final, count = first or number, number, count + 1
        digest.update(line)
    if count:
        AuditSeal.objects.create(
            first_entry=first,
            last_entry=final,
            entries=count,
            digest=digest.hexdigest(),
            previous=previous,
        )
    return count


def verify_audit() -> VerifyResult:
    """Compute every seal anew from the entries. Entries not sealed yet are not judged."""
    previous, last_entry, seals, entries = "", 0, 0, 0
    for seal in AuditSeal.objects.order_by("id").iterator():
        digest, count, first, final = hashlib.sha256(previous.encode()), 0, 0, 0
        for number, line in _lines(last_entry, seal.last_entry, None):
            first, final, count = first or number, number, count + 1
            digest.update(line)
        why = None
        if seal.previous != previous:
            why = Both(
                "与前一封印不相接（有封印被删除或改动）",
                "it does not continue the seal before it (a seal was removed or changed)",
            )
        elif count != seal.entries:
            why = Both(
                f"封存时有 {seal.entries} 条记录，现有 {count} 条",
                f"it sealed {seal.entries} entries, now there are {count}",
            )
        elif (first, final) != (seal.first_entry, seal.last_entry):
            why = Both("首条或末条记录缺失", "its first or last entry is missing")
        elif digest.hexdigest() != seal.digest:
            why = Both(
                f"记录 {first} 至 {final} 中有一条被改动",
                f"an entry from {first} to {final} was changed",
            )
        if why:
            return VerifyResult(False, seals, entries, seal.pk, why.en, why.zh)
        previous, last_entry = seal.digest, seal.last_entry
        seals, entries = seals + 1, entries + count
    return VerifyResult(True, seals, entries)


def _lines(after: int, until: int, limit: int | None) -> Iterator[tuple[int, bytes]]:
    """Entries as hashed: (id, canonical JSON line)."""
    with connection.cursor() as cursor:
        while limit is None or limit > 0:
            size = SEAL_BATCH if limit is None else min(limit, SEAL_BATCH)
            cursor.execute(_ROWS, [after, until, size])
            rows = cursor.fetchall()
            for row in rows:
                yield row[0], (json.dumps(row, ensure_ascii=False) + "\n").encode()
            if len(rows) < size:
                return
            after = rows[-1][0]
            limit = None if limit is None else limit - len(rows)
