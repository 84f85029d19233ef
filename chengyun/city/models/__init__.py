"""The nouns of the city, one file per family."""

from chengyun.city.models.addresses import Address
from chengyun.city.models.areas import Area, DutyGrid, UnitGrid
from chengyun.city.models.catalogue import (
    CatalogueVersion,
    ComponentClass,
    Crosswalk,
    Edition,
    Matter,
)
from chengyun.city.models.components import Component

__all__ = [
    "Address",
    "Area",
    "CatalogueVersion",
    "Component",
    "ComponentClass",
    "Crosswalk",
    "DutyGrid",
    "Edition",
    "Matter",
    "UnitGrid",
]
