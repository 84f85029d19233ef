"""An import that is killed in the middle goes on, and ends as if nothing had happened."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.conftest import ROOT, Database

pytestmark = pytest.mark.slow

TOWN = """
import django
django.setup()
from tests.api.town import build_town
build_town()
"""
MAP = """
source = "kill"
[time]
zone = "Asia/Shanghai"
formats = ["%Y-%m-%d"]
[fields]
external_id = "{no}"
reported_at = "{day}"
text = "{text}"
matter = "{matter}"
department = "市政工程处"
lon = "{lon}"
lat = "{lat}"
"""
ROWS, BATCH = 4_000, 100
# Everything but what is drawn anew in each process: ids, times of the import, receipt numbers.
REPORTS = """
SELECT r.external_id, r.text, r.place_note, r.reported_at, c.number, c.state, c.scope_areas,
       (SELECT array_agg(x.seq || x.operation || (x.data ->> 'line') ORDER BY x.seq)
        FROM governance_caserecord x WHERE x.case_id = c.id)
FROM governance_report r JOIN governance_case c ON c.id = r.case_id ORDER BY r.external_id
"""
RUN = "SELECT rows_done, rows_in, rows_known, rows_rejected, notices, finished_at IS NOT NULL"


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["no", "day", "text", "matter", "lon", "lat"])
        for n in range(ROWS):
            # Every 37th says nothing, every 41st repeats an earlier number.
            text = "" if n % 37 == 0 else f"井盖丢失 {n}"
            number = n - 40 if n % 41 == 40 else n
            day = f"2025-03-{1 + n % 28:02d}"
            writer.writerow([f"{number:05d}", day, text, "01001", 120 + n % 90 / 1000, 36.05])
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    return path


def made(databases: Callable[[], Database]) -> Database:
    database = databases()
    subprocess.run([sys.executable, "-c", TOWN], env=database.environment(), cwd=ROOT, check=True)
    return database


def command(requests: Path, folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [
        "import", "reports", str(requests), "--map", str(requests.with_name("map.toml")),
        "--batch", str(BATCH), "--rejected", str(folder),
    ]  # fmt: skip


def kill_in_the_middle(database: Database, arguments: list[str]) -> int:
    """Start the command, wait until a part is in, kill -9; returns how many rows were decided."""
    process = subprocess.Popen(
        database.command(*arguments),
        env=database.environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(6_000):
            done = database.query("SELECT COALESCE(max(rows_done), 0) FROM governance_importrun")
            if done[0][0] >= 5 * BATCH or process.poll() is not None:
                break
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return int(database.query("SELECT rows_done FROM governance_importrun")[0][0])


def test_a_killed_import_ends_like_an_unbroken_one(
    databases: Callable[[], Database], requests: Path, tmp_path: Path
) -> None:
    unbroken, killed = made(databases), made(databases)
    unbroken.run(*command(requests, tmp_path / "unbroken"))
    arguments = command(requests, tmp_path / "killed")
    done = kill_in_the_middle(killed, arguments)
    assert BATCH <= done < ROWS, "the kill came too late or too early to prove anything"
    out = tmp_path / "killed" / "requests.csv.rejected.csv"
    with out.open("a", encoding="utf-8") as file:  # what a killed batch may leave behind
        file.write('09999,2025-03-01,"half a row')
    said = killed.run(*arguments)
    assert "went on behind row" in said
    run = f"{RUN} FROM governance_importrun"
    assert killed.query(run) == unbroken.query(run)
    assert killed.query(REPORTS) == unbroken.query(REPORTS)
    assert out.read_bytes() == (tmp_path / "unbroken" / out.name).read_bytes()
    serials = "SELECT day, prefix, last FROM governance_casenumber ORDER BY 1, 2"
    assert killed.query(serials) == unbroken.query(serials)
    gaps = killed.query(
        "SELECT n.day FROM governance_casenumber n JOIN governance_case c"
        " ON c.number LIKE n.prefix || to_char(n.day, 'YYYYMMDD') || '%%'"
        " GROUP BY n.day, n.prefix, n.last HAVING count(*) <> n.last"
    )
    assert gaps == []
    # Once more: nothing happens, and it says so.
    before = killed.query(REPORTS)
    assert "imported before" in killed.run(*arguments)
    assert killed.query(REPORTS) == before
