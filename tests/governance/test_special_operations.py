"""What happens beside the main path: returns, time asked for, pressing, merging, appeal."""

from datetime import timedelta
from typing import Any

import pytest

from chengyun.governance.jobs import wake_due
from chengyun.governance.models import ClockPause, Report, VisitBack
from tests.governance.conftest import Refused


def refused(call: Any, *arguments: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*arguments, **more)
    return caught.value


def test_a_wrong_department_returns_the_case_and_it_goes_elsewhere(hall: Any) -> None:
    case = hall.handling()
    hall.department.do("assign", case, handler_id=hall.handler.user.pk)
    # An assigned handler must be taken off first.
    assert refused(hall.department.do, "return_dispatch", case, opinion="非职责").status == 409
    hall.department.do("unassign", case, opinion="退单")
    hall.department.do("return_dispatch", case, opinion="属园林处管辖")
    # After a return the dispatcher can only send it elsewhere or back to filing.
    offered = {row["operation"] for row in hall.dispatcher.get(f"/cases/{case}")["operations"]}
    assert offered - {"annotate", "urge"} == {"dispatch", "return_case"}
    parks = hall.parks.user.organisation_id
    hall.dispatcher.do("dispatch", case, department_id=parks)
    assert hall.parks.do("sign", case)["department"] == "PARKS"
    assert hall.case(case).wrong_dispatch_count == 1
    # The first department keeps sight of what it had, but may no longer act.
    assert refused(hall.department.do, "finish", case, opinion="x").status == 403


def test_redispatch_takes_the_case_with_a_trace_and_a_new_clock(hall: Any) -> None:
    case = hall.handling()
    first_due = hall.case(case).handle_due_at
    hall.later(hours=2)
    parks = hall.parks.user.organisation_id
    hall.dispatcher.do("redispatch", case, department_id=parks, opinion="应由园林处处置")
    now = hall.case(case)
    assert (now.state, now.wrong_dispatch_count) == ("pending_handle", 1)
    assert now.handle_due_at == first_due + timedelta(hours=2)
    record = now.records.latest("seq")
    assert record.data["from_department"] == hall.town.department.pk
    same = refused(hall.dispatcher.do, "redispatch", case, department_id=parks, opinion="x")
    assert same.problem["field"] == "department_id"


def test_rework_keeps_everything_and_gives_the_time_of_checking_back(hall: Any) -> None:
    case = hall.handling()
    due = hall.case(case).handle_due_at
    hall.later(hours=1)
    hall.department.do("finish", case, opinion="已处置")
    hall.later(hours=2)
    hall.dispatcher.do("forward", case)
    hall.collector.do("rework", case, opinion="未恢复")
    now = hall.case(case)
    assert (now.state, now.rework_count, now.handled_at) == ("handling", 1, None)
    assert now.handle_due_at == due + timedelta(hours=2)
    assert now.stage_due_at == now.handle_due_at
    hall.department.do("finish", case, opinion="重新处置")
    assert not hall.case(case).handle_late


def test_two_extensions_before_the_deadline_each_one_limit(hall: Any) -> None:
    case = hall.handling()
    due = hall.case(case).handle_due_at
    for turn in (1, 2):
        hall.department.do("ask_extension", case, opinion="材料未到")
        assert refused(hall.department.do, "ask_extension", case, opinion="x").status == 409
        hall.dispatcher.do("grant_extension", case)
        assert hall.case(case).handle_due_at == due + turn * timedelta(hours=4)
    assert refused(hall.department.do, "ask_extension", case, opinion="第三次").status == 409


def test_a_refused_extension_does_not_count_and_late_asking_is_refused(hall: Any) -> None:
    case = hall.handling()
    hall.department.do("ask_extension", case, opinion="材料未到")
    hall.dispatcher.do("refuse_extension", case, opinion="理由不足")
    assert hall.case(case).extension_count == 0
    hall.later(hours=5)
    assert refused(hall.department.do, "ask_extension", case, opinion="晚了").status == 409


def test_nothing_to_decide_is_a_conflict(hall: Any) -> None:
    case = hall.handling()
    assert refused(hall.dispatcher.do, "grant_extension", case).status == 409
    assert refused(hall.dispatcher.do, "grant_suspension", case).status == 409


def test_suspension_stops_the_clock_and_wakes_by_itself(hall: Any) -> None:
    case = hall.handling()
    due = hall.case(case).handle_due_at
    hall.later(hours=1)
    until = hall.now + timedelta(days=30)
    hall.department.do("ask_suspension", case, opinion="汛期", until=until.isoformat())
    hall.dispatcher.do("grant_suspension", case)
    asleep = hall.case(case)
    assert (asleep.state, asleep.stage_due_at) == ("suspended", None)
    # No handling while suspended.
    assert refused(hall.department.do, "finish", case, opinion="x").status == 409
    hall.later(days=29)
    assert wake_due() == 0
    hall.later(days=1)
    assert (wake_due(), wake_due()) == (1, 0)
    awake = hall.case(case)
    assert (awake.state, awake.handle_due_at) == ("handling", due + timedelta(days=30))
    assert awake.records.latest("seq").actor is None
    assert ClockPause.objects.get(case=case).ended_at == until
    # Once only.
    again = (hall.now + timedelta(days=1)).isoformat()
    once = refused(hall.department.do, "ask_suspension", case, opinion="x", until=again)
    assert once.status == 409


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_suspension_ends_in_the_future_within_a_year(hall: Any, days: int) -> None:
    case = hall.handling()
    until = (hall.now + timedelta(days=days)).isoformat()
    problem = refused(hall.department.do, "ask_suspension", case, opinion="x", until=until)
    assert (problem.status, problem.problem["field"]) == (422, "until")


def test_a_deferral_is_endorsed_by_one_and_granted_by_another(hall: Any) -> None:
    case = hall.handling()
    until = (hall.now + timedelta(days=60)).isoformat()
    hall.department.do("ask_deferral", case, opinion="待春季补植", until=until)
    assert refused(hall.shift_leader.do, "grant_deferral", case).status == 409
    hall.dispatcher.do("endorse_deferral", case)
    hall.shift_leader.do("grant_deferral", case)
    assert hall.case(case).state == "deferred"
    hall.dispatcher.do("resume", case)
    assert hall.case(case).state == "handling"


def test_void_and_refuse_end_the_case_with_a_reason(hall: Any) -> None:
    assert refused(hall.acceptor.do, "void", hall.reported()).problem["field"] == "opinion"
    case = hall.reported()
    hall.acceptor.do("void", case, opinion="恶作剧")
    assert hall.case(case).state == "voided"
    other = hall.pending_file()
    hall.shift_leader.do("refuse", other, opinion="不在管理范围")
    assert hall.case(other).status_note == "不在管理范围"
    working = hall.handling()
    hall.shift_leader.do("void", working, opinion="重复录入")
    assert not hall.case(working).tasks.filter(state="open").exists()


def test_supervision_is_answered_by_the_department_only(hall: Any) -> None:
    case = hall.handling()
    hall.leader.do("supervise", case, opinion="今日内恢复", kind="leader", level=2)
    hall.shift_leader.do("urge", case)
    assert refused(hall.parks.do, "answer_supervision", case, opinion="x").status == 404
    hall.department.do("answer_supervision", case, opinion="已安排抢修")
    assert refused(hall.department.do, "answer_supervision", case, opinion="再答").status == 409
    page = hall.leader.get(f"/cases/{case}")
    assert page["supervisions"][0]["reply"] == "已安排抢修"
    assert (page["supervision_count"], page["urge_count"]) == (1, 1)


def test_forced_closing_needs_a_leader_and_is_flagged(hall: Any) -> None:
    case = hall.handling()
    assert refused(hall.leader.do, "grant_forced_close", case).status == 409
    hall.shift_leader.do("ask_forced_close", case, opinion="权属争议长期无法解决")
    assert refused(hall.shift_leader.do, "grant_forced_close", case).status == 403
    hall.leader.do("grant_forced_close", case)
    closed = hall.case(case)
    assert (closed.state, closed.forced) == ("closed", True)


def test_an_appeal_changes_statistics_and_never_the_raw_fact(hall: Any) -> None:
    case = hall.handling()
    hall.later(hours=9)
    hall.department.do("finish", case, opinion="已处置")
    hall.dispatcher.do("forward", case)
    hall.collector.do("pass_check", case)
    hall.shift_leader.do("close", case)
    assert hall.case(case).handle_late
    hall.department.do("appeal", case, opinion="现场被围挡")
    assert refused(hall.acceptor.do, "grant_appeal", case).status == 409
    hall.dispatcher.do("endorse_appeal", case)
    hall.acceptor.do("grant_appeal", case)
    after = hall.case(case)
    assert (after.handle_late, after.timeout_exempt) == (True, True)
    assert refused(hall.department.do, "appeal", case, opinion="再次").status == 409
    # A case in time has nothing to appeal.
    assert refused(hall.department.do, "appeal", hall.closed(), opinion="x").status == 409


def test_merging_keeps_every_reporter_informed_and_can_be_undone(hall: Any) -> None:
    main = hall.reported(contact={"phone": "13900000001"})
    twin = hall.reported(text="同一个井盖", contact={"phone": "13900000002"})
    hall.acceptor.do("merge", twin, main_id=main)
    assert hall.case(twin).state == "merged"
    assert hall.case(main).report_count == 2
    hall.shift_leader.do("unmerge", twin, opinion="不是同一处")
    assert (hall.case(main).report_count, hall.case(twin).report_count) == (1, 1)
    hall.acceptor.do("merge", twin, main_id=main)
    hall.acceptor.do("accept", main, matter_id=hall.town.matters["01001"].pk)
    hall.shift_leader.do("file", main, standard_id=hall.town.standard.pk)
    hall.dispatcher.do("dispatch", main, department_id=hall.town.department.pk)
    hall.department.do("sign", main)
    hall.department.do("finish", main, opinion="好了")
    hall.dispatcher.do("forward", main)
    hall.collector.do("pass_check", main)
    hall.shift_leader.do("close", main)
    from chengyun.core.models import OutboxMessage

    told = OutboxMessage.objects.filter(template="report.closed")
    assert told.count() == 2
    assert VisitBack.objects.filter(case=main).count() == 2
    assert Report.objects.filter(case=main).count() == 2
    third = hall.reported()
    assert refused(hall.acceptor.do, "merge", third, main_id=main).status == 409
    assert refused(hall.acceptor.do, "merge", third, main_id=third).status == 422


def test_the_main_department_waits_for_its_co_handlers(hall: Any) -> None:
    case = hall.handling()
    parks = hall.parks.user.organisation_id
    assert refused(hall.parks.get, f"/cases/{case}").status == 404
    hall.dispatcher.do("split", case, department_ids=[parks])
    assert hall.parks.get(f"/cases/{case}")["tasks"][-1]["kind"] == "co_handle"
    assert refused(hall.parks.do, "finish", case, opinion="越权").status == 403
    assert refused(hall.department.do, "finish", case, opinion="完成").status == 409
    hall.parks.do("co_finish", case, opinion="绿化带已恢复")
    hall.department.do("finish", case, opinion="完成")
    assert hall.case(case).state == "pending_feedback"


def test_nobody_checks_work_of_their_own(hall: Any) -> None:
    """Even a person who changed posts in between."""
    from chengyun.core.models import Grant

    case = hall.pending_check()
    Grant.objects.filter(user=hall.dispatcher.user).delete()
    Grant.objects.create(user=hall.dispatcher.user, role="collector")
    assert refused(hall.dispatcher.do, "pass_check", case).status == 403


def test_a_not_solved_rating_opens_the_case_again(hall: Any) -> None:
    receipt = hall.acceptor.post(
        "/reports", text="井盖丢失", lon=120.05, lat=36.05, channel="hotline",
        contact={"phone": "13900000001"},
    )  # fmt: skip
    case, number, code = receipt["case_id"], receipt["number"], receipt["code"]
    from django.test import Client

    citizen = Client()
    rating = {"code": code, "answered": True, "solved": False, "satisfied": False}

    def rate() -> Any:
        return citizen.post(
            f"/api/reports/{number}/rating", rating, content_type="application/json"
        )

    assert rate().status_code == 409  # not closed yet
    hall.acceptor.do("accept", case, matter_id=hall.town.matters["01001"].pk)
    hall.shift_leader.do("file", case, standard_id=hall.town.standard.pk)
    hall.dispatcher.do("dispatch", case, department_id=hall.town.department.pk)
    hall.department.do("sign", case)
    hall.department.do("finish", case, opinion="好了")
    hall.dispatcher.do("forward", case)
    hall.collector.do("pass_check", case)
    hall.shift_leader.do("close", case)

    def followed() -> Any:
        return citizen.get(f"/api/reports/{number}", {"code": code}).json()

    # What closed it is the standard's own words, which are kept in both languages.
    type(hall.town.standard).objects.update(closing_en="The cover is back.")
    told = followed()
    assert (told["note"], told["note_en"]) == (hall.town.standard.closing_zh, "The cover is back.")
    answer = rate()
    assert (answer.status_code, answer.json()["reopened"]) == (200, True)
    # Nothing of the first result holds any longer: neither its words nor its review.
    assert (followed()["note"], followed()["note_en"]) == ("", "")
    pauses = hall.dispatcher.get(f"/cases/{case}")["pauses"]
    assert [pause["reason"] for pause in pauses if pause["ended_at"]] == ["review"]
    assert len(pauses) == 1
    again = hall.case(case)
    assert (again.state, again.reopen_count, again.solved) == ("pending_dispatch", 1, False)
    assert rate().status_code == 409


def test_a_collector_fixes_a_trifle_only_of_their_own(hall: Any) -> None:
    own = hall.collector.post("/reports", text="纸屑", lon=120.05, lat=36.05, channel="collector")
    other = hall.reported()
    assert refused(hall.collector.do, "self_handle", other, opinion="x").status == 422
    hall.collector.do("self_handle", own["case_id"], opinion="已捡拾")
    done = hall.case(own["case_id"])
    assert (done.state, done.number, done.self_handled) == ("closed", None, True)


def test_correcting_after_filing_is_counted_and_moves_the_permissions(hall: Any) -> None:
    case = hall.pending_dispatch()
    lamp = hall.town.matters["01002"]
    hall.shift_leader.do("amend", case, matter_id=lamp.pk, opinion="实为路灯")
    after = hall.case(case)
    assert (after.corrected, after.standard) == (True, None)
    assert lamp.token in after.scope_matters
    # Without a standard of the new matter it cannot be sent.
    sent = refused(hall.dispatcher.do, "dispatch", case, department_id=hall.town.department.pk)
    assert sent.status == 409


def test_year_zero_and_naive_dates_are_refused(hall: Any) -> None:
    case = hall.handling()
    for until in ("0000-01-01T00:00:00Z", "2026-05-01T00:00:00"):
        problem = refused(hall.department.do, "ask_suspension", case, opinion="x", until=until)
        assert problem.status == 422
    assert hall.case(case).state == "handling"
