"""``python -m bench``: the speed of the main paths, as tables.

Everything runs in this process against a database of its own beside the configured one. Times are
wall time; CPU is the process's own and, beside it, that of the connection's PostgreSQL process.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

NAME = "chengyun_bench"
PARTS = ("lists", "steps", "evaluation", "soak", "day")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30, help="calls of each operation")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args(arguments)
    outside = dict(os.environ)  # the parts below make databases of their own on the same server

    if {"lists", "steps", "evaluation"} & set(given.only):
        from bench.database import prepare

        prepare(f"{NAME}_{given.cases}", given.cases, fresh=given.fresh)
        _tables(given.cases, given.rounds, given.only)
    failed = 0
    for part in ("soak", "day"):
        if part in given.only:
            print(f"\n{part.capitalize()}")
            failed |= subprocess.call([sys.executable, "-m", f"bench.{part}"], env=outside)
    return failed


def _tables(cases: int, rounds: int, only: Sequence[str]) -> None:
    from bench import evaluation, requests
    from bench.meter import show

    if "lists" in only:
        show(f"Pages of 25 of {cases:,} cases", requests.lists(cases, rounds))
    if "steps" in only:
        show(f"A report and its steps, beside {cases:,} cases", requests.reports_and_steps(rounds))
    if "evaluation" in only:
        show(f"Evaluation of {cases:,} cases", evaluation.lines(rounds))


if __name__ == "__main__":
    raise SystemExit(main())
