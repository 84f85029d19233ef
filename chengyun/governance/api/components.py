"""The cases of a component."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from chengyun.city.models import Component
from chengyun.city.queries import component_by_code
from chengyun.core.http import actor_of, session_or_token, written
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit, paginate
from chengyun.core.schemas import REFUSALS
from chengyun.governance.api.cases import with_names
from chengyun.governance.queries import visible_cases
from chengyun.governance.schemas.case import CaseRow, row_of

router = Router(tags=["components"], auth=session_or_token)


@router.get(
    "/components/{code}/cases",
    response={200: Page[CaseRow], **REFUSALS},
    summary="Cases of a component that I may see",
)
def list_component_cases(
    request: HttpRequest,
    code: Annotated[str, Path(max_length=64)],
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> HttpResponse:
    """The newest first. Of a component whose cases lie beyond my posts the list is empty."""
    component = component_by_code(code, Component.objects.only("id"))
    cases = with_names(visible_cases(actor_of(request).scope).filter(component=component))
    items, after, before = paginate(cases, order=["-id"], cursor=cursor, limit=limit)
    return written({"items": [row_of(case) for case in items], "next": after, "previous": before})
