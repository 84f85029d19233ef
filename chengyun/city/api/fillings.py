"""HTTP of the filling of layers: files handed in, followed, cancelled. For a layer's keepers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Path, Router, Schema, Status, UploadedFile

from chengyun.city.actions.fillings import ask_filling, cancel_filling
from chengyun.city.jobs import fill_layer as fill_later
from chengyun.city.layers.queries import fillings_of, layer_kept_by, one_filling
from chengyun.city.layers.uploads import Said
from chengyun.city.models import LayerFilling
from chengyun.core.http import actor_of, session_or_token
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import NotFound
from chengyun.core.schemas import REFUSALS

router = Router(tags=["layers"], auth=session_or_token)

Code = Annotated[str, Path(max_length=48)]
StateName = Literal["waiting", "running", "done", "failed", "cancelled"]
_CSV = {"responses": {200: {"description": "The file", "content": {
    "text/csv": {"schema": {"type": "string"}},
}}}}  # fmt: skip


class RejectedRow(Schema):
    """A row that could not go in; `line` counts from 1."""

    line: int
    reason: str
    zh: str
    en: str
    detail: str


class FillingRefused(Schema):
    """Why nothing was changed, and the way out."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class FillingOut(Schema):
    """A file on its way into a layer, or what became of it. `total` is null where only reading to
    the end would tell. Of the rejected rows the first hundred are told, all of them in
    `rejected_csv`. `ignored` are columns of the file that the layer has no field for, `empty` the
    fields that it has no column for."""

    id: int
    layer: str
    state: StateName
    file_name: str
    total: int | None
    read: int
    rows: int
    rejected: int
    reasons: dict[str, int]
    examples: list[RejectedRow]
    ignored: list[str]
    empty: list[str]
    rejected_csv: str | None
    refused: FillingRefused | None
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None


@router.post(
    "/layers/{code}/rows",
    response={202: FillingOut, **REFUSALS},
    summary="Fill a layer from a file",
)
def post_rows(
    request: HttpRequest,
    response: HttpResponse,
    code: Code,
    file: File[UploadedFile],
    layer: Annotated[str, Form(max_length=200, description="Layer in a file of several.")] = "",
    crs: Annotated[
        str, Form(max_length=100, description="Its system, such as EPSG:4549 or gcj02.")
    ] = "",
    encoding: Annotated[
        str, Form(max_length=40, description="Its encoding, such as gb18030.")
    ] = "",
    anew: Annotated[bool, Form(description="Take the fields from this file.")] = False,
) -> Status[dict[str, Any]]:
    """Replace all rows of the layer by those of a GeoJSON, GeoPackage, FlatGeobuf, CSV (columns
    `lon` and `lat`, or `wkt`) or zipped Shapefile of 50 MB and 500,000 rows at most.

    A job brings it in; ask for its state at the address in `Location`. The old rows are seen until
    the new ones are complete. While one file waits or is brought in, another is refused (409)."""
    actor = actor_of(request)
    layer_kept_by(actor, code)
    filling = ask_filling(
        actor=actor, code=code, content=file, name=file.name or "upload",
        said=Said(layer, crs, encoding, anew),
    )  # fmt: skip
    # No transaction around both: the file is looked at for up to a minute. A filling whose job was
    # lost in between is sent for again (`sweep_uploads`).
    fill_later.defer(filling_id=filling.pk)
    response["Location"] = _address(filling)
    return Status(202, _plain(filling))


@router.get(
    "/layers/{code}/fillings",
    response={200: Page[FillingOut], **REFUSALS},
    summary="Fillings of a layer",
)
def list_fillings(
    request: HttpRequest, code: Code, cursor: PageCursor = None, limit: PageLimit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """The newest first; the last twenty that are over are kept."""
    layer_kept_by(actor_of(request), code)
    rows = fillings_of(code).select_related("layer")
    items, following, earlier = paginate(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [_plain(row) for row in items], "next": following, "previous": earlier}


@router.get(
    "/layers/{code}/fillings/{int:filling_id}",
    response={200: FillingOut, **REFUSALS},
    summary="A filling",
)
def get_filling(request: HttpRequest, code: Code, filling_id: int) -> dict[str, Any]:
    """How far it is, what became of it, or why nothing was changed."""
    layer_kept_by(actor_of(request), code)
    return _plain(one_filling(code, filling_id))


@router.post(
    "/layers/{code}/fillings/{int:filling_id}/cancel",
    response={200: FillingOut, **REFUSALS},
    summary="Cancel a filling",
)
def post_cancel(request: HttpRequest, code: Code, filling_id: int) -> dict[str, Any]:
    """Give up a filling that waits. One that has begun goes on to its end (409)."""
    actor = actor_of(request)
    layer_kept_by(actor, code)
    return _plain(cancel_filling(actor=actor, filling=one_filling(code, filling_id)))


@router.get("/layers/{code}/fillings/{int:filling_id}/rejected.csv", openapi_extra=_CSV,
            summary="Rejected rows of a filling")  # fmt: skip
def get_rejected(request: HttpRequest, code: Code, filling_id: int) -> FileResponse:
    """Each row that could not go in, by its number in the file, with the reason."""
    layer_kept_by(actor_of(request), code)
    filling = one_filling(code, filling_id)
    if not filling.rejected_file:
        raise NotFound(
            zh="此次导入没有退回的行。", en="The filling has no rejected rows.",
            remedy_zh="不需要下载。", remedy_en="There is nothing to fetch.",
        )  # fmt: skip
    return FileResponse(
        default_storage.open(filling.rejected_file), content_type="text/csv; charset=utf-8",
        as_attachment=True, filename=f"{code}-{filling.pk}-rejected.csv",
    )  # fmt: skip


def _address(filling: LayerFilling) -> str:
    return f"/api/layers/{filling.layer.code}/fillings/{filling.pk}"


def _plain(filling: LayerFilling) -> dict[str, Any]:
    result = filling.result
    return {
        "id": filling.pk,
        "layer": filling.layer.code,
        "state": filling.state,
        "file_name": filling.file_name,
        "total": filling.total,
        "read": filling.read,
        "rows": filling.rows,
        "rejected": filling.rejected,
        "reasons": result.get("reasons", {}),
        "examples": result.get("examples", []),
        "ignored": result.get("ignored", []),
        "empty": result.get("empty", []),
        "rejected_csv": f"{_address(filling)}/rejected.csv" if filling.rejected_file else None,
        "refused": filling.refused,
        "asked_by": filling.asked_by,
        "asked_at": filling.asked_at,
        "finished_at": filling.finished_at,
    }
