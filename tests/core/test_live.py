"""Live events: filtered by what one may see, resumed without a gap."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction

from chengyun.core import live
from chengyun.core.actions import grant_role, issue_token, revoke_token
from chengyun.core.events import emit
from chengyun.core.jobs import prune_old
from chengyun.core.models import DomainEvent, Role

pytestmark = pytest.mark.django_db(transaction=True)


class Stream:
    """One GET /live driven in-process; frames are read as a browser would."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.leave = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self._sent.put(message)

    async def start(self) -> None:
        self.status = (await asyncio.wait_for(self._sent.get(), 10))["status"]

    async def event(self) -> dict[str, Any]:
        """The next event: its data, and `position` to resume from."""
        while b"\n\n" not in self.body or b"data: " not in self.body.split(b"\n\n")[0]:
            if b"\n\n" in self.body:
                self.body = self.body.split(b"\n\n", 1)[1]
                continue
            message = await asyncio.wait_for(self._sent.get(), 10)
            if not message.get("more_body"):
                raise EOFError
            self.body += message["body"]
        frame, self.body = self.body.split(b"\n\n", 1)
        fields = dict(line.split(": ", 1) for line in frame.decode().split("\n"))
        return {**json.loads(fields["data"]), "position": fields["id"], "event": fields["event"]}

    async def rest(self) -> list[dict[str, Any]]:
        """Every further event until the server ends the stream."""
        events = []
        with suppress(EOFError):
            while True:
                events.append(await self.event())
        return events

    async def number(self) -> str:
        return (await self.event())["subject_id"]


@asynccontextmanager
async def listening(
    headers: dict[str, str] | None = None, query: str = ""
) -> AsyncIterator[Stream]:
    stream = Stream()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live",
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    task = asyncio.create_task(live.app(scope, stream.receive, stream.send))
    try:
        await stream.start()
        # The greeting is written when notifications are being received.
        if stream.status == 200:
            while b"chengyun live" not in stream.body:
                stream.body += (await asyncio.wait_for(stream._sent.get(), 10))["body"]
        yield stream
    finally:
        stream.leave.set()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(task, 5)


def put(number: str, area: str | None = None, **fields: Any) -> DomainEvent:
    scope = ([area] if area else [], [], [])
    return emit(kind="test.thing.do", subject_type="t", subject_id=number, scope=scope, **fields)


put_async = sync_to_async(put)


@pytest.fixture
def token(make_user, system):
    """token("d1"): headers of somebody who may see that area."""

    def make(area: str, scopes: tuple[str, ...] = ("read",)) -> dict[str, str]:
        user = make_user(f"user-{area}")
        grant_role(actor=system, user=user, role=Role.ACCEPTOR, area_code=area)
        DomainEvent.objects.all().delete()
        _, text = issue_token(actor=system, user=user, name="live", scopes=scopes)
        return {"Authorization": f"Bearer {text}"}

    return make


def run(coroutine) -> None:
    async def main() -> None:
        try:
            await coroutine
        finally:
            await sync_to_async(connections.close_all)()

    asyncio.run(main())


def test_each_listener_hears_what_it_may_see(token) -> None:
    first, second = token("d1"), token("d2")

    async def scene() -> None:
        async with listening(first) as one, listening(second) as two:
            for number, area in (("1", "d1"), ("2", "d2"), ("3", None), ("4", "d1")):
                await put_async(number, area)
            await put_async("5", None, public=True)
            assert [await one.number() for _ in range(3)] == ["1", "4", "5"]
            assert [await two.number() for _ in range(2)] == ["2", "5"]

    run(scene())


def test_an_event_tells_its_kind_and_payload(token) -> None:
    headers = token("d1")

    async def scene() -> None:
        async with listening(headers) as stream:
            await put_async("7", "d1", payload={"题": "井盖"})
            event = await stream.event()
            assert event["event"] == event["kind"] == "test.thing.do"
            assert event["payload"] == {"题": "井盖"}

    run(scene())


def test_what_was_missed_is_told_on_return(token) -> None:
    headers = token("d1")

    async def scene() -> None:
        async with listening(headers) as stream:
            await put_async("1", "d1")
            position = (await stream.event())["position"]
        for number in ("2", "3"):
            await put_async(number, "d1")
        await put_async("hidden", "d2")
        async with listening({**headers, "Last-Event-ID": position}) as stream:
            seen = [await stream.number()]
            while seen[-1] != "3":
                seen.append(await stream.number())
            # At least once: what was seen shortly before may come again, nothing is left out.
            assert [number for number in seen if number != "1"] == ["2", "3"]
            await put_async("4", "d1")
            assert await stream.number() == "4"

    run(scene())


def test_a_long_absence_is_made_up_for(token, monkeypatch) -> None:
    monkeypatch.setattr(live, "REPLAY_BATCH", 7)
    headers = token("d1")
    first = put("start", "d1")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT xid::text FROM core_domainevent WHERE id = %s", [first.pk])
        position = f"{cursor.fetchone()[0]}-{first.pk}"
    with transaction.atomic():
        for number in range(30):
            put(str(number), "d1")

    async def scene() -> None:
        async with listening({**headers, "Last-Event-ID": position}) as stream:
            seen = [await stream.number() for _ in range(30)]
            assert seen == [str(number) for number in range(30)]

    run(scene())


def test_an_event_that_commits_late_is_not_lost_on_return(token) -> None:
    """A lower number may become visible after a higher one was already sent."""
    headers = token("d1")
    written, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            put("early number, late commit", "d1")
            written.set()
            finish.wait(10)
        connections.close_all()

    async def scene() -> None:
        async with listening(headers) as stream:
            thread = threading.Thread(target=slow)
            thread.start()
            await asyncio.to_thread(written.wait, 10)
            await put_async("quick", "d1")
            event = await stream.event()
            assert event["subject_id"] == "quick"
        finish.set()
        await asyncio.to_thread(thread.join)
        async with listening({**headers, "Last-Event-ID": event["position"]}) as stream:
            seen = {await stream.number(), await stream.number()}
            assert "early number, late commit" in seen

    run(scene())


def test_nothing_of_a_rolled_back_transaction_is_told(token) -> None:
    headers = token("d1")

    @sync_to_async
    def fail() -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            put("never", "d1")
            raise ZeroDivisionError

    async def scene() -> None:
        async with listening(headers) as stream:
            await fail()
            await put_async("after", "d1")
            assert await stream.number() == "after"

    run(scene())


def test_kinds_can_be_chosen(token) -> None:
    headers = token("d1")

    @sync_to_async
    def other() -> None:
        emit(kind="other.kind", subject_type="t", subject_id="other", scope=(["d1"], [], []))

    async def scene() -> None:
        async with listening(headers, "kinds=other.,more.") as stream:
            await put_async("1", "d1")
            await other()
            assert await stream.number() == "other"

    run(scene())


def test_a_session_opens_the_stream(make_user, signed_in) -> None:
    user = make_user("li", Role.LEADER)
    cookie = signed_in(user).cookies["chengyun_session"].value

    async def scene() -> None:
        async with listening({"Cookie": f"a=b; chengyun_session={cookie}"}) as stream:
            await put_async("1", "d1")
            assert await stream.number() == "1"

    run(scene())


def test_a_post_that_demands_a_second_factor_demands_it_here(
    make_user, signed_in, set_environment
) -> None:
    set_environment(mfa_roles=["leader"])
    cookie = signed_in(make_user("li", Role.LEADER)).cookies["chengyun_session"].value

    async def scene() -> None:
        async with listening({"Cookie": f"chengyun_session={cookie}"}) as stream:
            assert stream.status == 401

    run(scene())


STRANGERS = [
    ({}, "", 401),
    ({"Authorization": "Bearer cy_nonsense"}, "", 401),
    ({"Cookie": "chengyun_session=nonsense"}, "", 401),
    ({"Cookie": 'chengyun_session="\\000"'}, "", 401),
    ({"Last-Event-ID": "abc"}, "", 422),
    ({"Last-Event-ID": "1-99999999999999999999"}, "", 422),
    ({}, "public=1", 200),
]


def test_strangers_are_turned_away() -> None:
    async def scene() -> None:
        for headers, query, status in STRANGERS:
            async with listening(headers, query) as stream:
                assert stream.status == status, headers

    run(scene())


def test_a_token_needs_the_scope_to_read(token) -> None:
    headers = token("d1", ("write",))

    async def scene() -> None:
        async with listening(headers) as stream:
            assert stream.status == 401

    run(scene())


def test_a_revoked_token_ends_its_stream(make_user, system, set_environment, monkeypatch) -> None:
    monkeypatch.setattr(live, "RECHECK_SECONDS", 0.0)
    set_environment(live_heartbeat_seconds=1)
    user = make_user("li", Role.LEADER)
    token, text = issue_token(actor=system, user=user, name="live", scopes=["read"])

    async def scene() -> None:
        async with listening({"Authorization": f"Bearer {text}"}) as stream:
            await sync_to_async(revoke_token)(actor=system, token=token)
            assert await stream.rest() == []

    run(scene())


def test_a_quiet_stream_shows_signs_of_life(token, set_environment) -> None:
    set_environment(live_heartbeat_seconds=1)
    headers = token("d1")

    async def scene() -> None:
        async with listening(headers) as stream:
            message = await asyncio.wait_for(stream._sent.get(), 10)
            assert message["body"] == b": alive\n\n"

    run(scene())


def test_a_listener_too_many_is_sent_away(token, set_environment) -> None:
    set_environment(live_clients=1)
    headers = token("d1")

    async def scene() -> None:
        async with listening(headers) as one, listening(headers) as two:
            assert (one.status, two.status) == (200, 429)

    run(scene())


def test_a_slow_listener_is_let_go_and_misses_nothing_on_return(token, set_environment) -> None:
    set_environment(live_queue=8)
    headers = token("d1")

    @sync_to_async
    def many() -> None:
        with transaction.atomic():
            for number in range(50):
                put(str(number), "d1")

    async def scene() -> None:
        seen = []
        async with listening(headers) as stream:
            await put_async("start", "d1")
            position = (await stream.event())["position"]
            await many()
            for event in await stream.rest():
                seen.append(event["subject_id"])
                position = event["position"]
        assert len(seen) < 50
        async with listening({**headers, "Last-Event-ID": position}) as stream:
            while "49" not in seen:
                seen.append(await stream.number())
        assert {str(number) for number in range(50)} <= set(seen)

    run(scene())


def test_old_events_are_pruned(set_environment) -> None:
    from datetime import timedelta

    from django.utils import timezone

    put("old", "d1")
    DomainEvent.objects.update(at=timezone.now() - timedelta(days=31))
    put("new", "d1")
    assert prune_old()["events"] == 1
    assert DomainEvent.objects.get().subject_id == "new"
