"""Signs of life: ``/api/health`` (the process answers) and ``/api/ready`` (it can do its work)."""

from collections.abc import Callable

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from ninja import Router, Schema, Status

import chengyun
from chengyun.core.problems import language_of
from chengyun.core.words import Both, Language

router = Router(tags=["health"])
#: A worker writes its heartbeat every ten seconds; three missed ones mean it is gone.
HEARTBEAT_LIMIT_SECONDS = 40


class NotReadyError(RuntimeError):
    """Why work cannot be done, and what mends it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Both(zh, en)


class Health(Schema):
    """The process lives."""

    status: str
    version: str


class Check(Schema):
    """One thing that must be so before work can be done."""

    name: str
    ok: bool
    detail: str


class Readiness(Schema):
    """All checks; ``ready`` only when each is ok."""

    ready: bool
    checks: list[Check]


def database_check() -> Both:
    """The version of the database that answered; raises when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = f"PostgreSQL {cursor.fetchone()[0]}"
        return Both(version, version)


def migrations_check() -> Both:
    """Raises when the tables are older than the code."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        count = len(waiting)
        raise NotReadyError(
            f"有 {count} 个迁移待执行；请运行 `chengyun migrate`",
            f"{count} migrations wait; run `chengyun migrate`",
        )
    return Both("完整", "complete")


def worker_check() -> Both:
    """Raises when no background worker gave a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [HEARTBEAT_LIMIT_SECONDS],
        )
        alive = cursor.fetchone()[0]
    if not alive:
        raise NotReadyError(
            "没有存活的后台进程；`chengyun up` 可启动",
            "no background worker is alive; `chengyun up` starts one",
        )
    return Both(f"{alive} 个存活", f"{alive} alive")


CHECKS: dict[str, Callable[[], Both]] = {
    "database": database_check,
    "migrations": migrations_check,
    "worker": worker_check,
}


def readiness(language: Language) -> Readiness:
    """Run every check; a failing one never hides the others."""
    checks = []
    for name, check in CHECKS.items():
        try:
            checks.append(Check(name=name, ok=True, detail=check().said(language)))
        except NotReadyError as reason:
            checks.append(Check(name=name, ok=False, detail=reason.words.said(language)))
        except Error as reason:
            checks.append(Check(name=name, ok=False, detail=str(reason).split("\n")[0]))
    return Readiness(ready=all(check.ok for check in checks), checks=checks)


@router.get("/health", response=Health, summary="The process lives", auth=None)
def health(request: HttpRequest) -> Health:
    """Answers without touching the database."""
    return Health(status="ok", version=chengyun.__version__)


@router.get(
    "/ready",
    response={200: Readiness, 503: Readiness},
    summary="Database, migrations and worker are in order",
    auth=None,
)
def ready(request: HttpRequest) -> Status[Readiness]:
    """503 with the failing check when work cannot be done."""
    state = readiness(language_of(request))
    return Status(200 if state.ready else 503, state)
