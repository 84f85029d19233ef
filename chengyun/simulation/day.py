"""Plays days of a city through the real actions, on a simulated clock."""

import heapq
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection

from chengyun.city.queries import catalogue
from chengyun.core import audit, clock
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, Role
from chengyun.core.problems import Conflict, Invalid, Problem
from chengyun.core.words import Both
from chengyun.governance.actions import NewContact, Receipt, receive_report, self_handle
from chengyun.governance.models import OPEN, Case, Channel, State
from chengyun.simulation.cast import Cast
from chengyun.simulation.city import Progress, no_progress
from chengyun.simulation.life import Life
from chengyun.simulation.remarks import remark
from chengyun.simulation.scale import EDITION, chance
from chengyun.simulation.scenery import Scenery, scenery_of_database
from chengyun.simulation.stream import ZONE, Said, Stream, volume
from chengyun.simulation.weather import weather_on

PLAYED = "simulation.day.play"
SOURCE = "simulation"
CASES_PER_REAL_DAY = 16_000
_EVERY = 50


@dataclass
class Played:
    """What a play did. `refused` holds the sentences of steps that the platform refused."""

    reports: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def summary(self) -> Both:
        """The one line that says how fast it went."""
        total = sum(self.operations.values())
        days = self.reports / CASES_PER_REAL_DAY
        pace = days / self.seconds * 3600 if self.seconds else 0.0
        return Both(
            f"案件 {self.reports:,} 件，操作 {total:,} 次，用时 {self.seconds:,.1f} 秒 "
            f"→ 本机每小时可推演 {pace:.2f} 个青岛日",
            f"{self.reports:,} cases, {total:,} operations in {self.seconds:,.1f} s "
            f"→ {pace:.2f} Qingdao-days per hour on this machine",
        )


class Play:
    """People, places and the queue of what happens next. One play may run over many days."""

    def __init__(
        self, *, seed: int, scenery: Scenery | None = None, progress: Progress = no_progress
    ) -> None:
        self.seed = seed
        self.stream = Stream(scenery or scenery_of_database(), seed)
        self.cast = Cast()
        self.played = Played()
        self.progress = progress
        self.matter_ids = {m.code: m.id for m in catalogue().matters_of(EDITION)}
        self._queue: list[tuple[datetime, int, Iterator[datetime]]] = []
        self._serial = 0
        self._mains: dict[str, int] = {}
        self._alive: set[int] = set()

    def adopt_open_cases(self, moment: datetime) -> None:
        """Take up the cases of earlier days where they stand at `moment`."""
        cases = Case.objects.filter(
            state__in=[s.value for s in OPEN], origin="live", reported_at__lt=moment
        )
        for case in cases.select_related("standard", "handler", "matter").order_by("id"):
            life = self._life(case, None, chance(self.seed, "adopted", case.pk, case.version))
            # Spread over the first hour, as people come in and open their lists.
            at = max(moment, case.updated_at) + timedelta(seconds=life.dice.uniform(0, 3600))
            self._alive.add(case.pk)
            self._push(at, life.run())

    def plan_day(self, day: date, count: int, run: int = 1) -> None:
        """Put the reports of a day into the queue; `run` tells apart plays of the same day."""
        stream = self.stream if run == 1 else Stream(self.stream.scenery, self.seed + run * 1000)
        for said in stream.day(day, count):
            self._push(said.at, self._arrival(said, day, run))

    def run(self, until: datetime, total: int | None = None) -> None:
        """Play everything that happens before `until`; the rest stays in the queue."""
        started = time.monotonic()
        while self._queue and self._queue[0][0] < until:
            moment, _, script = heapq.heappop(self._queue)
            with clock.at(moment):
                try:
                    wanted = next(script, None)
                except Problem as problem:
                    self.played.refused.append(problem.en or str(problem))
                    continue
            if wanted is not None:
                self._push(wanted, script)
            if sum(self.played.operations.values()) % _EVERY == 0:
                self.progress("reports", self.played.reports, total)
        self.progress("reports", self.played.reports, total)
        self.played.seconds += time.monotonic() - started

    def _push(self, moment: datetime, script: Iterator[datetime]) -> None:
        self._serial += 1
        heapq.heappush(self._queue, (moment, self._serial, script))

    def _arrival(self, said: Said, day: date, run: int) -> Iterator[datetime]:
        """A report comes in; from then on its case has a life of its own."""
        dice = chance(self.seed, "life", day, run, said.external_id)
        reporter = self._reporter(said)
        receipt = self._receive(said, reporter, f"{run}-{said.external_id}")
        case, trifle = receipt.case, said.channel == "collector" and dice.random() < 0.03
        if not receipt.created:
            # A play that broke off had taken it in; its case goes on from where it stands.
            if case.pk in self._alive:
                return
            self._alive.add(case.pk)
            if case.updated_at > clock.now():
                yield case.updated_at + timedelta(minutes=dice.uniform(1, 5))
        else:
            self._alive.add(case.pk)
            self._did("receive")
            self.played.reports += 1
        if trifle and case.state == State.REPORTED:
            yield clock.now() + timedelta(minutes=dice.uniform(2, 15))
            self_handle(actor=reporter, case_id=case.pk, opinion=remark("self", dice))
            self._did("self_handle")
            return
        incident = f"{day}-{run}-{said.truth.incident}"
        self._mains.setdefault(incident, case.pk)
        yield from self._life(case, said, dice, incident).run()

    def _receive(self, said: Said, reporter: Actor, external_id: str) -> Receipt:
        contact = NewContact(name=said.name, phone=said.phone) if said.phone else None
        place = {"lon": said.lon, "lat": said.lat}
        for attempt in (place, {"lon": None, "lat": None}):
            try:
                return receive_report(
                    actor=reporter,
                    channel=Channel(said.channel),
                    text=said.text,
                    address=said.address,
                    matter_id=self.matter_ids.get(said.matter or ""),
                    component_code=said.component,
                    contact=contact,
                    source=SOURCE,
                    external_id=external_id,
                    **attempt,
                )
            except Invalid as problem:
                # A citizen's finger landed in the sea: the words still count.
                if problem.field != "lon" or attempt is not place:
                    raise
        raise AssertionError("unreachable")

    def _reporter(self, said: Said) -> Actor:
        if said.channel in ("citizen", "open311"):
            return Actor.citizen()
        if said.channel in ("video", "alarm"):
            return Actor.system("视频巡查" if said.channel == "video" else "物联感知")
        dice = chance(self.seed, "reporter", said.external_id)
        areas = (said.truth.community[:9], said.truth.community[:6])
        role = Role.COLLECTOR if said.channel == "collector" else Role.ACCEPTOR
        return self.cast.at(role, areas, dice)

    def _life(self, case: Case, said: Said | None, dice: random.Random, incident: str = "") -> Life:
        def main() -> Case | None:
            first = self._mains.get(incident)
            if first is None or first == case.pk:
                return None
            return Case.objects.filter(pk=first, state__in=[s.value for s in OPEN]).first()

        return Life(
            case,
            said.truth if said else None,
            self.cast,
            dice,
            main=main,
            matter_ids=self.matter_ids,
            did=self._did,
        )

    def _did(self, operation: str) -> None:
        self.played.operations[operation] += 1


def play_day(
    day: date,
    *,
    cases: int | None,
    seed: int = 1,
    until: datetime | None = None,
    again: bool = False,
    progress: Progress = no_progress,
) -> Played:
    """Play one day: `cases` reports come in (None: as many as the city would have), and everybody
    works on them and on what was open before, up to `until` (default: the end of the day).

    Raises Conflict when the day was played before, unless `again`.
    """
    run = _next_run(day, again)
    play = Play(seed=seed, progress=progress)
    start = datetime.combine(day, datetime.min.time(), ZONE)
    end = start + timedelta(days=1)
    count = volume(day, CASES_PER_REAL_DAY, seed) if cases is None else cases
    _without_waiting_for_the_disk()
    play.adopt_open_cases(start)
    play.plan_day(day, count, run)
    play.run(min(until or end, end), count)
    _note(day, play.played.reports, seed)
    return play.played


def play_history(
    first: date,
    days: int,
    *,
    per_day: int,
    seed: int = 1,
    progress: Progress = no_progress,
) -> Played:
    """Play `days` days from `first` on as one story; days that were played before are left out."""
    play = Play(seed=seed, progress=progress)
    _without_waiting_for_the_disk()
    play.adopt_open_cases(datetime.combine(first, datetime.min.time(), ZONE))
    counts = {
        day: volume(day, per_day, seed)
        for day in (first + timedelta(days=n) for n in range(days))
        if not _was_played(day)
    }
    for day, count in counts.items():
        play.plan_day(day, count)
        before = play.played.reports
        play.run(
            datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE),
            sum(counts.values()),
        )
        _note(day, play.played.reports - before, seed)
    return play.played


def _was_played(day: date) -> int:
    """How often the day was played."""
    return AuditEntry.objects.filter(action=PLAYED, object_id=day.isoformat()).count()


def _next_run(day: date, again: bool) -> int:
    before = _was_played(day)
    if before and not again:
        raise Conflict(
            zh=f"{day} 已推演过。",
            en=f"{day} was played already.",
            remedy_zh="换一个日期，或加 --again 再推演一次。",
            remedy_en="Choose another date, or give --again to play it once more.",
        )
    return before + 1


def _note(day: date, reports: int, seed: int) -> None:
    """The audit log itself says which days were played; a day that broke off has no entry, and
    playing it again takes it up: reports that came in already are not taken in twice."""
    audit.record(
        actor=Actor.system("simulation"),
        action=PLAYED,
        object_type="simulation.day",
        object_id=day.isoformat(),
        zh=f"推演 {day}（{weather_on(day, seed).in_words()}），上报 {reports} 件",
        en=f"Played {day}: {reports} reports",
    )


def _without_waiting_for_the_disk() -> None:
    """A simulated day that a crash takes away is simply played again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
