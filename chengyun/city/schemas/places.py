"""What the city sends over the wire. Positions are CGCS2000, longitude first, in degrees."""

from datetime import date
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from chengyun.city.coordinates import System

LonIn = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
LatIn = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class AreaOut(Schema):
    """An area by its codes and names; `ancestors` from the city down, own code last."""

    code: str
    name_zh: str
    name_en: str
    level: str
    ancestors: list[str]


class AreaDetail(AreaOut):
    """An area with its outline (GeoJSON, null where only the name is known)."""

    population: int | None
    area_m2: float | None
    synthetic: bool
    geometry: dict[str, Any] | None


class GridOut(Schema):
    """A unit grid with its outline (GeoJSON)."""

    code: str
    community: str
    area_m2: float
    valid_from: date
    valid_until: date | None
    responsible_org_code: str
    geometry: dict[str, Any]


class AddressOut(Schema):
    """An address and its point."""

    full_text: str
    kind: str
    lon: float
    lat: float
    area: str | None
    unit_grid: str | None


class NearAddressOut(Schema):
    """The address nearest to a point."""

    full_text: str
    kind: str
    distance_m: float


class DutyGridName(Schema):
    """A grid that people answer for."""

    code: str
    name: str
    kind: str


class PlaceOut(Schema):
    """Where a point lies: `areas` from the city down to the community. `inside` is false outside
    the city; then all else is null or empty. Strangers are not told the duty grids."""

    lon: float
    lat: float
    inside: bool
    unit_grid: str | None
    duty_grids: list[DutyGridName]
    areas: list[AreaOut]
    nearest_address: NearAddressOut | None


class PointsIn(Schema):
    """Up to a thousand points, longitude first, in the coordinates of `system`."""

    points: list[tuple[LonIn, LatIn]] = Field(min_length=1, max_length=1000)
    system: System = System.CGCS2000


class PlacesOut(Schema):
    """Where the points lie, in the order in which they were given."""

    items: list[PlaceOut]


class EditionOut(Schema):
    """An edition of the code catalogue."""

    code: str
    name_zh: str
    name_en: str
    class_width: int
    subclass_width: int
    is_default: bool


class MatterOut(Schema):
    """A matter; `id` is what a report or a case names it by, `token` what grants and filters do."""

    id: int
    code: str
    token: str
    kind: str
    class_code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str
    aliases: list[str]
    description: str


class ComponentClassOut(Schema):
    """A component class."""

    code: str
    class_code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str


class PartyOut(Schema):
    """An organisation that answers for a component."""

    code: str
    name_zh: str
    name_en: str
