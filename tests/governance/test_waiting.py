"""What waits for whom: on the desk of the next mover, and on no other."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.core.models import Grant, Role
from chengyun.governance.flow import FLOW, ROWS
from chengyun.governance.models import OPEN, PAUSED, Case
from chengyun.governance.waiting import DECIDES, MAIN_PATH, NEXT_MOVER
from tests.governance.conftest import Refused


def waiting(hall: Any) -> dict[str, list[int]]:
    """Of every desk the cases that wait for it; desks with none are left out."""
    found = {
        name: sorted(row["id"] for row in desk.get("/cases", waiting="true")["items"])
        for name, desk in hall.desks.items()
    }
    return {name: ids for name, ids in found.items() if ids}


def work(hall: Any, name: str) -> dict[str, int]:
    """The numbers of a desk that are not zero."""
    answer = hall.desks[name].get("/work")
    assert answer.pop("capped") == 1000
    return {key: count for key, count in answer.items() if count}


def test_every_open_state_has_a_next_mover() -> None:
    moved = {state for operation in MAIN_PATH for row in ROWS[operation] for state in row.sources}
    assert moved == OPEN - PAUSED, "a state that nobody moves on, or one that has ended"
    decided = {pair for pairs in DECIDES.values() for pair in pairs}
    assert decided == {row.pending for row in FLOW if row.pending}
    assert Role.EVALUATOR not in NEXT_MOVER.keys() | DECIDES.keys()


def test_a_case_waits_on_the_desk_of_the_next_mover(hall: Any) -> None:
    assert waiting(hall) == {}
    case = hall.reported()
    assert waiting(hall) == {"acceptor": [case]}
    hall.acceptor.do("accept", case, matter_id=hall.town.matters["01001"].pk)
    assert waiting(hall) == {"shift_leader": [case]}
    hall.shift_leader.do("file", case, standard_id=hall.town.standard.pk)
    assert waiting(hall) == {"dispatcher": [case], "dispatcher2": [case]}
    hall.dispatcher.do("dispatch", case, department_id=hall.town.department.pk)
    assert waiting(hall) == {"department": [case]}
    hall.department.do("sign", case)
    assert waiting(hall) == {"department": [case]}
    hall.department.do("assign", case, handler_id=hall.handler.user.pk)
    assert waiting(hall) == {"department": [case], "handler": [case]}
    hall.handler.do("finish", case, opinion="已更换")
    assert waiting(hall) == {"dispatcher": [case], "dispatcher2": [case]}
    hall.dispatcher.do("forward", case, collector_id=hall.collector2.user.pk)
    assert waiting(hall) == {"collector2": [case]}, "it was given to that collector"
    hall.collector2.do("pass_check", case)
    assert waiting(hall) == {"shift_leader": [case]}
    hall.shift_leader.do("close", case)
    assert waiting(hall) == {}


def test_a_task_of_nobody_waits_for_every_collector(hall: Any) -> None:
    case = hall.pending_check()
    hall.case(case).tasks.filter(state="open").update(assignee=None)
    assert waiting(hall) == {"collector": [case], "collector2": [case]}
    hall.case(case).tasks.filter(state="open").update(assignee=hall.collector.user)
    assert waiting(hall) == {"collector": [case]}


def test_a_request_waits_for_its_reviewer_and_then_for_who_decides(hall: Any) -> None:
    case = hall.handling()
    until = (hall.now + timedelta(days=30)).isoformat()
    hall.department.do("ask_deferral", case, opinion="冬季", until=until)
    desks = waiting(hall)
    assert desks.keys() == {"department", "dispatcher", "dispatcher2"}
    assert work(hall, "dispatcher") == {"waiting": 1, "requests": 1, "due_today": 1}
    hall.dispatcher.do("endorse_deferral", case)
    assert waiting(hall).keys() == {"department", "shift_leader"}
    assert work(hall, "shift_leader") == {"waiting": 1, "requests": 1, "due_today": 1}
    hall.shift_leader.do("grant_deferral", case)
    assert waiting(hall) == {}, "the clock stands still; it wakes by itself"


def test_a_forced_closing_waits_for_the_leader_but_never_for_who_asked(hall: Any) -> None:
    case = hall.pending_handle()
    Grant.objects.create(user=hall.shift_leader.user, role=Role.LEADER)
    hall.shift_leader.do("ask_forced_close", case, opinion="无法处置")
    assert waiting(hall) == {"department": [case], "leader": [case]}
    assert "requests" not in work(hall, "shift_leader")


def test_an_appeal_waits_though_its_case_is_closed(hall: Any) -> None:
    case = hall.handling()
    hall.later(hours=9)
    hall.department.do("finish", case, opinion="已更换")
    hall.dispatcher.do("forward", case)
    hall.collector.do("pass_check", case)
    hall.shift_leader.do("close", case)
    hall.department.do("appeal", case, opinion="暴雨")
    assert waiting(hall) == {"dispatcher": [case], "dispatcher2": [case]}
    hall.dispatcher.do("endorse_appeal", case)
    assert waiting(hall) == {"acceptor": [case]}


def test_a_supervision_waits_for_the_department_in_charge_until_it_answers(hall: Any) -> None:
    case = hall.pending_check()
    hall.leader.do("supervise", case, opinion="加快")
    assert waiting(hall)["department"] == [case]
    assert work(hall, "department") == {"waiting": 1, "supervised": 1, "due_today": 1}
    assert "parks" not in waiting(hall)
    hall.department.do("answer_supervision", case, opinion="已完成")
    assert "department" not in waiting(hall)


def test_a_co_handler_waits_for_its_part_only(hall: Any) -> None:
    case = hall.handling()
    parks = hall.parks.user.organisation_id
    hall.dispatcher.do("split", case, department_ids=[parks])
    assert waiting(hall) == {"department": [case], "parks": [case]}
    hall.parks.do("co_finish", case, opinion="已修剪")
    assert waiting(hall) == {"department": [case]}


def test_waiting_goes_no_farther_than_sight(hall: Any) -> None:
    hall.reported()
    Grant.objects.filter(user=hall.acceptor.user).update(area_code="990009")
    assert waiting(hall) == {}
    Grant.objects.filter(user=hall.acceptor.user).update(area_code="", matter_code="town-2026:01")
    assert waiting(hall) == {}, "it has no matter yet"


def test_the_numbers_of_a_desk(hall: Any) -> None:
    hall.reported()
    hall.later(hours=1)  # the first one is late now
    hall.reported()
    assert work(hall, "acceptor") == {"waiting": 2, "overdue": 1, "due_today": 1}
    assert work(hall, "evaluator") == {}
    closed = hall.closed(contact={"phone": "13900001234"})
    assert work(hall, "acceptor")["visits"] == 1
    assert hall.acceptor.get("/visits")["items"][0]["case_id"] == closed
    assert "visits" not in work(hall, "dispatcher")


def test_work_and_what_waits_are_told_in_five_statements(hall: Any) -> None:
    Grant.objects.bulk_create(
        Grant(user=hall.acceptor.user, role=role) for role in Role if role != Role.ACCEPTOR
    )
    hall.acceptor.get("/work")
    with CaptureQueriesContext(connection) as captured:
        hall.acceptor.get("/work")
    assert len(captured) <= 5
    with CaptureQueriesContext(connection) as captured:
        hall.acceptor.get("/cases", waiting="true", order="due")
    assert len(captured) <= 5


# The other filters of a list that a desk needs.


def pages(desk: Any, **query: Any) -> list[int]:
    """The whole list, page by page; and back again, which must be the same."""
    forth: list[list[int]] = []
    page = desk.get("/cases", **query)
    while True:
        forth.append([row["id"] for row in page["items"]])
        if page["next"] is None:
            break
        page = desk.get("/cases", **query, cursor=page["next"])
        if not page["items"]:
            break
    back = [forth[-1]]
    while page["previous"] is not None:
        page = desk.get("/cases", **query, cursor=page["previous"])
        if not page["items"]:
            break
        back.insert(0, [row["id"] for row in page["items"]])
    assert [one for ids in back for one in ids] == [one for ids in forth for one in ids]
    return [one for ids in forth for one in ids]


def test_the_nearest_deadline_comes_first_and_no_deadline_last(hall: Any) -> None:
    cases = [hall.reported() for _ in range(9)]
    base = hall.now + timedelta(hours=1)
    due = [3, None, 1, 2, 1, None, 5, 1, None]
    for case, hours in zip(cases, due, strict=True):
        Case.objects.filter(pk=case).update(
            stage_due_at=None if hours is None else base + timedelta(hours=hours)
        )
    wanted = [cases[place] for place in (2, 4, 7, 3, 0, 6, 1, 5, 8)]
    for limit in (1, 2, 3, 4, 50):
        assert pages(hall.acceptor, order="due", open="true", limit=limit) == wanted
    assert pages(hall.acceptor, order="due", waiting="true", limit=2) == wanted
    assert pages(hall.acceptor, order="new", limit=2) == cases[::-1]
    page = hall.acceptor.get("/cases", order="due", limit=2)
    with pytest.raises(Refused) as refused:
        hall.acceptor.get("/cases", order="new", limit=2, cursor=page["next"])
    assert refused.value.status == 422, "a cursor of another order"


def test_the_order_of_deadlines_is_read_from_its_index(hall: Any) -> None:
    hall.reported()
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        hall.acceptor.get("/cases", order="due", open="true")
        [sql] = [q["sql"] for q in captured if "due_or_never" in q["sql"]]
        cursor.execute("EXPLAIN " + sql)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "case_open_by_due" in plan
    assert "Sort" not in plan


def test_rows_by_id_for_looking_at_them_anew(hall: Any) -> None:
    mine, other = hall.reported(), hall.pending_file()
    hidden = hall.reported()
    Case.objects.filter(pk=hidden).update(scope_areas=["990009"])
    Grant.objects.filter(user=hall.acceptor.user).update(area_code="990000")
    found = hall.acceptor.get("/cases", ids=[mine, other, hidden, 2**62])["items"]
    assert [row["id"] for row in found] == [other, mine]
    for bad in ([0], [2**63], ["x"], list(range(1, 202))):
        with pytest.raises(Refused) as refused:
            hall.acceptor.get("/cases", ids=bad)
        assert refused.value.status == 422


def test_counts_and_total_take_the_filters_of_the_list(
    hall: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        hall.reported()
    hall.pending_file(channel="media")
    hall.closed()
    total = hall.acceptor.get("/cases/total")
    assert total == {"count": 5, "capped": False}
    assert hall.acceptor.get("/cases/total", waiting="true") == {"count": 3, "capped": False}
    assert hall.acceptor.get("/cases/total", channel="media") == {"count": 1, "capped": False}

    def counts(**query: Any) -> dict[str, int]:
        return {row["state"]: row["count"] for row in hall.acceptor.get("/cases/counts", **query)}

    assert counts() == {"reported": 3, "pending_file": 1}
    assert counts(channel="media") == {"pending_file": 1}
    assert counts(waiting="true") == {"reported": 3}
    assert counts(state="closed") == {"closed": 1}
    assert counts(open="false") == {"closed": 1}
    monkeypatch.setattr("chengyun.governance.api.cases.TOTAL_LIMIT", 2)
    assert hall.acceptor.get("/cases/total") == {"count": 2, "capped": True}
    with pytest.raises(Refused) as refused:
        hall.acceptor.get("/cases/total", state="nowhere")
    assert refused.value.problem["field"] == "state"


def test_an_export_keeps_filter_and_order(hall: Any) -> None:
    first, second = hall.reported(), hall.reported()
    hall.pending_file()
    Case.objects.filter(pk=first).update(stage_due_at=hall.now + timedelta(days=2))
    Case.objects.filter(pk=second).update(stage_due_at=hall.now + timedelta(days=1))
    desk = hall.acceptor
    answer = desk.client.get(
        "/api/export/cases.csv",
        {"waiting": "true", "order": "due"},
        headers={"Authorization": f"Bearer {desk.token}"},
    )
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert [int(line.split(",")[0]) for line in lines[1:]] == [second, first]


def test_a_desk_looks_at_its_requests_or_supervisions_alone(hall: Any) -> None:
    case, other = hall.handling(), hall.pending_dispatch()
    hall.department.do("ask_extension", case, opinion="材料未到")
    hall.leader.do("supervise", case, opinion="加快")

    def ids(desk: str, **asked: str) -> list[int]:
        rows = hall.desks[desk].get("/cases", waiting="true", **asked)["items"]
        return sorted(row["id"] for row in rows)

    assert ids("dispatcher") == sorted([case, other])
    assert ids("dispatcher", why="request") == [case]
    assert ids("dispatcher", why="supervision") == []
    assert ids("department", why="supervision") == [case]
    assert ids("department", why="request") == [], "it asked and does not decide"
    assert ids("evaluator", why="request") == []


def test_what_is_due_before_a_moment(hall: Any) -> None:
    hall.reported()
    hall.later(hours=1)
    second = hall.reported()

    def ids(moment: Any, **asked: str) -> list[int]:
        rows = hall.acceptor.get("/cases", due_until=moment.isoformat(), **asked)["items"]
        return [row["id"] for row in rows]

    soon = hall.now + timedelta(minutes=31)
    assert ids(soon, overdue="false", order="due") == [second]
    assert len(ids(soon)) == 2
    assert ids(hall.now + timedelta(minutes=29), overdue="false") == []
    with pytest.raises(Refused) as refused:
        hall.acceptor.get("/cases", due_until="2026-11-22T00:00:00")
    assert refused.value.status == 422
