"""``python -m bench.map``: the map at the size of a real city, beside tipg and pygeoapi.

Makes, once, a database of 2,500,000 components in 153 classes, 5,000 unit grids and 1,000,000 cases
(an hour; a run that was broken off goes on), starts the platform, tipg and pygeoapi on it with two
processes each, and asks all of them for the same tiles and features. The limit is the bare
statement by pgbench. CPU is what the kernel tells of a server's processes and of the database's
backends; parallel queries and JIT are off for all, so that nothing escapes. Rounds are interleaved,
numbers are medians of rounds, and the table is Markdown.
"""

import argparse
import os
import platform
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from bench.map_city import Sample, prepare
from bench.map_peers import Server, peers, versions
from bench.map_probe import Reading, asked, backends, bare
from bench.meter import percentile

NAME = "chengyun_bench_map"
COMPONENTS, CASES = 2_500_000, 1_000_000
ZOOMS = range(8, 19)
#: All cases of the city; of a district; of the box that a screen shows.
DENSITY = {
    "unit grids": "/api/density?cells=unit_grid",
    "unit grids, open cases": "/api/density?cells=unit_grid&open=true",
    "unit grids of a district, repeats": "/api/density?cells=unit_grid&area=370202&repeats=true",
    "hexagons of a district": "/api/density?cells=h3&area=370202",
}
PARTS = ("tiles", "cached", "items", "inventory", "find", "density")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.map", description=__doc__)
    parser.add_argument("--database", default=NAME)
    parser.add_argument("--components", type=int, default=COMPONENTS)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--peers", nargs="*", default=["tipg", "pygeoapi"])
    parser.add_argument("--work", type=Path, default=Path("var/bench-map"))
    parser.add_argument("--zooms", nargs="+", type=int, default=list(ZOOMS))
    given = parser.parse_args(arguments)
    given.work.mkdir(parents=True, exist_ok=True)

    token, sample = prepare(given, given.work)
    backends()
    before = os.getloadavg()[0]
    with ExitStack() as running:
        ours, anew, *others = [running.enter_context(each) for each in
                   peers(given.work, os.environ["DATABASE_URL"], token, given.peers)]  # fmt: skip
        servers = [ours, *others]
        print(f"\n{_machine()}; load before {before:.1f}\n", flush=True)
        for server in (*servers, anew):
            _warm(server, sample)
        if "tiles" in given.only:
            _tiles([anew, *others], sample, given.zooms, given.rounds)
        if "cached" in given.only:
            _cached(servers[0], sample, given.rounds)
        if "items" in given.only:
            _items(servers, sample, given.rounds)
        if "inventory" in given.only:
            _questions("The inventory in numbers", servers[0], _inventory(), given.rounds)
        if "find" in given.only:
            _questions("The search box", servers[0], _find(), given.rounds)
        if "density" in given.only:
            _questions("Cases by cell", servers[0], DENSITY, given.rounds)
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}")
    return 0


def _warm(server: Server, sample: Sample) -> None:
    """Connections are open and plans are made before anything is measured."""
    if server.items is not None:
        asked(server, [server.items(box, sample, 10, True) for box in sample.boxes[:4]], seconds=60)
    if server.tile is not None and server.name != "pygeoapi":
        asked(server, [server.tile(15, x, y) for x, y in sample.tiles[15][:8]], seconds=30)


def _machine() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version(), postgis_lib_version(), pg_database_size(current_database())"
        )
        server, postgis, size = cursor.fetchone()
        cursor.execute(
            "SELECT (SELECT count(*) FROM city_component), "
            "(SELECT count(*) FROM governance_case), (SELECT count(*) FROM city_unitgrid)"
        )
        components, cases, grids = cursor.fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{date.today()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}, "
        f"{' '.join(server.split()[:2])}, PostGIS {postgis}, CPython {platform.python_version()}, "
        f"{versions()}; {components:,} components, {grids:,} unit grids, {cases:,} cases, "
        f"{size / 2**30:.1f} GiB"
    )


def _row(*cells: Any) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _median(readings: list[Reading]) -> Reading | None:
    """Of each number the median of the rounds; None when a round brought nothing."""
    whole = [each for each in readings if each.done]
    if not whole:
        return None
    pick = {
        name: statistics.median(getattr(each, name) for each in whole)
        for name in ("app_ms", "db_ms", "p50_ms", "p99_ms", "rate", "size")
    }
    return Reading(done=sum(each.done for each in whole), **pick)


def _tiles(servers: list[Server], sample: Sample, zooms: list[int], rounds: int) -> None:
    peers = [server for server in servers[1:] if server.tile is not None]
    print("Tiles of components, not remembered (CPU ms a tile = server + database)\n")
    _row(
        "zoom",
        "kB",
        "bare SQL, planned each time",
        "bare SQL, prepared",
        "ours",
        "share of the limit",
        "of the prepared",
        "p50 / p99 ms ours",
        "p50 / p99 ms bare",
        *(each.name for each in peers),
        *(f"× {each.name}" for each in peers),
    )
    _row(*["---"] * (9 + 2 * len(peers)))
    for z in zooms:
        found = _rounds(servers[0], peers, sample, z, rounds)
        limit, least = _median(found["planned"]), _median(found["prepared"])
        ours = _median(found["ours"])
        assert limit is not None
        assert least is not None
        assert ours is not None
        others = [_median(found[each.name]) for each in peers]
        _row(
            z,
            f"{ours.size / 1024:.1f}",
            _ms(limit.cpu),
            _ms(least.cpu),
            f"{ours.app_ms:.2f} + {ours.db_ms:.2f}",
            f"{limit.cpu / ours.cpu:.0%}",
            f"{least.cpu / ours.cpu:.0%}",
            f"{ours.p50_ms:.1f} / {_worst(found['ours']):.1f}",
            f"{limit.p50_ms:.1f} / {_worst(found['planned']):.1f}",
            *(
                f"{each.app_ms:.1f} + {each.db_ms:.1f}" if each else "none in time"
                for each in others
            ),
            *(f"{each.cpu / ours.cpu:.1f}" if each else "–" for each in others),
        )
    print()


def _rounds(
    ours: Server, peers: list[Server], sample: Sample, z: int, rounds: int
) -> dict[str, list[Reading]]:
    """One after the other, again and again: what disturbs one disturbs all."""
    found: dict[str, list[Reading]] = {}
    tiles = sample.tiles[z]
    statements = _statements(z, tiles)
    for number in range(rounds):
        found.setdefault("planned", []).append(bare(statements, z * 100 + number))
        found.setdefault("prepared", []).append(bare(statements, z * 100 + number, prepared=True))
        for server in (ours, *peers):
            assert server.tile is not None
            paths = [server.tile(z, x, y) for x, y in tiles]
            mine = server is ours
            found.setdefault("ours" if mine else server.name, []).append(
                asked(server, paths, seconds=3 if mine else server.seconds, endless=mine)
            )
    return found


def _worst(readings: list[Reading]) -> float:
    return statistics.median(each.p99_ms for each in readings if each.done)


def _statements(z: int, tiles: list[tuple[int, int]]) -> list[str]:
    """The statement of each tile as the platform sends it."""
    import asyncio

    import psycopg

    from chengyun.city.tiles.layer import Tile
    from chengyun.city.tiles.registry import REGISTER
    from chengyun.core.access import Scope

    layer, reach = REGISTER.layers["components"], Scope.everything()
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        cursor = psycopg.ClientCursor(connection)
        questions = [asyncio.run(layer.question(Tile(z, x, y), reach, None, 0)) for x, y in tiles]
        return [cursor.mogrify(each.sql, each.params) for each in questions]


def _cached(ours: Server, sample: Sample, rounds: int) -> None:
    print("Tiles that are remembered\n")
    _row(
        "zoom",
        "kB",
        "CPU ms a tile",
        "tiles/s by CPU, 2 cores",
        "tiles/s seen",
        "not changed: CPU ms",
        "tiles/s by CPU",
    )
    _row(*["---"] * 7)
    assert ours.tile is not None
    for z in (10, 13, 16):
        paths = [ours.tile(z, x, y) for x, y in sample.tiles[z]]
        asked(ours, paths * 4, seconds=10)
        again = _median([asked(ours, paths, seconds=2, endless=True) for _ in range(rounds)])
        known = _median([asked(ours, paths, seconds=2, endless=True, etags=True)
                         for _ in range(rounds)])  # fmt: skip
        assert again is not None
        assert known is not None
        _row(
            z,
            f"{again.size / 1024:.1f}",
            f"{again.cpu:.3f}",
            f"{2000 / again.cpu:,.0f}",
            f"{again.rate:,.0f}",
            f"{known.cpu:.3f}",
            f"{2000 / known.cpu:,.0f}",
        )
    print()


def _items(servers: list[Server], sample: Sample, rounds: int) -> None:
    print("Features: a box of 2 × 2 km and one class (CPU ms a page = server + database)\n")
    _row("limit", "server", "count", "CPU ms", "total", "× ours", "p50 ms", "pages/s seen")
    _row(*["---"] * 8)
    for limit in (100, 1000):
        for counted in (False, True):
            found: dict[str, list[Reading]] = {}
            for _ in range(rounds):
                for server in servers:
                    if server.items is None or (server.counts and not counted):
                        continue
                    paths = [server.items(box, sample, limit, counted) for box in sample.boxes]
                    found.setdefault(server.name, []).append(
                        asked(server, paths, seconds=server.seconds)
                    )
            first = _median(found["ours"])
            assert first is not None
            for name, readings in found.items():
                each = _median(readings)
                if each is None:
                    _row(limit, name, "yes" if counted else "no", "none in time", "", "", "", "")
                    continue
                _row(
                    limit,
                    name,
                    "yes" if counted else "no",
                    f"{each.app_ms:.1f} + {each.db_ms:.1f}",
                    f"{each.cpu:.1f}",
                    f"{each.cpu / first.cpu:.1f}",
                    f"{each.p50_ms:.1f}",
                    f"{each.rate:.0f}",
                )
    print("\n(tipg and pygeoapi count always: they stand beside ours with the count.)\n")


def _questions(title: str, ours: Server, questions: dict[str, str], rounds: int) -> None:
    """Each question thirty times a round; the last line is of all answers together."""
    print(f"{title}\n")
    _row("question", "CPU ms", "p50 ms", "p95 ms", "p99 ms")
    _row(*["---"] * 5)
    every: list[float] = []
    for name, path in questions.items():
        readings = [asked(ours, [path] * 30, seconds=30) for _ in range(rounds)]
        found = _median(readings)
        assert found is not None
        times = [each for reading in readings for each in reading.times_ms]
        every += times
        _row(name, f"{found.app_ms:.1f} + {found.db_ms:.1f}", *_spread(times))
    _row("all", "", *_spread(every))
    print()


def _spread(times: list[float]) -> list[str]:
    return [f"{percentile(times, share):.1f}" for share in (0.5, 0.95, 0.99)]


def _find() -> dict[str, str]:
    """What people type, from nowhere in particular and from a place in the city."""
    from bench.find import NEAR, QUESTIONS

    places = {"": "", ", near a point": f"&near={NEAR[0]},{NEAR[1]}"}
    return {
        f"{question[:24]}{name}": f"/api/find?q={quote(question)}{near}"
        for name, near in places.items()
        for question in QUESTIONS
    }


def _inventory() -> dict[str, str]:
    questions = {
        "by class": "by=class", "by subclass": "by=subclass", "by district": "by=district",
        "by street": "by=street", "by state": "by=state", "by maintainer": "by=maintainer",
        "by community": "by=community",
        "by community, damaged": "by=community&state=damaged",
        "by community, one class": "by=community&class_code=01",
        "by community, one subclass": "by=community&class_code=01001",
        "by community, one maintainer": f"by=community&maintainer={_largest_maintainer()}",
        "by community of a district": "by=community&area=370202",
        "by district, one class": "by=district&class_code=01",
    }  # fmt: skip
    return {name: f"/api/inventory?{query}" for name, query in questions.items()}


def _largest_maintainer() -> str:
    """The code of the organisation whose components stand in the most communities."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        found = database.execute(
            "SELECT o.code FROM city_componentcount c JOIN core_organisation o ON "
            "o.id = c.maintainer_id WHERE level = 'community' GROUP BY 1 ORDER BY count(*) DESC"
        ).fetchone()
    return str(found[0]) if found else ""


if __name__ == "__main__":
    raise SystemExit(main())
