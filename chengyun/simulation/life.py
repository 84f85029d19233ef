"""The life of one simulated case: what the people round it do next, and when.

A life is a generator. It yields the moment at which it wants to go on; whoever drives it sets the
clock to that moment and resumes it, and then it performs a real action of governance. It follows
the state that the action left, so a case found open in the database can be taken up anywhere.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from chengyun.core import clock
from chengyun.core.actor import Actor
from chengyun.core.models import Role
from chengyun.governance import actions
from chengyun.governance.models import (
    PUBLIC_CHANNELS,
    Case,
    Report,
    Standard,
    State,
    Task,
)
from chengyun.governance.queries import standards_of
from chengyun.simulation.cast import Cast
from chengyun.simulation.remarks import remark
from chengyun.simulation.stream import ZONE, Truth

_URGENT = ("urgent_hour", "urgent_day")
# Districts where the stricter class of limits holds, and those with the middle one.
_CLASS_A, _CLASS_B = ("370202",), ("370203", "370212", "370213")

Moments = Iterator[datetime]


class Life:
    """One case and its dice. `main` gives the open case of an earlier report of the same incident,
    if there is one; `matter_ids` gives the id of a matter by its code."""

    def __init__(
        self,
        case: Case,
        truth: Truth | None,
        cast: Cast,
        dice: random.Random,
        *,
        main: Callable[[], Case | None],
        matter_ids: dict[str, int],
        did: Callable[[str], None],
    ) -> None:
        self.case = case
        self.truth = truth
        self.cast = cast
        self.dice = dice
        self.main = main
        self.matter_ids = matter_ids
        self.did = did
        self.sent_wrong = False

    def run(self) -> Moments:
        """Go on from the present state until the case rests."""
        scripts: dict[str, Callable[[], Moments]] = {
            State.REPORTED: self._reported,
            State.PENDING_VERIFY: self._to_verify,
            State.PENDING_FILE: self._to_file,
            State.PENDING_DISPATCH: self._to_dispatch,
            State.PENDING_HANDLE: self._to_sign,
            State.HANDLING: self._handling,
            State.PENDING_FEEDBACK: self._fed_back,
            State.PENDING_CHECK: self._to_check,
            State.PENDING_CLOSE: self._to_close,
            State.SUSPENDED: self._paused,
            State.DEFERRED: self._paused,
            State.CLOSED: self._closed,
        }
        while self.case.state in scripts:
            before = self.case.version
            yield from scripts[self.case.state]()
            if self.case.version == before or self.case.state == State.CLOSED:
                break
        if self.case.state == State.CLOSED:
            yield from self._appeal()

    # The supervision axis, before filing

    def _reported(self) -> Moments:
        yield self._at_the_desk(8)
        main = self.main()
        if main is not None:
            # Whoever merges must see both cases, which may lie on two sides of a border.
            areas = set(self.case.scope_areas) & set(main.scope_areas)
            acceptor = self.cast.at(Role.ACCEPTOR, areas, self.dice)
            self._do("merge", acceptor, main_id=main.pk, opinion=self._says("merge"))
            return
        acceptor = self._at(Role.ACCEPTOR)
        true = self.truth
        public = self.case.channel in PUBLIC_CHANNELS
        if true and not true.exists and public and self._chance(0.35):
            self._do("refuse", acceptor, opinion=self._says("refuse"))
            return
        if self.case.area_id is None and true:
            self._do(
                "amend", acceptor, lon=true.lon, lat=true.lat, opinion=self._says("amend")
            )  # fmt: skip
            yield self._after(minutes=3)
            acceptor = self._at(Role.ACCEPTOR)
        matter = self._matter_to_accept()
        if matter is None:
            return
        doubtful = 0.9 if public else 0.3 if self.case.channel in ("video", "alarm") else 0.0
        if self._chance(doubtful):
            self._do("send_verify", acceptor, matter_id=matter)
        else:
            self._do("accept", acceptor, matter_id=matter)

    def _matter_to_accept(self) -> int | None:
        if self.truth and (self.case.matter_id is None or self._chance(0.85)):
            return self.matter_ids.get(self.truth.matter, self.case.matter_id)
        return self.case.matter_id

    def _to_verify(self) -> Moments:
        yield self._by_day(45)
        collector = self._assigned("verify")
        there = self.truth is None or self.truth.exists
        result, kind = ("exists", "verified") if there else ("not_exists", "not_there")
        if self._chance(0.015):
            result, kind = "cannot", "cannot"
        self._do("verify", collector, result=result, opinion=self._says(kind))

    def _to_file(self) -> Moments:
        yield self._at_the_desk(10)
        leader = self._at(Role.SHIFT_LEADER)
        if self.case.verify_result in ("not_exists", "cannot"):
            self._do("refuse", leader, opinion=self._says("refuse"))
            return
        if self._chance(0.01):
            self._do("return_report", leader, opinion=self._says("return"))
            return
        standard = self._standard()
        if standard is None:
            return
        missed = self.case.channel in PUBLIC_CHANNELS and self._chance(0.2)
        self._do("file", leader, standard_id=standard.pk, missed_by_patrol=missed)

    def _standard(self) -> Standard | None:
        """One of the matter's conditions, in the limit class of the district."""
        assert self.case.matter_id is not None
        rows = list(standards_of(self.case.matter_id, clock.now()).order_by("id"))
        code = self.case.district_code
        wanted = "A" if code in _CLASS_A else "B" if code in _CLASS_B else "C"
        rows = [row for row in rows if row.limit_class in ("", wanted)] or rows
        # The first conditions of a matter are its gravest; common ones come later.
        return self.dice.choice(rows) if rows else None

    # The command axis and the departments

    def _to_dispatch(self) -> Moments:
        yield self._at_the_desk(9)
        dispatcher = self._at(Role.DISPATCHER)
        right = self.cast.right_department(self.case)
        if right is None:
            return
        again = self.case.wrong_dispatch_count > 0
        self.sent_wrong = not again and self._chance(0.045)
        body = self.cast.wrong_department(right, self.dice) if self.sent_wrong else right
        opinion = self._says("again" if again else "dispatch")
        self._do("dispatch", dispatcher, department_id=body.pk, opinion=opinion)

    def _to_sign(self) -> Moments:
        urgent = self._is_urgent()
        yield self._after(minutes=self._spread(12)) if urgent else self._by_day(35)
        clerk = self._of(Role.DEPARTMENT)
        if clerk is None:
            return
        if self.sent_wrong and self._chance(0.9):
            self._do("return_dispatch", clerk, opinion=self._says("not_ours"))
            return
        self._do("sign", clerk, opinion=self._says("sign"))

    def _handling(self) -> Moments:
        """What happens at a department, in the order of time, until it says that it is done."""
        clerk = self._of(Role.DEPARTMENT)
        if clerk is None:
            return
        handler = self._of(Role.HANDLER)
        if self.case.handler_id is None and handler is not None and self._chance(0.75):
            yield self._after(minutes=self._spread(10))
            self._do("assign", clerk, handler_id=handler.user_id, opinion=self._says("assign"))
        elif self.case.handler is not None:
            handler = self.cast.user(self.case.handler, Role.HANDLER)
        worker = handler if self.case.handler_id and handler else clerk
        yield from self._make_safe(worker)
        yield from self._pressed(clerk)
        yield from self._ask_for_time(clerk)
        if self.case.state != State.HANDLING:
            return
        yield self._done_at()
        self._do("finish", worker, opinion=self._says("finish"))

    def _make_safe(self, worker: Actor) -> Moments:
        due, start = self.case.make_safe_due_at, self.case.dispatched_at
        if due is None or start is None or self.case.make_safe_at or self._chance(0.25):
            return
        yield self._not_before_now(start + (due - start) * self.dice.triangular(0.3, 1.3, 0.7))
        self._do("make_safe", worker, opinion=self._says("make_safe"))

    def _pressed(self, clerk: Actor) -> Moments:
        if self._chance(0.03):
            yield self._by_day(90)
            self._do("urge", self._at(Role.ACCEPTOR), opinion=self._says("urge"))
        if self._chance(0.012):
            yield self._by_day(60)
            leader = self._at(Role.LEADER)
            self._do("supervise", leader, kind="leader", opinion=self._says("supervise"))
            yield self._by_day(50)
            self._do("answer_supervision", clerk, opinion=self._says("answer"))

    def _ask_for_time(self, clerk: Actor) -> Moments:
        """Extension, suspension or deferral; others decide."""
        due = self.case.handle_due_at
        if due is None or self._is_urgent() or due - clock.now() < timedelta(hours=20):
            return
        draw = self.dice.random()
        dispatcher = self._at(Role.DISPATCHER)
        if draw < 0.06:
            yield self._by_day(300, before=due)
            if clock.now() >= due:
                return
            self._do("ask_extension", clerk, opinion=self._says("extend"))
            yield self._by_day(60, before=due)
            if clock.now() < due and self._chance(0.8):
                self._do("grant_extension", dispatcher, opinion=self._says("yes"))
            else:
                self._do("refuse_extension", dispatcher, opinion=self._says("no"))
        elif draw < 0.08:
            yield self._by_day(200, before=due)
            until = clock.now() + timedelta(days=self.dice.randrange(5, 60))
            self._do("ask_suspension", clerk, opinion=self._says("suspend"), until=until)
            yield self._by_day(90)
            if self._chance(0.8):
                self._do("grant_suspension", dispatcher, opinion=self._says("yes"))
            else:
                self._do("refuse_suspension", dispatcher, opinion=self._says("no"))
        elif draw < 0.086:
            yield self._by_day(200, before=due)
            until = clock.now() + timedelta(days=self.dice.randrange(30, 120))
            self._do("ask_deferral", clerk, opinion=self._says("defer"), until=until)
            yield self._by_day(90)
            self._do("endorse_deferral", dispatcher, opinion=self._says("yes"))
            yield self._by_day(90)
            leader = self._at(Role.SHIFT_LEADER)
            self._do("grant_deferral", leader, opinion=self._says("yes"))

    def _done_at(self) -> datetime:
        """Mostly well before the limit, one in fifteen late."""
        due, start = self.case.handle_due_at, self.case.dispatched_at
        assert due is not None
        assert start is not None
        late = self._chance(0.065)
        share = self.dice.uniform(1.03, 1.7) if late else self.dice.betavariate(2.0, 2.6)
        moment = start + (due - start) * share
        if not self._is_urgent():
            moment = self._in_daylight(moment)
            if not late:
                moment = min(moment, due - timedelta(minutes=self.dice.uniform(1, 20)))
        return self._not_before_now(moment)

    def _fed_back(self) -> Moments:
        yield self._at_the_desk(14)
        dispatcher = self._at(Role.DISPATCHER)
        if self._chance(0.02):
            self._do("reject_feedback", dispatcher, opinion=self._says("bad_feedback"))
        else:
            self._do("forward", dispatcher)

    def _paused(self) -> Moments:
        """Wakes by itself; a dispatcher resumes what is past its date and still asleep."""
        if self.case.paused_until and self.case.paused_until <= clock.now():
            yield self._by_day(30)
            self._do("resume", self._at(Role.DISPATCHER), opinion="")

    # The supervision axis, after handling

    def _to_check(self) -> Moments:
        yield self._by_day(50)
        collector = self._assigned("check")
        draw = self.dice.random()
        if draw < 0.055 and self.case.rework_count < 2:
            self._do("rework", collector, opinion=self._says("failed"))
        elif draw < 0.065:
            self._do("cannot_check", collector, opinion=self._says("cannot"))
        else:
            self._do("pass_check", collector, opinion=self._says("passed"))

    def _to_close(self) -> Moments:
        yield self._at_the_desk(20)
        leader = self._at(Role.SHIFT_LEADER)
        if self.case.check_result == "cannot" and self._chance(0.7):
            self._do("recheck", leader, opinion=self._says("recheck"))
        else:
            self._do("close", leader, opinion=self._says("close"))

    def _closed(self) -> Moments:
        """Ring up who reported; who says "not solved" gets the case opened again."""
        numbers = Report.objects.filter(case=self.case, contact__isnull=False, visit=None)
        for number in list(numbers.order_by("id").values_list("number", flat=True)):
            yield self._by_day(240)
            acceptor = self._at(Role.ACCEPTOR)
            reached = self._chance(0.8)
            solved = self._chance(0.93)
            answers: dict[str, Any] = {}
            if reached:
                answers = {
                    "answered": self._chance(0.96),
                    "solved": solved,
                    "satisfied": self._chance(0.9 if solved else 0.15),
                }
            self._do(
                "visit_back",
                acceptor,
                report_number=number,
                reached=reached,
                opinion=self._says("visit") if reached and solved else "",
                **answers,
            )
            if reached and not solved and self.case.reopen_count == 0 and self._chance(0.5):
                yield self._after(minutes=self._spread(10))
                self._do("reopen", acceptor, opinion=self._says("reopen"))
                yield from self.run()
                return

    def _appeal(self) -> Moments:
        """Some departments contest a timeout: the dispatcher reviews, the acceptor decides."""
        if not self.case.handle_late or self.case.timeout_exempt or not self._chance(0.2):
            return
        clerk = self._of(Role.DEPARTMENT)
        if clerk is None:
            return
        yield self._by_day(200)
        self._do("appeal", clerk, opinion=self._says("appeal"))
        yield self._by_day(120)
        dispatcher = self._at(Role.DISPATCHER)
        if self._chance(0.3):
            self._do("refuse_appeal", dispatcher, opinion=self._says("no"))
            return
        self._do("endorse_appeal", dispatcher, opinion=self._says("yes"))
        yield self._by_day(120)
        if self._chance(0.6):
            self._do("grant_appeal", self._at(Role.ACCEPTOR), opinion=self._says("yes"))
        else:
            self._do("refuse_appeal", self._at(Role.ACCEPTOR), opinion=self._says("no"))

    # People and dice

    def _do(self, action: str, actor: Actor, **given: Any) -> None:
        perform = getattr(actions, action)
        self.case = perform(actor=actor, case_id=self.case.pk, **given)
        self.did(action)

    def _at(self, role: Role) -> Actor:
        return self.cast.at(role, self.case.scope_areas, self.dice)

    def _of(self, role: Role) -> Actor | None:
        if self.case.department_id is None:
            return None
        return self.cast.of(role, self.case.department_id, self.dice)

    def _assigned(self, kind: str) -> Actor:
        """The collector whose task it is, or one of the street."""
        task = Task.objects.filter(case=self.case, kind=kind, state="open").select_related(
            "assignee"
        )
        found = task.first()
        if found is not None and found.assignee is not None:
            return self.cast.user(found.assignee, Role.COLLECTOR)
        return self._at(Role.COLLECTOR)

    def _is_urgent(self) -> bool:
        return self.case.standard is not None and self.case.standard.unit in _URGENT

    def _says(self, kind: str) -> str:
        return remark(kind, self.dice)

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    # Time

    def _spread(self, minutes: float) -> float:
        """Around so many minutes, with a long tail."""
        return self.dice.lognormvariate(0.0, 0.65) * minutes

    def _after(self, minutes: float) -> datetime:
        return clock.now() + timedelta(minutes=minutes)

    def _at_the_desk(self, minutes: float) -> datetime:
        """Desks are manned day and night, thinly at night."""
        hour = clock.now().astimezone(ZONE).hour
        return self._after(self._spread(minutes) * (1.0 if 7 <= hour < 21 else 2.2))

    def _by_day(self, minutes: float, before: datetime | None = None) -> datetime:
        """After so long, but in daylight; not after `before`, if given, when that can be."""
        moment = self._in_daylight(self._after(self._spread(minutes)))
        if before is not None and moment >= before:
            moment = clock.now() + (before - clock.now()) * 0.5
        return moment

    def _in_daylight(self, moment: datetime) -> datetime:
        """The same moment between 8 and 18 o'clock, else the next morning."""
        local = moment.astimezone(ZONE)
        if 8 <= local.hour < 18:
            return moment
        morning = local.replace(hour=8, minute=0, second=0, microsecond=0)
        if local.hour >= 18:
            morning += timedelta(days=1)
        return morning + timedelta(minutes=self.dice.uniform(0, 75))

    def _not_before_now(self, moment: datetime) -> datetime:
        return max(moment, clock.now() + timedelta(minutes=self.dice.uniform(2, 9)))
