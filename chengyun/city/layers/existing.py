"""Tables and views that are there already, and whether they may become a layer.

Only what lies in a schema that is allowed (`CHENGYUN_LAYER_SCHEMAS`) may, and a view only when
all it reads lies there too or is one of the map's own registers. Never people, cases or the audit.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection

from chengyun.city.layers.description import FIELD, FIELD_BYTES, RELATION, RESERVED, Kind
from chengyun.city.models import Layer
from chengyun.core.problems import Forbidden, Invalid, NotFound

#: What a view may read besides: the registers of the map, none of which speaks of people.
REGISTERS: Final = frozenset(
    {
        "city_area", "city_unitgrid", "city_dutygrid", "city_dutygrid_unit_grids", "city_component",
        "city_componentclass", "city_address", "city_edition", "core_organisation",
    }
)  # fmt: skip
#: Of these only this one is everybody's.
PUBLIC: Final = frozenset({"city_area"})
SRIDS: Final = (4490, 4326, 3857)
_SHAPES: Final = {
    "POINT": "point", "LINESTRING": "line", "MULTILINESTRING": "line", "POLYGON": "polygon",
    "MULTIPOLYGON": "polygon",
}  # fmt: skip
_KINDS: Final[dict[str, Kind]] = {
    "text": "string", "character varying": "string", "character": "string",
    "smallint": "integer", "integer": "integer", "bigint": "integer",
    "real": "number", "double precision": "number", "numeric": "number",
    "boolean": "boolean", "date": "date", "timestamp with time zone": "date-time",
}  # fmt: skip

_COLUMNS = """
SELECT attname, format_type(atttypid, NULL), attnotnull,
    CASE WHEN atttypid = to_regtype('geometry') THEN upper(postgis_typmod_type(atttypmod)) END,
    CASE WHEN atttypid = to_regtype('geometry') THEN postgis_typmod_srid(atttypmod) END
FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
# What a view reads, through views; and what it calls that came neither with PostgreSQL nor with
# an extension, and could read anything.
_READS = """
WITH RECURSIVE reads AS (
    SELECT %(oid)s::oid AS oid
    UNION
    SELECT d.refobjid FROM reads JOIN pg_rewrite AS w ON w.ev_class = reads.oid
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        AND d.refclassid = 'pg_class'::regclass
)
SELECT n.nspname, c.relname FROM reads JOIN pg_class AS c USING (oid)
JOIN pg_namespace AS n ON n.oid = c.relnamespace
UNION
SELECT '', p.proname FROM reads JOIN pg_rewrite AS w ON w.ev_class = reads.oid
JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc AS p ON p.oid = d.refobjid
WHERE NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_proc'::regclass
    AND e.objid = p.oid AND e.deptype = 'e')
"""
_UNIQUE = """
SELECT EXISTS (SELECT FROM pg_index AS i JOIN pg_attribute AS a
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = %s AND a.attname = %s AND i.indisunique AND i.indnkeyatts = 1
    AND i.indpred IS NULL AND i.indisvalid)
"""


@dataclass(frozen=True)
class Column:
    """A column as the catalogue tells it; `kind` is None where we cannot show it."""

    name: str
    type: str
    kind: Kind | None
    required: bool
    geometry: str | None
    srid: int | None


@dataclass(frozen=True)
class Relation:
    """A table or view that may become a layer."""

    schema: str
    name: str
    view: bool
    columns: dict[str, Column]
    #: Registers of the map that it reads.
    registers: frozenset[str]

    @property
    def secret(self) -> bool:
        """Whether it reads what needs a sign-in elsewhere."""
        return bool(self.registers - PUBLIC)


def relation_of(name: str) -> Relation:
    """The table or view `schema.name`. Raises Invalid, Forbidden, NotFound."""
    if not RELATION.fullmatch(name):
        raise _wrong(
            "relation", "须写作 schema.name，小写字母、数字、下划线",
            "write schema.name in small letters, digits and underscores",
        )  # fmt: skip
    schema, _, table = name.partition(".")
    allowed = settings.CHENGYUN.layer_schemas
    if schema not in allowed:
        raise _forbidden(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid, c.relkind FROM pg_class AS c JOIN pg_namespace AS n "
            "ON n.oid = c.relnamespace WHERE nspname = %s AND relname = %s "
            "AND relkind IN ('r', 'p', 'v', 'm', 'f')",
            [schema, table],
        )
        found = cursor.fetchone()
        if found is None:
            raise NotFound(
                zh=f"数据库中没有表或视图 {name}。",
                en=f"The database has no table or view {name}.",
                field="relation",
                remedy_zh="请核对模式与名称。",
                remedy_en="Check its schema and name.",
            )
        oid, kind = found
        cursor.execute(_READS, {"oid": oid})
        reads = cursor.fetchall()
        cursor.execute(_COLUMNS, [oid])
        columns = {row[0]: _column(*row) for row in cursor.fetchall()}
    registers = {table for where, table in reads if where == "public" and table in REGISTERS}
    for where, read in reads:
        if where not in allowed and not (where == "public" and read in REGISTERS):
            raise _forbidden(f"{where}.{read}" if where else f"{read}()")
    return Relation(schema, table, kind in "vm", columns, frozenset(registers))


def check_id(relation: Relation, name: str) -> None:
    """The column by which a row is known: a positive whole number, unique. Raises Invalid."""
    column = relation.columns.get(name)
    if column is None or column.kind != "integer":
        raise _wrong(
            "id_field", f"{name} 不是整数列", f"{name} is no column of whole numbers",
            "视图可用 row_number() 或来源表的主键", "a view may give the key of its table",
        )  # fmt: skip
    with connection.cursor() as cursor:
        unique = False
        if not relation.view:
            cursor.execute(
                "SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace "
                "WHERE nspname = %s AND relname = %s",
                [relation.schema, relation.name],
            )
            cursor.execute(_UNIQUE, [cursor.fetchone()[0], name])
            unique = cursor.fetchone()[0]
        key, table = _quoted(name), f"{_quoted(relation.schema)}.{_quoted(relation.name)}"
        bad = f"SELECT 1 FROM {table} WHERE {key} IS NULL OR {key} < 1"  # noqa: S608
        twice = f"SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1"  # noqa: S608
        for test in (bad, *(() if unique else (twice,))):
            cursor.execute(f"{test} LIMIT 1".replace("%", "%%"), [])
            if cursor.fetchone() is not None:
                raise _wrong(
                    "id_field", f"{name} 有重复、空值或非正数",
                    f"{name} has a value twice, none, or one below 1",
                    "请另选一列，或在视图中编号", "choose another column, or number the rows",
                )  # fmt: skip


def shape_and_srid(relation: Relation, name: str) -> tuple[str, int]:
    """What the geometry column holds. Raises Invalid."""
    column = relation.columns.get(name)
    if column is None or column.geometry is None:
        raise _wrong("geometry_field", f"{name} 不是几何列", f"{name} is no column of geometries")
    shape = _SHAPES.get(column.geometry.removesuffix("M").removesuffix("Z"))
    if shape is None or column.srid not in SRIDS:
        told = f"geometry({column.geometry}, {column.srid or '?'})"
        raise _wrong(
            "geometry_field", f"{name} 的类型为 {told}", f"{name} is {told}",
            "须为 EPSG:4490、4326 或 3857 的点、线或面；视图中请写 "
            "ST_Transform(geom, 4490)::geometry(Point, 4490)，并为其建索引",
            "points, lines or polygons in EPSG:4490, 4326 or 3857 are needed; in a view write "
            "ST_Transform(geom, 4490)::geometry(Point, 4490) and index the expression",
        )  # fmt: skip
    return shape, column.srid


def usable(relation: Relation, layer: Layer) -> dict[str, Kind]:
    """The columns that may be shown as fields, by name."""
    taken = {layer.id_field, layer.geometry_field, *RESERVED}
    return {
        column.name: column.kind
        for column in relation.columns.values()
        if column.kind is not None
        and column.name not in taken
        and FIELD.fullmatch(column.name)
        and len(column.name.encode()) <= FIELD_BYTES
    }


def _column(name: str, kind: str, required: bool, geometry: str | None, srid: Any) -> Column:
    return Column(name, kind, _KINDS.get(kind), required, geometry, srid)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _forbidden(what: str) -> Forbidden:
    allowed = ", ".join(settings.CHENGYUN.layer_schemas)
    return Forbidden(
        zh=f"{what} 不可作为图层。",
        en=f"{what} cannot become a layer.",
        field="relation",
        remedy_zh=f"可用的模式：{allowed}（设置 CHENGYUN_LAYER_SCHEMAS）；视图只可读取这些模式和"
        "地图自身的登记表，且不可调用自编函数。",
        remedy_en=f"Use the schemas {allowed} (setting CHENGYUN_LAYER_SCHEMAS). A view may read "
        "only these and the map's own registers, and call no functions of one's own.",
    )


def _wrong(field: str, zh: str, en: str, remedy_zh: str = "", remedy_en: str = "") -> Invalid:
    return Invalid(
        zh=f"{field}: {zh}。", en=f"{field}: {en}.", field=field,
        remedy_zh=f"{remedy_zh or '请改正'}。", remedy_en=f"{remedy_en or 'Mend it'}.",
    )  # fmt: skip
