"""What is counted. One table: each measure is one predicate, used to count and to open the count.

Vocabulary: GB/T 30428.4-2016 and CJ/T 292-2008. The formulas are ours where the standard leaves
them to the city; they are explained in ``docs/governance/evaluation.md`` and decision 0060.

A row is counted in the period of its *moment*. A step of a case counts when it was done; while it
waits, it counts at its deadline, from the instant that passes. So every case counts once in each
stage, twelve months add up to their year, and no rate exceeds one.
"""

# ruff: noqa: E501, S608  (a table reads best one entry a line; its SQL has no values from outside)

from dataclasses import dataclass
from enum import StrEnum

from chengyun.core.models import Role
from chengyun.governance.flow import Operation
from chengyun.governance.models.state import PUBLIC_CHANNELS, Channel, State


class Kind(StrEnum):
    """What is evaluated."""

    REGION = "region"
    DEPARTMENT = "department"
    POST = "post"


CASE_KINDS = frozenset({Kind.REGION, Kind.DEPARTMENT})
POST_ONLY = frozenset({Kind.POST})
EVERY_KIND = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that are counted. ``c`` is always the case, which permission and filters look at;
    ``person`` and ``post`` say who a row counts for when posts are evaluated, and ``employer``
    is the organisation the person acted for."""

    code: str
    tables: str
    row: str
    person: str = "NULL::bigint"
    post: str = "NULL::text"
    employer: str = "NULL::bigint"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a row counts: an SQL instant over a source. ``columns`` are the plain columns it is
    made of, which lead an index scan to a short period."""

    code: str
    source: Source
    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A count. ``where`` is its predicate; ``weight`` is what one row counts for."""

    code: str
    zh: str
    en: str
    says_zh: str
    says_en: str
    moment: Moment
    where: str
    kinds: frozenset[Kind]
    weight: str = "1"


@dataclass(frozen=True, slots=True)
class Rate:
    """A quotient of sums of counts; 0/0 is null. ``reverse``: less is better.

    ``under`` may name an extent of a region: ``km2`` or ``unit_grids``."""

    code: str
    zh: str
    en: str
    over: tuple[str, ...]
    under: tuple[str, ...]
    kinds: frozenset[Kind]
    reverse: bool = False


def _in(column: str, values: frozenset[State] | frozenset[Channel]) -> str:
    return f"{column} IN ({', '.join(sorted(f'{chr(39)}{v.value}{chr(39)}' for v in values))})"


CASE = Source("case", "governance_case c", "c.id")
REPORT = Source(
    "report",
    "governance_report r JOIN governance_case c ON c.id = r.case_id "
    "LEFT JOIN core_user u ON u.id = r.reporter_id",
    "r.id",
    person="CASE WHEN r.channel = 'collector' THEN r.reporter_id END",
    post=f"'{Role.COLLECTOR.value}'",
    employer="u.organisation_id",
)
VISIT = Source("visit", "governance_visitback v JOIN governance_case c ON c.id = v.case_id", "v.id")
RECORD = Source(
    "record",
    "governance_caserecord r JOIN governance_case c ON c.id = r.case_id",
    "r.id",
    person="r.actor_id",
    post="r.actor_role",
    employer="r.actor_organisation_id",
)
TASK = Source(
    "task",
    "governance_task t JOIN governance_case c ON c.id = t.case_id "
    "LEFT JOIN core_user u ON u.id = t.assignee_id",
    "t.id",
    person="t.assignee_id",
    post=f"'{Role.COLLECTOR.value}'",
    employer="u.organisation_id",
)
#: A report that the collectors of its unit grid missed, once for each of them.
MISSED = Source(
    "missed",
    "governance_report r JOIN governance_case c ON c.id = r.case_id "
    "JOIN city_dutygrid_unit_grids dg ON dg.unitgrid_id = c.unit_grid_id "
    "JOIN city_dutygrid d ON d.id = dg.dutygrid_id AND d.kind = 'supervision' "
    "JOIN city_dutygrid_users du ON du.dutygrid_id = d.id "
    "JOIN core_user u ON u.id = du.user_id",
    "r.id",
    person="u.id",
    post=f"'{Role.COLLECTOR.value}'",
    employer="u.organisation_id",
)
#: A case for which the same subclass was filed in the same 50 m cell within ``repeat_days``
#: (``governance.repeats``).
REPEAT = Source("repeat", "governance_case c", "c.id")
REPEAT_WHERE = """EXISTS (
    SELECT FROM governance_case p
    WHERE p.matter_id = c.matter_id
      AND governance_place_cell(p.geom) = governance_place_cell(c.geom)
      AND p.filed_at < c.filed_at
      AND p.filed_at >= c.filed_at - make_interval(days => %(repeat_days)s)
      AND p.filed_at >= %(first)s - make_interval(days => %(repeat_days)s)
      AND p.filed_at < %(last)s)"""

#: A step that a later step of the same case undid was wrong: {operations: what undoes them}.
UNDONE_BY: tuple[tuple[frozenset[Operation], frozenset[Operation]], ...] = (
    (frozenset({Operation.ACCEPT, Operation.SEND_VERIFY}), frozenset({Operation.RETURN_REPORT})),
    (
        frozenset({Operation.FILE}),
        frozenset({Operation.RETURN_CASE, Operation.VOID, Operation.AMEND}),
    ),
    (
        frozenset({Operation.DISPATCH, Operation.REDISPATCH}),
        frozenset({Operation.RETURN_DISPATCH, Operation.REDISPATCH}),
    ),
    (frozenset({Operation.FINISH}), frozenset({Operation.REJECT_FEEDBACK, Operation.REWORK})),
    (frozenset({Operation.CLOSE}), frozenset({Operation.REOPEN})),
)


def _undone_sql() -> str:
    """Ids of wrong records. Found from the undoing step backwards, because those are few:
    the step it undid is the last of its kind before it."""
    arms = []
    for done, undoing in UNDONE_BY:
        arms.append(
            "SELECT w.id FROM governance_caserecord x CROSS JOIN LATERAL ("
            "SELECT p.id FROM governance_caserecord p WHERE p.case_id = x.case_id "
            f"AND p.seq < x.seq AND p.operation IN ({_listed(done)}) "
            "ORDER BY p.seq DESC LIMIT 1) w "
            f"WHERE x.operation IN ({_listed(undoing)}) AND x.at >= %(first)s AND x.at <= %(at)s"
        )
    return " UNION ".join(arms)


def _listed(operations: frozenset[Operation]) -> str:
    return ", ".join(sorted(f"'{operation.value}'" for operation in operations))


UNDONE = _undone_sql()

_HANDLED = _in(
    "c.state",
    frozenset({State.PENDING_FEEDBACK, State.PENDING_CHECK, State.PENDING_CLOSE, State.CLOSED}),
)
_WITH_DEPARTMENT = _in(
    "c.state",
    frozenset({State.PENDING_HANDLE, State.HANDLING, State.SUSPENDED, State.DEFERRED}),
)
_FILED = "(c.filed_at IS NOT NULL AND c.state <> 'pending_file')"


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of a case: when done, when due, and in which states it is done or still awaited."""

    code: str
    zh: str
    en: str
    done_at: str
    due_at: str
    done: str
    awaited: str
    late: str
    exempt: str = "FALSE"
    source: Source = CASE
    kinds: frozenset[Kind] = CASE_KINDS

    @property
    def moment(self) -> Moment:
        sql = (
            f"CASE WHEN {self.done} THEN {self.done_at} WHEN {self.awaited} THEN {self.due_at} END"
        )
        return Moment(self.code, self.source, sql, (self.done_at, self.due_at))

    def measures(self) -> tuple[Measure, ...]:
        """Should be done, done, done in time, done late, overdue and not done."""
        in_time = f"{self.done} AND (NOT coalesce({self.late}, FALSE) OR {self.exempt})"
        late = f"{self.done} AND coalesce({self.late}, FALSE) AND NOT {self.exempt}"
        zh, en = self.zh, self.en
        rows = (
            ("should_{}", f"应{zh}数", f"due to be {en}", f"本期已{zh}的，加上期限在本期内已过而仍待{zh}的。",
             f"{en} in the period, or still waiting with a deadline in it that has passed", "TRUE"),
            ("{}", f"{zh}数", en, f"本期完成{zh}的。", f"{en} in the period", self.done),
            ("{}_in_time", f"按期{zh}数", f"{en} in time", f"本期{zh}且未超期（含申诉免责）。",
             f"{en} in the period and not late (exempt counts as in time)", in_time),
            ("{}_late", f"超期{zh}数", f"{en} late", f"本期{zh}但已超期，不含免责。",
             f"{en} in the period after the deadline, without the exempt", late),
            ("{}_overdue", f"超期未{zh}数", f"overdue, not {en}", f"期限在本期内，至统计时刻已过而仍待{zh}，不含免责。",
             f"the deadline fell in the period, has passed, and it is still not {en}",
             f"NOT ({self.done}) AND NOT {self.exempt}"),
        )  # fmt: skip
        return tuple(
            Measure(
                form.format(self.code), name_zh, name_en, says_zh, says_en, self.moment, where,
                self.kinds,
            )
            for form, name_zh, name_en, says_zh, says_en, where in rows
        )  # fmt: skip


def _desk(code: str, zh: str, en: str, awaited: State, column: str) -> _Step:
    """A step at a desk of the centre, whose lateness is its own two columns."""
    done_at, due_at = f"c.{column}_at", f"c.{code}_due_at"
    return _Step(
        en, zh, en, done_at, due_at,
        done=f"({done_at} IS NOT NULL AND c.state <> '{awaited.value}')",
        awaited=f"c.state = '{awaited.value}'",
        late=f"{done_at} > {due_at}",
    )  # fmt: skip


ACCEPTED = _desk("accept", "受理", "accepted", State.REPORTED, "accepted")
VERIFIED = _desk("verify", "核实", "verified", State.PENDING_VERIFY, "verified")
FILED = _desk("file", "立案", "filed", State.PENDING_FILE, "filed")
DISPATCHED = _desk("dispatch", "派遣", "dispatched", State.PENDING_DISPATCH, "dispatched")
CHECKED = _desk("check", "核查", "checked", State.PENDING_CHECK, "checked")
HANDLED = _Step(
    "handled", "处置", "handled", "c.handled_at", "c.handle_due_at",
    # A case closed by force was not handled, and is counted apart.
    done=f"(c.handled_at IS NOT NULL AND NOT c.forced AND {_HANDLED})",
    # While the clock stands still nothing falls due.
    awaited=f"({_WITH_DEPARTMENT} AND (c.paused_since IS NULL OR c.paused_since > c.handle_due_at))",
    late="c.handle_late",
    exempt="c.timeout_exempt",
)  # fmt: skip
CLOSED = _Step(
    "closed", "结案", "closed", "c.closed_at", "c.close_due_at",
    done="(c.state = 'closed' AND NOT c.forced)",
    awaited="c.state IN ('pending_feedback', 'pending_check', 'pending_close')",
    late="c.closed_at > c.close_due_at",
    exempt="c.timeout_exempt",
)  # fmt: skip
STEPS = (ACCEPTED, VERIFIED, FILED, DISPATCHED, HANDLED, CHECKED, CLOSED)


def _task(kind: str, zh: str, en: str) -> _Step:
    """Verifying and checking as the work of one collector."""
    return _Step(
        f"task_{en}", f"任务{zh}", f"tasks {en}", "t.done_at", "t.due_at",
        done=f"(t.kind = '{kind}' AND t.state = 'done')",
        awaited=f"(t.kind = '{kind}' AND t.state = 'open')",
        late="t.done_at > t.due_at",
        source=TASK, kinds=POST_ONLY,
    )  # fmt: skip


TASKS = (_task("verify", "核实", "verified"), _task("check", "核查", "checked"))

_REPORTED = Moment("reported", CASE, "c.reported_at", ("c.reported_at",))
_FORCED = Moment(
    "forced",
    CASE,
    "CASE WHEN c.state = 'closed' AND c.forced THEN c.closed_at END",
    ("c.closed_at",),
)
_REPORTS = Moment("report", REPORT, "r.reported_at", ("r.reported_at",))
_MISSED = Moment("missed", MISSED, "r.reported_at", ("r.reported_at",))
_VISITED = Moment("visit", VISIT, "v.done_at", ("v.done_at",))
_STEPPED = Moment("record", RECORD, "r.at", ("r.at",))
_REPEATED = Moment("repeat", REPEAT, "c.filed_at", ("c.filed_at",))
_PUBLIC = _in("r.channel", PUBLIC_CHANNELS)
_MISS = f"(r.first_found_by_public AND {_PUBLIC} AND {_FILED})"
_WITH_REPORTS = EVERY_KIND
_C, _P = CASE_KINDS, POST_ONLY

# fmt: off
MEASURES: tuple[Measure, ...] = (
    # Reports
    Measure("reports", "接报数", "reports", "本期收到的全部上报。", "every report received", _REPORTS, "TRUE", _C),
    Measure("collector_reports", "上报数", "reports by collectors", "采集员上报的。", "reported by collectors",
            _REPORTS, "r.channel = 'collector'", _WITH_REPORTS),
    Measure("valid_reports", "有效上报数", "valid reports", "采集员上报且已立案的。", "reported by collectors and filed",
            _REPORTS, f"r.channel = 'collector' AND {_FILED}", _WITH_REPORTS),
    Measure("public_reports", "公众举报数", "reports by the public", "公众、热线、Open311、媒体上报的。",
            "by citizens, hotline, Open311 and media", _REPORTS, _PUBLIC, _C),
    Measure("missed_reports", "漏报数", "missed reports", "公众先于采集员发现且已立案的上报。",
            "filed reports of the public that a collector should have made first", _REPORTS, _MISS, _C),
    Measure("missed_in_grid", "责任区漏报数", "missed in own grid", "采集员责任网格内公众先发现且已立案的上报。",
            "missed reports in the collector's own supervision grid", _MISSED, _MISS, _P),
    # Cases by the time they were reported
    Measure("cases", "案件数", "cases", "本期接报形成的案件。", "cases reported in the period", _REPORTED, "TRUE", _C),
    Measure("not_accepted", "不予受理数", "not accepted", "本期接报，后不予受理的。", "reported in the period, then not accepted",
            _REPORTED, "c.state = 'not_accepted'", _C),
    Measure("voided", "作废数", "voided", "本期接报，后作废的。", "reported in the period, then voided", _REPORTED, "c.state = 'voided'", _C),
    Measure("merged", "并案数", "merged", "本期接报，后并入他案的。", "reported in the period, then merged", _REPORTED, "c.state = 'merged'", _C),
    Measure("self_handled", "自行处置数", "fixed on the spot", "采集员现场自行处置的。", "fixed on the spot by a collector", _REPORTED, "c.self_handled", _C),
    # Steps of cases
    *ACCEPTED.measures(), *VERIFIED.measures(), *FILED.measures(),
    Measure("filed_accurate", "准确立案数", "filed accurately", "本期立案且之后未作废、未更正的。", "filed, and later neither voided nor corrected",
            FILED.moment, f"{FILED.done} AND c.state <> 'voided' AND NOT c.corrected", _C),
    Measure("reopened", "重办数", "reopened", "本期立案、结案后又重办过的。", "filed in the period and reopened after closing",
            FILED.moment, f"{FILED.done} AND c.reopen_count > 0", _C),
    *DISPATCHED.measures(),
    Measure("dispatched_accurate", "准确派遣数", "dispatched accurately", "本期派遣且未因派错退回的。", "dispatched, never returned as wrong",
            DISPATCHED.moment, f"{DISPATCHED.done} AND c.wrong_dispatch_count = 0", _C),
    Measure("dispatched_wrong", "错派数", "dispatched wrongly", "本期派遣且曾因派错退回的。", "dispatched, once or more returned as wrong",
            DISPATCHED.moment, f"{DISPATCHED.done} AND c.wrong_dispatch_count > 0", _C),
    *HANDLED.measures(),
    Measure("handled_exempt", "免责数", "exempt", "应处置且申诉成立的。", "due to be handled, an appeal was granted",
            HANDLED.moment, "c.timeout_exempt", _C),
    Measure("reworked", "返工数", "reworked", "本期处置且返工过的案件。", "handled in the period after rework",
            HANDLED.moment, f"{HANDLED.done} AND c.rework_count > 0", _C),
    Measure("rework_times", "返工次数", "times reworked", "本期处置案件的返工次数之和。", "how often those were sent back",
            HANDLED.moment, f"{HANDLED.done} AND c.rework_count > 0", _C, "c.rework_count"),
    Measure("extended", "延期数", "extended", "应处置且获准延期的案件。", "due to be handled, with an extension",
            HANDLED.moment, "c.extension_count > 0", _C),
    Measure("suspended", "挂账数", "suspended", "应处置且挂账过的案件。", "due to be handled, once suspended",
            HANDLED.moment, "c.suspension_count > 0", _C),
    Measure("urged", "催办数", "urged", "应处置且被催办过的案件。", "due to be handled, urged", HANDLED.moment, "c.urge_count > 0", _C),
    Measure("supervised", "督办数", "supervised", "应处置且被督办过的案件。", "due to be handled, supervised",
            HANDLED.moment, "c.supervision_count > 0", _C),
    *CHECKED.measures(), *CLOSED.measures(),
    Measure("forced_closed", "强制结案数", "closed by force", "本期强制结案的，不计入处置和结案。",
            "closed by force in the period; not among handled or closed", _FORCED, "c.forced", _C),
    Measure("repeats", "高发数", "repeats", "本期立案，且同一小类在同一处（50 米格）N 天内已立过案。",
            "filed, and the same subclass was filed in the same 50 m cell within N days before", _REPEATED, "TRUE", _C),
    # What citizens say
    Measure("visits", "回访数", "visits back", "本期完成的回访。", "visits back made in the period", _VISITED, "TRUE", _C),
    Measure("reached", "接通数", "reached", "回访中联系上报告人的。", "the reporter was reached", _VISITED, "v.reached", _C),
    Measure("answered", "响应数", "answered", "接通且确认已响应的。", "reached: was answered", _VISITED, "v.reached AND v.answered", _C),
    Measure("solved", "解决数", "solved", "接通且确认已解决的。", "reached: is solved", _VISITED, "v.reached AND v.solved", _C),
    Measure("satisfied", "满意数", "satisfied", "接通且表示满意的。", "reached: is satisfied", _VISITED, "v.reached AND v.satisfied", _C),
    # Posts
    Measure("operations", "操作数", "operations", "本人以该岗位完成的操作。", "steps made in this post", _STEPPED, "TRUE", _P),
    Measure("wrong_operations", "差错数", "wrong operations", "之后被退回、改派、返工、更正或重办的操作。",
            "steps that a later step undid", _STEPPED, "r.id IN (SELECT id FROM undone)", _P),
    Measure("timed_operations", "计时操作数", "timed operations", "结束了一个有时限阶段的操作。", "steps that ended a stage with a limit",
            _STEPPED, "r.used_seconds IS NOT NULL AND r.due_at IS NOT NULL", _P),
    Measure("operations_in_time", "按期操作数", "operations in time", "其中未超期的。", "of those, in time",
            _STEPPED, "r.used_seconds IS NOT NULL AND r.due_at IS NOT NULL AND NOT r.timed_out", _P),
    Measure("operations_late", "超期操作数", "operations late", "其中超期的。", "of those, late",
            _STEPPED, "r.used_seconds IS NOT NULL AND r.due_at IS NOT NULL AND r.timed_out", _P),
    Measure("used_seconds", "用时（秒）", "seconds used", "计时操作用时之和，不含暂停。", "time those took, pauses out",
            _STEPPED, "r.used_seconds IS NOT NULL AND r.due_at IS NOT NULL", _P, "r.used_seconds"),
    *(measure for task in TASKS for measure in task.measures()),
)

RATES: tuple[Rate, ...] = (
    Rate("handling_rate", "处置率", "handling rate", ("handled",), ("should_handled",), _C),
    Rate("handling_in_time_rate", "按期处置率", "handled in time", ("handled_in_time",), ("should_handled",), _C),
    Rate("closing_rate", "结案率", "closing rate", ("closed",), ("should_closed",), _C),
    Rate("closing_in_time_rate", "按期结案率", "closed in time", ("closed_in_time",), ("should_closed",), _C),
    Rate("rework_rate", "返工率", "rework rate", ("reworked",), ("handled",), _C, reverse=True),
    Rate("extension_rate", "延期率", "extension rate", ("extended",), ("should_handled",), _C, reverse=True),
    Rate("suspension_rate", "挂账率", "suspension rate", ("suspended",), ("should_handled",), _C, reverse=True),
    Rate("late_rate", "超期率", "late rate", ("handled_late", "handled_overdue"), ("should_handled",), _C, reverse=True),
    Rate("overdue_rate", "超期未处置率", "overdue rate", ("handled_overdue",), ("should_handled",), _C, reverse=True),
    Rate("filing_rate", "立案率", "filing rate", ("filed",), ("accepted",), _C),
    Rate("acceptance_in_time_rate", "按期受理率", "accepted in time", ("accepted_in_time",), ("should_accepted",), _C),
    Rate("filing_in_time_rate", "按时立案率", "filed in time", ("filed_in_time",), ("should_filed",), _C),
    Rate("filing_accuracy", "立案准确率", "filing accuracy", ("filed_accurate",), ("filed",), _C),
    Rate("dispatch_in_time_rate", "按期派遣率", "dispatched in time", ("dispatched_in_time",), ("should_dispatched",), _C),
    Rate("dispatch_accuracy", "准确派遣率", "dispatch accuracy", ("dispatched_accurate",), ("dispatched",), _C),
    Rate("verify_in_time_rate", "按期核实率", "verified in time", ("verified_in_time",), ("should_verified",), _C),
    Rate("check_in_time_rate", "按期核查率", "checked in time", ("checked_in_time",), ("should_checked",), _C),
    Rate("valid_report_rate", "有效上报率", "valid report rate", ("valid_reports",), ("collector_reports",), EVERY_KIND),
    Rate("public_report_rate", "公众举报率", "public report rate", ("public_reports",), ("reports",), _C, reverse=True),
    Rate("missed_rate", "漏报率", "missed rate", ("missed_reports",), ("valid_reports", "missed_reports"), _C, reverse=True),
    Rate("reopen_rate", "重办率", "reopen rate", ("reopened",), ("filed",), _C, reverse=True),
    Rate("repeat_rate", "高发率", "repeat rate", ("repeats",), ("filed",), _C, reverse=True),
    Rate("density_km2", "发案密度（每平方千米）", "cases per km²", ("filed",), ("km2",), frozenset({Kind.REGION}), reverse=True),
    Rate("density_grid", "发案密度（每单元网格）", "cases per unit grid", ("filed",), ("unit_grids",), frozenset({Kind.REGION}), reverse=True),
    Rate("answered_rate", "响应率", "answered rate", ("answered",), ("reached",), _C),
    Rate("solved_rate", "解决率", "solved rate", ("solved",), ("reached",), _C),
    Rate("satisfied_rate", "满意率", "satisfied rate", ("satisfied",), ("reached",), _C),
    Rate("operation_in_time_rate", "按期操作率", "operations in time", ("operations_in_time",), ("timed_operations",), _P),
    Rate("error_rate", "差错率", "error rate", ("wrong_operations",), ("operations",), _P, reverse=True),
    Rate("mean_seconds", "平均用时（秒）", "mean seconds", ("used_seconds",), ("timed_operations",), _P, reverse=True),
    Rate("grid_missed_rate", "责任区漏报率", "missed rate in own grid", ("missed_in_grid",), ("valid_reports", "missed_in_grid"), _P, reverse=True),
    Rate("task_verify_in_time_rate", "按期核实率", "verify tasks in time", ("task_verified_in_time",), ("should_task_verified",), _P),
    Rate("task_check_in_time_rate", "按期核查率", "check tasks in time", ("task_checked_in_time",), ("should_task_checked",), _P),
)
# fmt: on

BY_CODE: dict[str, Measure] = {measure.code: measure for measure in MEASURES}
RATE_BY_CODE: dict[str, Rate] = {rate.code: rate for rate in RATES}
EXTENTS = ("km2", "unit_grids")
#: These need a second look at the cases before the period: counted only when asked for.
ON_REQUEST = frozenset({"repeats"})


def measures_of(kind: Kind, *, repeats: bool = False) -> tuple[Measure, ...]:
    """The counts of a kind of object, in the order they are shown."""
    return tuple(
        measure
        for measure in MEASURES
        if kind in measure.kinds and (repeats or measure.code not in ON_REQUEST)
    )


def rates_of(kind: Kind, *, repeats: bool = False) -> tuple[Rate, ...]:
    """The rates of a kind of object whose counts are there."""
    return tuple(
        rate
        for rate in RATES
        if kind in rate.kinds and (repeats or ON_REQUEST.isdisjoint((*rate.over, *rate.under)))
    )
