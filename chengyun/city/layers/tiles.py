"""A layer that is data as vector tiles: its shapes where a tile holds few, counts where many.

Our own tables have their counts by map cell kept by the database (migration 0008): how many a
tile holds is known before a row of it is read. What lies in other tables is counted on the way.
"""

from collections.abc import Hashable
from typing import Any

from chengyun.city.layers.description import DataField, Description, quoted
from chengyun.city.ogc.moments import Interval, interval
from chengyun.city.tiles.layer import EXTENT, HALF, MARGIN, Layer, Part, Query, Question, Tile
from chengyun.city.tiles.points import COUNTED, DRAWN, place
from chengyun.core.access import Scope
from chengyun.core.problems import Invalid

#: A tile with more of them is counted.
MOST_POINTS, MOST_SHAPES = 5_000, 8_000
#: Of points from far, where they lie on each other, and counts are at hand.
MOST_FROM_FAR = 2_000
#: The deepest zoom that the database keeps counts for, and cells along the edge of a tile.
COUNTED_UNTIL, CELLS = 13, 16
#: From here on outlines are drawn as they are; below, to half a pixel of a 512 pixel tile.
EXACT_FROM = 17
#: Tiles are made down to this zoom and shown enlarged below it.
DEEPEST_MADE = 18
#: How long a tile of a table that is not ours may be remembered.
FOREIGN_SECONDS = 30.0
MERCATOR = 3857

_WIDE = f"ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {MARGIN / EXTENT})"
# Between the two ends of the map's projection.
_WORLD = "ST_MakeEnvelope(-180, -85.06, 180, 85.06, {srid})"

_CELLS = """
    SELECT cx, cy, sum(n)::integer AS n FROM (
        SELECT k.cx, k.cy, k.n{scopes} FROM city_layercell AS k{joins}
        WHERE k.layer = %(layer)s AND k.z = %(z)s AND k.tx = %(x)s AND k.ty = %(y)s
    ) AS t WHERE {seen} GROUP BY cx, cy HAVING sum(n) > 0
"""
_CELLS_DRAWN = """
    SELECT ST_AsMVT(cell, '{part}', 4096, 'geom') FROM (
        SELECT n, ST_Point(cx * 256 + 128, cy * 256 + 128) AS geom FROM cells
    ) AS cell
"""
# A shape too small to be seen becomes a square of two units: what is there is not passed over.
_SHAPES = """
    SELECT ST_AsMVT(shape, '{part}', 4096, 'geom', 'fid') FROM (
        SELECT fid{fields}, ST_AsMVTGeom(
            CASE WHEN {small} THEN ST_Expand(ST_Centroid(ST_Envelope(gm)), %(unit)s)
            ELSE ST_Simplify(gm, %(tolerance)s, true) END,
            ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS geom
        FROM ({hits}) AS hits
    ) AS shape WHERE geom IS NOT NULL
"""
_SMALL = "greatest(ST_XMax(gm) - ST_XMin(gm), ST_YMax(gm) - ST_YMin(gm)) < 2 * %(unit)s"


class DataLayer(Layer):
    """The tiles of one description."""

    def __init__(self, described: Description) -> None:
        self.described = described
        self.name, self.zh, self.en = described.code, described.zh, described.en
        self.minzoom, self.maxzoom = described.minzoom, min(described.maxzoom, DEEPEST_MADE)
        self.maxzoom = max(self.maxzoom, self.minzoom)
        self.public = described.public
        self.seconds = None if described.own_table else FOREIGN_SECONDS
        self.counts = f"{described.code}_count"
        self.parts = (
            Part(
                described.code,
                {each.name: each.zh for each in described.fields},
                described.minzoom,
            ),
            Part(self.counts, {"n": "how many"}, described.minzoom),
        )

    @property
    def follows(self) -> tuple[str, ...]:
        # Whom a row belongs to is read from the trees of areas and organisations.
        trees = ("areas", "organisations") if self.described.granted else ()
        return (self.name, *trees)

    def admits(self, reach: Scope | None) -> bool:
        return self.described.admits(reach)

    def insight(self, reach: Scope) -> Hashable:
        return self.described.insight(reach)

    def narrow(self, query: Query, reach: Scope) -> Interval | None:
        """The stretch of time of `datetime`, as the layer's collection understands it. Raises
        Invalid where the layer has no time field, Problem where it is none."""
        text = query.get("datetime", [""])[-1]
        if not text:
            return None
        if not self.described.time_field:
            raise Invalid(
                zh="此图层没有时间字段。",
                en="This layer has no time field.",
                field="datetime",
                remedy_zh="请去掉 datetime，或在图层设置中选定时间字段。",
                remedy_en="Leave datetime out, or choose a time field in the layer's settings.",
            )
        return interval(text)

    async def question(self, tile: Tile, reach: Scope, narrowed: Any, coarseness: int) -> Question:
        described = self.described
        seen, params = described.condition(reach)
        if narrowed is not None:
            when, moments = self._during(narrowed)
            seen, params = f"{seen} AND {when}", {**params, **moments}
        points = described.shape == "point"
        # A last resort of a tile too large: counts. Points have nothing between.
        counted = coarseness > 0 if points else coarseness > 2
        # The counts that are kept know nothing of time.
        kept = described.own_table and tile.z <= COUNTED_UNTIL and narrowed is None
        most = MOST_POINTS if points else MOST_SHAPES
        if kept and points:
            most = min(most, MOST_FROM_FAR)
        west, south, east, north = tile.degrees()
        pixel = tile.size / 512
        tolerance = pixel / 2 if tile.z < EXACT_FROM else 0.0
        given = {
            **params,
            **place(tile, cells=CELLS),
            "layer": described.code,
            "most": -1 if counted else most,
            "tolerance": tolerance if coarseness == 0 else pixel * 4**coarseness,
            "unit": tile.size / EXTENT,
            "w": west, "s": south, "e": east, "n": north,
        }  # fmt: skip
        return Question(self._from_cells(seen) if kept else self._from_rows(seen), given)

    def _during(self, wanted: Interval) -> tuple[str, dict[str, Any]]:
        """Which rows belong to a stretch of time; a row without a day belongs to every one, as in
        the layer's collection."""
        fields = self.described.fields
        number, each = next(
            (n, each) for n, each in enumerate(fields) if each.name == self.described.time_field
        )
        column, parts, params = f"t.c{number}", [], {}
        if wanted.first is not None:
            parts.append(f"{column} >= %(first)s")
            params["first"] = wanted.first_as(each.kind)
        if wanted.last is not None:
            parts.append(f"{column} <= %(last)s")
            params["last"] = wanted.last_as(each.kind)
        within = " AND ".join(parts) or "TRUE"
        return f"({column} IS NULL OR ({within}))", params

    def _from_cells(self, seen: str) -> str:
        """Counts that are kept, or the shapes themselves where they are few."""
        described = self.described
        area, org = ("k.area", "k.organisation")
        scopes, joins = described.scopes(
            area if described.area_field else "", org if described.organisation_field else ""
        )
        cells = _CELLS.format(scopes=scopes, joins=joins, seen=seen)
        return (
            f"WITH cells AS MATERIALIZED ({cells}) "  # noqa: S608
            "SELECT CASE WHEN (SELECT coalesce(sum(n), 0) FROM cells) > %(most)s "
            f"THEN ({_CELLS_DRAWN.format(part=self.counts)}) ELSE ({self._drawn(seen)}) END"
        )

    def _from_rows(self, seen: str) -> str:
        """Shapes, or counts where there are many; both from one look at the rows."""
        counted = COUNTED.format(part=self.counts, sums="count(*) AS n")
        drawn = self._drawn(seen, "hits")
        return (
            f"WITH hits AS MATERIALIZED ({self._hits(seen)}) "  # noqa: S608
            "SELECT CASE WHEN (SELECT count(*) FROM hits) > %(most)s "
            f"THEN ({counted}) ELSE ({drawn}) END"
        )

    def _drawn(self, seen: str, hits: str = "") -> str:
        source = f"SELECT * FROM {hits}" if hits else self._hits(seen)  # noqa: S608
        fields = "".join(
            f", {_shown(each, number)} AS {quoted(each.name)}"
            for number, each in enumerate(self.described.fields)
        )
        if self.described.shape == "point":
            return DRAWN.format(part=self.name, fields=f"fid{fields}", source=f"({source}) AS hits")
        small = _SMALL if self.described.shape == "polygon" else "FALSE"
        return _SHAPES.format(part=self.name, fields=fields, small=small, hits=source)

    def _hits(self, seen: str) -> str:
        """The rows of a tile: fid, c0, c1 …, mx, my (metres of the map), and gm of shapes."""
        described = self.described
        columns = "".join(f", t.c{number}" for number in range(len(described.fields)))
        inside, gm = self._projected()
        if described.shape == "point":
            mx, my = f"ST_X({gm})", f"ST_Y({gm})"
            if not described.own_table and described.srid != MERCATOR:
                mx = f"ST_X(t.geom) / 180 * {HALF}"
                my = f"ln(tan(radians(45 + ST_Y(t.geom) / 2))) / pi() * {HALF}"
            middle = f", {mx} AS mx, {my} AS my"
        else:
            gm_x, gm_y = (f"(ST_{s}Min({gm}) + ST_{s}Max({gm})) / 2" for s in "XY")
            middle = f", {gm} AS gm, {gm_x} AS mx, {gm_y} AS my"
        return (
            f"SELECT t.id AS fid{columns}{middle} "  # noqa: S608
            f"FROM ({described.rows(mercator=True)}) AS t WHERE {inside} AND {seen}"
        )

    def _projected(self) -> tuple[str, str]:
        """Whether a row lies in the tile, by its index, and its geometry on the map."""
        described = self.described
        if described.own_table:
            return f"t.gm && {_WIDE}", "t.gm"
        if described.srid == MERCATOR:
            return f"t.geom && {_WIDE}", "t.geom"
        box = f"ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, {described.srid})"
        world = _WORLD.format(srid=described.srid)
        return f"t.geom && {box}", f"ST_Transform(ST_ClipByBox2D(t.geom, {world}), {MERCATOR})"


def _shown(each: DataField, number: int) -> str:
    """A field as a tile carries it: text, numbers, booleans."""
    column = f"c{number}"
    if each.kind == "date-time":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    if each.kind == "number":
        return f"{column}::float8"
    return column if each.kind in ("integer", "boolean") else f"{column}::text"
