"""Departments: sign, assign, make safe, finish; or give the case back."""

from typing import Unpack

from chengyun.core.access import scope_of
from chengyun.core.actor import Actor
from chengyun.core.models import Role, User
from chengyun.core.problems import Conflict, Forbidden, Invalid
from chengyun.governance.actions.dispatch import cancel_tasks
from chengyun.governance.actions.transition import Form, Step, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, CaseRequest, Task
from chengyun.governance.queries import roles_at


def sign(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The department takes the case."""
    with transition(actor=actor, case_id=case_id, operation=Operation.SIGN, **form) as step:
        own(step)
        step.case.signed_at = step.now
    return step.case


def return_dispatch(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Not ours (退单): back to the dispatcher, who can send it elsewhere or back to filing."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.RETURN_DISPATCH, **form
    ) as step:
        own(step)
        case = step.case
        if case.handler_id is not None:
            raise Conflict(
                zh="案件已指派处置人员，请先撤回指派再退单。",
                en="A handler is assigned: take the case back from them first.",
                remedy_zh="执行“撤回指派”。",
                remedy_en="Perform unassign.",
            )
        step.data["from_department"] = case.department_id
        case.wrong_dispatch_count += 1
        cancel_tasks(step)
        withdraw_requests(step)
        case.department = None
    return step.case


def assign(
    *, actor: Actor, case_id: int, handler_id: int | None = None, **form: Unpack[Form]
) -> Case:
    """Give the work to one of the department's handlers."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ASSIGN,
        **form,
        given={"handler": handler_id},
    ) as step:
        own(step)
        case = step.case
        handler = User.objects.filter(pk=handler_id or 0, is_active=True).first()
        if handler is None or Role.HANDLER not in roles_at(scope_of(handler), case):
            raise Invalid(
                zh="所选人员不是本部门的处置人员。",
                en="This person is not a handler of the department.",
                field="handler_id",
            )
        if case.handler_id is not None:
            cancel_tasks(step, "handle")
        Task.objects.create(
            case=case,
            kind="handle",
            organisation=case.department,
            assignee=handler,
            created_at=step.now,
            due_at=case.handle_due_at,
        )
        case.handler = handler
        step.receiver = handler
    return step.case


def unassign(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Take the work back from the handler, or the handler gives it back."""
    with transition(actor=actor, case_id=case_id, operation=Operation.UNASSIGN, **form) as step:
        own(step)
        if step.case.handler_id is None:
            raise Conflict(zh="案件没有指派处置人员。", en="No handler is assigned.")
        cancel_tasks(step, "handle")
        step.data["handler"] = step.case.handler_id
        step.case.handler = None
    return step.case


def make_safe(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The danger is fenced off; the repair goes on under the final limit."""
    with transition(actor=actor, case_id=case_id, operation=Operation.MAKE_SAFE, **form) as step:
        own(step)
        if step.case.make_safe_at is not None:
            raise Conflict(zh="已登记应急围护。", en="It was made safe already.")
        step.case.make_safe_at = step.now
        due = step.case.make_safe_due_at
        step.data["late"] = due is not None and step.now > due
    return step.case


def finish(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Done, says the department: its clock stops, the dispatcher reads the feedback."""
    with transition(actor=actor, case_id=case_id, operation=Operation.FINISH, **form) as step:
        own(step)
        open_tasks = list(
            Task.objects.filter(case=step.case, state="open").select_related("organisation")
        )
        waiting = [task for task in open_tasks if task.kind == "co_handle"]
        if waiting:
            names = "、".join(task.organisation.name_zh for task in waiting if task.organisation)
            raise Conflict(
                zh=f"协办部门尚未完成：{names}。",
                en=f"{len(waiting)} co-handling departments have not finished.",
            )
        if open_tasks:
            Task.objects.filter(pk__in=[task.pk for task in open_tasks]).update(
                state="done", opinion=step.opinion, done_at=step.now
            )
    return step.case


def co_finish(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """A co-handling department reports its part done."""
    with transition(actor=actor, case_id=case_id, operation=Operation.CO_FINISH, **form) as step:
        done = Task.objects.filter(
            case=step.case, kind="co_handle", state="open", organisation__code__in=_codes_held(step)
        ).update(
            state="done",
            opinion=step.opinion,
            attachments=list(step.attachments),
            assignee=step.user,
            done_at=step.now,
        )
        if not done:
            raise Forbidden(
                zh="本部门不是本案的待办协办单位。",
                en="Your department has no open co-handling task on this case.",
            )
    return step.case


def withdraw_requests(step: Step) -> None:
    """Requests that wait are void when the case leaves the department."""
    CaseRequest.objects.filter(case=step.case, state__in=["pending", "endorsed"]).update(
        state="withdrawn", decided_at=step.now
    )


def _codes_held(step: Step) -> set[str]:
    """Organisations for which the actor holds a department's post."""
    return {
        clause.org
        for clause in step.actor.scope.for_roles({Role.DEPARTMENT, Role.HANDLER}).clauses
        if clause.org is not None
    }


def own(step: Step) -> None:
    """Co-handlers and former departments see the case, but only the main department acts."""
    if step.actor.user is None:
        return
    department = step.case.department
    if department is None or not _codes_held(step) & set(department.ancestors):
        raise Forbidden(
            zh="只有主办部门可以执行此操作。", en="Only the department in charge may do this."
        )
    if step.role is Role.HANDLER and step.case.handler_id != step.user.pk:
        raise Forbidden(zh="案件未指派给您。", en="The case is not assigned to you.")
