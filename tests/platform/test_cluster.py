"""The private PostgreSQL: made, killed, repaired, stopped."""

import os
import time
from pathlib import Path

import psycopg
import pytest

from chengyun.config import places
from chengyun.server import postgres
from chengyun.server.cluster import Cluster
from chengyun.server.postgres import ServerError, find_binaries

pytestmark = pytest.mark.serial


def test_a_new_cluster_serves_an_ordinary_role_with_every_extension(cluster: Cluster) -> None:
    assert cluster.start() is True
    with psycopg.connect(cluster.url) as link:
        asked = link.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()
        assert asked == (False,)
        assert link.execute("SHOW data_checksums").fetchone() == ("on",)
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)
        # Chinese letters count as letters: without a UTF-8 locale this would be empty.
        found = link.execute("SELECT show_trgm('井盖破损')").fetchone()
        assert found
        assert len(found[0]) > 3
        link.execute("SELECT ST_SetSRID(ST_MakePoint(120.3, 36.1), 4490)")
    assert cluster.start() is False, "a running cluster is used, not started twice"


def test_what_was_committed_survives_kill_9(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(cluster.url) as link:
        link.execute("CREATE TABLE kept (number int)")
        link.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    first = cluster.pid()
    cluster.kill()
    assert cluster.start() is True
    assert cluster.pid() not in (None, first)
    with psycopg.connect(cluster.url) as link:
        assert link.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_kill_9_with_a_busy_backend_is_waited_out(cluster: Cluster) -> None:
    cluster.start()
    busy = psycopg.connect(cluster.url)
    busy.execute("SELECT 1")
    cluster.kill()
    assert cluster.start() is True
    with pytest.raises(psycopg.OperationalError):
        busy.execute("SELECT 1")


def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "var", fast=True)
    draft = cluster.places.data.with_name("data.new")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("15\n")
    try:
        assert cluster.start() is True
        assert not draft.exists()
    finally:
        cluster.destroy()


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    file = cluster.places.data / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n{cluster.places.data}\n{int(time.time())}\n5432\n\n\n\n")
    assert cluster.pid() is None
    assert cluster.start() is True


def test_stop_ends_it_and_is_repeatable(cluster: Cluster) -> None:
    cluster.start()
    assert cluster.pid() is not None
    cluster.stop()
    cluster.stop()
    assert cluster.pid() is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / ("very-long-name-of-a-folder" * 5) / "var", fast=True)
    try:
        socket = cluster.places.socket / places.SOCKET_NAME
        assert len(str(socket)) <= places.SOCKET_PATH_LIMIT
        cluster.start()
        psycopg.connect(cluster.url).close()
    finally:
        cluster.destroy()


def test_a_folder_root_keeps_to_itself_moves_the_cluster(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = places.cluster_places(closed / "var").data
    if os.geteuid() == 0:
        assert home.is_relative_to("/var/lib/chengyun")
    else:
        assert home.is_relative_to(closed)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({}, "PostgreSQL is not installed: apt-get install"),
        ({"14": 14}, "PostgreSQL 14 is too old, 15 or newer is needed"),
    ],
)
def test_a_missing_or_old_server_is_one_sentence_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, int], sentence: str
) -> None:
    monkeypatch.setattr(postgres, "_folders", lambda: iter(Path(name) for name in found))
    monkeypatch.setattr(postgres, "_major", lambda folder: found[str(folder)])
    with pytest.raises(ServerError, match=sentence):
        find_binaries()


def test_a_cluster_of_another_version_names_the_package() -> None:
    with pytest.raises(ServerError, match=r"by PostgreSQL 99, .*apt-get install -y postgresql-99"):
        find_binaries(99)
