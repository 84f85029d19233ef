"""Whatever lies at the border of tiles is drawn by one of them and counted by the same."""

import asyncio
import math
from collections import Counter
from itertools import chain
from typing import Any

import mapbox_vector_tile
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengyun.city.models import ComponentClass, Edition
from chengyun.city.tiles.layer import HALF, Tile
from chengyun.city.tiles.registry import REGISTER
from chengyun.core.access import Scope

SHALLOWEST, DEEPEST = 6, 18
#: Metres from a border; of double precision, half a unit of the deepest tiles, and anything.
near = st.one_of(
    st.sampled_from([0.0, 1e-9, -1e-9, 4e-9, -4e-9, 1e-6, -1e-6, 0.018, -0.018]),
    st.floats(-0.5, 0.5),
)
#: A corner of tiles of some zoom, somewhere on the half of the world that cities are in.
corners = st.tuples(st.integers(SHALLOWEST, DEEPEST), st.floats(0.55, 0.95), st.floats(0.2, 0.8))


def put(corner: tuple[int, float, float], places: list[tuple[float, float]]) -> tuple[float, float]:
    """Components near the corner of four tiles; where it is, in metres of the map."""
    zoom, across, down = corner
    size = 2 * HALF / 2**zoom
    x, y = round(across * 2**zoom) * size - HALF, HALF - round(down * 2**zoom) * size
    kind = ComponentClass.objects.create(
        edition=Edition.objects.create(code="t", name_zh="测试", class_width=2, subclass_width=3),
        class_code="01", class_zh="公用", sub_code="001", name_zh="井盖",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO city_component (code, component_class_id, name, state, geom, source,"
            " remark, street_code, community_code) VALUES (%s, %s, '', 'intact',"
            " ST_Transform(ST_SetSRID(ST_Point(%s, %s), 3857), 4490), '', '', '', '')",
            [(str(n), kind.pk, x + dx, y + dy) for n, (dx, dy) in enumerate(places)],
        )
    return x, y


def answered(tile: Tile, *, counted: bool) -> dict[str, Any]:
    layer = REGISTER.layers["components"]
    question = asyncio.run(layer.question(tile, Scope.everything(), None, int(counted)))
    with connection.cursor() as cursor:
        cursor.execute(question.sql, dict(question.params))
        content = bytes(cursor.fetchone()[0])
    return dict(mapbox_vector_tile.decode(content, default_options={"y_coord_down": True}))


def inside(feature: Any) -> bool:
    return all(0 <= number < 4096 for number in feature["geometry"]["coordinates"])


def drawn_in(tile: Tile) -> list[str]:
    points = answered(tile, counted=False).get("components", {"features": []})["features"]
    return [feature["properties"]["code"] for feature in points if inside(feature)]


def counted_in(tile: Tile) -> int:
    cells = answered(tile, counted=True).get("components_count", {"features": []})["features"]
    assert all(inside(cell) for cell in cells), "the number stands in the tile that counts"
    return sum(cell["properties"]["n"] for cell in cells)


@pytest.mark.django_db
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(corners, st.lists(st.tuples(near, near), min_size=1, max_size=8))
def test_each_is_drawn_in_one_tile_of_a_zoom_and_counted_in_the_same(
    db: None, corner: tuple[int, float, float], places: list[tuple[float, float]]
) -> None:
    with transaction.atomic():
        x, y = put(corner, places)
        below: Counter[tuple[int, int]] | None = None
        for z in range(DEEPEST, SHALLOWEST - 1, -1):
            size = 2 * HALF / 2**z
            tiles = {
                Tile(z, math.floor((x + dx + HALF) / size), math.floor((HALF - y - dy) / size))
                for dx in (-1, 1)
                for dy in (-1, 1)
            }
            counts = Counter({(tile.x, tile.y): counted_in(tile) for tile in tiles})
            assert counts.total() == len(places), z
            if z >= 14:
                drawn = {(tile.x, tile.y): drawn_in(tile) for tile in tiles}
                assert sorted(chain(*drawn.values())) == sorted(map(str, range(len(places)))), z
                assert {at: len(codes) for at, codes in drawn.items()} == counts
            if below is not None:
                above = Counter[tuple[int, int]]()
                for (column, row), n in below.items():
                    above[column // 2, row // 2] += n
                assert +above == +counts, "a tile counts what the four below it count"
            below = counts
        transaction.set_rollback(True)
