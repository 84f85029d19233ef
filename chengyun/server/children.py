"""Child processes that are kept alive: the web server and the background workers."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from chengyun.config.environment import Environment
from chengyun.config.language import said
from chengyun.server import record

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 15.0
#: A child that lived this long is healthy: its next crash is restarted at once again.
HEALTHY_SECONDS = 60.0
LONGEST_WAIT = 30.0
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    """In the child: be told to stop when the supervisor dies without a word."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """One command in its own process group, started again with growing pauses when it ends."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    _started: float = field(default=0.0)
    _next: float = field(default=0.0)

    @property
    def pid(self) -> int | None:
        """Its pid while it lives."""
        alive = self.process is not None and self.process.poll() is None
        return self.process.pid if alive and self.process else None

    def start(self) -> None:
        """Start it now. What it says goes into its log, or to the terminal when it has none."""
        with open_log(self.log) if self.log else nullcontext() as out:
            self.process = subprocess.Popen(
                self.command,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread, one system call
            )
        self._started = time.monotonic()

    def tend(self) -> str | None:
        """Start it again when it has ended and its pause is over; say so when it ended."""
        if self.pid is not None:
            return None
        now = time.monotonic()
        if self._next == 0.0 and self.process is not None:
            self._kill_group(signal.SIGKILL)
            self.crashes = 0 if now - self._started > HEALTHY_SECONDS else self.crashes
            pause = min(LONGEST_WAIT, 2.0**self.crashes - 1)
            self.crashes += 1
            self._next = now + pause
            code = self.process.returncode
            return said(
                f"{self.name} 已退出（退出码 {code}），{pause:.0f} 秒后重新启动",
                f"{self.name} ended (exit code {code}); it is started again in {pause:.0f} s",
            )
        if now >= self._next:
            self._next = 0.0
            self.start()
        return None

    def last_words(self) -> str:
        """The last line it wrote, and where the others are."""
        if self.log is None:
            return said("见上文", "see above")
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        last = lines[-1].strip() if lines else said("没有输出", "it said nothing")
        return said(f"{last}（全文：{self.log}）", f"{last} (all of it: {self.log})")

    def ask_to_stop(self) -> None:
        """SIGTERM to the leading process, which stops its own workers in order."""
        if self.pid is not None and self.process is not None:
            self.process.terminate()

    def finish(self, until: float) -> None:
        """Wait for its end, at the latest ``until`` (monotonic), then end it by force."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._kill_group(signal.SIGKILL)

    def _kill_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return


def open_log(path: Path, limit: int = 20 * 2**20) -> BinaryIO:
    """The log to append to; one that has grown long is set aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > limit:
        path.rename(path.with_suffix(".log.1"))
    return path.open("ab")


def own_command(settings: Environment, name: str, *arguments: str) -> Child:
    """One of the ``chengyun`` commands as a child that dies with its supervisor."""
    shared = {
        record.MARK: record.mark(settings.var),
        "CHENGYUN_VAR": str(settings.var),
        "PYTHONUNBUFFERED": "1",
    }
    return Child(name, [sys.executable, "-m", "chengyun", *arguments], shared)


def platform_children(settings: Environment, host: str, port: int, workers: int) -> list[Child]:
    """The web server and the background workers of one platform."""
    server = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", host,
        "--port", str(port), "--workers", str(workers), "--no-ws", "--log-level", "warning",
        # One slow listener of /live must not take a place from the others: many wait cheaply.
        "--backlog", "2048", "--backpressure", "2048",
        "--respawn-failed-workers", "--workers-kill-timeout", "10",
        "chengyun.config.asgi:application",
    ]  # fmt: skip
    children = [own_command(settings, "server")]
    children[0].command = server
    for number in range(1, settings.job_workers + 1):
        name = f"worker-{number}"
        children.append(own_command(settings, name, "work", "--name", name))
    for child in children if settings.log_files else []:
        child.log = settings.var / "log" / f"{child.name}.log"
    return children


def stop_leftovers(var: Path) -> int:
    """End the children a killed supervisor left behind; how many there were."""
    pids = record.leftovers(var)
    for number, patience in ((signal.SIGTERM, 8.0), (signal.SIGKILL, 2.0)):
        for pid in record.leftovers(var):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        until = time.monotonic() + patience
        while record.leftovers(var) and time.monotonic() < until:
            time.sleep(0.1)
    return len(pids)
