"""The outbox: every message arrives, or somebody sees that it does not."""

import hashlib
import hmac
import json
from datetime import timedelta

import httpx
import pytest
from django.core import mail
from django.utils import timezone

from chengyun.core import outbox
from chengyun.core.actions import retry_message
from chengyun.core.models import AuditEntry, DomainEvent, OutboxMessage
from chengyun.core.outbox import deliver_due, enqueue, stuck_messages, wait_after
from chengyun.core.problems import Conflict
from tests.at_once import at_once

State = OutboxMessage.State


@pytest.fixture
def drive(monkeypatch):
    """drive(f): messages of every channel go to f(message, recipient)."""

    def use(driver):
        monkeypatch.setattr(outbox, "_drivers", dict.fromkeys(OutboxMessage.Channel, driver))

    return use


def put(key: str = "1", channel: str = "webhook", **fields) -> bool:
    made = {"recipient": "http://peer/hook", "template": "case.closed", "body": {"text": "好"}}
    return enqueue(channel=channel, dedupe_key=key, **{**made, **fields})


def later(seconds: float = 1e6) -> None:
    """Let the waiting time pass."""
    OutboxMessage.objects.update(next_try=timezone.now() - timedelta(seconds=1))


def test_a_message_is_sent_once(db, drive) -> None:
    sent = []
    drive(lambda message, recipient: sent.append((recipient, message.body)))
    put()
    assert deliver_due() == 1
    assert deliver_due() == 0
    assert sent == [("http://peer/hook", {"text": "好"})]
    assert OutboxMessage.objects.get().state == State.SENT


def test_the_same_key_is_one_message(db, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert put("k")
    assert not put("k")
    assert OutboxMessage.objects.count() == 1


def test_a_failure_waits_longer_each_time_and_then_is_stuck(db, drive, set_environment) -> None:
    set_environment(outbox_max_attempts=3)

    def fail(message, recipient):
        raise ConnectionError("the gateway is away")

    drive(fail)
    put()
    waits = []
    for attempt in (1, 2, 3):
        before = timezone.now()
        assert deliver_due() == 0
        message = OutboxMessage.objects.get()
        assert message.attempts == attempt
        waits.append((message.next_try - before).total_seconds())
        assert deliver_due() == 0, "not due yet"
        later()
    assert waits == sorted(waits)
    assert waits[1] == pytest.approx(60, abs=2)
    assert message.state == State.STUCK
    assert message.last_error == "ConnectionError: the gateway is away"
    assert list(stuck_messages()) == [message]
    assert DomainEvent.objects.get(kind="core.outbox.stuck").payload["channel"] == "webhook"
    drive(lambda message, recipient: None)
    assert deliver_due() == 0, "a stuck message waits for somebody"


def test_the_wait_has_a_ceiling() -> None:
    assert wait_after(1) == timedelta(seconds=30)
    assert wait_after(1000) == timedelta(hours=6)


def test_somebody_sends_it_again(administrator, bearer, client, drive, set_environment) -> None:
    set_environment(outbox_max_attempts=1)

    def fail(message, recipient):
        raise ConnectionError("away")

    drive(fail)
    put(channel="sms", recipient="13987650000")
    deliver_due()
    headers = bearer(administrator, "admin")
    (shown,) = client.get("/api/outbox/stuck", headers=headers).json()["items"]
    assert (shown["recipient"], shown["last_error"]) == ("139****0000", "ConnectionError: away")
    answer = client.post(f"/api/outbox/{shown['id']}/retry", headers=headers)
    assert answer.json()["state"] == "waiting"
    drive(lambda message, recipient: None)
    assert deliver_due() == 1
    assert AuditEntry.objects.filter(action="core.outbox.retry").exists()
    assert client.post(f"/api/outbox/{shown['id']}/retry", headers=headers).status_code == 409


def test_only_a_failed_message_is_sent_again(db, system) -> None:
    put()
    with pytest.raises(Conflict):
        retry_message(actor=system, message=OutboxMessage.objects.get())


def test_a_dead_workers_message_is_taken_over(db, drive, monkeypatch) -> None:
    class Killed(BaseException):
        pass

    def die(message, recipient):
        raise Killed

    drive(die)
    put()
    with pytest.raises(Killed):
        deliver_due()
    assert OutboxMessage.objects.get().state == State.SENDING
    sent = []
    drive(lambda message, recipient: sent.append(recipient))
    assert deliver_due() == 0, "its lease still runs"
    later()
    assert deliver_due() == 1
    assert len(sent) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_nothing_twice(drive) -> None:
    sent: list[str] = []
    drive(lambda message, recipient: sent.append(message.dedupe_key))
    for number in range(60):
        put(str(number))

    at_once(2, deliver_due)
    assert sorted(sent, key=int) == [str(number) for number in range(60)]
    assert not OutboxMessage.objects.exclude(state=State.SENT).exists()


def test_one_bad_message_does_not_hold_the_others_up(db, drive) -> None:
    def picky(message, recipient):
        if message.dedupe_key == "bad":
            raise ValueError("no")

    drive(picky)
    put("bad")
    put("good")
    assert deliver_due() == 1


def test_mails_are_sent(db) -> None:
    put(channel="email", recipient="a@example.com", body={"subject": "结案", "text": "已解决"})
    assert deliver_due() == 1
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (["a@example.com"], "结案")


@pytest.fixture
def gateway(monkeypatch):
    """Takes what httpx would send; gateway.status is its answer."""

    class Gateway:
        status = 200
        requests: list[dict] = []

        def post(self, url, **fields):
            self.requests.append({"url": url, **fields})
            return httpx.Response(self.status, request=httpx.Request("POST", url))

    gateway = Gateway()
    gateway.requests = []
    monkeypatch.setattr(httpx, "post", gateway.post)
    return gateway


def test_webhooks_are_signed_and_carry_their_key(db, gateway, settings) -> None:
    put()
    assert deliver_due() == 1
    (request,) = gateway.requests
    secret = settings.CHENGYUN.webhook_secret.get_secret_value().encode()
    expected = hmac.new(secret, request["content"], hashlib.sha256).hexdigest()
    assert request["headers"]["X-Chengyun-Signature"] == f"sha256={expected}"
    assert request["headers"]["Idempotency-Key"]
    assert json.loads(request["content"])["data"] == {"text": "好"}


def test_texts_go_to_the_gateway(db, gateway, set_environment) -> None:
    set_environment(sms_driver="http", sms_url="http://sms/send")
    put(channel="sms", recipient="13987650000")
    assert deliver_due() == 1
    assert gateway.requests[0]["json"]["to"] == "13987650000"


def test_a_refusal_of_the_peer_is_a_failure(db, gateway) -> None:
    gateway.status = 500
    put()
    assert deliver_due() == 0
    assert OutboxMessage.objects.get().last_error == "DeliveryError: peer answered 500"


def test_a_channel_without_a_driver_says_so(db, monkeypatch) -> None:
    monkeypatch.setattr(outbox, "_drivers", {})
    put(channel="open311")
    deliver_due()
    assert "no driver" in OutboxMessage.objects.get().last_error
