"""How many days of the real city's size one hour plays: the whole flow through the real actions.

    python -m bench.day --cases 500

makes a small synthetic city in a database of its own, plays one day of so many cases there with
``chengyun simulate day``, and scales the time to the 16,000 cases that Qingdao moves in a day.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

NAME = "chengyun_bench_day"
REAL_DAY = 16_000


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--day", default="2026-03-10")
    given = parser.parse_args(arguments)

    from bench.database import migrate, own_database

    own_database(NAME, fresh=True)
    migrate()
    from django.db import connection

    connection.close()
    with tempfile.TemporaryDirectory() as folder:
        _chengyun("simulate", "city", folder, "--scale", "small")
        _chengyun("load", folder)
    spent = _chengyun("simulate", "day", "--date", given.day, "--cases", str(given.cases))
    days = 3600 / (spent * REAL_DAY / given.cases)
    print(
        f"{given.cases} cases in {spent:.1f} s: {days:.2f} Qingdao-days an hour "
        f"on {os.cpu_count()} cores"
    )
    return 0


def _chengyun(*arguments: str) -> float:
    """Run one command of the platform; seconds it took."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "chengyun", *arguments],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
