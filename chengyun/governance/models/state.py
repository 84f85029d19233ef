"""The states of a case, the stages whose clock runs in them, and the channels a report comes by."""

from django.db import models


class State(models.TextChoices):
    """Where a case stands. Values are stable: they are stored, exchanged and indexed."""

    REPORTED = "reported", "待受理"
    PENDING_VERIFY = "pending_verify", "待核实"
    PENDING_FILE = "pending_file", "待立案"
    PENDING_DISPATCH = "pending_dispatch", "待派遣"
    PENDING_HANDLE = "pending_handle", "待签收"
    HANDLING = "handling", "处置中"
    PENDING_FEEDBACK = "pending_feedback", "待审反馈"
    PENDING_CHECK = "pending_check", "待核查"
    PENDING_CLOSE = "pending_close", "待结案"
    SUSPENDED = "suspended", "挂账"
    DEFERRED = "deferred", "缓办"
    CLOSED = "closed", "已结案"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    VOIDED = "voided", "作废"
    MERGED = "merged", "已并案"


STATE_EN: dict[State, str] = {
    State.REPORTED: "To accept",
    State.PENDING_VERIFY: "To verify",
    State.PENDING_FILE: "To file",
    State.PENDING_DISPATCH: "To dispatch",
    State.PENDING_HANDLE: "To sign for",
    State.HANDLING: "In hand",
    State.PENDING_FEEDBACK: "Feedback",
    State.PENDING_CHECK: "To check",
    State.PENDING_CLOSE: "To close",
    State.SUSPENDED: "Suspended",
    State.DEFERRED: "Deferred",
    State.CLOSED: "Closed",
    State.NOT_ACCEPTED: "Not accepted",
    State.VOIDED: "Voided",
    State.MERGED: "Merged",
}

TERMINAL = frozenset({State.CLOSED, State.NOT_ACCEPTED, State.VOIDED, State.MERGED})
OPEN = frozenset(State) - TERMINAL
#: The clock of the current stage stands still.
PAUSED = frozenset({State.SUSPENDED, State.DEFERRED})
#: The case has a number; the department or the centre is working on it.
FILED_OPEN = OPEN - {State.REPORTED, State.PENDING_VERIFY, State.PENDING_FILE}


class Stage(models.TextChoices):
    """The step whose limit is running. Two states may share one stage and its clock."""

    ACCEPT = "accept", "受理"
    VERIFY = "verify", "核实"
    FILE = "file", "立案"
    DISPATCH = "dispatch", "派遣"
    HANDLE = "handle", "处置"
    FEEDBACK = "feedback", "反馈"
    CHECK = "check", "核查"
    CLOSE = "close", "结案"


STAGE_OF: dict[State, Stage] = {
    State.REPORTED: Stage.ACCEPT,
    State.PENDING_VERIFY: Stage.VERIFY,
    State.PENDING_FILE: Stage.FILE,
    State.PENDING_DISPATCH: Stage.DISPATCH,
    State.PENDING_HANDLE: Stage.HANDLE,
    State.HANDLING: Stage.HANDLE,
    State.SUSPENDED: Stage.HANDLE,
    State.DEFERRED: Stage.HANDLE,
    State.PENDING_FEEDBACK: Stage.FEEDBACK,
    State.PENDING_CHECK: Stage.CHECK,
    State.PENDING_CLOSE: Stage.CLOSE,
}


class Channel(models.TextChoices):
    """Where a report came from."""

    CITIZEN = "citizen", "公众上报"
    HOTLINE = "hotline", "热线来电"
    COLLECTOR = "collector", "采集员上报"
    OPEN311 = "open311", "Open311"
    ALARM = "alarm", "物联告警"
    VIDEO = "video", "视频识别"
    SUPERIOR = "superior", "上级交办"
    LEADER = "leader", "领导批示"
    MEDIA = "media", "媒体曝光"
    IMPORT = "import", "批量导入"


#: Reports by the public: they are verified before filing and counted apart (公众举报数).
PUBLIC_CHANNELS = frozenset({Channel.CITIZEN, Channel.HOTLINE, Channel.OPEN311, Channel.MEDIA})
