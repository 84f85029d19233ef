"""Components and addresses: points near by, counts where there are too many to draw."""

from collections.abc import Mapping
from typing import Any

from chengyun.city.tiles.layer import EXTENT, HALF, MARGIN, Layer, Part, Question, Tile
from chengyun.city.tiles.outlines import OUTLINED_FROM, outlined, outlines_in
from chengyun.core.access import Scope

# What a place belongs to is cut off, never rounded, and by one arithmetic: units, cells and tiles
# of all zooms are the same number divided by powers of two. So the counts of all tiles of a zoom
# add up to the whole, and a point is drawn in the tile that would count it.
_ACROSS, _DOWN = "(mx + %(half)s) / %(unit)s", "(%(half)s - my) / %(unit)s"
# The point of a cell is the middle of what it counts.
COUNTED = f"""
SELECT ST_AsMVT(cell, '{{part}}', 4096, 'geom') FROM (
    SELECT {{sums}}, ST_Point(floor(avg({_ACROSS})) - %(left)s,
                            floor(avg({_DOWN})) - %(top)s) AS geom
    FROM (SELECT *, floor((mx + %(half)s) / %(cell)s)::integer AS cx,
            floor((%(half)s - my) / %(cell)s)::integer AS cy FROM hits) AS placed
    WHERE cx / %(cells)s = %(x)s AND cy / %(cells)s = %(y)s
    GROUP BY cx, cy
) AS cell
"""  # noqa: S608
PLACED = f"ST_Point(floor({_ACROSS}) - %(left)s, floor({_DOWN}) - %(top)s)"
DRAWN = f"""
SELECT ST_AsMVT(point, '{{part}}', 4096, 'geom', 'fid') FROM (
    SELECT {{fields}}, {PLACED} AS geom FROM {{source}}
) AS point
"""  # noqa: S608


def counts_of(hits: str, *, part: str, sums: str) -> str:
    """The SQL of a tile of counts. `hits` selects rows with `mx`, `my` (metres of the map);
    `sums` are the properties of a cell."""
    return f"WITH hits AS ({hits}) {COUNTED.format(part=part, sums=sums)}"


def points_of(
    hits: str, *, part: str, fields: str, sums: str, source: str = "hits", counts: str = ""
) -> str:
    """The SQL of a tile of points, or of counts where it holds more than %(most)s of them.

    `fields` are the properties of a point, with `fid` its number; `source` is `hits`, perhaps
    joined with what names it. One scan answers both ways."""
    counted = COUNTED.format(part=counts or f"{part}_count", sums=sums)
    drawn = DRAWN.format(part=part, fields=fields, source=source)
    return f"""WITH hits AS MATERIALIZED ({hits})
        SELECT CASE WHEN (SELECT count(*) FROM hits) > %(most)s
        THEN ({counted}) ELSE ({drawn}) END"""  # noqa: S608


def place(tile: Tile, *, cells: int) -> Mapping[str, Any]:
    """The parameters that `counts_of` and `points_of` need of a tile; `cells` along an edge, a
    power of two."""
    return {
        "z": tile.z, "x": tile.x, "y": tile.y, "left": tile.x * EXTENT, "top": tile.y * EXTENT,
        "unit": tile.size / EXTENT, "half": HALF, "cells": cells, "cell": tile.size / cells,
    }  # fmt: skip


BOX = f"ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {MARGIN / EXTENT})"

COMPONENTS = f"""
    SELECT id, code, component_class_id, state, ST_X(gm) AS mx, ST_Y(gm) AS my
    FROM city_component WHERE gm && {BOX} AND state <> 'removed'
"""  # noqa: S608
COMPONENT_SUMS = "count(*) AS n, count(*) FILTER (WHERE state IN ('damaged', 'lost')) AS n_damaged"
COMPONENT_FIELDS = "hits.id AS fid, code, class_code || sub_code AS class, state"
COMPONENT_SOURCE = "hits JOIN city_componentclass AS kind ON kind.id = component_class_id"
COMPONENT_COUNTS = counts_of(COMPONENTS, part="components_count", sums=COMPONENT_SUMS)
# Points near by, one look at them: keeping them aside for the count cost up to a third more. The
# few tiles that hold too many look twice.
COMPONENT_POINTS = f"""
WITH hits AS ({COMPONENTS} LIMIT %(most)s + 1)
SELECT CASE WHEN count(*) > %(most)s THEN ({COMPONENT_COUNTS})
    ELSE ST_AsMVT(point, 'components', 4096, 'geom', 'fid') END
FROM (
    SELECT {COMPONENT_FIELDS}, {PLACED} AS geom FROM {COMPONENT_SOURCE}
) AS point
"""  # noqa: S608
#: From the counts that the database keeps (migration 0003): no component is read.
COMPONENT_CELLS = """
SELECT ST_AsMVT(cell, 'components_count', 4096, 'geom') FROM (
    SELECT sum(n)::integer AS n, sum(damaged)::integer AS n_damaged,
        ST_Point(cx * 128 + 64, cy * 128 + 64) AS geom
    FROM city_componentcell WHERE z = %(z)s AND tx = %(x)s AND ty = %(y)s
    GROUP BY cx, cy HAVING sum(n) > 0
) AS cell
"""
# One zoom below those counts a quarter of the cells of the tile above tells how many there are
# before one is read, and is what is drawn of too many.
COMPONENT_QUARTER = f"""
WITH cells AS MATERIALIZED (
    SELECT cx - %(cx)s AS cx, cy - %(cy)s AS cy, sum(n)::integer AS n,
        sum(damaged)::integer AS n_damaged
    FROM city_componentcell WHERE z = %(z)s - 1 AND tx = %(x)s / 2 AND ty = %(y)s / 2
        AND cx BETWEEN %(cx)s AND %(cx)s + 15 AND cy BETWEEN %(cy)s AND %(cy)s + 15
    GROUP BY 1, 2 HAVING sum(n) > 0
)
SELECT CASE WHEN (SELECT sum(n) FROM cells) > %(most)s THEN (
    SELECT ST_AsMVT(cell, 'components_count', 4096, 'geom') FROM (
        SELECT n, n_damaged, ST_Point(cx * 256 + 128, cy * 256 + 128) AS geom FROM cells
    ) AS cell
) ELSE (
    SELECT ST_AsMVT(point, 'components', 4096, 'geom', 'fid') FROM (
        SELECT {COMPONENT_FIELDS}, {PLACED} AS geom
        FROM ({COMPONENTS}) AS {COMPONENT_SOURCE}
    ) AS point
) END
"""  # noqa: S608
COMPONENT_COUNTS_NEAR = outlined(COMPONENT_COUNTS)
COMPONENT_POINTS_NEAR = outlined(COMPONENT_POINTS)
#: The zooms that the database keeps counts for.
COUNTED_FROM, COUNTED_UNTIL = 6, 13
MOST_COMPONENTS = 8_000

ADDRESSES = f"""
    SELECT id, full_text, kind, ST_X(gm) AS mx, ST_Y(gm) AS my FROM city_address WHERE gm && {BOX}
"""  # noqa: S608
ADDRESS_POINTS = points_of(
    ADDRESSES,
    part="addresses",
    fields="id AS fid, full_text, kind",
    sums="count(*) AS n",
)
ADDRESS_COUNTS = counts_of(ADDRESSES, part="addresses_count", sums="count(*) AS n")


class Components(Layer):
    """What stands in the street. Not drawn: components that were removed."""

    name, zh, en = "components", "部件", "Components"
    minzoom, maxzoom = COUNTED_FROM, 18
    parts = (
        Part(
            "components",
            {
                "code": "code of the component",
                "class": "class and subclass code",
                "state": "intact, damaged, lost or abandoned",
            },
            COUNTED_UNTIL + 1,
        ),
        Part(
            "components_outline",
            {
                "code": "code of the component that is more than a point",
                "class": "class and subclass code",
                "state": "intact, damaged, lost or abandoned",
            },
            OUTLINED_FROM,
        ),
        Part(
            "components_count",
            {"n": "components in the cell", "n_damaged": "of these damaged or lost"},
            COUNTED_FROM,
        ),
    )

    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        if tile.z <= COUNTED_UNTIL:
            return Question(COMPONENT_CELLS, {"z": tile.z, "x": tile.x, "y": tile.y}, prepared=True)
        params = {**place(tile, cells=32), "most": -1 if coarseness else MOST_COMPONENTS}
        if tile.z == COUNTED_UNTIL + 1:
            params |= {"cx": tile.x % 2 * 16, "cy": tile.y % 2 * 16}
            return Question(COMPONENT_QUARTER, params, prepared=True)
        if tile.z < OUTLINED_FROM:
            sql = COMPONENT_COUNTS if coarseness else COMPONENT_POINTS
        else:
            sql = COMPONENT_COUNTS_NEAR if coarseness else COMPONENT_POINTS_NEAR
            params |= outlines_in(tile, coarseness)
        return Question(sql, params, prepared=True)


class Addresses(Layer):
    """Door plates, buildings, places."""

    name, zh, en = "addresses", "地址", "Addresses"
    minzoom, maxzoom = 16, 18
    parts = (
        Part("addresses", {"full_text": "the address", "kind": "door, building, …"}, 16),
        Part("addresses_count", {"n": "addresses in the cell"}, 16),
    )

    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        sql = ADDRESS_COUNTS if coarseness else ADDRESS_POINTS
        return Question(sql, {**place(tile, cells=32), "most": 4_000}, prepared=True)
