"""HTTP of the nearest components."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.models.components import ComponentState
from chengyun.city.nearest import FARTHEST, MOST, NearComponent, nearest_components
from chengyun.core.http import actor_of, session_or_token
from chengyun.core.schemas import REFUSALS

router = Router(tags=["analysis"], auth=session_or_token)

Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
ClassCode = Annotated[str, Query(max_length=9)]


class DistanceBy(StrEnum):
    """How the way to a component is measured."""

    STRAIGHT = "straight"
    ROAD = "road"


class WayOut(Schema):
    """A way as GeoJSON, from the point to the component, CGCS2000."""

    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]]


class NearestOut(Schema):
    """A component and how far it is, metres; its page is `/api/components/{code}`. By road `way` is
    the way there, of that length; in a straight line it is null."""

    code: str
    name: str
    class_code: str
    class_zh: str
    class_en: str
    state: ComponentState
    lon: float
    lat: float
    metres: float
    way: WayOut | None


class NearestList(Schema):
    """The nearest first. `lon` and `lat` are the point asked about, in CGCS2000. By road `roads`
    is the layer along whose lines the ways lead and `to_road` the metres from the point to them."""

    lon: float
    lat: float
    by: DistanceBy
    roads: str | None
    to_road: float | None
    items: list[NearestOut]


@router.get("/nearest", response={200: NearestList, **REFUSALS}, summary="The nearest components")
def get_nearest(
    request: HttpRequest,
    lon: Lon,
    lat: Lat,
    class_codes: Annotated[
        list[ClassCode],
        Query(alias="class", max_length=50, description="class, or class and subclass; several"),
    ] = [],  # noqa: B006  (read only)
    k: Annotated[int, Query(ge=1, le=MOST)] = 5,
    within: Annotated[
        float, Query(gt=0, le=FARTHEST, description="metres", allow_inf_nan=False)
    ] = FARTHEST,
    system: System = System.CGCS2000,
    by: DistanceBy = DistanceBy.STRAIGHT,
    roads: Annotated[
        str, Query(max_length=48, description="a layer of roads; the first there is unless said")
    ] = "",
) -> dict[str, Any]:
    """In a straight line or along the roads of a layer; what is lost or removed is left out.
    `system` names the coordinates of the question."""
    xs, ys = to_cgcs2000(lon, lat, system)
    x, y = float(xs), float(ys)
    if by is DistanceBy.STRAIGHT:
        found = nearest_components(x, y, classes=class_codes, k=k, within=within)
        items = [_out(near, None) for near in found]
        return {"lon": x, "lat": y, "by": by, "roads": None, "to_road": None, "items": items}
    # With it comes scipy, which only those pay for who ask this.
    from chengyun.city.roads.nearest import nearest_by_road

    answer = nearest_by_road(
        x, y, reach=actor_of(request).scope, roads=roads, classes=class_codes, k=k, within=within
    )
    return {
        "lon": x,
        "lat": y,
        "by": by,
        "roads": answer.layer.code,
        "to_road": round(answer.gap, 1),
        "items": [_out(near, line) for near, line in answer.items],
    }


def _out(near: NearComponent, line: list[tuple[float, float]] | None) -> dict[str, Any]:
    return {
        "code": near.code,
        "name": near.name,
        "class_code": near.kind.code,
        "class_zh": near.kind.name_zh,
        "class_en": near.kind.name_en,
        "state": near.state,
        "lon": near.lon,
        "lat": near.lat,
        "metres": round(near.metres, 1),
        "way": line and {"coordinates": [(round(x, 7), round(y, 7)) for x, y in line]},
    }
