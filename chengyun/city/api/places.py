"""HTTP of the city: thin, parse → query → schema. Areas, places and the catalogue are public."""

import json
from typing import Annotated, Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router

from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.models import Address, Area
from chengyun.city.queries import catalogue, search_addresses
from chengyun.city.schemas.places import (
    AddressOut,
    AreaDetail,
    AreaOut,
    ComponentClassOut,
    EditionOut,
    MatterOut,
    PlaceOut,
    PlacesOut,
    PointsIn,
)
from chengyun.city.snapshot import ComponentClassInfo, MatterInfo
from chengyun.city.whereabouts import Whereabouts, whereabouts
from chengyun.core.http import actor_of, optional_actor, requires, session_or_token, written
from chengyun.core.pagination import Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import NotFound
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
    """Where a point lies: unit grid, duty grids, areas, nearest address; one statement.

    `system` names the coordinates of the question; the answer is in CGCS2000.
    """
    xs, ys = to_cgcs2000(lon, lat, system)
    (place,) = whereabouts([float(xs)], [float(ys)])
    return _place(place, signed_in=actor_of(request).user is not None)


@router.post(
    "/places/batch",
    auth=requires("read"),
    response={200: PlacesOut, **REFUSALS},
    summary="Where up to a thousand points lie",
)
def get_places(request: HttpRequest, asked: PointsIn) -> HttpResponse:
    """Many points at once, in one statement; the answers of `GET /api/places` in the same order."""
    lons, lats = np.array(asked.points, dtype=np.float64).T
    found = whereabouts(*to_cgcs2000(lons, lats, asked.system))
    return written({"items": [_place(place, signed_in=True) for place in found]})


def _place(place: Whereabouts, *, signed_in: bool) -> dict[str, Any]:
    return {
        "lon": place.lon,
        "lat": place.lat,
        "inside": place.inside,
        "unit_grid": place.unit_grid,
        "duty_grids": place.duty_grids if signed_in else (),
        "areas": [
            {
                "code": area.code,
                "name_zh": area.name_zh,
                "name_en": area.name_en,
                "level": area.level,
                "ancestors": area.ancestors,
            }
            for area in place.areas
        ],
        "nearest_address": {
            "full_text": place.address,
            "kind": place.address_kind,
            "distance_m": round(place.metres, 1),
        }
        if place.metres is not None
        else None,
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
            remedy_zh=f"可用：{', '.join(known)}。",
            remedy_en=f"Use one of: {', '.join(known)}.",
        )


def _address(address: Address) -> dict[str, Any]:
    return {
        "full_text": address.full_text,
        "kind": address.kind,
        "lon": address.geom.x,
        "lat": address.geom.y,
        "area": address.area.code if address.area else None,
        "unit_grid": address.unit_grid.code if address.unit_grid else None,
    }
