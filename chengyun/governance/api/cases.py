"""Cases: list, page, counts, tasks, and the choices that forms need."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from django.contrib.gis.geos import Polygon
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.core.access import scope_of
from chengyun.core.actor import Actor
from chengyun.core.contacts import masked
from chengyun.core.http import actor_of, session_or_token, written
from chengyun.core.models import Organisation, Role, User
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import Invalid, NotFound
from chengyun.governance.guards import SPEAKS_WITH_REPORTERS
from chengyun.governance.models import STATE_EN, Case, State
from chengyun.governance.queries import (
    CaseFilter,
    CaseOrder,
    filter_cases,
    ordered_cases,
    overdue,
    possible_operations,
    responsible_department,
    roles_at,
    standards_of,
    visible_cases,
    visible_tasks,
)
from chengyun.governance.repeats import REPEAT_DAYS
from chengyun.governance.schemas.case import (
    CaseDetail,
    CaseRow,
    MergedCase,
    Named,
    OperationOut,
    PauseOut,
    Person,
    RecordOut,
    ReportOut,
    RequestOut,
    StandardOut,
    SupervisionOut,
    TaskOut,
    row_of,
)

router = Router(tags=["cases"], auth=session_or_token)

CaseId = Annotated[int, Path(ge=1, le=2**63 - 1)]
CaseIds = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=200)]
Codes = Annotated[list[str], Field(max_length=200)]


class CaseQuery(Schema):
    """Filters of the list; all may be combined. Lists take the parameter several times."""

    state: Codes = []
    open: bool | None = None
    channel: Codes = []
    matter: Codes = Field(default=[], description="class or subclass tokens, edition:code")
    area: Codes = Field(default=[], description="area codes; the subtree counts")
    department: Codes = Field(default=[], description="organisation codes; the subtree counts")
    overdue: bool | None = None
    urgency: str = ""
    reported_from: datetime | None = None
    reported_until: datetime | None = None
    closed_from: datetime | None = None
    closed_until: datetime | None = None
    bbox: str = Field(default="", max_length=200, description="west,south,east,north; CGCS2000")
    within: str = Field(
        default="",
        max_length=6_000,
        description="corners of a polygon, lon,lat;lon,lat;…, at most 200; CGCS2000",
    )
    unit_grid: Codes = Field(default=[], description="codes of unit grids")
    repeat: bool | None = Field(
        default=None,
        description="filed where the same subclass had been filed within `repeat_days` before "
        "(same 50 m cell)",
    )
    repeat_days: int = Field(default=REPEAT_DAYS, ge=1, le=366)
    text: str = Field(
        default="", max_length=200, description="words in description, address, number"
    )
    number: str = Field(default="", max_length=40)
    mine: bool = Field(default=False, description="cases with an open task of mine")
    waiting: bool = Field(default=False, description="cases in which I am the next to move")
    why: Literal["", "request", "supervision"] = Field(
        default="",
        description="with `waiting`: only where a request or a supervision waits for me",
    )
    due_until: datetime | None = Field(
        default=None, description="the running stage is due before this moment"
    )
    order: CaseOrder = Field(
        default="new", description="newest first, or the nearest deadline of the stage first"
    )
    ids: CaseIds = Field(default=[], description="these cases only, to look at anew")


def as_filter(query: CaseQuery, actor: Actor) -> CaseFilter:
    """The filter of a list or an export. Raises Invalid, naming the parameter."""
    unknown = [state for state in query.state if state not in State.values]
    if unknown:
        raise Invalid(
            zh=f"没有状态 {unknown[0]!r}。",
            en=f"There is no state {unknown[0]!r}.",
            field="state",
            remedy_zh=f"可用：{', '.join(State.values)}。",
            remedy_en=f"Use: {', '.join(State.values)}.",
        )
    for name in ("reported_from", "reported_until", "closed_from", "closed_until", "due_until"):
        moment = getattr(query, name)
        if moment is not None and moment.tzinfo is None:
            raise Invalid(
                zh="时间须带时区。", en="The time needs a zone.", field=name,
                remedy_zh="例如 2026-11-22T00:00:00+08:00。",
                remedy_en="For example 2026-11-22T00:00:00+08:00.",
            )  # fmt: skip
    return CaseFilter(
        states=query.state,
        open=query.open,
        channels=query.channel,
        matters=query.matter,
        areas=query.area,
        departments=query.department,
        overdue=query.overdue,
        reported_from=query.reported_from,
        reported_until=query.reported_until,
        closed_from=query.closed_from,
        closed_until=query.closed_until,
        bbox=_bbox(query.bbox) if query.bbox else None,
        within=_polygon(query.within) if query.within else None,
        unit_grids=query.unit_grid,
        repeat=query.repeat,
        repeat_days=query.repeat_days,
        text=query.text.strip(),
        number=query.number.strip(),
        urgency=query.urgency,
        mine=actor.user_id if query.mine else None,
        waiting=actor.scope if query.waiting else None,
        why=query.why,
        due_until=query.due_until,
        ids=query.ids or None,
    )


def _bbox(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError("out of range")
    except ValueError as error:
        raise Invalid(
            zh="bbox 须为“西,南,东,北”四个数，单位度。",
            en="bbox is four numbers, west,south,east,north, in degrees.",
            field="bbox",
            remedy_zh="例如 120.2,36.0,120.5,36.2。",
            remedy_en="For example 120.2,36.0,120.5,36.2.",
        ) from error
    if west > east:
        raise Invalid(
            zh="bbox 跨越 180° 经线，城市不会：请把西界写在东界之前。",
            en="The bbox crosses the antimeridian; no city does: write west before east.",
            field="bbox",
        )
    return west, south, east, north


#: Corners of a polygon in an address.
MOST_CORNERS = 200


def _polygon(text: str) -> Polygon:
    corners = []
    for corner in text.split(";"):
        try:
            lon, lat = (float(part) for part in corner.split(","))
        except ValueError:
            raise _no_polygon() from None
        # Neither "nan" nor "inf" lies between these.
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise _no_polygon()
        corners.append((lon, lat))
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise _no_polygon()
    polygon = Polygon([*corners, corners[0]], srid=CGCS2000_SRID)
    if not polygon.valid:
        raise Invalid(
            zh="范围的边线自相交叉。",
            en="The outline crosses itself.",
            field="within",
            remedy_zh="请按顺序沿边界给出各顶点。",
            remedy_en="Give the corners in their order along the outline.",
        )
    return polygon


def _no_polygon() -> Invalid:
    return Invalid(
        zh=f"within 须为 3 至 {MOST_CORNERS} 个顶点“经度,纬度”，以分号分隔，单位度。",
        en=f"within is 3 to {MOST_CORNERS} corners lon,lat in degrees, separated by semicolons.",
        field="within",
        remedy_zh="例如 120.2,36.0;120.5,36.0;120.5,36.2。",
        remedy_en="For example 120.2,36.0;120.5,36.0;120.5,36.2.",
    )


#: What a row of the list shows; a case has three times as many columns.
ROW_COLUMNS = (
    "number", "state", "channel", "urgency", "description", "address", "geom", "stage",
    "stage_due_at", "handle_due_at", "warned", "paused_until", "reported_at", "filed_at",
    "closed_at", "handle_late", "report_count", "rework_count", "urge_count",
    "supervision_count", "version",
)  # fmt: skip
NAME_COLUMNS = tuple(
    f"{table}__{column}"
    for table in ("matter", "area", "department")
    for column in ("code", "name_zh", "name_en")
)


def with_names(cases: QuerySet[Case]) -> QuerySet[Case]:
    """What a row shows, of other tables too, in one statement."""
    return cases.select_related("matter", "area", "department").only(*ROW_COLUMNS, *NAME_COLUMNS)


@router.get(
    "/cases",
    response=Page[CaseRow],
    summary="Cases that I may see, newest or nearest deadline first",
)
def list_cases(
    request: HttpRequest,
    query: Query[CaseQuery],
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> HttpResponse:
    actor = actor_of(request)
    cases = filter_cases(visible_cases(actor.scope), as_filter(query, actor))
    cases, order = ordered_cases(with_names(cases), query.order)
    items, after, before = paginate(cases, order=order, cursor=cursor, limit=limit)
    # Written straight: validating our own rows again costs as much as reading them.
    return written({"items": [row_of(case) for case in items], "next": after, "previous": before})


class StateCount(Schema):
    state: State
    zh: str
    en: str
    count: int
    overdue: int


@router.get("/cases/counts", response=list[StateCount], summary="Cases by state")
def count_cases(request: HttpRequest, query: Query[CaseQuery]) -> list[StateCount]:
    """How many by state, with the filters of the list. Unless `open` or `state` says otherwise
    open cases only, so that a million closed ones cost nothing."""
    actor = actor_of(request)
    wanted = as_filter(query, actor)
    if wanted.open is None and not wanted.states:
        wanted = replace(wanted, open=True)
    cases = filter_cases(visible_cases(actor.scope), wanted)
    rows = cases.values("state").annotate(count=Count("id"), overdue=Count("id", filter=overdue()))
    return [
        StateCount(
            state=State(row["state"]),
            zh=str(State(row["state"]).label),
            en=STATE_EN[State(row["state"])],
            count=row["count"],
            overdue=row["overdue"],
        )
        for row in rows.order_by("state")
    ]


#: Beyond this a list says "more than", and counting costs no more.
TOTAL_LIMIT = 10_000


class Total(Schema):
    """How long the list of these filters is; `capped`: it is longer, counting stopped."""

    count: int
    capped: bool


@router.get("/cases/total", response=Total, summary="How many cases the filters leave")
def total_cases(request: HttpRequest, query: Query[CaseQuery]) -> Total:
    """Counted up to 10,000."""
    actor = actor_of(request)
    cases = filter_cases(visible_cases(actor.scope), as_filter(query, actor))
    found = cases.values("pk")[: TOTAL_LIMIT + 1].count()
    return Total(count=min(found, TOTAL_LIMIT), capped=found > TOTAL_LIMIT)


def find_case(actor: Actor, case_id: int) -> Case:
    """A case by id, whole. Raises NotFound when it is not there or not for this actor."""
    case = (
        visible_cases(actor.scope)
        .select_related(
            "matter", "area", "department", "standard", "unit_grid", "component", "handler"
        )
        .defer("area__geom", "unit_grid__geom")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise NotFound(
            zh="没有这个案件，或您无权查看。", en="There is no such case, or you may not see it."
        )
    return case


@router.get("/cases/{case_id}", response=CaseDetail, summary="One case with its whole life")
def get_case(request: HttpRequest, case_id: CaseId) -> CaseDetail:
    actor = actor_of(request)
    case = find_case(actor, case_id)
    requests = list(case.requests.select_related("applicant").order_by("-id"))
    speaks = bool(roles_at(actor.scope, case) & SPEAKS_WITH_REPORTERS)
    records = case.records.select_related(
        "actor_organisation", "receiver", "receiver_organisation"
    ).order_by("seq")
    reports = case.reports.select_related("contact").order_by("id")
    return CaseDetail.of_case(
        case,
        records=[RecordOut.of(record) for record in records],
        reports=[
            ReportOut.of(report, masked(report.contact) if speaks and report.contact else None)
            for report in reports
        ],
        requests=[RequestOut.of(each) for each in requests],
        tasks=[
            TaskOut.of(task)
            for task in case.tasks.select_related("organisation", "assignee").order_by("id")
        ],
        pauses=[PauseOut.from_orm(pause) for pause in case.pauses.all()],
        supervisions=[
            SupervisionOut.of(each)
            for each in case.supervisions.select_related("by").order_by("id")
        ],
        merged=[
            MergedCase(id=each.pk, number=each.number, description=each.description[:200])
            for each in case.merged_cases.all()[:50]
        ],
        operations=[
            OperationOut.of(row)
            for row in possible_operations(case, actor.scope, actor.user, requests)
        ],
    )


class Choices(Schema):
    """What the forms of this case offer."""

    standards: list[StandardOut]
    responsible: Named | None
    departments: list[Named]
    handlers: list[Person]
    collectors: list[Person]


@router.get("/cases/{case_id}/choices", response=Choices, summary="What the forms offer")
def case_choices(request: HttpRequest, case_id: CaseId) -> Choices:
    """Standards of the matter, the responsible department first, people who may be given work."""
    actor = actor_of(request)
    case = find_case(actor, case_id)
    standards = standards_of(case.matter_id, case.reported_at) if case.matter_id else []
    responsible = responsible_department(case.scope_matters, case.scope_areas)
    departments = Organisation.objects.filter(
        active=True,
        kind__in=[
            Organisation.Kind.DEPARTMENT,
            Organisation.Kind.STREET,
            Organisation.Kind.COMPANY,
        ],
    ).order_by("code")
    return Choices(
        standards=[StandardOut.from_orm(row) for row in standards],
        responsible=_org(responsible) if responsible else None,
        departments=[row for row in (_org(each) for each in departments[:500]) if row],
        handlers=_people(Role.HANDLER, case),
        collectors=_people(Role.COLLECTOR, case),
    )


def _org(organisation: Organisation) -> Named:
    return Named(
        id=organisation.pk,
        code=organisation.code,
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
    )


def _people(role: Role, case: Case) -> list[Person]:
    """People whose grants of this post reach the case (the exact predicate is asked in Python)."""
    users = User.objects.filter(is_active=True, grants__role=role)
    if role is Role.HANDLER:
        users = users.filter(organisation__code__in=case.scope_orgs)
    else:
        users = users.filter(grants__area_code__in=["", *case.scope_areas])
    found = users.distinct().order_by("id")[:50]
    return [
        Person(id=user.pk, name=user.display_name or user.username)
        for user in found
        if role in roles_at(scope_of(user), case)
    ]


class TaskRow(TaskOut):
    """A task with the case it belongs to."""

    case: CaseRow


@router.get("/tasks", response=Page[TaskRow], summary="Open tasks: mine, or my area's pool")
def list_tasks(
    request: HttpRequest,
    kind: str = "",
    mine: bool = True,
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> Page[TaskRow]:
    actor = actor_of(request)
    tasks = visible_tasks(actor.scope, actor.user if mine else None)
    if kind:
        tasks = tasks.filter(kind=kind)
    items, after, before = paginate(tasks, order=["id"], cursor=cursor, limit=limit)
    rows = [TaskRow(**TaskOut.of(task).dict(), case=CaseRow.of(task.case)) for task in items]
    return Page(items=rows, next=after, previous=before)
