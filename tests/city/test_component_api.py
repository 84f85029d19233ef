"""Components over HTTP: lists and their filters, one with its history and photos, writes, files."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import Result
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from chengyun.city.coordinates import from_cgcs2000
from chengyun.city.inventory import By, inventory
from chengyun.city.inventory import Wanted as Counted
from chengyun.city.models import Component, ComponentChange, ComponentPhoto, Survey
from chengyun.core.actions import grant_role, issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, DomainEvent, User
from tests.api.conftest import picture
from tests.city.conftest import Folder, component

Run = Callable[..., Result]
SYSTEM = Actor.system("tests")
FIRST = "37020201001000001"  # in the first community, loaded with the folder
SQUARE = [[120.301, 36.051], [120.309, 36.051], [120.309, 36.059], [120.301, 36.059]]


class Person:
    """Somebody at the API."""

    def __init__(self, name: str, *grants: tuple[str, str]) -> None:
        self.user = User.objects.create_user(name, display_name=name)
        for role, area in grants:
            grant_role(actor=SYSTEM, user=self.user, role=role, area_code=area)
        actor = Actor.of(self.user)
        scopes = ["read", "write", "export", "intake"]
        _, token = issue_token(actor=actor, user=self.user, name="t", scopes=scopes)
        self.client = Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        more: dict[str, Any] = (
            {} if body is None else {"data": json.dumps(body), "content_type": JSON}
        )
        answer = self.client.generic(method, f"/api/components{path}", **more)
        content = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == status, content
        return json.loads(content) if content and "json" in answer["Content-Type"] else content

    def codes(self, query: str = "") -> list[str]:
        """All pages of a list."""
        found: list[str] = []
        cursor = ""
        while True:
            page = self("GET", f"?limit=2&{query}{cursor}")
            found += [item["code"] for item in page["items"]]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"


JSON = "application/json"


@pytest.fixture
def manager(loaded: Folder) -> Person:
    """Manages the data of the first district."""
    return Person("zhang", ("data_manager", "370202"))


@pytest.fixture
def reader(loaded: Folder) -> Person:
    return Person("sun")


@pytest.fixture
def street(loaded: Folder, chengyun: Run) -> Folder:
    """Lamps in three communities; one is lost, some are nobody's."""
    rows = [component("01037", n, lon=120.345, lat=36.065, unit_grid="") for n in range(1, 4)]
    rows += [component("01037", n, lon=120.345, lat=36.095, unit_grid="") for n in range(4, 7)]
    rows[1] |= {"state": "lost", "maintainer": ""}
    rows[4] |= {"name": "路灯杆"}
    rows = [row if n < 3 else row | {"code": f"370203{row['code'][6:]}"}
            for n, row in enumerate(rows)]  # fmt: skip
    loaded.rows("lamps.csv", rows)
    assert chengyun("import", "components", loaded.path / "lamps.csv").exit_code == 0
    return loaded


def test_one_component_is_shown_with_all_its_attributes_and_where_it_lies(
    reader: Person,
) -> None:
    survey = Survey.objects.create(
        register="components", title="2026 普查", file_name="a.gpkg", sha256="0", state="applied",
        started_by="t", finished_at="2026-03-01T20:00:00Z",
    )  # fmt: skip
    Component.objects.filter(code=FIRST).update(
        survey=survey, accuracy="b", street_code="370202001", community_code="370202001001"
    )
    shown = reader("GET", f"/{FIRST}")
    assert (shown["component_class"], shown["class_zh"]) == ("01001", shown["name"])
    assert (shown["accuracy"], shown["state"], shown["unit_grid"]) == (
        "b", "intact", "370202001001007",
    )  # fmt: skip
    assert (shown["street_name"], shown["community_name"]) == ("street 370202001", "社区001001")
    assert [a["level"] for a in shown["areas"]] == ["city", "district", "street", "community"]
    assert shown["duty_grids"] == []
    assert shown["survey"] == {"id": survey.pk, "title": "2026 普查", "day": "2026-03-02"}
    assert shown["photos"] == []
    assert set(shown["may"].values()) == {False}
    assert {"authority", "owner", "maintainer", "first_surveyed", "changed_on", "source",
            "remark", "lon", "lat"} <= set(shown)  # fmt: skip
    assert reader("GET", "/1", status=404)["remedy"] == "Check the code."


def test_what_lies_in_a_duty_grid_names_it(reader: Person, street: Folder) -> None:
    Component.objects.filter(code=FIRST).update(unit_grid=grid("370202001001001"))
    (duty,) = reader("GET", f"/{FIRST}")["duty_grids"]
    assert duty == {"code": "D1", "name": "一号责任网格", "kind": "duty"}


def grid(code: str) -> Any:
    from chengyun.city.models import UnitGrid

    return UnitGrid.objects.get(code=code)


def test_filters_leave_what_they_name_and_pages_miss_nothing(
    reader: Person, street: Folder
) -> None:
    everything = sorted(Component.objects.values_list("code", flat=True))
    assert reader.codes() == everything
    south = [f"37020201037{n:06}" for n in (1, 2, 3)]
    north = [f"37020301037{n:06}" for n in (4, 5, 6)]
    assert reader.codes("class=01037") == south + north
    assert reader.codes("class_code=01037") == south + north
    assert sorted(reader.codes("class=01")) == [c for c in everything if c[6:8] == "01"]
    assert reader.codes("area=370203") == north
    assert sorted(reader.codes("area=370202")) == sorted(set(everything) - set(north))
    assert sorted(reader.codes("area=370200")) == everything
    assert reader.codes("area=370202001002&state=lost") == [south[1]]
    assert reader.codes("maintainer=none") == [south[1]]
    assert reader.codes("maintainer=SAN&class=01037") == [c for c in south + north if c != south[1]]
    assert reader.codes("text=3702030103") == north
    assert reader.codes("text=路灯杆") == [north[1]]
    assert sorted(reader.codes("text=路灯")) == south + north
    assert reader.codes("unit_grid=370203001001005") == north
    assert reader.codes("bbox=120.34,36.06,120.35,36.07") == south
    Component.objects.filter(code=FIRST).update(unit_grid=None)
    assert reader.codes("area=none") == [FIRST]


def test_a_list_tells_its_length_and_whether_that_was_counted(
    reader: Person, street: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for query in ("", "area=370203", "class=01&state=intact", "text=路灯", "maintainer=none"):
        wanted = {"count": len(reader.codes(query)), "exact": True}
        assert reader("GET", f"/total?{query}") == wanted, query
    assert reader("GET", "/total?area=9", status=422)["field"] == "area"
    # Longer than is counted unasked: told as an estimate, counted for whoever wants it.
    monkeypatch.setattr("chengyun.city.components.filter.COUNTED", 2)
    everything = Component.objects.count()
    about = reader("GET", "/total")
    assert about["exact"] is False
    assert about["count"] > 2
    assert reader("GET", "/total?exact=true") == {"count": everything, "exact": True}


def test_every_number_of_the_inventory_opens_to_its_components(
    reader: Person, street: Folder
) -> None:
    for by, parameter in (
        (By.CLASS, "class"), (By.SUBCLASS, "class"), (By.COMMUNITY, "area"), (By.STATE, "state"),
        (By.DISTRICT, "area"), (By.MAINTAINER, "maintainer"),
    ):  # fmt: skip
        for row in inventory(by, Counted())["rows"]:
            assert len(reader.codes(f"{parameter}={row['key'] or 'none'}")) == row["count"], row


@pytest.mark.parametrize(
    ("query", "field"),
    [("area=9", "area"), ("class=99", "class"), ("maintainer=X", "maintainer"),
     ("unit_grid=1", "unit_grid"), ("bbox=1,2,3", "bbox"), ("text=%00", "text"),
     ("state=new", "state"), ("cursor=x", "cursor")],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_explained(reader: Person, query: str, field: str) -> None:
    problem = reader("GET", f"?{query}", status=422)
    assert field in problem["field"]


@pytest.fixture
def captured() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as context:
        yield context


def test_statements_of_lists_and_pages(
    reader: Person, street: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chengyun.city.snapshot.CHECK_EVERY_SECONDS", 3600.0)
    monkeypatch.setattr("chengyun.core.http._TOUCH_SECONDS", 3600.0)
    reader("GET", "")
    # The token, the list; what turns codes of areas, grids or people into ids.
    for path, statements in (
        ("?limit=5", 2), ("?class=01&state=intact", 2), ("?area=370203", 3),
        ("?area=370202&maintainer=SAN", 4), (f"/{FIRST}", 5), (f"/{FIRST}/changes", 3),
        (f"/{FIRST}/cases", 3),  # without a post no case is asked for
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            reader("GET", path)
        assert len(captured) == statements, (path, [q["sql"] for q in captured])


def test_a_polygon_finds_what_lies_in_it(reader: Person, street: Folder) -> None:
    within = {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]}
    page = reader("POST", "/search?limit=1", {"within": within})
    assert page["items"][0]["code"] == FIRST
    following = reader("POST", f"/search?limit=1&cursor={page['next']}", {"within": within})
    assert [item["code"] for item in following["items"]] == ["37020203005000002"]
    assert following["next"] is None
    assert reader("POST", "/search", {"within": within, "class": "03"})["items"][0]["code"] == (
        "37020203005000002"
    )
    assert reader("POST", "/search", {"within": within, "state": "lost"})["items"] == []
    counts = reader("POST", "/counts", {"within": within})
    assert counts["total"] == 2
    assert sorted((row["code"][:2], row["count"]) for row in counts["rows"]) == [
        ("01", 1),
        ("03", 1),
    ]
    assert reader("POST", "/counts", {"within": within, "state": "lost"}) == {
        "total": 0, "rows": [],
    }  # fmt: skip


def test_an_outline_is_as_large_as_one_likes_but_holds_no_more_than_are_listed(
    reader: Person, street: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = [[119.0, 35.0], [121.0, 35.0], [121.0, 37.0], [119.0, 37.0], [119.0, 35.0]]
    within = {"type": "Polygon", "coordinates": [wide]}
    everything = reader("POST", "/counts", {"within": within})["total"]
    assert everything == Component.objects.exclude(geom=None).count()
    monkeypatch.setattr("chengyun.city.components.filter.MOST_ROWS", everything - 1)
    for path in ("/counts", "/search", "/export.csv"):
        problem = reader("POST", path, {"within": within}, status=422)
        assert problem["field"] == "within"
        assert "narrow it by class" in problem["remedy"]
    narrower = reader("POST", "/counts", {"within": within, "class": "03"})["total"]
    assert 0 < narrower < everything


def test_an_area_is_searched_counted_and_taken_as_a_polygon_is(
    reader: Person, street: Folder
) -> None:
    area = {"area": "370202001001"}
    codes = [item["code"] for item in reader("POST", "/search", area)["items"]]
    assert codes == [FIRST, "37020203005000002"]
    assert reader("POST", "/counts", area)["total"] == 2
    assert [f["id"] for f in reader("POST", "/export.geojson", area)["features"]] == codes
    assert reader("POST", "/search", {}, status=422)["field"] == "within"
    assert reader("POST", "/counts", {"area": "nowhere"}, status=422)["field"] == "area"


@pytest.mark.parametrize(
    ("rings", "why"),
    [
        ([[[120.3, 36.0], [120.31, 36.01], [120.31, 36.0], [120.3, 36.01], [120.3, 36.0]]],
         "Self-intersection"),
        ([[[120.0 + n / 1e6, 36.0 + (n % 2) / 1e6] for n in range(600)]] * 2, "1000"),
        ([[[120.3, 36.0]] * 5], "not valid"),
    ],
)  # fmt: skip
def test_a_polygon_that_cannot_be_searched_is_refused(reader: Person, rings: Any, why: str) -> None:
    body = {"within": {"type": "Polygon", "coordinates": rings}}
    problem = reader("POST", "/search", body, status=422)
    assert problem["field"] == "within"
    assert why in problem["detail"]


@pytest.mark.parametrize(
    "within",
    [{"type": "Polygon", "coordinates": [[[1, 2]]]}, {"type": "Point", "coordinates": [1, 2]},
     {"type": "Polygon", "coordinates": [[[400, 2]] * 4]}, [],
     {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}],
)  # fmt: skip
def test_what_is_no_polygon_is_refused(reader: Person, within: Any) -> None:
    assert reader("POST", "/search", {"within": within}, status=422)["status"] == 422


def test_a_component_is_registered_changed_removed_and_restored_with_its_history(
    manager: Person,
) -> None:
    code = "37020201037000009"
    lon, lat = (float(v) for v in from_cgcs2000(120.305, 36.055, "gcj02"))
    made = manager(
        "PUT", f"/{code}",
        {"lon": lon, "lat": lat, "system": "gcj02", "accuracy": "a", "maintainer": "SAN"},
        status=201,
    )  # fmt: skip
    assert (made["lon"], made["lat"]) == pytest.approx((120.305, 36.055), abs=1e-8)
    assert made["unit_grid"] == "370202001001007"
    assert made["may"] == {"change": True, "remove": True, "restore": False, "add_photo": True}
    changed = manager(
        "PATCH", f"/{code}", {"state": "damaged", "maintainer": None, "version": made["version"]}
    )
    assert (changed["state"], changed["maintainer"], changed["accuracy"]) == ("damaged", None, "a")
    late = {"remark": "x", "version": made["version"]}
    assert manager("PATCH", f"/{code}", late, status=409)["field"] == "version"
    manager("PATCH", f"/{code}", {"state": "damaged"})  # nothing differs: nothing is written
    manager("DELETE", f"/{code}", status=204)
    gone = manager("GET", f"/{code}")
    assert gone["state"] == "removed"
    assert gone["may"]["restore"] is True
    assert gone["may"]["change"] is False
    assert "Restore" in manager("PATCH", f"/{code}", {"remark": "x"}, status=404)["remedy"]
    assert manager("POST", f"/{code}/restore", {"state": "damaged"})["state"] == "damaged"
    manager("POST", f"/{code}/restore", {}, status=409)
    history = manager("GET", f"/{code}/changes?limit=3")
    rest = manager("GET", f"/{code}/changes?limit=3&cursor={history['next']}")
    steps = history["items"] + rest["items"]
    assert [step["verb"] for step in steps] == ["restore", "remove", "change", "register"]
    assert {(step["actor"], step["origin"]) for step in steps} == {("zhang", "api")}
    assert steps[3]["before"] is None
    assert steps[3]["after"]["accuracy"] == "a"
    assert "remark" not in steps[3]["after"]
    assert steps[2]["before"] == {"state": "intact", "maintainer": "SAN", "changed_on": None}
    assert steps[2]["after"] == {
        "state": "damaged", "maintainer": None, "changed_on": changed["changed_on"],
    }  # fmt: skip
    assert steps[0]["before"] == {"state": "removed"}
    said = AuditEntry.objects.filter(object_id=code).order_by("id").values_list("action", flat=True)
    told = DomainEvent.objects.filter(subject_id=code).order_by("id").values_list("kind", flat=True)
    verbs = [f"city.component.{verb}" for verb in ("register", "change", "remove", "restore")]
    assert list(said) == list(told) == verbs


def test_a_write_that_is_refused_leaves_no_trace(manager: Person) -> None:
    before = ComponentChange.objects.count(), AuditEntry.objects.count()
    far = {"lon": 120.345, "lat": 36.095}  # in the other district
    manager("PUT", "/37020301037000009", far, status=403)
    manager("PATCH", f"/{FIRST}", far, status=403)
    manager("PUT", f"/{FIRST}", {"lon": 120.305, "lat": 36.055}, status=409)
    for body, field in (
        ({"lon": 1, "lat": 1}, "geometry"), ({"lon": 120.305}, "lon"), ({"state": "new"}, "state"),
        ({"accuracy": "z"}, "accuracy"), ({"state": "removed"}, "state"), ({"color": 1}, "color"),
        ({"owner": "X"}, "owner"), ({"name": "a\0"}, "name"),
    ):  # fmt: skip
        assert field in manager("PATCH", f"/{FIRST}", body, status=422)["field"], body
    assert (ComponentChange.objects.count(), AuditEntry.objects.count()) == before


def test_states_follow_their_table(manager: Person) -> None:
    for state, status in (
        ("lost", 200), ("damaged", 200), ("abandoned", 200), ("damaged", 422), ("intact", 200),
    ):  # fmt: skip
        manager("PATCH", f"/{FIRST}", {"state": state}, status=status)
    body = {"lon": 120.305, "lat": 36.055, "state": "removed"}
    manager("PUT", "/37020201037000009", body, status=422)


def sent(person: Person, purpose: str = "component") -> str:
    file = SimpleUploadedFile("a.png", picture(), content_type="image/png")
    answer = person.client.post("/api/attachments", {"file": file, "purpose": purpose})
    assert answer.status_code == 201, answer.content
    key: str = answer.json()["uuid"]
    return key


def seen(person: Person, key: str) -> int:
    return person.client.get(f"/api/attachments/{key}").status_code


def test_photos_are_put_up_and_taken_down(manager: Person, reader: Person) -> None:
    collector = Person("qian", ("collector", "370202001"))
    stranger = Person("zhou", ("collector", "370203"))
    key = sent(collector)
    assert seen(reader, key) == 404  # it is nobody's photo yet
    stranger("POST", f"/{FIRST}/photos", {"attachment": key}, status=403)
    photo = collector("POST", f"/{FIRST}/photos", {"attachment": key}, status=201)
    assert (photo["attachment"], photo["width"], photo["added_by"]) == (key, 40, "qian")
    collector("POST", f"/{FIRST}/photos", {"attachment": key}, status=409)
    assert [p["attachment"] for p in reader("GET", f"/{FIRST}")["photos"]] == [key]
    assert seen(reader, key) == 200
    assert Client().get(f"/api/attachments/{key}").status_code == 404
    stranger("DELETE", f"/{FIRST}/photos/{key}", status=403)
    manager("DELETE", f"/{FIRST}/photos/{key}", status=204)
    manager("DELETE", f"/{FIRST}/photos/{key}", status=404)
    assert reader("GET", f"/{FIRST}")["photos"] == []
    assert (seen(reader, key), seen(collector, key)) == (404, 200)
    collector("POST", f"/{FIRST}/photos", {"attachment": key}, status=201)
    collector("DELETE", f"/{FIRST}/photos/{key}", status=204)  # one's own
    steps = reader("GET", f"/{FIRST}/changes")["items"]
    assert [step["verb"] for step in steps] == ["photo"] * 4
    assert steps[0]["before"] == {"photo": key}
    assert DomainEvent.objects.filter(kind="city.component.add_photo").count() == 2
    collector("POST", f"/{FIRST}/photos", {"attachment": sent(collector, "report")}, status=422)


def test_twenty_photos_are_enough(manager: Person) -> None:
    for _ in range(20):
        manager("POST", f"/{FIRST}/photos", {"attachment": sent(manager)}, status=201)
    manager("POST", f"/{FIRST}/photos", {"attachment": sent(manager)}, status=409)
    assert ComponentPhoto.objects.filter(taken_down_at=None).count() == 20


def test_files_hold_the_list_and_run_nothing(reader: Person, street: Folder) -> None:
    Component.objects.filter(code=FIRST).update(remark="=cmd|' /C calc'!A0", name="+1\n2")
    body = reader("GET", "/export.csv?area=370202001001").decode()
    rows = list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff"))))
    assert [row["code"] for row in rows] == [FIRST, "37020203005000002"]
    assert rows[0]["remark"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["name"] == "'+1\n2"
    assert rows[0]["maintainer"] == "环卫处"
    assert float(rows[0]["longitude"]) == 120.305
    within = {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]}
    document = reader("POST", "/export.geojson", {"within": within})
    assert [f["id"] for f in document["features"]] == [FIRST, "37020203005000002"]
    assert document["features"][0]["geometry"]["coordinates"] == [120.305, 36.055]
    assert document["features"][0]["properties"]["remark"] == "=cmd|' /C calc'!A0"
    said = AuditEntry.objects.filter(action="city.component.export").order_by("id")
    assert next(e.after["filter"] for e in said) == {"area": "370202001001"}  # type: ignore[index]
    assert reader("GET", "/export.pdf", status=422)["status"] == 422


def test_a_workbook_holds_the_same_and_runs_nothing(
    reader: Person, street: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Component.objects.filter(code=FIRST).update(remark="=cmd|' /C calc'!A0", name="+1\x0b2")
    within = {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]}
    body = reader("POST", "/export.xlsx", {"within": within})
    heads, *rows = load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)
    first, second = (dict(zip(heads, row, strict=True)) for row in rows)
    assert (first["code"], second["code"]) == (FIRST, "37020203005000002")
    assert (first["remark"], first["name"]) == ("'=cmd|' /C calc'!A0", "'+12")
    assert (first["longitude"], first["maintainer"]) == (120.305, "环卫处")
    monkeypatch.setattr("chengyun.city.components.export.XLSX_ROWS", 1)
    assert "CSV" in reader("POST", "/export.xlsx", {"within": within}, status=422)["remedy"]


def test_a_file_of_too_many_rows_is_refused(
    reader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chengyun.city.components.export.MOST_ROWS", 1)
    assert "Narrow" in reader("GET", "/export.csv", status=422)["remedy"]
