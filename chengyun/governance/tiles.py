"""Cases on the map: the list's own filters and permission, drawn as points or counted."""

import re
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_origin

from asgiref.sync import sync_to_async
from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS, close_old_connections
from django.db.models import QuerySet
from ninja.errors import ValidationError
from pydantic import ValidationError as Refused

from chengyun.city.tiles import Layer, Part, Question, Tile
from chengyun.city.tiles.layer import Query
from chengyun.city.tiles.points import counts_of, place, points_of
from chengyun.core import clock
from chengyun.core.access import Scope
from chengyun.core.actor import Actor
from chengyun.core.models import User
from chengyun.core.problems import as_problem
from chengyun.governance.models import OPEN, TERMINAL, Case, State
from chengyun.governance.queries import CaseFilter, filter_cases, visible_cases

#: At this zoom and below cases are counted, never drawn one by one.
COUNTED_UNTIL = 10
#: A tile with more cases than this is counted too.
MOST_POINTS = 5_000

#: What a state looks like on the map. An open case past the limit of its stage is "over".
PHASES: Mapping[str, frozenset[State]] = {
    "new": frozenset(
        {State.REPORTED, State.PENDING_VERIFY, State.PENDING_FILE, State.PENDING_DISPATCH}
    ),
    "doing": frozenset(
        {
            State.PENDING_HANDLE, State.HANDLING, State.SUSPENDED, State.DEFERRED,
            State.PENDING_FEEDBACK,
        }
    ),
    "check": frozenset({State.PENDING_CHECK, State.PENDING_CLOSE}),
    "done": TERMINAL,
}  # fmt: skip


def _listed(states: frozenset[State]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


_PHASE = " ".join(
    [
        f"CASE WHEN state IN ({_listed(OPEN)}) AND paused_since IS NULL",
        "AND stage_due_at < %(now)s THEN 'over'",
        *(f"WHEN state IN ({_listed(states)}) THEN '{name}'" for name, states in PHASES.items()),
        "END",
    ]
)
# Mercator by arithmetic: PROJ's transformation of CGCS2000 gives the same numbers, ten times
# slower. The box keeps the poles out.
HITS = f"""
    SELECT id, number, state, {_PHASE} AS phase, matter_id, stage_due_at,
        ST_X(geom) / 180 * %(half)s AS mx,
        ln(tan(radians(45 + ST_Y(geom) / 2))) / pi() * %(half)s AS my
    FROM governance_case
    WHERE geom && ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4490) AND {{condition}}
"""  # noqa: S608
SUMS = "count(*) AS n, " + ", ".join(
    f"count(*) FILTER (WHERE phase = '{name}') AS n_{name}" for name in (*PHASES, "over")
)
FIELDS = """
    hits.id AS fid, hits.id, number, hits.state, phase, matter.name_zh AS matter_zh,
    matter.name_en AS matter_en,
    to_char(stage_due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS due
"""
SOURCE = "hits LEFT JOIN city_matter AS matter ON matter.id = matter_id"
POINTS = points_of(
    HITS, part="cases", counts="cases_count", fields=FIELDS, sums=SUMS, source=SOURCE
)
COUNTS = counts_of(HITS, part="cases_count", sums=SUMS)

#: A tile is its own box, and has no order.
_IGNORED = frozenset({"bbox", "within", "order"})
_SECONDS = 5.0
_REMEMBERED = 1_000


@dataclass(frozen=True)
class Wanted:
    """The filters of an address; equal when they are written the same, for the same person where
    they speak of "me"."""

    text: str
    person: int | None
    filter: CaseFilter = field(compare=False)


class Cases(Layer):
    """Cases that the caller may see; open ones unless `open` or `state` says otherwise."""

    name, zh, en = "cases", "案件", "Cases"
    minzoom, maxzoom, seconds = 0, 18, _SECONDS
    parts = (
        Part(
            "cases",
            {
                "id": "id of the case",
                "number": "number of a filed case",
                "state": "its state",
                "phase": "new, doing, check, done, or over: past the limit of its stage",
                "matter_zh": "matter in Chinese",
                "matter_en": "matter in English",
                "due": "when the running stage is due, UTC",
            },
            COUNTED_UNTIL + 1,
        ),
        Part(
            "cases_count",
            {"n": "cases in the cell"}
            | {f"n_{phase}": f"of these {phase}" for phase in (*PHASES, "over")},
            0,
        ),
    )

    def __init__(self) -> None:
        self._conditions: OrderedDict[Hashable, tuple[float, str, dict[str, Any]]] = OrderedDict()

    def insight(self, reach: Scope) -> Hashable:
        return reach.clauses

    def narrow(self, query: Query, reach: Scope) -> Wanted:
        """The filters of the list of cases (`bbox`, `within`, `order` mean nothing here);
        `open=all` shows open and ended ones. Raises Invalid."""
        given = ((name, tuple(values)) for name, values in query.items() if name not in _IGNORED)
        return _wanted(tuple(sorted(given)), reach)

    async def question(
        self, tile: Tile, reach: Scope, narrowed: Wanted, coarseness: int
    ) -> Question:
        condition, params = await self._condition(reach, narrowed)
        counted = coarseness > 0 or tile.z <= COUNTED_UNTIL
        west, south, east, north = tile.degrees()
        return Question(
            (COUNTS if counted else POINTS).replace("{condition}", condition),
            {
                **params, **place(tile, cells=16), "now": clock.now(), "most": MOST_POINTS,
                "w": west, "s": south, "e": east, "n": north,
            },
        )  # fmt: skip

    async def _condition(self, reach: Scope, wanted: Wanted) -> tuple[str, dict[str, Any]]:
        """The SQL of permission and filters: the same for all tiles of a map, so made once."""
        key = (reach.clauses, wanted)
        known = self._conditions.get(key)
        if known is None or known[0] < time.monotonic():
            sql, params = await _compiled(reach, wanted.filter)
            known = (time.monotonic() + _SECONDS, sql, params)
            self._conditions[key] = known
            self._conditions.move_to_end(key)
            while len(self._conditions) > _REMEMBERED:
                self._conditions.popitem(last=False)
        return known[1], known[2]


# The tiles of a map all ask with the same filters, and reading them costs more than the rest of a
# tile that is known.
@lru_cache(maxsize=500)
def _wanted(query: tuple[tuple[str, tuple[str, ...]], ...], reach: Scope) -> Wanted:
    from chengyun.governance.api.cases import CaseQuery, as_filter

    given: dict[str, Any] = {}
    for name, values in query:
        if name in CaseQuery.model_fields:
            several = get_origin(CaseQuery.model_fields[name].annotation) is list
            given[name] = list(values) if several else values[-1]
    if given.get("open") == "all":
        del given["open"]
    elif "open" not in given and "state" not in given:
        given["open"] = True
    try:
        asked = CaseQuery.model_validate(given)
    except Refused as refusal:
        faults: Any = refusal.errors(include_url=False, include_context=False)
        problem = as_problem(ValidationError(faults))
        assert problem is not None
        raise problem from None
    # The list reads "me" off an actor; nothing else of the person is asked for.
    actor = Actor(user=User(pk=reach.user_id), label="", given_scope=reach)
    person = reach.user_id if asked.mine or asked.waiting else None
    return Wanted(asked.model_dump_json(), person, as_filter(asked, actor))


@sync_to_async
def _compiled(reach: Scope, wanted: CaseFilter) -> tuple[str, dict[str, Any]]:
    close_old_connections()
    try:
        return condition_of(filter_cases(visible_cases(reach), wanted))
    finally:
        close_old_connections()


def condition_of(cases: QuerySet[Case]) -> tuple[str, dict[str, Any]]:
    """The WHERE of a query on cases, for a statement `FROM governance_case`: its text with
    %(name)s placeholders, and its parameters."""
    compiler = cases.query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        sql, values = compiler.compile(cases.query.where)
    except EmptyResultSet:
        return "FALSE", {}
    except FullResultSet:
        return "TRUE", {}
    # A condition that joins other tables could not stand alone.
    used = {alias for alias, count in cases.query.alias_refcount.items() if count}
    assert used <= {Case._meta.db_table}, used
    names = iter(range(len(values)))
    text = re.sub(r"%(%|s)", lambda m: m[0] if m[1] == "%" else f"%(p{next(names)})s", sql)
    return f"({text})", {f"p{number}": value for number, value in enumerate(values)}
