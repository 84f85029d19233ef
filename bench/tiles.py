"""``python -m bench.tiles``: map tiles, beside the bare statement that makes them.

In this process against the configured database (a loaded city): each tile is asked once through
the ASGI application and read anew, once by its bare statement, and once more from memory. Sockets
and the server are not in. Tiles: where the components are, chosen the same in every run.
"""

import argparse
import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

ZOOMS = (8, 10, 12, 13, 14, 15, 16, 17)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.tiles", description=__doc__)
    parser.add_argument("--tiles", type=int, default=60, help="different tiles of each zoom")
    parser.add_argument("--layers", nargs="+", default=["areas", "unit_grids", "components",
                                                        "cases"])  # fmt: skip
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    os.environ["CHENGYUN_RATE_TILES"] = "100000000"
    import django

    django.setup()
    asyncio.run(_all(given.layers, given.tiles))
    return 0


async def _all(layers: list[str], count: int) -> None:
    from chengyun.city.tiles import service
    from chengyun.city.tiles.app import close
    from chengyun.core.access import Scope

    async def everything(_: Any) -> Scope:
        return Scope.everything()

    # Signing in is not what is measured.
    service.Service.caller = lambda self, headers: everything(headers)  # type: ignore[method-assign]
    print(f"{'layer':12}{'z':>3}{'bytes':>9}{'largest':>9}{'bare':>9}{'read':>9}{'p95':>9}"
          f"{'share':>8}{'known':>9}   (ms a tile; share = bare / read)")  # fmt: skip
    try:
        for name in layers:
            for z in ZOOMS:
                await _line(name, z, count)
    finally:
        await close()


async def _line(name: str, z: int, count: int) -> None:
    from chengyun.city.tiles.layer import Tile
    from chengyun.city.tiles.registry import REGISTER
    from chengyun.city.tiles.service import service
    from chengyun.core.access import Scope

    layer, tiles, reach = REGISTER.layers[name], service(), Scope.everything()
    chosen = [Tile(z, *place) for place in await _places(z, count)]
    if z < layer.minzoom or not chosen:
        return
    narrowed = layer.narrow({}, reach)

    async def bare(tile: Tile) -> Any:
        return await tiles.ask(await layer.question(tile, reach, narrowed, 0))

    async def asked(tile: Tile) -> Any:
        return await _get(f"/tiles/{name}/{z}/{tile.x}/{tile.y}.mvt")

    sizes = [len(await bare(tile) or b"") for tile in chosen]  # and the pages are in memory
    below = await _times(bare, chosen)
    tiles.memory.__init__(tiles.memory.most_bytes)  # type: ignore[misc]
    read = await _times(asked, chosen)
    known = await _times(asked, chosen)
    print(f"{name:12}{z:3}{statistics.fmean(sizes):9.0f}{max(sizes):9}{_ms(below):9.2f}"
          f"{_ms(read):9.2f}{sorted(read)[int(len(read) * 0.95)] * 1000:9.2f}"
          f"{statistics.fmean(below) / statistics.fmean(read):8.0%}{_ms(known):9.3f}")  # fmt: skip


def _ms(seconds: list[float]) -> float:
    return statistics.fmean(seconds) * 1000


async def _times(call: Callable[[Any], Awaitable[Any]], tiles: list[Any]) -> list[float]:
    spent = []
    for tile in tiles:
        start = time.perf_counter()
        await call(tile)
        spent.append(time.perf_counter() - start)
    return spent


async def _get(path: str) -> None:
    from chengyun.city.tiles.app import app

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        if message.get("status", 200) >= 400:
            raise RuntimeError(f"{path}: {message['status']}")

    headers = [(b"host", b"localhost"), (b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"",
             "headers": headers, "client": ("127.0.0.1", 1)}  # fmt: skip
    await app(scope, receive, send)


async def _places(z: int, count: int) -> list[tuple[int, int]]:
    """Columns and rows of tiles with components or cases, the same for the same city."""
    from chengyun.city.tiles.layer import Question
    from chengyun.city.tiles.service import service

    place = "(ST_X(geom) + 180) / 360 * 2 ^ %(z)s"
    row = "(1 - asinh(tan(radians(ST_Y(geom)))) / pi()) / 2 * 2 ^ %(z)s"
    tables = "(SELECT geom FROM city_component UNION ALL SELECT geom FROM governance_case) AS t"
    found = await service().ask(
        Question(
            "SELECT json_agg(json_build_array(x, y)) FROM (SELECT DISTINCT "
            f"floor({place})::integer AS x, floor({row})::integer AS y FROM {tables} "
            "WHERE geom IS NOT NULL ORDER BY 1, 2) AS tile",
            {"z": z},
        )
    )
    return [(x, y) for x, y in random.Random(z).sample(found or [], min(count, len(found or [])))]


if __name__ == "__main__":
    raise SystemExit(main())
