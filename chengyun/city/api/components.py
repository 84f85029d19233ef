"""HTTP of the components: lists, search by polygon, files, one with its history, and writes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict

from chengyun.city.actions.components import (
    ComponentValues,
    change_component,
    register_component,
    remove_component,
    restore_component,
    version_of,
)
from chengyun.city.actions.photos import add_photo, take_down_photo
from chengyun.city.components.detail import detail_of, find_component, photo_of, row_of
from chengyun.city.components.export import component_table
from chengyun.city.components.filter import (
    Wanted,
    box_of,
    check_outline,
    counts_of,
    polygon_of,
    total_of,
    wanted_components,
    with_names,
)
from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.models import Component, ComponentChange
from chengyun.city.models.components import ComponentState
from chengyun.city.queries import component_by_code
from chengyun.city.schemas.components import (
    ChangeOut,
    ComponentCounts,
    ComponentDetail,
    ComponentIn,
    ComponentOut,
    ComponentPatch,
    ComponentSearch,
    ComponentTotal,
    PhotoIn,
    PhotoOut,
    RestoreIn,
)
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.http import actor_of, requires, session_or_token, written
from chengyun.core.models import TokenScope
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import Conflict, Invalid, language_of
from chengyun.core.schemas import REFUSALS
from chengyun.core.table_files import RESPONSES, Format, file_answer

router = Router(tags=["components"], auth=session_or_token)

ORIGIN = "api"

InPath = Annotated[str, Path(max_length=64)]


class ComponentQuery(Schema):
    """Filters of the list; all may be combined. A code that is not known is refused."""

    model_config = ConfigDict(populate_by_name=True)

    class_: Annotated[
        str, Field(alias="class", max_length=9, description="class, or class and subclass code")
    ] = ""
    class_code: Annotated[str, Field(max_length=9, description="the same as `class`")] = ""
    state: ComponentState | None = None
    area: Annotated[
        str, Field(max_length=64, description="with all below it; `none`: in no unit grid")
    ] = ""
    maintainer: Annotated[
        str, Field(max_length=64, description="an organisation; `none`: without one")
    ] = ""
    unit_grid: Annotated[str, Field(max_length=64)] = ""
    text: Annotated[
        str, Field(max_length=100, description="beginning of a code (digits) or of a name")
    ] = ""
    bbox: Annotated[str, Field(max_length=100, description="WEST,SOUTH,EAST,NORTH in degrees")] = ""

    def wanted(self) -> Wanted:
        """Raises Invalid for a box that is none."""
        return Wanted(
            class_code=self.class_ or self.class_code,
            state=self.state,
            area=self.area,
            maintainer=self.maintainer,
            unit_grid=self.unit_grid,
            text=_text(self.text),
            box=box_of(self.bbox) if self.bbox else None,
        )


@router.get("/components", response={200: Page[ComponentOut], **REFUSALS}, summary="Components")
def list_components(
    request: HttpRequest,
    query: Query[ComponentQuery],
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> HttpResponse:
    """By code; those of an area by unit grid and code."""
    return _page(query.wanted(), cursor, limit)


@router.get(
    "/components/total",
    response={200: ComponentTotal, **REFUSALS},
    summary="How many components the filters leave",
)
def total_components(
    request: HttpRequest,
    query: Query[ComponentQuery],
    exact: Annotated[bool, Query(description="count all, whatever it takes")] = False,
) -> HttpResponse:
    """Counted up to 10,000, beyond that estimated unless `exact` is asked for."""
    return written(total_of(query.wanted(), exact=exact))


@router.get(
    "/components/export.{form}",
    auth=requires(TokenScope.EXPORT),
    summary="Components as CSV, XLSX or GeoJSON",
    openapi_extra={"responses": RESPONSES},
)
def export_components(
    request: HttpRequest, form: Format, query: Query[ComponentQuery]
) -> HttpResponseBase:
    """Up to 300,000 rows, 50,000 of a workbook, with the filters of the list. Every export is
    audited."""
    asked = query.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    return _file(request, form, query.wanted(), asked)


@router.post(
    "/components/search",
    auth=requires(TokenScope.READ),
    response={200: Page[ComponentOut], **REFUSALS},
    summary="Components in a polygon or an area",
)
def search_components(
    request: HttpRequest,
    payload: ComponentSearch,
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> HttpResponse:
    """In the order of their codes; other filters as in the list."""
    return _page(_searched(payload), cursor, limit)


@router.post(
    "/components/counts",
    auth=requires(TokenScope.READ),
    response={200: ComponentCounts, **REFUSALS},
    summary="Components in a polygon or an area by class",
)
def count_components(request: HttpRequest, payload: ComponentSearch) -> HttpResponse:
    """How many of which class, the most first; other filters as in the list."""
    return written(counts_of(_searched(payload)))


@router.post(
    "/components/export.{form}",
    auth=requires(TokenScope.EXPORT),
    summary="Components in a polygon or an area as CSV, XLSX or GeoJSON",
    openapi_extra={"responses": RESPONSES},
)
def export_found_components(
    request: HttpRequest, form: Format, payload: ComponentSearch
) -> HttpResponseBase:
    """Up to 300,000 rows, 50,000 of a workbook. Every export is audited."""
    asked = payload.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    return _file(request, form, _searched(payload), asked)


@router.get(
    "/components/{code}", response={200: ComponentDetail, **REFUSALS}, summary="One component"
)
def get_component(request: HttpRequest, code: InPath) -> HttpResponse:
    """Those that were removed too."""
    return written(detail_of(find_component(code), actor_of(request)))


@router.put(
    "/components/{code}",
    response={201: ComponentDetail, **REFUSALS},
    summary="Register a component",
)
def put_component(request: HttpRequest, code: InPath, payload: ComponentIn) -> HttpResponse:
    """For data managers, in their area. The code names district and class; it is given once."""
    actor = actor_of(request)
    lon, lat = _place(payload.lon, payload.lat, payload.system)
    given = payload.model_dump(exclude={"lon", "lat", "system"})
    values = ComponentValues(lon, lat, **_plain(given))
    register_component(actor=actor, code=code, values=values, origin=ORIGIN)
    return _detail(code, actor, 201)


@router.patch(
    "/components/{code}",
    response={200: ComponentDetail, **REFUSALS},
    summary="Change a component",
)
def patch_component(request: HttpRequest, code: InPath, payload: ComponentPatch) -> HttpResponse:
    """For data managers, in their area. 409 when `version` is not that of what is stored."""
    actor = actor_of(request)
    given = payload.model_dump(exclude_unset=True)
    for name in ("lon", "lat", "system", "version"):
        given.pop(name, None)
    place: dict[str, Any] = {}
    if (payload.lon is None) != (payload.lat is None):
        raise Invalid(
            zh="经度与纬度须同时给出。",
            en="Longitude and latitude come together.",
            field="lon",
            remedy_zh="请同时写 lon 和 lat。",
            remedy_en="Write both lon and lat.",
        )
    if payload.lon is not None and payload.lat is not None:
        lon, lat = _place(payload.lon, payload.lat, payload.system)
        place = {"lon": lon, "lat": lat}

    def change(old: ComponentValues) -> ComponentValues:
        if payload.version not in (None, version_of(old)):
            raise Conflict(
                zh="该部件在您打开之后已被修改。",
                en="The component was changed after you opened it.",
                field="version",
                remedy_zh="请重新载入，在新的状态上修改。",
                remedy_en="Load it anew and make your change on that.",
            )
        return replace(old, **place, **_plain(given))

    change_component(actor=actor, code=code, change=change, origin=ORIGIN)
    return _detail(code, actor)


@router.delete("/components/{code}", response={204: None, **REFUSALS}, summary="Remove a component")
def delete_component(request: HttpRequest, code: InPath) -> Status[None]:
    """For data managers, in their area. It stays in the register as removed, with its cases."""
    remove_component(actor=actor_of(request), code=code, origin=ORIGIN)
    return Status(204, None)


@router.post(
    "/components/{code}/restore",
    response={200: ComponentDetail, **REFUSALS},
    summary="Bring back a removed component",
)
def post_restore(request: HttpRequest, code: InPath, payload: RestoreIn) -> HttpResponse:
    """For data managers, in their area."""
    actor = actor_of(request)
    state = ComponentState(payload.state)
    restore_component(actor=actor, code=code, origin=ORIGIN, state=state)
    return _detail(code, actor)


@router.get(
    "/components/{code}/changes",
    response={200: Page[ChangeOut], **REFUSALS},
    summary="The history of a component",
)
def list_changes(
    request: HttpRequest,
    code: InPath,
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> HttpResponse:
    """The newest first. What a survey registered has no row for it: the component names it."""
    component = component_by_code(code, Component.objects.only("id"))
    rows = ComponentChange.objects.filter(component=component)
    items, after, before = paginate(rows, order=["-id"], cursor=cursor, limit=limit)
    return written({"items": [_change(c) for c in items], "next": after, "previous": before})


@router.post(
    "/components/{code}/photos", response={201: PhotoOut, **REFUSALS}, summary="Put up a photo"
)
def post_photo(request: HttpRequest, code: InPath, payload: PhotoIn) -> HttpResponse:
    """For data managers and collectors of the place; at most 20 photos are up."""
    photo = add_photo(
        actor=actor_of(request), code=code, attachment=payload.attachment, origin=ORIGIN
    )
    return _written(photo_of(photo), 201)


@router.delete(
    "/components/{code}/photos/{uuid:photo}",
    response={204: None, **REFUSALS},
    summary="Take a photo down",
)
def delete_photo(request: HttpRequest, code: InPath, photo: UUID) -> Status[None]:
    """For data managers of the place, and for who put it up."""
    take_down_photo(actor=actor_of(request), code=code, attachment=photo, origin=ORIGIN)
    return Status(204, None)


def _page(wanted: Wanted, cursor: str | None, limit: int) -> HttpResponse:
    rows, order = wanted_components(wanted)
    items, after, before = paginate(with_names(rows), order=order, cursor=cursor, limit=limit)
    return written({"items": [row_of(c) for c in items], "next": after, "previous": before})


def _searched(payload: ComponentSearch) -> Wanted:
    if payload.within is None and not (payload.area or payload.unit_grid):
        raise Invalid(
            zh="未说明在哪里。",
            en="Where is not said.",
            field="within",
            remedy_zh="请给出多边形 within、区划 area 或单元网格 unit_grid。",
            remedy_en="Give a polygon (within), an area or a unit_grid.",
        )
    wanted = Wanted(
        class_code=payload.class_code,
        state=payload.state,
        area=payload.area,
        maintainer=payload.maintainer,
        unit_grid=payload.unit_grid,
        text=_text(payload.text),
        within=polygon_of(payload.within.coordinates) if payload.within else None,
    )
    check_outline(wanted)
    return wanted


def _file(
    request: HttpRequest, form: Format, wanted: Wanted, asked: Mapping[str, Any]
) -> HttpResponseBase:
    actor = actor_of(request)
    table = component_table(wanted, form, language_of(request))
    record(
        actor=actor,
        action="city.component.export",
        object_type="city.component",
        object_id="*",
        zh=f"{actor.label} 导出部件（{form}）",
        en=f"{actor.label} exported components ({form})",
        after={"format": form, "filter": dict(asked)},
    )
    return file_answer(table, form, timezone.localtime())


def _detail(code: str, actor: Actor, status: int = 200) -> HttpResponse:
    return _written(detail_of(find_component(code), actor), status)


def _written(content: Any, status: int) -> HttpResponse:
    answer = written(content)
    answer.status_code = status
    return answer


def _change(change: ComponentChange) -> dict[str, Any]:
    return {
        "id": change.pk,
        "at": change.at,
        "verb": change.verb,
        "actor": change.actor,
        "origin": change.origin,
        "survey": change.survey_id,
        "before": change.before,
        "after": change.after,
    }


def _text(text: str) -> str:
    if "\0" in text:
        raise Invalid(
            zh="文本含有不可用的字符。",
            en="The text holds a character that cannot be stored.",
            field="text",
            remedy_zh="请去掉该字符。",
            remedy_en="Leave it out.",
        )
    return text.strip()


def _place(lon: float, lat: float, system: System) -> tuple[float, float]:
    """In CGCS2000, to a tenth of a millimetre: a way there and back is not a move."""
    xs, ys = to_cgcs2000(lon, lat, system)
    return round(float(xs), 9), round(float(ys), 9)


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {name: str(v) if isinstance(v, TextChoices) else v for name, v in given.items()}
