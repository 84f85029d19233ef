"""HTTP of the analysis on the map: cases by unit grid or hexagon."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from chengyun.core import clock
from chengyun.core.http import actor_of, session_or_token, written
from chengyun.core.schemas import REFUSALS
from chengyun.governance.api.cases import CaseQuery, as_filter
from chengyun.governance.density import COARSEST, FINEST, USUAL, Cells, Division, density

router = Router(tags=["analysis"], auth=session_or_token)


class DensityQuery(CaseQuery):
    """The filters of the list of cases, and the cells to count by. `bbox` names the cells that it
    touches: each is counted whole."""

    cells: Cells = Cells.UNIT_GRID
    resolution: int = Field(
        default=USUAL, ge=COARSEST, le=FINEST, description="size of a hexagon; 6 is the largest"
    )
    repeats: bool | None = Field(
        default=None,
        description="count repeats; unless said, up to 200,000 filed cases",
    )
    outlines: bool = Field(default=False, description="with the outline of each cell")


class DensityCell(Schema):
    """One cell. `filed` of the `n` cases were filed; `repeat_rate` is repeats over filed, 0 to 1.
    Null: not counted, or nothing to divide by. `within` is a hexagon's outline for `/api/cases`."""

    cell: str
    n: int
    open: int
    filed: int
    repeats: int | None
    repeat_rate: float | None
    area_km2: float
    per_km2: float | None
    lon: float
    lat: float
    within: str | None = None
    geometry: dict[str, Any] | None = None


class RowsOut(Schema):
    """Where each number opens to its cases: put `cell` or `within` of the item in the braces.
    Null where the filters leave none of them."""

    n: str
    open: str | None
    repeats: str | None


class DensityOut(Schema):
    """Cells with cases, the fullest first. `elsewhere`: cases that stand in no cell (null where
    a bbox was asked for)."""

    cells: Cells
    resolution: int | None
    repeat_days: int
    at: datetime
    items: list[DensityCell]
    elsewhere: int | None
    rows: RowsOut


@router.get(
    "/density",
    response={200: DensityOut, **REFUSALS},
    summary="Cases that I may see by unit grid or hexagon",
)
def get_density(request: HttpRequest, query: Query[DensityQuery]) -> HttpResponse:
    """Cases, open ones, repeats and cases per km² of each cell; at most 20,000 cells."""
    actor = actor_of(request)
    division = Division(query.cells, query.resolution, query.repeats, query.outlines)
    found = density(actor.scope, as_filter(query, actor), division)
    hexagonal = query.cells is Cells.H3
    return written(
        {
            "cells": query.cells.value,
            "resolution": query.resolution if hexagonal else None,
            "repeat_days": query.repeat_days,
            "at": clock.now(),
            **found,
            "rows": _rows(query),
        }
    )


def _rows(query: DensityQuery) -> dict[str, str | None]:
    """The addresses behind the numbers: the same filters, and the cell instead of the box."""
    hexagonal = query.cells is Cells.H3
    place = "within={within}" if hexagonal else "unit_grid={cell}"
    filters = set(CaseQuery.model_fields) - {"bbox", "order"}
    if not hexagonal:
        filters.discard("unit_grid")
    given = query.model_dump(mode="json", include=filters, exclude_defaults=True)

    def address(**more: str | int) -> str:
        return "/api/cases?" + "&".join(filter(None, [urlencode({**given, **more}, True), place]))

    return {
        "n": address(),
        "open": None if query.open is False else address(open="true"),
        "repeats": None
        if query.repeat is False
        else address(repeat="true", repeat_days=query.repeat_days),
    }
