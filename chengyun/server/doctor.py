"""``chengyun doctor``: is everything in order, and if not, what mends it?

Each examination looks at one thing and returns its finding; one that cannot look says so.
"""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import Error, connection

from chengyun.config.health import worker_check
from chengyun.server.cluster import EXTENSIONS
from chengyun.server.postgres import OLDEST

Level = Literal["ok", "warn", "fail"]
GIGABYTE = 2**30
#: A machine clock outside these years is wrong, not early or late.
SANE_YEARS = range(2025, 2100)
#: The audit log is sealed every minute; this much delay means that nothing seals it.
SEAL_PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination found, and how to mend it when it is not ok."""

    name: str
    level: Level
    detail: str
    mend: str = ""


def _one(query: str) -> object:
    """The single value a query answers with."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        return row[0] if row else None


def _count(query: str) -> int:
    return int(str(_one(query) or 0))


def database() -> Finding:
    """It answers, and is new enough."""
    version = _count("SELECT current_setting('server_version_num')::int")
    name = str(_one("SHOW server_version")).split(" ", 1)[0]
    if version // 10000 < OLDEST:
        return Finding(
            "database", "fail", f"PostgreSQL {name} is too old",
            f"move to PostgreSQL {OLDEST} or newer (pg_upgrade), then `chengyun migrate`",
        )  # fmt: skip
    return Finding("database", "ok", f"PostgreSQL {name}")


def extensions() -> Finding:
    """PostGIS and its companions are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        there = dict(cursor.fetchall())
    if absent := [name for name in EXTENSIONS if name not in there]:
        commands = " ".join(f"CREATE EXTENSION {name};" for name in absent)
        return Finding(
            "extensions", "fail", f"missing: {', '.join(absent)}",
            f"as a superuser of this database: {commands}",
        )  # fmt: skip
    return Finding("extensions", "ok", ", ".join(f"{n} {there[n]}" for n in EXTENSIONS))


def migrations() -> Finding:
    """The tables fit the code."""
    from chengyun.server.schema import waiting

    if missing := waiting():
        return Finding(
            "migrations", "fail", f"{len(missing)} wait ({missing[0]} …)", "chengyun migrate"
        )
    return Finding("migrations", "ok", "complete")


def disk() -> Finding:
    """There is room for the data to grow."""
    usage = shutil.disk_usage(settings.CHENGYUN.var)
    free = f"{usage.free / GIGABYTE:.1f} GB free in {settings.CHENGYUN.var}"
    mend = "free space or move CHENGYUN_VAR to a larger disk; PostgreSQL stops when it is full"
    if usage.free < GIGABYTE:
        return Finding("disk", "fail", free, mend)
    if usage.free < 10 * GIGABYTE or usage.free < usage.total * 0.05:
        return Finding("disk", "warn", free, mend)
    return Finding("disk", "ok", free)


def clock() -> Finding:
    """This machine and its database agree on the time: deadlines depend on it."""
    there = _one("SELECT clock_timestamp()")
    assert isinstance(there, datetime)
    here = datetime.now(UTC)
    skew = abs((here - there).total_seconds())
    mend = "turn on time synchronisation (timedatectl set-ntp true) on both machines"
    if here.year not in SANE_YEARS:
        return Finding("clock", "fail", f"this machine believes it is {here:%Y-%m-%d}", mend)
    detail = f"{here:%Y-%m-%d %H:%M:%S} UTC, {skew:.1f} s apart from the database"
    level: Level = "fail" if skew > 60 else "warn" if skew > 2 else "ok"
    return Finding("clock", level, detail, mend if level != "ok" else "")


def secrets() -> Finding:
    """The keys exist, are real keys, and only their owner can read them."""
    from cryptography.fernet import Fernet

    current = settings.CHENGYUN
    if not current.secret_keys or not current.secret_key.get_secret_value():
        return Finding(
            "secrets", "fail", "CHENGYUN_SECRET_KEY or CHENGYUN_SECRET_KEYS is empty",
            "restore var/chengyun.env from your backup; only on a new installation delete it, "
            "and it is made anew",
        )  # fmt: skip
    for number, key in enumerate(current.secret_keys, 1):
        try:
            Fernet(key.get_secret_value())
        except ValueError:
            return Finding(
                "secrets", "fail", f"CHENGYUN_SECRET_KEYS: key {number} is no Fernet key",
                "32 random bytes in URL-safe base64 are needed; `chengyun keys --help`",
            )  # fmt: skip
    file = current.var / "chengyun.env"
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        return Finding("secrets", "warn", f"{file} can be read by others", f"chmod 600 {file}")
    return Finding("secrets", "ok", f"{len(current.secret_keys)} encryption key(s)")


def web() -> Finding:
    """Nothing meant for a desk faces the world."""
    current = settings.CHENGYUN
    if current.debug:
        return Finding(
            "web", "fail", "debug pages are on: they show settings to everybody",
            "unset CHENGYUN_DEBUG and start again",
        )  # fmt: skip
    if "*" in current.allowed_hosts:
        return Finding(
            "web", "warn", "every host name is answered",
            "CHENGYUN_ALLOWED_HOSTS=the.name.of.your.city",
        )  # fmt: skip
    local = current.host in ("127.0.0.1", "::1", "localhost")
    if not local and not current.https:
        return Finding(
            "web", "warn", f"listens on {current.host} without HTTPS",
            "put a TLS proxy in front and set CHENGYUN_HTTPS=true, CHENGYUN_TRUSTED_PROXIES=1",
        )  # fmt: skip
    return Finding("web", "ok", f"hosts {', '.join(current.allowed_hosts)}")


def media() -> Finding:
    """Attachments can be written."""
    if settings.CHENGYUN.storage != "local":
        return Finding("media", "ok", f"bucket {settings.CHENGYUN.s3_bucket}")
    folder = settings.CHENGYUN.media_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / ".doctor"
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as reason:
        return Finding(
            "media", "fail", f"{folder}: {reason.strerror}",
            "give it to the user the server runs as, or set CHENGYUN_MEDIA",
        )  # fmt: skip
    return Finding("media", "ok", str(folder))


def outbox() -> Finding:
    """Messages leave."""
    stuck = _count("SELECT count(*) FROM core_outboxmessage WHERE state = 'stuck'")
    late = _count(
        "SELECT count(*) FROM core_outboxmessage"
        " WHERE state IN ('waiting', 'failed') AND next_try < now() - interval '10 minutes'"
    )
    if stuck:
        why = _one("SELECT last_error FROM core_outboxmessage WHERE state = 'stuck' LIMIT 1")
        return Finding(
            "outbox", "warn", f"{stuck} messages are stuck; the first: {str(why)[:100]}",
            "mend the channel (CHENGYUN_EMAIL_URL, CHENGYUN_SMS_URL), then retry them in the API "
            "or in the administration",
        )  # fmt: skip
    if late:
        return Finding("outbox", "warn", f"{late} messages are late", "is a worker alive?")
    return Finding("outbox", "ok", "nothing is stuck")


def jobs() -> Finding:
    """Background jobs end well."""
    failed = _count(
        "SELECT count(*) FROM procrastinate_jobs j WHERE status = 'failed' AND EXISTS ("
        " SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id"
        " AND e.at > now() - interval '7 days')"
    )
    late = _count(
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
        " AND coalesce(scheduled_at, 'epoch') < now() - interval '15 minutes'"
        " AND EXISTS (SELECT 1 FROM procrastinate_events e WHERE e.job_id = procrastinate_jobs.id"
        " AND e.at < now() - interval '15 minutes')"
    )
    if failed:
        name = _one("SELECT task_name FROM procrastinate_jobs WHERE status = 'failed' LIMIT 1")
        return Finding(
            "jobs", "warn", f"{failed} failed in seven days, e.g. {name}",
            "read the worker's log; retry them at /admin/procrastinate/",
        )  # fmt: skip
    if late:
        return Finding(
            "jobs", "warn", f"{late} wait for more than 15 minutes",
            "start more workers: CHENGYUN_JOB_WORKERS",
        )  # fmt: skip
    return Finding("jobs", "ok", "none failed, none late")


def worker() -> Finding:
    """Someone does the background work."""
    try:
        return Finding("worker", "ok", worker_check())
    except RuntimeError:
        return Finding("worker", "warn", "no background worker is alive", "chengyun up")


def audit() -> Finding:
    """The audit log is sealed in time."""
    oldest = _one(
        "SELECT min(at) FROM core_auditentry"
        " WHERE id > coalesce((SELECT max(last_entry) FROM core_auditseal), 0)"
    )
    if isinstance(oldest, datetime) and datetime.now(UTC) - oldest > SEAL_PATIENCE:
        return Finding(
            "audit", "warn", f"not sealed since {oldest:%Y-%m-%d %H:%M} UTC",
            "start a worker (`chengyun up`), then `chengyun audit verify`",
        )  # fmt: skip
    return Finding("audit", "ok", "sealed")


def classifier() -> Finding:
    """The trained classifier can be used."""
    from chengyun.governance.suggestions.classifier import active_classifier, forget_classifier

    forget_classifier()
    active = active_classifier()
    if active.trouble:
        return Finding(
            "classifier", "warn", f"{active.trouble}; the words of the catalogue are used instead",
            "restore the file from your backup, or `chengyun train classifier`",
        )  # fmt: skip
    if active.classifier is None:
        return Finding("classifier", "ok", "none trained yet; the words of the catalogue are used")
    return Finding("classifier", "ok", f"model {active.model_id}")


EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    database, extensions, migrations, disk, clock, secrets, web, media, outbox, jobs, worker, audit,
    classifier,
)  # fmt: skip


def examine() -> Iterator[Finding]:
    """Every finding in order; an examination that breaks is itself a finding."""
    for examination in EXAMINATIONS:
        try:
            yield examination()
        except Error as reason:
            yield Finding(
                examination.__name__, "fail", str(reason).strip().split("\n")[0],
                "is the database up and migrated? `chengyun status`, `chengyun migrate`",
            )  # fmt: skip
