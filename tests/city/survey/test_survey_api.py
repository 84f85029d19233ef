"""Surveys over HTTP: uploading, reviewing, applying, for the data managers of an area."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chengyun.city import jobs
from chengyun.city.models import Component, Survey
from chengyun.core.models import Grant, Role, User
from tests.city.conftest import Folder
from tests.city.survey.test_surveys import lamp


@pytest.fixture(autouse=True)
def nothing_runs_later(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Jobs run at once, files lie in the folder of the test."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(jobs.read_survey, "defer", jobs.read_survey.func)
    monkeypatch.setattr(jobs.apply_survey, "defer", jobs.apply_survey.func)


def manager(name: str, area: str = "") -> Client:
    """Somebody who manages the data of an area, or of the whole city."""
    user = User.objects.create(username=name, display_name=name)
    Grant.objects.create(user=user, role=Role.DATA_MANAGER, area_code=area)
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, rows: list[dict[str, Any]], **form: Any) -> Any:
    heading = ",".join(rows[0])
    text = "\n".join([heading, *(",".join(str(v) for v in row.values()) for row in rows)])
    file = SimpleUploadedFile("普查.csv", text.encode("gb18030"), content_type="text/csv")
    return client.post("/api/surveys", {"register": "components", "file": file, **form})


def test_a_file_is_uploaded_reviewed_and_applied(loaded: Folder) -> None:
    client = manager("zhou")
    rows = [lamp(10), lamp(11), lamp(12, state="?")]
    answer = upload(client, rows, title="路灯普查")
    assert answer.status_code == 201, answer.content
    number = answer.json()["id"]
    found = client.get(f"/api/surveys/{number}").json()
    assert (found["state"], found["register"], found["new"], found["rejected"]) == (
        "review", "components", 2, 1,
    )  # fmt: skip
    assert found["reasons"][0]["reason"] == "bad_state"
    assert found["reasons"][0]["remedy_zh"]
    assert Component.objects.count() == 2
    page = client.get(f"/api/surveys/{number}/rows?verdict=new&limit=1").json()
    assert page["items"][0]["geometry"]["type"] == "Point"
    assert page["items"][0]["after"]["state"] == "intact"
    second = client.get(f"/api/surveys/{number}/rows?verdict=new&cursor={page['next']}").json()
    choice = {"ids": [second["items"][0]["id"]], "declined": True}
    answer = client.patch(
        f"/api/surveys/{number}/rows", json.dumps(choice), content_type="application/json"
    )
    assert answer.json() == {"count": 1}
    answer = client.post(f"/api/surveys/{number}/apply", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert Component.objects.filter(survey_id=number).count() == 1
    again = client.post(f"/api/surveys/{number}/apply", "{}", content_type="application/json")
    assert again.status_code == 409
    bad = client.get(f"/api/surveys/{number}/rejected.csv")
    text = b"".join(bad.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "bad_state" in text
    assert lamp(12)["code"] in text
    layer = client.get(f"/api/surveys/{number}/rejected.geojson")
    document = json.loads(b"".join(layer.streaming_content))  # type: ignore[attr-defined]
    assert document["features"][0]["geometry"]["type"] == "Point"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"crs": "EPSG:99999"}, "file"),
        ({"mapping": "[fields"}, "mapping"),
        ({"mapping": '[fields]\nserial = "{x}"'}, "mapping"),
        ({"complete": "true", "areas": "999999"}, "area"),
        ({"edition": "none"}, "edition"),
        ({"tolerance": "-1"}, "tolerance"),
        ({"register": "layers"}, "register"),
        ({"lon": "x"}, "file"),
        ({"encoding": "klingon"}, "file"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    loaded: Folder, tmp_path: Path, form: dict[str, str], field: str
) -> None:
    answer = upload(manager("zhou"), [lamp(10)], **form)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["field"]
    assert not Survey.objects.exists()
    assert not list(tmp_path.glob("media/surveys/*"))


def test_a_file_that_breaks_off_is_given_up(
    loaded: Folder, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    client = manager("zhou")
    text = "code,lon,lat\n" + f'{lamp(10)["code"]},120.3,36.06\n"{"x" * 2_000_000}'
    file = SimpleUploadedFile("a.csv", text.encode())
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/api/surveys", {"register": "components", "file": file})
    number = answer.json()["id"]
    assert not list(tmp_path.glob("media/surveys/*"))
    found = client.get(f"/api/surveys/{number}").json()
    assert found["state"] == "discarded"
    assert found["refused"]["remedy_en"]
    assert Component.objects.count() == 2


def test_a_manager_of_a_district_stays_in_it(loaded: Folder) -> None:
    own, other = manager("zhou", "370202"), manager("wu", "370203")
    inside = lamp(10)
    outside = {**lamp(11), "code": "37020301037000011", "lon": 120.345, "lat": 36.095}
    number = upload(own, [inside, outside]).json()["id"]
    found = own.get(f"/api/surveys/{number}").json()
    assert [r["reason"] for r in found["reasons"]] == ["outside_your_area"]
    assert other.get(f"/api/surveys/{number}").status_code == 404
    assert other.post(f"/api/surveys/{number}/apply", {}, "application/json").status_code == 404
    assert other.get("/api/surveys").json()["items"] == []
    assert own.get("/api/surveys").json()["items"][0]["id"] == number
    assert manager("lin").get(f"/api/surveys/{number}").status_code == 200
    whole = upload(manager("he"), [lamp(20)]).json()["id"]
    assert own.post(f"/api/surveys/{whole}/discard").status_code == 404


def test_a_foreign_component_is_not_pulled_into_ones_own_area(loaded: Folder) -> None:
    everywhere = manager("lin")
    theirs = {**lamp(11), "lon": 120.345, "lat": 36.095}
    number = upload(everywhere, [theirs]).json()["id"]
    everywhere.post(f"/api/surveys/{number}/apply", {}, "application/json")
    own = manager("zhou", "370202")
    number = upload(own, [{**theirs, "lon": 120.305, "lat": 36.055}]).json()["id"]
    found = own.get(f"/api/surveys/{number}").json()
    assert (found["changed"], found["rejected"]) == (0, 1)
    assert found["reasons"][0]["reason"] == "outside_your_area"
