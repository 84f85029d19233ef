"""`/live`: domain events as Server-Sent Events, a small native ASGI app.

One connection per process listens on PostgreSQL's channel `chengyun_live`; each event is read
once and handed to the clients whose scope admits it. A client that comes back with
`Last-Event-ID` gets what it missed from the table. Delivery is at least once: an event that
committed late may be sent twice around a reconnection, its number tells.
"""

import asyncio
import contextlib
import json
import logging
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, LiteralString
from urllib.parse import parse_qs

import psycopg
from django.conf import settings

from .access import NOTHING, Scope
from .native import Headers, Receive, Send, authenticate, conninfo, headers_of, refuse
from .problems import Problem, TooMany, Unavailable, sign_in_first

log = logging.getLogger(__name__)

Database = psycopg.AsyncConnection[Any]

_COLUMNS: LiteralString = """
SELECT id, xid::text, at, kind, subject_type, subject_id, payload, scope_areas, scope_orgs,
    scope_matters, public, pg_snapshot_xmin(pg_current_snapshot())::text
FROM core_domainevent
"""
_BY_ID: LiteralString = _COLUMNS + "WHERE id = ANY(%s) ORDER BY id"
_SINCE: LiteralString = (
    _COLUMNS + "WHERE (xid, id) > (%s::xid8, %s) ORDER BY core_domainevent.xid, id LIMIT %s"
)
# Rights may be taken away and sessions end: a stream is judged again this often.
RECHECK_SECONDS = 60.0
REPLAY_BATCH = 1_000
# A notification reaches us this much after its commit at the latest.
LAG_SECONDS = 2.0

# Where to resume: transaction and number of the last event that nothing unsent precedes.
Position = tuple[int, int]


@dataclass(frozen=True)
class Event:
    """One domain event. `horizon` was the oldest open transaction when it was read."""

    number: int
    transaction: int
    horizon: int
    kind: str
    text: str
    areas: frozenset[str]
    orgs: frozenset[str]
    matters: frozenset[str]
    public: bool

    def settled(self) -> Position:
        """The position after this event in the table's order. Transactions from the horizon
        on may still add events before it, so it does not go beyond."""
        return min((self.transaction, self.number), (self.horizon, 0))

    def frame(self, position: Position, *, named: bool = True) -> bytes:
        """The event on the wire; its id is the position from which to resume. A browser's
        EventSource hands unnamed events to one listener, named ones to one for each kind."""
        name = f"event: {self.kind}\n" if named else ""
        return f"id: {position[0]}-{position[1]}\n{name}data: {self.text}\n\n".encode()


@dataclass(eq=False)
class Client:
    """One open stream. `kinds` are prefixes of event kinds, empty for all; `named` says whether
    the kind is written as the event's name too."""

    scope: Scope
    kinds: tuple[str, ...]
    queue: asyncio.Queue[tuple[Event, Position]]
    named: bool = True
    overrun: bool = field(default=False)

    def wants(self, event: Event) -> bool:
        if self.kinds and not event.kind.startswith(self.kinds):
            return False
        return event.public or self.scope.admits(event.areas, event.orgs, event.matters)

    def offer(self, event: Event, position: Position) -> None:
        try:
            self.queue.put_nowait((event, position))
        except asyncio.QueueFull:
            # Let go rather than grow: the client reconnects and reads on from the table.
            self.overrun = True


class Hub:
    """The listener of this process and its clients. It listens while there is a client."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def join(self, client: Client) -> None:
        """Add a client; returns when notifications are being received, so that nothing falls
        between the replay from the table and the first notification."""
        self.clients.add(client)
        if self._task is None or self._task.done():
            self._listening.clear()
            self._task = asyncio.create_task(self._listen())
        waiting = asyncio.create_task(self._listening.wait())
        try:
            await asyncio.wait({waiting, self._task}, timeout=5, return_when="FIRST_COMPLETED")
        finally:
            waiting.cancel()
        if not self._listening.is_set():
            raise ConnectionError("the database does not answer")

    def leave(self, client: Client) -> None:
        self.clients.discard(client)
        if not self.clients and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _listen(self) -> None:
        try:
            async with _connect() as listener, _connect() as reader:
                await listener.execute("LISTEN chengyun_live")
                horizons = deque([(time.monotonic(), await _horizon(reader))])
                self._listening.set()
                while True:
                    # At least one, and whatever arrived with it.
                    numbers = [int(n.payload) async for n in listener.notifies(stop_after=1)]
                    events = await _fetch(reader, _BY_ID, [numbers])
                    now = time.monotonic()
                    while len(horizons) > 1 and now - horizons[1][0] > LAG_SECONDS:
                        horizons.popleft()
                    position = (horizons[0][1], 0)
                    self._hand_out(events, position)
                    if events:
                        horizons.append((now, events[-1].horizon))
        except psycopg.Error as error:
            log.warning("live listener lost the database: %s", error)
        finally:
            self._listening.clear()
            for client in self.clients:
                client.overrun = True  # their streams end; browsers reconnect by themselves

    def _hand_out(self, events: list[Event], position: Position) -> None:
        for event in events:
            for client in self.clients:
                if client.wants(event):
                    client.offer(event, position)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """GET /live?kinds=governance.,core. — the stream of events the caller may see.

    `unnamed=1` leaves out the SSE event name, for listeners of every kind."""
    assert scope["type"] == "http"
    headers = headers_of(scope)
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(status=405, zh="仅支持 GET。", en="Only GET.", headers={"Allow": "GET"})
        query = parse_qs(scope["query_string"].decode("latin-1"))
        resume = _resume(headers.get(b"last-event-id") or query.get("last_event_id", [""])[0])
        hub = _hubs.setdefault(asyncio.get_running_loop(), Hub())
        if len(hub.clients) >= settings.CHENGYUN.live_clients:
            raise TooMany(
                zh="实时连接已满。", en="Too many live streams.", headers={"Retry-After": "10"}
            )
        reach = await authenticate(headers)
        if reach is None and query.get("public") != ["1"]:
            raise sign_in_first()
    except Problem as problem:
        await refuse(send, problem, headers)
        return
    kinds = tuple(kind for kind in ",".join(query.get("kinds", [])).split(",") if kind)
    queue: asyncio.Queue[tuple[Event, Position]] = asyncio.Queue(settings.CHENGYUN.live_queue)
    named = query.get("unnamed") != ["1"]
    client = Client(reach or NOTHING, kinds, queue, named)
    try:
        await hub.join(client)
    except ConnectionError:
        hub.leave(client)
        busy = Unavailable(
            zh="数据库暂时不可用。", en="The database is unavailable.", headers={"Retry-After": "5"}
        )
        await refuse(send, busy, headers)
        return
    try:
        await _stream(client, resume, headers, receive, send)
    finally:
        hub.leave(client)


async def _stream(
    client: Client,
    resume: Position | None,
    headers: Headers,
    receive: Receive,
    send: Send,
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),  # a proxy must not hold events back
            ],
        }
    )

    async def write(data: bytes) -> None:
        await send({"type": "http.response.body", "body": data, "more_body": True})

    gone = asyncio.create_task(_disconnected(receive))
    try:
        await write(b"retry: 3000\n: chengyun live\n\n")
        sent: set[int] = set()
        if resume is not None:
            async for event in _missed(resume):
                sent.add(event.number)
                if client.wants(event):
                    await write(event.frame(event.settled(), named=client.named))
        await _pump(client, headers, sent, gone, write)
    finally:
        gone.cancel()
        with contextlib.suppress(OSError, RuntimeError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pump(
    client: Client,
    headers: Headers,
    sent: set[int],
    gone: asyncio.Task[None],
    write: Callable[[bytes], Awaitable[None]],
) -> None:
    heartbeat = settings.CHENGYUN.live_heartbeat_seconds
    checked = time.monotonic()
    while not gone.done():
        if client.overrun and client.queue.empty():
            return
        getting = asyncio.ensure_future(client.queue.get())
        await asyncio.wait({getting, gone}, timeout=heartbeat, return_when="FIRST_COMPLETED")
        if getting.done():
            event, position = getting.result()
            if event.number not in sent:
                await write(event.frame(position, named=client.named))
        else:
            getting.cancel()
            if not gone.done():
                await write(b": alive\n\n")
        if time.monotonic() - checked > RECHECK_SECONDS:
            checked = time.monotonic()
            sent.clear()
            reach = await authenticate(headers)
            if reach is None and client.scope is not NOTHING:
                return
            client.scope = reach or NOTHING


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _missed(position: Position) -> AsyncIterator[Event]:
    async with _connect() as database:
        while True:
            events = await _fetch(database, _SINCE, [str(position[0]), position[1], REPLAY_BATCH])
            for event in events:
                yield event
            if len(events) < REPLAY_BATCH:
                return
            position = (events[-1].transaction, events[-1].number)


@contextlib.asynccontextmanager
async def _connect() -> AsyncIterator[Database]:
    async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as database:
        yield database


async def _horizon(database: Database) -> int:
    cursor = await database.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _fetch(database: Database, sql: LiteralString, params: list[Any]) -> list[Event]:
    rows = await (await database.execute(sql, params)).fetchall()
    return [
        Event(
            number=row[0],
            transaction=int(row[1]),
            horizon=int(row[11]),
            kind=row[3],
            text=json.dumps(
                {
                    "id": row[0],
                    "at": row[2].isoformat(),
                    "kind": row[3],
                    "subject_type": row[4],
                    "subject_id": row[5],
                    "payload": row[6],
                },
                ensure_ascii=False,
            ),
            areas=frozenset(row[7]),
            orgs=frozenset(row[8]),
            matters=frozenset(row[9]),
            public=row[10],
        )
        for row in rows
    ]


def _resume(text: str) -> Position | None:
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", text)
    if found is None:
        raise Problem(
            status=422,
            zh="Last-Event-ID 无效。",
            en="The Last-Event-ID is not one of ours.",
            field="Last-Event-ID",
        )
    return int(found[1]), int(found[2])
