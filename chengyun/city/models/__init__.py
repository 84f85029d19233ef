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
from chengyun.city.models.components import Component, ComponentChange, ComponentPhoto
from chengyun.city.models.layers import Layer, LayerFilling
from chengyun.city.models.surveys import Survey, SurveyRow

__all__ = [
    "Address",
    "Area",
    "CatalogueVersion",
    "Component",
    "ComponentChange",
    "ComponentClass",
    "ComponentPhoto",
    "Crosswalk",
    "DutyGrid",
    "Edition",
    "Layer",
    "LayerFilling",
    "Matter",
    "Survey",
    "SurveyRow",
    "UnitGrid",
]
