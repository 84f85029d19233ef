"""Over HTTP: who reads what, in which form, at what cost."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from chengyun.core import clock
from chengyun.core.actions import issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, Grant, Organisation, Role, User
from chengyun.governance.evaluation.schemes import load_schemes
from chengyun.governance.models import EvaluationScheme

from .conftest import NOW, City, at

Get = Callable[..., Any]


@pytest.fixture
def reader(city: City) -> Any:
    """reader("evaluator") reads as a new user of that post; the clock stands at NOW."""
    load_schemes()
    client = Client()

    def make(role: str, organisation: Organisation | None = None, **grant: Any) -> Get:
        user = User.objects.create(username=f"u{User.objects.count()}", organisation=organisation)
        Grant.objects.create(user=user, role=role, **grant)
        system = Actor.system("tests")
        _, token = issue_token(actor=system, user=user, name="t", scopes=["read", "write"])
        headers = {"Authorization": f"Bearer {token}"}

        def get(path: str, method: str = "get", **query: Any) -> Any:
            return getattr(client, method)(f"/api/evaluation/{path}", query, headers=headers)

        def send(path: str, method: str, body: dict[str, Any]) -> Any:
            call = getattr(client, method)
            return call(
                f"/api/evaluation/{path}", body, content_type="application/json", headers=headers
            )

        get.send = send  # type: ignore[attr-defined]
        return get

    with clock.at(NOW):
        yield make


def counts(answer: Any, code: str) -> dict[str, int]:
    assert answer.status_code == 200, answer.content
    return {row["object"]["code"]: row["cells"][0]["counts"][code] for row in answer.json()["rows"]}


@pytest.mark.parametrize("role", ["evaluator", "leader", "shift_leader"])
def test_those_who_evaluate_read_everything(reader: Any, city: City, role: str) -> None:
    city.case(department="D1")
    city.case(department="D2")
    assert counts(reader(role)("department", period="2026-03"), "cases") == {"D1": 1, "D2": 1}


@pytest.mark.parametrize(
    "role", ["administrator", "acceptor", "dispatcher", "collector", "data_manager"]
)
def test_other_posts_read_no_evaluation(reader: Any, role: str) -> None:
    for kind in ("region", "department", "post"):
        assert reader(role)(kind, period="2026-03").status_code == 403
    refused = reader(role)("cases", period="2026-03", kind="region", measure="cases")
    assert refused.status_code == 403


def test_a_department_reads_its_own(reader: Any, city: City) -> None:
    mine = city.case(department="D1")
    # It helps with this one: it may see the case, but the numbers are the other's.
    city.case(department="D2", scope_orgs=["ROOT", "D1", "D2"])
    city.record(mine, "zhao", "handler", "finish")
    city.record(mine, "sun", "handler", "annotate")
    get = reader("department", city.departments["D1"])
    assert counts(get("department", period="2026-03"), "cases") == {"D1": 1}
    assert counts(get("region", period="2026-03"), "cases")["A1"] == 1
    assert counts(get("post", period="2026-03"), "operations") == {"handler:zhao": 1}
    rows = get("cases", period="2026-03", kind="department", measure="cases").json()["items"]
    assert [row["case"] for row in rows] == [mine.pk]
    other = get("cases", period="2026-03", kind="department", measure="cases", object="D2")
    assert other.json()["items"] == []


def test_a_leader_of_a_district_reads_that_district(reader: Any, city: City) -> None:
    city.case(area="C11")
    city.case(area="C21")
    get = reader("leader", area_code="A2")
    assert counts(get("region", period="2026-03"), "cases") == {"A2": 1}


def test_the_rows_behind_a_number_come_in_pages(reader: Any, city: City) -> None:
    made = {city.case(filed_at=at("2026-03-10T10:00")).pk for _ in range(7)}
    get, seen, cursor = reader("evaluator"), [], None
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = get(
            "cases", period="2026-03", kind="region", measure="filed", object="A1", limit=3, **query
        ).json()
        seen += [row["case"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "2026-13"}, "period"),
        ({"period": "2026-03", "series": "year"}, "series"),
        ({"period": "2026-03", "series": "hour"}, "series"),
        ({"period": "2026-03", "at": "2026-03-01T00:00:00"}, "at"),
        ({}, "period"),
    ],
)
def test_a_bad_question_is_answered_with_the_field(
    reader: Any, query: dict[str, str], field: str
) -> None:
    refused = reader("evaluator")("region", **query)
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["field"] == field


@pytest.mark.parametrize("cursor", ["x", "bm90", "WzFd.", "W10", "WyJhIl0", "Wy0xXQ"])
def test_a_bad_cursor_and_an_unknown_measure(reader: Any, cursor: str) -> None:
    query = {"period": "2026-03", "kind": "region"}
    get = reader("evaluator")
    assert get("cases", measure="filed", cursor=cursor, **query).status_code == 422
    assert get("cases", measure="closing_rate", **query).json()["field"] == "measure"


def test_a_table_costs_few_statements(
    reader: Any, city: City, django_assert_max_num_queries: Any
) -> None:
    city.record(city.case(), "wang", "dispatcher", "dispatch")
    for kind in ("region", "department", "post"):
        get = reader("evaluator")
        get(kind, period="2026", series="month")  # the calendar and the token are known now
        # Token, grants; then the numbers, the objects, the schemes.
        with django_assert_max_num_queries(5):
            get(kind, period="2026", series="month", compare=True)


def test_files_hold_the_table(reader: Any, city: City) -> None:
    city.departments["D1"].name_zh = "=HYPERLINK(1)"
    city.departments["D1"].save()
    city.case(filed_at=at("2026-03-10T10:00"))
    get = reader("evaluator")
    text = get("department", period="2026-03", format="csv").content.decode("utf-8-sig")
    head, first, *_ = text.splitlines()
    assert head.startswith("编码,名称,岗位,周期,得分")
    assert first.startswith("D1,'=HYPERLINK(1),,2026-03,")
    filed = head.split(",").index("立案数")
    assert first.split(",")[filed] == "1"
    book = load_workbook(
        io.BytesIO(get("department", period="2026-03", format="xlsx").content), read_only=True
    )
    rows = list(book["evaluation"].iter_rows(values_only=True))
    assert rows[1][filed] == 1
    assert rows[-1][1] == "合计"


def test_every_measure_is_explained(reader: Any) -> None:
    answer = reader("evaluator")("measures").json()
    codes = {entry["code"] for entry in answer["measures"]}
    for rate in answer["rates"]:
        assert set(rate["over"]) <= codes
        assert set(rate["under"]) <= codes | {"km2", "unit_grids"}
    assert all(entry["says_zh"] and entry["says_en"] for entry in answer["measures"])


def test_schemes_are_changed_by_evaluators_and_audited(reader: Any) -> None:
    body = {
        "kind": "department", "name_zh": "试行", "name_en": "trial",
        "weights": {"handling_rate": {"weight": 100}},
        "grades": [{"grade": "A", "from": 60}, {"grade": "B", "from": 0}],
    }  # fmt: skip
    send = reader(Role.EVALUATOR).send
    assert send("schemes", "post", {"code": "trial", **body}).status_code == 201
    assert send("schemes", "post", {"code": "trial", **body}).status_code == 409
    body["weights"] = {"handling_rate": {"weight": 60}, "closing_rate": {"weight": 30}}
    refused = send("schemes/trial", "put", body)
    assert refused.status_code == 422
    assert refused.json()["field"] == "weights"
    body["weights"]["closing_rate"]["weight"] = 40
    assert send("schemes/trial", "put", body).json()["weights"]["closing_rate"]["weight"] == 40
    assert reader("leader").send("schemes/trial", "put", body).status_code == 403
    assert reader("administrator").send("schemes/trial", "delete", {}).status_code == 204
    assert not EvaluationScheme.objects.filter(code="trial").exists()
    told = AuditEntry.objects.filter(object_id="trial").order_by("id")
    done = told.values_list("action", flat=True)
    assert [action.rsplit(".", 1)[1] for action in done] == ["create", "change", "delete"]
