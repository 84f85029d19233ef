"""Command axis: to the right department, and to another one when it was wrong."""

from collections.abc import Sequence
from typing import Unpack

from chengyun.core.actor import Actor
from chengyun.core.models import Organisation
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.accept import give_task
from chengyun.governance.actions.transition import Form, Step, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, Task


def dispatch(
    *, actor: Actor, case_id: int, department_id: int | None = None, **form: Unpack[Form]
) -> Case:
    """Send the case to the department that must handle it; the handling limit starts."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.DISPATCH,
        **form,
        given={"department": department_id},
    ) as step:
        _send(step, department_id)
    return step.case


def redispatch(
    *, actor: Actor, case_id: int, department_id: int | None = None, **form: Unpack[Form]
) -> Case:
    """Take the case from the wrong department and send it to another; the trace stays."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.REDISPATCH,
        **form,
        given={"department": department_id},
    ) as step:
        case = step.case
        if department_id == case.department_id:
            raise Invalid(
                zh="改派须选择另一个部门。", en="Choose another department.", field="department_id"
            )
        step.data["from_department"] = case.department_id
        case.wrong_dispatch_count += 1
        cancel_tasks(step)
        _send(step, department_id)
    return step.case


def return_case(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The dispatcher sends the case back to filing, with the reason."""
    with transition(actor=actor, case_id=case_id, operation=Operation.RETURN_CASE, **form) as step:
        pass
    return step.case


def split(
    *, actor: Actor, case_id: int, department_ids: Sequence[int], **form: Unpack[Form]
) -> Case:
    """Add co-handling departments. The main department can finish only when they have."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.SPLIT,
        **form,
        given={"departments": list(department_ids)},
    ) as step:
        case = step.case
        departments = [find_department(pk) for pk in dict.fromkeys(department_ids)]
        there = set(
            Task.objects.filter(case=case, kind="co_handle", state="open").values_list(
                "organisation_id", flat=True
            )
        )
        for department in departments:
            if department.pk == case.department_id or department.pk in there:
                raise Invalid(
                    zh=f"{department.name_zh} 已在办理本案。",
                    en=f"{department.name_en or department.code} is already on this case.",
                    field="department_ids",
                )
        Task.objects.bulk_create(
            Task(
                case=case,
                kind="co_handle",
                organisation=department,
                created_at=step.now,
                due_at=case.handle_due_at,
            )
            for department in departments
        )
        # The arrays only grow: whoever took part keeps sight of the case.
        codes = {code for department in departments for code in department.ancestors}
        case.scope_orgs = sorted({*case.scope_orgs, *codes})
        step.data["departments"] = [department.code for department in departments]
    return step.case


def forward(
    *, actor: Actor, case_id: int, collector_id: int | None = None, **form: Unpack[Form]
) -> Case:
    """Pass the department's feedback on to the supervision centre for its check."""
    with transition(actor=actor, case_id=case_id, operation=Operation.FORWARD, **form) as step:
        step.case.check_result = ""
        give_task(step, "check", collector_id)
    return step.case


def reject_feedback(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The feedback is incomplete: back to the department, its clock goes on."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.REJECT_FEEDBACK, **form
    ) as step:
        step.receiver_organisation = step.case.department
    return step.case


def find_department(pk: int | None) -> Organisation:
    """An active body that can handle cases. Raises Invalid."""
    kinds = (
        Organisation.Kind.DEPARTMENT,
        Organisation.Kind.STREET,
        Organisation.Kind.COMPANY,
        Organisation.Kind.OTHER,
    )
    department = Organisation.objects.filter(pk=pk or 0, active=True, kind__in=kinds).first()
    if department is None:
        raise Invalid(
            zh="没有这个可处置的部门。",
            en="There is no such department that handles cases.",
            field="department_id",
            remedy_zh="请选择有效的专业部门、街道或企业。",
            remedy_en="Choose an active department, street or company.",
        )
    return department


def cancel_tasks(step: Step, *kinds: str) -> None:
    """Open tasks of the case are called off (all kinds when none is named)."""
    tasks = Task.objects.filter(case=step.case, state="open")
    if kinds:
        tasks = tasks.filter(kind__in=kinds)
    tasks.update(state="cancelled", done_at=step.now)


def _send(step: Step, department_id: int | None) -> None:
    if step.case.standard is None:
        raise Conflict(zh="案件尚未套用立案标准。", en="The case has no standard yet.")
    department = find_department(department_id)
    case = step.case
    case.department, case.handler = department, None
    case.scope_orgs = sorted({*case.scope_orgs, *department.ancestors})
    step.receiver_organisation = department
    step.data["department"] = department.code
