"""Yellow, red, waking up: safe to run again and by two workers."""

from typing import Any

from chengyun.core.models import DomainEvent
from chengyun.governance.jobs import RED, YELLOW, warn_late


def test_a_stage_turns_yellow_then_red_once_each(hall: Any) -> None:
    case = hall.handling()  # four urgent hours
    assert (warn_late(RED), warn_late(YELLOW)) == (0, 0)
    hall.later(hours=3.3)
    assert [warn_late(YELLOW), warn_late(YELLOW)] == [1, 0]
    assert hall.case(case).warned == YELLOW
    hall.later(hours=1)
    assert [warn_late(RED), warn_late(RED), warn_late(YELLOW)] == [1, 0, 0]
    kinds = DomainEvent.objects.filter(subject_id=str(case)).values_list("kind", flat=True)
    assert [kind for kind in kinds if kind.endswith(("warning", "overdue"))] == [
        "governance.case.warning",
        "governance.case.overdue",
    ]
    assert [row["id"] for row in hall.leader.get("/cases", overdue=True)["items"]] == [case]
    counts = {row["state"]: row for row in hall.leader.get("/cases/counts")}
    assert counts["handling"]["overdue"] == 1


def test_a_new_deadline_warns_anew(hall: Any) -> None:
    case = hall.handling()
    hall.later(hours=3.5)
    warn_late(YELLOW)
    hall.department.do("ask_extension", case, opinion="材料未到")
    hall.dispatcher.do("grant_extension", case)
    assert hall.case(case).warned == 0
    assert warn_late(YELLOW) == 0


def test_a_suspended_or_closed_case_never_warns(hall: Any) -> None:
    hall.closed()
    case = hall.handling()
    until = hall.now.replace(month=9).isoformat()
    hall.department.do("ask_suspension", case, opinion="汛期", until=until)
    hall.dispatcher.do("grant_suspension", case)
    hall.later(days=30)
    assert (warn_late(RED), warn_late(YELLOW)) == (0, 0)
