"""Export of the cases one may see, with the filters of the list."""

from tempfile import TemporaryFile

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from chengyun.core import audit, clock
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, requires
from chengyun.core.problems import language_of
from chengyun.governance import clocks
from chengyun.governance.api.cases import CaseQuery, as_filter
from chengyun.governance.export import MEDIA_TYPES, STREAMS, Format, Language, write_xlsx
from chengyun.governance.queries import filter_cases, ordered_cases, visible_cases

router = Router(tags=["export"], auth=requires("export"))

_RESPONSES = {
    200: {
        "description": "The file; headings in the language of Accept-Language",
        "content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()},
    }
}


@router.get(
    "/export/cases.{form}",
    summary="Cases that I may see as CSV, XLSX or GeoJSON",
    openapi_extra={"responses": _RESPONSES},
)
def export_cases(request: HttpRequest, form: Format, query: Query[CaseQuery]) -> HttpResponseBase:
    """Streams; needs a session, or a token with the scope `export`. Every export is audited."""
    actor = actor_of(request)
    cases = filter_cases(visible_cases(actor.scope), as_filter(query, actor))
    cases, order = ordered_cases(cases, query.order)
    cases = cases.order_by(*order)
    language: Language = "en" if language_of(request) == "en" else "zh"
    response: HttpResponseBase
    if form == "xlsx":
        file = TemporaryFile()  # noqa: SIM115  (the response closes it)
        try:
            write_xlsx(cases, file, language)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        response = FileResponse(file, content_type=MEDIA_TYPES[form])
    else:
        stream = STREAMS[form](cases, language)
        response = StreamingHttpResponse(stream, content_type=MEDIA_TYPES[form])
    record_export(actor, form, query.model_dump(mode="json", exclude_defaults=True))
    day = clock.now().astimezone(clocks.calendar().tz)
    response["Content-Disposition"] = f'attachment; filename="cases-{day:%Y%m%d-%H%M}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def record_export(actor: Actor, form: Format, wanted: dict[str, object]) -> None:
    """Who took which cases out of the house."""
    audit.record(
        actor=actor,
        action="governance.case.export",
        object_type="case",
        object_id="*",
        zh=f"{actor.label} 导出案件 ({form})",
        en=f"{actor.label} exported cases ({form})",
        after={"format": form, "filter": wanted},
    )
