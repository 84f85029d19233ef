"""The way out for every message: a row first, then a worker that tries until it arrives.

A message is handed to its driver at least once. A worker that dies while sending leaves a
lease that runs out; receivers recognise the repetition by the key that travels along.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from .contacts import mask_email, mask_phone
from .encryption import UndecipherableError, decrypt, encrypt
from .events import emit
from .models import OutboxMessage

log = logging.getLogger(__name__)

Channel = OutboxMessage.Channel
State = OutboxMessage.State
# (message, recipient in clear) → None, or raises with a reason.
Driver = Callable[[OutboxMessage, str], None]

BATCH = 10
LEASE = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
HTTP_TIMEOUT = 20.0

_ENQUEUE = """
INSERT INTO core_outboxmessage (channel, recipient_encrypted, template, body, dedupe_key, state,
    attempts, next_try, last_error, created_at)
VALUES (%s, %s, %s, %s, %s, 'waiting', 0, now(), '', now())
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
"""


class DeliveryError(Exception):
    """The message could not be handed over; the text is kept as last_error."""


def enqueue(
    *, channel: str, recipient: str, template: str, body: dict[str, Any], dedupe_key: str
) -> bool:
    """Put a message in the outbox, in the caller's transaction; False when `dedupe_key` is
    already there. `body` holds what the channel needs: text (sms), subject and text (email),
    anything (webhook; `template` names the kind of event). One INSERT."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ENQUEUE,
            [
                Channel(channel).value,
                encrypt(recipient),
                template,
                json.dumps(body, ensure_ascii=False),
                dedupe_key,
            ],
        )
        return cursor.fetchone() is not None


def register_driver(channel: str, driver: Driver) -> None:
    """Let an app above carry a channel; the last one to register does."""
    _drivers[channel] = driver


def deliver_due() -> int:
    """Send everything that is due; returns how many messages were sent. Two workers share
    the work: each claims rows that the other has not locked."""
    sent = 0
    while messages := _claim():
        sent += sum(_deliver(message) for message in messages)
    return sent


def stuck_messages() -> QuerySet[OutboxMessage]:
    """Messages that no try will send any more until somebody looks."""
    return OutboxMessage.objects.filter(state=State.STUCK).order_by("id")


def masked_recipient(message: OutboxMessage) -> str:
    try:
        recipient = decrypt(message.recipient_encrypted)
    except UndecipherableError:
        return "?"
    if message.channel == Channel.SMS:
        return mask_phone(recipient)
    if message.channel == Channel.EMAIL:
        return mask_email(recipient)
    return recipient.split("?")[0]


def _claim() -> list[OutboxMessage]:
    now = timezone.now()
    with transaction.atomic():
        # `sending` is due again when its lease is over: the worker died.
        due = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(Q(state__in=[State.WAITING, State.FAILED, State.SENDING]), next_try__lte=now)
            .order_by("next_try")[:BATCH]
        )
        for message in due:
            message.state = State.SENDING
            message.attempts += 1
            message.next_try = now + LEASE
        OutboxMessage.objects.bulk_update(due, ["state", "attempts", "next_try"])
    return due


def _deliver(message: OutboxMessage) -> bool:
    driver = _drivers.get(message.channel)
    try:
        if driver is None:
            raise DeliveryError(f"no driver carries the channel {message.channel}")
        driver(message, decrypt(message.recipient_encrypted))
    except Exception as error:  # noqa: BLE001  (whatever a driver raises, the row must say so)
        _failed(message, error)
        return False
    # attempts: had our lease run out, another worker's result must not be overwritten.
    OutboxMessage.objects.filter(
        pk=message.pk, state=State.SENDING, attempts=message.attempts
    ).update(state=State.SENT, sent_at=timezone.now(), last_error="")
    return True


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: 30 s, doubled each time, at most 6 h."""
    doublings: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


@transaction.atomic
def _failed(message: OutboxMessage, error: Exception) -> None:
    stuck = message.attempts >= settings.CHENGYUN.outbox_max_attempts
    reason = f"{type(error).__name__}: {error}".replace("\0", "")[:1000]
    changed = OutboxMessage.objects.filter(
        pk=message.pk, state=State.SENDING, attempts=message.attempts
    ).update(
        state=State.STUCK if stuck else State.FAILED,
        next_try=timezone.now() + wait_after(message.attempts),
        last_error=reason,
    )
    log.warning("outbox %s: try %s failed: %s", message.pk, message.attempts, reason)
    if changed and stuck:
        emit(
            kind="core.outbox.stuck",
            subject_type="core.outboxmessage",
            subject_id=message.pk,
            payload={"channel": message.channel, "template": message.template},
        )


def _email(message: OutboxMessage, recipient: str) -> None:
    body = message.body
    send_mail(body.get("subject", ""), body.get("text", ""), None, [recipient])


def _sms(message: OutboxMessage, recipient: str) -> None:
    text = message.body.get("text", "")
    if settings.CHENGYUN.sms_driver == "console":
        log.info("sms to %s: %s", mask_phone(recipient), text)
        return
    token = settings.CHENGYUN.sms_token.get_secret_value()
    answer = httpx.post(
        settings.CHENGYUN.sms_url,
        json={"to": recipient, "text": text, "id": message.dedupe_key},
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=HTTP_TIMEOUT,
    )
    _expect_success(answer)


def sign(content: bytes) -> str:
    """The signature header of a webhook: "sha256=" and the HMAC under the shared secret."""
    secret = settings.CHENGYUN.webhook_secret.get_secret_value().encode()
    return "sha256=" + hmac.new(secret, content, hashlib.sha256).hexdigest()


def _webhook(message: OutboxMessage, recipient: str) -> None:
    content = json.dumps(
        {"kind": message.template, "key": message.dedupe_key, "data": message.body},
        ensure_ascii=False,
    ).encode()
    answer = httpx.post(
        recipient,
        content=content,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(message.dedupe_key.encode()).hexdigest(),
            "X-Chengyun-Signature": sign(content),
        },
        timeout=HTTP_TIMEOUT,
    )
    _expect_success(answer)


def _expect_success(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise DeliveryError(f"{answer.url.host} answered {answer.status_code}")


_drivers: dict[str, Driver] = {
    Channel.EMAIL: _email,
    Channel.SMS: _sms,
    Channel.WEBHOOK: _webhook,
}
