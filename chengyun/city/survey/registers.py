"""The registers that surveys go into: their columns, and how a row of a survey changes them.

In the expressions `s` is the row of the survey (its staging table), `r` the one of the register.
A field that the file does not have is left as it is registered.
"""

from dataclasses import dataclass

# A place that moved by less than a millimetre did not move.
_MOVED = "(abs(ST_X(r.geom) - s.lon) > 1e-8 OR abs(ST_Y(r.geom) - s.lat) > 1e-8)"
# Whoever put the point elsewhere on the same outline knew why.
_REDRAWN = f"({_MOVED} AND NOT coalesce(ST_Equals(s.outline, r.outline), false))"
_PLACED = "ST_SetSRID(ST_Point(s.lon, s.lat), 4490)"
_PARTIES = ("authority", "owner", "maintainer")


@dataclass(frozen=True)
class Part:
    """One column: what a survey makes of it, and how the difference is written for people."""

    column: str
    changed: str
    new: str
    #: What the difference is called, and its value for either side; `{}` is the column's value.
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Register:
    """A register as surveys see it. `staged` are the columns of the staging table."""

    name: str
    table: str
    key: tuple[str, ...]
    staged: tuple[tuple[str, str], ...]
    parts: dict[str, tuple[Part, ...]]
    always: tuple[Part, ...]

    def changing(self, fields: list[str]) -> list[Part]:
        """The columns that a file with these fields says something about."""
        parts = list(self.always)
        for name in fields:
            parts += [
                p for p in self.parts.get(name, ()) if p.column not in {q.column for q in parts}
            ]
        return [part for part in parts if part.changed]

    def registering(self) -> list[Part]:
        """Every column of a new row."""
        every = [*self.always, *(part for parts in self.parts.values() for part in parts)]
        return list({part.column: part for part in every}.values())


def _text(name: str) -> Part:
    return Part(name, f"coalesce(s.{name}, '')", f"coalesce(s.{name}, '')", ((name, "{}"),))


def _plain(name: str) -> Part:
    return Part(name, f"s.{name}", f"s.{name}", ((name, "{}"),))


def _kept(name: str, default: str) -> Part:
    return Part(
        name, f"coalesce(s.{name}, r.{name})", f"coalesce(s.{name}, {default})", ((name, "{}"),)
    )


def _code_of(table: str) -> str:
    return f"(SELECT t.code FROM {table} t WHERE t.id = {{}})"  # noqa: S608


def _party(name: str) -> Part:
    column = f"{name}_id"
    said = ((name, _code_of("core_organisation")),)
    return Part(column, f"s.{column}", f"s.{column}", said)


def _point(moved: str) -> Part:
    return Part(
        "geom",
        f"CASE WHEN {moved} THEN {_PLACED} ELSE r.geom END",
        _PLACED,
        (("lon", "ST_X({})"), ("lat", "ST_Y({})")),
    )


def _grid(moved: str) -> Part:
    """The grid that a file names holds; else the one at the place, when the place is another."""
    return Part(
        "unit_grid_id",
        f"CASE WHEN s.named OR {moved} OR r.unit_grid_id IS NULL THEN s.unit_grid_id "
        "ELSE r.unit_grid_id END",
        "s.unit_grid_id",
        (("unit_grid", _code_of("city_unitgrid")),),
    )


# A file of points does not take an outline away, unless the point leaves it.
_OUTLINE = Part(
    "outline",
    "CASE WHEN s.outline IS NOT NULL THEN CASE WHEN ST_Equals(s.outline, r.outline) "
    "THEN r.outline ELSE s.outline END "
    f"WHEN r.outline IS NULL OR ST_DWithin(r.outline, {_PLACED}, 1e-8) THEN r.outline END",
    "s.outline",
    (("outline", "ST_AsText({}, 7)"),),
)
_PLACE = (("lon", "float8"), ("lat", "float8"), ("unit_grid_id", "bigint"), ("named", "boolean"),
          ("area_id", "bigint"))  # fmt: skip

COMPONENTS = Register(
    name="components",
    table="city_component",
    key=("code",),
    staged=(
        ("line", "bigint"), ("code", "text"), ("component_class_id", "bigint"),
        ("district", "text"), *_PLACE, ("name", "text"), ("state", "text"),
        *((f"{name}_id", "bigint") for name in _PARTIES),
        ("first_surveyed", "date"), ("changed_on", "date"), ("source", "text"),
        ("remark", "text"), ("street_code", "text"), ("community_code", "text"),
        ("accuracy", "text"), ("outline", "geometry"),
    ),
    parts={
        "name": (
            _kept("name", "(SELECT k.name_zh FROM city_componentclass k"
                          " WHERE k.id = s.component_class_id)"),
        ),
        "state": (_kept("state", "'intact'"),),
        **{name: (_party(name),) for name in _PARTIES},
        "first_surveyed": (_plain("first_surveyed"),),
        "changed_on": (_plain("changed_on"),),
        **{
            name: (_text(name),)
            for name in ("source", "remark", "street_code", "community_code", "accuracy")
        },
    },
    always=(
        Part("code", "", "s.code"),
        Part("component_class_id", "", "s.component_class_id"),
        _point(_REDRAWN),
        _grid(_REDRAWN),
        _OUTLINE,
    ),
)  # fmt: skip

ADDRESSES = Register(
    name="addresses",
    table="city_address",
    key=("full_text", "kind"),
    staged=(
        ("line", "bigint"), ("full_text", "text"), ("kind", "text"), *_PLACE, ("source", "text"),
    ),
    parts={"source": (_text("source"),)},
    always=(
        Part("full_text", "", "s.full_text"),
        Part("kind", "", "s.kind"),
        _point(_MOVED),
        _grid(_MOVED),
        Part("area_id", f"CASE WHEN s.named OR {_MOVED} OR r.area_id IS NULL THEN s.area_id "
                        "ELSE r.area_id END", "s.area_id", (("area", _code_of("city_area")),)),
    ),
)  # fmt: skip

UNIT_GRIDS = Register(
    name="unit_grids",
    table="city_unitgrid",
    key=("code",),
    staged=(
        ("line", "bigint"), ("code", "text"), ("community_id", "bigint"), ("geom", "geometry"),
        ("area_m2", "float8"), ("valid_from", "date"), ("valid_until", "date"),
        ("land_use", "text"), ("level_code", "text"), ("responsible_org_code", "text"),
        ("remark", "text"),
    ),
    parts={
        "community": (
            Part("community_id", "s.community_id", "s.community_id",
                 (("community", _code_of("city_area")),)),
        ),
        "valid_from": (_kept("valid_from", "'2000-01-01'"),),
        "valid_until": (_plain("valid_until"),),
        **{
            name: (_text(name),)
            for name in ("land_use", "level_code", "responsible_org_code", "remark")
        },
    },
    always=(
        Part("code", "", "s.code"),
        Part("geom", "CASE WHEN ST_Equals(s.geom, r.geom) THEN r.geom ELSE s.geom END", "s.geom",
             (("area_m2", "round(ST_Area({}::geography)::numeric, 1)"),)),
        Part("area_m2", "CASE WHEN ST_Equals(s.geom, r.geom) THEN r.area_m2 ELSE s.area_m2 END",
             "s.area_m2"),
    ),
)  # fmt: skip

REGISTERS = {register.name: register for register in (COMPONENTS, ADDRESSES, UNIT_GRIDS)}
