"""Photos lend evidence, and show nothing to those who may not see the case."""

from io import BytesIO
from typing import Any

from django.test import Client
from PIL import Image

from chengyun.governance.actions import follow_code
from chengyun.governance.models import Case
from tests.api.town import LAT, LON
from tests.governance.conftest import Refused


def upload(desk: Any | None, purpose: str) -> Any:
    picture = BytesIO()
    Image.new("RGB", (60, 40), "green").save(picture, "JPEG")
    picture.seek(0)
    picture.name = "现场.jpg"  # type: ignore[attr-defined]
    headers = {"HTTP_AUTHORIZATION": f"Bearer {desk.token}"} if desk else {}
    return Client().post("/api/attachments", {"purpose": purpose, "file": picture}, **headers)


def fetch(photo: str, desk: Any | None = None) -> int:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {desk.token}"} if desk else {}
    return int(Client().get(f"/api/attachments/{photo}", **headers).status_code)


def test_a_photo_of_the_work_is_seen_by_whoever_sees_the_case(hall: Any) -> None:
    case = hall.handling()
    photo = upload(hall.department, "case").json()["uuid"]
    assert fetch(photo, hall.collector) == 404  # belongs to no case yet
    hall.department.do("finish", case, opinion="已恢复", attachments=[photo])
    assert fetch(photo, hall.collector) == 200
    assert fetch(photo, hall.parks) == 404
    assert fetch(photo) in (401, 404)
    records = hall.collector.get(f"/cases/{case}")["records"]
    assert records[-1]["attachments"] == [photo]


def test_the_result_is_shown_to_who_reported_it_once_closed(hall: Any) -> None:
    """Only photos of the last result, only of a public case, only while it is closed."""
    case = hall.handling()
    first, last = (upload(hall.department, "case").json()["uuid"] for _ in range(2))
    hall.department.do("finish", case, opinion="已恢复", attachments=[first])
    hall.dispatcher.do("forward", case)
    hall.collector.do("rework", case, opinion="仍不亮")
    hall.department.do("finish", case, opinion="已换灯", attachments=[last])
    hall.dispatcher.do("forward", case)
    report = hall.case(case).reports.get()

    def shown() -> list[str]:
        query = {"code": follow_code(report)}
        answer = Client().get(f"/api/reports/{report.number}", query)
        return list(answer.json()["photos_after"])

    hall.collector.do("pass_check", case)
    assert (shown(), fetch(last)) == ([], 404)
    hall.shift_leader.do("close", case, closing_met=True, opinion="合格")
    assert shown() == [last]
    assert (fetch(last), fetch(first)) == (200, 404)
    Case.objects.update(public=False)
    assert (shown(), fetch(last)) == ([], 404)


def test_somebody_elses_photo_cannot_be_attached(hall: Any) -> None:
    photo = upload(hall.parks, "case").json()["uuid"]
    case = hall.handling()
    try:
        hall.department.do("finish", case, opinion="x", attachments=[photo])
    except Refused as refusal:
        status, field = refusal.status, refusal.problem["field"]
    assert (status, field) == (422, "attachments")
    assert hall.case(case).state == "handling"


def test_a_citizens_photo_is_public_only_with_its_case(hall: Any) -> None:
    photo = upload(None, "report").json()["uuid"]
    body = {"text": "垃圾堆积", "lon": LON, "lat": LAT, "attachments": [photo]}
    answer = Client().post("/api/reports", body, content_type="application/json")
    assert answer.status_code == 201
    assert fetch(photo) == 200
    case = hall.acceptor.get("/cases")["items"][0]["id"]
    hall.acceptor.do("amend", case, public=False)
    assert fetch(photo) == 404
    assert fetch(photo, hall.acceptor) == 200
