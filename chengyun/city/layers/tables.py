"""The tables that we make for layers: schema `layers`, one for each, kept like its description.

Rows lie in the order of their geometry, with its projection on the map beside it. Triggers move the
version of the tiles and keep the counts by map cell, whoever writes.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection
from psycopg import errors, sql

from chengyun.city.layers.description import AREA_COLUMN, DataField
from chengyun.city.models import Layer
from chengyun.core.problems import Conflict

SCHEMA: Final = "layers"
TYPES: Final = {
    "string": "text", "integer": "bigint", "number": "double precision", "boolean": "boolean",
    "date": "date", "date-time": "timestamptz",
}  # fmt: skip
GEOMETRIES: Final = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}

_TABLE = """
CREATE TABLE {table} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    {columns}
    {area} text,
    geom geometry({shape}, 4490) NOT NULL,
    gm geometry({shape}, 3857) GENERATED ALWAYS AS (
        CASE WHEN ST_YMin(geom) > -85.06 AND ST_YMax(geom) < 85.06
        THEN ST_Transform(geom, 3857) END) STORED
)
"""
_WATCH = """
CREATE TRIGGER city_tiles_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION city_tiles_changed({code})
"""
_INDEXED = """
SELECT 1 FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = %s::regclass AND a.attname = %s
"""
# A trigger that sees both sides of a change is for one kind of change.
_COUNTERS = {
    "INSERT": "REFERENCING NEW TABLE AS fresh",
    "UPDATE": "REFERENCING OLD TABLE AS gone NEW TABLE AS fresh",
    "DELETE": "REFERENCING OLD TABLE AS gone",
    "TRUNCATE": "",
}


def table_of(code: str) -> sql.Identifier:
    """The table of a layer's code."""
    return sql.Identifier(SCHEMA, code)


def make_table(table: sql.Identifier, code: str, shape: str, fields: Sequence[DataField]) -> None:
    """Make an empty table whose writes move the version of the layer `code`.

    Raises Conflict when one of that name is there."""
    columns = [
        sql.SQL("{} {},").format(sql.Identifier(each.name), sql.SQL(TYPES[each.kind]))
        for each in fields
    ]
    made = sql.SQL(_TABLE).format(
        table=table,
        columns=sql.SQL(" ").join(columns),
        area=sql.Identifier(AREA_COLUMN),
        shape=sql.SQL(GEOMETRIES[shape]),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [table.as_string(None)])
        if cursor.fetchone()[0] is not None:
            raise Conflict(
                zh=f"数据库中已有表 {SCHEMA}.{code}。",
                en=f"There is a table {SCHEMA}.{code} already.",
                field="code",
                remedy_zh="请换一个代码，或将该表登记为图层（relation）。",
                remedy_en="Take another code, or register that table (relation).",
            )
        run(cursor, made)
        run(cursor, sql.SQL(_WATCH).format(table=table, code=sql.Literal(code)))


def finish_table(table: sql.Identifier, layer: Layer) -> None:
    """Index the rows of a table and count them, now and whenever they change."""
    with connection.cursor() as cursor:
        for column in ("gm", "geom"):
            made = sql.SQL("CREATE INDEX ON {} USING gist ({})")
            run(cursor, made.format(table, sql.Identifier(column)))
        run(cursor, sql.SQL("ANALYZE {}").format(table))
    index_time(table, layer)
    count_table(table, layer)


def index_time(table: sql.Identifier, layer: Layer) -> None:
    """Index a table by the layer's time field, where it has one and no index yet."""
    if not layer.time_field:
        return
    with connection.cursor() as cursor:
        cursor.execute(_INDEXED, [table.as_string(None), layer.time_field])
        if cursor.fetchone() is None:
            made = sql.SQL("CREATE INDEX ON {} ({})")
            run(cursor, made.format(table, sql.Identifier(layer.time_field)))


def count_table(table: sql.Identifier, layer: Layer) -> None:
    """Count a table's rows by map cell, now and whenever they change, for those who see them."""
    granted = layer.access == Layer.Access.GRANTED
    area = layer.area_field if granted else ""
    organisation = layer.organisation_field if granted else ""
    given = [sql.Literal(each) for each in (layer.code, area, organisation)]
    with connection.cursor() as cursor:
        for event, seen in _COUNTERS.items():
            name = sql.Identifier(f"city_layer_{event.lower()}")
            run(cursor, sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(name, table))
            made = sql.SQL(
                "CREATE TRIGGER {} AFTER {} ON {} {} FOR EACH STATEMENT "
                "EXECUTE FUNCTION city_layer_changed({})"
            )
            words = (sql.SQL(event), table, sql.SQL(seen), sql.SQL(", ").join(given))
            run(cursor, made.format(name, *words))
        cursor.execute(
            "SELECT city_layer_count(%s, %s::regclass, %s, %s)",
            [layer.code, table.as_string(None), area, organisation],
        )


def put_in_place(new: sql.Identifier, code: str) -> None:
    """Let a finished table take the place of a layer's table. Readers wait for a moment only.

    Raises Conflict when something in the database stands on the old one."""
    drop_table(code)
    with connection.cursor() as cursor:
        run(cursor, sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, sql.Identifier(code)))


def drop_table(code: str) -> None:
    """Drop a layer's table if it is there. Raises Conflict when something stands on it."""
    try:
        with connection.cursor() as cursor:
            run(cursor, sql.SQL("DROP TABLE IF EXISTS {}").format(table_of(code)))
    except Exception as error:
        if isinstance(error.__cause__, errors.DependentObjectsStillExist):
            raise Conflict(
                zh=f"数据库中有视图依赖 {SCHEMA}.{code}。",
                en=f"A view of the database stands on {SCHEMA}.{code}.",
                remedy_zh="请先删除这些视图。",
                remedy_en="Drop these views first.",
            ) from error
        raise


def forget_counts(code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM city_layercell WHERE layer = %s", [code])


def run(cursor: Any, statement: sql.Composable) -> None:
    """Run a composed statement without parameters; a percent sign in a name is only that."""
    cursor.execute(statement.as_string(None))


def rows_of(layer: str) -> int:
    """How many rows the counts tell of; those beyond the map's projection are not drawn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n), 0) FROM city_layercell WHERE layer = %s AND z = 0", [layer]
        )
        return int(cursor.fetchone()[0])
