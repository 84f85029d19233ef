"""The private PostgreSQL cluster: made, started, repaired after a crash, stopped.

It listens on a unix socket only, in a folder no other OS user can enter, which is why the socket
needs no password. PostgreSQL refuses to run as root: under root it belongs to ``postgres``.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from chengyun.config.language import said
from chengyun.config.places import SOCKET_NAME, ClusterPlaces, cluster_places
from chengyun.server.postgres import Binaries, ServerError, find_binaries

EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")
#: After a kill -9 of the postmaster its last backends may take a while to notice.
PATIENCE_SECONDS = 90


class Cluster:
    """One private cluster. ``fast`` gives up crash safety for speed: test databases only."""

    def __init__(self, var: Path, *, fast: bool = False) -> None:
        self.var = var
        self.places: ClusterPlaces = cluster_places(var)
        self.fast = fast

    # -- state ---------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Connection URL of the platform's database."""
        return self.places.url

    def pid(self) -> int | None:
        """The postmaster's pid when it is alive and really serves this folder."""
        try:
            pid = int((self.places.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError, ValueError, ProcessLookupError):
            return None
        return pid if str(self.places.data) in command else None

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> bool:
        """Make the cluster when absent, start it when down. True when this call started it."""
        with self._alone():
            if self.pid() is not None and self._answers():
                return False
            binaries = find_binaries(self._major())
            self._make_folders()
            if self._major() is None:
                self._make(binaries)
            self._configure()
            self._launch(binaries)
            self._provide()
            return True

    def stop(self) -> None:
        """Stop the server (open transactions are rolled back); nothing happens when it is down."""
        with self._alone():
            if self.pid() is None:
                return
            binaries = find_binaries(self._major())
            done = self._run(
                [binaries["pg_ctl"], "-D", self.places.data, "-m", "fast", "-w", "-t", "60", "stop"]
            )
            if done.returncode and self.pid() is not None:
                why = _last_line(done)
                raise ServerError(
                    said(f"PostgreSQL 未能停止：{why}", f"PostgreSQL did not stop: {why}")
                )

    def destroy(self) -> None:
        """Stop the cluster and delete all its data."""
        self.stop()
        shutil.rmtree(self.places.data.parent, ignore_errors=True)
        shutil.rmtree(self.places.socket, ignore_errors=True)

    # -- steps ---------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time makes, starts or stops this cluster."""
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / ".cluster.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _major(self) -> int | None:
        try:
            return int((self.places.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _owner(self) -> pwd.struct_passwd | None:
        """The OS user PostgreSQL runs as when it must not be this one."""
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            raise ServerError(
                said(
                    "root 不能运行 PostgreSQL，且没有用户 `postgres`：useradd --system postgres",
                    "Root may not run PostgreSQL and there is no user `postgres`: "
                    "useradd --system postgres",
                )
            ) from None

    def _run(self, command: list[Any]) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the right user, away from our terminal's Ctrl-C."""
        owner = self._owner()
        drop: dict[str, Any] = {}
        if owner is not None:
            drop = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        plain = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        # Output goes to a file: a pipe would be inherited by the server and never close.
        with (self.var / ".cluster.out").open("w+") as out:
            done = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=plain,
                start_new_session=True,
                check=False,
                **drop,
            )
            out.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, out.read(), "")

    def _make_folders(self) -> None:
        owner = self._owner()
        for folder, mode in ((self.places.data.parent, 0o711), (self.places.socket, 0o700)):
            folder.mkdir(parents=True, exist_ok=True)
            if owner is not None:
                os.chown(folder, owner.pw_uid, owner.pw_gid)
            elif folder.stat().st_uid != os.geteuid():
                raise ServerError(
                    said(
                        f"{folder} 属于另一用户：请以该用户启动，"
                        "或将 CHENGYUN_VAR 设为自己的文件夹。",
                        f"{folder} belongs to another user: start as that user, or set "
                        "CHENGYUN_VAR to a folder of your own.",
                    )
                )
            folder.chmod(mode)

    def _make(self, binaries: Binaries) -> None:
        """initdb beside the final place, then rename: a half-made cluster is never used."""
        draft = self.places.data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        done = self._run(
            [
                binaries["initdb"],
                "--pgdata",
                draft,
                "--username=postgres",
                "--encoding=UTF8",
                # Chinese letters must count as letters (pg_trgm), whatever the machine's locale.
                f"--locale={_utf8_locale()}",
                "--auth-local=trust",
                "--auth-host=reject",
                "--data-checksums",
                *(["--no-sync"] if self.fast else []),
            ]
        )
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            why = _last_line(done)
            raise ServerError(
                said(f"未能建立数据库：{why}", f"The database could not be made: {why}")
            )
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude_if_exists 'chengyun.conf'\n")
        draft.rename(self.places.data)

    def _configure(self) -> None:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        shared = max(128, min(memory // 8 if self.fast else memory // 4, 8192))
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.places.socket}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": f"{shared}MB",
            "effective_cache_size": f"{max(256, memory // 2)}MB",
            "work_mem": f"{max(4, min(memory // 512, 64))}MB",
            "maintenance_work_mem": f"{max(64, min(memory // 16, 1024))}MB",
            "max_wal_size": "4GB",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_duration_statement": "2s",
            "log_lock_waits": "on",
        }
        if self.fast:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        text = "# Written at every start; own settings belong into postgresql.auto.conf\n"
        for name, value in settings.items():
            text += f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n"
        (self.places.data / "chengyun.conf").write_text(text)

    def _launch(self, binaries: Binaries) -> None:
        _rotate(self.places.log)
        started = time.monotonic()
        while True:
            self._clear_stale_locks()
            done = self._run(
                [
                    binaries["pg_ctl"],
                    "-D",
                    self.places.data,
                    "-l",
                    self.places.log,
                    "-w",
                    "-t",
                    "600",
                    "start",
                ]
            )
            if done.returncode == 0:
                return
            if time.monotonic() - started > PATIENCE_SECONDS or not self._still_dying():
                reason = _last_error(self.places.log) or _last_line(done)
                log = self.places.log
                raise ServerError(
                    said(
                        f"PostgreSQL 未能启动：{reason}（见 {log}）",
                        f"PostgreSQL did not start: {reason} (see {log})",
                    )
                )
            time.sleep(0.5)

    def _clear_stale_locks(self) -> None:
        """Locks of a killed postmaster whose number another program (or a zombie) now holds."""
        if self.pid() is None and not self._still_dying():
            (self.places.data / "postmaster.pid").unlink(missing_ok=True)
            (self.places.socket / SOCKET_NAME).unlink(missing_ok=True)

    def _still_dying(self) -> bool:
        """Whether backends of a killed postmaster still hold this cluster's memory."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if (folder / "comm").read_text().strip() != "postgres":
                    continue
                if (folder / "cwd").resolve() == self.places.data:
                    return True
            except OSError:
                continue
        return False

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.places.socket),
            dbname=database,
            user="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def _provide(self) -> None:
        """The platform's role, its database and the extensions only a superuser may add."""
        with self._connect("postgres") as link:
            if not link.execute("SELECT 1 FROM pg_roles WHERE rolname = 'chengyun'").fetchone():
                link.execute("CREATE ROLE chengyun LOGIN")
            if self.fast:
                link.execute("ALTER ROLE chengyun CREATEDB")
            if not link.execute("SELECT 1 FROM pg_database WHERE datname='chengyun'").fetchone():
                link.execute("CREATE DATABASE chengyun OWNER chengyun")
        # In template1 too: a database made from it later (tests, a second city) has them at once.
        for database in ("template1", "chengyun"):
            with self._connect(database) as link:
                for extension in EXTENSIONS:
                    link.execute(
                        sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(
                            sql.Identifier(extension)
                        )
                    )

    def kill(self) -> None:
        """kill -9 of the postmaster, as a crash would: for drills and tests."""
        if (pid := self.pid()) is not None:
            os.kill(pid, signal.SIGKILL)


def _utf8_locale() -> str:
    asked = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    known = {name.lower().replace("-", ""): name for name in asked.stdout.split()}
    for wanted in ("c.utf8", "en_us.utf8", "zh_cn.utf8"):
        if wanted in known:
            return known[wanted]
    raise ServerError(
        said(
            "未安装 UTF-8 语言环境：apt-get install -y locales，然后 locale-gen",
            "No UTF-8 locale is installed: apt-get install -y locales, then locale-gen",
        )
    )


def _rotate(log: Path, limit: int = 20 * 2**20) -> None:
    if log.exists() and log.stat().st_size > limit:
        log.rename(log.with_suffix(".log.1"))


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else said(f"退出码 {done.returncode}", f"exit code {done.returncode}")


def _last_error(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()[-40:]
    except OSError:
        return ""
    bad = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return bad[-1].split(":  ", 1)[-1] if bad else ""
