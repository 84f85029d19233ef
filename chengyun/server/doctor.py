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

from chengyun.config.health import NotReadyError, worker_check
from chengyun.config.language import language, said
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
            "database", "fail", said(f"PostgreSQL {name} 过旧", f"PostgreSQL {name} is too old"),
            said(
                f"升级到 PostgreSQL {OLDEST} 或更新（pg_upgrade），然后 `chengyun migrate`",
                f"move to PostgreSQL {OLDEST} or newer (pg_upgrade), then `chengyun migrate`",
            ),
        )  # fmt: skip
    return Finding("database", "ok", f"PostgreSQL {name}")


def extensions() -> Finding:
    """PostGIS and its companions are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        there = dict(cursor.fetchall())
    if absent := [name for name in EXTENSIONS if name not in there]:
        commands = " ".join(f"CREATE EXTENSION {name};" for name in absent)
        names = ", ".join(absent)
        return Finding(
            "extensions", "fail", said(f"缺少：{names}", f"missing: {names}"),
            said(
                f"以此数据库的超级用户执行：{commands}",
                f"as a superuser of this database: {commands}",
            ),
        )  # fmt: skip
    return Finding("extensions", "ok", ", ".join(f"{n} {there[n]}" for n in EXTENSIONS))


def migrations() -> Finding:
    """The tables fit the code."""
    from chengyun.server.schema import waiting

    if missing := waiting():
        count, first = len(missing), missing[0]
        detail = said(f"{count} 个待执行（{first} 等）", f"{count} wait ({first} …)")
        return Finding("migrations", "fail", detail, "chengyun migrate")
    return Finding("migrations", "ok", said("完整", "complete"))


def disk() -> Finding:
    """There is room for the data to grow."""
    usage = shutil.disk_usage(settings.CHENGYUN.var)
    size, var = f"{usage.free / GIGABYTE:.1f} GB", settings.CHENGYUN.var
    free = said(f"{var} 可用 {size}", f"{size} free in {var}")
    mend = said(
        "清理空间，或将 CHENGYUN_VAR 移到更大的磁盘；磁盘写满时 PostgreSQL 会停止",
        "free space or move CHENGYUN_VAR to a larger disk; PostgreSQL stops when it is full",
    )
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
    mend = said(
        "在两台机器上开启时间同步（timedatectl set-ntp true）",
        "turn on time synchronisation (timedatectl set-ntp true) on both machines",
    )
    if here.year not in SANE_YEARS:
        day = f"{here:%Y-%m-%d}"
        detail = said(f"本机以为今天是 {day}", f"this machine believes it is {day}")
        return Finding("clock", "fail", detail, mend)
    now, apart = f"{here:%Y-%m-%d %H:%M:%S} UTC", f"{skew:.1f}"
    detail = said(f"{now}，与数据库相差 {apart} 秒", f"{now}, {apart} s apart from the database")
    level: Level = "fail" if skew > 60 else "warn" if skew > 2 else "ok"
    return Finding("clock", level, detail, mend if level != "ok" else "")


def secrets() -> Finding:
    """The keys exist, are real keys, and only their owner can read them."""
    from cryptography.fernet import Fernet

    current = settings.CHENGYUN
    if not current.secret_keys or not current.secret_key.get_secret_value():
        return Finding(
            "secrets", "fail",
            said(
                "CHENGYUN_SECRET_KEY 或 CHENGYUN_SECRET_KEYS 为空",
                "CHENGYUN_SECRET_KEY or CHENGYUN_SECRET_KEYS is empty",
            ),
            said(
                "从备份恢复 var/chengyun.env；只有全新安装才可删去它，由系统重新生成",
                "restore var/chengyun.env from your backup; only on a new installation delete it, "
                "and it is made anew",
            ),
        )  # fmt: skip
    for number, key in enumerate(current.secret_keys, 1):
        try:
            Fernet(key.get_secret_value())
        except ValueError:
            return Finding(
                "secrets", "fail",
                said(
                    f"CHENGYUN_SECRET_KEYS：第 {number} 把不是 Fernet 密钥",
                    f"CHENGYUN_SECRET_KEYS: key {number} is no Fernet key",
                ),
                said(
                    "须为 32 个随机字节的 URL 安全 base64；见 `chengyun keys --help`",
                    "32 random bytes in URL-safe base64 are needed; `chengyun keys --help`",
                ),
            )  # fmt: skip
    file = current.var / "chengyun.env"
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        detail = said(f"{file} 可被他人读取", f"{file} can be read by others")
        return Finding("secrets", "warn", detail, f"chmod 600 {file}")
    count = len(current.secret_keys)
    return Finding("secrets", "ok", said(f"{count} 把加密密钥", f"{count} encryption key(s)"))


def web() -> Finding:
    """Nothing meant for a desk faces the world."""
    current = settings.CHENGYUN
    if current.debug:
        return Finding(
            "web", "fail",
            said(
                "调试页面已开启：任何人都能看到设置",
                "debug pages are on: they show settings to everybody",
            ),
            said("取消 CHENGYUN_DEBUG 后重新启动", "unset CHENGYUN_DEBUG and start again"),
        )  # fmt: skip
    if "*" in current.allowed_hosts:
        return Finding(
            "web", "warn", said("对任何主机名都应答", "every host name is answered"),
            "CHENGYUN_ALLOWED_HOSTS=the.name.of.your.city",
        )  # fmt: skip
    local = current.host in ("127.0.0.1", "::1", "localhost")
    if not local and not current.https:
        return Finding(
            "web", "warn",
            said(
                f"在 {current.host} 监听而没有 HTTPS",
                f"listens on {current.host} without HTTPS",
            ),
            said(
                "在前面设 TLS 代理，并设 CHENGYUN_HTTPS=true、CHENGYUN_TRUSTED_PROXIES=1",
                "put a TLS proxy in front and set CHENGYUN_HTTPS=true, CHENGYUN_TRUSTED_PROXIES=1",
            ),
        )  # fmt: skip
    names = ", ".join(current.allowed_hosts)
    return Finding("web", "ok", said(f"主机名 {names}", f"hosts {names}"))


def media() -> Finding:
    """Attachments can be written."""
    if settings.CHENGYUN.storage != "local":
        bucket = settings.CHENGYUN.s3_bucket
        return Finding("media", "ok", said(f"存储桶 {bucket}", f"bucket {bucket}"))
    folder = settings.CHENGYUN.media_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / ".doctor"
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as reason:
        return Finding(
            "media", "fail", f"{folder}: {reason.strerror}",
            said(
                "将其交给服务器的运行用户，或设 CHENGYUN_MEDIA",
                "give it to the user the server runs as, or set CHENGYUN_MEDIA",
            ),
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
        error = _one("SELECT last_error FROM core_outboxmessage WHERE state = 'stuck' LIMIT 1")
        why = str(error)[:100]
        return Finding(
            "outbox", "warn",
            said(
                f"{stuck} 条消息发不出；第一条：{why}",
                f"{stuck} messages are stuck; the first: {why}",
            ),
            said(
                "修复渠道（CHENGYUN_EMAIL_URL、CHENGYUN_SMS_URL），再经 API 或后台管理重发",
                "mend the channel (CHENGYUN_EMAIL_URL, CHENGYUN_SMS_URL), then retry them in the "
                "API or in the administration",
            ),
        )  # fmt: skip
    if late:
        detail = said(f"{late} 条消息迟发", f"{late} messages are late")
        mend = said("查看后台进程是否存活", "is a worker alive?")
        return Finding("outbox", "warn", detail, mend)
    return Finding("outbox", "ok", said("没有积压", "nothing is stuck"))


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
            "jobs", "warn",
            said(
                f"七天内失败 {failed} 个，例如 {name}",
                f"{failed} failed in seven days, e.g. {name}",
            ),
            said(
                "查看后台进程日志；在 /admin/procrastinate/ 重试",
                "read the worker's log; retry them at /admin/procrastinate/",
            ),
        )  # fmt: skip
    if late:
        return Finding(
            "jobs", "warn",
            said(f"{late} 个等待超过 15 分钟", f"{late} wait for more than 15 minutes"),
            said(
                "增加后台进程：CHENGYUN_JOB_WORKERS", "start more workers: CHENGYUN_JOB_WORKERS"
            ),
        )  # fmt: skip
    return Finding("jobs", "ok", said("无失败，无延迟", "none failed, none late"))


def worker() -> Finding:
    """Someone does the background work."""
    try:
        return Finding("worker", "ok", worker_check().said(language()))
    except NotReadyError:
        detail = said("没有存活的后台进程", "no background worker is alive")
        return Finding("worker", "warn", detail, "chengyun up")


def audit() -> Finding:
    """The audit log is sealed in time."""
    oldest = _one(
        "SELECT min(at) FROM core_auditentry"
        " WHERE id > coalesce((SELECT max(last_entry) FROM core_auditseal), 0)"
    )
    if isinstance(oldest, datetime) and datetime.now(UTC) - oldest > SEAL_PATIENCE:
        since = f"{oldest:%Y-%m-%d %H:%M} UTC"
        return Finding(
            "audit", "warn", said(f"自 {since} 起未封存", f"not sealed since {since}"),
            said(
                "启动后台进程（`chengyun up`），然后 `chengyun audit verify`",
                "start a worker (`chengyun up`), then `chengyun audit verify`",
            ),
        )  # fmt: skip
    return Finding("audit", "ok", said("已封存", "sealed"))


def classifier() -> Finding:
    """The trained classifier can be used."""
    from chengyun.governance.suggestions.classifier import active_classifier, forget_classifier

    forget_classifier()
    active = active_classifier()
    if active.trouble:
        return Finding(
            "classifier", "warn",
            said(
                f"{active.trouble.zh}；暂用目录中的词",
                f"{active.trouble.en}; the words of the catalogue are used instead",
            ),
            said(
                "从备份恢复该文件，或 `chengyun train classifier`",
                "restore the file from your backup, or `chengyun train classifier`",
            ),
        )  # fmt: skip
    if active.classifier is None:
        detail = said(
            "尚未训练；使用目录中的词", "none trained yet; the words of the catalogue are used"
        )
        return Finding("classifier", "ok", detail)
    number = active.model_id
    return Finding("classifier", "ok", said(f"模型 {number}", f"model {number}"))


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
                said(
                    "数据库是否在运行并已迁移？`chengyun status`、`chengyun migrate`",
                    "is the database up and migrated? `chengyun status`, `chengyun migrate`",
                ),
            )  # fmt: skip
