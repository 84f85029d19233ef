"""Measures the bulk load of components: ``python -m bench.import_components [ROWS]``.

GeoParquet → register, with reading, checks, grid assignment, comparison, counts and audit, beside a
raw binary COPY of the same rows into a table of the same shape and indexes. Times are CPU seconds
of this process and of the database's backend together, because machines are shared; the ratio is
what the issue asks to be at least a third. The peak is that of this process while it imports. The
database is made anew beside the configured one, with the grids of the demo city, and goes at the
end.
"""

import os
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bench.database import drop_database, migrate, own_database

Process = get_context("spawn").Process
DATABASE = "chengyun_bench_import"
# The city itself has some, as every city; the file has the rest.
_REGISTERED = 10_000


def cpu(pid: int) -> float:
    """CPU seconds of this process and of one backend of the database on this machine."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(*, reset: bool = False) -> float:
    """The most memory that this process held since the last reset, in MB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def load_city() -> None:
    """The grids, areas and classes of the demo city, and a few components."""
    from chengyun.cli import call, mount
    from chengyun.simulation.city import write_city

    mount()
    with tempfile.TemporaryDirectory() as folder:
        write_city(Path(folder), seed=1, scale="demo", components=_REGISTERED)
        call("load", folder)


def write_rows(path: Path, rows: int) -> None:
    """Components along streets, in the clusters that cities have, as GeoParquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely
    from django.db import connection

    from chengyun.city.snapshot import catalogue

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(ST_PointOnSurface(g.geom)), ST_Y(ST_PointOnSurface(g.geom)), d.code "
            "FROM city_unitgrid g JOIN city_area c ON c.id = g.community_id "
            "JOIN city_area d ON d.level = 'district' AND d.code = ANY (c.ancestors) "
            "WHERE g.valid_until IS NULL ORDER BY g.id"
        )
        places = cursor.fetchall()
    known = catalogue()
    kinds = sorted(
        code for of, code in known.component_class_of if of == known.default_edition.code
    )
    rng = np.random.default_rng(4490)
    at = rng.integers(0, len(places), rows)
    kind = rng.integers(0, len(kinds), rows)
    centres = np.array([place[:2] for place in places])[at]
    place = centres + rng.normal(0, 0.0006, (rows, 2))
    codes = [
        f"{places[i][2]}{kinds[k]}{999_999 - n % 1_000_000:06}"
        for n, (i, k) in enumerate(zip(at, kind, strict=True))
    ]
    table = pa.table(
        {
            "code": codes,
            "state": rng.choice(["intact", "damaged", "lost"], rows, p=[0.97, 0.02, 0.01]),
            "first_surveyed": rng.choice(["2024-03-01", "2025-05-05"], rows),
            "source": np.full(rows, "survey 2026", dtype=object),
            "geometry": pa.array(shapely.to_wkb(shapely.points(place)), pa.binary()),
        }
    )
    about = '{"encoding": "WKB", "geometry_types": ["Point"]}'
    geo = (
        f'{{"version": "1.1.0", "primary_column": "geometry", "columns": {{"geometry": {about}}}}}'
    )
    pq.write_table(table.replace_schema_metadata({"geo": geo}), path, row_group_size=100_000)


def write_apart(path: Path, rows: int) -> None:
    """`write_rows` in a process of its own."""
    import django

    django.setup()
    write_rows(path, rows)


def raw_copy() -> tuple[int, float, float]:
    """Rows, CPU and wall seconds of COPY BINARY of what was loaded into an equal table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) "
            "FROM information_schema.columns WHERE table_name = 'city_component' "
            "AND is_generated = 'NEVER'"
        )
        columns = cursor.fetchone()[0]
        cursor.execute("DROP TABLE IF EXISTS bench_component")
        cursor.execute("CREATE TABLE bench_component (LIKE city_component INCLUDING ALL)")
        pieces: list[bytes] = []
        wanted = (
            f"COPY (SELECT {columns} FROM city_component ORDER BY geom) TO STDOUT (FORMAT binary)"
        )
        with cursor.copy(wanted) as out:
            pieces += [bytes(piece) for piece in out]
        started, wall = cpu(pid), time.monotonic()
        with cursor.copy(f"COPY bench_component ({columns}) FROM STDIN (FORMAT binary)") as into:
            for piece in pieces:
                into.write(piece)
        spent = cpu(pid) - started, time.monotonic() - wall
        cursor.execute("SELECT count(*) FROM bench_component")
        (rows,) = cursor.fetchone()
        cursor.execute("DROP TABLE bench_component")
    return rows, *spent


def main(rows: int) -> None:
    """Load, compare with the raw COPY, print the table."""
    own_database(DATABASE, fresh=True)
    migrate()
    load_city()
    try:
        measure(rows)
    finally:
        drop_database(DATABASE)


def measure(rows: int) -> None:
    """Import so many rows into the city that is loaded."""
    from django.db import connection

    from chengyun.city.actions import surveys
    from chengyun.city.survey.assignment import RasterLocator
    from chengyun.core.actor import Actor

    actor, steps = Actor.system("bench"), dict[str, tuple[float, float]]()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "components.parquet"
        # Apart, so that what it holds is not counted.
        writer = Process(target=write_apart, args=(path, rows))
        writer.start()
        writer.join()
        survey = surveys.open_survey(actor=actor, path=path, wanted=surveys.Wanted("components"))
        peak(reset=True)
        started, wall = cpu(pid), time.monotonic()
        surveys.read_survey(survey=survey, path=path, show_new=False)
        steps["read, check, assign, compare"] = cpu(pid) - started, time.monotonic() - wall
        started, wall = cpu(pid), time.monotonic()
        surveys.apply_survey(actor=actor, survey=survey, force=True)
        steps["apply"] = cpu(pid) - started, time.monotonic() - wall
    most = peak()
    found, *raw = raw_copy()
    steps["raw binary COPY"] = raw[0], raw[1]
    for name, (spent, wall) in steps.items():
        print(f"{name:<32}{spent:9.2f} CPU s{wall:9.2f} s{found / spent:12,.0f} rows per CPU s")
    whole = sum(spent for name, (spent, _) in steps.items() if name != "raw binary COPY")
    print(f"share of the raw COPY's rate: {steps['raw binary COPY'][0] / whole:.2f} (goal 0.33)")
    print(f"peak memory of the importing process: {most:,.0f} MB")
    assignment(RasterLocator, found)


def assignment(locator: Any, rows: int) -> None:
    """Points per CPU second of the grid assignment, with and without building the raster."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM city_component LIMIT %s", [rows])
        x, y = np.array(cursor.fetchall(), dtype=np.float64).T
    started = time.process_time()
    made = locator.load()
    built = time.process_time()
    made.locate(x, y)
    spent = time.process_time() - built
    print(
        f"assignment: {rows / spent:,.0f} points per CPU s (goal 500,000); "
        f"the raster took {built - started:.2f} CPU s to build"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_500_000)
