"""HTTP of the unit grids: those of a day, their faults, and what data managers do with them."""

import json
from datetime import date
from typing import Annotated, Any, Literal

import shapely
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema
from pydantic import ConfigDict, StringConstraints

from chengyun.city.actions.grids import GridPart, register_grid, retire_grid, split_grid
from chengyun.city.grids.topology import Limits
from chengyun.city.grids.unit import communities_below, fault_feature, faults_on, grids_on
from chengyun.city.load.outlines import outline
from chengyun.city.load.table import CellError
from chengyun.city.models import UnitGrid
from chengyun.city.schemas.places import GridOut
from chengyun.core.http import actor_of, optional_actor, session_or_token, written
from chengyun.core.models import Role
from chengyun.core.pagination import Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import Invalid
from chengyun.core.schemas import REFUSALS

router = Router(tags=["city"], auth=session_or_token)

InPath = Annotated[str, Path(max_length=64)]
Filter = Annotated[str, Query(max_length=64)]
Day = Annotated[
    date | None,
    Query(ge=date(1900, 1, 1), le=date(2200, 1, 1), description="a day of the city; today"),
]
SquareMetres = Annotated[float | None, Query(ge=0, le=1e12, allow_inf_nan=False)]
Code = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9A-Za-z_.-]+$")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class FaultProperties(Schema):
    """A fault of the tiling: the pair of grids (`other` is empty where there is no second), its
    area, a point on it, and what to do."""

    kind: Literal["invalid", "code", "size", "overlap", "gap", "outside"]
    community: str
    code: str
    other: str
    m2: float
    lon: float
    lat: float
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class FaultOut(Schema):
    """A GeoJSON feature in CGCS2000."""

    type: Literal["Feature"]
    geometry: dict[str, Any]
    properties: FaultProperties


class FaultPage(Schema):
    """The faults of some communities; `next` is the cursor of the following ones."""

    items: list[FaultOut]
    communities: list[str]
    next: str | None


class Outline(Schema):
    """A polygon or several, as GeoJSON in CGCS2000 degrees."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: Annotated[list[Any], Field(min_length=1, max_length=1_000)]


class GridIn(Schema):
    """A new unit grid."""

    model_config = ConfigDict(extra="forbid")

    community: Code
    geometry: Outline
    valid_from: date | None = Field(default=None, description="today if not given")
    responsible_org_code: Text = ""
    remark: Text = ""


class RetireIn(Schema):
    """The first day on which a grid holds no longer; today if not given."""

    model_config = ConfigDict(extra="forbid")

    on: date | None = None


class PartIn(Schema):
    """One of the grids that follow another."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    geometry: Outline


class GridSplitIn(Schema):
    """The grids that follow, on exactly the same ground, from a day on."""

    model_config = ConfigDict(extra="forbid")

    parts: Annotated[list[PartIn], Field(min_length=2, max_length=50)]
    on: date | None = None


@router.get(
    "/unit-grids",
    auth=optional_actor,
    response={200: Page[GridOut], **REFUSALS},
    summary="Unit grids of a day",
)
def list_unit_grids(
    request: HttpRequest,
    area: Filter = "",
    on: Day = None,
    cursor: PageCursor = None,
    limit: PageLimit = 100,
) -> HttpResponse:
    """By code, with outlines; those that held on that day, of an area with all below it."""
    below = [each.id for each in communities_below(area)] if area else None
    rows = grids_on(on or timezone.localdate()).select_related("community")
    if below is not None:
        rows = rows.filter(community_id__in=below)
    rows = rows.defer("community__geom")
    items, after, before = paginate(rows, order=["code"], cursor=cursor, limit=limit)
    return written({"items": [grid_of(g) for g in items], "next": after, "previous": before})


@router.get(
    "/unit-grids/faults",
    response={200: FaultPage, **REFUSALS},
    summary="Where the unit grids do not tile their communities",
)
def list_grid_faults(
    request: HttpRequest,
    area: Filter = "",
    on: Day = None,
    smallest: SquareMetres = None,
    largest: SquareMetres = None,
    cursor: Annotated[str, Query(max_length=64, description="`next` of another page")] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="Communities on one page.")] = 20,
) -> HttpResponse:
    """For data managers, the communities of their areas; computed as it is asked."""
    actor = actor_of(request)
    actor.require_role(Role.DATA_MANAGER)
    scope = actor.scope.for_roles([Role.DATA_MANAGER])
    mine = [a for a in communities_below(area) if scope.admits(a.ancestors, [], [])]
    some = [a for a in mine if a.level == "community" and a.code > cursor][: limit + 1]
    page, more = some[:limit], len(some) > limit
    day = on or timezone.localdate()
    faults = faults_on(day, page, Limits(smallest, largest))
    return written(
        {
            "items": [fault_feature(fault) for fault in faults],
            "communities": [a.code for a in page],
            "next": page[-1].code if more else None,
        }
    )


@router.get(
    "/unit-grids/{code}",
    auth=optional_actor,
    response={200: GridOut, **REFUSALS},
    summary="One unit grid",
)
def get_unit_grid(request: HttpRequest, code: InPath) -> dict[str, Any]:
    """With its outline; those that hold no longer too."""
    rows = UnitGrid.objects.select_related("community").defer("community__geom")
    return grid_of(get_object_or_404(rows, code=code))


@router.put(
    "/unit-grids/{code}", response={201: GridOut, **REFUSALS}, summary="Register a unit grid"
)
def put_unit_grid(request: HttpRequest, code: InPath, payload: GridIn) -> HttpResponse:
    """For data managers, in their area, on ground that no other grid holds. A code is given once;
    the ground of a grid never changes: it is retired or split."""
    actor = actor_of(request)
    actor.require_role(Role.DATA_MANAGER)
    grid = register_grid(
        actor=actor,
        part=GridPart(code, _polygon(payload.geometry)),
        community=payload.community,
        valid_from=payload.valid_from or timezone.localdate(),
        responsible_org_code=payload.responsible_org_code,
        remark=payload.remark,
    )
    return _written(grid_of(grid), 201)


@router.post(
    "/unit-grids/{code}/retire", response={200: GridOut, **REFUSALS}, summary="Retire a unit grid"
)
def post_retire(request: HttpRequest, code: InPath, payload: RetireIn) -> HttpResponse:
    """For data managers, in their area. It keeps its code and its history."""
    on = payload.on or timezone.localdate()
    return _written(grid_of(retire_grid(actor=actor_of(request), code=code, on=on)), 200)


@router.post(
    "/unit-grids/{code}/split",
    response={201: list[GridOut], **REFUSALS},
    summary="Split a unit grid",
)
def post_split(request: HttpRequest, code: InPath, payload: GridSplitIn) -> HttpResponse:
    """For data managers, in their area. Components and duty grids follow on the day."""
    actor = actor_of(request)
    actor.require_role(Role.DATA_MANAGER)
    parts = [GridPart(part.code, _polygon(part.geometry)) for part in payload.parts]
    on = payload.on or timezone.localdate()
    made = split_grid(actor=actor, code=code, parts=parts, on=on)
    return _written([grid_of(grid) for grid in made], 201)


def grid_of(grid: UnitGrid) -> dict[str, Any]:
    """A `GridOut`."""
    names = ("code", "area_m2", "valid_from", "valid_until", "responsible_org_code")
    return {
        **{name: getattr(grid, name) for name in names},
        "community": grid.community.code,
        "geometry": json.loads(grid.geom.geojson),
    }


def _polygon(given: Outline) -> shapely.MultiPolygon:
    try:
        return outline(given.model_dump())
    except CellError as error:
        raise Invalid(
            zh=f"网格边界不可用：{error.what.zh}。",
            en=f"The outline cannot be taken: {error.what.en}.",
            field="geometry",
            remedy_zh=f"{error.remedy.zh}。",
            remedy_en=f"{error.remedy.en}.",
        ) from None


def _written(content: Any, status: int) -> HttpResponse:
    answer = written(content)
    answer.status_code = status
    return answer
