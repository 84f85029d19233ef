"""Unit grids hold from a day until a day; nothing of the ground is lost between two of them."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from django.contrib.gis.geos import Point
from django.utils import timezone

from chengyun.city.actions.grids import follow_grids
from chengyun.city.models import Component, ComponentChange, DutyGrid, UnitGrid
from chengyun.city.queries import locate
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, DomainEvent
from tests.city.conftest import Folder
from tests.city.test_component_api import FIRST, Person

COMMUNITY = "370202001001"
#: The south-western grid of the first community, with both components.
OLD = f"{COMMUNITY}007"
WEST, SOUTH, STEP = 120.30, 36.05, 0.01


@pytest.fixture
def manager(loaded: Folder) -> Person:
    """Manages the data of the first district."""
    UnitGrid.objects.update(valid_from=date(2020, 1, 1))
    return Person("zhang", ("data_manager", "370202"))


def ask(person: Person, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    more: dict[str, Any] = (
        {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    )
    answer = person.client.generic(method, f"/api/unit-grids{path}", **more)
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(shapely.to_geojson(shapely.box(west, south, east, north)))
    return shape


def halves(cut: float = 0.006) -> list[dict[str, Any]]:
    """The old grid in two, the components in the western one."""
    middle, north = WEST + cut, SOUTH + STEP
    return [
        {"code": f"{COMMUNITY}010", "geometry": box(WEST, SOUTH, middle, north)},
        {"code": f"{COMMUNITY}011", "geometry": box(middle, SOUTH, WEST + STEP, north)},
    ]


def codes_on(person: Person, day: date, area: str = COMMUNITY) -> set[str]:
    page = ask(person, "GET", f"?area={area}&on={day}&limit=200")
    assert page["next"] is None
    return {grid["code"][12:] for grid in page["items"]}


def test_a_grid_is_split_and_what_stands_in_it_follows(manager: Person) -> None:
    duty = DutyGrid.objects.create(code="D9", name="九号", kind="duty")
    duty.unit_grids.add(UnitGrid.objects.get(code=OLD))
    today = timezone.localdate()
    made = ask(manager, "POST", f"/{OLD}/split", {"parts": halves()}, status=201)
    assert [grid["code"] for grid in made] == [f"{COMMUNITY}010", f"{COMMUNITY}011"]
    old = UnitGrid.objects.get(code=OLD)
    assert old.valid_until == today
    total = sum(grid["area_m2"] for grid in made)
    assert total == pytest.approx(old.area_m2, rel=1e-9)
    before = {f"00{n}" for n in range(1, 10)}
    assert codes_on(manager, today - timedelta(days=1)) == before
    assert codes_on(manager, today) == before - {"007"} | {"010", "011"}
    component = Component.objects.select_related("unit_grid").get(code=FIRST)
    assert component.unit_grid is not None
    assert component.unit_grid.code == f"{COMMUNITY}010"
    change = ComponentChange.objects.get(component=component)
    assert (change.origin, change.before, change.after) == (
        "grids", {"unit_grid": OLD}, {"unit_grid": f"{COMMUNITY}010"},
    )  # fmt: skip
    assert set(duty.unit_grids.values_list("code", flat=True)) == {g["code"] for g in made}
    place = locate(120.305, 36.055)
    assert place is not None
    assert place.grid is not None
    assert place.grid.code == f"{COMMUNITY}010"
    said = set(
        AuditEntry.objects.filter(object_type="city.unit_grid").values_list("action", "object_id")
    )
    told = set(
        DomainEvent.objects.filter(subject_type="city.unit_grid").values_list("kind", "subject_id")
    )
    assert said == told
    assert {verb.rsplit(".", 1)[1] for verb, _ in said} == {"retire", "register", "follow"}


def test_on_a_later_day_all_follows_then(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    day = timezone.localdate() + timedelta(days=30)
    body = {"parts": halves(), "on": day.isoformat()}
    ask(manager, "POST", f"/{OLD}/split", body, status=201)
    robot = Actor.system("tests")
    assert follow_grids(actor=robot) == 0
    component = Component.objects.select_related("unit_grid").get(code=FIRST)
    assert component.unit_grid is not None
    assert component.unit_grid.code == OLD
    monkeypatch.setattr("chengyun.city.actions.grids.timezone.localdate", lambda: day)
    assert follow_grids(actor=robot) == 2
    assert follow_grids(actor=robot) == 0


def second(west: float, east: float = WEST + STEP) -> dict[str, Any]:
    """The eastern part, from somewhere to somewhere."""
    return {"code": f"{COMMUNITY}011", "geometry": box(west, SOUTH, east, SOUTH + STEP)}


BOW = [[120.3, 36.05], [120.31, 36.06], [120.31, 36.05], [120.3, 36.06], [120.3, 36.05]]


@pytest.mark.parametrize(
    ("east", "what"),
    [
        (second(WEST + 0.007), "lie in no grid"),
        (second(WEST + 0.005), "overlap"),
        (second(WEST + 0.006, WEST + STEP + 0.001), "outside"),
        (halves()[1] | {"code": "370203001001010"}, "does not begin"),
        (halves()[1] | {"geometry": {"type": "Polygon", "coordinates": [BOW]}}, "crosses itself"),
        (halves()[1] | {"geometry": {"type": "Polygon", "coordinates": [["x"]]}}, "closed ring"),
    ],
)
def test_parts_that_do_not_cover_the_same_ground_are_refused(
    manager: Person, east: dict[str, Any], what: str
) -> None:
    problem = ask(manager, "POST", f"/{OLD}/split", {"parts": [halves()[0], east]}, status=422)
    assert what in problem["detail"]
    assert problem["remedy"]
    assert UnitGrid.objects.count() == 36
    assert not UnitGrid.objects.exclude(valid_until=None).exists()


def test_a_grid_is_retired_once_and_its_ground_registered_anew(manager: Person) -> None:
    gone = ask(manager, "POST", f"/{OLD}/retire", {"on": "2026-03-01"})
    assert gone["valid_until"] == "2026-03-01"
    ask(manager, "POST", f"/{OLD}/retire", {"on": "2026-03-02"}, status=409)
    other = f"/{COMMUNITY}008/retire"
    assert "2020-01-02" in ask(manager, "POST", other, {"on": "2020-01-01"}, 422)["remedy"]
    ground = {"community": COMMUNITY, "geometry": box(WEST, SOUTH, WEST + STEP, SOUTH + STEP)}
    early = {**ground, "valid_from": "2026-02-01"}
    assert "overlap" in ask(manager, "PUT", f"/{COMMUNITY}010", early, 422)["detail"]
    ask(manager, "PUT", f"/{OLD}", {**ground, "valid_from": "2026-03-01"}, status=409)
    made = ask(manager, "PUT", f"/{COMMUNITY}010", {**ground, "valid_from": "2026-03-01"}, 201)
    assert made["valid_from"] == "2026-03-01"
    assert "007" in codes_on(manager, date(2026, 2, 28))
    assert {"007", "010"} & codes_on(manager, date(2026, 3, 1)) == {"010"}
    beyond = {**ground, "geometry": box(WEST - 0.01, SOUTH, WEST, SOUTH + STEP)}
    assert "outside" in ask(manager, "PUT", f"/{COMMUNITY}011", beyond, 422)["detail"]
    ask(manager, "GET", f"/{OLD}")
    ask(manager, "GET", "/1", status=404)


def test_each_manager_in_their_own_area(manager: Person) -> None:
    foreign = "370203001001"
    ask(manager, "POST", f"/{foreign}001/retire", {}, status=403)
    ask(manager, "POST", f"/{foreign}001/split", {"parts": halves()}, status=403)
    ground = {"community": foreign, "geometry": box(120.33, 36.08, 120.34, 36.09)}
    ask(manager, "PUT", f"/{foreign}010", ground, status=403)
    nobody = Person("sun")
    ask(nobody, "POST", f"/{OLD}/retire", {}, status=403)
    ask(nobody, "GET", "/faults", status=403)
    assert not UnitGrid.objects.exclude(valid_until=None).exists()


def test_faults_come_by_community_and_only_of_the_own_area(manager: Person) -> None:
    page = ask(manager, "GET", "/faults?limit=2")
    assert page["items"] == []
    assert page["communities"] == [COMMUNITY, "370202001002"]
    rest = ask(manager, "GET", f"/faults?limit=2&cursor={page['next']}")
    assert (rest["communities"], rest["next"]) == (["370202002001"], None)
    for code in (f"{COMMUNITY}005", "370203001001005"):
        UnitGrid.objects.filter(code=code).update(valid_until=date(2026, 1, 1))
    (fault,) = ask(manager, "GET", "/faults")["items"]
    assert fault["geometry"]["type"] == "Polygon"
    said = fault["properties"]
    assert (said["kind"], said["community"]) == ("gap", COMMUNITY)
    assert said["m2"] == pytest.approx(1.0e6, rel=0.05)
    assert {said["code"], said["other"]} < {f"{COMMUNITY}00{n}" for n in (2, 4, 6, 8)}
    assert ask(manager, "GET", "/faults?on=2025-06-01")["items"] == []
    assert (
        ask(manager, "GET", "/faults?on=2025-06-01&largest=5")["items"][0]["properties"]["kind"]
        == "size"
    )
    assert ask(manager, "GET", "/faults?area=9", status=422)["field"] == "area"


def test_a_component_whose_ground_has_no_grid_stays(manager: Person) -> None:
    Component.objects.filter(code=FIRST).update(geom=Point(120.305, 36.055, srid=4490))
    ask(manager, "POST", f"/{OLD}/retire", {"on": timezone.localdate().isoformat()})
    assert follow_grids(actor=Actor.system("tests")) == 0
    component = Component.objects.select_related("unit_grid").get(code=FIRST)
    assert component.unit_grid is not None
    assert component.unit_grid.code == OLD
