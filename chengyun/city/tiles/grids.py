"""Unit grids, and the duty grids that are made of them."""

from typing import Any

from django.utils import timezone

from chengyun.city.tiles.layer import EXTENT, Layer, Part, Question, Tile
from chengyun.core.access import Scope

#: Where outlines are drawn as they were surveyed; below, to half a pixel of a 512 pixel tile.
EXACT_FROM = 17

UNIT_GRIDS = f"""
SELECT ST_AsMVT(drawn, 'unit_grids', {EXTENT}, 'geom', 'id') FROM (
    SELECT grid.id, grid.code,
        ST_AsMVTGeom(ST_Simplify(gm, %(tolerance)s, true), box, {EXTENT}, 64) AS geom
    FROM (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box) AS place
    JOIN city_unitgrid AS grid
        ON gm && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64 / 4096.0)
    WHERE valid_from <= %(today)s AND (valid_until IS NULL OR valid_until > %(today)s)
    ORDER BY grid.code
) AS drawn WHERE geom IS NOT NULL
"""  # noqa: S608
DUTY_GRIDS = f"""
SELECT ST_AsMVT(drawn, 'duty_grids', {EXTENT}, 'geom', 'id') FROM (
    SELECT grid.id, grid.code, grid.name, grid.kind, organisation.code AS organisation,
        ST_AsMVTGeom(ST_Simplify(gm, %(tolerance)s, true), box, {EXTENT}, 64) AS geom
    FROM (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box) AS place
    JOIN city_dutygrid AS grid
        ON gm && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64 / 4096.0)
    LEFT JOIN core_organisation AS organisation ON organisation.id = organisation_id
    ORDER BY grid.kind, grid.code
) AS drawn WHERE geom IS NOT NULL
"""  # noqa: S608


def _drawn(sql: str, tile: Tile, coarseness: int) -> Question:
    pixel = tile.size / 512
    tolerance = pixel / 2 if tile.z < EXACT_FROM else 0.0
    return Question(
        sql,
        {
            "z": tile.z, "x": tile.x, "y": tile.y, "today": timezone.localdate(),
            "tolerance": tolerance if coarseness == 0 else pixel * 2**coarseness,
        },
        prepared=True,
    )  # fmt: skip


class UnitGrids(Layer):
    """The unit grids that hold today."""

    name, zh, en = "unit_grids", "单元网格", "Unit grids"
    minzoom, maxzoom = 14, EXACT_FROM
    parts = (Part("unit_grids", {"code": "code of the grid"}, 14),)

    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        return _drawn(UNIT_GRIDS, tile, coarseness)


class DutyGrids(Layer):
    """The grids that people answer for; their outline is kept with them by the database."""

    name, zh, en = "duty_grids", "责任网格", "Duty grids"
    minzoom, maxzoom = 10, EXACT_FROM
    parts = (
        Part(
            "duty_grids",
            {
                "code": "code of the grid",
                "name": "its name",
                "kind": "duty or supervision",
                "organisation": "code of the organisation that answers for it",
            },
            10,
        ),
    )

    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        return _drawn(DUTY_GRIDS, tile, coarseness)
