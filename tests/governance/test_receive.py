"""Every way in ends in one report and one case."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.core import clock
from chengyun.core.models import Contact, Grant, OutboxMessage, Role
from chengyun.governance.actions import receive_report
from chengyun.governance.actions.receive import Receipt
from chengyun.governance.models import Case, Channel, Report
from tests.api.town import FAR_LAT, FAR_LON, LAT, LON
from tests.at_once import at_once
from tests.governance.conftest import Refused
from tests.governance.test_photos import fetch, upload


def send(body: dict[str, Any], **headers: str) -> Any:
    return Client().post(
        "/api/reports", json.dumps(body), content_type="application/json", **headers
    )


def test_a_citizen_reports_without_a_name_and_follows(hall: Any) -> None:
    answer = send({"text": "路灯不亮了", "lon": LON, "lat": LAT})
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["case_id"] is None  # inner numbers are not for the public
    followed = Client().get(f"/api/reports/{receipt['number']}", {"code": receipt["code"]})
    assert followed.status_code == 200
    assert followed.json()["steps"][0]["zh"] == "已收到您的诉求"
    wrong = Client().get(f"/api/reports/{receipt['number']}", {"code": "AAAAAAAA"})
    missing = Client().get("/api/reports/R20260101XXXXXXXX", {"code": receipt["code"]})
    assert wrong.status_code == missing.status_code == 404
    assert wrong.json()["detail"] == missing.json()["detail"]


def test_a_receipt_bears_the_day_of_the_city_and_is_found_by_misread_letters(hall: Any) -> None:
    # Half past five in the morning in Qingdao is the day before in Greenwich.
    with clock.at(datetime(2026, 11, 29, 21, 30, tzinfo=UTC)):
        receipts = [send({"text": f"路灯 {n} 不亮了"}).json() for n in range(5)]
    assert {receipt["number"][:9] for receipt in receipts} == {"R20261130"}
    misread = str.maketrans("OIB", "018")
    for receipt in receipts:
        number = receipt["number"][:9] + receipt["number"][9:].translate(misread)
        code = receipt["code"].lower().translate(str.maketrans("oib", "018"))
        assert Client().get(f"/api/reports/{number}", {"code": code}).status_code == 200


def test_the_contact_is_encrypted_masked_and_gets_a_receipt(hall: Any) -> None:
    send({"text": "井盖丢失", "contact": {"name": "李雷", "phone": "13900005678"}})
    contact = Contact.objects.get()
    assert b"13900005678" not in bytes(contact.phone_enc)
    message = OutboxMessage.objects.get(template="report.received")
    assert Report.objects.get().number in message.body["text"]
    assert "13900005678" not in json.dumps(message.body)
    dispatcher = hall.dispatcher.get(f"/cases/{Case.objects.get().pk}")
    assert dispatcher["reports"][0]["contact"] is None
    acceptor = hall.acceptor.get(f"/cases/{Case.objects.get().pk}")
    assert acceptor["reports"][0]["contact"]["phone"] == "139****5678"


def test_the_same_submission_twice_is_one_report(hall: Any) -> None:
    key = str(uuid.uuid4())
    body = {"text": "井盖丢失", "lon": LON, "lat": LAT}
    first = send(body, HTTP_IDEMPOTENCY_KEY=key)
    second = send(body, HTTP_IDEMPOTENCY_KEY=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["code"] == second.json()["code"]
    assert Case.objects.count() == Report.objects.count() == 1
    short = send(body, HTTP_IDEMPOTENCY_KEY="1")
    assert short.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_the_same_submission_at_the_same_moment_is_one_report() -> None:
    """Eight threads with one key: one is first, the others get its receipt."""

    from chengyun.core.actor import Actor
    from tests.api.town import build_town

    build_town()

    def submit() -> Receipt:
        return receive_report(
            actor=Actor.citizen(), channel=Channel.CITIZEN, text="井盖丢失",
            idempotency_key="k" * 20,
        )  # fmt: skip

    receipts = at_once(8, submit)
    assert len({receipt.report.pk for receipt in receipts}) == 1
    assert sum(receipt.created for receipt in receipts) == 1


def test_place_grid_and_permissions_come_from_the_position(hall: Any) -> None:
    case = hall.case(hall.reported())
    assert case.unit_grid.code == "990001001001001"
    assert case.scope_areas == ["990000", "990001", "990001001", "990001001001"]
    assert case.district_code == "990001"


def test_gcj02_is_taken_by_name_and_never_stored(hall: Any) -> None:
    case = hall.case(hall.reported(system="gcj02"))
    metres = abs(case.geom.x - LON) * 90_000
    assert 100 < metres < 1000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lon": FAR_LON, "lat": FAR_LAT}, "lon"),
        ({"lat": None}, "lat"),
        ({"lon": LAT, "lat": LON}, "lon"),
        ({"system": "mars"}, "system"),
        ({"text": "   "}, "text"),
        ({"text": "长" * 4001}, "text"),
        ({"matter_id": 99999999}, "matter_id"),
        ({"component_code": "没有"}, "component_code"),
        ({"attachments": [str(uuid.uuid4())]}, "attachments"),
        ({"channel": "import"}, "channel"),
        ({"reported_at": "0000-01-01T00:00:00Z"}, "reported_at"),
        ({"reported_at": "2999-01-01T00:00:00Z"}, "reported_at"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_bad_input_names_the_field_and_writes_nothing(
    hall: Any, change: dict[str, Any], field: str
) -> None:
    body = {"text": "井盖丢失", "lon": LON, "lat": LAT, "channel": "hotline", **change}
    with pytest.raises(Refused) as refused:
        hall.acceptor.post("/reports", **body)
    assert refused.value.status == 422
    assert refused.value.problem["field"].endswith(field)
    assert not Case.objects.exists()
    assert not Contact.objects.exists()


def test_channels_belong_to_posts(hall: Any) -> None:
    assert send({"text": "x", "channel": "hotline"}).status_code == 403
    with pytest.raises(Refused) as refused:
        hall.dispatcher.post("/reports", text="x", channel="hotline")
    assert refused.value.status == 403
    hall.collector.post("/reports", text="垃圾", lon=LON, lat=LAT, channel="collector")


def test_hostile_text_stays_text(hall: Any) -> None:
    text = "<script>alert(1)</script>'; DROP TABLE governance_case;-- {{7*7}}"
    case = hall.reported(text=text)
    assert hall.acceptor.get(f"/cases/{case}")["description"] == text
    assert hall.acceptor.get("/cases", text="DROP TABLE")["items"][0]["description"] == text


def test_a_callers_history_is_found_by_number_for_operators_only(hall: Any) -> None:
    hall.reported(contact={"phone": "+86 139-0000-5678"})
    found = hall.acceptor.get("/reports", phone="13900005678")
    assert len(found["items"]) == 1
    with pytest.raises(Refused) as refused:
        hall.dispatcher.get("/reports", phone="13900005678")
    assert refused.value.status == 403


def test_reported_in_the_past_starts_the_desk_clock_now(hall: Any) -> None:
    early = hall.now - timedelta(days=1)
    case = hall.case(hall.reported(reported_at=early.isoformat()))
    assert case.reported_at == early
    assert case.stage_started_at == hall.now
    assert hall.desks[Role.ACCEPTOR].get("/cases", reported_until=hall.now.isoformat())["items"]


def test_a_report_without_a_place_belongs_to_the_whole_city(hall: Any) -> None:
    case = hall.reported(lon=None, lat=None)
    assert hall.case(case).scope_areas == ["990000"]
    Grant.objects.filter(user=hall.acceptor.user).update(area_code="990001")
    with pytest.raises(Refused) as refused:
        hall.acceptor.get(f"/cases/{case}")
    assert refused.value.status == 404
    Grant.objects.filter(user=hall.acceptor.user).update(area_code="990000")
    assert hall.acceptor.get(f"/cases/{case}")["area"] is None


def test_the_callers_earlier_reports_say_what_became_of_them(hall: Any) -> None:
    caller = {"contact": {"phone": "13900004321"}}
    closed, waiting = hall.closed(**caller), hall.reported(**caller)
    hall.reported(contact={"phone": "13900009999"})
    with CaptureQueriesContext(connection) as captured:
        found = hall.acceptor.get("/reports", phone="13900004321")["items"]
    assert len(captured) <= 5
    assert [(row["case_id"], row["case_number"], row["case_state"]) for row in found] == [
        (waiting, None, "reported"), (closed, hall.case(closed).number, "closed"),
    ]  # fmt: skip
    assert found[0]["contact"] is None
    shown = hall.acceptor.get(f"/cases/{waiting}")["reports"]
    assert [row["case_id"] for row in shown] == [waiting]


def test_following_gives_codes_for_symbols_and_ones_own_photos(hall: Any) -> None:
    photo = upload(None, "report").json()["uuid"]
    receipt = send({"text": "井盖丢失", "lon": LON, "lat": LAT, "attachments": [photo]}).json()
    case = Case.objects.get().pk
    work = upload(hall.acceptor, "case").json()["uuid"]
    hall.acceptor.do(
        "accept", case, matter_id=hall.town.matters["01001"].pk, attachments=[work]
    )  # fmt: skip

    def followed() -> Any:
        query = {"code": receipt["code"]}
        return Client().get(f"/api/reports/{receipt['number']}", query).json()

    shown = followed()
    assert shown["state"] == "pending_file"
    assert [step["operation"] for step in shown["steps"]] == ["receive", "accept"]
    assert shown["photos_before"] == [photo]
    assert work not in str(shown)
    for key in shown["photos_before"]:
        assert fetch(key) == 200, "what is named can be looked at"
    Case.objects.update(public=False)
    assert followed()["photos_before"] == []
    assert fetch(photo) == 404
