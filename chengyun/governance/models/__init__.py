"""Tables of governance: reports, cases, clocks. What is always true is a constraint here."""

from chengyun.governance.models.case import Case, CaseNumber, CaseRecord, ClockPause
from chengyun.governance.models.import_run import ImportRun
from chengyun.governance.models.patrol import PatrolPoint
from chengyun.governance.models.report import AlarmSource, Report, VisitBack
from chengyun.governance.models.standard import (
    ClassifierModel,
    DeskLimit,
    EvaluationScheme,
    LimitUnit,
    Responsibility,
    Standard,
)
from chengyun.governance.models.state import (
    FILED_OPEN,
    OPEN,
    PAUSED,
    PUBLIC_CHANNELS,
    STAGE_OF,
    STATE_EN,
    TERMINAL,
    Channel,
    Stage,
    State,
)
from chengyun.governance.models.task import CaseRequest, Supervision, Task

__all__ = [
    "FILED_OPEN",
    "OPEN",
    "PAUSED",
    "PUBLIC_CHANNELS",
    "STAGE_OF",
    "STATE_EN",
    "TERMINAL",
    "AlarmSource",
    "Case",
    "CaseNumber",
    "CaseRecord",
    "CaseRequest",
    "Channel",
    "ClassifierModel",
    "ClockPause",
    "DeskLimit",
    "EvaluationScheme",
    "ImportRun",
    "LimitUnit",
    "PatrolPoint",
    "Report",
    "Responsibility",
    "Stage",
    "Standard",
    "State",
    "Supervision",
    "Task",
    "VisitBack",
]
