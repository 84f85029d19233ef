"""The city that the map is measured with: made once, kept, gone on with where a run broke off."""

import argparse
import math
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.database import migrate, own_database

#: pgbench takes 128 scripts, each is one tile.
MOST_TILES = 100
#: How many boxes of features are asked for.
BOXES = 40
USER = "leader"


@dataclass(frozen=True)
class Sample:
    """What is asked for: tiles of each zoom, and boxes with a class."""

    tiles: dict[int, list[tuple[int, int]]]
    boxes: list[str]
    kind: int
    code: str


def prepare(given: argparse.Namespace, work: Path) -> tuple[str, Sample]:
    """The database, filled; a token of somebody who sees all, and what is to be asked for."""
    own_database(given.database)
    migrate()
    from django.db import connection

    from chengyun.city.models import Component
    from chengyun.governance.models import Case

    changed = _components(work, given.components - Component.objects.count(), given.components)
    changed |= _cases(given.cases - Case.objects.count())
    with connection.cursor() as cursor:
        if changed:
            cursor.execute("VACUUM ANALYZE")
        name = connection.ops.quote_name(given.database)
        # What a parallel worker spends is told of nobody once it has ended.
        cursor.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")
        cursor.execute(f"ALTER DATABASE {name} SET jit = off")
    return _token(), _sample()


def _components(work: Path, missing: int, wanted: int) -> bool:
    if missing <= 0:
        return False
    from chengyun.cli import call, mount
    from chengyun.simulation.city import write_city

    mount()
    folder, whole = work / "city", work / f"city-{wanted}"
    if not whole.exists():
        print(f"Making a city with {wanted:,} components …", flush=True)
        write_city(folder, seed=1, scale="demo", components=wanted)
        whole.touch()
    print("Loading it …", flush=True)
    call("load", str(folder))
    return True


def _cases(missing: int) -> bool:
    if missing <= 0:
        return False
    from chengyun.simulation.bulk import fill

    print(f"Putting in {missing:,} cases …", flush=True)
    fill(missing, progress=lambda _, done, total: print(f"\r  {done:,}", end="", flush=True))
    print()
    return True


def _token() -> str:
    from chengyun.core.actions import issue_token
    from chengyun.core.actor import Actor
    from chengyun.core.models import User

    user = User.objects.get(username=USER)
    return issue_token(actor=Actor.of(user), user=user, name="bench", scopes=["read"], days=1)[1]


def _sample() -> Sample:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(geom), ST_Y(geom) FROM city_component "
            "TABLESAMPLE SYSTEM (20) REPEATABLE (1) ORDER BY code LIMIT 60000"
        )
        places = cursor.fetchall()
        cursor.execute(
            "SELECT component_class_id, sum(n) FROM city_componentcount WHERE level = 'district' "
            "GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
        )
        kind = cursor.fetchone()[0]
        cursor.execute(
            "SELECT class_code || sub_code FROM city_componentclass WHERE id = %s", [kind]
        )
        code = cursor.fetchone()[0]
    dice = random.Random(1)
    tiles = {z: _tiles(places, z, dice) for z in range(6, 19)}
    boxes = [_box(*dice.choice(places)) for _ in range(BOXES)]
    return Sample(tiles, boxes, kind, code)


def _tiles(places: list[Any], z: int, dice: random.Random) -> list[tuple[int, int]]:
    """Tiles with components: half as people look, more where more is, half one as good as another;
    each once, so that no memory helps."""
    found = Counter(_tile(lon, lat, z) for lon, lat in places)
    every = sorted(found)
    dice.shuffle(every)
    full = sorted(every, key=lambda tile: dice.random() ** (1 / found[tile]), reverse=True)
    half = full[: MOST_TILES // 2]
    rest = [tile for tile in every if tile not in set(half)]
    return half + rest[: MOST_TILES - len(half)]


def _tile(lon: float, lat: float, z: int) -> tuple[int, int]:
    width = 2**z
    north = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * width), int((1 - north / math.pi) / 2 * width)


def _box(lon: float, lat: float) -> str:
    """Two kilometres round a point."""
    north, east = 1 / 111, 1 / 111 / math.cos(math.radians(lat))
    sides = (lon - east, lat - north, lon + east, lat + north)
    return ",".join(f"{side:.6f}" for side in sides)
