"""Bad input is a problem document that says what, where and how to mend; never a 500."""

import json
import threading

import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
)

from chengyun.core.idempotency import run_once
from chengyun.core.models import DomainEvent, IdempotencyKey
from chengyun.core.pagination import paginate
from chengyun.core.problems import Invalid, Problem, TooMany, as_problem
from chengyun.core.ratelimit import limit_local, limit_shared
from tests.at_once import at_once


@pytest.fixture
def admin_headers(administrator, bearer):
    return bearer(administrator, "admin", "read", "write")


def test_problems_speak_the_callers_language(client, db) -> None:
    zh = client.get("/api/me")
    en = client.get("/api/me", headers={"Accept-Language": "en-GB,zh;q=0.5"})
    assert zh.json()["title"] == "需要登录"
    assert en.json()["title"] == "Sign in first"
    assert zh["Content-Type"] == en["Content-Type"] == "application/problem+json"
    assert zh["WWW-Authenticate"].startswith("Bearer")


def test_each_fault_names_its_field(client, admin_headers) -> None:
    answer = client.post(
        "/api/users",
        {"username": "has space", "language": "fr", "email": "x" * 300},
        content_type="application/json",
        headers=admin_headers,
    )
    assert answer.status_code == 422
    problem = answer.json()
    assert {error["field"] for error in problem["errors"]} == {"username", "language", "email"}
    assert problem["remedy"]
    assert "至多 200 个字符" in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b", "\\udfff"])
def test_text_that_cannot_be_stored_is_refused(client, admin_headers, text: str) -> None:
    body = f'{{"name_zh": "{text}", "kind": "department"}}'
    answer = client.put(
        "/api/organisations/X1",
        body,
        content_type="application/json",
        headers=admin_headers,
    )
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/organisations?below=%00",
        "/api/users?q=%00",
        "/api/users?q=%ed%a0%80",
        "/api/audit?action=%00",
        "/api/audit?actor_id=99999999999999999999999",
        "/api/audit?cursor=%00",
        "/api/users/99999999999999999999999999/grants",
        "/api/calendars/none/deadline?start=0000-01-01T00:00:00Z&limit=1&unit=work_day",
        "/api/calendars/none/deadline?start=9999-12-31T23:59:59Z&limit=1&unit=work_day",
        "/api/calendars/none/deadline?start=2026-01-01T00:00:00Z&limit=NaN&unit=work_day",
    ],
)
def test_strange_addresses_are_refused(client, admin_headers, path: str) -> None:
    answer = client.get(path, headers=admin_headers)
    assert answer.status_code in (200, 404, 422)
    if answer.status_code == 200:
        assert answer.json()["items"] == []


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("unit", ["work_day", "work_hour", "natural_day", "urgent_hour"])
def test_dates_out_of_range_are_refused(client, admin_headers, system, start, unit) -> None:
    from chengyun.core.actions import save_calendar

    save_calendar(actor=system, code="c", name_zh="历")
    answer = client.get(
        "/api/calendars/c/deadline",
        {"start": start, "limit": "10000", "unit": unit},
        headers=admin_headers,
    )
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[]", b"null", b'{"name_zh": {}}', b"[" * 5000]
)
def test_broken_bodies_are_refused(client, admin_headers, body: bytes) -> None:
    answer = client.put(
        "/api/organisations/X1", body, content_type="application/json", headers=admin_headers
    )
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_session_cookie_of_nonsense_is_no_failure(client, db) -> None:
    for value in ("\\000", "x" * 5000, "a b", "é"):
        client.cookies["chengyun_session"] = value
        assert client.get("/api/me").status_code in (401, 422)


@pytest.mark.parametrize(
    ("sqlstate", "kind", "status"),
    [
        ("40001", OperationalError, 503),
        ("40P01", OperationalError, 503),
        ("23505", IntegrityError, 409),
        ("23514", IntegrityError, 422),
        ("22003", DataError, 422),
    ],
)
def test_what_the_database_refuses_is_a_problem(sqlstate: str, kind, status: int) -> None:
    cause = Exception()
    cause.sqlstate = sqlstate
    error = kind("refused")
    error.__cause__ = cause
    problem = as_problem(error)
    assert problem is not None
    assert problem.status == status
    assert ("Retry-After" in problem.headers) == (status == 503)


def test_a_defect_of_ours_is_not_dressed_up() -> None:
    assert as_problem(ZeroDivisionError()) is None
    assert as_problem(ValueError("something else")) is None


def test_anonymous_callers_are_limited(client, db, set_environment, monkeypatch) -> None:
    monkeypatch.setattr("chengyun.core.ratelimit.time.time", lambda: 1_000_000_010.0)
    set_environment(rate_anonymous=3)
    url = "/api/attachments/00000000-0000-0000-0000-000000000000"
    assert [client.get(url).status_code for _ in range(4)] == [404, 404, 404, 429]
    refused = client.get(url)
    assert refused["Retry-After"] == "10"
    monkeypatch.setattr("chengyun.core.ratelimit.time.time", lambda: 1_000_000_090.0)
    assert client.get(url).status_code == 404


def test_machines_are_limited_too(client, make_user, bearer, set_environment, monkeypatch) -> None:
    monkeypatch.setattr("chengyun.core.ratelimit.time.time", lambda: 1_000_000_010.0)
    set_environment(rate_machine=2)
    headers = bearer(make_user("li"), "read")
    answers = [client.get("/api/me", headers=headers).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_limits_are_per_key(db, monkeypatch) -> None:
    monkeypatch.setattr("chengyun.core.ratelimit.time.time", lambda: 1_000_000_010.0)
    for limit in (limit_shared, limit_local):
        limit("a", 1)
        limit("b", 1)
        with pytest.raises(TooMany) as refused:
            limit("a", 1)
        assert refused.value.headers["Retry-After"] == "10"


# Idempotency


def test_the_same_key_does_the_work_once(db) -> None:
    done = []

    def work():
        done.append(1)
        return 201, {"id": len(done)}

    first = run_once(scope="t", key="k", content={"a": 1}, work=work)
    again = run_once(scope="t", key="k", content={"a": 1}, work=work)
    assert (first.body, again.body, first.replayed, again.replayed) == (
        {"id": 1},
        {"id": 1},
        False,
        True,
    )
    assert run_once(scope="other", key="k", content={"a": 1}, work=work).body == {"id": 2}


def test_a_key_for_another_content_is_refused(db) -> None:
    run_once(scope="t", key="k", content=b"one", work=lambda: (200, {}))
    with pytest.raises(Invalid):
        run_once(scope="t", key="k", content=b"two", work=lambda: (200, {}))


def test_failed_work_leaves_the_key_free(db) -> None:
    def fail():
        raise Problem(zh="不", en="no")

    with pytest.raises(Problem):
        run_once(scope="t", key="k", content=b"", work=fail)
    assert run_once(scope="t", key="k", content=b"", work=lambda: (200, 1)).body == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_submissions_are_one() -> None:
    done = []

    def work():
        done.append(1)
        return 201, {"by": threading.get_ident()}

    answers = at_once(6, lambda: run_once(scope="t", key="k", content=b"", work=work))
    assert len(done) == 1
    assert len({json.dumps(answer.body) for answer in answers}) == 1
    assert IdempotencyKey.objects.count() == 1


# Pagination


@pytest.fixture
def forty_events(db):
    DomainEvent.objects.bulk_create(
        DomainEvent(kind=f"k{n % 3}", subject_type="t", subject_id=str(n)) for n in range(40)
    )


@pytest.mark.parametrize("order", [["id"], ["-id"], ["kind", "-id"], ["-kind", "id"]])
def test_pages_show_every_row_once_there_and_back(
    forty_events, order, django_assert_num_queries
) -> None:
    rows = DomainEvent.objects.all()
    expected = list(rows.order_by(*order))
    seen, cursor, previous = [], None, None
    while True:
        with django_assert_num_queries(1):
            items, following, previous = paginate(rows, order=order, cursor=cursor, limit=7)
        seen += items
        if following is None:
            break
        cursor = following
    assert seen == expected
    back = items
    while previous is not None:
        page, _, previous = paginate(rows, order=order, cursor=previous, limit=7)
        back = page + back
    assert back == expected


def test_a_row_added_meanwhile_shifts_nothing(forty_events) -> None:
    rows = DomainEvent.objects.all()
    first, cursor, _ = paginate(rows, order=["-id"], limit=10)
    DomainEvent.objects.create(kind="new", subject_type="t", subject_id="new")
    second, _, _ = paginate(rows, order=["-id"], cursor=cursor, limit=10)
    assert [row.pk for row in second] == [first[-1].pk - n for n in range(1, 11)]


@pytest.mark.parametrize(
    "cursor", ["!", "AAAA", "W10", "WzAsIngiXQ", "WzAsbnVsbF0", "W" * 500, "é"]
)
def test_a_forged_cursor_is_refused(db, cursor: str) -> None:
    with pytest.raises(Invalid):
        paginate(DomainEvent.objects.all(), order=["-id"], cursor=cursor)


def test_an_empty_list_has_no_neighbours(db) -> None:
    assert paginate(DomainEvent.objects.all(), order=["id"]) == ([], None, None)
