"""“Same problem, I follow it too”: a report that joins an open case instead of opening one."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, DomainEvent, Grant, OutboxMessage
from chengyun.governance.actions import receive_report
from chengyun.governance.models import Case, Channel, Report
from tests.api.town import LAT, LON
from tests.at_once import at_once
from tests.governance.conftest import Refused
from tests.governance.test_statement_counts import CREATE, counted


def send(body: dict[str, Any], **headers: str) -> Any:
    return Client().post(
        "/api/reports", json.dumps(body), content_type="application/json", **headers
    )


def follow(receipt: dict[str, Any]) -> Any:
    answer = Client().get(f"/api/reports/{receipt['number']}", {"code": receipt["code"]})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_citizen_joins_and_hears_of_the_same_case(hall: Any) -> None:
    case = hall.handling()
    before = hall.case(case)
    hall.later(minutes=5)
    answer = send({
        "text": "我也看到了", "same_as": case, "lon": LON, "lat": LAT,
        "contact": {"phone": "13900005678"},
    })  # fmt: skip
    assert answer.status_code == 201, answer.content
    receipt = answer.json()
    assert receipt["created"] is True
    assert receipt["case_id"] is None
    after = hall.case(case)
    assert Case.objects.count() == 1
    assert (after.report_count, after.state) == (2, before.state)
    assert after.stage_due_at == before.stage_due_at, "no clock was moved"
    mine = follow(receipt)
    assert mine["text"] == "我也看到了"
    receipts = [step["at"] for step in mine["steps"] if step["operation"] == "receive"]
    assert len(receipts) == 1, "their own receipt, not that of the first reporter"
    assert mine["steps"][-1]["operation"] == "receive"
    hall.department.do("finish", case, opinion="已更换")
    hall.dispatcher.do("forward", case)
    hall.collector.do("pass_check", case)
    hall.shift_leader.do("close", case)
    assert follow(receipt)["may_rate"] is True
    told = {m.template for m in OutboxMessage.objects.all()}
    assert told == {"report.received", "report.closed"}


def test_joining_is_on_record_in_the_audit_and_live(hall: Any) -> None:
    case = hall.pending_file()
    receipt = hall.collector.post("/reports", text="", same_as=case, channel="collector")
    assert receipt["case_id"] == case
    page = hall.acceptor.get(f"/cases/{case}")
    record = page["records"][-1]
    assert (record["operation"], record["from_state"], record["to_state"]) == (
        "receive", "pending_file", "pending_file",
    )  # fmt: skip
    assert record["data"] == {"channel": "collector", "report": receipt["number"]}
    assert [report["number"] for report in page["reports"]][-1] == receipt["number"]
    assert AuditEntry.objects.filter(
        action="governance.report.receive", object_id=receipt["number"]
    ).exists()
    [event] = DomainEvent.objects.filter(kind="governance.case.join")
    assert event.payload == {
        "number": None, "state": "pending_file", "version": page["version"],
        "report": receipt["number"],
    }  # fmt: skip
    assert event.scope_areas == hall.case(case).scope_areas


def test_a_form_that_is_open_at_a_desk_is_not_held_up_by_the_public(hall: Any) -> None:
    case = hall.pending_file()
    version = hall.case(case).version
    send({"text": "还没修", "same_as": case})
    send({"text": "还没修", "same_as": case})
    hall.shift_leader.do("file", case, standard_id=hall.town.standard.pk, version=version)
    send({"text": "还没修", "same_as": case})
    with pytest.raises(Refused) as refused:
        hall.dispatcher.do("dispatch", case, department_id=hall.town.department.pk, version=version)
    assert refused.value.status == 409, "a colleague's step still is a conflict"
    with pytest.raises(Refused) as refused:
        hall.dispatcher.do("dispatch", case, department_id=hall.town.department.pk, version=99)
    assert refused.value.status == 409


def test_what_the_public_may_not_see_looks_like_nothing(hall: Any) -> None:
    hidden, closed = hall.reported(public=False), hall.closed()
    missing = send({"text": "同一问题", "same_as": 2**62})
    for case in (hidden, closed):
        answer = send({"text": "同一问题", "same_as": case})
        assert answer.status_code == 404
        assert answer.json() == missing.json()
    assert Report.objects.count() == 2
    for bad in (0, -1, 2**63, "x", 1.5):
        assert send({"text": "同一问题", "same_as": bad}).status_code == 422
    assert send({"text": " "}).status_code == 422, "only who joins may say nothing"


def test_staff_join_what_they_may_see(hall: Any) -> None:
    hidden, closed = hall.reported(public=False), hall.closed()
    assert hall.acceptor.post("/reports", text="同", same_as=hidden)["case_id"] == hidden
    with pytest.raises(Refused) as refused:
        hall.acceptor.post("/reports", text="同", same_as=closed)
    assert refused.value.status == 409
    Grant.objects.filter(user=hall.collector.user).update(area_code="990009")
    with pytest.raises(Refused) as refused:
        hall.collector.post("/reports", text="同", same_as=hidden)
    assert refused.value.status == 404


def test_the_same_joining_twice_counts_once(hall: Any) -> None:
    case, key = hall.reported(), str(uuid.uuid4())
    first = send({"text": "同", "same_as": case}, HTTP_IDEMPOTENCY_KEY=key)
    second = send({"text": "同", "same_as": case}, HTTP_IDEMPOTENCY_KEY=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["number"] == second.json()["number"]
    assert hall.case(case).report_count == 2


def test_photos_that_are_not_for_the_public_do_not_join_a_public_case(hall: Any) -> None:
    from tests.governance.test_photos import upload

    case = hall.reported()
    photo = upload(hall.acceptor, "report").json()["uuid"]
    with pytest.raises(Refused) as refused:
        hall.acceptor.post("/reports", text="同", same_as=case, attachments=[photo], public=False)
    assert refused.value.problem["field"] == "public"
    hall.acceptor.post("/reports", text="同", same_as=case, attachments=[photo])


def test_joining_costs_no_more_than_a_report(hall: Any) -> None:
    case = hall.reported()
    body = {"text": "同", "same_as": case, "lon": LON, "lat": LAT, "channel": "hotline",
            "contact": {"phone": "13900001234"}}  # fmt: skip
    hall.acceptor.post("/reports", **body)
    assert counted(hall.acceptor.post, "/reports", **body) <= CREATE


def test_anonymous_reports_have_a_limit_of_their_own(hall: Any, settings: Any) -> None:
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"rate_reports": 2})
    codes = [send({"text": "井盖丢失"}).status_code for _ in range(3)]
    assert codes == [201, 201, 429]
    hall.reported()


@pytest.mark.django_db(transaction=True)
def test_many_join_at_the_same_moment() -> None:
    from tests.api.town import build_town

    build_town()
    case = receive_report(actor=Actor.citizen(), channel=Channel.CITIZEN, text="井盖丢失").case
    citizen = Actor.citizen()
    at_once(
        6,
        lambda: receive_report(actor=citizen, channel=Channel.CITIZEN, text="", same_as=case.pk),
    )
    case.refresh_from_db()
    assert (case.report_count, case.version) == (7, 7)
    assert [record.seq for record in case.records.order_by("seq")] == [1, 2, 3, 4, 5, 6, 7]
