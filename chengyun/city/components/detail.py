"""A component as lists and pages show it."""

import json
from typing import Any

from django.utils import timezone

from chengyun.city.actions.components import reach_of, values_of, version_of
from chengyun.city.actions.photos import MOST_PHOTOS, may_photograph
from chengyun.city.models import Area, Component, ComponentPhoto, DutyGrid, UnitGrid
from chengyun.city.models.components import PARTIES, ComponentState
from chengyun.city.queries import Place, catalogue, component_by_code, locate
from chengyun.city.snapshot import AreaInfo
from chengyun.core.actor import Actor
from chengyun.core.models import Organisation, Role


def find_component(code: str) -> Component:
    """A component with what its page shows of other tables, in one statement. Raises NotFound."""
    rows = Component.objects.select_related("unit_grid", "survey", *PARTIES)
    return component_by_code(code, rows.defer("unit_grid__geom", "survey__settings"))


def row_of(component: Component) -> dict[str, Any]:
    """A `ComponentOut` as plain values. Needs the columns of `components.filter.with_names`."""
    kind = catalogue().component_classes[component.component_class_id]
    return {
        "code": component.code,
        "name": component.name,
        "component_class": kind.code,
        "class_zh": kind.name_zh,
        "class_en": kind.name_en,
        "edition": kind.edition,
        "state": component.state,
        "lon": component.geom.x,
        "lat": component.geom.y,
        "accuracy": component.accuracy,
        "unit_grid": component.unit_grid.code if component.unit_grid else None,
        **{name: _party(getattr(component, name)) for name in PARTIES},
        "first_surveyed": component.first_surveyed,
        "changed_on": component.changed_on,
        "source": component.source,
        "remark": component.remark,
    }


def detail_of(component: Component, actor: Actor) -> dict[str, Any]:
    """A `ComponentDetail`; three statements at most, and one for what the caller may do."""
    place = _place(component)
    survey = component.survey
    photos = _photos(component)
    return {
        **row_of(component),
        "street_code": component.street_code,
        "street_name": _name(component.street_code),
        "community_code": component.community_code,
        "community_name": _name(component.community_code),
        "areas": _areas(place),
        "duty_grids": _duty_grids(component),
        "survey": {
            "id": survey.pk,
            "title": survey.title,
            "day": timezone.localdate(survey.finished_at) if survey.finished_at else None,
        }
        if survey
        else None,
        "outline": json.loads(component.outline.geojson) if component.outline else None,
        "photos": photos,
        "may": _may(component, place, actor, len(photos)),
        "version": version_of(values_of(component)),
    }


def photo_of(photo: ComponentPhoto) -> dict[str, Any]:
    """A `PhotoOut`."""
    image = photo.attachment
    return {
        "attachment": str(photo.attachment_id),
        "width": image.width,
        "height": image.height,
        "taken_at": image.taken_at,
        "added_at": photo.added_at,
        "added_by": photo.added_by,
    }


def _place(component: Component) -> Place | None:
    """Where it lies: by its grid, whose areas are in memory; by its point where it has none."""
    grid: UnitGrid | None = component.unit_grid
    area = catalogue().areas.get(grid.community_id) if grid else None
    if grid is None or area is None:
        return locate(component.geom.x, component.geom.y)
    community = Area.from_db("default", ["id", "code"], (area.id, area.code))
    return Place(grid=grid, area=community, ancestors=list(area.ancestors))


def _areas(place: Place | None) -> list[AreaInfo]:
    known = catalogue().area_of
    return [known[code] for code in place.ancestors if code in known] if place else []


def _name(code: str) -> str:
    area = catalogue().area_of.get(code)
    return area.name_zh if area else ""


def _party(party: Organisation | None) -> dict[str, str] | None:
    if party is None:
        return None
    return {"code": party.code, "name_zh": party.name_zh, "name_en": party.name_en}


def _duty_grids(component: Component) -> list[Any]:
    if component.unit_grid_id is None:
        return []
    grids = DutyGrid.objects.filter(unit_grids=component.unit_grid_id).order_by("kind", "code")
    return list(grids.values("code", "name", "kind"))


def _photos(component: Component) -> list[dict[str, Any]]:
    rows = ComponentPhoto.objects.filter(component=component, taken_down_at=None)
    return [photo_of(photo) for photo in rows.select_related("attachment").order_by("-id")]


def _may(component: Component, place: Place | None, actor: Actor, photos: int) -> dict[str, bool]:
    areas, orgs = reach_of(component, place)
    manages = actor.scope.for_roles([Role.DATA_MANAGER]).admits(areas, orgs, [])
    removed = component.state == ComponentState.REMOVED
    return {
        "change": manages and not removed,
        "remove": manages and not removed,
        "restore": manages and removed,
        "add_photo": photos < MOST_PHOTOS and may_photograph(actor, component, place),
    }
