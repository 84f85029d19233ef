"""For people in the street: the ground they answer for."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from chengyun.city.duty_grids import duty_grids
from chengyun.core.http import actor_of, session_or_token, written
from chengyun.core.schemas import REFUSALS

router = Router(tags=["field"], auth=session_or_token)


class DutyGridOut(Schema):
    """A duty grid; `bbox` is west, south, east, north. Both are null while it has no unit grid."""

    code: str
    kind: Literal["duty", "supervision"]
    name: str
    bbox: list[float] | None
    geometry: dict[str, Any] | None
    unit_grids: int


@router.get(
    "/duty-grids",
    response={200: list[DutyGridOut], **REFUSALS},
    summary="Duty and supervision grids: mine, or all",
)
def list_duty_grids(
    request: HttpRequest, mine: bool = True, kind: Literal["", "duty", "supervision"] = ""
) -> HttpResponse:
    """Outlines of the grids that I answer for (or of all), by code."""
    user_id = actor_of(request).user_id if mine else None
    return written(duty_grids(user_id=user_id, kind=kind))
