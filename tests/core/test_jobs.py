"""Background work is there, comes by itself, and may run twice."""

from datetime import timedelta

from django.utils import timezone

from chengyun.core import jobs, outbox
from chengyun.core.audit import record, verify_audit
from chengyun.core.contacts import save_contact
from chengyun.core.models import (
    Contact,
    IdempotencyKey,
    OutboxMessage,
    Presence,
    RateCounter,
    User,
)
from chengyun.core.ratelimit import limit_shared


def test_every_job_comes_by_itself_and_queues_once() -> None:
    planned = {
        task.task.name: task.task.queueing_lock
        for task in jobs.app.periodic_registry.periodic_tasks.values()
        if task.task.name.startswith("chengyun.core.jobs.")
    }
    assert {name.rsplit(".", 1)[1] for name in planned} == {
        "seal_audit",
        "deliver_outbox",
        "erase_contacts",
        "prune",
    }
    assert all(planned.values())
    assert len(set(planned.values())) == len(planned)


def test_each_job_does_its_work_and_may_be_repeated(db, system, monkeypatch) -> None:
    sent = []
    monkeypatch.setattr(outbox, "_drivers", {"sms": lambda message, to: sent.append(to)})
    record(actor=system, action="t.t.t", object_type="t", object_id=1, zh="某", en="some")
    outbox.enqueue(channel="sms", recipient="1", template="t", body={}, dedupe_key="1")
    save_contact(actor=system, phone="1", erase_after=timezone.localdate() - timedelta(days=1))
    for _ in range(2):
        for job in (jobs.seal_audit, jobs.deliver_outbox, jobs.erase_contacts, jobs.prune):
            job(timestamp=0)
    assert verify_audit().entries >= 1
    assert sent == ["1"]
    assert Contact.objects.get().erased_at is not None


def test_what_is_kept_for_a_while_goes(db, settings) -> None:
    now, env = timezone.now(), settings.CHENGYUN
    for age in (env.idempotency_days + 1, 0):
        IdempotencyKey.objects.create(
            scope="t", key=str(age), fingerprint="", created_at=now - timedelta(days=age)
        )
    for key, age, state in (
        ("old", env.contact_retention_days + 1, "sent"),
        ("new", 0, "sent"),
        ("stuck", env.contact_retention_days + 1, "stuck"),
    ):
        OutboxMessage.objects.create(
            channel="sms",
            recipient_encrypted=b"",
            template="t",
            dedupe_key=key,
            state=state,
            sent_at=now - timedelta(days=age),
        )
    limit_shared("somebody", 10)
    RateCounter.objects.update(window_start=now - timedelta(days=2))
    person = User.objects.create_user("li")
    for subject, age in ((1, 2), (2, 0)):
        Presence.objects.create(
            subject_type="case", subject_id=subject, user=person, doing="viewing", since=now,
            seen_at=now - timedelta(days=age),
        )  # fmt: skip
    gone = jobs.prune_old()
    assert gone == {
        "events": 0, "idempotency_keys": 1, "messages": 1, "rate_counters": 1, "presences": 1,
    }  # fmt: skip
    assert set(OutboxMessage.objects.values_list("dedupe_key", flat=True)) == {"new", "stuck"}
    assert jobs.prune_old() == dict.fromkeys(gone, 0)
