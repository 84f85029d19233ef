"""The flow of a case as one table: who may do what from which state, and what the clock does.

Sources: GB/T 30428 workflow and the two axes of CJ/T 292-2008: the supervision centre gathers,
verifies, files, checks, closes and scores; the command centre dispatches; departments handle.
No post of one axis appears in a row of the other. ``actions`` performs the steps; nothing else
changes a case's state.
"""

from dataclasses import dataclass
from enum import StrEnum

from chengyun.core.models import Role
from chengyun.governance.models.state import FILED_OPEN, OPEN, State


class Clock(StrEnum):
    """What a step does to the handling clock (the department's limit)."""

    NONE = "none"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class Operation(StrEnum):
    """Every step of a case's life. The value is stored in records, audit and events."""

    RECEIVE = "receive"
    SELF_HANDLE = "self_handle"
    ACCEPT = "accept"
    SEND_VERIFY = "send_verify"
    VERIFY = "verify"
    REFUSE = "refuse"
    FILE = "file"
    RETURN_REPORT = "return_report"
    DISPATCH = "dispatch"
    RETURN_CASE = "return_case"
    REDISPATCH = "redispatch"
    SPLIT = "split"
    SIGN = "sign"
    RETURN_DISPATCH = "return_dispatch"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    MAKE_SAFE = "make_safe"
    FINISH = "finish"
    CO_FINISH = "co_finish"
    FORWARD = "forward"
    REJECT_FEEDBACK = "reject_feedback"
    PASS_CHECK = "pass_check"  # noqa: S105  (no password)
    REWORK = "rework"
    CANNOT_CHECK = "cannot_check"
    RECHECK = "recheck"
    CLOSE = "close"
    VISIT_BACK = "visit_back"
    REOPEN = "reopen"
    VOID = "void"
    MERGE = "merge"
    UNMERGE = "unmerge"
    AMEND = "amend"
    ANNOTATE = "annotate"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    ASK_SUSPENSION = "ask_suspension"
    GRANT_SUSPENSION = "grant_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    ASK_DEFERRAL = "ask_deferral"
    ENDORSE_DEFERRAL = "endorse_deferral"
    GRANT_DEFERRAL = "grant_deferral"
    REFUSE_DEFERRAL = "refuse_deferral"
    RESUME = "resume"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    URGE = "urge"
    ASK_FORCED_CLOSE = "ask_forced_close"
    GRANT_FORCED_CLOSE = "grant_forced_close"
    REFUSE_FORCED_CLOSE = "refuse_forced_close"
    APPEAL = "appeal"
    ENDORSE_APPEAL = "endorse_appeal"
    GRANT_APPEAL = "grant_appeal"
    REFUSE_APPEAL = "refuse_appeal"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. ``target`` None keeps the state. ``needs`` are inputs that may not be empty.
    ``pending`` names the request that must be waiting (and in which state) for a decision."""

    operation: Operation
    who: frozenset[Role]
    sources: frozenset[State]
    target: State | None
    clock: Clock
    needs: tuple[str, ...]
    pending: tuple[str, str] | None
    zh: str
    en: str


def _row(
    operation: Operation,
    who: set[Role],
    sources: set[State] | frozenset[State],
    target: State | None,
    zh: str,
    en: str,
    *needs: str,
    clock: Clock = Clock.NONE,
    pending: tuple[str, str] | None = None,
) -> Transition:
    return Transition(
        operation, frozenset(who), frozenset(sources), target, clock, needs, pending, zh, en
    )


Op, S = Operation, State
COLLECTOR, ACCEPTOR, SHIFT_LEADER = Role.COLLECTOR, Role.ACCEPTOR, Role.SHIFT_LEADER
DISPATCHER, DEPARTMENT, HANDLER = Role.DISPATCHER, Role.DEPARTMENT, Role.HANDLER
LEADER, EVALUATOR = Role.LEADER, Role.EVALUATOR
CENTRE = {ACCEPTOR, SHIFT_LEADER}
WORKING = {DEPARTMENT, HANDLER}
STAFF = {COLLECTOR, ACCEPTOR, SHIFT_LEADER, DISPATCHER, DEPARTMENT, HANDLER, LEADER, EVALUATOR}
WITH_DEPARTMENT = {S.PENDING_HANDLE, S.HANDLING}

# One line a row: the table is read by column.
# fmt: off
# ruff: noqa: E501
FLOW: tuple[Transition, ...] = (
    # Supervision axis: from a report to a filed case
    _row(Op.SELF_HANDLE, {COLLECTOR}, {S.REPORTED}, S.CLOSED, "自行处置", "fix on the spot", "opinion"),
    _row(Op.ACCEPT, {ACCEPTOR}, {S.REPORTED}, S.PENDING_FILE, "受理", "accept", "matter"),
    _row(Op.SEND_VERIFY, {ACCEPTOR}, {S.REPORTED}, S.PENDING_VERIFY, "派核实", "send to verify", "matter"),
    _row(Op.VERIFY, {COLLECTOR}, {S.PENDING_VERIFY}, S.PENDING_FILE, "核实", "verify", "result"),
    _row(Op.REFUSE, CENTRE, {S.REPORTED, S.PENDING_FILE}, S.NOT_ACCEPTED, "不予受理", "refuse", "opinion"),
    _row(Op.FILE, {SHIFT_LEADER}, {S.PENDING_FILE}, S.PENDING_DISPATCH, "立案", "file", "standard"),
    _row(Op.RETURN_REPORT, {SHIFT_LEADER}, {S.PENDING_FILE}, S.REPORTED, "退回受理", "return to acceptor", "opinion"),
    # Command axis: dispatch
    _row(Op.DISPATCH, {DISPATCHER}, {S.PENDING_DISPATCH}, S.PENDING_HANDLE, "派遣", "dispatch", "department", clock=Clock.START),
    _row(Op.RETURN_CASE, {DISPATCHER}, {S.PENDING_DISPATCH}, S.PENDING_FILE, "回退立案", "return to filing", "opinion"),
    _row(Op.REDISPATCH, {DISPATCHER}, WITH_DEPARTMENT, S.PENDING_HANDLE, "改派", "dispatch elsewhere", "department", "opinion", clock=Clock.START),
    _row(Op.SPLIT, {DISPATCHER}, WITH_DEPARTMENT, None, "增派协办", "add co-handlers", "departments"),
    # Departments
    _row(Op.SIGN, {DEPARTMENT}, {S.PENDING_HANDLE}, S.HANDLING, "签收", "sign for"),
    _row(Op.RETURN_DISPATCH, {DEPARTMENT}, WITH_DEPARTMENT, S.PENDING_DISPATCH, "退单", "return to dispatcher", "opinion", clock=Clock.STOP),
    _row(Op.ASSIGN, {DEPARTMENT}, {S.HANDLING}, None, "指派", "assign", "handler"),
    _row(Op.UNASSIGN, WORKING, {S.HANDLING}, None, "撤回指派", "take back", "opinion"),
    _row(Op.MAKE_SAFE, WORKING, {S.HANDLING}, None, "应急围护", "make safe", "opinion"),
    _row(Op.FINISH, WORKING, {S.HANDLING}, S.PENDING_FEEDBACK, "处置完成", "finish", "opinion", clock=Clock.STOP),
    _row(Op.CO_FINISH, {DEPARTMENT}, WITH_DEPARTMENT, None, "协办完成", "finish co-handling", "opinion"),
    # Command axis: the feedback is passed on, never judged as a result
    _row(Op.FORWARD, {DISPATCHER}, {S.PENDING_FEEDBACK}, S.PENDING_CHECK, "批转核查", "pass on to check"),
    _row(Op.REJECT_FEEDBACK, {DISPATCHER}, {S.PENDING_FEEDBACK}, S.HANDLING, "退回补充", "send back feedback", "opinion", clock=Clock.RESUME),
    # Supervision axis: check and close
    _row(Op.PASS_CHECK, {COLLECTOR}, {S.PENDING_CHECK}, S.PENDING_CLOSE, "核查通过", "check passed"),
    _row(Op.CANNOT_CHECK, {COLLECTOR}, {S.PENDING_CHECK}, S.PENDING_CLOSE, "无法核查", "cannot check", "opinion"),
    _row(Op.REWORK, {COLLECTOR}, {S.PENDING_CHECK}, S.HANDLING, "返工", "rework", "opinion", clock=Clock.RESUME),
    _row(Op.REWORK, {SHIFT_LEADER}, {S.PENDING_CLOSE}, S.HANDLING, "返工", "rework", "opinion", clock=Clock.RESUME),
    _row(Op.RECHECK, {SHIFT_LEADER}, {S.PENDING_CLOSE}, S.PENDING_CHECK, "重新核查", "check again", "opinion"),
    _row(Op.CLOSE, {SHIFT_LEADER}, {S.PENDING_CLOSE}, S.CLOSED, "结案", "close", "closing_met"),
    _row(Op.VISIT_BACK, {ACCEPTOR}, {S.CLOSED}, None, "回访", "visit back", "report"),
    _row(Op.REOPEN, {ACCEPTOR}, {S.CLOSED}, S.PENDING_DISPATCH, "重办", "reopen", "opinion"),
    # Out of the main path
    _row(Op.VOID, {ACCEPTOR}, {S.REPORTED, S.PENDING_VERIFY, S.PENDING_FILE}, S.VOIDED, "作废", "void", "opinion"),
    _row(Op.VOID, {SHIFT_LEADER}, OPEN, S.VOIDED, "作废", "void", "opinion", clock=Clock.STOP),
    _row(Op.MERGE, CENTRE, {S.REPORTED, S.PENDING_VERIFY, S.PENDING_FILE, S.PENDING_DISPATCH}, S.MERGED, "并案", "merge", "main"),
    _row(Op.UNMERGE, {SHIFT_LEADER}, {S.MERGED}, S.REPORTED, "撤销并案", "undo merge", "opinion"),
    _row(Op.AMEND, {ACCEPTOR}, {S.REPORTED, S.PENDING_VERIFY, S.PENDING_FILE}, None, "更正", "correct"),
    _row(Op.AMEND, {SHIFT_LEADER}, OPEN, None, "更正", "correct", "opinion"),
    _row(Op.ANNOTATE, STAFF, frozenset(State), None, "批注", "annotate", "opinion"),
    # Time asked for and given
    _row(Op.ASK_EXTENSION, WORKING, {S.HANDLING}, None, "申请延期", "ask for extension", "opinion"),
    _row(Op.GRANT_EXTENSION, {DISPATCHER}, {S.HANDLING}, None, "同意延期", "grant extension", pending=("extension", "pending")),
    _row(Op.REFUSE_EXTENSION, {DISPATCHER}, {S.HANDLING}, None, "不同意延期", "refuse extension", "opinion", pending=("extension", "pending")),
    _row(Op.ASK_SUSPENSION, WORKING, {S.HANDLING}, None, "申请挂账", "ask for suspension", "opinion", "until"),
    _row(Op.GRANT_SUSPENSION, {DISPATCHER}, {S.HANDLING}, S.SUSPENDED, "同意挂账", "grant suspension", clock=Clock.PAUSE, pending=("suspension", "pending")),
    _row(Op.REFUSE_SUSPENSION, {DISPATCHER}, {S.HANDLING}, None, "不同意挂账", "refuse suspension", "opinion", pending=("suspension", "pending")),
    _row(Op.ASK_DEFERRAL, {DEPARTMENT}, {S.HANDLING}, None, "申请缓办", "ask for deferral", "opinion", "until"),
    _row(Op.ENDORSE_DEFERRAL, {DISPATCHER}, {S.HANDLING}, None, "缓办初审通过", "endorse deferral", pending=("deferral", "pending")),
    _row(Op.GRANT_DEFERRAL, {SHIFT_LEADER}, {S.HANDLING}, S.DEFERRED, "同意缓办", "grant deferral", clock=Clock.PAUSE, pending=("deferral", "endorsed")),
    _row(Op.REFUSE_DEFERRAL, {DISPATCHER}, {S.HANDLING}, None, "不同意缓办", "refuse deferral", "opinion", pending=("deferral", "pending")),
    _row(Op.REFUSE_DEFERRAL, {SHIFT_LEADER}, {S.HANDLING}, None, "不同意缓办", "refuse deferral", "opinion", pending=("deferral", "endorsed")),
    _row(Op.RESUME, {DISPATCHER, DEPARTMENT}, {S.SUSPENDED, S.DEFERRED}, S.HANDLING, "恢复处置", "resume", clock=Clock.RESUME),
    # Pressing
    _row(Op.SUPERVISE, {LEADER, SHIFT_LEADER}, FILED_OPEN, None, "督办", "supervise", "opinion"),
    _row(Op.ANSWER_SUPERVISION, {DEPARTMENT}, FILED_OPEN, None, "督办回复", "answer supervision", "opinion"),
    _row(Op.URGE, {LEADER, SHIFT_LEADER, DISPATCHER, ACCEPTOR}, FILED_OPEN, None, "催办", "urge"),
    # Closing by force, and contesting a timeout
    _row(Op.ASK_FORCED_CLOSE, {SHIFT_LEADER}, FILED_OPEN, None, "申请强制结案", "ask for forced closing", "opinion"),
    _row(Op.GRANT_FORCED_CLOSE, {LEADER}, FILED_OPEN, S.CLOSED, "批准强制结案", "grant forced closing", clock=Clock.STOP, pending=("forced_close", "pending")),
    _row(Op.REFUSE_FORCED_CLOSE, {LEADER}, FILED_OPEN, None, "不批准强制结案", "refuse forced closing", "opinion", pending=("forced_close", "pending")),
    _row(Op.APPEAL, {DEPARTMENT}, {S.CLOSED}, None, "超期申诉", "appeal", "opinion"),
    _row(Op.ENDORSE_APPEAL, {DISPATCHER}, {S.CLOSED}, None, "申诉初审通过", "endorse appeal", pending=("appeal", "pending")),
    _row(Op.GRANT_APPEAL, {ACCEPTOR}, {S.CLOSED}, None, "申诉成立", "grant appeal", pending=("appeal", "endorsed")),
    _row(Op.REFUSE_APPEAL, {DISPATCHER}, {S.CLOSED}, None, "申诉不成立", "refuse appeal", "opinion", pending=("appeal", "pending")),
    _row(Op.REFUSE_APPEAL, {ACCEPTOR}, {S.CLOSED}, None, "申诉不成立", "refuse appeal", "opinion", pending=("appeal", "endorsed")),
)
# fmt: on

ROWS: dict[Operation, tuple[Transition, ...]] = {
    operation: tuple(row for row in FLOW if row.operation is operation) for operation in Operation
}
