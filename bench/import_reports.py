"""How near the import of requests comes to bare COPY of the same rows into the same tables.

    python -m bench.import_reports FILE... --map MAPPING --city FOLDER

makes a database of its own beside the configured one, imports the files, takes the three tables
out by COPY, empties them and puts the very same rows back by COPY: triggers, indexes and foreign
keys are the same on both sides. The database is dropped at the end.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TABLES = ("governance_case", "governance_report", "governance_caserecord")
NAME = "chengyun_bench_import"
TARGET = 1 / 5


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--map", dest="mapping", type=Path, required=True)
    parser.add_argument("--city", type=Path, required=True)
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    os.environ["CHENGYUN_STATEMENT_TIMEOUT_MS"] = "0"

    import psycopg
    from psycopg.conninfo import make_conninfo

    from chengyun.config.environment import environment

    admin = environment().database
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME}")
        connection.execute(f"CREATE DATABASE {NAME}")
    environment.cache_clear()
    os.environ["DATABASE_URL"] = make_conninfo(admin, dbname=NAME)
    try:
        measure(given.files, given.mapping, given.city)
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {NAME}")


def measure(files: list[Path], mapping: Path, city: Path) -> None:
    """Import, copy out, copy in; print the table."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from chengyun.cli.load import load_folder
    from chengyun.core.actor import Actor
    from chengyun.governance.intake.mapping import read_mapping
    from chengyun.governance.intake.run import import_reports

    actor = Actor.system("bench")
    call_command("migrate", verbosity=0)
    load_folder(city, actor=actor, progress=lambda step, done, total: None)
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        outcomes = import_reports(
            files, read_mapping(mapping), actor=actor, rejected=Path(folder) / "rejected.csv"
        )
        importing, cpu = time.perf_counter() - started, time.process_time() - cpu
        with connection.cursor() as cursor:
            rows = _out(cursor, Path(folder))
            _empty(cursor)
        started = time.perf_counter()
        _back(Path(folder))
        copying = time.perf_counter() - started
    cases = sum(outcome.rows_in for outcome in outcomes)
    ratio = copying / importing
    print(f"{'':24}{'seconds':>10}{'cases/s':>12}{'rows/s':>12}")
    for name, seconds in (("import", importing), ("bare COPY", copying)):
        print(f"{name:24}{seconds:>10.1f}{cases / seconds:>12,.0f}{rows / seconds:>12,.0f}")
    print(f"ratio {ratio:.2f} of bare COPY (target ≥ {TARGET:.2f}); Python CPU {cpu:.1f} s, "
          f"{cases:,} cases, {rows:,} rows in {len(TABLES)} tables")  # fmt: skip


def _out(cursor: Any, folder: Path) -> int:
    rows = 0
    for table in TABLES:
        with (
            (folder / table).open("wb") as file,
            cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy,
        ):
            for block in copy:
                file.write(block)
        cursor.execute(f"SELECT count(*) FROM {table}")
        rows += cursor.fetchone()[0]
    return rows


def _empty(cursor: Any) -> None:
    """The records of a case refuse to be emptied; here their guard is lifted for once."""
    cursor.execute("ALTER TABLE governance_caserecord DISABLE TRIGGER case_record_no_truncate")
    cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    cursor.execute("ALTER TABLE governance_caserecord ENABLE TRIGGER case_record_no_truncate")


def _back(folder: Path) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        raw: Any = cursor
        for table in TABLES:
            with (
                (folder / table).open("rb") as file,
                raw.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy,
            ):
                while block := file.read(1 << 18):
                    copy.write(block)
            # Or the foreign keys of the next table are checked by reading this one whole.
            raw.execute(f"ANALYZE {table}")


if __name__ == "__main__":
    main()
