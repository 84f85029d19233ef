"""For people in the street: the ground they answer for, and the way they went."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict

from chengyun.city.grids.duty import duty_grids
from chengyun.core.http import actor_of, session_or_token, written
from chengyun.core.schemas import REFUSALS
from chengyun.governance.actions.patrol import Position, store_track
from chengyun.governance.tracks import track_of

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


class PositionIn(Schema):
    """A position as the device told it: CGCS2000 degrees (WGS 84 is the same to centimetres)."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None


class TrackIn(Schema):
    model_config = ConfigDict(extra="forbid")

    points: Annotated[list[PositionIn], Field(min_length=1, max_length=1000)]


class StoredOut(Schema):
    """How many positions were new, and how many had been delivered before."""

    stored: int
    known: int


@router.post("/patrols", response={200: StoredOut, **REFUSALS}, summary="Deliver my track")
def post_patrol(request: HttpRequest, payload: TrackIn) -> StoredOut:
    """Posts: collector, handler. A position is known by its moment: sending again is harmless.
    Not in the future, not older than seven days."""
    positions = [Position(p.at, p.lon, p.lat, p.accuracy_m) for p in payload.points]
    stored = store_track(actor=actor_of(request), positions=positions)
    return StoredOut(stored=stored, known=len(positions) - stored)


class PositionOut(Schema):
    at: AwareDatetime
    lon: float
    lat: float
    accuracy_m: float | None


class TrackOut(Schema):
    """A day's positions in the order of time; `length_m` leaves out those vaguer than 100 m."""

    points: list[PositionOut]
    length_m: float


@router.get("/patrols", response={200: TrackOut, **REFUSALS}, summary="A day's track")
def get_patrol(
    request: HttpRequest,
    user_id: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    day: Annotated[
        date | None,
        Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="a day of the city"),
    ] = None,
) -> HttpResponse:
    """Mine, today, when nothing is named. Shift leaders, evaluators and leaders read those of the
    collectors and handlers whose area and matters lie in their own."""
    track = track_of(actor_of(request), user_id, day)
    return written({"points": track.points, "length_m": track.length_m})
