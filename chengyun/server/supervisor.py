"""``chengyun up``, ``status`` and ``down``: one machine's whole platform as one thing."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from rich.cells import cell_len

import chengyun
from chengyun.config.environment import Environment
from chengyun.config.language import language, said
from chengyun.core.words import Both
from chengyun.server import record
from chengyun.server.children import (
    STOP_SECONDS,
    Child,
    open_log,
    own_command,
    platform_children,
    stop_leftovers,
)
from chengyun.server.cluster import Cluster
from chengyun.server.postgres import ServerError
from chengyun.server.progress import say, step

#: Where people find what, on the line that greets them.
_PLACES = (
    (Both("市民上报与查询", "Citizens report and follow"), "/"),
    (Both("各岗位工作台", "Desk of the posts"), "/desk"),
    (Both("采集与处置移动端", "Collectors and handlers"), "/m"),
    (Both("领导移动端", "A leader's phone"), "/m/leader"),
    (Both("大屏", "The wall"), "/screen"),
    (Both("API 及其文档", "API and its documentation"), "/api/docs"),
    (Both("后台管理", "Administration"), "/admin/"),
    (Both("Open311", "Open311"), "/open311/v2/discovery.json"),
)
READY_SECONDS = 300.0
#: A child that ended this often before all was ready will not come up by trying again.
FEWEST_TRIES = 3
#: How often the supervisor looks after its children and PostgreSQL.
ROUND_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of ``up``."""

    host: str
    port: int
    workers: int
    demo: bool = False


def check_port(host: str, port: int) -> None:
    """Raise ServerError, with the way out, when nobody could listen there."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as reason:
        why = reason.strerror
        raise ServerError(
            said(f"{host} 不是本机地址：{why}", f"{host} is no address of this machine: {why}")
        ) from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            raise ServerError(
                said(
                    f"端口 {port} 只有 root 可用：请选 1023 以上的端口，例如 --port 8000",
                    f"Port {port} is reserved for root: choose one above 1023, e.g. --port 8000",
                )
            ) from None
        except OSError as reason:
            why, other = reason.strerror, port + 1
            raise ServerError(
                said(
                    f"{host} 的端口 {port} 不可用（{why}）：请停止占用它的程序，"
                    f"或另选端口，例如 --port {other}（make demo PORT={other}）",
                    f"Port {port} on {host} cannot be used ({why}): stop what uses it, "
                    f"or choose another one, e.g. --port {other} (make demo PORT={other})",
                )
            ) from None


def probe(url: str, path: str = "/api/ready") -> dict[str, Any] | None:
    """The JSON a running platform answers with (whatever its status), or None."""
    try:
        question = urllib.request.Request(  # noqa: S310
            url + path, headers={"Accept-Language": language()}
        )
        with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310
            return dict(json.load(answer))
    except urllib.error.HTTPError as refused:
        try:
            return dict(json.load(refused))
        except ValueError:
            return None
    except (OSError, ValueError):
        return None


class Supervisor:
    """Everything one ``up`` starts, and stops again."""

    def __init__(self, settings: Environment, wish: Wish) -> None:
        self.settings = settings
        self.wish = wish
        self.cluster = None if settings.database_url else Cluster(settings.var)
        self.children: list[Child] = []
        self.record = record.Record(
            pid=os.getpid(),
            host=wish.host,
            port=wish.port,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            version=chengyun.__version__,
        )
        self._stopping = False
        self._began = False

    def run(self) -> None:
        """Start everything and tend it until a signal asks to stop."""
        with record.held(self.settings.var, patience=1.0) as mine:
            if not mine:
                self._already_up()
                return
            with self._signals():
                try:
                    self._start()
                    self._tend()
                except KeyboardInterrupt:
                    say(said("已中断。", "Interrupted."))
                finally:
                    self._stop()

    def _already_up(self) -> None:
        now = record.read(self.settings.var)
        where = now.url if now else said("另一端口", "another port")
        if now and now.port == self.wish.port:
            pid = now.pid
            say(
                said(
                    f"城运已在 {where} 运行（pid {pid}）；`chengyun down` 可停止。",
                    f"Chengyun already runs at {where} (pid {pid}); `chengyun down` stops it.",
                )
            )
            return
        raise ServerError(
            said(
                f"城运已在 {where} 运行；`chengyun down` 可停止。",
                f"Chengyun already runs at {where}; `chengyun down` stops it.",
            )
        )

    # -- start ---------------------------------------------------------------------------------

    def _start(self) -> None:
        if stop_leftovers(self.settings.var):
            say(
                said(
                    "已结束上次中断所遗留的进程。",
                    "Ended what an interrupted run had left behind.",
                )
            )
        check_port(self.wish.host, self.wish.port)
        self._began = True
        record.write(self.settings.var, self.record)
        if self.cluster is not None:
            with step(said("启动数据库", "Starting the database")):
                self.cluster.start()
        self._command(said("更新数据表", "Bringing the tables up to date"), "migrate")
        if self.wish.demo:
            self._command(None, "demo")
        self.children = platform_children(
            self.settings, self.wish.host, self.wish.port, self.wish.workers
        )
        with step(said("启动服务器与后台进程", "Starting the server and its workers")):
            for child in self.children:
                child.start()
            self._write()
            self._await_ready()
        self.record.state = "ready"
        self._write()
        self._greet()

    def _command(self, title: str | None, *arguments: str) -> None:
        """Run one of our own commands to its end; it says itself what went wrong."""
        command = own_command(self.settings, arguments[0], *arguments)
        with step(title) if title else nullcontext():
            command.start()
            while command.pid is not None and not self._stopping:
                time.sleep(0.05)
            if self._stopping:
                command.ask_to_stop()
                command.finish(time.monotonic() + STOP_SECONDS)
                raise KeyboardInterrupt
        if command.process is not None and command.process.returncode:
            line = " ".join(arguments)
            raise ServerError(
                said(f"`chengyun {line}` 失败；见上文。", f"`chengyun {line}` failed; see above.")
            )

    def _await_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and not self._stopping:
            state = probe(self.record.url)
            if state and state.get("ready"):
                return
            if any(child.pid is None for child in self.children):
                self._look_after()
            for child in self.children:
                if child.crashes >= FEWEST_TRIES:
                    name, why = child.name, child.last_words()
                    raise ServerError(
                        said(f"{name} 未能启动：{why}", f"{name} does not start: {why}")
                    )
            time.sleep(0.2)
        if self._stopping:
            raise KeyboardInterrupt
        missing = [c["detail"] for c in (probe(self.record.url) or {}).get("checks", [])]
        why = "; ".join(missing) or said("没有应答", "no answer")
        raise ServerError(said(f"服务器未能就绪：{why}", f"The server did not become ready: {why}"))

    def _greet(self) -> None:
        from chengyun.server.demo import accounts, first_steps

        version, url = chengyun.__version__, self.record.url
        say(
            said(
                f"\n城运 Chengyun {version} 运行于 {url}",
                f"\nChengyun 城运 {version} runs at {url}",
            )
        )
        for place, path in _PLACES:
            name = place.said(language())
            say(f"  {name}{' ' * (28 - cell_len(name))}{url}{path}")
        told = (
            accounts(self.settings, self.record.url)
            if self.wish.demo
            else first_steps(self.settings)
        )
        for line in told:
            say(line)
        if self.settings.log_files:
            logs = self.settings.var / "log"
            say(said(f"日志在 {logs}", f"Its logs are in {logs}"))
        say(
            said(
                "`chengyun down` 停止运行；在其所在终端按 Ctrl-C 亦可。",
                "`chengyun down` stops it; in a terminal of its own Ctrl-C does too.",
            )
        )

    # -- life ----------------------------------------------------------------------------------

    def _tend(self) -> None:
        while not self._stopping:
            self._look_after()
            time.sleep(ROUND_SECONDS)

    def _look_after(self) -> None:
        if self.cluster is not None and self.cluster.pid() is None:
            say(said("PostgreSQL 已退出，正在重新启动。", "PostgreSQL ended; it is started again."))
            self.cluster.start()
        before = {child.name: child.pid for child in self.children}
        for child in self.children:
            if news := child.tend():
                say(news)
        if {child.name: child.pid for child in self.children} != before:
            self._write()

    def _write(self) -> None:
        self.record.children = {
            child.name: child.pid for child in self.children if child.pid is not None
        }
        record.write(self.settings.var, self.record)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def ask(number: int, frame: FrameType | None) -> None:
            if self._stopping:
                return
            self._stopping = True

        kept = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        kept[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    # -- end -----------------------------------------------------------------------------------

    def _stop(self) -> None:
        self._stopping = True
        if not self._began:
            return
        with step(said("停止", "Stopping")):
            for child in self.children:
                child.ask_to_stop()
            until = time.monotonic() + STOP_SECONDS
            for child in self.children:
                child.finish(until)
            stop_leftovers(self.settings.var)
            if self.cluster is not None:
                self.cluster.stop()
            record.remove(self.settings.var)


def up_detached(settings: Environment, wish: Wish) -> None:
    """Start the platform in the background; return when it is ready, raise when it fails."""
    log = settings.var / "log" / "chengyun.log"
    command = [
        sys.executable, "-m", "chengyun", "up", "--host", wish.host, "--port", str(wish.port),
        "--workers", str(wish.workers), *(["--demo"] if wish.demo else []),
    ]  # fmt: skip
    with open_log(log) as out:
        seen = out.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"CHENGYUN_VAR": str(settings.var), "PYTHONUNBUFFERED": "1"},
        )
    with log.open("rb") as told:
        told.seek(seen)
        while True:
            ended = process.poll()
            sys.stdout.write(told.read().decode(errors="replace"))
            sys.stdout.flush()
            if ended is not None:
                if ended:
                    raise ServerError(
                        said(
                            f"城运未能启动；完整日志在 {log}",
                            f"Chengyun did not start; the whole log is in {log}",
                        )
                    )
                return
            now = record.read(settings.var)
            if now and now.pid == process.pid and now.state == "ready":
                time.sleep(0.2)
                sys.stdout.write(told.read().decode(errors="replace"))
                say(said("已在后台运行。", "It runs in the background."))
                return
            time.sleep(0.2)


def status(settings: Environment) -> dict[str, Any]:
    """What runs now: ``running``, and when so its pids, address, readiness and versions."""
    now = record.running(settings.var)
    cluster = None if settings.database_url else Cluster(settings.var)
    database = {
        "private": cluster is not None,
        "pid": cluster.pid() if cluster else None,
        "data": str(cluster.places.data) if cluster else None,
    }
    if now is None:
        return {"running": False, "version": chengyun.__version__, "database": database}
    state = probe(now.url) if now.state == "ready" else None
    return {
        "running": True,
        "url": now.url,
        **asdict(now),
        "ready": bool(state and state.get("ready")),
        "checks": (state or {}).get("checks", []),
        "database": database,
    }


def down(settings: Environment, patience: float = 90.0) -> bool:
    """Stop the platform and everything it started; False when nothing ran."""
    now = record.running(settings.var)
    acted = now is not None
    if now is not None:
        _end(now.pid, settings.var, patience)
    acted = bool(stop_leftovers(settings.var)) or acted
    if not settings.database_url:
        cluster = Cluster(settings.var)
        acted = acted or cluster.pid() is not None
        cluster.stop()
    record.remove(settings.var)
    return acted


def _end(pid: int, var: Path, patience: float) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    until = time.monotonic() + patience
    while record.running(var) is not None and time.monotonic() < until:
        time.sleep(0.1)
    if record.running(var) is not None:
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
