"""HTTP of the layers of the map: the tree that a caller may see, and its keeping."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from chengyun.city.layers.tree import LayerEntry, tree
from chengyun.core.http import actor_of, optional_actor
from chengyun.core.schemas import REFUSALS

router = Router(tags=["layers"])


class LegendEntry(Schema):
    """What a colour means."""

    zh: str
    en: str
    color: str
    shape: str


class LayerFieldOut(Schema):
    """A property of the rows. `kind` is string, integer, number, boolean, date or date-time."""

    name: str
    zh: str
    en: str
    kind: str


class LayerOut(Schema):
    """A layer in the tree. `style` is null for the program's own layers, whose looks the map
    knows. `tiles` is its TileJSON; `shape` is point, line or polygon."""

    code: str
    name_zh: str
    name_en: str
    about: str
    folder: str
    position: int
    shape: str
    tiles: str
    items: str
    style: dict[str, Any] | None
    legend: list[LegendEntry]
    minzoom: int
    maxzoom: int
    opacity: float
    visible: bool
    time_field: str
    fields: list[LayerFieldOut]
    access: str
    organisation: str | None
    program: bool
    editable: bool


class LayersOut(Schema):
    """The layers that the caller may see, in the order of the tree."""

    items: list[LayerOut]


@router.get(
    "/layers",
    auth=optional_actor,
    response={200: LayersOut, **REFUSALS},
    summary="The layers of the map",
)
def list_layers(request: HttpRequest) -> dict[str, list[LayerEntry]]:
    """The tree of layers that the caller may see: the program's own, then those that are data."""
    return {"items": tree(actor_of(request))}
