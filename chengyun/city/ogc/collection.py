"""What a collection of features is, and the register of all collections."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.core.access import Scope

Kind = Literal["string", "integer", "number", "boolean", "date", "date-time"]
Shape = Literal["point", "multilinestring", "multipolygon"]
#: A piece of SQL with %(name)s placeholders, and its parameters.
Condition = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Lookup:
    """Where the value of a field stands when it is another table's: the row of `table` whose id
    is in `column` of ours. Two fields with the same `table` and `column` share the row."""

    column: str
    table: str


@dataclass(frozen=True)
class Field:
    """One property of the features.

    `sql` is an expression on our row, `t`, or with a `lookup` on the other table's, `r`. `values`
    are all that may occur. A `text` field may be long and is not asked for by whole value.
    """

    name: str
    zh: str
    en: str
    sql: str
    kind: Kind = "string"
    values: tuple[str, ...] = ()
    lookup: Lookup | None = None


class Collection:
    """One collection: a table, what is shown of its rows, and who may see them.

    `table` has a bigint key `id`; `fid` is the expression of the features' own id and `geom` the
    geometry in the coordinates of `srid`. `always` limits what belongs to the collection at all.
    `since` and `until` name the fields between which a feature holds; null is open, `until` is
    the first moment after when `until_open`. `placeless` features are there too: those without a
    geometry lie in every box, as the standard wants. All of these are constants of the program, or
    made of names that were checked and quoted (`chengyun.city.layers`).
    """

    name: str
    zh: str
    en: str
    about_zh: str = ""
    about_en: str = ""
    table: str
    fields: tuple[Field, ...]
    shape: Shape = "point"
    fid: str = "t.code"
    fid_kind: Literal["string", "integer"] = "string"
    geom: str = "t.geom"
    srid: int = CGCS2000_SRID
    always: str = "TRUE"
    since: str | None = None
    until: str | None = None
    until_open: bool = False
    placeless: bool = False
    #: Rows are found in the order of their `id` by an index.
    keyed: bool = True
    #: The table that says between which sides each 1,024 rows with neighbouring `id` lie.
    blocks: str = ""
    #: The field of which an index finds the rows of a value in the order of their `id`.
    ordered: str = ""
    #: Needs no sign-in.
    public: bool = False
    #: Takes new, changed and removed features.
    writable: bool = False
    #: Not even named to those whom it does not admit.
    hidden: bool = False

    def admits(self, reach: Scope | None) -> bool:
        """Whether the caller may open the collection; None is a stranger."""
        return self.public or reach is not None

    async def condition(self, reach: Scope) -> Condition:
        """Which rows of `t` this caller may see."""
        return "TRUE", {}

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def joins(self) -> dict[Lookup, str]:
        """The alias of each other table that is read."""
        found: dict[Lookup, str] = {}
        for field in self.fields:
            if field.lookup is not None:
                found.setdefault(field.lookup, f"r{len(found)}")
        return found
