"""Counts statements and takes times of one operation, done many times in this process."""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Line:
    """One line of the table. CPU is the mean of one call, in ms; the backend's is read from the
    kernel, so it is None when PostgreSQL runs elsewhere."""

    operation: str
    statements: int
    allowed: int | None
    python_ms: float
    postgres_ms: float | None
    p50_ms: float
    p95_ms: float
    note: str = ""


@contextmanager
def counted(log: list[str]) -> Any:
    """Collect the text of every statement of the default connection."""
    from django.db import connection

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        log.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def measure(
    operation: str,
    calls: Iterable[Callable[[], Any]],
    *,
    allowed: int | None = None,
    warm: int = 3,
) -> Line:
    """Do every call once. The first ``warm`` fill caches and are not counted."""
    pending = list(calls)
    for call in pending[:warm]:
        call()
    backend = backend_cpu_ms()
    python, wall, statements = [], [], []
    for call in pending[warm:]:
        log: list[str] = []
        with counted(log):
            cpu, start = time.process_time(), time.perf_counter()
            call()
            wall.append((time.perf_counter() - start) * 1000)
            python.append((time.process_time() - cpu) * 1000)
        statements.append(len([sql for sql in log if not sql.startswith(("SAVEPOINT", "RELEASE"))]))
    after = backend_cpu_ms()
    spent = None if backend is None or after is None else (after - backend) / len(wall)
    return Line(
        operation, max(statements), allowed, statistics.fmean(python), spent,
        statistics.median(wall), percentile(wall, 0.95),
    )  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def backend_cpu_ms() -> float | None:
    """CPU time so far of this connection's PostgreSQL process, without parallel workers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * _TICK_MS


def show(title: str, lines: Iterable[Line]) -> None:
    """Print the table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in ("operation", "SQL", "allowed", "CPU Python", "CPU PostgreSQL", "p50", "p95", ""):
        table.add_column(name, justify="left" if name in ("operation", "") else "right")
    for line in lines:
        over = line.allowed is not None and line.statements > line.allowed
        table.add_row(
            line.operation,
            f"[red]{line.statements}[/red]" if over else str(line.statements),
            "" if line.allowed is None else f"≤ {line.allowed}",
            f"{line.python_ms:.1f} ms",
            "–" if line.postgres_ms is None else f"{line.postgres_ms:.1f} ms",
            f"{line.p50_ms:.1f} ms",
            f"{line.p95_ms:.1f} ms",
            line.note,
        )
    Console(width=150 if not os.isatty(1) else None).print(table)
