"""The number of SQL statements of every hot path: an N+1 cannot come back unseen."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.core.models import Grant
from tests.api.town import LAT, LON

LIST, CREATE, STEP = 5, 12, 10


def counted(call: Any, *arguments: Any, **more: Any) -> int:
    """Statements of one request, its transaction's own left out."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        call(*arguments, **more)
    return sum(
        not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured.captured_queries
    )


@pytest.fixture
def warm(hall: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Caches are filled, as in a server that has answered before. (Once a minute a process
    asks once whether calendar, desk limits and catalogue changed; that is not of a request.)"""
    monkeypatch.setattr("chengyun.governance.clocks._CACHE_SECONDS", 3600.0)
    monkeypatch.setattr("chengyun.core.queries.CALENDAR_CHECK_SECONDS", 3600.0)
    monkeypatch.setattr("chengyun.core.http._TOUCH_SECONDS", 3600.0)
    monkeypatch.setattr("chengyun.governance.suggestions.classifier.CHECK_EVERY_SECONDS", 3600.0)
    monkeypatch.setattr("chengyun.city.snapshot.CHECK_EVERY_SECONDS", 3600.0)
    hall.closed()
    for desk in hall.desks.values():
        desk.get("/me")  # a token notes its use once a minute
    return hall


def test_a_list_of_25_at_any_depth(warm: Any) -> None:
    Grant.objects.filter(user=warm.department.user).delete()
    Grant.objects.bulk_create(
        Grant(user=warm.department.user, role="department", matter_code=f"town-2026:{n:05d}")
        for n in range(1001, 1171)
    )
    for _ in range(60):
        warm.pending_handle()
    page: dict[str, Any] = {}

    def turn(**query: Any) -> None:
        page.update(warm.department.get("/cases", limit=25, **query))

    assert counted(turn) <= LIST
    assert len(page["items"]) == 25
    assert counted(turn, cursor=page["next"]) <= LIST
    assert (
        counted(turn, cursor=page["next"], overdue=False, text="井盖", state="pending_handle")
        <= LIST
    )


def test_a_report(warm: Any) -> None:
    body = {
        "text": "井盖丢失", "lon": LON, "lat": LAT, "channel": "hotline",
        "matter_id": warm.town.matters["01001"].pk, "contact": {"phone": "13900001234"},
    }  # fmt: skip
    assert counted(warm.acceptor.post, "/reports", **body) <= CREATE


def test_every_step_of_the_main_path(warm: Any) -> None:
    case = warm.reported(contact={"phone": "13900001234"})
    matter = warm.town.matters["01001"].pk
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("acceptor", "send_verify", {"matter_id": matter}),
        ("collector", "verify", {"result": "exists"}),
        ("shift_leader", "file", {"standard_id": warm.town.standard.pk}),
        ("dispatcher", "dispatch", {"department_id": warm.town.department.pk}),
        ("department", "sign", {}),
        ("department", "assign", {"handler_id": warm.handler.user.pk}),
        ("department", "ask_extension", {"opinion": "x"}),
        ("dispatcher", "grant_extension", {}),
        ("handler", "finish", {"opinion": "x"}),
        ("dispatcher", "forward", {}),
        ("collector", "rework", {"opinion": "x"}),
        ("handler", "finish", {"opinion": "x"}),
        ("dispatcher", "forward", {}),
        ("collector", "pass_check", {}),
        ("shift_leader", "close", {}),
    ]
    over = {}
    for who, operation, body in steps:
        count = counted(warm.desks[who].do, operation, case, **body)
        if count > STEP:
            over[operation] = count
    assert not over
