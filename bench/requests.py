"""Lists, reports and steps through the whole WSGI application, in this process.

Django's test client calls the application: middleware, authentication, permission, validation and
serialization are all in; sockets and the server are not. CPU is this process's own.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from bench import world
from bench.meter import Line, measure

LIST_SQL, CREATE_SQL, STEP_SQL = 5, 12, 10


class Failed(RuntimeError):
    """An answer that is no success: the bench would measure an error page."""


@cache
def application() -> Any:
    """The one client: making another would load all middleware again, which no request does."""
    from django.test import Client

    return Client(SERVER_NAME="localhost", raise_request_exception=True)


@dataclass(frozen=True)
class Desk:
    """A person with a token."""

    token: str
    user_id: int

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        data = json.dumps(body).encode() if body is not None else b""
        answer = application().generic(
            method, f"/api{path}", data, content_type="application/json", headers=headers
        )
        if answer.status_code >= 400:
            raise Failed(f"{method} {path}: {answer.status_code} {answer.content[:400]!r}")
        return json.loads(answer.content)


def desk(name: str, role: str, organisation: str | None = None, **grants: Any) -> Desk:
    """A user of that post, made when absent; ``matters`` and ``area`` limit the grants."""
    from chengyun.core.actions import issue_token
    from chengyun.core.actor import Actor
    from chengyun.core.models import Grant, Organisation, User

    place = Organisation.objects.get(code=organisation) if organisation else None
    user, _ = User.objects.get_or_create(username=name, defaults={"organisation": place})
    matters = grants.get("matters", [""])
    Grant.objects.bulk_create(
        [
            Grant(user=user, role=role, area_code=grants.get("area", ""), matter_code=matter)
            for matter in matters
        ],
        ignore_conflicts=True,
    )
    _, token = issue_token(
        actor=Actor.system("bench"), user=user, name="bench",
        scopes=["read", "write", "intake", "export"],
    )  # fmt: skip
    return Desk(token, user.pk)


def lists(cases: int, rounds: int) -> Iterator[Line]:
    """Pages of 25 for somebody with 170 subclasses of grants, in one district and everywhere."""
    made = world.describe(cases)
    everywhere = desk("bench_all", "dispatcher", matters=made.tokens)
    district = desk("bench_district", "dispatcher", matters=made.tokens, area=made.districts[3])
    nothing = [lambda: everywhere.call("GET", "/health")] * (rounds + 3)
    yield measure("an empty request (/api/health), for scale", nothing)
    for who, person in (("170 subclasses", everywhere), ("170 subclasses × 1 district", district)):
        for name, query in (
            ("first page", ""),
            ("state = handling", "&state=handling"),
            (f"district {made.districts[3]}", f"&area={made.districts[3]}"),
            ("one street", f"&area={made.districts[3]}002"),
            ("one department", f"&department={made.departments[4]}"),
            ("overdue", "&overdue=true"),
            ("one subclass", f"&matter={made.tokens[60]}"),
            ("text 井盖 (no hit)", "&text=井盖"),
            ("text 测试路77号", "&text=测试路77号"),
        ):
            path = f"/cases?limit=25{query}"
            calls = [lambda p=path: person.call("GET", p)] * (rounds + 3)  # noqa: B023
            yield measure(f"{who}: {name}", calls, allowed=LIST_SQL)
        deep = _deep_cursor(cases)
        calls = [lambda: person.call("GET", f"/cases?limit=25&cursor={deep}")]  # noqa: B023
        yield measure(f"{who}: page {cases // 50:,}", calls * (rounds + 3), allowed=LIST_SQL)


def _deep_cursor(cases: int) -> str:
    """The cursor half way down the list: what thousands of clicks on "next" would lead to."""
    import base64

    from chengyun.governance.models import Case

    middle = Case.objects.order_by("id").values_list("id", flat=True)[cases // 2]
    return base64.urlsafe_b64encode(json.dumps([0, str(middle)]).encode()).decode().rstrip("=")


def reports_and_steps(rounds: int) -> Iterator[Line]:
    """A report that becomes a case, and each step of its main path."""
    people = cast()
    found: list[int] = []
    number = iter(range(10**9))

    def create(channel: str) -> Callable[[], None]:
        def call() -> None:
            body = {
                "text": f"解放路 {next(number)} 号路面塌陷, 行人绕行",
                "channel": channel,
                "lon": 120.31,
                "lat": 36.07,
            }
            found.append(people["acceptor"].call("POST", "/reports", body)["case_id"])

        return call

    yield measure("create a report", [create("hotline")] * (rounds + 3), allowed=CREATE_SQL)
    for name, who, body in main_path(people):
        calls = [_step(people[who], name, case, body) for case in found]
        yield measure(f"{name} ({who})", calls, allowed=STEP_SQL)


def _step(person: Desk, name: str, case: int, body: dict[str, Any]) -> Callable[[], Any]:
    return lambda: person.call("POST", f"/cases/{case}/{name.replace('_', '-')}", body)


def cast() -> dict[str, Desk]:
    """A person for every post of the main path."""
    department = world.describe(0).departments[0]
    return {
        role: desk(f"bench_{role}", role, department if role in ("department", "handler") else None)
        for role in ("collector", "acceptor", "shift_leader", "dispatcher", "department", "handler",
                     "leader")
    }  # fmt: skip


def main_path(people: dict[str, Desk]) -> list[tuple[str, str, dict[str, Any]]]:
    """(operation, post, input) from a report to a closed case, with an extension on the way."""
    from chengyun.core import clock
    from chengyun.core.models import Organisation
    from chengyun.governance.models import Standard

    standard = Standard.objects.select_related("matter").first()
    assert standard is not None
    department = Organisation.objects.get(code=world.describe(0).departments[0])
    until = (clock.now() + timedelta(days=30)).isoformat()
    collector = {"collector_id": people["collector"].user_id}
    return [
        ("accept", "acceptor", {"matter_id": standard.matter_id}),
        ("file", "shift_leader", {"standard_id": standard.pk}),
        ("dispatch", "dispatcher", {"department_id": department.pk}),
        ("sign", "department", {}),
        ("assign", "department", {"handler_id": people["handler"].user_id}),
        ("ask_extension", "handler", {"opinion": "等待材料"}),
        ("grant_extension", "dispatcher", {}),
        ("ask_suspension", "department", {"opinion": "等待施工许可", "until": until}),
        ("grant_suspension", "dispatcher", {}),
        ("resume", "department", {}),
        ("urge", "leader", {}),
        ("finish", "handler", {"opinion": "已修复"}),
        ("forward", "dispatcher", collector),
        ("rework", "collector", {"opinion": "仍有裂缝"}),
        ("finish", "handler", {"opinion": "已再次修复"}),
        ("forward", "dispatcher", collector),
        ("pass_check", "collector", {}),
        ("close", "shift_leader", {}),
    ]
