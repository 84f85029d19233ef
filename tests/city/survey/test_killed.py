"""Imports that are killed for good (kill -9), as processes: nothing half-loaded, and they go on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.city.conftest import small_city
from tests.city.survey.files import write_geojson, write_parquet
from tests.city.survey.test_surveys import lamp
from tests.intake.conftest import Database, databases

__all__ = ["databases"]

pytestmark = pytest.mark.slow
PATIENCE = 300.0
MAPPING = '[fields]\ncode = "{code}"\n[classes]\n"kind=lamp" = "01037"\n'


@pytest.fixture
def city(databases: Callable[[], Database], tmp_path: Path) -> Database:
    made = databases()
    made.run("load", str(small_city(tmp_path / "city").path))
    return made


def start(city: Database, *arguments: object, **settings: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        city.command(*map(str, arguments)), env={**city.environment(), **settings},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_for(city: Database, process: "subprocess.Popen[bytes]", question: str) -> None:
    """Wait until the database answers yes, while the process works."""
    until = time.monotonic() + PATIENCE
    with psycopg.connect(city.url, autocommit=True) as connection:
        while not connection.execute(question).fetchall()[0][0]:  # type: ignore[call-overload]
            assert process.poll() is None, "it ended before"
            assert time.monotonic() < until
            time.sleep(0.01)


def kill(process: "subprocess.Popen[bytes]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@contextmanager
def nobody_writes(city: Database, table: str) -> Iterator[str]:
    """Whoever writes to a table waits; gives the question whether somebody does."""
    with psycopg.connect(city.url) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")  # type: ignore[call-overload]
        yield f"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND {_of(table)})"
        connection.rollback()
    # What was killed leaves its backend behind until that has noticed.
    until = time.monotonic() + PATIENCE
    while city.query(f"SELECT count(*) FROM pg_locks WHERE {_of(table)}") != [(0,)]:
        assert time.monotonic() < until
        time.sleep(0.01)


def _of(table: str) -> str:
    here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    return f"relation = '{table}'::regclass AND database = {here}"


def register(city: Database) -> list[tuple[object, ...]]:
    return city.query("SELECT code, state, ST_AsText(geom) FROM city_component ORDER BY code")


def test_a_killed_import_goes_on_and_applies_once(city: Database, tmp_path: Path) -> None:
    # Most rows are of no class that is mapped: many to read, few to write. One of the second batch
    # comes back.
    rows = [
        {**lamp(i % 1_000), "kind": "lamp" if i % 1_000 == 0 else "other",
         "code": "" if i == 150_000 else f"37020201037{i:06}"}
        for i in range(210_000)
    ]  # fmt: skip
    path = write_parquet(tmp_path / "big.parquet", rows, group=50_000)
    (tmp_path / "map.toml").write_text(MAPPING, encoding="utf-8")
    command = ("import", "components", str(path), "--map", str(tmp_path / "map.toml"))
    before = register(city)
    with nobody_writes(city, "city_surveyrow") as somebody_waits:
        reading = start(city, *command)
        wait_for(city, reading, somebody_waits)
        kill(reading)
    assert city.query("SELECT state, cursor FROM city_survey") == [("reading", 100_000)]
    assert register(city) == before
    # It goes on behind the last row that was stored, and is killed again before its last step.
    with nobody_writes(city, "core_auditentry") as somebody_waits:
        applying = start(city, *command)
        wait_for(city, applying, somebody_waits)
        kill(applying)
    assert register(city) == before
    assert city.query("SELECT state, read FROM city_survey") == [("review", 210_000)]
    said = city.run(*command)
    assert "209 new, 0 changed, 0 the same, 1 rejected, 209,790 of no class" in said
    assert len(register(city)) == len(before) + 209
    assert city.query("SELECT state, count(*) FROM city_survey GROUP BY 1") == [("applied", 1)]
    again = city.run(*command)
    assert "0 new, 0 changed, 209 the same" in again
    assert city.query("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'city_survey\\_%'") == [
        (0,)
    ]


def test_a_killed_filling_leaves_the_layer_as_it_was(city: Database, tmp_path: Path) -> None:
    def benches(count: int) -> Path:
        spot = {"type": "Point", "coordinates": [120.31, 36.06]}
        rows = [({"n": i}, spot) for i in range(count)]
        return write_geojson(tmp_path / f"{count}.geojson", rows)

    city.run("import", "layer", str(benches(3)), "--code", "benches", "--name", "长椅")
    with nobody_writes(city, "core_auditentry") as somebody_waits:
        filling = start(city, "import", "layer", benches(5), "--code", "benches")
        wait_for(city, filling, somebody_waits)
        kill(filling)
    assert city.query("SELECT count(*) FROM layers.benches") == [(3,)]
    assert city.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'layers'") == [(1,)]
    city.run("import", "layer", str(benches(5)), "--code", "benches")
    assert city.query("SELECT count(*) FROM layers.benches") == [(5,)]


HAND_IN = """
import sys
import django
django.setup()
from django.core.files import File
from chengyun.city.actions.fillings import ask_filling
from chengyun.city.jobs import fill_layer
from chengyun.city.layers.uploads import Said
from chengyun.core.actor import Actor
from chengyun.core.models import Grant, User
user = User.objects.create_user("guan")
Grant.objects.create(user=user, role="data_manager")
with open(sys.argv[1], "rb") as file:
    filling = ask_filling(
        actor=Actor.of(user), code="benches", content=File(file), name="five.geojson", said=Said()
    )
fill_layer.defer(filling_id=filling.pk)
"""


def test_a_worker_that_is_killed_in_a_filling_is_followed_by_another(
    city: Database, tmp_path: Path
) -> None:
    def benches(count: int) -> Path:
        spot = {"type": "Point", "coordinates": [120.31, 36.06]}
        return write_geojson(tmp_path / f"{count}.geojson", [({"n": 1}, spot)] * count)

    (tmp_path / "scratch").mkdir()
    settings = {
        "CHENGYUN_MEDIA": str(tmp_path / "media"), "TMPDIR": str(tmp_path / "scratch"),
        "DJANGO_SETTINGS_MODULE": "chengyun.config.settings",
    }  # fmt: skip
    city.run("import", "layer", str(benches(3)), "--code", "benches", "--name", "长椅")
    subprocess.run(
        [sys.executable, "-c", HAND_IN, str(benches(5))],
        env={**city.environment(), **settings}, check=True,
    )  # fmt: skip
    rows, newest = "SELECT count(*) FROM layers.benches", "ORDER BY id DESC LIMIT 1"
    with nobody_writes(city, "core_auditentry"):
        working = start(city, "work", **settings)
        # How far it is can be seen although nothing of it is.
        wait_for(city, working, f"SELECT read = total FROM city_layerfilling {newest}")
        assert city.query(f"SELECT state FROM city_layerfilling {newest}") == [("running",)]
        assert city.query(rows) == [(3,)]
        kill(working)
    assert city.query(rows) == [(3,)]
    city.query(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h' RETURNING 1"
    )
    working = start(city, "work", **settings)
    wait_for(city, working, f"SELECT state = 'done' FROM city_layerfilling {newest}")
    working.terminate()
    working.wait(PATIENCE)
    assert city.query(rows) == [(5,)]
    assert city.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'layers'") == [(1,)]
    fills = "SELECT actor_label FROM core_auditentry WHERE action = 'city.layer.fill' ORDER BY id"
    assert [label for (label,) in city.query(fills)][1:] == ["guan"]
    assert list((tmp_path / "media" / "layers").iterdir()) == []
