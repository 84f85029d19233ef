"""What each operation of the flow takes. The name of a class is the operation's."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from chengyun.governance.flow import Operation

Opinion = Annotated[str, StringConstraints(max_length=4000)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class StepIn(Schema):
    """What every operation takes. ``version`` is the case's version the form was opened on; a
    newer one is a conflict, and nothing is lost silently."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    opinion: Opinion = ""
    attachments: Annotated[list[UUID], Field(max_length=20)] = []


class AcceptIn(StepIn):
    matter_id: Id | None = None


class SendVerifyIn(StepIn):
    matter_id: Id | None = None
    collector_id: Id | None = None


class VerifyIn(StepIn):
    result: Annotated[str, StringConstraints(max_length=12)] = ""


class FileIn(StepIn):
    standard_id: Id | None = None
    missed_by_patrol: bool = False


class DepartmentIn(StepIn):
    department_id: Id | None = None


class SplitIn(StepIn):
    department_ids: Annotated[list[Id], Field(max_length=20)] = []


class AssignIn(StepIn):
    handler_id: Id | None = None


class CollectorIn(StepIn):
    collector_id: Id | None = None


class CloseIn(StepIn):
    closing_met: bool = True
    public_note: Opinion = ""


class ForcedCloseIn(StepIn):
    public_note: Opinion = ""


class VisitIn(StepIn):
    report_number: Annotated[str, StringConstraints(max_length=24)] = ""
    reached: bool = True
    answered: bool | None = None
    solved: bool | None = None
    satisfied: bool | None = None


class MergeIn(StepIn):
    main_id: Id | None = None


class UntilIn(StepIn):
    until: datetime | None = None


class SuperviseIn(StepIn):
    kind: Annotated[str, StringConstraints(max_length=10)] = "important"
    level: Annotated[int, Field(ge=1, le=3)] = 1
    reply_required: bool = True


class AmendIn(StepIn):
    matter_id: Id | None = None
    lon: Annotated[float, Field(allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(allow_inf_nan=False)] | None = None
    system: str = "cgcs2000"
    address: Annotated[str, StringConstraints(max_length=500)] | None = None
    description: Opinion | None = None
    urgency: Annotated[str, StringConstraints(pattern="^(normal|urgent)$")] | None = None
    public: bool | None = None


Op = Operation
#: Operations that take more than version, opinion and attachments.
TAKES: dict[Operation, type[StepIn]] = {
    Op.ACCEPT: AcceptIn,
    Op.SEND_VERIFY: SendVerifyIn,
    Op.VERIFY: VerifyIn,
    Op.FILE: FileIn,
    Op.DISPATCH: DepartmentIn,
    Op.REDISPATCH: DepartmentIn,
    Op.SPLIT: SplitIn,
    Op.ASSIGN: AssignIn,
    Op.FORWARD: CollectorIn,
    Op.RECHECK: CollectorIn,
    Op.CLOSE: CloseIn,
    Op.GRANT_FORCED_CLOSE: ForcedCloseIn,
    Op.VISIT_BACK: VisitIn,
    Op.MERGE: MergeIn,
    Op.ASK_SUSPENSION: UntilIn,
    Op.ASK_DEFERRAL: UntilIn,
    Op.SUPERVISE: SuperviseIn,
    Op.AMEND: AmendIn,
}


def form_of(operation: Operation) -> type[StepIn]:
    """What the operation's endpoint takes, and so what its form asks for."""
    return TAKES.get(operation, StepIn)
