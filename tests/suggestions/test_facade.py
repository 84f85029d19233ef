"""Suggestions over HTTP, and what happens when a suggester breaks."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.db import connection
from django.test import Client

from chengyun.city.models import Address, Area, Matter
from chengyun.core.actions import grant_role, issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import Role, User
from chengyun.governance.actions.receive import receive_report
from chengyun.governance.models import Case, Channel
from chengyun.governance.suggestions import Subject, departments, matters, similar, suggest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_edition", "areas")]
MakeCase = Callable[..., Case]
FindMatter = Callable[[str], Matter]
HERE = (120.3826, 36.0671)


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("deliberately broken")


def fail_in_sql(*_: object, **__: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return []


@pytest.fixture
def acceptor(areas: dict[str, Area]) -> dict[str, Any]:
    """Headers of an acceptor of 市南区."""
    system = Actor.system("tests")
    user = User.objects.create_user("acceptor")
    grant_role(actor=system, user=user, role=Role.ACCEPTOR, area_code="370202")
    _, text = issue_token(actor=system, user=user, name="t", scopes=["read"])
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize("broken", [fail, fail_in_sql])
def test_a_broken_suggester_gives_a_note_and_the_others_answer(
    make_case: MakeCase, monkeypatch: pytest.MonkeyPatch, broken: Callable[..., Any]
) -> None:
    case = make_case("中山路路灯不亮", at=HERE)
    make_case("中山路路灯都不亮", at=HERE)
    for module, name in [
        (departments, "suggest_departments"), (similar, "find_similar"),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, broken)
    found = suggest(Subject.of_case(case), cases=Case.objects.all(), staff=True)
    assert found.matters
    assert found.duplicates
    assert (found.departments, found.similar) == ([], [])
    assert [note.suggester for note in found.notes] == ["departments", "similar"]
    assert Case.objects.count() == 2, "the transaction is still good"


def test_a_broken_suggester_never_stops_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matters, "suggest_matters", fail)
    receipt = receive_report(
        actor=Actor.citizen("192.0.2.7"), channel=Channel.CITIZEN, text="路灯不亮"
    )
    assert receipt.created
    assert receipt.report.suggestions["matters"] == []
    assert receipt.report.suggestions["notes"][0]["suggester"] == "matters"


def test_a_report_keeps_what_was_suggested(matter: FindMatter) -> None:
    receipt = receive_report(
        actor=Actor.citizen("192.0.2.7"), channel=Channel.CITIZEN, text="门口路灯不亮"
    )
    assert receipt.case.matter_id is None, "suggested, not decided"
    assert receipt.report.suggestions["matters"][0]["token"] == matter("路灯不亮").token


def draft(client: Client, **fields: Any) -> Any:
    return client.post("/api/suggestions", fields, content_type="application/json")


def test_a_citizen_is_shown_class_and_public_open_cases_nearby(
    client: Client, make_case: MakeCase, matter: FindMatter
) -> None:
    shown = make_case("中山路路灯不亮，电话13900001111", at=HERE)
    make_case("中山路路灯不亮", at=HERE, public=False)
    make_case("中山路路灯不亮", at=HERE, state="closed")
    from chengyun.core import clock

    from .conftest import NOW

    with clock.at(NOW):
        answer = draft(client, text="中山路路灯不亮", lon=HERE[0], lat=HERE[1])
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["matters"][0]["matter_id"] == matter("路灯不亮").pk
    [near] = body["duplicates"]
    assert near["case_id"] == shown.pk
    assert "13900001111" not in answer.content.decode()
    assert not {"description", "address", "department_zh"} & near.keys()


def test_a_suggestion_says_its_names_and_where_it_lies(
    client: Client, make_case: MakeCase, matter: FindMatter, acceptor: dict[str, Any]
) -> None:
    """A page shows it without asking for the catalogue."""
    from chengyun.core import clock

    from .conftest import NOW

    lamp = matter("路灯不亮")
    case = make_case("中山路路灯不亮", at=HERE, matter=lamp)
    make_case("中山路路灯又不亮", at=HERE)
    make_case("中山路路灯不亮", matter=lamp, state="closed")
    names = ("name_zh", "name_en", "class_zh", "class_en")
    with clock.at(NOW):
        public = draft(client, text="中山路路灯不亮", lon=HERE[0], lat=HERE[1]).json()
    staff = client.get(f"/api/cases/{case.pk}/suggestions", headers=acceptor).json()
    for answer in (public, staff):
        assert [answer["matters"][0][name] for name in names] == [
            "路灯不亮", "Street lamp out", "第01类", "",
        ]  # fmt: skip
    near = {one["case_id"]: one for one in public["duplicates"]}
    assert (near[case.pk]["matter_zh"], near[case.pk]["matter_en"]) == (
        "路灯不亮", "Street lamp out",
    )  # fmt: skip
    assert (near[case.pk]["lon"], near[case.pk]["lat"]) == HERE
    assert {one["matter_zh"] for one in staff["duplicates"]} == {""}, "it has no matter yet"
    assert {(one["lon"], one["lat"]) for one in staff["duplicates"]} == {HERE}
    assert [one["matter_zh"] for one in staff["similar"]] == ["路灯不亮"]


def test_a_known_address_stands_for_its_point(client: Client, make_case: MakeCase) -> None:
    from chengyun.core import clock

    from .conftest import NOW

    near = make_case("中山路路灯不亮", at=HERE)
    Address.objects.create(full_text="中山路1号", kind="door", geom=near.geom)
    with clock.at(NOW):
        found = draft(client, text="中山路路灯不亮", address="中山路1号").json()["duplicates"]
        unknown = draft(client, text="中山路路灯不亮", address="无此路").json()["duplicates"]
    assert [one["case_id"] for one in found] == [near.pk]
    assert unknown == []


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"text": ""}, {"text": "井" * 4001}, {"text": "井", "lon": 181, "lat": 0},
        {"text": "井", "lat": "north"}, {"text": "井", "matter": -1}, {"text": ["井"]},
    ],
)  # fmt: skip
def test_bad_drafts_are_refused_with_a_document(client: Client, fields: dict[str, Any]) -> None:
    answer = draft(client, **fields)
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "text", ["\x00", "'; DROP TABLE governance_case;--", "<script>", "\\", "𠀀" * 99]
)
def test_hostile_drafts_get_an_answer(client: Client, text: str) -> None:
    answer = draft(client, text=text, lon=179.9999, lat=89.9999, matter=2**62)
    assert answer.status_code in (200, 422)


def test_a_citizen_cannot_ask_without_end(client: Client, settings: Any) -> None:
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"rate_reports": 1})
    codes = [draft(client, text="路灯不亮").status_code for _ in range(4)]
    assert codes[0] == 200
    assert 429 in codes


def test_staff_get_all_four_kinds_of_a_case_they_may_see(
    client: Client, make_case: MakeCase, matter: FindMatter, acceptor: dict[str, Any]
) -> None:
    lamp = matter("路灯不亮")
    case = make_case("香港中路路灯不亮", at=HERE, matter=lamp)
    make_case("香港中路路灯又不亮", at=HERE, matter=lamp)
    make_case("香港中路路灯不亮", matter=lamp, state="closed")
    hidden = make_case("香港中路路灯不亮", at=HERE, matter=lamp, scope_areas=["370203"])
    answer = client.get(f"/api/cases/{case.pk}/suggestions", headers=acceptor)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["matters"]
    assert body["duplicates"]
    assert body["similar"]
    assert body["notes"] == []
    everything = {one["case_id"] for kind in ("duplicates", "similar") for one in body[kind]}
    assert hidden.pk not in everything
    assert client.get(f"/api/cases/{hidden.pk}/suggestions", headers=acceptor).status_code == 404
    assert client.get(f"/api/cases/{case.pk}/suggestions").status_code == 401


def test_nothing_heavy_is_loaded_before_a_text_needs_it() -> None:
    program = (
        "import sys, django; django.setup(); import chengyun.config.urls; "
        "from chengyun.cli import mount; mount(); "
        "print(sorted({'jieba', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
