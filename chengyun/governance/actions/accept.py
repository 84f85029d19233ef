"""Supervision axis, first half: from a report to a case with a number and a standard."""

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

from django.db import connection

from chengyun.city.models import Matter
from chengyun.core.access import scope_of
from chengyun.core.actor import Actor
from chengyun.core.models import Organisation, Role, User
from chengyun.core.problems import Invalid
from chengyun.governance import clocks
from chengyun.governance.actions.transition import Form, Step, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case, Report, Standard, State, Task
from chengyun.governance.notices import notify_reporters
from chengyun.governance.queries import least_busy_collector, roles_at, standards_of

VERIFY_RESULTS = ("exists", "not_exists", "cannot")


def accept(
    *, actor: Actor, case_id: int, matter_id: int | None = None, **form: Unpack[Form]
) -> Case:
    """Register a report as one of the city's matters; without ``matter_id`` the reported one."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.ACCEPT,
        **form,
        given={"matter": matter_id},
    ) as step:
        _classify(step, matter_id)
        step.case.accepted_at = step.now
    return step.case


def send_verify(
    *,
    actor: Actor,
    case_id: int,
    matter_id: int | None = None,
    collector_id: int | None = None,
    **form: Unpack[Form],
) -> Case:
    """Accept, and send a collector to look whether it is true. Without ``collector_id`` the least
    busy one of the supervision grid; if there is none the task waits in the area's pool."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.SEND_VERIFY,
        **form,
        given={"matter": matter_id},
    ) as step:
        _classify(step, matter_id)
        step.case.accepted_at = step.now
        step.case.verify_result = ""
        give_task(step, "verify", collector_id)
    return step.case


def verify(*, actor: Actor, case_id: int, result: str, **form: Unpack[Form]) -> Case:
    """A collector says whether it exists (``exists``, ``not_exists``, ``cannot``)."""
    if result and result not in VERIFY_RESULTS:
        raise Invalid(
            zh=f"核实结果须为 {'、'.join(VERIFY_RESULTS)} 之一。",
            en=f"The result is one of {', '.join(VERIFY_RESULTS)}.",
            field="result",
        )
    with transition(
        actor=actor, case_id=case_id, operation=Operation.VERIFY, **form, given={"result": result}
    ) as step:
        step.case.verified_at = step.now
        step.case.verify_result = result
        step.data["result"] = result
        finish_task(step, "verify", result)
    return step.case


def refuse(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Not accept: out of scope, not true. The reporters are told why."""
    with transition(actor=actor, case_id=case_id, operation=Operation.REFUSE, **form) as step:
        step.case.status_note = step.opinion
        notify_reporters(step.case, "report.refused", step.opinion)
    return step.case


def file(
    *,
    actor: Actor,
    case_id: int,
    standard_id: int | None = None,
    missed_by_patrol: bool = False,
    **form: Unpack[Form],
) -> Case:
    """Give the case its number and its standard (立案). ``missed_by_patrol`` notes that a
    collector should have found a public report first (漏报)."""
    with transition(
        actor=actor,
        case_id=case_id,
        operation=Operation.FILE,
        **form,
        given={"standard": standard_id},
    ) as step:
        case = step.case
        case.standard = _standard(step, standard_id)
        if case.number is None:
            case.number = _next_number(case, step.now)
        case.filed_at = step.now
        step.data["standard"] = standard_id
        if missed_by_patrol:
            Report.objects.filter(case=case).update(first_found_by_public=True)
            step.data["missed_by_patrol"] = True
    return step.case


def return_report(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """The shift leader sends it back to the acceptor, with the reason."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.RETURN_REPORT, **form
    ) as step:
        step.case.accepted_at = None
    return step.case


def self_handle(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """A collector puts right a trifle on the spot; counted apart, it never gets a number."""
    with transition(actor=actor, case_id=case_id, operation=Operation.SELF_HANDLE, **form) as step:
        if not Report.objects.filter(case=step.case, reporter=step.user).exists():
            raise Invalid(
                zh="只能自行处置本人上报的问题。", en="Only what you reported yourself.",
            )  # fmt: skip
        step.case.self_handled = True
        step.case.handled_at = step.case.closed_at = step.now
    return step.case


def give_task(step: Step, kind: str, collector_id: int | None) -> Task:
    """A collector's task; the step's record names who received it."""
    case = step.case
    if collector_id is None:
        collector = least_busy_collector(case)
    else:
        collector = User.objects.filter(pk=collector_id, is_active=True).first()
        if collector is None or Role.COLLECTOR not in roles_at(scope_of(collector), case):
            raise Invalid(
                zh="所选人员不是该区域的采集员。",
                en="This person is not a collector of the area.",
                field="collector_id",
            )
    state = State.PENDING_VERIFY if kind == "verify" else State.PENDING_CHECK
    step.receiver = collector
    return Task.objects.create(
        case=case,
        kind=kind,
        assignee=collector,
        created_at=step.now,
        due_at=clocks.state_due(state, step.now),
    )


def finish_task(step: Step, kind: str, result: str) -> None:
    """Close the open task of the kind; whoever did it is its assignee from now on."""
    Task.objects.filter(case=step.case, kind=kind, state="open").update(
        state="done",
        result=result,
        opinion=step.opinion,
        attachments=list(step.attachments),
        assignee=step.user,
        done_at=step.now,
    )


def classify(step: Step, matter: Matter, orgs: Sequence[Organisation]) -> None:
    """Make the case a case of this matter, permissions included."""
    step.data["matter"] = {"before": step.case.matter_id, "after": matter.pk}
    step.case.matter = matter
    step.rescope(orgs)


def find_matter(matter_id: int) -> Matter:
    """An active matter. Raises Invalid."""
    matter = Matter.objects.select_related("edition").filter(pk=matter_id, active=True).first()
    if matter is None:
        raise Invalid(zh="没有这个事项小类。", en="There is no such matter.", field="matter_id")
    return matter


def _classify(step: Step, matter_id: int | None) -> None:
    if matter_id is not None and matter_id != step.case.matter_id:
        classify(step, find_matter(matter_id), [])


def _standard(step: Step, standard_id: int | None) -> Standard:
    assert standard_id is not None
    assert step.case.matter_id is not None
    standard = standards_of(step.case.matter_id, step.now).filter(pk=standard_id).first()
    if standard is None:
        raise Invalid(
            zh="所选立案标准不属于本案小类，或今日无效。",
            en="This standard is not one of the case's matter, or is not valid today.",
            field="standard_id",
        )
    return standard


def _next_number(case: Case, now: datetime) -> str:
    """District, day, serial. The counter's row is locked until the filing commits, so that a
    filing rolled back gives its serial back: numbers have no gaps."""
    day = now.astimezone(clocks.calendar().tz).date()
    prefix = case.district_code or "0"
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO governance_casenumber (day, prefix, last) VALUES (%s, %s, 1)
               ON CONFLICT (day, prefix) DO UPDATE SET last = governance_casenumber.last + 1
               RETURNING last""",
            [day, prefix],
        )
        (last,) = cursor.fetchone()
    return f"{prefix}{day:%Y%m%d}{last:05d}"
