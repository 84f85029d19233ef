"""Asks servers and the bare database, and reads from the kernel what it cost them."""

import asyncio
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench.meter import percentile

if TYPE_CHECKING:
    from bench.map_peers import Server

CONNECTIONS = 2


@dataclass(frozen=True)
class Reading:
    """One round: answers, CPU ms an answer of the server and of the database, wall ms."""

    done: int = 0
    app_ms: float = 0.0
    db_ms: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    rate: float = 0.0
    size: float = 0.0
    times_ms: tuple[float, ...] = ()

    @property
    def cpu(self) -> float:
        return self.app_ms + self.db_ms


class Cpu:
    """CPU time of processes that come and go: read often, so that little of one that ended is
    lost."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids, self._over = pids, threading.Event()
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._look(first=True)
        self._watch = threading.Thread(target=self._run, daemon=True)
        self._watch.start()

    def _run(self) -> None:
        while not self._over.wait(0.05):
            self._look()

    def _look(self, *, first: bool = False) -> None:
        for pid in self._pids():
            spent = _spent(pid)
            if spent is None:
                continue
            # What a process had spent before it was seen belongs to nobody, or to this round when
            # it began in it.
            self._first.setdefault(pid, spent if first else 0.0)
            self._last[pid] = spent

    def spent(self) -> float:
        self._over.set()
        self._watch.join()
        self._look()
        return sum(last - self._first[pid] for pid, last in self._last.items())


def _spent(pid: int) -> float | None:
    """CPU ms of all threads of a process; None when it is gone. Its `stat` counts in hundredths of
    a second, and a tile takes a thousandth."""
    try:
        threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
        spent = [int(thread.read_text().split()[0]) for thread in threads]
    except (OSError, IndexError):
        return None
    return sum(spent) / 1e6 if spent else None


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in below for each in tree(int(child)))]


class Backends:
    """The database's processes that serve this database and began after the one that asks."""

    def __init__(self) -> None:
        self._connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._lock = threading.Lock()

    def __call__(self) -> list[int]:
        with self._lock:
            rows = self._connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_start > (SELECT backend_start FROM pg_stat_activity "
                "WHERE pid = pg_backend_pid())"
            ).fetchall()
        return [row[0] for row in rows]

    def execute(self, sql: str) -> None:
        with self._lock:
            self._connection.execute(sql)

    def quiet(self) -> None:
        """End what is still being read for nobody: the next round is not to pay for it. What was
        here before this run is somebody else's."""
        self.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' "
            "AND datname = current_database() AND backend_start > (SELECT backend_start "
            "FROM pg_stat_activity WHERE pid = pg_backend_pid())"
        )
        time.sleep(0.5)


@cache
def backends() -> Backends:
    """One for the whole run; asked for before the first server is started."""
    return Backends()


def bare(statements: list[str], seed: int, *, prepared: bool = False) -> Reading:
    """The statements by pgbench, two clients, for three seconds; planned each time, or once by each
    client."""
    with tempfile.TemporaryDirectory() as folder:
        files: list[str] = []
        for number, sql in enumerate(statements):
            path = Path(folder) / f"{number}.sql"
            path.write_text(" ".join(sql.split()) + ";\n")
            files += ["-f", str(path)]
        cpu = Cpu(backends())
        start = time.perf_counter()
        subprocess.run(
            [
                "pgbench", "-n", "-c", str(CONNECTIONS), "-T", "3", "-M",
                "prepared" if prepared else "extended", f"--random-seed={seed}", "-l",
                "--log-prefix=log", *files, os.environ["DATABASE_URL"],
            ],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        wall = time.perf_counter() - start
        spent = cpu.spent()
        lines = [line.split() for log in Path(folder).glob("log*") for line in log.open()]
        times = [int(line[2]) / 1000 for line in lines]
    done = len(times)
    return Reading(done, 0.0, spent / done, statistics.median(times), percentile(times, 0.99),
                   done / wall)  # fmt: skip


def asked(
    server: "Server", paths: list[str], *, seconds: float, endless: bool = False,
    etags: bool = False,
) -> Reading:  # fmt: skip
    """Ask for every path once over two kept connections, or again and again until the time is
    over (`endless`: each connection its own half, so that no two ask for the same at once). What is
    not answered in time does not count. Raises on a refusal."""
    app, database = Cpu(lambda: tree(server.pid)), Cpu(backends())
    start = time.perf_counter()
    found = asyncio.run(_all(server, paths, start + seconds, endless, etags))
    wall = time.perf_counter() - start
    app_ms, db_ms = app.spent(), database.spent()
    if not endless and len(found) < len(paths):
        backends().quiet()
    if not found:
        return Reading()
    times = [each for each, _ in found]
    done = len(found)
    return Reading(done, app_ms / done, db_ms / done, statistics.median(times),
                   percentile(times, 0.99), done / wall,
                   statistics.fmean(size for _, size in found), tuple(times))  # fmt: skip


async def _all(
    server: "Server", paths: list[str], until: float, endless: bool, etags: bool
) -> list[tuple[float, int]]:
    found: list[tuple[float, int]] = []
    every = iter(paths)
    known: dict[str, str] = {}

    async def one(number: int) -> None:
        own = paths[number::CONNECTIONS] or paths
        waiting = iter(own) if endless else every
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            while True:
                path = next(waiting, None)
                if path is None:
                    if not endless:
                        return
                    waiting = iter(own)
                    continue
                began = time.perf_counter()
                if began > until:
                    return
                more = f"If-None-Match: {known[path]}\r\n" if path in known else ""
                writer.write(
                    f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                    f"Accept-Encoding: gzip\r\n{server.headers}{more}\r\n".encode()
                )
                async with asyncio.timeout(max(0.1, until - began)):
                    head = await reader.readuntil(b"\r\n\r\n")
                    status = int(head[9:12])
                    size = await _body(reader, head, status)
                if status >= 500 and server.name not in ("ours", "anew"):
                    return  # a peer that fails has no number
                if status >= 400:
                    raise RuntimeError(f"{server.name} {path}: {status}")
                if etags and (tag := re.search(rb"(?i)\r\netag: ([^\r]+)", head)):
                    known[path] = tag[1].decode()
                found.append(((time.perf_counter() - began) * 1000, size))
        except TimeoutError:
            return
        finally:
            writer.close()

    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    return found


async def _body(reader: asyncio.StreamReader, head: bytes, status: int) -> int:
    if status in (204, 304):
        return 0
    if length := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
        return len(await reader.readexactly(int(length[1])))
    size = 0
    while True:  # chunks
        width = int((await reader.readuntil(b"\r\n")).strip(), 16)
        await reader.readexactly(width + 2)
        size += width
        if width == 0:
            return size
