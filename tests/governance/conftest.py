"""A town with two departments, and a desk for every person: tests speak HTTP as that person."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from chengyun.city.models import DutyGrid, UnitGrid
from chengyun.core import clock
from chengyun.core.actions import issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import Grant, Organisation, Role, User, WorkCalendar
from chengyun.core.queries import forget_calendars
from chengyun.governance.clocks import forget_desk_limits
from chengyun.governance.models import Case, DeskLimit, Standard
from tests.api.town import LAT, LON, Town, build_town

#: A Monday morning, 09:00 in the city.
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Refused(AssertionError):
    """An answer that is no success; tests look at status and problem."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem}")
        self.status, self.problem = status, problem


@dataclass
class Desk:
    """One person's connection to the API."""

    user: User
    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self.client.get(f"/api{path}", query, **self._headers()))

    def post(self, path: str, **body: Any) -> Any:
        answer = self.client.post(
            f"/api{path}", json.dumps(body), content_type="application/json", **self._headers()
        )
        return self._answer(answer)

    def do(self, operation: str, case_id: int, **body: Any) -> Any:
        """One step of the flow."""
        return self.post(f"/cases/{case_id}/{operation.replace('_', '-')}", **body)

    def _headers(self) -> dict[str, Any]:
        return {"HTTP_AUTHORIZATION": f"Bearer {self.token}"}

    def _answer(self, answer: Any) -> Any:
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", answer.content[:300]
            raise Refused(answer.status_code, answer.json())
        return answer.json()


@dataclass
class TownHall:
    """The town with its desks; ``clock`` is moved by ``later``."""

    town: Town
    desks: dict[str, Desk]
    now: datetime

    def __getattr__(self, name: str) -> Desk:
        try:
            return self.desks[name]
        except KeyError:
            raise AttributeError(name) from None

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        clock._moment.set(self.now)
        return self.now

    # The main path, so that a test begins where its subject begins.

    def reported(self, text: str = "井盖丢失, 路面有洞", **more: Any) -> int:
        body = {"text": text, "lon": LON, "lat": LAT, "channel": "hotline", **more}
        return int(self.acceptor.post("/reports", **body)["case_id"])

    def pending_file(self, **more: Any) -> int:
        case = self.reported(**more)
        self.acceptor.do("accept", case, matter_id=self.town.matters["01001"].pk)
        return case

    def pending_dispatch(self, **more: Any) -> int:
        case = self.pending_file(**more)
        self.shift_leader.do("file", case, standard_id=self.town.standard.pk)
        return case

    def pending_handle(self, **more: Any) -> int:
        case = self.pending_dispatch(**more)
        self.dispatcher.do("dispatch", case, department_id=self.town.department.pk)
        return case

    def handling(self, **more: Any) -> int:
        case = self.pending_handle(**more)
        self.department.do("sign", case)
        return case

    def pending_feedback(self, **more: Any) -> int:
        case = self.handling(**more)
        self.department.do("finish", case, opinion="已更换井盖")
        return case

    def pending_check(self, **more: Any) -> int:
        case = self.pending_feedback(**more)
        self.dispatcher.do("forward", case)
        return case

    def pending_close(self, **more: Any) -> int:
        case = self.pending_check(**more)
        self.collector.do("pass_check", case)
        return case

    def closed(self, **more: Any) -> int:
        case = self.pending_close(**more)
        self.shift_leader.do("close", case)
        return case

    def case(self, case_id: int) -> Case:
        return Case.objects.get(pk=case_id)


@pytest.fixture
def hall(db: None) -> Any:
    """The town on a Monday morning."""
    town = build_town()
    WorkCalendar.objects.create(
        code="town", name_zh="工作日历", zone="Asia/Shanghai", is_default=True
    )
    for stage, hours in [("accept", "0.5"), ("verify", 2), ("file", "0.5"), ("dispatch", "0.5"),
                         ("feedback", 2), ("check", 4), ("close", 2)]:  # fmt: skip
        DeskLimit.objects.create(stage=stage, limit=hours, unit="urgent_hour")
    parks = Organisation.objects.create(
        code="PARKS", name_zh="园林处", name_en="Parks", kind="department", ancestors=["PARKS"],
        path="/PARKS/",
    )  # fmt: skip
    people = dict(town.users)
    others = [
        ("parks", Role.DEPARTMENT, parks),
        ("parks_handler", Role.HANDLER, parks),
        ("collector2", Role.COLLECTOR, town.centre),
        ("dispatcher2", Role.DISPATCHER, town.centre),
    ]
    named: dict[str, User] = {role.value: user for role, user in people.items()}
    for name, role, organisation in others:
        named[name] = User.objects.create(
            username=name, display_name=name, organisation=organisation
        )
        Grant.objects.create(user=named[name], role=role.value)
    grid = DutyGrid.objects.create(code="S1", name="监督网格", kind="supervision")
    grid.unit_grids.set(UnitGrid.objects.all())
    grid.users.set([named["collector"]])
    Standard.objects.create(
        matter=town.matters["01002"], condition_key="out", condition_zh="路灯不亮", limit=2,
        unit="work_day", closing_zh="修复", valid_from="2020-01-01",
    )  # fmt: skip
    forget_calendars()
    forget_desk_limits()
    desks = {
        name: Desk(user, issue_token(actor=Actor.of(user), user=user, name="test",
                                     scopes=["read", "write", "intake", "export"])[1])
        for name, user in named.items()
    }  # fmt: skip
    with clock.at(MONDAY):
        yield TownHall(town, desks, MONDAY)
    forget_calendars()
    forget_desk_limits()
