"""What waits for somebody: the cases in which they are the next to move.

Read off the flow, not written a second time: whoever may take the main path's step out of a state
is the next mover of the cases in it, whoever may decide a request is the next mover of its case.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet

from chengyun.core.access import Scope
from chengyun.core.models import Organisation, Role
from chengyun.governance.flow import FLOW, ROWS, Operation
from chengyun.governance.models import CaseRequest, State, Supervision, Task

Op = Operation
#: The steps that carry a case from its report to its end. Corrections, merging, voiding and the
#: like may be done from the same states, but no case waits for them.
MAIN_PATH = (
    Op.ACCEPT, Op.VERIFY, Op.FILE, Op.DISPATCH, Op.SIGN, Op.FINISH, Op.FORWARD, Op.PASS_CHECK,
    Op.CLOSE,
)  # fmt: skip
_NOTHING = Q(pk__in=[])


def _next_movers() -> dict[Role, frozenset[State]]:
    states: dict[Role, set[State]] = defaultdict(set)
    for operation in MAIN_PATH:
        for row in ROWS[operation]:
            for role in row.who:
                states[role] |= row.sources
    return {role: frozenset(found) for role, found in states.items()}


def _deciders() -> dict[Role, frozenset[tuple[str, str]]]:
    pairs: dict[Role, set[tuple[str, str]]] = defaultdict(set)
    for row in FLOW:
        if row.pending is not None:
            for role in row.who:
                pairs[role].add(row.pending)
    return {role: frozenset(found) for role, found in pairs.items()}


#: The states in which each post is the next mover; the (kind, state) of requests it decides.
NEXT_MOVER: Mapping[Role, frozenset[State]] = _next_movers()
DECIDES: Mapping[Role, frozenset[tuple[str, str]]] = _deciders()


class _IsAmong(Func):
    """``column = ANY(ARRAY(subquery))``.

    Not ``IN (subquery)``: beside an OR that one is asked of every row of the table, while an
    array is read once and looked up in the column's index (counting a department's cases among a
    million: 240 ms or 76 ms).
    """

    arg_joiner = " = ANY("
    template = "%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, column: str, rows: QuerySet[Any]) -> None:
        super().__init__(F(column), ArraySubquery(rows))


#: Why a case may wait: for the next step, for a request's decision, for a supervision's answer.
Why = Literal["", "request", "supervision"]


def waiting_for(scope: Scope, why: Why = "") -> Q:
    """The condition on cases: they wait for the person of this scope, for whatever reason or
    only for the one named by ``why``."""
    condition = _NOTHING
    if why:
        named = requests_for(scope) if why == "request" else supervisions_for(scope)
        return condition if named is None else Q(_IsAmong("pk", named.values("case_id")))
    for role, states in NEXT_MOVER.items():
        held = scope.for_roles({role})
        if held.clauses:
            mine = Q(state__in=sorted(state.value for state in states)) & _own(role, scope)
            condition |= held.as_q() & mine
    for rows in (requests_for(scope), supervisions_for(scope), _co_handling_of(scope)):
        if rows is not None:
            condition |= Q(_IsAmong("pk", rows.values("case_id")))
    return condition


def requests_for(scope: Scope) -> QuerySet[CaseRequest] | None:
    """The requests that this person may decide now; None where no post of theirs decides any.

    Whoever asked for it or has already reviewed it does not decide it."""
    condition: Q | None = None
    for role, pairs in DECIDES.items():
        held = scope.for_roles({role})
        if not held.clauses:
            continue
        wanted = _NOTHING
        for kind, state in sorted(pairs):
            wanted |= Q(kind=kind, state=state)
        mine = wanted & held.as_q("case__")
        condition = mine if condition is None else condition | mine
    if condition is None:
        return None
    # Said once more on top, so that the partial index case_request_pending answers.
    rows = CaseRequest.objects.filter(condition, state__in=["pending", "endorsed"])
    if scope.user_id is None:
        return rows
    return rows.exclude(applicant=scope.user_id).exclude(reviewer=scope.user_id)


def supervisions_for(scope: Scope) -> QuerySet[Supervision] | None:
    """Supervisions that this person's department has to answer."""
    [row] = ROWS[Op.ANSWER_SUPERVISION]
    held = scope.for_roles(row.who)
    if not held.clauses:
        return None
    return Supervision.objects.filter(
        held.as_q("case__"),
        case__department__in=_bodies(scope),
        case__state__in=[state.value for state in row.sources],
        reply_required=True,
        replied_at=None,
    )


def _co_handling_of(scope: Scope) -> QuerySet[Task] | None:
    """Work given to this person's department beside the main one."""
    [row] = ROWS[Op.CO_FINISH]
    held = scope.for_roles(row.who)
    if not held.clauses:
        return None
    return Task.objects.filter(
        held.as_q("case__"),
        kind="co_handle",
        state="open",
        organisation__in=_bodies(scope),
        case__state__in=[state.value for state in row.sources],
    )


def _own(role: Role, scope: Scope) -> Q:
    """What sight alone does not say: of the cases a post sees, those that are its own work."""
    if role is Role.COLLECTOR:
        # A task that is given to another collector waits for that one.
        others = Task.objects.filter(case=OuterRef("pk"), kind__in=["verify", "check"])
        others = others.filter(state="open", assignee__isnull=False)
        return ~Q(Exists(others.exclude(assignee=scope.user_id)))
    if role is Role.DEPARTMENT:
        return Q(_IsAmong("department", _bodies(scope)))
    if role is Role.HANDLER:
        return Q(handler=scope.user_id) if scope.user_id is not None else _NOTHING
    return Q()


def _bodies(scope: Scope) -> QuerySet[Organisation, Any]:
    """The organisations a department's people act for: their own, and what is below it."""
    codes = sorted(
        {clause.org for clause in scope.for_roles({Role.DEPARTMENT}).clauses if clause.org}
    )
    return Organisation.objects.filter(ancestors__overlap=codes).values("pk")
