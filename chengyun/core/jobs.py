"""Background work of core. Every job may run twice at once, or be killed and run again."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from . import audit, contacts, outbox
from .models import DomainEvent, IdempotencyKey, OutboxMessage, Presence, RateCounter

PRUNE_BATCH = 10_000


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="core.seal_audit", pass_context=False)
def seal_audit(timestamp: int) -> None:
    audit.seal_audit()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="core.deliver_outbox", pass_context=False)
def deliver_outbox(timestamp: int) -> None:
    outbox.deliver_due()


@app.periodic(cron="17 2 * * *")
@app.task(queueing_lock="core.erase_contacts", pass_context=False)
def erase_contacts(timestamp: int) -> None:
    contacts.erase_due_contacts()


@app.periodic(cron="41 2 * * *")
@app.task(queueing_lock="core.prune", pass_context=False)
def prune(timestamp: int) -> None:
    prune_old()


def prune_old() -> dict[str, int]:
    """Delete what is only kept for a while; returns how many rows went, by table.

    In batches by key, so that no statement holds locks for long.
    """
    env, now = settings.CHENGYUN, timezone.now()
    events = now - timedelta(days=env.event_retention_days)
    keys = now - timedelta(days=env.idempotency_days)
    messages = now - timedelta(days=env.contact_retention_days)
    old = {
        "events": DomainEvent.objects.filter(at__lt=events),
        "idempotency_keys": IdempotencyKey.objects.filter(created_at__lt=keys),
        # A sent message holds a person's address: it goes when their contact would.
        "messages": OutboxMessage.objects.filter(
            state=OutboxMessage.State.SENT, sent_at__lt=messages
        ),
        "rate_counters": RateCounter.objects.filter(window_start__lt=now - timedelta(days=1)),
        "presences": Presence.objects.filter(seen_at__lt=now - timedelta(days=1)),
    }
    gone: dict[str, int] = {}
    for name, rows in old.items():
        gone[name] = 0
        while True:
            batch = list(rows.values_list("pk", flat=True)[:PRUNE_BATCH])
            if not batch:
                break
            gone[name] += rows.model._default_manager.filter(pk__in=batch).delete()[0]
    return gone
