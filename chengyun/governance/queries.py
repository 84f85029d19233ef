"""Reads of governance. Who may see a case is decided here, once, for lists and objects."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.contrib.gis.geos import Polygon
from django.db.models import Count, DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from chengyun.city.models import Area, Matter, UnitGrid
from chengyun.city.queries import catalogue
from chengyun.core import clock
from chengyun.core.access import Scope
from chengyun.core.models import Organisation, Role, User
from chengyun.governance.flow import FLOW, Operation, Transition
from chengyun.governance.models import (
    OPEN,
    Case,
    CaseRecord,
    CaseRequest,
    Responsibility,
    Standard,
    State,
    Task,
    VisitBack,
)
from chengyun.governance.models.case import NEVER
from chengyun.governance.repeats import REPEAT_DAYS, repeated


def visible_cases(scope: Scope) -> QuerySet[Case]:
    """Every case that the scope may see."""
    return Case.objects.filter(scope.as_q())


def roles_at(scope: Scope, case: Case) -> frozenset[Role]:
    """The posts that the scope holds for this case: the Python mirror of the predicate."""
    return frozenset(
        role
        for clause in scope.clauses
        if clause.admits(case.scope_areas, case.scope_orgs, case.scope_matters)
        for role in clause.roles
    )


def possible_operations(
    case: Case, scope: Scope, user: User | None, pending: Iterable[CaseRequest]
) -> list[Transition]:
    """The buttons: every row of the flow that this person may perform on this case now."""
    held = roles_at(scope, case)
    state = State(case.state)
    waiting = {
        (request.kind, request.state)
        for request in pending
        if user is None or user.pk not in (request.applicant_id, request.reviewer_id)
    }
    rows = [
        row
        for row in FLOW
        if state in row.sources
        and row.who & held
        and (row.pending is None or row.pending in waiting)
    ]
    seen: dict[Operation, Transition] = {}
    for row in rows:
        seen.setdefault(row.operation, row)
    return list(seen.values())


def scope_arrays(
    area: Area | None, organisations: Iterable[Organisation], matter: Matter | None
) -> tuple[list[str], list[str], list[str]]:
    """The three permission arrays of a case: ancestors of place and departments, matter tokens.

    A case whose place is unknown belongs to the city as a whole: a grant on a district does not
    reach it, one on the city does."""
    orgs = sorted({code for organisation in organisations for code in organisation.ancestors})
    return (
        list(area.ancestors) if area else whole_city(),
        orgs,
        list(matter.tokens) if matter else [],
    )


def whole_city() -> list[str]:
    """The areas of what has no known place; nothing before a city was loaded."""
    city = catalogue().city
    return [city.code] if city else []


def responsible_department(
    matter_tokens: Sequence[str], area_codes: Sequence[str]
) -> Organisation | None:
    """The default department: the most specific matter first, then the deepest area."""
    rows = Responsibility.objects.filter(
        matter_token__in=["", *matter_tokens], area_code__in=["", *area_codes]
    ).select_related("organisation")
    matter_rank = {token: rank for rank, token in enumerate(["", *matter_tokens])}
    area_rank = {code: rank for rank, code in enumerate(["", *area_codes])}
    best = max(
        (row for row in rows if row.organisation.active),
        key=lambda row: (matter_rank[row.matter_token], area_rank[row.area_code]),
        default=None,
    )
    return best.organisation if best else None


def standards_of(matter_id: int, at: datetime) -> QuerySet[Standard]:
    """The standard rows of a matter that are valid on that day."""
    day = at.date()
    return Standard.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), matter_id=matter_id, valid_from__lte=day
    )


@dataclass(frozen=True)
class CaseFilter:
    """What a list of cases may be narrowed by. Times are half-open: from ≤ t < until."""

    states: Collection[str] = ()
    open: bool | None = None
    channels: Collection[str] = ()
    matters: Collection[str] = ()  # class or subclass tokens
    areas: Collection[str] = ()  # codes; the subtree counts
    departments: Collection[str] = ()  # codes; the subtree counts
    overdue: bool | None = None
    reported_from: datetime | None = None
    reported_until: datetime | None = None
    closed_from: datetime | None = None
    closed_until: datetime | None = None
    bbox: tuple[float, float, float, float] | None = None
    within: Polygon | None = None  # CGCS2000; what lies on its edge may be either
    unit_grids: Collection[str] = ()  # codes
    repeat: bool | None = None
    repeat_days: int = REPEAT_DAYS
    text: str = ""
    number: str = ""
    urgency: str = ""
    mine: int | None = None  # user id: an open task or the handler
    waiting: Scope | None = None  # of the person who is to be the next mover
    why: Literal["", "request", "supervision"] = ""  # with ``waiting``: for this reason only
    due_until: datetime | None = None  # of the running stage; a clock that stands still is not due
    ids: Collection[int] | None = None


def filter_cases(cases: QuerySet[Case], wanted: CaseFilter) -> QuerySet[Case]:
    """Narrow a (permission-filtered) query. Every filter has an index or cuts few rows."""
    from chengyun.governance.search import search_cases
    from chengyun.governance.waiting import waiting_for

    if wanted.ids is not None:
        cases = cases.filter(pk__in=wanted.ids)
    if wanted.states:
        cases = cases.filter(state__in=wanted.states)
    if wanted.open is not None:
        open_states = [state.value for state in OPEN]
        cases = (
            cases.filter(state__in=open_states)
            if wanted.open
            else cases.exclude(state__in=open_states)
        )
    if wanted.channels:
        cases = cases.filter(channel__in=wanted.channels)
    if wanted.matters:
        cases = cases.filter(scope_matters__overlap=list(wanted.matters))
    if wanted.areas:
        cases = cases.filter(scope_areas__overlap=list(wanted.areas))
    if wanted.departments:
        cases = cases.filter(scope_orgs__overlap=list(wanted.departments))
    if wanted.overdue is not None:
        late = overdue()
        cases = cases.filter(late) if wanted.overdue else cases.exclude(late)
    if wanted.reported_from:
        cases = cases.filter(reported_at__gte=wanted.reported_from)
    if wanted.reported_until:
        cases = cases.filter(reported_at__lt=wanted.reported_until)
    if wanted.closed_from:
        cases = cases.filter(closed_at__gte=wanted.closed_from)
    if wanted.closed_until:
        cases = cases.filter(closed_at__lt=wanted.closed_until)
    if wanted.bbox:
        box = Polygon.from_bbox(wanted.bbox)
        box.srid = 4490
        cases = cases.filter(geom__bboverlaps=box)
    if wanted.within is not None:
        cases = cases.filter(geom__within=wanted.within)
    if wanted.unit_grids:
        grids = UnitGrid.objects.filter(code__in=wanted.unit_grids).order_by()
        cases = cases.filter(unit_grid__in=grids.values("pk"))
    if wanted.repeat is not None:
        again = repeated(wanted.repeat_days)
        cases = cases.filter(again) if wanted.repeat else cases.exclude(again)
    if wanted.urgency:
        cases = cases.filter(urgency=wanted.urgency)
    if wanted.number:
        cases = cases.filter(number=wanted.number)
    if wanted.mine is not None:
        tasks = Task.objects.filter(assignee_id=wanted.mine, state="open").values("case_id")
        cases = cases.filter(Q(handler_id=wanted.mine) | Q(pk__in=tasks))
    if wanted.waiting is not None:
        cases = cases.filter(waiting_for(wanted.waiting, wanted.why))
    if wanted.due_until:
        cases = cases.filter(
            state__in=[state.value for state in OPEN],
            paused_since=None,
            stage_due_at__lt=wanted.due_until,
        )
    if wanted.text:
        cases = search_cases(cases, wanted.text)
    return cases


CaseOrder = Literal["new", "due"]


def ordered_cases(cases: QuerySet[Case], order: CaseOrder) -> tuple[QuerySet[Case], list[str]]:
    """The cases, and the fields to sort them by: newest first, or the nearest deadline first.

    "due" puts cases whose clock stands still last. Uses index: case_open_by_due (open cases).
    """
    if order == "new":
        return cases, ["-id"]
    due = Coalesce("stage_due_at", Value(NEVER, output_field=DateTimeField()))
    return cases.annotate(due_or_never=due), ["due_or_never", "id"]


def overdue() -> Q:
    """The running stage is past its limit. Uses index: case_open_due."""
    return Q(
        state__in=[state.value for state in OPEN], paused_since=None, stage_due_at__lt=clock.now()
    )


def visible_tasks(scope: Scope, user: User | None) -> QuerySet[Task]:
    """Open tasks of cases that the scope may see; for a user: theirs and the unassigned ones."""
    tasks = Task.objects.filter(scope.as_q("case__"), state="open")
    if user is not None:
        tasks = tasks.filter(Q(assignee=user) | Q(assignee=None))
    return tasks.select_related(
        "organisation", "assignee", "case__matter", "case__area", "case__department"
    ).defer("case__area__geom")


#: Posts that visit reporters back.
VISITORS = (Role.ACCEPTOR, Role.SHIFT_LEADER)


def waiting_visits(scope: Scope) -> QuerySet[VisitBack] | None:
    """Visits back that are to be made; None for posts that make none. Index: visit_open_due."""
    if scope.roles().isdisjoint(VISITORS):
        return None
    return VisitBack.objects.filter(scope.as_q("case__"), done_at=None)


def result_photos(case: Case) -> list[UUID]:
    """What whoever reported it may see of the work: the photos of the last result of the
    department, once a public case is closed. Who takes them answers for what is on them."""
    if not case.public or case.state != State.CLOSED:
        return []
    finished = CaseRecord.objects.filter(case=case, operation=Operation.FINISH)
    photos = finished.order_by("-seq").values_list("attachments", flat=True).first()
    return list(photos or [])


def least_busy_collector(case: Case) -> User | None:
    """Who patrols the case's unit grid and has the fewest open tasks; None where nobody does."""
    if case.unit_grid_id is None:
        return None
    return (
        User.objects.filter(
            is_active=True,
            duty_grids__kind="supervision",
            duty_grids__unit_grids=case.unit_grid_id,
            grants__role=Role.COLLECTOR,
        )
        .annotate(load=Count("tasks", filter=Q(tasks__state="open"), distinct=True))
        .order_by("load", "id")
        .first()
    )
