"""``python -m bench.find``: the search box over a million addresses, as a table.

In this process against the configured database; each question is asked once to warm up. With
``--fill`` the database, which should be one for measuring, gets made-up addresses first.
"""

import argparse
import os
import random
import statistics
import time
from pathlib import Path

QUESTIONS = (
    "香港中路", "辽阳路3号", "辽阳路12", "辽阳", "市南区", "海青市", "路", "号", "花园", "碧海花园",
    "市南 辽阳路", "市南辽阳路3号", "辽阳陆3号", "36.0671,120.3826", "100009", "100009001001",
    "B1000102025", "井盖", "🚒", "%_", "没有的地方", "1号", "小李五金店", "威海路",
    # The worst: one character, what everything has, mixed scripts, marks only, very long.
    "市", "a", "2025", "3702", "辽阳路3号B座2单元", "ok超市3号", "，。！？、；：…《》",
    "海青市市南区辽阳路3号碧海花园" * 4,
    "香港中路12号海青市市南区辽阳陆3号楼一单元二零一室隔壁的小李五金店对面井盖坏了没有人修",
)  # fmt: skip
NEAR = (120.1, 36.1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.find", description=__doc__)
    parser.add_argument("--fill", type=int, default=0, help="addresses to make up")
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    if given.fill:  # in one statement, which takes as long as it takes
        os.environ["CHENGYUN_STATEMENT_TIMEOUT_MS"] = "0"
    import django

    django.setup()
    if given.fill:
        _fill(given.fill)
    _measure(given.rounds)
    return 0


def _measure(rounds: int) -> None:
    from django.db import connection

    from chengyun.city.find import find
    from chengyun.core.access import Scope

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM city_address")
        (count,) = cursor.fetchone()
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    print(f"{count:,} addresses; wall, CPU of Python and of PostgreSQL in ms, {rounds} calls each")
    print(f"{'question':<24}{'p50':>8}{'p95':>8}{'Python':>8}{'PG':>8}  first answer")
    everything: list[float] = []
    for near in (None, NEAR):
        print("near a point" if near else "nowhere in particular")
        for question in QUESTIONS:
            found = find(question, reach=Scope.everything(), near=near)
            times = []
            began, ticks = time.process_time(), _ticks(backend)
            for _ in range(rounds):
                start = time.perf_counter()
                find(question, reach=Scope.everything(), near=near)
                times.append((time.perf_counter() - start) * 1000)
            cpu = (time.process_time() - began) * 1000 / rounds
            postgres = (_ticks(backend) - ticks) * 1000 / os.sysconf("SC_CLK_TCK") / rounds
            everything += times
            p95 = statistics.quantiles(times, n=20)[-1]
            first = f"{found[0].kind} {found[0].title_zh[:30]}" if found else "nothing"
            print(f"{question:<24}{statistics.median(times):>8.1f}{p95:>8.1f}{cpu:>8.1f}"
                  f"{postgres:>8.1f}  {first}")  # fmt: skip
    p95 = statistics.quantiles(everything, n=20)[-1]
    print(f"{'all':<24}{statistics.median(everything):>8.1f}{p95:>8.1f}")


def _ticks(pid: int) -> int:
    """Ticks of CPU that a process on this machine has used; 0 where PostgreSQL runs elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _fill(count: int) -> None:
    """Made-up addresses of a city of ten districts; no two are the same."""
    from django.db import connection

    from chengyun.simulation.words import words

    rng = random.Random(4490)
    districts = ["市南", "市北", "李沧", "崂山", "城阳", "黄岛", "即墨", "胶州", "平度", "莱西"]
    roads = [a + b for a in words("roads", "stem") for b in sorted(set(words("roads", "suffix")))]
    shops = [a + b for a in words("roads", "shop_name") for b in words("roads", "shop_kind")]
    homes = [
        a + b for a in words("roads", "compound_name") for b in words("roads", "compound_kind")
    ]
    seen: set[tuple[str, str]] = set()
    copy = "COPY city_address (full_text, kind, geom, source) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        while len(seen) < count:
            place = rng.randrange(10)
            text = f"海青市{districts[place]}区{rng.choice(roads)}{rng.randrange(1, 480)}号"
            kind = rng.choices(("door", "building", "place", "compound"), (60, 15, 10, 15))[0]
            if kind == "building":
                text += f"{rng.randrange(1, 60)}号楼"
            elif kind != "door":
                text += rng.choice(shops if kind == "place" else homes)
            if (text, kind) in seen:
                continue
            seen.add((text, kind))
            lon = 119.6 + (place % 5 + rng.random()) * 0.25
            lat = 35.8 + (place // 5 + rng.random()) * 0.5
            rows.write_row((text, kind, f"SRID=4490;POINT({lon:.7f} {lat:.7f})", "made up"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE city_address")


if __name__ == "__main__":
    raise SystemExit(main())
