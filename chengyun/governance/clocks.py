"""The clocks of a case: desk limits, the handling limit, warnings.

A stage's clock is ``stage_started_at`` … ``stage_due_at``; the department's limit is
``handle_due_at``, which every pause and extension moves (``core.deadlines``). Times are UTC.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chengyun.core.deadlines import Calendar, Limit, Unit, deadline, elapsed_seconds
from chengyun.core.queries import calendar_of
from chengyun.governance.models import (
    STAGE_OF,
    Case,
    ClockPause,
    DeskLimit,
    Stage,
    Standard,
    State,
)

#: A stage turns yellow when this share of its time is used up.
WARN_SHARE = 0.8

_CACHE_SECONDS = 60.0


@dataclass
class _Cached:
    limits: dict[Stage, Limit] = field(default_factory=dict)
    read_at: float = -_CACHE_SECONDS


_cached = _Cached()


def desk_limits() -> dict[Stage, Limit]:
    """Limits of the desk steps; read at most once a minute."""
    if time.monotonic() - _cached.read_at > _CACHE_SECONDS:
        _cached.limits = {
            Stage(row.stage): Limit(row.limit, Unit(row.unit)) for row in DeskLimit.objects.all()
        }
        _cached.read_at = time.monotonic()
    return _cached.limits


def forget_desk_limits() -> None:
    """After a load: the next question reads the table."""
    _cached.read_at = -_CACHE_SECONDS


def calendar() -> Calendar:
    """The city's default work calendar."""
    return calendar_of(None)


def stage_due(stage: Stage, start: datetime) -> datetime | None:
    """When a desk step that starts now must be done; None where the city sets no limit."""
    limit = desk_limits().get(stage)
    return deadline(calendar(), start, limit.amount, limit.unit) if limit else None


def state_due(state: State, start: datetime) -> datetime | None:
    """The desk limit of the stage that a state belongs to."""
    return stage_due(STAGE_OF[state], start)


def handling_due(
    standard: Standard, start: datetime, pauses: Sequence[ClockPause] = (), extensions: int = 0
) -> datetime:
    """The department's deadline: the standard's limit, once more for every extension granted,
    moved by every pause."""
    limit = Limit(standard.limit, Unit(standard.unit))
    spans = [(pause.started_at, pause.ended_at) for pause in pauses]
    return deadline(
        calendar(), start, limit.amount, limit.unit, pauses=spans, extensions=[limit] * extensions
    )


def make_safe_due(standard: Standard, start: datetime) -> datetime | None:
    if standard.make_safe_limit is None:
        return None
    return deadline(calendar(), start, standard.make_safe_limit, Unit(standard.make_safe_unit))


def closing_due(handling: datetime) -> datetime:
    """When the whole case must be closed: handling, then feedback, check and close in turn."""
    due = handling
    for stage in (Stage.FEEDBACK, Stage.CHECK, Stage.CLOSE):
        due = stage_due(stage, due) or due
    return due


def warn_at(start: datetime, due: datetime | None) -> datetime | None:
    """When a stage turns yellow."""
    return None if due is None else start + (due - start) * WARN_SHARE


def used_seconds(start: datetime, end: datetime, standard: Standard | None, stage: Stage) -> int:
    """What a step took by its own clock: duty time for work units, natural time otherwise."""
    if stage is Stage.HANDLE:
        unit = Unit(standard.unit) if standard else Unit.NATURAL_DAY
    else:
        limit = desk_limits().get(stage)
        unit = limit.unit if limit else Unit.NATURAL_DAY
    return int(elapsed_seconds(calendar(), start, end, unit))


def start_stage(case: Case, stage: Stage | None, now: datetime, due: datetime | None) -> None:
    """Let a stage's clock run from now; None stops every clock (the case has ended)."""
    case.stage = stage.value if stage else ""
    case.stage_started_at = now if stage else None
    set_stage_due(case, due if stage else None)


def set_stage_due(case: Case, due: datetime | None) -> None:
    """Move the end of the running stage; the warning moves along and is given anew."""
    case.stage_due_at = due
    case.stage_warn_at = warn_at(case.stage_started_at, due) if case.stage_started_at else None
    case.warned = 0
