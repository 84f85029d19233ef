"""Evaluation: tables for regions, departments and posts, the rows behind a number, schemes."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from chengyun.core import clock
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, session_or_token
from chengyun.core.models import Role
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit
from chengyun.core.problems import Invalid, language_of
from chengyun.core.table_files import MEDIA_TYPES
from chengyun.governance.evaluation import actions
from chengyun.governance.evaluation.drill import measure_named, rows_behind
from chengyun.governance.evaluation.files import as_csv, as_xlsx
from chengyun.governance.evaluation.judge import judge, request_of
from chengyun.governance.evaluation.measures import MEASURES, RATES, Kind
from chengyun.governance.evaluation.periods import Span, city_zone
from chengyun.governance.evaluation.request import READERS, Filters, Request, reading_scope
from chengyun.governance.models import EvaluationScheme
from chengyun.governance.schemas.evaluation import (
    CountedOut,
    MeasuresOut,
    SchemeBody,
    SchemeIn,
    SchemeOut,
    TableOut,
    table_out,
)

router = Router(tags=["evaluation"], auth=session_or_token)

Codes = Annotated[list[str], Field(max_length=200)]
SchemeCode = Annotated[str, Path(max_length=40)]
Level = Literal["city", "district", "street", "community"]


class EvaluationQuery(Schema):
    """What is evaluated. Lists take the parameter several times; codes count their subtree."""

    period: str = Field(
        max_length=40, description="2026, 2026H2, 2026Q4, 2026-11, 2026-W47 or 2026-11-20"
    )
    level: Level = Field(default="district", description="which areas are the rows (region)")
    area: Codes = []
    department: Codes = []
    matter: Codes = Field(default=[], description="class or subclass tokens, edition:code")
    channel: Codes = []
    role: Codes = Field(default=[], description="posts to show (post)")
    origin: Literal["", "live", "import"] = ""
    at: datetime | None = Field(default=None, description="what counts as now; default the clock")
    repeats: bool = Field(default=False, description="count repeats too: a slower look back")
    repeat_days: int = Field(default=30, ge=1, le=366)


class TableQuery(EvaluationQuery):
    series: Span | None = Field(default=None, description="divide the period into these parts")
    compare: bool = Field(default=False, description="with the period before and a year ago")
    scheme: str | None = Field(default=None, max_length=40)
    format: Literal["json", "csv", "xlsx"] = "json"


class RowsQuery(EvaluationQuery):
    kind: Kind
    measure: str = Field(max_length=60)
    object: str = Field(default="", max_length=200, description="code of the row; empty: total")


def _request(actor: Actor, kind: Kind, query: EvaluationQuery, series: Span | None) -> Request:
    now = clock.now()
    if query.at is not None and query.at.tzinfo is None:
        raise Invalid(
            zh="at 须带时区。",
            en="at needs a zone.",
            field="at",
            remedy_zh="例如 2026-11-22T08:00:00+08:00。",
            remedy_en="Write it like 2026-11-22T08:00:00+08:00.",
        )
    return request_of(
        kind,
        period=query.period,
        series=series,
        at=min(query.at or now, now),
        zone=city_zone(),
        scope=reading_scope(actor.scope),
        filters=Filters(
            query.area, query.department, query.matter, query.channel, query.role, query.origin
        ),
        level=query.level,
        repeats=query.repeats,
        repeat_days=query.repeat_days,
    )


@router.get("/evaluation/measures", response=MeasuresOut, summary="What is counted, and how")
def measures(request: HttpRequest) -> dict[str, Any]:
    """Every count and rate with its names and definition."""
    return {
        "measures": [
            {
                "code": m.code,
                "name_zh": m.zh,
                "name_en": m.en,
                "says_zh": m.says_zh,
                "says_en": m.says_en,
                "kinds": sorted(m.kinds),
                "row": m.moment.source.code,
            }
            for m in MEASURES
        ],
        "rates": [
            {
                "code": r.code,
                "name_zh": r.zh,
                "name_en": r.en,
                "over": list(r.over),
                "under": list(r.under),
                "reverse": r.reverse,
                "kinds": sorted(r.kinds),
            }
            for r in RATES
        ],
    }


@router.get("/evaluation/cases", response=Page[CountedOut], summary="The rows behind a number")
def cases(
    request: HttpRequest,
    query: Query[RowsQuery],
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Exactly what a count counted, newest first."""
    wanted = _request(actor_of(request), query.kind, query, None)
    measure = measure_named(query.measure, query.kind)
    if measure.code == "repeats" and not query.repeats:
        wanted = _request(
            actor_of(request), query.kind, query.model_copy(update={"repeats": True}), None
        )
    after = _decode(cursor) if cursor else None
    rows = rows_behind(wanted, measure, query.object, after=after, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    return {"items": rows, "next": _encode(rows[-1].row) if more else None}


def _encode(row: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([row]).encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        (row,) = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if type(row) is not int or not 0 <= row < 2**63:
            raise ValueError("not a cursor of this list")
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise Invalid(
            zh="分页游标无效。",
            en="The cursor is not valid.",
            field="cursor",
            remedy_zh="请原样使用上一页返回的 next。",
            remedy_en="Use next of a page as it is.",
        ) from error
    return row


@router.get("/evaluation/schemes", response=list[SchemeOut], summary="Schemes of evaluation")
def schemes(request: HttpRequest) -> list[EvaluationScheme]:
    """Weights and grades."""
    actor_of(request).require_role(*READERS, Role.ADMINISTRATOR)
    return list(EvaluationScheme.objects.order_by("kind", "role", "code"))


@router.post("/evaluation/schemes", response={201: SchemeOut}, summary="Add a scheme")
def create_scheme(request: HttpRequest, body: SchemeIn) -> Status[EvaluationScheme]:
    """By evaluators and administrators; audited."""
    fields = body.model_dump(by_alias=True)
    return Status(201, actions.create_scheme(actor=actor_of(request), fields=fields))


@router.put("/evaluation/schemes/{code}", response=SchemeOut, summary="Change a scheme")
def change_scheme(request: HttpRequest, code: SchemeCode, body: SchemeBody) -> EvaluationScheme:
    """By evaluators and administrators; audited."""
    fields = body.model_dump(by_alias=True)
    return actions.change_scheme(actor=actor_of(request), code=code, fields=fields)


@router.delete("/evaluation/schemes/{code}", response={204: None}, summary="Remove a scheme")
def delete_scheme(request: HttpRequest, code: SchemeCode) -> Status[None]:
    """By evaluators and administrators; audited."""
    actions.delete_scheme(actor=actor_of(request), code=code)
    return Status(204, None)


@router.get(
    "/evaluation/{kind}", response=TableOut, summary="Evaluate regions, departments or posts"
)
def evaluate(request: HttpRequest, kind: Kind, query: Query[TableQuery]) -> Any:
    """Counts, rates, scores and ranks; as CSV or XLSX with `format`. Read by evaluators, leaders
    and shift leaders; a department reads its own."""
    zone = city_zone()
    wanted = _request(actor_of(request), kind, query, query.series)
    judged = judge(wanted, scheme=query.scheme, compare=zone if query.compare else None)
    if query.format == "json":
        return table_out(judged, str(zone))
    content = (as_csv if query.format == "csv" else as_xlsx)(judged, language_of(request))
    response = HttpResponse(content, content_type=MEDIA_TYPES[query.format])
    name = f"evaluation-{kind.value}-{wanted.periods[0].code}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{query.format}"'
    response["Cache-Control"] = "no-store"
    return response
