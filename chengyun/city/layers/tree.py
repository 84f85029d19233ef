"""The tree of the map's layers as one caller sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chengyun.city.layers.description import Description, all_layers
from chengyun.city.layers.style import legend_of
from chengyun.city.ogc.registry import REGISTER as COLLECTIONS
from chengyun.city.tiles.layer import Layer
from chengyun.city.tiles.registry import REGISTER
from chengyun.core.actor import Actor
from chengyun.core.models import Role

#: Who keeps layers.
KEEPERS: Final = (Role.DATA_MANAGER, Role.ADMINISTRATOR)
#: What the program's layers are made of, and whether the map opens with them.
_PROGRAM: Final[Mapping[str, tuple[str, bool]]] = {
    "areas": ("polygon", True),
    "unit_grids": ("polygon", False),
    "duty_grids": ("polygon", False),
    "addresses": ("point", False),
    "components": ("point", True),
    "cases": ("point", True),
}


@dataclass(frozen=True)
class LayerEntry:
    """One layer of the tree, as `LayerOut` tells it."""

    code: str
    name_zh: str
    name_en: str
    about: str
    folder: str
    position: int
    shape: str
    tiles: str
    items: str
    style: Mapping[str, Any] | None
    legend: list[dict[str, str]]
    minzoom: int
    maxzoom: int
    opacity: float
    visible: bool
    time_field: str
    fields: list[dict[str, str]]
    access: str
    roads: bool
    organisation: str | None
    program: bool
    editable: bool


def tree(actor: Actor) -> list[LayerEntry]:
    """Every layer that the actor may see. One statement, and those of who asks."""
    reach = None if actor.user is None else actor.scope
    own = [
        _program(layer, number)
        for number, layer in enumerate(REGISTER.program.values())
        if layer.admits(reach)
    ]
    return [*own, *(entry_of(each, actor) for each in all_layers() if each.admits(reach))]


def may_keep(actor: Actor, organisation_path: tuple[str, ...]) -> bool:
    """Whether the actor keeps a layer of this organisation (its codes, the highest first).

    Administrators and data managers of the whole city keep all layers; the data manager of an
    area keeps those of the own organisation and of what is below it."""
    scope = actor.scope.for_roles(KEEPERS)
    if any(clause.area is None or Role.ADMINISTRATOR in clause.roles for clause in scope.clauses):
        return True
    own = actor.user.organisation if actor.user is not None else None
    return bool(scope.clauses) and own is not None and own.code in organisation_path


def entry_of(layer: Description, actor: Actor) -> LayerEntry:
    """A layer of the city's own in the tree, and whether the actor keeps it."""
    return LayerEntry(
        code=layer.code,
        name_zh=layer.zh,
        name_en=layer.en,
        about=layer.about,
        folder=layer.folder,
        position=layer.position,
        shape=layer.shape,
        tiles=f"/tiles/{layer.code}.json",
        items=f"/ogc/collections/{layer.code}/items",
        style=layer.style,
        legend=legend_of(layer.style, layer.shape, layer.zh, layer.en),
        minzoom=layer.minzoom,
        maxzoom=layer.maxzoom,
        opacity=layer.opacity,
        visible=layer.visible,
        time_field=layer.time_field,
        fields=[each.plain() for each in layer.fields],
        access=layer.access,
        roads=layer.roads,
        organisation=layer.organisation,
        program=False,
        editable=may_keep(actor, layer.organisation_path),
    )


def _program(layer: Layer, number: int) -> LayerEntry:
    shape, visible = _PROGRAM.get(layer.name, ("point", False))
    collection = COLLECTIONS.find(layer.name)
    fields = collection.fields if collection is not None else ()
    return LayerEntry(
        code=layer.name,
        name_zh=layer.zh,
        name_en=layer.en,
        about=collection.about_zh if collection is not None else "",
        folder="",
        position=number,
        shape=shape,
        tiles=f"/tiles/{layer.name}.json",
        items=f"/ogc/collections/{layer.name}/items",
        style=None,
        legend=[],
        minzoom=layer.minzoom,
        maxzoom=22,
        opacity=1.0,
        visible=visible,
        time_field=(collection.since or "") if collection is not None else "",
        fields=[{"name": f.name, "zh": f.zh, "en": f.en, "kind": f.kind} for f in fields],
        access="public" if layer.public else "signed_in",
        roads=False,
        organisation=None,
        program=True,
        editable=False,
    )
