"""HTTP of the search box."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from chengyun.city.find.finder import Found
from chengyun.city.find.search import find, kinds_of
from chengyun.core.access import Scope
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, optional_actor, written
from chengyun.core.problems import Invalid
from chengyun.core.schemas import REFUSALS

router = Router(tags=["city"], auth=optional_actor)


class FoundOut(Schema):
    """One answer. `match` is exact, prefix, part or similar; position in CGCS2000 degrees and
    `bounds` as west, south, east, north, null where unknown; `href` is the page of the thing."""

    kind: str
    match: str
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str
    code: str
    lon: float | None
    lat: float | None
    bounds: list[float] | None
    href: str


class FindOut(Schema):
    """What was found, the best first."""

    items: list[FoundOut]


@router.get("/find", response={200: FindOut, **REFUSALS}, summary="Find anything")
def get_find(
    request: HttpRequest,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            description="name, address, code, number or coordinates, as people write them",
        ),
    ],
    near: Annotated[
        str | None,
        Query(max_length=60, description="LON,LAT in CGCS2000; the nearer of equals comes first"),
    ] = None,
    kinds: Annotated[
        str | None,
        Query(max_length=200, description="only these, with commas: address, area, case …"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> HttpResponse:
    """One box for addresses, areas, grids, components, cases and coordinates.

    Without sign-in addresses (ten at most), areas, unit grids and coordinates are found; cases
    only by those who may see them."""
    actor = actor_of(request)
    answers = find(
        q,
        reach=_reach(actor),
        near=_point(near),
        kinds=kinds_of(kinds),
        limit=limit,
    )
    return written({"items": [_out(found) for found in answers]})


def _reach(actor: Actor) -> Scope | None:
    return actor.scope if actor.user is not None else None


def _out(found: Found) -> dict[str, object]:
    return {
        "kind": found.kind,
        "match": found.match.name.lower(),
        "title_zh": found.title_zh,
        "title_en": found.title_en,
        "detail_zh": found.detail_zh,
        "detail_en": found.detail_en,
        "code": found.code,
        "lon": found.lon,
        "lat": found.lat,
        "bounds": found.bounds,
        "href": found.href,
    }


def _point(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError
    except ValueError:
        raise Invalid(
            zh="参数 near 无效。",
            en="The parameter near is not valid.",
            field="near",
            remedy_zh="请写作 经度,纬度，例如 120.38,36.07。",
            remedy_en="Write LON,LAT in degrees, for example 120.38,36.07.",
        ) from None
    return lon, lat
