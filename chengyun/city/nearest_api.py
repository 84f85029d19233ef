"""HTTP of the nearest components."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.models.components import ComponentState
from chengyun.city.nearest import FARTHEST, MOST, nearest_components
from chengyun.core.http import session_or_token
from chengyun.core.schemas import REFUSALS

router = Router(tags=["analysis"], auth=session_or_token)

Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
ClassCode = Annotated[str, Query(max_length=9)]


class NearestOut(Schema):
    """A component and how far it is in a straight line, metres; its page is
    `/api/components/{code}`."""

    code: str
    name: str
    class_code: str
    class_zh: str
    class_en: str
    state: ComponentState
    lon: float
    lat: float
    metres: float


class NearestList(Schema):
    """The nearest first. `lon` and `lat` are the point asked about, in CGCS2000."""

    lon: float
    lat: float
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
) -> dict[str, Any]:
    """In a straight line; what is lost or removed is left out. `system` names the coordinates of
    the question."""
    xs, ys = to_cgcs2000(lon, lat, system)
    x, y = float(xs), float(ys)
    found = nearest_components(x, y, classes=class_codes, k=k, within=within)
    return {
        "lon": x,
        "lat": y,
        "items": [
            {
                "code": near.code,
                "name": near.name,
                "class_code": near.kind.code,
                "class_zh": near.kind.name_zh,
                "class_en": near.kind.name_en,
                "state": near.state,
                "lon": near.lon,
                "lat": near.lat,
                "metres": round(near.metres, 1),
            }
            for near in found
        ],
    }
