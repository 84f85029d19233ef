"""What the city sends over the wire. Positions are CGCS2000, longitude first, in degrees."""

from datetime import date
from typing import Any

from ninja import Schema


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


class PlaceOut(Schema):
    """Where a point lies. `inside` is false outside the city; then all else is null."""

    lon: float
    lat: float
    inside: bool
    unit_grid: str | None
    areas: list[AreaOut]
    nearest_address: NearAddressOut | None


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
