"""A layer that is data as a collection of the OGC API: read, with the predicate of its rows."""

from chengyun.city.layers.description import Condition, Description
from chengyun.city.ogc.collection import Collection, Field, Shape
from chengyun.core.access import Scope

_SHAPES: dict[str, Shape] = {
    "point": "point", "line": "multilinestring", "polygon": "multipolygon",
}  # fmt: skip


class DataCollection(Collection):
    """The collection of one description."""

    fid, fid_kind, hidden = "t.id", "integer", True

    def __init__(self, described: Description) -> None:
        self.described = described
        self.name, self.zh, self.en = described.code, described.zh, described.en
        self.about_zh = self.about_en = described.about
        self.table = f"({described.rows()})"
        self.shape = _SHAPES[described.shape]
        self.srid = described.srid
        self.public = described.public
        # Tables of ours have a geometry in every row, and a key.
        self.keyed, self.placeless = described.own_table, not described.own_table
        self.fields = tuple(
            Field(each.name, each.zh, each.en, f"t.c{number}", each.kind)
            for number, each in enumerate(described.fields)
        )
        self.since = self.until = described.time_field or None

    def admits(self, reach: Scope | None) -> bool:
        return self.described.admits(reach)

    async def condition(self, reach: Scope) -> Condition:
        return self.described.condition(reach)
