"""The real files, counted by somebody else: DuckDB over the raw CSV must say the same.

The data may not travel with the project. It is looked for in CHENGYUN_TEST_REAL_DATA, else in
``../shared/data/real`` beside the source tree.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.intake.conftest import ROOT, Database

pytestmark = pytest.mark.slow

REAL = Path(os.environ.get("CHENGYUN_TEST_REAL_DATA", ROOT.parent / "shared" / "data" / "real"))
BOSTON = sorted(REAL.glob("citizen_requests/boston_311_2015_part*.csv.gz"))
HOTLINE = sorted(REAL.glob("zh_hotline_*/haikou_12345*.csv.gz"))

#: What the queue owners' codes mean; the others say nothing and the subject stands for them.
OWNERS = {
    "ANML": "ANIMAL", "BTDT": "BTD", "BWSC": "BWSC", "CHT_": "TRUCK", "DISB": "DISABILITY",
    "HS_D": "DISABILITY", "HS_O": "CIVIL", "HS_V": "VETERANS", "HS_Y": "YOUTH",
    "INFO": "HOTLINE", "ISD": "ISD", "PARK": "PARKS", "PROP": "PROPERTY", "PWDx": "PWD",
}  # fmt: skip


def need(files: list[Path], what: str) -> None:
    if not files:
        pytest.skip(f"{what} are not there: looked in {REAL} (set CHENGYUN_TEST_REAL_DATA)")


def raw(files: list[Path]) -> Any:
    """The files as one DuckDB table of texts."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE raw AS SELECT * FROM read_csv(?, all_varchar = true, header = true)",
        [[str(path) for path in files]],
    )
    return connection


def pairs(rows: list[tuple[Any, ...]]) -> dict[Any, Any]:
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in rows}


def test_boston_in_numbers(databases: Callable[[], Database], tmp_path: Path) -> None:
    need(BOSTON, "Boston's requests of 2015")
    city = databases()
    city.run("load", "boston")
    arguments = [
        "import", "reports", *map(str, BOSTON), "--map", "examples/boston/mapping.toml",
        "--rejected", str(tmp_path),
    ]  # fmt: skip
    said = city.run(*arguments)
    mine = raw(BOSTON)
    form = "'%m/%d/%Y %I:%M:%S %p'"
    mine.execute(
        f"CREATE VIEW r AS SELECT *, strptime(OPEN_DT, {form}) AS opened,"
        f" strptime(TARGET_DT, {form}) AS target, strptime(CLOSED_DT, {form}) AS closed FROM raw"
    )

    def count(where: str) -> int:
        return int(mine.execute(f"SELECT count(*) FROM r WHERE {where}").fetchall()[0][0])

    runs = city.query(
        "SELECT sum(rows_done), sum(rows_in), sum(rows_rejected) FROM governance_importrun"
    )
    backwards = count("closed < opened")
    assert backwards == 197
    assert [int(n) for n in runs[0]] == [121_146, 121_146 - backwards, backwards]
    notices: Counter[str] = Counter()
    for (counts,) in city.query("SELECT notices FROM governance_importrun"):
        notices.update(counts)
    assert notices == {
        "default_point": count("LATITUDE = '42.3594' AND LONGITUDE = '-71.0587'"),
        "missing_due_at": count("TARGET_DT IS NULL"),
        "missing_area": count("neighborhood IS NULL"),
        "missing_address": count("Location IS NULL"),
        "missing_external_id": 1,
        "outside_period": count("opened < DATE '2015-01-01'"),
        "rejected.closed_before_opened": backwards,
    }
    assert notices["default_point"] == 17_070
    assert notices["missing_due_at"] == 26_991
    assert "17,070" in said
    _rejected_rows_are_those(mine, tmp_path)

    mine.execute("CREATE VIEW good AS SELECT * FROM r WHERE closed IS NULL OR closed >= opened")
    states = city.query("SELECT state, count(*) FROM governance_case GROUP BY 1")
    theirs = pairs(mine.execute("SELECT CASE_STATUS, count(*) FROM good GROUP BY 1").fetchall())
    assert pairs(states) == {"closed": theirs["Closed"], "handling": theirs["Open"]}

    owners: Counter[str] = Counter()
    named = pairs(city.query("SELECT name_en, code FROM core_organisation"))
    for code, subject, rows in mine.execute(
        "SELECT Department, SUBJECT, count(*) FROM good GROUP BY 1, 2"
    ).fetchall():
        owners[OWNERS.get(code) or named[subject]] += rows
    assert owners == pairs(
        city.query(
            "SELECT o.code, count(*) FROM governance_case c"
            " JOIN core_organisation o ON o.id = c.department_id GROUP BY 1"
        )
    )

    types = "SELECT m.name_en, count(*) FROM governance_case c JOIN city_matter m"
    assert pairs(city.query(f"{types} ON m.id = c.matter_id GROUP BY 1")) == pairs(
        mine.execute("SELECT TYPE, count(*) FROM good GROUP BY 1").fetchall()
    )

    on_time = city.query(
        "SELECT to_char(reported_at AT TIME ZONE 'America/New_York', 'YYYY-MM'), count(*),"
        " count(*) FILTER (WHERE NOT handle_late) FROM governance_case"
        " WHERE state = 'closed' AND handle_due_at IS NOT NULL GROUP BY 1"
    )
    assert pairs(on_time) == pairs(
        mine.execute(
            "SELECT strftime(opened, '%Y-%m'), count(*), count(*) FILTER (WHERE closed <= target)"
            " FROM good WHERE closed IS NOT NULL AND target IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    points = city.query(
        "SELECT count(*) FILTER (WHERE c.geom IS NULL), count(*) FILTER (WHERE r.geom IS NULL)"
        " FROM governance_report r JOIN governance_case c ON c.id = r.case_id"
    )
    at_default = (
        "LATITUDE = '42.3594' AND LONGITUDE = '-71.0587' AND NOT coalesce(closed < opened, false)"
    )
    assert points == [(count(at_default), 0)]
    before = city.query("SELECT count(*), max(id) FROM governance_case")
    assert "imported before" in city.run(*arguments)
    assert city.query("SELECT count(*), max(id) FROM governance_case") == before


def _rejected_rows_are_those(mine: Any, folder: Path) -> None:
    expected = {
        row[0]
        for row in mine.execute("SELECT CASE_ENQUIRY_ID FROM r WHERE closed < opened").fetchall()
    }
    found: list[str] = []
    for path in folder.glob("*.rejected.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found += [row["CASE_ENQUIRY_ID"] for row in csv.DictReader(file)]
    assert set(found) == expected
    assert len(found) == len(expected)


def test_the_hotline_in_numbers(databases: Callable[[], Database], tmp_path: Path) -> None:
    need(HOTLINE, "the hotline's orders")
    city, folder = databases(), tmp_path / "hotline"
    given = ["--map", "examples/hotline/mapping.toml"]
    city.run("make", "city-from-requests", str(HOTLINE[0]), *given, "--out", str(folder))
    city.run("load", str(folder))
    city.run("import", "reports", str(HOTLINE[0]), *given, "--rejected", str(tmp_path / "out.csv"))
    mine = raw(HOTLINE)
    assert city.query("SELECT rows_done, rows_in, rows_rejected FROM governance_importrun") == [
        (4_000, 4_000, 0)
    ]
    departments = (
        "SELECT o.name_zh, count(*) FROM governance_case c"
        " JOIN core_organisation o ON o.id = c.department_id GROUP BY 1"
    )
    assert pairs(city.query(departments)) == pairs(
        mine.execute("SELECT 处置单位, count(*) FROM raw GROUP BY 1").fetchall()
    )
    classes = (
        "SELECT m.class_zh, count(*) FROM governance_case c"
        " JOIN city_matter m ON m.id = c.matter_id GROUP BY 1"
    )
    assert pairs(city.query(classes)) == pairs(
        mine.execute("SELECT 行业分类1级, count(*) FROM raw GROUP BY 1").fetchall()
    )
    days = (
        "SELECT to_char(reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD'), count(*)"
        " FROM governance_case GROUP BY 1"
    )
    assert pairs(city.query(days)) == pairs(
        mine.execute("SELECT 工单编号[1:8], count(*) FROM raw GROUP BY 1").fetchall()
    )
    texts = pairs(city.query("SELECT external_id, text FROM governance_report"))
    theirs = mine.execute("SELECT 工单编号, trim(诉求内容, ' \n\r\t　') FROM raw").fetchall()
    assert {key: text.strip() for key, text in texts.items()} == {
        key: text.strip() for key, text in theirs
    }
    assert city.query("SELECT DISTINCT place_note FROM governance_report") == [("none",)]
