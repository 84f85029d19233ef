"""A small city whose cases are written straight into the tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chengyun.city.models import Area, DutyGrid, Edition, Matter, UnitGrid
from chengyun.core.access import Scope
from chengyun.core.models import Organisation, User, WorkCalendar
from chengyun.governance.evaluation.measures import Kind
from chengyun.governance.evaluation.periods import parse_period
from chengyun.governance.evaluation.request import Request
from chengyun.governance.models import Case, CaseRecord, Report, VisitBack

ZONE = ZoneInfo("Asia/Shanghai")
#: What counts as now unless a test says otherwise.
NOW = datetime(2026, 6, 30, 16, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment on the city's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class City:
    """Two districts with two communities each, two departments, two subclasses."""

    areas: dict[str, Area]
    departments: dict[str, Organisation]
    matters: list[Matter]
    people: dict[str, User] = field(default_factory=dict)
    made: int = 0

    def case(self, **fields: Any) -> Case:
        """One case, unsaved fields filled with what does not matter."""
        case = self.unsaved(**fields)
        case.save()
        return case

    def unsaved(
        self, *, area: str | None = "C11", department: str | None = "D1", **fields: Any
    ) -> Case:
        self.made += 1
        place = self.areas[area] if area else None
        organisation = self.departments[department] if department else None
        matter = fields.pop("matter", self.matters[0])
        base: dict[str, Any] = {
            "state": "closed",
            "channel": "citizen",
            "description": f"case {self.made}",
            "reported_at": at("2026-03-10T09:00"),
            "updated_at": at("2026-03-10T09:00"),
            "matter": matter,
            "area": place,
            "department": organisation,
            "scope_areas": place.ancestors if place else [],
            "scope_orgs": organisation.ancestors if organisation else [],
            "scope_matters": matter.tokens,
        } | fields
        if base["state"] == "closed":
            base.setdefault("closed_at", base["reported_at"])
        if base.get("filed_at"):
            base.setdefault("number", f"N{self.made}")
        if base["state"] == "merged":
            base["merged_into_id"] = fields["merged_into_id"]
        return Case(**base)

    def report(self, case: Case, **fields: Any) -> Report:
        self.made += 1
        base: dict[str, Any] = {
            "number": f"R{self.made}",
            "channel": case.channel,
            "text": "text",
            "reported_at": case.reported_at,
            "received_at": case.reported_at,
        }
        return Report.objects.create(case=case, **(base | fields))

    def visit(self, case: Case, **fields: Any) -> VisitBack:
        report = self.report(case)
        return VisitBack.objects.create(report=report, case=case, due_at=case.reported_at, **fields)

    def record(self, case: Case, who: str, role: str, operation: str, **fields: Any) -> CaseRecord:
        self.made += 1
        person = self.people[who]
        base: dict[str, Any] = {
            "seq": self.made,
            "to_state": "handling",
            "at": at("2026-03-10T10:00"),
            "actor_label": who,
            "actor_organisation_id": person.organisation_id,
        }
        return CaseRecord.objects.create(
            case=case, actor=person, actor_role=role, operation=operation, **(base | fields)
        )


@pytest.fixture
def city(db: None) -> City:
    WorkCalendar.objects.create(code="c", name_zh="日历", zone="Asia/Shanghai", is_default=True)
    areas: dict[str, Area] = {}
    for code, level, parent in [
        ("CITY", "city", None), ("A1", "district", "CITY"), ("A2", "district", "CITY"),
        ("S1", "street", "A1"), ("S2", "street", "A2"),
        ("C11", "community", "S1"), ("C12", "community", "S1"),
        ("C21", "community", "S2"), ("C22", "community", "S2"),
    ]:  # fmt: skip
        ancestors = [*(areas[parent].ancestors if parent else []), code]
        areas[code] = Area.objects.create(
            code=code, name_zh=code, level=level, parent=areas[parent] if parent else None,
            ancestors=ancestors, area_m2=2e6,
        )  # fmt: skip
    root = Organisation.objects.create(
        code="ROOT", name_zh="市政府", kind="other", path="/ROOT/", ancestors=["ROOT"]
    )
    departments = {
        code: Organisation.objects.create(
            code=code, name_zh=f"{code}局", kind="department", parent=root,
            path=f"/ROOT/{code}/", ancestors=["ROOT", code],
        )
        for code in ("D1", "D2")
    }  # fmt: skip
    edition = Edition.objects.create(
        code="test", name_zh="目录", class_width=2, subclass_width=3, is_default=True
    )
    matters = [
        Matter.objects.create(
            edition=edition, kind="event", code=f"0{n}001", class_code=f"0{n}", class_zh="大类",
            sub_code="001", name_zh=f"小类{n}",
        )
        for n in (1, 2)
    ]  # fmt: skip
    people = {
        name: User.objects.create(username=name, organisation=departments[org] if org else None)
        for name, org in [("wang", None), ("li", None), ("zhao", "D1"), ("sun", "D2")]
    }
    return City(areas, departments, matters, people)


@pytest.fixture
def supervised_grid(city: City) -> UnitGrid:
    """A unit grid of community C11 that wang patrols."""
    square = "MULTIPOLYGON(((120 36,120.001 36,120.001 36.001,120 36.001,120 36)))"
    grid = UnitGrid.objects.create(
        code="G1", community=city.areas["C11"], geom=f"SRID=4490;{square}", area_m2=1e4,
        valid_from="2020-01-01",
    )  # fmt: skip
    duty = DutyGrid.objects.create(code="S1", name="S1", kind="supervision")
    duty.unit_grids.add(grid)
    duty.users.add(city.people["wang"])
    return grid


@pytest.fixture
def ask() -> Callable[..., Request]:
    """ask(Kind.DEPARTMENT, "2026-03", …): a request with everybody's eyes."""

    def make(kind: Kind, *periods: str, **options: Any) -> Request:
        options = {"at": NOW, "scope": Scope.everything()} | options
        return Request(kind, [parse_period(code, ZONE) for code in periods], **options)

    return make
