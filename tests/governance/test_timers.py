"""Yellow, red, waking up: safe to run again and by two workers."""

from typing import Any

import pytest

from chengyun.core.models import Contact, DomainEvent, OutboxMessage
from chengyun.governance.jobs import (
    RED,
    YELLOW,
    ask_visits,
    end_visits,
    keep_contacts_of_open_cases,
    warn_late,
)
from tests.governance.conftest import Refused


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


def test_reporters_are_asked_once_and_the_unreachable_are_not_counted(hall: Any) -> None:
    case = hall.closed(contact={"phone": "13900001234"})
    assert ask_visits() == 0
    [visit] = hall.acceptor.get("/visits")["items"]
    assert (visit["case_id"], visit["contact"]["phone"]) == (case, "139****1234")
    hall.later(days=3)
    assert [ask_visits(), ask_visits()] == [1, 0]
    assert OutboxMessage.objects.filter(template="report.rate").count() == 1
    hall.later(days=14)
    assert end_visits() == 0
    hall.later(days=2)
    assert [end_visits(), end_visits()] == [1, 0]
    assert hall.case(case).solved is None
    assert hall.acceptor.get("/visits")["items"] == []


def test_a_visit_back_notes_what_the_reporter_says(hall: Any) -> None:
    case = hall.closed(contact={"phone": "13900001234"})
    [visit] = hall.acceptor.get("/visits")["items"]
    said = {"report_number": visit["report_number"], "answered": True, "solved": True}
    with pytest.raises(Refused):  # satisfied is missing
        hall.acceptor.do("visit_back", case, **said)
    hall.acceptor.do("visit_back", case, satisfied=False, **said)
    asked = hall.case(case)
    assert (asked.answered, asked.solved, asked.satisfied) == (True, True, False)
    assert hall.acceptor.get("/visits")["items"] == []


def test_a_contact_is_kept_while_its_case_is_open(hall: Any) -> None:
    hall.handling(contact={"phone": "13900000001"})
    hall.closed(contact={"phone": "13900000002"})
    open_one, closed_one = Contact.objects.order_by("created_at")
    hall.later(days=600)
    assert keep_contacts_of_open_cases() == 1
    assert Contact.objects.get(pk=open_one.pk).erase_after > open_one.erase_after
    assert Contact.objects.get(pk=closed_one.pk).erase_after == closed_one.erase_after
    assert keep_contacts_of_open_cases() == 0
