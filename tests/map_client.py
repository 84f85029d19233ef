"""A map in front of `/tiles`: asks the ASGI application as a server would, decodes what comes."""

import asyncio
import gzip
import json
import math
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import brotli
import mapbox_vector_tile
from asgiref.sync import sync_to_async
from django.db import connections

from chengyun.city.tiles import app as tiles

Feature = dict[str, Any]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def raw(self) -> bytes:
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
        packed = self.headers.get("content-encoding")
        return unpack[packed](self.body) if packed else self.body

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    def features(self, layer: str) -> list[Feature]:
        """The features of one MVT layer; coordinates count from the tile's north-west corner."""
        if self.status == 204:
            return []
        assert self.status == 200, (self.status, self.body)
        decoded = mapbox_vector_tile.decode(self.raw, default_options={"y_coord_down": True})
        return list(decoded.get(layer, {}).get("features", []))


class Map:
    """Asks within one event loop, as one server process does."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        self.headers = headers or {}

    async def get(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        where, _, query = path.partition("?")
        given = {"host": "localhost", **self.headers, **(headers or {})}
        scope = {
            "type": "http",
            "method": method,
            "path": where,
            "query_string": query.encode(),
            "scheme": "http",
            "client": ("192.0.2.7", 4711),
            "server": ("localhost", 8000),
            "headers": [(name.lower().encode(), text.encode()) for name, text in given.items()],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await tiles.app(scope, receive, send)
        start, *parts = sent
        return Answer(
            start["status"],
            {name.decode(): text.decode() for name, text in start["headers"]},
            b"".join(part.get("body", b"") for part in parts),
        )

    async def around(self, name: str, layer: str, z: int, box: "Box", query: str = "") -> list:
        """The features of a layer in all tiles of a box, as (tile x, tile y, feature); points in
        the margin of a neighbouring tile are left out."""
        found = []
        for x, y in box.tiles(z):
            answer = await self.get(f"/tiles/{name}/{z}/{x}/{y}.mvt{query}")
            for feature in answer.features(layer):
                geometry = feature["geometry"]
                if geometry["type"] == "Point":
                    across, down = geometry["coordinates"]
                    if not (0 <= across < 4096 and 0 <= down < 4096):
                        continue
                found.append((x, y, feature))
        return found


@dataclass
class Box:
    """A part of the city in degrees."""

    west: float
    south: float
    east: float
    north: float

    def tiles(self, z: int) -> Iterator[tuple[int, int]]:
        left, top = tile_at(self.west, self.north, z)
        right, bottom = tile_at(self.east, self.south, z)
        for x in range(left, right + 1):
            for y in range(top, bottom + 1):
                yield x, y


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The tile that holds a place, by the definition of the map's tiles."""
    turned = math.asinh(math.tan(math.radians(lat)))
    return (
        int((lon + 180) / 360 * 2**z),
        int((1 - turned / math.pi) / 2 * 2**z),
    )


def place_of(z: int, x: int, y: int, across: float, down: float) -> tuple[float, float]:
    """The longitude and latitude of a coordinate inside a tile."""
    size = 2**z
    lon = (x + across / 4096) / size * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + down / 4096) / size))))
    return lon, lat


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play a scene in an event loop of its own, and let go of every connection after it."""

    async def main() -> None:
        try:
            await scene()
        finally:
            await tiles.close()
            await sync_to_async(connections.close_all)()

    asyncio.run(main())


@contextmanager
def asked(monkeypatch: Any) -> Iterator[list[str]]:
    """The statements that the service sends."""
    from chengyun.city.tiles.service import Service

    statements: list[str] = []
    original = Service.ask

    async def ask(self: Service, question: Any) -> Any:
        statements.append(question.sql)
        return await original(self, question)

    with monkeypatch.context() as patch:
        patch.setattr(Service, "ask", ask)
        yield statements
