"""HTTP of the city: thin, parse → query → schema. Areas, places and the catalogue are public."""

import json
from typing import Annotated, Any

from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router

from chengyun.city.coordinates import CGCS2000_SRID, System, to_cgcs2000
from chengyun.city.models import Address, Area, Component, UnitGrid
from chengyun.city.models.components import ComponentState
from chengyun.city.queries import catalogue, locate, nearest_address, search_addresses
from chengyun.city.schemas import (
    AddressOut,
    AreaDetail,
    AreaOut,
    ComponentClassOut,
    ComponentOut,
    EditionOut,
    GridOut,
    MatterOut,
    PlaceOut,
)
from chengyun.city.snapshot import ComponentClassInfo, MatterInfo
from chengyun.core.http import optional_actor, session_or_token
from chengyun.core.pagination import Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import Invalid, NotFound
from chengyun.core.schemas import REFUSALS

router = Router(tags=["city"])

Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
InPath = Annotated[str, Path(max_length=64)]
Filter = Annotated[str | None, Query(max_length=64)]


@router.get("/areas", auth=optional_actor, response={200: Page[AreaOut], **REFUSALS})
def list_areas(
    request: HttpRequest,
    level: Area.Level | None = None,
    below: Filter = None,
    cursor: PageCursor = None,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """Areas by code; `below` gives one with everything under it."""
    rows = Area.objects.defer("geom")
    if level is not None:
        rows = rows.filter(level=level)
    if below is not None:
        rows = rows.filter(ancestors__contains=[below])
    items, following, previous = paginate(rows, order=["code"], cursor=cursor, limit=limit)
    return {"items": items, "next": following, "previous": previous}


@router.get("/areas/{code}", auth=optional_actor, response={200: AreaDetail, **REFUSALS})
def get_area(request: HttpRequest, code: InPath) -> dict[str, Any]:
    """One area with its outline."""
    area = get_object_or_404(Area, code=code)
    names = ("code", "name_zh", "name_en", "level", "ancestors", "population", "area_m2")
    return {
        **{name: getattr(area, name) for name in names},
        "synthetic": area.synthetic,
        "geometry": json.loads(area.geom.geojson) if area.geom else None,
    }


@router.get("/places", auth=optional_actor, response={200: PlaceOut, **REFUSALS})
def get_place(
    request: HttpRequest, lon: Lon, lat: Lat, system: System = System.CGCS2000
) -> dict[str, Any]:
    """Where a point lies: unit grid, areas, nearest address.

    `system` names the coordinates of the question; the answer is in CGCS2000.
    """
    xs, ys = to_cgcs2000(lon, lat, system)
    x, y = float(xs), float(ys)
    place = locate(x, y)
    near = nearest_address(x, y) if place else None
    known = catalogue().area_of
    return {
        "lon": x,
        "lat": y,
        "inside": place is not None,
        "unit_grid": place.grid.code if place and place.grid else None,
        "areas": [known[code] for code in place.ancestors if code in known] if place else [],
        "nearest_address": {
            "full_text": near.address.full_text,
            "kind": near.address.kind,
            "distance_m": round(near.distance_m, 1),
        }
        if near
        else None,
    }


@router.get("/unit-grids/{code}", auth=optional_actor, response={200: GridOut, **REFUSALS})
def get_unit_grid(request: HttpRequest, code: InPath) -> dict[str, Any]:
    """One unit grid with its outline."""
    grid = get_object_or_404(UnitGrid.objects.select_related("community"), code=code)
    names = ("code", "area_m2", "valid_from", "valid_until", "responsible_org_code")
    return {
        **{name: getattr(grid, name) for name in names},
        "community": grid.community.code,
        "geometry": json.loads(grid.geom.geojson),
    }


@router.get("/editions", auth=optional_actor, response={200: list[EditionOut], **REFUSALS})
def list_editions(request: HttpRequest) -> list[Any]:
    """The editions of the code catalogue; one is the city's own choice."""
    return list(catalogue().editions.values())


@router.get(
    "/editions/{edition}/matters", auth=optional_actor, response={200: list[MatterOut], **REFUSALS}
)
def list_matters(
    request: HttpRequest, edition: InPath, class_code: Filter = None
) -> list[MatterInfo]:
    """All active matters of an edition by code; an edition has a few hundred."""
    _check_edition(edition)
    matters = catalogue().matters_of(edition)
    return [m for m in matters if class_code in (None, m.class_code)]


@router.get(
    "/editions/{edition}/component-classes",
    auth=optional_actor,
    response={200: list[ComponentClassOut], **REFUSALS},
)
def list_component_classes(request: HttpRequest, edition: InPath) -> list[ComponentClassInfo]:
    """All component classes of an edition by code."""
    _check_edition(edition)
    return [c for c in catalogue().component_classes.values() if c.edition == edition]


@router.get("/components", auth=session_or_token, response={200: Page[ComponentOut], **REFUSALS})
def list_components(
    request: HttpRequest,
    bbox: Annotated[
        str | None, Query(max_length=100, description="WEST,SOUTH,EAST,NORTH in degrees")
    ] = None,
    class_code: Annotated[
        str | None, Query(max_length=9, description="class and subclass code, e.g. 01037")
    ] = None,
    unit_grid: Filter = None,
    state: ComponentState | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 25,
) -> dict[str, Any]:
    """Components in the order of their codes."""
    rows = _with_parties()
    if bbox is not None:
        rows = rows.filter(geom__bboverlaps=_box(bbox))
    if class_code is not None:
        info = catalogue().component_classes.values()
        rows = rows.filter(component_class_id__in=[c.id for c in info if c.code == class_code])
    if unit_grid is not None:
        rows = rows.filter(unit_grid__code=unit_grid)
    if state is not None:
        rows = rows.filter(state=state)
    items, following, previous = paginate(rows, order=["code"], cursor=cursor, limit=limit)
    return {"items": [_component(c) for c in items], "next": following, "previous": previous}


@router.get("/components/{code}", auth=session_or_token, response={200: ComponentOut, **REFUSALS})
def get_component(request: HttpRequest, code: InPath) -> dict[str, Any]:
    """One component by its code."""
    return _component(get_object_or_404(_with_parties(), code=code))


@router.get("/addresses", auth=session_or_token, response={200: list[AddressOut], **REFUSALS})
def list_addresses(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=100, description="parts of the text")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[dict[str, Any]]:
    """Addresses whose text contains every word of `q`, the shortest first."""
    return [_address(address) for address in search_addresses(q, limit)]


def _check_edition(edition: str) -> None:
    known = catalogue().editions
    if edition not in known:
        raise NotFound(
            zh=f"没有目录版本 {edition}。",
            en=f"There is no edition {edition}.",
            field="edition",
            remedy_zh=f"可用: {', '.join(known)}。",
            remedy_en=f"Use one of: {', '.join(known)}.",
        )


def _box(text: str) -> Polygon:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
    except ValueError:
        raise Invalid(
            zh="范围 bbox 无效。",
            en="The bbox is not valid.",
            field="bbox",
            remedy_zh="请写作 西,南,东,北, 单位为度, 例如 120.3,36.0,120.4,36.1。",
            remedy_en="Write WEST,SOUTH,EAST,NORTH in degrees, for example 120.3,36.0,120.4,36.1.",
        ) from None
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = CGCS2000_SRID
    return box


def _with_parties() -> QuerySet[Component]:
    parties = ("authority", "owner", "maintainer")
    rows = Component.objects.select_related("component_class__edition", "unit_grid", *parties)
    return rows.defer("unit_grid__geom")


def _component(component: Component) -> dict[str, Any]:
    kind = component.component_class
    names = (
        "code", "name", "state", "authority", "owner", "maintainer", "first_surveyed",
        "changed_on", "source", "remark",
    )  # fmt: skip
    return {
        **{name: getattr(component, name) for name in names},
        "component_class": kind.code,
        "edition": kind.edition.code,
        "lon": component.geom.x,
        "lat": component.geom.y,
        "unit_grid": component.unit_grid.code if component.unit_grid else None,
    }


def _address(address: Address) -> dict[str, Any]:
    return {
        "full_text": address.full_text,
        "kind": address.kind,
        "lon": address.geom.x,
        "lat": address.geom.y,
        "area": address.area.code if address.area else None,
        "unit_grid": address.unit_grid.code if address.unit_grid else None,
    }
