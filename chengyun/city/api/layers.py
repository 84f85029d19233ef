"""HTTP of the layers of the map: the tree that a caller may see, and its keeping."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from chengyun.city.actions.layers import (
    change_layer,
    create_layer,
    remove_layer,
    reorder_layers,
)
from chengyun.city.layers.queries import layer_kept_by
from chengyun.city.layers.tables import rows_of
from chengyun.city.layers.tree import KEEPERS, LayerEntry, entry_of, tree
from chengyun.city.layers.values import LayerValues
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, optional_actor, session_or_token
from chengyun.core.schemas import REFUSALS

router = Router(tags=["layers"])

Code = Annotated[str, Path(max_length=48)]
Short = Annotated[str, StringConstraints(max_length=200)]
ShapeName = Literal["point", "line", "polygon"]
AccessName = Literal["public", "signed_in", "granted"]


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
    knows. `tiles` is its TileJSON; `shape` is point, line or polygon. `roads`: ways lead along its
    lines."""

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
    roads: bool
    organisation: str | None
    program: bool
    editable: bool


class LayersOut(Schema):
    """The layers that the caller may see, in the order of the tree."""

    items: list[LayerOut]


class LayerSettingsOut(LayerOut):
    """A layer with what only its keepers see. `rows` is null where the rows are not ours."""

    relation: str
    own_table: bool
    id_field: str
    geometry_field: str
    srid: int
    area_field: str
    organisation_field: str
    oneway_field: str
    roles: list[str]
    rows: int | None


class LayerFieldIn(Schema):
    """A field: its name is a column's; `kind` is said only where a table is to be made."""

    model_config = ConfigDict(extra="forbid")
    name: Short
    zh: Short = ""
    en: Short = ""
    kind: Short | None = None


class LayerChange(Schema):
    """What of a layer is to change; what is not sent stays."""

    model_config = ConfigDict(extra="forbid")
    name_zh: Short = ""
    name_en: Short = ""
    about: Annotated[str, StringConstraints(max_length=2000)] = ""
    folder: Short = ""
    position: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    organisation: Short | None = None
    fields: Annotated[list[LayerFieldIn], Field(max_length=200)] = []
    time_field: Short = ""
    area_field: Short = ""
    organisation_field: Short = ""
    roads: bool = False
    oneway_field: Short = ""
    style: dict[str, Any] = {}
    opacity: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    minzoom: Annotated[int, Field(ge=0, le=22)] = 0
    maxzoom: Annotated[int, Field(ge=0, le=22)] = 22
    visible: bool = False
    access: AccessName = "signed_in"
    roles: Annotated[list[Short], Field(max_length=20)] = []


class LayerIn(LayerChange):
    """A new layer. Without `relation` a table is made for it, of `shape`; with it (`schema.name`)
    a table or view that is there is shown."""

    code: Short
    relation: Short = ""
    id_field: Short = "id"
    geometry_field: Short = "geom"
    shape: ShapeName | None = None


class LayerPlace(Schema):
    """Where a layer stands: its branch of the tree; the order is that of the list."""

    model_config = ConfigDict(extra="forbid")
    code: Short
    folder: Short = ""


class LayerOrder(Schema):
    """Layers in their new order."""

    model_config = ConfigDict(extra="forbid")
    order: Annotated[list[LayerPlace], Field(min_length=1, max_length=1000)]


@router.get(
    "/layers",
    auth=optional_actor,
    response={200: LayersOut, **REFUSALS},
    summary="The layers of the map",
)
def list_layers(request: HttpRequest) -> dict[str, list[LayerEntry]]:
    """The tree of layers that the caller may see: the program's own, then those that are data."""
    return {"items": tree(actor_of(request))}


@router.post(
    "/layers",
    auth=session_or_token,
    response={201: LayerSettingsOut, **REFUSALS},
    summary="Make a layer",
)
def post_layer(request: HttpRequest, payload: LayerIn) -> Status[dict[str, Any]]:
    """Make a layer: of a new table, to be filled from a file, or of a table or view that is there.

    Its style is told in docs/city/layers.md."""
    actor = actor_of(request)
    given = payload.model_dump(exclude={"code"}, exclude_unset=True)
    given["shape"] = payload.shape or ""
    values = LayerValues(**{"name_zh": "", **given})
    create_layer(actor=actor, code=payload.code, values=values)
    return Status(201, _settings(payload.code, actor))


@router.post(
    "/layers/order",
    auth=session_or_token,
    response={200: LayersOut, **REFUSALS},
    summary="Put layers in order",
)
def post_order(request: HttpRequest, payload: LayerOrder) -> dict[str, list[LayerEntry]]:
    """Put layers in this order, each in its branch of the tree."""
    actor = actor_of(request)
    reorder_layers(actor=actor, order=[(each.code, each.folder) for each in payload.order])
    return {"items": tree(actor)}


@router.get(
    "/layers/{code}",
    auth=session_or_token,
    response={200: LayerSettingsOut, **REFUSALS},
    summary="A layer and its settings",
)
def get_layer(request: HttpRequest, code: Code) -> dict[str, Any]:
    """A layer with everything that its keepers may change."""
    actor = actor_of(request)
    actor.require_role(*KEEPERS)
    return _settings(code, actor)


@router.patch(
    "/layers/{code}",
    auth=session_or_token,
    response={200: LayerSettingsOut, **REFUSALS},
    summary="Change a layer",
)
def patch_layer(request: HttpRequest, code: Code, payload: LayerChange) -> dict[str, Any]:
    """Change what is sent: names, place in the tree, style, fields, who may see it."""
    actor = actor_of(request)
    change_layer(actor=actor, code=code, changes=payload.model_dump(exclude_unset=True))
    return _settings(code, actor)


@router.delete(
    "/layers/{code}",
    auth=session_or_token,
    response={204: None, **REFUSALS},
    summary="Remove a layer",
)
def delete_layer(request: HttpRequest, code: Code) -> Status[None]:
    """Take a layer off the map. A table that was made for it goes with its rows."""
    remove_layer(actor=actor_of(request), code=code)
    return Status(204, None)


def _settings(code: str, actor: Actor) -> dict[str, Any]:
    layer = layer_kept_by(actor, code)
    return {
        **asdict(entry_of(layer, actor)),
        "relation": layer.relation,
        "own_table": layer.own_table,
        "id_field": layer.id_field,
        "geometry_field": layer.geometry_field,
        "srid": layer.srid,
        "area_field": layer.area_field,
        "organisation_field": layer.organisation_field,
        "oneway_field": layer.oneway_field,
        "roles": sorted(layer.roles),
        "rows": rows_of(code) if layer.own_table else None,
    }
