"""The outlines of components that are more than a point, beside the points that stand for them."""

from collections.abc import Mapping
from typing import Any

from chengyun.city.tiles.layer import EXTENT, Tile

#: From which zoom on they are drawn; from farther away their points say enough.
OUTLINED_FROM = 16
#: A tile holds so many of them, the largest first; a tile that grows too large a quarter of it.
MOST_OUTLINES = 4_000

# The index (migration 0014) holds outlines only: a city without any looks into an empty one. A
# thing is found by its outline, because its point may lie in another tile.
_OUTLINES = """
SELECT ST_AsMVT(shape, 'components_outline', 4096, 'geom', 'fid') FROM (
    SELECT found.id AS fid, code, class_code || sub_code AS class, state,
        ST_AsMVTGeom(ST_Simplify(ST_Transform(outline, 3857), %(tolerance)s, true),
            ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS geom
    FROM (
        SELECT id, code, component_class_id, state, outline FROM city_component
        WHERE outline && ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4490) AND state <> 'removed'
            AND ST_YMin(outline) > -85.06 AND ST_YMax(outline) < 85.06
        ORDER BY (ST_XMax(outline) - ST_XMin(outline)) + (ST_YMax(outline) - ST_YMin(outline)) DESC
        LIMIT %(most_outlines)s
    ) AS found JOIN city_componentclass AS kind ON kind.id = component_class_id
) AS shape WHERE geom IS NOT NULL
"""


def outlined(tile: str) -> str:
    """The SQL of a tile with a second part: the outlines. It needs `outlines_in` besides."""
    return f"SELECT ({tile}) || ({_OUTLINES})"


def outlines_in(tile: Tile, coarseness: int) -> Mapping[str, Any]:
    """The parameters of the outlines of a tile: as surveyed, to a unit of the tile; where that was
    too large, fewer and to more and more pixels of a 512 pixel tile."""
    west, south, east, north = tile.degrees()
    exact, pixel = tile.size / EXTENT, tile.size / 512
    return {
        "w": west, "s": south, "e": east, "n": north,
        "tolerance": pixel * 2**coarseness if coarseness else exact,
        "most_outlines": MOST_OUTLINES >> 2 * coarseness,
    }  # fmt: skip
