"""Districts, streets and communities, and where their names are written."""

from typing import Any

from chengyun.city.tiles.layer import DEEPEST, EXTENT, Layer, Part, Question, Tile
from chengyun.core.access import Scope

#: From which zoom on an area of a level is drawn.
SHOWN_FROM = {"district": 0, "street": 10, "community": 13}
#: Where outlines are drawn as they were surveyed; below, to half a pixel of a 512 pixel tile.
EXACT_FROM = 16

FIELDS = {
    "code": "area code",
    "name_zh": "name in Chinese",
    "name_en": "name in English",
    "level": "district, street or community",
}

OUTLINES = f"""
WITH place AS MATERIALIZED (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64 / 4096.0) AS wide
)
SELECT coalesce((
    SELECT ST_AsMVT(drawn, 'areas', {EXTENT}, 'geom', 'id') FROM (
        SELECT area.id, code, name_zh, name_en, level,
            ST_AsMVTGeom(ST_Simplify(gm, %(tolerance)s, true), box, {EXTENT}, 64) AS geom
        FROM place JOIN city_area AS area ON gm && wide
        WHERE level = ANY (string_to_array(%(levels)s, ' ')) ORDER BY cardinality(ancestors), code
    ) AS drawn WHERE geom IS NOT NULL), '')
|| coalesce((
    SELECT ST_AsMVT(named, 'areas_label', {EXTENT}, 'geom', 'id') FROM (
        SELECT area.id, code, name_zh, name_en, level,
            ST_AsMVTGeom(gl, box, {EXTENT}, 0) AS geom
        FROM place JOIN city_area AS area ON gm && box AND gl && box
        WHERE level = ANY (string_to_array(%(levels)s, ' ')) ORDER BY cardinality(ancestors), code
    ) AS named WHERE geom IS NOT NULL), '')
"""  # noqa: S608


class Areas(Layer):
    """Administrative areas that have an outline. Public: everybody may know where they live."""

    name, zh, en = "areas", "行政区划", "Administrative areas"
    minzoom, maxzoom, public = 0, EXACT_FROM, True
    parts = (
        Part("areas", FIELDS, 0, DEEPEST),
        Part("areas_label", FIELDS, 0, DEEPEST),
    )

    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        pixel = tile.size / 512
        tolerance = pixel / 2 if tile.z < EXACT_FROM else 0.0
        levels = " ".join(level for level, zoom in SHOWN_FROM.items() if tile.z >= zoom)
        return Question(
            OUTLINES,
            {
                "z": tile.z, "x": tile.x, "y": tile.y, "levels": levels,
                "tolerance": tolerance if coarseness == 0 else pixel * 2**coarseness,
            },
            prepared=True,
        )  # fmt: skip
