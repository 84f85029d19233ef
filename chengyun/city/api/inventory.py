"""HTTP of the inventory's numbers."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from chengyun.city.inventory import By, Wanted, inventory
from chengyun.city.models.components import ComponentState
from chengyun.core.http import session_or_token, written
from chengyun.core.schemas import REFUSALS

router = Router(tags=["city"], auth=session_or_token)

Code = Annotated[str, Query(max_length=64)]


class InventoryRow(Schema):
    """A number of components; `damaged` are those damaged or lost. The key is empty for what has
    no place or no maintainer."""

    key: str
    name_zh: str
    name_en: str
    count: int
    damaged: int


class InventoryOut(Schema):
    """Components in numbers, the largest first, and how many areas and grids there are (of the
    area asked for)."""

    total: int
    by: By
    rows: list[InventoryRow]
    areas: dict[str, int]
    unit_grids: int
    duty_grids: int


@router.get("/inventory", response={200: InventoryOut, **REFUSALS}, summary="Components in numbers")
def get_inventory(
    request: HttpRequest,
    by: By = By.CLASS,
    class_code: Annotated[
        str, Query(max_length=9, description="class, or class and subclass code")
    ] = "",
    area: Code = "",
    state: ComponentState | None = None,
    maintainer: Code = "",
) -> HttpResponse:
    """How many components there are of what kind, where, in which state, and whose."""
    wanted = Wanted(class_code, area, state.value if state else "", maintainer)
    return written(inventory(by, wanted))
