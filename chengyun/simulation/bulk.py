"""Many cases by COPY, for benches and a past: whole lives, consistent in state, clock and record.

Words, places and matters come from the same stream of reports as a played day, numbers from the
same counters as filing. There are no audit entries and no live events: nobody did anything.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import connection, transaction

from chengyun.city.queries import catalogue, locate_many
from chengyun.core import clock
from chengyun.core.models import Organisation, Role
from chengyun.governance import clocks
from chengyun.governance.flow import Operation
from chengyun.governance.intake import copying
from chengyun.governance.intake.copying import NULL, CopyPlan, flag, number, text
from chengyun.governance.intake.numbers import receipt_numbers, reserve_case_numbers, reserve_ids
from chengyun.governance.models import (
    PUBLIC_CHANNELS,
    Case,
    CaseRecord,
    ClockPause,
    Report,
    Stage,
    Standard,
    State,
)
from chengyun.governance.queries import responsible_department
from chengyun.simulation import lives
from chengyun.simulation.cast import Cast
from chengyun.simulation.city import Progress, no_progress
from chengyun.simulation.lives import REPORTED, STEPS, Ints, Lives, Step, as_micros, as_moment
from chengyun.simulation.scale import EDITION, chance, chance_array
from chengyun.simulation.scenery import scenery_of_database
from chengyun.simulation.stream import ZONE, Said, Stream, volume

SOURCE = "simulation-bulk"
_BATCH = 10_000
# So many different reports are enough: they come in at other times and take other ways.
_SAMPLES_AT_MOST = 20_000
# So many people share the work of one post in one place.
_TURNS = 5
_DAY = 86_400_000_000
_NATURAL = ("urgent_hour", "urgent_day", "natural_day")

CASE_COLUMNS = (
    "id", "number", "state", "channel", "version", "matter_id", "standard_id", "description",
    "address", "geom", "unit_grid_id", "area_id", "district_code", "department_id", "scope_areas",
    "scope_orgs", "scope_matters", "reported_at", "accepted_at", "verified_at", "filed_at",
    "dispatched_at", "signed_at", "handled_at", "checked_at", "closed_at", "accept_due_at",
    "verify_due_at", "file_due_at", "dispatch_due_at", "handle_due_at", "check_due_at",
    "close_due_at", "stage", "stage_started_at", "stage_due_at", "stage_warn_at",
    "verify_result", "check_result", "handle_late", "rework_count", "wrong_dispatch_count",
    "status_note", "updated_at",
)  # fmt: skip
REPORT_COLUMNS = (
    "id", "number", "case_id", "channel", "source", "external_id", "text", "address", "geom",
    "matter_id", "reported_at", "received_at",
)  # fmt: skip
RECORD_COLUMNS = (
    "id", "case_id", "seq", "operation", "from_state", "to_state", "at", "actor_id", "actor_label",
    "actor_role", "actor_organisation_id", "receiver_organisation_id", "stage",
    "stage_started_at", "due_at", "used_seconds", "timed_out",
)  # fmt: skip
PAUSE_COLUMNS = ("id", "case_id", "reason", "started_at", "ended_at")


@dataclass(frozen=True)
class Sample:
    """One report of the stream with what is the same whenever it comes in. `place` is text and
    address, ready for COPY; `scopes` are the codes of areas, organisations and matters."""

    said: Said
    microsecond: int
    matter: int
    area: int
    grid: int | None
    place: tuple[str, str]
    scopes: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    department: int
    standards: tuple[Standard, ...]

    @property
    def street(self) -> str:
        """Code of the street, or of what there is."""
        return self.said.truth.community[:9]


@dataclass(frozen=True)
class Filled:
    """What a run put in."""

    cases: int
    records: int
    seconds: float


def fill(
    cases: int,
    *,
    days: int = 365,
    seed: int = 1,
    ended: bool = False,
    progress: Progress = no_progress,
) -> Filled:
    """Put in `cases` cases reported in the last `days` days, batch by batch, each in a
    transaction of its own. Called again it adds more. With `ended` those that are still under way
    by now are left out, so that nothing waits for anybody."""
    started = time.monotonic()
    filler = _Filler(seed, days, min(_SAMPLES_AT_MOST, cases // 4 + 500), ended)
    put = records = 0
    for begin in range(0, cases, _BATCH):
        size = min(_BATCH, cases - begin)
        with transaction.atomic():
            batch = filler.put(size)
        put, records = put + batch.cases, records + batch.records
        progress("cases", begin + size, cases)
    with connection.cursor() as cursor:
        for model in (Case, Report, CaseRecord, ClockPause):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    return Filled(put, records, time.monotonic() - started)


@dataclass(frozen=True)
class _Put:
    """What a batch put in."""

    cases: int
    records: int


class _Filler:
    def __init__(self, seed: int, days: int, variety: int, ended: bool) -> None:
        self.seed = seed
        self.ended = ended
        self.now = clock.now()
        self.first_day = self.now.astimezone(ZONE).date() - timedelta(days=days - 1)
        self.samples = samples(seed, self.first_day, variety)
        self.people = _People(seed)
        weights = [volume(self.first_day + timedelta(days=n), 1000, seed) for n in range(days)]
        self.odds = np.array(weights) / sum(weights)
        self.serial = Report.objects.filter(source=SOURCE).count()
        self.cases = CopyPlan(Case, CASE_COLUMNS)
        self.reports = CopyPlan(Report, REPORT_COLUMNS)
        self.records = CopyPlan(CaseRecord, RECORD_COLUMNS)
        self.pauses = CopyPlan(ClockPause, PAUSE_COLUMNS)

    def put(self, size: int) -> _Put:
        """Write one batch of `size` lives, of which some may be left out."""
        dice = chance_array(self.seed, "bulk", self.serial)
        picked = [self.samples[i] for i in dice.integers(0, len(self.samples), size).tolist()]
        turns = dice.integers(0, 10_000, size).tolist()
        standards = [s.standards[t % len(s.standards)] for s, t in zip(picked, turns, strict=True)]
        public = np.array([s.said.channel in PUBLIC_CHANNELS for s in picked])
        reported = self._reported(picked, dice)
        batch = Lives(reported, public, standards, self.now, dice)
        kept = np.flatnonzero(batch.ended) if self.ended else np.arange(size)
        ids = reserve_ids(Case, len(kept))
        written = [
            _Written(pk, picked[i], turns[i], batch, i, self.people)
            for pk, i in zip(ids, kept.tolist(), strict=True)
        ]
        self._number(written)
        self.cases.copy(w.case_row() for w in written)
        self._copy_reports(written, reported[kept])
        rows = [row for w in written for row in w.records]
        record_ids = reserve_ids(CaseRecord, len(rows))
        self.records.copy((str(pk), *row) for pk, row in zip(record_ids, rows, strict=True))
        pauses = [row for w in written for row in w.pause_rows()]
        pause_ids = reserve_ids(ClockPause, len(pauses))
        self.pauses.copy((str(pk), *row) for pk, row in zip(pause_ids, pauses, strict=True))
        self.serial += len(written)
        return _Put(len(written), len(rows))

    def _reported(self, picked: Sequence[Sample], dice: np.random.Generator) -> Ints:
        """A day by the city's volume, the time of day of the sample."""
        days = dice.choice(len(self.odds), len(picked), p=self.odds).astype(np.int64)
        midnight = as_micros(datetime.combine(self.first_day, datetime.min.time(), ZONE))
        moments: Ints = midnight + days * _DAY + np.array([s.microsecond for s in picked])
        # What would be said later today was said a day before.
        return np.where(moments >= as_micros(self.now), moments - _DAY, moments)

    def _number(self, written: "Sequence[_Written]") -> None:
        zone = clocks.calendar().tz
        filed = [w for w in written if w.done[lives.FILE]]
        wanted: list[tuple[date, str]] = [
            (as_moment(w.micros[lives.FILE + 1]).astimezone(zone).date(), w.sample.street[:6])
            for w in filed
        ]
        for case, given in zip(filed, reserve_case_numbers(wanted), strict=True):
            case.number = given

    def _copy_reports(self, written: "Sequence[_Written]", reported: Ints) -> None:
        moments = [as_moment(micros) for micros in reported.tolist()]
        ids, receipts = reserve_ids(Report, len(written)), receipt_numbers(moments)
        self.reports.copy(
            (
                str(ids[i]),
                receipts[i],
                str(w.pk),
                w.sample.said.channel,
                SOURCE,
                str(self.serial + i),
                *w.sample.place,
                w.point,
                str(w.sample.matter),
                w.at[REPORTED],
                w.at[REPORTED],
            )
            for i, w in enumerate(written)
        )


class _Written:
    """One life on its way into the tables: its records, and the state they lead to. Moments are
    texts for COPY in `at` and `due`; the first column of both is the report's."""

    def __init__(
        self, pk: int, sample: Sample, turn: int, batch: Lives, i: int, people: "_People"
    ) -> None:
        self.pk, self.sample, self.number = pk, sample, NULL
        self.standard = batch.standards[i]
        self.done: list[bool] = batch.done[i].tolist()
        self.refused = bool(batch.refused[i])
        self.micros: list[int] = batch.micros[i].tolist()
        self.due_micros: list[int] = batch.due_micros[i].tolist()
        self.at, self.due, self.closing_due = batch.texts[i], batch.due_texts[i], batch.closing[i]
        self.state, self.stage = State.REPORTED, Stage.ACCEPT.value
        # Columns of the moment at which the stage was entered, and of the last step.
        self.since = self.last = REPORTED
        self.late = False
        self.point = copying.point(sample.said.truth.lon, sample.said.truth.lat)
        self.records: list[tuple[str, ...]] = [
            (
                str(pk), "1", Operation.RECEIVE.value, "", State.REPORTED.value,
                self.at[REPORTED], NULL, "市民 citizen", "", NULL, NULL, "", NULL, NULL, NULL, "f",
            )
        ]  # fmt: skip
        for k, done in enumerate(self.done):
            if done:
                self._live(k, people.of(STEPS[k].role, sample, turn))

    def _live(self, k: int, person: tuple[str, str, str]) -> None:
        """Do step `k`: a record, and the clocks it moves."""
        step, column, since = STEPS[k], k + 1, self.since
        due = self.due_micros[since]
        out = step.stops and 0 <= due < self.micros[column]
        dispatch = step.operation is Operation.DISPATCH
        self.records.append(
            (
                str(self.pk), str(len(self.records) + 1), step.operation.value, step.source.value,
                step.target.value, self.at[column], *person[:2], step.role.value, person[2],
                str(self.sample.department) if dispatch else NULL, step.left.value,
                self.at[since], self.due[since], self._used(step, column), flag(out),
            )
        )  # fmt: skip
        if step.operation is Operation.FINISH:
            self.late = self.late or out
        self.state, self.last = step.target, column
        if step.stops:
            self.stage = step.entered.value if step.entered else ""
            self.since = column

    def _used(self, step: Step, column: int) -> str:
        """Seconds that the step took by the clock of its stage; NULL when the clock runs on."""
        if not step.stops:
            return NULL
        start, end = self.micros[self.since], self.micros[column]
        unit = self.standard.unit if step.left is Stage.HANDLE else ""
        if unit in _NATURAL:
            return str((end - start) // 1_000_000)
        start_at, end_at = as_moment(start), as_moment(end)
        return str(clocks.used_seconds(start_at, end_at, self.standard, step.left))

    def case_row(self) -> tuple[str, ...]:
        """The row of `CASE_COLUMNS`."""
        sample, done = self.sample, self.done
        sent = self._latest(lives.DISPATCH_WRONG, lives.DISPATCH)
        with_department = sent is not None and self.state is not State.PENDING_DISPATCH
        checked = self._latest(lives.REWORK, lives.PASS)
        reworking = self.state is State.HANDLING and done[lives.REWORK]
        handled = None if reworking else self._latest(lives.FINISH_BADLY, lives.FINISH)
        handling = self._latest(lives.DISPATCH_WRONG, lives.DISPATCH, lives.REWORK)
        return (
            str(self.pk),
            self.number,
            self.state.value,
            sample.said.channel,
            str(len(self.records)),
            str(sample.matter),
            str(self.standard.pk) if done[lives.FILE] else NULL,
            *sample.place,
            self.point,
            number(sample.grid),
            str(sample.area),
            sample.street[:6],
            str(sample.department) if with_department else NULL,
            copying.array(sample.scopes[0]),
            copying.array(sample.scopes[1] if sent is not None else ()),
            copying.array(sample.scopes[2]),
            self.at[REPORTED],
            self._time(self._latest(lives.ACCEPT, lives.SEND_VERIFY)),
            self._time(self._latest(lives.VERIFY)),
            self._time(self._latest(lives.FILE)),
            self._time(sent if with_department else None),
            self._time(self._latest(lives.SIGN)),
            self._time(handled),
            self._time(checked),
            self._time(self._latest(lives.CLOSE)),
            self.due[REPORTED],
            self._due(lives.SEND_VERIFY),
            self._due(lives.ACCEPT, lives.VERIFY),
            self._due(lives.FILE, lives.RETURN),
            self._due(handling) if with_department and handling is not None else NULL,
            self._due(lives.FORWARD_BADLY, lives.FORWARD),
            self.closing_due if with_department else NULL,
            self.stage,
            self.at[self.since] if self.stage else NULL,
            self.due[self.since] if self.stage else NULL,
            self._warning(),
            ("not_exists" if self.refused else "exists") if done[lives.VERIFY] else "",
            "" if checked is None else "pass" if done[lives.PASS] else "fail",
            flag(self.late),
            "1" if done[lives.REWORK] else "0",
            "1" if done[lives.RETURN] else "0",
            text(self.standard.closing_zh) if done[lives.CLOSE] else "",
            self.at[self.last],
        )

    def pause_rows(self) -> list[tuple[str, ...]]:
        """The handling clock stands still while a result is read and looked at."""
        rows: list[tuple[str, ...]] = []
        for k in (lives.FINISH_BADLY, lives.FINISH):
            if self.done[k]:
                again = k == lives.FINISH_BADLY and self.done[lives.REWORK]
                ended = self._time(lives.REWORK) if again else NULL
                rows.append((str(self.pk), "review", self._time(k), ended))
        return rows

    def _latest(self, *steps: int) -> int | None:
        """The last of the steps that was done."""
        for k in reversed(steps):
            if self.done[k]:
                return k
        return None

    def _time(self, k: int | None) -> str:
        return NULL if k is None else self.at[k + 1]

    def _due(self, *steps: int) -> str:
        k = self._latest(*steps)
        return NULL if k is None else self.due[k + 1]

    def _warning(self) -> str:
        if not self.stage or self.due_micros[self.since] < 0:
            return NULL
        start, due = self.micros[self.since], self.due_micros[self.since]
        return copying.moment(clocks.warn_at(as_moment(start), as_moment(due)))


class _People:
    """Who does a step: a few people per post and place, picked once and kept."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.cast = Cast()
        self._known: dict[tuple[Role, str, int], tuple[str, str, str]] = {}

    def of(self, role: Role, sample: Sample, turn: int) -> tuple[str, str, str]:
        """Id, name and organisation, ready for COPY."""
        turn %= _TURNS
        where = str(sample.department) if role is Role.DEPARTMENT else sample.street
        key = (role, where, turn)
        if key not in self._known:
            dice = chance(self.seed, "bulk", *key)
            actor = (
                self.cast.of(role, sample.department, dice)
                if role is Role.DEPARTMENT
                else self.cast.at(role, (sample.street, sample.street[:6]), dice)
            )
            user = actor.user if actor else None
            self._known[key] = (
                (str(user.pk), text(user.display_name), number(user.organisation_id))
                if user
                else (NULL, "", NULL)
            )
        return self._known[key]


def samples(seed: int, first_day: date, count: int) -> list[Sample]:
    """About `count` reports of six days of the stream, place and department looked up."""
    stream = Stream(scenery_of_database(), seed)
    said = [
        one
        for n in range(0, 360, 60)
        for one in stream.day(first_day + timedelta(days=n), count // 6)
    ]
    grids, areas = locate_many([s.truth.lon for s in said], [s.truth.lat for s in said])
    known = catalogue()
    matters = {m.code: m for m in known.matters_of(EDITION)}
    standards: dict[int, list[Standard]] = {}
    for standard in Standard.objects.filter(valid_until=None).order_by("id"):
        standards.setdefault(standard.matter_id, []).append(standard)
    bodies: dict[tuple[int, str], Organisation | None] = {}
    found: list[Sample] = []
    for one, grid, area in zip(said, grids.tolist(), areas.tolist(), strict=True):
        matter, place = matters.get(one.truth.matter), known.areas.get(area)
        if matter is None or place is None or matter.id not in standards:
            continue
        key = (matter.id, one.truth.community[:9])
        if key not in bodies:
            bodies[key] = responsible_department(matter.tokens, place.ancestors)
        body = bodies[key]
        if body is None:
            continue
        midnight = one.at.replace(hour=0, minute=0, second=0, microsecond=0)
        found.append(
            Sample(
                said=one,
                microsecond=(one.at - midnight) // timedelta(microseconds=1),
                matter=matter.id,
                area=area,
                grid=grid or None,
                place=(text(one.text), text(one.address)),
                scopes=(place.ancestors, tuple(sorted(body.ancestors)), matter.tokens),
                department=body.pk,
                standards=tuple(standards[matter.id]),
            )
        )
    return found
