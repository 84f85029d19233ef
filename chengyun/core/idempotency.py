"""The same submission twice is done once: the stored answer replies to the repetition."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from .models import IdempotencyKey
from .problems import Invalid

_CLAIM = """
INSERT INTO core_idempotencykey (scope, key, fingerprint, created_at)
VALUES (%s, %s, %s, now()) ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""
MAX_KEY = 200


@dataclass(frozen=True)
class Answer:
    """HTTP status and JSON body; `replayed` when it is the answer given the first time."""

    status: int
    body: Any
    replayed: bool


def fingerprint(content: Any) -> str:
    """SHA-256 of a request: bytes as they are, anything else as canonical JSON."""
    if not isinstance(content, bytes):
        content = json.dumps(content, sort_keys=True, default=str).encode("utf-8", "replace")
    return hashlib.sha256(content).hexdigest()


@transaction.atomic
def run_once(
    *,
    scope: str,
    key: str | None,
    content: Any,
    work: Callable[[], tuple[int, Any]],
) -> Answer:
    """Run `work` (→ status, JSON-able body) unless this key was already answered.

    The key is claimed in the transaction of the work: a second caller waits on the unique
    index until the first commits (and gets its answer) or rolls back (and does the work).
    Raises `Invalid` when the key was used with another content, or is no proper key.
    """
    if key is None:
        status, body = work()
        return Answer(status, body, replayed=False)
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid(
            zh=f"幂等键须为 1 至 {MAX_KEY} 个可见字符。",
            en=f"An idempotency key has 1 to {MAX_KEY} printable characters.",
            field="Idempotency-Key",
        )
    print_ = fingerprint(content)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [scope, key, print_])
        claimed = cursor.fetchone()
    if claimed is None:
        return _replay(IdempotencyKey.objects.get(scope=scope, key=key), print_)
    status, body = work()
    IdempotencyKey.objects.filter(pk=claimed[0]).update(status=status, response=body)
    return Answer(status, body, replayed=False)


def _replay(stored: IdempotencyKey, print_: str) -> Answer:
    if stored.fingerprint != print_:
        raise Invalid(
            zh="此幂等键已用于另一内容。",
            en="This idempotency key was used for another content.",
            type="urn:chengyun:problem:idempotency-key-reused",
            field="Idempotency-Key",
            remedy_zh="请为新的提交使用新的键。",
            remedy_en="Use a new key for a new submission.",
        )
    assert stored.status is not None  # written in the transaction that made the row
    return Answer(stored.status, stored.response, replayed=True)
