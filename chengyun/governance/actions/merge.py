"""Duplicates become one case; every reporter stays informed. Also: void."""

from typing import Unpack

from django.db.models import F

from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.dispatch import cancel_tasks
from chengyun.governance.actions.handle import withdraw_requests
from chengyun.governance.actions.transition import Form, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import TERMINAL, Case, CaseRecord, Report
from chengyun.governance.notices import notify_reporters
from chengyun.governance.queries import visible_cases


def merge(*, actor: Actor, case_id: int, main_id: int | None = None, **form: Unpack[Form]) -> Case:
    """This case is the same as ``main_id``: its reports move there, and hear the main result."""
    with transition(
        actor=actor, case_id=case_id, operation=Operation.MERGE, **form, given={"main": main_id}
    ) as step:
        case = step.case
        main = visible_cases(actor.scope).filter(pk=main_id or 0).first()
        if main is None or main.pk == case.pk:
            raise Invalid(
                zh="没有这个主案件，或与本案相同。",
                en="There is no such main case, or it is this one.",
                field="main_id",
            )
        if main.state in TERMINAL:
            raise Conflict(
                zh="主案件已办结，不能并入。",
                en="The main case has ended: nothing can be merged into it.",
            )
        if Case.objects.filter(merged_into=case).exists():
            raise Conflict(
                zh="本案已有并入的案件，请以本案为主案件。",
                en="Other cases were merged into this one: make it the main case.",
            )
        reports = notify_reporters(case, "report.merged", main.number or f"#{main.pk}")
        moved = [report.pk for report in reports]
        Report.objects.filter(pk__in=moved).update(case=main)
        # One UPDATE, no lock order to mind: the main row is only counted up.
        Case.objects.filter(pk=main.pk).update(report_count=F("report_count") + len(moved))
        cancel_tasks(step)
        case.merged_into, case.report_count = main, 0
        step.data.update(main=main.pk, reports=moved)
    return step.case


def unmerge(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Undo a merge: the reports that came with this case return, it is accepted anew."""
    with transition(actor=actor, case_id=case_id, operation=Operation.UNMERGE, **form) as step:
        case, main = step.case, step.case.merged_into
        assert main is not None
        merged = CaseRecord.objects.filter(case=case, operation=Operation.MERGE).latest("seq")
        back = Report.objects.filter(case=main, pk__in=merged.data["reports"]).update(case=case)
        Case.objects.filter(pk=main.pk).update(report_count=F("report_count") - back)
        step.data.update(main=main.pk, reports=back)
        case.merged_into, case.report_count = None, back
        case.accepted_at = case.verified_at = None
    return step.case


def void(*, actor: Actor, case_id: int, **form: Unpack[Form]) -> Case:
    """Not a matter of ours, false, or entered by mistake: the case ends here, with the reason."""
    with transition(actor=actor, case_id=case_id, operation=Operation.VOID, **form) as step:
        cancel_tasks(step)
        withdraw_requests(step)
        step.case.status_note = step.opinion
        notify_reporters(step.case, "report.refused", step.opinion)
    return step.case
