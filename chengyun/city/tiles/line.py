"""Prepared statements over few connections, driven by libpq straight from the event loop.

A tile at a low zoom takes the database 0.2 ms. Planning it anew took as long again, a pool's
connection and a cursor half of it; a statement that is prepared and asked here costs 20 µs.
"""

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

#: Who waits for a line may not be one of more.
MOST_WAITING = 500
_NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the server prepares it: parameters by number, and what they are called."""

    name: bytes
    sql: bytes
    parameters: tuple[str, ...]

    def values(self, given: Mapping[str, Any]) -> list[bytes]:
        """The parameters as text: numbers, words, dates."""
        return [str(given[name]).encode() for name in self.parameters]


@lru_cache(maxsize=100)
def statement(sql: str) -> Statement:
    """A statement with %(name)s parameters, once for all that ask it. The types of its
    parameters follow from where they stand."""
    parameters = tuple(dict.fromkeys(_NAMED.findall(sql)))
    numbers = {name: f"${number}" for number, name in enumerate(parameters, 1)}
    text = _NAMED.sub(lambda found: numbers[found[1]], sql)
    name = f"tile_{blake2b(sql.encode(), digest_size=8).hexdigest()}"
    return Statement(name.encode(), text.encode(), parameters)


class Line:
    """One connection that asks one statement at a time, each prepared when it is first asked."""

    def __init__(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._prepared: set[bytes] = set()
        self._waiting: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None
        self._socket = self._pg.socket
        self.broken = False
        self._loop.add_reader(self._socket, self._readable)

    async def ask(self, asked: Statement, values: Sequence[bytes]) -> bytes | None:
        """The one value that it answers with, as the bytes it is. Raises psycopg.Error."""
        try:
            if asked.name not in self._prepared:
                self._pg.send_prepare(asked.name, asked.sql)
                await self._answer()
                self._prepared.add(asked.name)
            self._pg.send_query_prepared(asked.name, values, None, 1)
            return (await self._answer()).get_value(0, 0)
        except psycopg.errors.QueryCanceled:
            raise  # it took too long; the line is as it was
        except (asyncio.CancelledError, psycopg.OperationalError):
            self.close()  # the server has gone, or an answer is still to come that is nobody's
            raise

    async def _answer(self) -> PGresult:
        # What is asked is small and the buffer empty: this goes round once.
        while self._pg.flush():
            await asyncio.sleep(0)
        self._waiting = self._loop.create_future()
        result = await self._waiting
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        raise psycopg.errors.error_from_result(result)

    def _readable(self) -> None:
        pg = self._pg
        try:
            pg.consume_input()
            while not pg.is_busy():
                result = pg.get_result()
                if result is None:
                    self._done()
                    return
                self._result = result
        except psycopg.Error as error:
            self.close()
            if (waiting := self._asking()) is not None:
                waiting.set_exception(psycopg.OperationalError(str(error)))

    def _done(self) -> None:
        result, self._result = self._result, None
        if result is not None and (waiting := self._asking()) is not None:
            waiting.set_result(result)

    def _asking(self) -> "asyncio.Future[PGresult] | None":
        """Who waits for the answer, if anybody still does."""
        waiting, self._waiting = self._waiting, None
        return None if waiting is None or waiting.done() else waiting

    def close(self) -> None:
        """Let go of it; also of one that the server has left."""
        if not self.broken:
            self.broken = True
            self._loop.remove_reader(self._socket)
            self._pg.finish()


class Lines:
    """Up to `most` lines to one database, opened when they are wanted; who finds none free waits
    in turn."""

    def __init__(self, conninfo: str, most: int, seconds: float) -> None:
        self._conninfo, self._most, self._seconds = conninfo, most, seconds
        self._idle: list[Line] = []
        self._open = 0
        self._turns: deque[asyncio.Future[None]] = deque()
        self.closed = False

    async def ask(self, asked: Statement, values: Sequence[bytes]) -> bytes | None:
        """The value of a statement. Raises psycopg.Error; TimeoutError when no line is free for
        long."""
        line = self._free() or await self._another()
        try:
            return await line.ask(asked, values)
        except psycopg.OperationalError:
            # A server that went has taken the others too. Those in use find out themselves.
            if line.broken:
                self._let_go_of_idle()
            raise
        finally:
            self._give_back(line)

    def _free(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if not line.broken:
                return line
            self._open -= 1
        return None

    async def _another(self) -> Line:
        """A new line, or one that somebody gives back."""
        if len(self._turns) >= MOST_WAITING:
            raise TimeoutError
        async with asyncio.timeout(self._seconds):
            while self._open >= self._most:
                turn = asyncio.get_running_loop().create_future()
                self._turns.append(turn)
                try:
                    await turn
                except asyncio.CancelledError:
                    if turn.done() and not turn.cancelled():
                        self._next_turn()  # it was given, and is for somebody else
                    raise
                if line := self._free():
                    return line
            self._open += 1
            try:
                return Line(await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True))
            except BaseException:
                self._open -= 1
                self._next_turn()
                raise

    def _give_back(self, line: Line) -> None:
        if self.closed:
            line.close()
        if line.broken:
            self._open -= 1
        else:
            self._idle.append(line)
        self._next_turn()

    def _next_turn(self) -> None:
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _let_go_of_idle(self) -> None:
        self._open -= len(self._idle)
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Let go of all of them."""
        self.closed = True
        self._let_go_of_idle()
