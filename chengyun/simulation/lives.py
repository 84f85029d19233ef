"""Many lives of cases at once, as arrays: which steps, when, and what was due when.

Simpler than the lives that `life` plays: no duplicates, extensions, suspensions; desks that never
sleep. A life is told as far as it has come by now, so open cases of every state remain.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from chengyun.core.deadlines import Unit, deadline_many
from chengyun.core.models import Role
from chengyun.governance import clocks
from chengyun.governance.flow import Operation
from chengyun.governance.models import STAGE_OF, ClockPause, Stage, Standard, State

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MINUTE = 60_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """One column of the lives: what is done, by whom, where it leads, after how many minutes.

    `left` is the stage whose clock runs until this step, `entered` the one whose clock it starts
    (None when it starts none).
    """

    operation: Operation
    role: Role
    source: State
    target: State
    minutes: float
    left: Stage = field(init=False)
    entered: Stage | None = field(init=False)

    def __post_init__(self) -> None:
        stage = STAGE_OF.get(self.target)
        object.__setattr__(self, "left", STAGE_OF[self.source])
        object.__setattr__(self, "entered", None if stage is self.left else stage)

    @property
    def stops(self) -> bool:
        """Whether the clock of `left` ends here."""
        return self.entered is not None or self.target not in STAGE_OF


_O, _S, _R = Operation, State, Role
STEPS: tuple[Step, ...] = (
    Step(_O.ACCEPT, _R.ACCEPTOR, _S.REPORTED, _S.PENDING_FILE, 8),
    Step(_O.SEND_VERIFY, _R.ACCEPTOR, _S.REPORTED, _S.PENDING_VERIFY, 8),
    Step(_O.VERIFY, _R.COLLECTOR, _S.PENDING_VERIFY, _S.PENDING_FILE, 60),
    Step(_O.REFUSE, _R.SHIFT_LEADER, _S.PENDING_FILE, _S.NOT_ACCEPTED, 10),
    Step(_O.FILE, _R.SHIFT_LEADER, _S.PENDING_FILE, _S.PENDING_DISPATCH, 10),
    Step(_O.DISPATCH, _R.DISPATCHER, _S.PENDING_DISPATCH, _S.PENDING_HANDLE, 9),
    Step(_O.RETURN_DISPATCH, _R.DEPARTMENT, _S.PENDING_HANDLE, _S.PENDING_DISPATCH, 40),
    Step(_O.DISPATCH, _R.DISPATCHER, _S.PENDING_DISPATCH, _S.PENDING_HANDLE, 15),
    Step(_O.SIGN, _R.DEPARTMENT, _S.PENDING_HANDLE, _S.HANDLING, 25),
    Step(_O.FINISH, _R.DEPARTMENT, _S.HANDLING, _S.PENDING_FEEDBACK, 0),
    Step(_O.FORWARD, _R.DISPATCHER, _S.PENDING_FEEDBACK, _S.PENDING_CHECK, 14),
    Step(_O.REWORK, _R.COLLECTOR, _S.PENDING_CHECK, _S.HANDLING, 80),
    Step(_O.FINISH, _R.DEPARTMENT, _S.HANDLING, _S.PENDING_FEEDBACK, 240),
    Step(_O.FORWARD, _R.DISPATCHER, _S.PENDING_FEEDBACK, _S.PENDING_CHECK, 14),
    Step(_O.PASS_CHECK, _R.COLLECTOR, _S.PENDING_CHECK, _S.PENDING_CLOSE, 60),
    Step(_O.CLOSE, _R.SHIFT_LEADER, _S.PENDING_CLOSE, _S.CLOSED, 20),
)
(ACCEPT, SEND_VERIFY, VERIFY, REFUSE, FILE, DISPATCH_WRONG, RETURN, DISPATCH, SIGN, FINISH_BADLY,
 FORWARD_BADLY, REWORK, FINISH, FORWARD, PASS, CLOSE) = range(len(STEPS))  # fmt: skip

#: Column of the report in tables whose first column is the report; step `k` is column `k + 1`.
REPORTED = 0


def as_texts(moments: Ints) -> list[list[str]]:
    """A table of moments as PostgreSQL reads them; -1 is NULL."""
    texts = np.char.add(np.datetime_as_string(moments.view("datetime64[us]"), unit="us"), "Z")
    found: list[list[str]] = np.where(moments < 0, "\\N", texts).tolist()
    return found


def as_moment(micros: int) -> datetime:
    """Microseconds since 1970 as a moment in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def as_micros(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class Lives:
    """The lives of one batch. Rows are cases; `at[:, k]` is the moment of step `k`, `done[:, k]`
    whether it belongs to the life and was done by `now`, `ended` whether nothing is left to do,
    `due[:, k]` when the stage that step `k` entered has to end (-1: no clock). Everything is
    microseconds since 1970 in UTC."""

    def __init__(
        self,
        reported: Ints,
        public: Flags,
        standards: Sequence[Standard],
        now: datetime,
        dice: np.random.Generator,
    ) -> None:
        self.reported = reported
        self.standards = standards
        self._dice = dice
        wanted = self._plan(public)
        self.refused = wanted[REFUSE]
        self.at = np.empty((len(reported), len(STEPS)), np.int64)
        self._draw_times(wanted)
        belongs = np.column_stack([wanted[k] for k in range(len(STEPS))])
        self.done: Flags = belongs & (self.at <= as_micros(now))
        self.ended: Flags = self.done[:, CLOSE] | self.done[:, REFUSE]
        self.due = np.full_like(self.at, -1)
        for k, step in enumerate(STEPS):
            if step.entered is not None:
                self.due[:, k] = self._due(step.entered, k)
        # The same with the report as the first column, as numbers and as texts for COPY.
        self.micros = np.column_stack([reported, self.at])
        self.due_micros = np.column_stack([desk_due(Stage.ACCEPT, reported), self.due])
        self.texts, self.due_texts = as_texts(self.micros), as_texts(self.due_micros)
        sent = np.where(self.done[:, DISPATCH], DISPATCH, DISPATCH_WRONG)
        sent = np.where(self.done[:, REWORK], REWORK, sent)
        handling = np.take_along_axis(self.due, sent[:, np.newaxis], axis=1)[:, 0]
        self.closing = [row[0] for row in as_texts(_closing_due(handling)[:, np.newaxis])]

    def _plan(self, public: Flags) -> dict[int, Flags]:
        """Which steps each life has."""
        draw = self._dice.random((4, len(public)))
        verified = public & (draw[0] < 0.9)
        refused = verified & (draw[1] < 0.07)
        wrong, rework = ~refused & (draw[2] < 0.04), ~refused & (draw[3] < 0.05)
        wanted = dict.fromkeys(range(FILE, len(STEPS)), ~refused)
        wanted |= {ACCEPT: ~verified, SEND_VERIFY: verified, VERIFY: verified, REFUSE: refused}
        wanted |= dict.fromkeys((DISPATCH_WRONG, RETURN), wrong)
        wanted |= dict.fromkeys((FINISH_BADLY, FORWARD_BADLY, REWORK), rework)
        return wanted

    def _draw_times(self, wanted: dict[int, Flags]) -> None:
        """Each step after the one before it; the first finish by the limit, one in 15 late."""
        size = len(self.reported)
        late = self._dice.random(size) < 0.065
        share = np.where(late, self._dice.uniform(1.03, 1.7, size), self._dice.beta(2.0, 2.6, size))
        moment, limit = self.reported, np.zeros(size, np.int64)
        reworked = wanted[REWORK]
        for k, step in enumerate(STEPS):
            wait = (self._dice.lognormal(0.0, 0.65, size) * step.minutes * _MINUTE).astype(np.int64)
            following = moment + wait
            if k in (FINISH_BADLY, FINISH):
                aim = self.at[:, DISPATCH] + (limit * share).astype(np.int64)
                first = ~reworked if k == FINISH else reworked
                following = np.where(first, np.maximum(aim, moment + 5 * _MINUTE), following)
            moment = np.where(wanted[k], following, moment)
            self.at[:, k] = moment
            if k == DISPATCH:
                limit = handling_due(self.standards, moment) - moment

    def _due(self, stage: Stage, k: int) -> Ints:
        entered = self.at[:, k]
        if stage is not Stage.HANDLE:
            return desk_due(stage, entered)
        if k != REWORK:
            return handling_due(self.standards, entered)
        # The clock stood still while the feedback was read and the place was looked at.
        due = self.due[:, DISPATCH].copy()
        for i in np.flatnonzero(self.done[:, REWORK]).tolist():
            pause = ClockPause(
                started_at=as_moment(int(self.at[i, FINISH_BADLY])),
                ended_at=as_moment(int(self.at[i, REWORK])),
            )
            start = as_moment(int(self.at[i, DISPATCH]))
            due[i] = as_micros(clocks.handling_due(self.standards[i], start, [pause]))
        return due


def _closing_due(handling: Ints) -> Ints:
    """When each case must be closed: the handling limit, then the desks after it."""
    due = handling
    for stage in (Stage.FEEDBACK, Stage.CHECK, Stage.CLOSE):
        after = desk_due(stage, due)
        due = np.where(after < 0, due, after)
    return due


def desk_due(stage: Stage, starts: Ints) -> Ints:
    """Due moments of a desk step that began at `starts`; -1 where the city sets no limit."""
    limit = clocks.desk_limits().get(stage)
    if limit is None:
        return np.full_like(starts, -1)
    return _deadlines(starts, limit.amount, limit.unit)


def handling_due(standards: Sequence[Standard], starts: Ints) -> Ints:
    """The departments' deadlines, each by its own standard."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, standard in enumerate(standards):
        groups[str(standard.limit), standard.unit].append(i)
    due = np.empty_like(starts)
    for places in groups.values():
        standard = standards[places[0]]
        due[places] = _deadlines(starts[places], standard.limit, Unit(standard.unit))
    return due


def _deadlines(starts: Ints, limit: Decimal | int, unit: Unit) -> Ints:
    found = deadline_many(clocks.calendar(), starts.view("datetime64[us]"), limit, unit)
    return found.astype("datetime64[us]").view(np.int64)
