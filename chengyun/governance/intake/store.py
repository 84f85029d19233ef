"""A batch of drafts into the tables: known rows found, places found, ids and numbers taken,
three COPYs. Everything in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from chengyun.city.coordinates import System, to_cgcs2000
from chengyun.city.queries import Locator
from chengyun.core.actor import Actor
from chengyun.governance import clocks
from chengyun.governance.flow import Operation
from chengyun.governance.intake import copying
from chengyun.governance.intake.copying import CopyPlan, flag, moment, number, text
from chengyun.governance.intake.directory import Directory
from chengyun.governance.intake.mapping import Mapping
from chengyun.governance.intake.normalise import OPEN_STATE, Draft, Outcome
from chengyun.governance.intake.numbers import receipt_numbers, reserve_case_numbers, reserve_ids
from chengyun.governance.intake.reasons import Notice, Reason
from chengyun.governance.models import Case, CaseRecord, Report, Stage, State
from chengyun.governance.queries import whole_city

CASE_COLUMNS = (
    "id", "number", "state", "channel", "urgency", "origin", "version", "matter_id", "description",
    "address", "geom", "unit_grid_id", "area_id", "district_code", "public", "department_id",
    "scope_areas", "scope_orgs", "scope_matters", "reported_at", "accepted_at", "filed_at",
    "dispatched_at", "signed_at", "handled_at", "closed_at", "handle_due_at", "close_due_at",
    "stage", "stage_started_at", "stage_due_at", "stage_warn_at", "warned", "handle_late",
    "status_note", "updated_at",
)  # fmt: skip
REPORT_COLUMNS = (
    "id", "number", "case_id", "channel", "source", "external_id", "text", "address", "geom",
    "place_note", "matter_id", "reported_at", "received_at", "media_url", "attributes",
)  # fmt: skip
RECORD_COLUMNS = (
    "id", "case_id", "seq", "operation", "from_state", "to_state", "at", "actor_id", "actor_label",
    "receiver_organisation_id", "stage", "stage_started_at", "due_at", "used_seconds", "timed_out",
    "opinion", "data",
)  # fmt: skip
_WARNED_OF_ALL = "2"  # yellow and red were given
_LAST_STEP = {
    State.CLOSED: Operation.CLOSE,
    State.VOIDED: Operation.VOID,
    State.NOT_ACCEPTED: Operation.REFUSE,
}


@dataclass(slots=True)
class Placed:
    """Where a draft's position lies. NaN and 0 stand for "nowhere"."""

    lon: float
    lat: float
    grid_id: int | None
    area_id: int | None
    note: str


@dataclass
class Store:
    """Writes the batches of one run."""

    run_id: int
    mapping: Mapping
    directory: Directory
    locator: Locator
    actor: Actor
    #: Runs of the same command: a number that one of them brought in is a repetition, not known.
    sibling_runs: frozenset[int]
    has_outlines: bool
    cases: CopyPlan = field(default_factory=lambda: CopyPlan(Case, CASE_COLUMNS))
    reports: CopyPlan = field(default_factory=lambda: CopyPlan(Report, REPORT_COLUMNS))
    records: CopyPlan = field(default_factory=lambda: CopyPlan(CaseRecord, RECORD_COLUMNS))

    def put(self, outcomes: Sequence[Outcome], now: datetime) -> tuple[int, int]:
        """Put the drafts among ``outcomes`` in; repetitions become rejections there.

        Returns how many went in and how many were there already.
        """
        fresh, known = self._fresh(outcomes)
        if fresh:
            placed = self._place(fresh)
            rows = [outcome.draft for outcome in fresh if outcome.draft is not None]
            self._copy(rows, placed, now)
        return len(fresh), known

    def _fresh(self, outcomes: Sequence[Outcome]) -> tuple[list[Outcome], int]:
        drafts = [outcome for outcome in outcomes if outcome.draft is not None]
        brought_by = self._brought_by([o.draft.external_id for o in drafts if o.draft])
        seen: set[str] = set()
        fresh: list[Outcome] = []
        known = 0
        for outcome in drafts:
            assert outcome.draft is not None
            name = outcome.draft.external_id
            if name in seen or brought_by.get(name) in self.sibling_runs:
                outcome.draft = None
                outcome.reject(Reason.DUPLICATE_ID, "external_id", name)
            elif name in brought_by:
                known += 1
            else:
                seen.add(name)
                fresh.append(outcome)
        return fresh, known

    def _brought_by(self, external_ids: list[str]) -> dict[str, int]:
        """Which of the ids are there, and the run that brought them (0: another door)."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT r.external_id, COALESCE((first.data ->> 'import')::bigint, 0)
                   FROM governance_report r
                   LEFT JOIN governance_caserecord first
                          ON first.case_id = r.case_id AND first.seq = 1
                   WHERE r.source = %s AND r.external_id <> '' AND r.external_id = ANY (%s)""",
                [self.mapping.source, external_ids],
            )
            return dict(cursor.fetchall())

    def _place(self, fresh: Sequence[Outcome]) -> list[Placed]:
        drafts = [outcome.draft for outcome in fresh if outcome.draft is not None]
        given_lon = np.array([draft.lon for draft in drafts])
        given_lat = np.array([draft.lat for draft in drafts])
        lons, lats = to_cgcs2000(given_lon, given_lat, System(self.mapping.coordinates))
        trusted = np.array([not draft.default_point for draft in drafts])
        grids, areas = self.locator.locate(
            np.where(trusted, lons, np.nan), np.where(trusted, lats, np.nan)
        )
        placed: list[Placed] = []
        by_position_first = self.mapping.rules.area_from[:1] != ["field"]
        use_field = "field" in self.mapping.rules.area_from
        use_position = "position" in self.mapping.rules.area_from
        for i, (outcome, draft) in enumerate(zip(fresh, drafts, strict=True)):
            grid_id, found = int(grids[i]) or None, (int(areas[i]) or None)
            nowhere = bool(np.isnan(lons[i]))
            note = ""
            if nowhere:
                note = "none"
            elif draft.default_point:
                note = "default_point"
            elif found is None and self.has_outlines:
                note = "outside"
                outcome.notices.append(Notice.OUTSIDE_CITY)
            named = draft.area_id if use_field else None
            found = found if use_position else None
            area_id = (found or named) if by_position_first else (named or found)
            placed.append(Placed(float(lons[i]), float(lats[i]), grid_id, area_id, note))
        return placed

    def _copy(self, drafts: Sequence[Draft], placed: Sequence[Placed], now: datetime) -> None:
        count = len(drafts)
        case_ids, report_ids = reserve_ids(Case, count), reserve_ids(Report, count)
        numbers = self._case_numbers(drafts, placed)
        receipts = receipt_numbers([draft.reported_at for draft in drafts])
        self.cases.copy(
            self._case_row(case_ids[i], numbers[i], drafts[i], placed[i], now) for i in range(count)
        )
        self.reports.copy(
            self._report_row(report_ids[i], receipts[i], case_ids[i], drafts[i], placed[i], now)
            for i in range(count)
        )
        steps = sum(2 if draft.state != OPEN_STATE else 1 for draft in drafts)
        record_ids = iter(reserve_ids(CaseRecord, steps))
        self.records.copy(
            (str(next(record_ids)), *row)
            for i in range(count)
            for row in self._record_rows(case_ids[i], drafts[i])
        )

    def _case_numbers(self, drafts: Sequence[Draft], placed: Sequence[Placed]) -> list[str | None]:
        zone: ZoneInfo = clocks.calendar().tz
        wanted: list[tuple[date, str]] = []
        for draft, place in zip(drafts, placed, strict=True):
            if _filed(draft):
                day = draft.inner.get("filed_at", draft.reported_at).astimezone(zone).date()
                wanted.append((day, self.directory.district_of(place.area_id) or "0"))
        numbers = iter(reserve_case_numbers(wanted))
        return [next(numbers) if _filed(draft) else None for draft in drafts]

    def _case_row(
        self, pk: int, case_number: str | None, draft: Draft, place: Placed, now: datetime
    ) -> tuple[str, ...]:
        filed, still_open = _filed(draft), draft.state == OPEN_STATE
        state = _open_state(draft) if still_open else State(draft.state)
        handling = state is State.HANDLING
        organisation = self.directory.organisations.get(draft.department_id or 0)
        matter = self.directory.matters.get(draft.matter_id or 0)
        area = self.directory.areas.get(place.area_id or 0)
        inner = {name: str(at) for name, at in draft.inner.items()}
        # Steps of which the file says nothing were done when the request came in.
        opened, due = str(draft.reported_at), moment(draft.due_at)
        dispatched = inner.get("dispatched_at", opened)
        with_department = filed and (handling or not still_open)
        closed = draft.closed_at if state is State.CLOSED else None
        handled = draft.inner.get("handled_at", closed) if closed else None
        started = draft.inner.get("dispatched_at", draft.reported_at) if handling else None
        warn_at = clocks.warn_at(started, draft.due_at) if started else None
        overdue = handling and draft.due_at is not None and draft.due_at < now
        null = copying.NULL
        return (
            str(pk),
            case_number or null,
            state,
            draft.channel,
            draft.urgency,
            "import",
            "1" if still_open else "2",
            number(draft.matter_id),
            text(draft.text),
            text(draft.address),
            null if place.note else copying.point(place.lon, place.lat),
            number(place.grid_id),
            number(place.area_id),
            self.directory.district_of(place.area_id),
            flag(self.mapping.rules.public),
            number(draft.department_id),
            copying.array(area.ancestors if area else tuple(whole_city())),
            copying.array(tuple(sorted(organisation.ancestors)) if organisation else ()),
            copying.array(matter.tokens if matter else ()),
            opened,
            inner.get("accepted_at", opened) if filed else null,
            inner.get("filed_at", opened) if filed else null,
            dispatched if with_department else null,
            inner.get("signed_at", dispatched) if with_department else null,
            moment(handled),
            moment(closed),
            due,
            due,
            _stage(state) if still_open else "",
            (dispatched if handling else opened) if still_open else null,
            due if handling else null,
            moment(warn_at),
            # What ran out before we knew of it is not warned about any more.
            _WARNED_OF_ALL if overdue else "0",
            flag(_late(draft, handled)),
            "" if still_open else text(draft.closing_note),
            str(now),
        )

    def _report_row(
        self, pk: int, receipt: str, case_id: int, draft: Draft, place: Placed, now: datetime
    ) -> tuple[str, ...]:
        return (
            str(pk),
            receipt,
            str(case_id),
            draft.channel,
            text(self.mapping.source),
            text(draft.external_id),
            text(draft.text),
            text(draft.address),
            copying.point(place.lon, place.lat),
            place.note,
            number(draft.matter_id),
            str(draft.reported_at),
            str(now),
            text(draft.media_url),
            copying.json_text(draft.attributes),
        )

    def _record_rows(self, case_id: int, draft: Draft) -> list[tuple[str, ...]]:
        """The case's life as far as the file tells it: how it came in, how it ended."""
        before = _open_state(draft)
        opened, null = str(draft.reported_at), copying.NULL
        who = (number(self.actor.user_id), text(self.actor.label))
        data = copying.json_text({"import": self.run_id, "line": draft.line})
        first = (
            str(case_id), "1", Operation.RECEIVE, "", before, opened, *who,
            number(draft.department_id), "", null, null, null, "f", "", data,
        )  # fmt: skip
        if draft.state == OPEN_STATE:
            return [first]
        state = State(draft.state)
        end = draft.closed_at or draft.reported_at
        started = draft.inner.get("dispatched_at", draft.reported_at)
        handled = draft.inner.get("handled_at", end)
        used = max(0, int((handled - started).total_seconds()))
        late = _late(draft, handled if state is State.CLOSED else None)
        last = (
            str(case_id), "2", _LAST_STEP[state], before, state, str(end), *who,
            null, _stage(before), str(started), moment(draft.due_at), str(used),
            flag(late), text(draft.closing_note), data,
        )  # fmt: skip
        return [first, last]


def _filed(draft: Draft) -> bool:
    """Voided and refused requests never got as far as a number."""
    return draft.state in (OPEN_STATE, State.CLOSED.value)


def _open_state(draft: Draft) -> State:
    """Where a request stands, or stood before its end."""
    if not _filed(draft):
        return State.REPORTED
    return State.PENDING_DISPATCH if draft.department_id is None else State.HANDLING


def _stage(state: State) -> Stage:
    stages = {State.HANDLING: Stage.HANDLE, State.PENDING_DISPATCH: Stage.DISPATCH}
    return stages.get(state, Stage.ACCEPT)


def _late(draft: Draft, handled: datetime | None) -> bool:
    return draft.due_at is not None and handled is not None and handled > draft.due_at
