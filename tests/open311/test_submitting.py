"""Handing in a request: keys, places, answers, texts, pictures, repetition."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chengyun.core.actions import reveal_contact
from chengyun.core.models import Role
from chengyun.governance import actions
from chengyun.governance.models import Case, Channel, Report
from chengyun.open311.models import Open311Attribute, Open311Service
from tests.api.town import FAR_LAT, FAR_LON, LAT, LON, Town
from tests.open311.conftest import Reply

Send = Callable[..., Reply]
Ask = Callable[..., Reply]


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (64, 48), "orange").save(out, "JPEG")
    return SimpleUploadedFile("hole.jpg", out.getvalue(), content_type="image/jpeg")


def test_a_submission_becomes_a_report_in_the_city(send: Send, key: str) -> None:
    answer = send(description="井盖没了")
    assert answer.status == 201
    (item,) = answer.document
    assert "token" not in item
    case = Case.objects.get(pk=item["service_request_id"])
    assert (case.channel, case.state) == (Channel.OPEN311, "reported")
    assert case.matter is not None
    assert case.matter.code == "01001"
    assert (case.geom.x, case.geom.y) == (LON, LAT)
    assert case.reports.get().source == f"open311:{key[:10]}"


def test_without_a_valid_key_it_is_403(send: Send, town: Town) -> None:
    for wrong in (None, "", "cy_wrong", "nonsense", town.token(Role.ACCEPTOR, "read", "write")):
        answer = send(api_key=wrong)
        assert answer.status == 403
        assert "api_key" in answer.faults()
    assert not Report.objects.exists()


def test_service_code_missing_is_400_and_unknown_404(send: Send) -> None:
    assert send(service_code=None).status == 400
    assert send(service_code="").status == 400
    assert send(service_code="99999").status == 404


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ({"lat": None, "long": None}, "place is missing"),
        ({"long": None}, "long is missing"),
        ({"lat": ""}, "lat is missing"),
        ({"lat": "91"}, "lat must be"),
        ({"lat": "nan"}, "lat must be"),
        ({"long": "east"}, "long must be"),
        ({"lat": str(FAR_LAT), "long": str(FAR_LON)}, "outside the area"),
        ({"lat": None, "long": None, "address_id": "999999999"}, "no address"),
    ],
)
def test_a_place_must_be_whole_and_in_the_city(
    send: Send, place: dict[str, str | None], says: str
) -> None:
    answer = send(**place)
    assert answer.status == 400
    assert says in answer.faults()


def test_an_address_alone_is_a_place(send: Send, town: Town) -> None:
    by_text = send(lat=None, long=None, address_string="中山路与海城路路口")
    assert by_text.status == 201
    case = Case.objects.get(pk=by_text.document[0]["service_request_id"])
    assert (case.address, case.geom) == ("中山路与海城路路口", None)
    by_id = send(lat=None, long=None, address_id=str(town.address.pk))
    case = Case.objects.get(pk=by_id.document[0]["service_request_id"])
    assert case.address == "中山路 1 号"
    assert (case.geom.x, case.geom.y) == (LON, LAT)


def test_all_mistakes_are_told_at_once(send: Send, questions: list[Open311Attribute]) -> None:
    answer = send(
        lat="200", email="nobody", media_url="ftp://x", description="字" * 4001, phone="abc",
        **{"attribute[COUNT]": "many", "attribute[SINCE]": "2026-01-01T00:00:00"},
    )  # fmt: skip
    assert answer.status == 400
    told = answer.faults()
    for field in ("lat", "email", "media_url", "description", "phone", "TYPE", "COUNT", "SINCE"):
        assert field in told
    assert not Report.objects.exists()


def test_required_and_listed_answers_are_checked(
    send: Send, questions: list[Open311Attribute]
) -> None:
    assert "Type of cover" in send().faults()
    wrong = send(**{"attribute[TYPE]": "gas"})
    assert wrong.status == 400
    assert "water, power" in wrong.faults()
    assert send(**{"attribute[TYPE]": ["water", "power"]}).status == 400
    assert (
        "no attribute NEW" in send(**{"attribute[TYPE]": "water", "attribute[NEW]": "1"}).faults()
    )
    assert (
        "no attribute NOTE"
        in send(**{"attribute[TYPE]": "water", "attribute[NOTE]": "read"}).faults()
    )


def test_answers_come_back_with_extensions(
    send: Send, ask: Ask, questions: list[Open311Attribute]
) -> None:
    answer = send(
        **{
            "attribute[TYPE]": "power",
            "attribute[HAZARD][]": ["road", "deep"],
            "attribute[COUNT]": "2",
            "attribute[SINCE]": "2026-01-01T08:00:00+08:00",
        }
    )
    number = answer.document[0]["service_request_id"]
    plain = ask(f"v2/requests/{number}").document[0]
    assert "attributes" not in plain
    found = ask(f"v2/requests/{number}", extensions="true").document[0]["attributes"]
    assert {item["code"]: (item["value"], item["name"]) for item in found} == {
        "TYPE": ("power", "Power"),
        "HAZARD": ("road,deep", "行车道、井深"),
        "COUNT": ("2", "2"),
        "SINCE": ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "中山路井盖没了，请尽快 🙏 <b>急</b> & \"快\" 'now' ]]>",
        "first line\nsecond line",
        "'; DROP TABLE governance_case; --",
    ],
)
def test_texts_come_back_as_they_were(send: Send, ask: Ask, text: str) -> None:
    number = send(description=text).document[0]["service_request_id"]
    assert ask(f"v2/requests/{number}").document[0]["description"] == text


def test_control_characters_never_break_the_xml(send: Send, ask: Ask) -> None:
    number = send(description="a\x01b\x0bc\x1fd").document[0]["service_request_id"]
    found = ask(f"v2/requests/{number}")
    assert found.document[0]["description"] in ("abcd", "a\x01b\x0bc\x1fd")
    assert found.root in ("", "service_requests")


def test_nul_is_a_clear_400(send: Send) -> None:
    answer = send(description="a\x00b")
    assert answer.status == 400
    assert "NUL" in answer.faults()


def test_description_of_4000_characters_is_the_longest(send: Send) -> None:
    assert send(description="字" * 4000).status == 201
    answer = send(description="字" * 4001)
    assert answer.status == 400
    assert "4001" in answer.faults()


def test_without_a_description_the_service_says_it(send: Send) -> None:
    number = send(description=None).document[0]["service_request_id"]
    assert Case.objects.get(pk=number).description == "井盖缺失"


def test_the_same_idempotency_key_is_the_same_request(send: Send) -> None:
    first = send(headers={"Idempotency-Key": "phone-7"})
    again = send(headers={"Idempotency-Key": "phone-7"})
    other = send(headers={"X-Idempotency-Key": "phone-8"})
    assert again.document == first.document
    assert other.document != first.document
    assert Report.objects.count() == 2


def test_the_contact_is_kept_for_the_centre_and_never_shown(
    send: Send, ask: Ask, town: Town
) -> None:
    answer = send(
        first_name="小明", last_name="王", phone="13912345678", email="w@example.com",
        device_id="d-1", account_id="a-1", description="我是王小明，电话 13912345678",
    )  # fmt: skip
    number = answer.document[0]["service_request_id"]
    contact = Report.objects.get(case_id=number).contact
    assert contact is not None
    revealed = reveal_contact(actor=town.actor(Role.ACCEPTOR), contact=contact, reason="test")
    assert revealed["name"] == "王小明"
    for path in ("v2/requests", f"v2/requests/{number}", "v2/servicerequestupdates"):
        content = ask(path, extensions="true").content.decode()
        assert "13912345678" not in content
        assert "w@example.com" not in content
    assert "电话 ***" in ask(f"v2/requests/{number}").document[0]["description"]


def test_pictures_travel_in_a_multipart_form(
    send: Send, ask: Ask, client: Client, town: Town
) -> None:
    number = send(media=picture()).document[0]["service_request_id"]
    assert not ask(f"v2/requests/{number}").document[0]["media_url"]
    actions.accept(
        actor=town.actor(Role.ACCEPTOR), case_id=int(number), matter_id=town.matters["01001"].pk
    )
    url = ask(f"v2/requests/{number}").document[0]["media_url"]
    shown = client.get(url.removeprefix("http://testserver"))
    assert shown.status_code == 200
    assert shown["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(shown.getvalue())).size == (64, 48)
    Case.objects.filter(pk=number).update(public=False)
    assert client.get(url.removeprefix("http://testserver")).status_code == 404


def test_a_picture_that_is_none_refuses_the_whole(send: Send) -> None:
    fake = SimpleUploadedFile("x.jpg", b"<script>", content_type="image/jpeg")
    answer = send(media=fake)
    assert answer.status == 400
    assert "image" in answer.faults()
    assert not Report.objects.exists()


def test_several_media_addresses_are_kept(send: Send, ask: Ask, town: Town) -> None:
    urls = ["https://photos.example/1.jpg", "https://photos.example/2.jpg"]
    number = send(media_url=urls).document[0]["service_request_id"]
    report = Report.objects.get(case_id=number)
    assert report.media_url == urls[0]
    assert report.attributes["media_urls"] == urls


def test_a_batch_service_gives_a_token_first(send: Send, ask: Ask, town: Town) -> None:
    Open311Service.objects.create(matter=town.matters["01001"], kind="batch")
    answer = send(headers={"Idempotency-Key": "one"})
    (item,) = answer.document
    assert "service_request_id" not in item
    assert send(headers={"Idempotency-Key": "one"}).document[0]["token"] == item["token"]
    waiting = ask(f"v2/tokens/{item['token']}").document
    assert waiting == [{"service_request_id": None, "token": item["token"]}]
    case = Case.objects.get()
    actions.accept(
        actor=town.actor(Role.ACCEPTOR), case_id=case.pk, matter_id=town.matters["01001"].pk
    )
    known = ask(f"v2/tokens/{item['token']}").document
    assert known == [{"service_request_id": str(case.pk), "token": item["token"]}]


def test_unknown_token_is_404_and_none_400(ask: Ask, town: Town) -> None:
    assert ask("v2/tokens/unknown").status == 404
    assert ask("v2/tokens/").status == 400


def test_a_blackbox_service_gives_neither(send: Send, town: Town) -> None:
    Open311Service.objects.create(matter=town.matters["01001"], kind="blackbox")
    answer = send()
    assert answer.status == 201
    assert not {"service_request_id", "token"} & set(answer.document[0])
    assert Case.objects.count() == 1


def test_jurisdiction_is_demanded_in_the_form_too(
    send: Send, configure: Callable[..., None]
) -> None:
    configure(open311_jurisdiction_required=True)
    assert send().status == 400
    assert send(jurisdiction_id="elsewhere").status == 404
    assert send(jurisdiction_id="990000").status == 201


def test_old_clients_may_be_answered_200(send: Send, configure: Callable[..., None]) -> None:
    configure(open311_created_status=200)
    assert send().status == 200


def test_a_body_that_is_no_form_is_400(client: Client, town: Town) -> None:
    answer = client.post(
        "/open311/v2/requests.json", '{"service_code": "01001"}', content_type="application/json"
    )
    assert answer.status_code == 400
    assert "application/x-www-form-urlencoded" in answer.json()[0]["description"]
    broken = client.post(
        "/open311/v2/requests.json", b"--x\r\nbroken", content_type="multipart/form-data"
    )
    assert broken.status_code == 400
    assert broken.json()[0]["code"] == 400


def test_too_many_from_one_key_is_429(send: Send, configure: Callable[..., None]) -> None:
    configure(rate_machine=2)
    statuses = [send().status for _ in range(4)]
    assert statuses[-1] == 429
