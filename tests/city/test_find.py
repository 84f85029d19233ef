"""The search box over HTTP: what is found by whom, in which order, with how many statements."""

import itertools
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.city.find.extents import forget_extents
from chengyun.city.find.frequency import forget_frequencies
from chengyun.city.models import Address
from chengyun.core.actions import issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import User
from tests.city.conftest import Folder


@pytest.fixture(autouse=True)
def anew() -> None:
    forget_extents()
    forget_frequencies()


@pytest.fixture
def key(loaded: Folder) -> dict[str, str]:
    """Somebody who is signed in."""
    user = User.objects.get(username="wang")
    _, text = issue_token(actor=Actor.of(user), user=user, name="t", scopes=["read"])
    return {"Authorization": f"Bearer {text}"}


def ask(headers: dict[str, str], q: str, **more: Any) -> list[dict[str, Any]]:
    response = Client().get("/api/find", {"q": q, **more}, headers=headers)
    assert response.status_code == 200, response.content
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def first(headers: dict[str, str], q: str, **more: Any) -> tuple[str, str, str]:
    item = ask(headers, q, **more)[0]
    return item["kind"], item["match"], item["code"] or item["title_zh"]


FINDS = [
    ("370202", ("area", "exact", "370202")),
    ("社区001001", ("area", "exact", "370202001001")),
    ("370202001001007", ("grid", "exact", "370202001001007")),
    ("一号责任网格", ("grid", "exact", "D1")),
    ("37020201001000001", ("component", "exact", "37020201001000001")),
    ("37020201", ("component", "prefix", "37020201001000001")),
    ("香港中路12号", ("address", "part", "海青市市南区香港中路12号")),
    ("香港", ("address", "part", "海青市市南区香港中路12号")),
    ("海青市市南区香港中路12号", ("address", "exact", "海青市市南区香港中路12号")),
    ("辽阳 3号", ("address", "part", "海青市市北区辽阳路3号")),
    ("香港西路12号", ("address", "similar", "海青市市南区香港中路12号")),
    ("市南香港中路12号", ("address", "similar", "海青市市南区香港中路12号")),
    ("１２号", ("address", "part", "海青市市南区香港中路12号")),
    ("36.055,120.305", ("coordinate", "exact", "120.305000, 36.055000")),
]


def test_everything_is_found(key: dict[str, str]) -> None:
    assert {q: first(key, q) for q, _ in FINDS} == dict(FINDS)


def test_what_lacks_less_is_not_lost_among_what_lacks_more(key: dict[str, str]) -> None:
    """More addresses lack two pairs of the question than are read; one lacks only one pair."""
    Address.objects.bulk_create(
        Address(full_text=f"海青市胶州区贮水山路3号{n}号楼", kind="building",
                geom=Point(120.3, 36.05, srid=4490))
        for n in range(600)
    )  # fmt: skip
    Address.objects.create(
        full_text="海青市城阳区贮水山路3号", kind="door", geom=Point(120.3, 36.05, srid=4490)
    )
    found = first(key, "城阳贮水山路3号", kinds="address")
    assert found == ("address", "similar", "海青市城阳区贮水山路3号")


def test_a_question_costs_no_more_than_eight_statements(key: dict[str, str]) -> None:
    ask(key, "香港")
    for q in ("香港中路12号", "3702", "370202001001007", "36.055,120.305", "井盖"):
        with CaptureQueriesContext(connection) as captured:
            ask(key, q, near="120.3,36.1")
        assert len(captured) <= 8, [query["sql"] for query in captured.captured_queries]


def test_a_strangers_question_costs_no_more(loaded: Folder) -> None:
    ask({}, "香港")
    for q in ("香港中路12号", "香港西路12号", "社区001001"):
        with CaptureQueriesContext(connection) as captured:
            ask({}, q, near="120.3,36.1", kinds="address,area")
        # How often they asked, what has changed, and one for each kind.
        assert len(captured) <= 5, [query["sql"] for query in captured.captured_queries]


def test_strangers_hear_of_public_kinds_only(key: dict[str, str]) -> None:
    kinds = {item["kind"] for q in ("3702", "香港", "一号", "辽阳路") for item in ask({}, q)}
    assert kinds == {"address", "area", "grid"}
    assert ask({}, "一号责任网格") == []
    assert ask({}, "37020201001000001") == []
    assert {item["kind"] for item in ask(key, "3702")} >= {"area", "grid", "component"}


def test_a_stranger_finds_an_address_as_whoever_is_signed_in_does(key: dict[str, str]) -> None:
    for q in ("香港", "海青市市南区香港中路12号", "辽阳 3号", "香港西路12号", "１２号"):
        assert ask({}, q, kinds="address") == ask(key, q, kinds="address") != []


def test_a_stranger_does_not_copy_the_register(key: dict[str, str]) -> None:
    Address.objects.bulk_create(
        Address(full_text=f"海青市泰山路{n}号", kind="door", geom=Point(120.3, 36.1, srid=4490))
        for n in range(40)
    )
    assert len(ask({}, "泰山路", limit=50)) == 10
    assert len(ask(key, "泰山路", limit=50)) == 40


def test_whoever_asks_too_often_waits(loaded: Folder, settings: Any) -> None:
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"rate_anonymous": 2})
    answers = [Client().get("/api/find", {"q": "香港"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_the_nearer_of_equals_comes_first(key: dict[str, str]) -> None:
    for name, lon in (("西", 120.302), ("东", 120.358)):
        Address.objects.create(
            full_text=f"海青市{name}门泰山路1号", kind="door", geom=f"SRID=4490;POINT({lon} 36.1)"
        )
    west = ask(key, "泰山路", near="120.30,36.1")
    east = ask(key, "泰山路", near="120.36,36.1")
    assert [item["title_zh"][3] for item in west] == ["西", "东"]
    assert [item["title_zh"][3] for item in east] == ["东", "西"]


def test_kinds_and_limit_narrow(key: dict[str, str]) -> None:
    assert {item["kind"] for item in ask(key, "3702", kinds="component")} == {"component"}
    assert len(ask(key, "3702", limit=1)) == 1
    problem = Client().get("/api/find", {"q": "3", "kinds": "ghost"}, headers=key)
    assert problem.status_code == 422
    assert "address" in problem.json()["remedy"]


PUBLIC = {"address", "area", "grid", "coordinate"}
HOSTILE = [
    "%", "_", "\\", "%_\\", "'", "''::text", "a'&b", "!", "&|", "(", ":*", "🚒", "🚒🚒🚒", "  ",
    "\t", "𠮷野家", "\u202eabc", "e\u0301", "١٢٣", "²³", "½", "①", "-", "--", "0", ".", ",", "°",
    "1e309,1", "nan,nan", "inf,inf", "9" * 200, "路" * 200, "a " * 100, "EPSG:4549 ", "gcj02:",
    "N", "E N", "1 2 3 4 5 6",
]  # fmt: skip


@pytest.mark.parametrize("stranger", [False, True])
def test_hostile_text_is_answered(key: dict[str, str], settings: Any, stranger: bool) -> None:
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"rate_anonymous": 1_000})
    headers = {} if stranger else key
    for q, near in itertools.product(HOSTILE, (None, "120.3,36.1")):
        more = {"near": near} if near else {}
        response = Client().get("/api/find", {"q": q, **more}, headers=headers)
        assert response.status_code == 200, (q, response.content)
        assert not stranger or {item["kind"] for item in response.json()["items"]} <= PUBLIC


def test_what_is_no_question_is_refused(key: dict[str, str]) -> None:
    for q in ("x" * 5000, "路" * 201, "a\x00b", ""):
        response = Client().get("/api/find", {"q": q}, headers=key)
        assert response.status_code == 422, q[:10]
        assert response["Content-Type"].startswith("application/problem+json")


def test_a_point_that_is_none_is_refused(key: dict[str, str]) -> None:
    for near in ("x", "1", "1,2,3", "200,0", "0,91", "nan,1", "inf,1"):
        response = Client().get("/api/find", {"q": "香", "near": near}, headers=key)
        assert response.status_code == 422, near
        assert response.json()["field"] == "near"
