"""A town to import into, files made by the tests themselves, and databases for subprocesses."""

import csv
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from chengyun.city.queries import forget_catalogue
from chengyun.core.actor import Actor
from chengyun.governance.intake.mapping import Mapping, parse_mapping
from chengyun.governance.intake.run import FileOutcome, import_reports
from tests.api.town import Town, build_town

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    "no", "opened", "due", "closed", "status", "text", "class", "unit", "district", "lon", "lat",
)  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "source": "test",
    "coordinates": "WGS84",
    "attributes": ["status"],
    "time": {"zone": "Asia/Shanghai", "formats": ["%Y-%m-%d %H:%M"]},
    "fields": {
        "external_id": "{no}",
        "reported_at": "{opened}",
        "due_at": "{due}",
        "closed_at": "{closed}",
        "state": "{status}",
        "text": "{text}",
        "matter": "{class}",
        "department": "{unit}",
        "area": "{district}",
        "lon": "{lon}",
        "lat": "{lat}",
    },
    "values": {"state": {"已办结": "closed", "在办": "open", "作废": "voided"}},
}
ROW = {
    "no": "A1", "opened": "2025-03-03 09:00", "due": "2025-03-05 09:00",
    "closed": "2025-03-04 10:00", "status": "已办结", "text": "井盖丢失", "class": "井盖缺失",
    "unit": "市政工程处", "district": "城东区", "lon": "120.05", "lat": "36.05",
}  # fmt: skip

Rows = Sequence[dict[str, str]]


def row(**changes: str) -> dict[str, str]:
    """A request that is all right, but for what is changed."""
    return {**ROW, **changes}


def mapping(**changes: Any) -> Mapping:
    """The test mapping with top-level parts replaced."""
    return parse_mapping({**DOCUMENT, **changes})


@pytest.fixture
def town(db: None) -> Iterator[Town]:
    yield build_town()
    forget_catalogue()


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows (dicts, or raw lines as str) to a CSV file."""

    def write(rows: Sequence[dict[str, str] | str], name: str = "requests.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for item in rows:
                if isinstance(item, str):
                    file.write(item + "\n")
                else:
                    writer.writerow(item)
        return path

    return write


@pytest.fixture
def bring_in() -> Callable[..., FileOutcome]:
    """Imports one file and gives what became of it."""

    def run(path: Path, given: Mapping | None = None, **options: Any) -> FileOutcome:
        outcomes = import_reports([path], given or mapping(), actor=Actor.system("test"), **options)
        return outcomes[0]

    return run


def rejected(path: Path) -> list[dict[str, str]]:
    """The rows of the rejected file beside ``path``."""
    beside = path.with_name(f"{path.name}.rejected.csv")
    if not beside.exists():
        return []
    with beside.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Database:
    """A database of its own, for commands that run as processes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql, values or None).fetchall()  # type: ignore[arg-type]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "chengyun", *arguments]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout


@pytest.fixture
def databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], Database]]:
    """Makes empty, migrated databases as copies of the test database."""
    from django.db import connections

    with django_db_blocker.unblock():
        settings = connections["default"].get_connection_params()
        connections.close_all()
    known = {key: settings[key] for key in ("host", "port", "user", "password") if key in settings}
    template = settings["dbname"]
    admin = make_conninfo(dbname="postgres", **known)
    made: list[str] = []

    def make() -> Database:
        name = f"{template}_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]
        made.append(name)
        host = known.get("host", "")
        user, port = known.get("user", ""), known.get("port", "")
        secret = f":{known['password']}" if known.get("password") else ""
        query = f"?host={host}" + (f"&port={port}" if port else "")
        return Database(f"postgresql://{user}{secret}@/{name}{query}")

    yield make
    with psycopg.connect(admin, autocommit=True) as connection:
        for name in made:
            _drop(connection, name)


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop a database. Not WITH (FORCE): that would also end the server's own autovacuum, which
    an ordinary role may not; a plain DROP waits for it."""
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    for attempt in range(10):
        connection.execute(f"{ours} AND usename = current_user", [name])
        try:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')  # type: ignore[arg-type]
        except psycopg.errors.ObjectInUse:
            time.sleep(attempt / 2)
        else:
            return
