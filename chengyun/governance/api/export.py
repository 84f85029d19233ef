"""Export of the cases one may see, with the filters of the list."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from chengyun.core import audit, clock
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, requires
from chengyun.core.problems import language_of
from chengyun.core.table_files import RESPONSES, Format, file_answer
from chengyun.governance import clocks
from chengyun.governance.api.cases import CaseQuery, as_filter
from chengyun.governance.export import case_table
from chengyun.governance.queries import filter_cases, ordered_cases, visible_cases

router = Router(tags=["export"], auth=requires("export"))


@router.get(
    "/export/cases.{form}",
    summary="Cases that I may see as CSV, XLSX or GeoJSON",
    openapi_extra={"responses": RESPONSES},
)
def export_cases(request: HttpRequest, form: Format, query: Query[CaseQuery]) -> HttpResponseBase:
    """Streams; needs a session, or a token with the scope `export`. Every export is audited."""
    actor = actor_of(request)
    cases = filter_cases(visible_cases(actor.scope), as_filter(query, actor))
    cases, order = ordered_cases(cases, query.order)
    cases = cases.order_by(*order)
    table = case_table(cases, form, language_of(request))
    record_export(actor, form, query.model_dump(mode="json", exclude_defaults=True))
    return file_answer(table, form, clock.now().astimezone(clocks.calendar().tz))


def record_export(actor: Actor, form: Format, wanted: dict[str, object]) -> None:
    """Who took which cases out of the house."""
    audit.record(
        actor=actor,
        action="governance.case.export",
        object_type="case",
        object_id="*",
        zh=f"{actor.label} 导出案件（{form}）",
        en=f"{actor.label} exported cases ({form})",
        after={"format": form, "filter": wanted},
    )
