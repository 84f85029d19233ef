"""What a layer that is data is, and who sees which of its rows: one predicate for every way out.

Everything of a description that reaches SQL is either checked by form and quoted, or a parameter.
"""

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final, Literal

from django.db import connection
from psycopg import sql

from chengyun.city.models import Layer
from chengyun.core.access import Scope
from chengyun.core.models import Role

Kind = Literal["string", "integer", "number", "boolean", "date", "date-time"]
#: A piece of SQL with %(name)s placeholders, and its parameters.
Condition = tuple[str, Mapping[str, Any]]

#: Of a layer, which is also the name of its table.
CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,47}")
#: Of a field: letters of any script, digits, underscores; what SQL, JSON, tiles and CQL2 carry.
FIELD: Final = re.compile(r"[^\W\d]\w{0,39}")
#: A name in PostgreSQL has 63 bytes; some are left for what we add.
FIELD_BYTES: Final = 60
#: Names that features, tiles and our tables use themselves.
RESERVED: Final = frozenset({"id", "fid", "geom", "gm", "geometry", "area_code"})
RELATION: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}")
#: The column of our own tables that says in which area a row lies.
AREA_COLUMN: Final = "area_code"

_ROWS = """
SELECT coalesce(json_agg(row_to_json(found)), '[]')::text FROM (
    SELECT layer.*, org.code AS organisation_code, org.ancestors AS organisation_path
    FROM city_layer AS layer LEFT JOIN core_organisation AS org ON org.id = organisation_id
    {where} ORDER BY folder, position, layer.code
) AS found
"""
#: All layers as one JSON text.
ALL: Final = _ROWS.replace("{where}", "")
ONE: Final = _ROWS.replace("{where}", "WHERE layer.code = %s")


@dataclass(frozen=True)
class DataField:
    """One property of a layer's rows, which is the column of the same name."""

    name: str
    zh: str
    en: str
    kind: Kind

    def plain(self) -> dict[str, str]:
        return {"name": self.name, "zh": self.zh, "en": self.en, "kind": self.kind}


@dataclass(frozen=True)
class Description:
    """One row of `city_layer`. `stamp` differs whenever anything of it does."""

    id: int
    code: str
    zh: str
    en: str
    about: str
    folder: str
    position: int
    organisation: str | None
    organisation_path: tuple[str, ...]
    relation: str
    own_table: bool
    id_field: str
    geometry_field: str
    srid: int
    shape: str
    fields: tuple[DataField, ...]
    time_field: str
    area_field: str
    organisation_field: str
    roads: bool
    oneway_field: str
    style: Mapping[str, Any] = field(hash=False)
    opacity: float
    minzoom: int
    maxzoom: int
    visible: bool
    access: str
    roles: frozenset[str]
    stamp: str

    @property
    def public(self) -> bool:
        return self.access == Layer.Access.PUBLIC

    @property
    def granted(self) -> bool:
        return self.access == Layer.Access.GRANTED

    @cached_property
    def quoted_relation(self) -> str:
        return sql.Identifier(*self.relation.split(".", 1)).as_string(None)

    # -- who sees it -----------------------------------------------------------------------------

    def admits(self, reach: Scope | None) -> bool:
        """Whether the caller may know of the layer at all; None is a stranger."""
        if self.public:
            return True
        if reach is None or (self.roles and not self._within(reach).clauses):
            return False
        return not self.granted or self._within(reach).as_sql("t")[0] != "FALSE"

    def condition(self, reach: Scope | None) -> Condition:
        """Which of the rows `t` (of `rows`, or of the counts) the caller sees."""
        if not self.admits(reach):
            return "FALSE", {}
        if reach is None or not self.granted:
            return "TRUE", {}
        text, values = self._within(reach).as_sql("t")
        numbers = iter(range(len(values)))
        named = re.sub("%s", lambda _: f"%(reach{next(numbers)})s", text)
        return named, {f"reach{number}": value for number, value in enumerate(values)}

    def insight(self, reach: Scope) -> Hashable:
        """What content is remembered under beside the version of the rows."""
        return self.stamp, self._within(reach).clauses if self.granted else None

    def _within(self, reach: Scope) -> Scope:
        # A post that is not known any more admits nobody.
        posts = [role for role in Role if role.value in self.roles]
        return reach.for_roles(posts) if self.roles else reach

    # -- its rows --------------------------------------------------------------------------------

    def rows(self, *, mercator: bool = False) -> str:
        """The layer's rows as a SELECT: id, geom, (gm,) c0, c1 … in the order of the fields, and
        what the predicate asks for."""
        columns = [f"r.{quoted(self.id_field)} AS id", f"r.{quoted(self.geometry_field)} AS geom"]
        if mercator and self.own_table:
            columns.append("r.gm")
        columns += [
            f"r.{quoted(each.name)} AS c{number}" for number, each in enumerate(self.fields)
        ]
        area = f"r.{quoted(self.area_field)}" if self.area_field else ""
        org = f"r.{quoted(self.organisation_field)}" if self.organisation_field else ""
        scopes, joins = self.scopes(area, org)
        return f"SELECT {', '.join(columns)}{scopes} FROM {self.quoted_relation} AS r{joins}"  # noqa: S608

    def scopes(self, area: str, organisation: str) -> tuple[str, str]:
        """Columns and joins of the predicate, from the expressions of a row's codes. A row whose
        organisation is not told belongs to that of the layer."""
        if not self.granted:
            return "", ""
        areas, orgs, joins = "'{}'::text[]", "'{}'::text[]", ""
        if area:
            joins += f" LEFT JOIN city_area AS sa ON sa.code = {area}"
            areas = "coalesce(sa.ancestors::text[], '{}')"
        if organisation:
            joins += f" LEFT JOIN core_organisation AS so ON so.code = {organisation}"
            orgs = "coalesce(so.ancestors::text[], '{}')"
        elif self.organisation is not None:
            orgs = (
                "(SELECT o.ancestors::text[] FROM core_organisation AS o "  # noqa: S608
                f"WHERE o.code = {sql.Literal(self.organisation).as_string(None)})"
            ).replace("%", "%%")
        return (
            f", {areas} AS scope_areas, {orgs} AS scope_orgs, '{{}}'::text[] AS scope_matters",
            joins,
        )


def quoted(name: str) -> str:
    """A column's name inside SQL that has placeholders."""
    return sql.Identifier(name).as_string(None).replace("%", "%%")


def read_all(text: str) -> list[Description]:
    """The descriptions of what `ALL` answered."""
    return [_described(row) for row in json.loads(text)]


def all_layers() -> list[Description]:
    """Every layer that is data, in the order of the tree: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ALL)
        return read_all(cursor.fetchone()[0])


def one_layer(code: str) -> Description | None:
    """The layer of a code: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ONE, [code])
        found = read_all(cursor.fetchone()[0])
    return found[0] if found else None


def _described(row: Mapping[str, Any]) -> Description:
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return Description(
        id=row["id"],
        code=row["code"],
        zh=row["name_zh"],
        en=row["name_en"] or row["name_zh"],
        about=row["about"],
        folder=row["folder"],
        position=row["position"],
        organisation=row["organisation_code"],
        organisation_path=tuple(row["organisation_path"] or ()),
        relation=row["relation"],
        own_table=row["own_table"],
        id_field=row["id_field"],
        geometry_field=row["geometry_field"],
        srid=row["srid"],
        shape=row["shape"],
        fields=tuple(DataField(**each) for each in row["fields"]),
        time_field=row["time_field"],
        area_field=row["area_field"],
        organisation_field=row["organisation_field"],
        roads=row["roads"],
        oneway_field=row["oneway_field"],
        style=row["style"],
        opacity=row["opacity"],
        minzoom=row["minzoom"],
        maxzoom=row["maxzoom"],
        visible=row["visible"],
        access=row["access"],
        roles=frozenset(row["roles"]),
        stamp=blake2b(text.encode(), digest_size=12).hexdigest(),
    )
