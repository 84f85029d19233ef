"""Reads tiles and remembers them: one service for each event loop, that is for each process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from typing import Any

import brotli
import psycopg
from django.conf import settings
from django.utils import timezone
from isal import isal_zlib
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from chengyun.city.tiles.layer import Layer, Question, Tile
from chengyun.city.tiles.line import MOST_WAITING, Lines, statement
from chengyun.core.access import NOTHING, Scope
from chengyun.core.native import Headers, authenticate, conninfo, credential
from chengyun.core.problems import Unavailable

#: No tile is larger than this, before gzip.
MAX_BYTES = 500_000
#: A change of a layer shows after this time at the latest; it is one statement in so long.
VERSION_SECONDS = 1.0
#: Rights that were taken away end here after this time at the latest.
CALLER_SECONDS = 5.0
#: A map tile that takes longer is given up.
STATEMENT_MS = 10_000
#: How long a request waits for a free connection.
WAIT_SECONDS = 10.0
GZIP_FROM = 1024
#: ISA-L's: a fifth of zlib's time for what a tile of points is at its level 5, 4 % larger.
PACKING, GZIP = 1, 31
_CALLERS = 10_000
_GONE = object()


@dataclass(frozen=True, slots=True)
class Content:
    """A tile as it is sent: gzip when `packed`, and by then perhaps as `brotli` too. An empty tile
    has no body."""

    body: bytes
    packed: bool
    etag: str
    brotli: bytes = b""


def content_of(raw: bytes) -> Content:
    etag = f'W/"{blake2b(raw, digest_size=12).hexdigest()}"'
    if len(raw) <= GZIP_FROM:
        return Content(raw, False, etag)
    return Content(isal_zlib.compress(raw, PACKING, GZIP), True, etag)


class TookTooLong(Unavailable):
    """The statement met its timeout."""


def no_database() -> Unavailable:
    return Unavailable(
        zh="数据库暂时不可用。",
        en="The database is unavailable for the moment.",
        headers={"Retry-After": "2"},
    )


def no_table() -> Unavailable:
    return Unavailable(
        zh="此图层的数据表缺失或已改变。",
        en="The table behind this layer is missing, or is not what it was.",
        remedy_zh="请联系图层的管理人员恢复数据表，或删除该图层。",
        remedy_en="Ask its keeper to bring the table back, or to remove the layer.",
        headers={"Retry-After": "60"},
    )


class Memory:
    """What was read, up to a number of bytes; what was asked longest ago goes first."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._kept: OrderedDict[Hashable, tuple[float, Content]] = OrderedDict()

    def get(self, key: Hashable) -> Content | None:
        found = self._kept.get(key)
        if found is None or found[0] < time.monotonic():
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, content: Content, seconds: float | None) -> None:
        self._drop(key)
        until = float("inf") if seconds is None else time.monotonic() + seconds
        self._kept[key] = (until, content)
        self.bytes += self._weight(content)
        while self.bytes > self.most_bytes and self._kept:
            self._drop(next(iter(self._kept)))

    def replace(self, key: Hashable, content: Content) -> None:
        """The same tile in other words; it is remembered no longer than before."""
        known = self._kept.get(key)
        if known is not None:
            self._drop(key)
            self._kept[key] = (known[0], content)
            self.bytes += self._weight(content)

    def _drop(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.bytes -= self._weight(gone[1])

    @staticmethod
    def _weight(content: Content) -> int:
        return len(content.body) + len(content.brotli) + 600  # the key and what holds it


def _address(*options: str) -> str:
    """The database as a libpq string, with what holds for every tile's statement."""
    longest = min(settings.CHENGYUN.statement_timeout_ms or STATEMENT_MS, STATEMENT_MS)
    given = psycopg.conninfo.conninfo_to_dict(conninfo())
    wanted = (f"statement_timeout={longest}", "jit=off", *options)
    text = " ".join([str(given.get("options") or ""), *(f"-c {each}" for each in wanted)])
    given |= {"options": text.strip(), "application_name": "chengyun tiles"}
    return psycopg.conninfo.make_conninfo("", **given)


class Service:
    """The connections of this process for tiles, its memory of them, and who is asking."""

    def __init__(self) -> None:
        self.memory = Memory(settings.CHENGYUN.tile_memory_mb * 1024 * 1024)
        self._callers: OrderedDict[bytes, tuple[float, Scope | None]] = OrderedDict()
        self._versions: dict[str, int] = {}
        self._version_of: dict[tuple[str, ...], str] = {}
        self._versions_at = float("-inf")
        self._today = timezone.localdate()
        self._layers: str | None = None
        self._bounds: tuple[str, list[float] | None] | None = None
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}
        self.rate = settings.CHENGYUN.rate_tiles
        most = settings.CHENGYUN.tile_connections
        # What is prepared is right for all values; the mean of the first is not to decide.
        self.lines = Lines(_address("plan_cache_mode=force_generic_plan"), most, WAIT_SECONDS)
        self.pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]] = AsyncConnectionPool(
            _address(),
            # Plans depend on how much of the city a tile holds: each is made for its own values.
            kwargs={"autocommit": True, "prepare_threshold": None},
            min_size=0,
            max_size=most,
            timeout=WAIT_SECONDS,
            max_waiting=MOST_WAITING,
            open=False,
        )

    async def caller(self, headers: Headers) -> Scope | None:
        """The reach of whoever asks, None of a stranger; remembered for `CALLER_SECONDS`."""
        shown = (headers.get(b"authorization", ""), headers.get(b"cookie", ""))
        if shown == ("", ""):
            return None
        key = sha256("\n".join(shown).encode("utf-8", "surrogatepass")).digest()
        known = self._callers.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        if credential(headers) is None:
            return None
        reach: Scope | None = await self._once(("caller", key), lambda: authenticate(headers))
        self._callers[key] = (time.monotonic() + CALLER_SECONDS, reach)
        self._callers.move_to_end(key)
        while len(self._callers) > _CALLERS:
            self._callers.popitem(last=False)
        return reach

    async def tile(
        self, layer: Layer, tile: Tile, reach: Scope | None, narrowed: Any, *, smaller: bool = False
    ) -> Content:
        """A tile, from memory or read; one that is asked for again by somebody who takes it
        `smaller` is packed once more, by brotli. Raises Unavailable when the database does not
        answer."""
        reach = reach or NOTHING
        if tile.z < layer.minzoom:
            return content_of(b"")
        version = await self.version(*layer.follows) if layer.seconds is None else ""
        key = (layer.name, version, tile, layer.insight(reach), narrowed)
        content = self.memory.get(key)
        if content is None:
            content = await self._once(key, lambda: self._read(key, layer, tile, reach, narrowed))
        elif smaller and content.packed and not content.brotli:
            known = content
            content = await self._once(("brotli", key), lambda: self._pack(key, known))
        return content

    async def _pack(self, key: Hashable, content: Content) -> Content:
        """A tile that is sent more than once is worth the time that a smaller one takes."""

        def smaller() -> bytes:
            return bytes(brotli.compress(isal_zlib.decompress(content.body, GZIP), quality=5))

        content = replace(content, brotli=await asyncio.to_thread(smaller))
        self.memory.replace(key, content)
        return content

    async def _read(
        self, key: Hashable, layer: Layer, tile: Tile, reach: Scope, narrowed: Any
    ) -> Content:
        raw = b""
        for coarseness in range(4):
            raw = await self.ask(await layer.question(tile, reach, narrowed, coarseness)) or b""
            if len(raw) <= MAX_BYTES:
                break
        content = content_of(raw)
        self.memory.put(key, content, layer.seconds)
        return content

    async def version(self, *names: str) -> str:
        """What a layer's content is remembered under: the versions of its data, and the day,
        because grids hold from a day until a day."""
        if time.monotonic() - self._versions_at > VERSION_SECONDS:
            await self._once("versions", self._read_versions)
        known = self._version_of.get(names)
        if known is None:
            numbers = " ".join(str(self._versions.get(name, 0)) for name in names)
            known = self._version_of[names] = f"{numbers} {self._today}"
        return known

    async def learn_layers(self) -> None:
        """Bring the layers that are data up to date in both registers, tiles and collections.
        Costs no statement while the versions are fresh, one when a layer was changed."""
        from chengyun.city.layers import live

        version = await self.version("layers", "organisations")
        if self._layers != version:
            text = await self._once("layers", lambda: self.ask(Question(live.ALL)))
            live.put(text)
            self._layers = version

    async def _read_versions(self) -> None:
        asked = time.monotonic()
        sql = "SELECT json_object_agg(layer, number) FROM (SELECT layer, sum(number) AS number"
        found = await self.ask(Question(f"{sql} FROM city_tileversion GROUP BY layer) AS versions"))
        # As of when it was asked: what came later is asked for again.
        self._versions, self._versions_at, self._today = found or {}, asked, timezone.localdate()
        self._version_of = {}

    async def bounds(self) -> list[float] | None:
        """West, south, east, north of the city in degrees; None while no area has an outline."""
        version = await self.version("areas")
        if self._bounds is None or self._bounds[0] != version:
            box = "ST_Extent(geom) AS box FROM city_area"
            sql = "SELECT json_build_array(ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box))"
            found = await self.ask(Question(f"{sql} FROM (SELECT {box}) AS city"))
            self._bounds = (version, None if found[0] is None else found)
        return self._bounds[1]

    async def _once(self, key: Hashable, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do the same work once for all who ask at the same time. When who does it goes away, the
        next does it."""
        while (known := self._under_way.get(key)) is not None:
            # One who goes away must not take the answer from the others.
            found = await asyncio.shield(known)
            if found is not _GONE:
                return found
        answer = self._under_way[key] = asyncio.get_running_loop().create_future()
        try:
            found = await work()
        except asyncio.CancelledError:
            answer.set_result(_GONE)
            raise
        except BaseException as error:
            answer.set_exception(error)
            answer.exception()  # nobody else may have asked
            raise
        else:
            answer.set_result(found)
            return found
        finally:
            del self._under_way[key]

    async def ask(self, question: Question) -> Any:
        """The one value that a statement answers with.

        Connections that died with the server are replaced once before giving up. Raises
        Unavailable, TookTooLong where the statement met its timeout."""
        for attempt in (1, 2):
            try:
                if question.prepared:
                    prepared = statement(question.sql)
                    return await self.lines.ask(prepared, prepared.values(question.params))
                return await self._asked_anew(question)
            except psycopg.errors.QueryCanceled:
                raise TookTooLong(
                    zh="查询超时，请缩小范围。",
                    en="The query took too long; narrow it.",
                    headers={"Retry-After": "5"},
                ) from None
            except (TimeoutError, PoolTimeout) as error:
                raise no_database() from error
            except psycopg.OperationalError as error:
                if attempt == 2:
                    raise no_database() from error
                if not question.prepared:
                    await self.pool.check()
        raise AssertionError("unreachable")

    async def _asked_anew(self, question: Question) -> Any:
        """The answer of a statement that is planned for its values."""
        await self.pool.open()
        async with self.pool.connection() as database, database.cursor(binary=True) as cursor:
            # The statements are constants of this package and of the layers' apps.
            sql: Any = question.sql
            await cursor.execute(sql, question.params or None)
            row = await cursor.fetchone()
            return row[0] if row else None

    async def close(self) -> None:
        """Let go of the connections."""
        self.lines.close()
        await self.pool.close(timeout=2)


_services: dict[asyncio.AbstractEventLoop, Service] = {}


def service() -> Service:
    """The service of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _services:
        _services[loop] = Service()
    return _services[loop]


async def close() -> None:
    """End the service of this event loop; for the end of the server."""
    running = _services.pop(asyncio.get_running_loop(), None)
    if running is not None:
        await running.close()
