"""`chengyun load`: everything or nothing, and every mistake with its place and remedy."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from chengyun.city.models import (
    Address,
    Area,
    CatalogueVersion,
    Component,
    DutyGrid,
    Edition,
    Matter,
    UnitGrid,
)
from chengyun.core.models import AuditEntry, Grant, Organisation, User, WorkCalendar
from tests.city.conftest import Folder, component

Run = Callable[..., Result]


def refused(chengyun: Run, folder: Folder) -> list[str]:
    """Load a spoiled folder; returns the mistakes, and proves that nothing was kept."""
    result = chengyun("load", folder.path)
    assert result.exit_code == 1, result.output
    for model in (Area, UnitGrid, Matter, Organisation, User, Component, WorkCalendar):
        assert not model._default_manager.exists(), f"{model.__name__} was half-loaded"
    assert "Nothing was changed" in result.output
    return [line for line in result.output.splitlines() if "→" in line]


def test_a_city_is_loaded_with_all_its_parts(loaded: Folder) -> None:
    assert Area.objects.count() == 1 + 2 + 3 + 4
    assert UnitGrid.objects.count() == 36
    community = Area.objects.get(code="370203001001")
    assert community.ancestors == ["370200", "370203", "370203001", "370203001001"]
    assert community.area_m2 == pytest.approx(9.0e6, rel=0.01)
    assert Organisation.objects.get(code="CMD").ancestors == ["GOV", "CMD"]
    duty = DutyGrid.objects.get(code="D1")
    assert duty.unit_grids.count() == 1 + 9
    assert [user.username for user in duty.users.all()] == ["wang"]
    assert Grant.objects.get(user__username="li").matter_code == "gbt47678-2026:06"
    assert not User.objects.get(username="li").has_usable_password()
    calendar = WorkCalendar.objects.get(code="haiqing")
    assert calendar.is_default
    assert calendar.days.get().name == "国庆节"


def test_components_know_class_grid_and_name(loaded: Folder) -> None:
    cover, bin_ = Component.objects.order_by("code")
    assert cover.name == "供水井盖"
    assert cover.unit_grid is not None
    assert cover.unit_grid.code == "370202001001007"
    assert cover.maintainer is not None
    assert cover.maintainer.code == "SAN"
    # The second row names no grid: it gets the one it lies in.
    assert bin_.component_class.name_zh == "垃圾箱"
    assert bin_.unit_grid == cover.unit_grid
    address = Address.objects.get(full_text__contains="辽阳路")
    assert address.area is not None
    assert address.area.code == "370203001001"


def test_loading_again_changes_nothing_and_says_so(loaded: Folder, chengyun: Run) -> None:
    version = CatalogueVersion.objects.get().number
    entries = AuditEntry.objects.count()
    result = chengyun("load", loaded.path)
    assert result.exit_code == 0
    assert "nothing changed" in result.output
    assert CatalogueVersion.objects.get().number == version
    assert AuditEntry.objects.count() == entries


def test_only_what_differs_is_changed(loaded: Folder, chengyun: Run) -> None:
    def rename(features: list[dict[str, Any]]) -> None:
        features[1]["properties"]["name_zh"] = "新市南区"

    loaded.change_features("areas.geojson", rename)
    loaded.rows("components.csv.gz", [component("01001", 1, state="lost")])
    result = chengyun("load", loaded.path)
    assert [line.split() for line in result.output.splitlines() if line.startswith("areas")] == [
        ["areas", "0", "1", "9"]
    ]
    assert Area.objects.filter(name_zh="新市南区").count() == 1
    assert Component.objects.filter(state="lost").count() == 1
    assert Component.objects.count() == 2, "a row that the folder no longer names is kept"
    entry = AuditEntry.objects.filter(action="city.load").latest("id")
    assert entry.after == {**entry.after, "areas": {"created": 0, "changed": 1}}


def test_demo_accounts_get_the_demo_password(folder: Folder, chengyun: Run) -> None:
    toml = (folder.path / "city.toml").read_text(encoding="utf-8")
    folder.text("city.toml", toml.replace("[calendar]", "demo_accounts = true\n[calendar]"))
    assert chengyun("load", folder.path).exit_code == 0
    assert User.objects.get(username="li").check_password("chengyun-demo")


def test_many_mistakes_are_told_at_once(folder: Folder, chengyun: Run) -> None:
    def spoil(features: list[dict[str, Any]]) -> None:
        features[3]["properties"]["level"] = "county"
        features[5]["properties"]["name_zh"] = ""

    folder.change_features("areas.geojson", spoil)
    folder.rows(
        "organisations.csv",
        [{"code": "GOV", "name_zh": "市政府", "kind": "ministry", "parent": ""}],
    )
    mistakes = refused(chengyun, folder)
    assert len(mistakes) == 3
    assert any(m.startswith("areas.geojson, feature 4, column level: 'county'") for m in mistakes)
    assert any("areas.geojson, feature 6, column name_zh: it is empty" in m for m in mistakes)
    assert any("organisations.csv, row 2, column kind: 'ministry'" in m for m in mistakes)
    assert all("→ " in m for m in mistakes)


def test_at_most_200_mistakes_are_listed_and_the_rest_counted(
    folder: Folder, chengyun: Run
) -> None:
    folder.rows(
        "users.csv",
        [{"username": f"u {i}", "display_name": "人", "organisation": ""} for i in range(250)],
    )
    result = chengyun("load", folder.path)
    assert result.output.count("users.csv, row") == 200
    assert "50 more mistakes" in result.output
    assert "250 mistakes" in result.output


def bow_tie(features: list[dict[str, Any]]) -> None:
    ring = [[120.30, 36.05], [120.31, 36.06], [120.31, 36.05], [120.30, 36.06], [120.30, 36.05]]
    features[0]["geometry"]["coordinates"] = [ring]


def projected(features: list[dict[str, Any]]) -> None:
    ring = [[500000, 3990000], [500100, 3990000], [500100, 3990100], [500000, 3990000]]
    features[0]["geometry"]["coordinates"] = [ring]


def line(features: list[dict[str, Any]]) -> None:
    features[0]["geometry"] = {"type": "LineString", "coordinates": [[120, 36], [121, 36]]}


def open_ring(features: list[dict[str, Any]]) -> None:
    features[0]["geometry"]["coordinates"] = [[[120.3, 36.0], [120.4, 36.0]]]


def no_geometry(features: list[dict[str, Any]]) -> None:
    features[0]["geometry"] = None


def foreign_code(features: list[dict[str, Any]]) -> None:
    features[0]["properties"]["code"] = "370203001001999"


def short_code(features: list[dict[str, Any]]) -> None:
    features[0]["properties"]["code"] = "37020200100101"


def no_such_community(features: list[dict[str, Any]]) -> None:
    features[0]["properties"]["community"] = "370202001009"


def twice(features: list[dict[str, Any]]) -> None:
    features[0]["properties"]["code"] = features[1]["properties"]["code"]


def year_zero(features: list[dict[str, Any]]) -> None:
    features[0]["properties"]["valid_from"] = "0000-01-01"


def half_a_character(features: list[dict[str, Any]]) -> None:
    features[0]["properties"]["remark"] = "\ud83d"


def no_properties(features: list[dict[str, Any]]) -> None:
    features[0]["properties"] = ["370202001001001", "370202001001"]
    features[0]["id"] = "370202001001001"


def ends_first(features: list[dict[str, Any]]) -> None:
    features[0]["properties"] |= {"valid_from": "2026-02-01", "valid_until": "2026-01-01"}


@pytest.mark.parametrize(
    ("spoil", "place", "what", "remedy"),
    [
        (bow_tie, "geometry", "it crosses itself at 120.305 36.055", "untie that place"),
        (projected, "geometry", "are not degrees", "EPSG:4490"),
        (line, "geometry", "it is a LineString", "draw it as a polygon"),
        (open_ring, "geometry", "not a closed ring", "export it again"),
        (no_geometry, "geometry", "has no geometry", "draw its outline"),
        (foreign_code, "code", "does not begin with its community's code", "three more digits"),
        (short_code, "code", "needs 15 digits and has 14", "write 15 digits"),
        (no_such_community, "community", "no area 370202001009", "correct the code"),
        (twice, "code", "stands already in 1", "remove or change"),
        (year_zero, "valid_from", "not a date of the calendar", "YYYY-MM-DD"),
        (half_a_character, "remark", "half a character", "type that text again"),
        (no_properties, "community", "it is empty", "fill it in"),
        (ends_first, "valid_until", "ends before it begins", "correct one of the dates"),
    ],
)
def test_a_bad_unit_grid_is_refused_with_its_place(
    folder: Folder,
    chengyun: Run,
    spoil: Callable[[list[dict[str, Any]]], None],
    place: str,
    what: str,
    remedy: str,
) -> None:
    folder.change_features("unit_grids.geojson", spoil)
    (mistake,) = refused(chengyun, folder)
    number = 2 if spoil is twice else 1
    assert mistake.startswith(f"unit_grids.geojson, feature {number}, column {place}: ")
    assert what in mistake.split("→")[0]
    assert remedy in mistake.split("→")[1]


def test_overlapping_grids_are_loaded_and_noted(folder: Folder, chengyun: Run) -> None:
    def widen(features: list[dict[str, Any]]) -> None:
        for corner in (1, 2):
            features[0]["geometry"]["coordinates"][0][corner][0] += 0.002

    folder.change_features("unit_grids.geojson", widen)
    result = chengyun("load", folder.path)
    assert result.exit_code == 0
    assert "370202001001001 and 370202001001002 overlap by 199," in result.output


@pytest.mark.parametrize(
    ("properties", "column", "what"),
    [
        ({"code": "370204", "level": "district", "parent": "370200999"}, "parent", "no area"),
        ({"code": "370204", "level": "district", "parent": ""}, "parent", "has no parent"),
        ({"code": "370204", "level": "district", "parent": "370202001"}, "parent", "cannot lie in"),
        ({"code": "370302", "level": "district", "parent": "370200"}, "code", "begin with 3702"),
        ({"code": "370202999001", "level": "community", "parent": "370202001"}, "code", "begin"),
        ({"code": "3702031", "level": "street", "parent": "370203"}, "code", "needs 9 digits"),
        ({"code": "370202", "level": "district", "parent": "370200"}, "code", "stands already"),
        ({"code": "370900", "level": "city", "parent": ""}, "level", "there are 2 cities"),
    ],
)
def test_an_area_must_fit_into_the_tree(
    folder: Folder, chengyun: Run, properties: dict[str, str], column: str, what: str
) -> None:
    def add(features: list[dict[str, Any]]) -> None:
        new = {"type": "Feature", "properties": {**properties, "name_zh": "新"}, "geometry": None}
        features.append(new)

    folder.change_features("areas.geojson", add)
    (mistake,) = refused(chengyun, folder)
    assert f"column {column}: " in mistake
    assert what in mistake


def test_organisations_in_a_circle_are_refused(folder: Folder, chengyun: Run) -> None:
    def circle(rows: list[dict[str, Any]]) -> None:
        rows[1]["parent"] = "SAN"

    folder.change_rows("organisations.csv", circle)
    (mistake,) = refused(chengyun, folder)
    assert "run in a circle" in mistake
    assert "GOV › SAN › GOV" in mistake or "SAN › GOV › SAN" in mistake


def test_a_wrong_credit_code_is_refused_with_the_right_character(
    folder: Folder, chengyun: Run
) -> None:
    def wrong(rows: list[dict[str, Any]]) -> None:
        rows.append({**rows[2], "code": "91350100M000100Y44"})

    folder.change_rows("organisations.csv", wrong)
    (mistake,) = refused(chengyun, folder)
    assert "organisations.csv, row 5, column code" in mistake
    assert "should be 3" in mistake


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"username": "li", "role": "collector"}, "cannot also be collector"),
        ({"username": "nobody", "role": "leader"}, "nobody is not known"),
        ({"username": "wang", "role": "king"}, "'king' is not known here"),
        ({"username": "wang", "role": "leader", "area": "999"}, "999 is not known"),
        ({"username": "wang", "role": "leader", "matter": "06001"}, "06001 is not known"),
    ],
)
def test_a_grant_must_make_sense(
    folder: Folder, chengyun: Run, row: dict[str, str], what: str
) -> None:
    empty = {"organisation": "", "area": "", "matter": ""}
    folder.change_rows("grants.csv", lambda rows: rows.append({**empty, **row}))
    (mistake,) = refused(chengyun, folder)
    assert mistake.startswith("grants.csv, row 4, column ")
    assert what in mistake


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (component("01999", 3), "class 01999"),
        (component("0101", 3), "needs 17 digits and has 16"),
        (component("01001", 3, code="37029901001000003"), "no district of this city"),
        (component("01001", 3, lon=220), "not between -180 and 180"),
        (component("01001", 3, unit_grid="370202001001999"), "no unit grid 370202001001999"),
        (component("01001", 3, maintainer="XXX"), "no organisation XXX"),
        (component("01001", 3, first_surveyed="00000101"), "not a date of the calendar"),
        (component("01001", 3, state="fine"), "'fine' is not known here"),
        (component("01001", 1), "stands already in 2"),
    ],
)
def test_a_bad_component_refuses_the_folder(
    folder: Folder, chengyun: Run, row: dict[str, Any], what: str
) -> None:
    folder.rows("components.csv.gz", [component("01001", 1), row])
    (mistake,) = refused(chengyun, folder)
    assert mistake.startswith("components.csv.gz, row 3")
    assert what in mistake


def test_gbk_files_are_recognised_and_read_when_declared(folder: Folder, chengyun: Run) -> None:
    for name in ("organisations.csv", "users.csv", "duty_grids.csv", "calendar.csv"):
        content = (folder.path / name).read_text(encoding="utf-8")
        folder.text(name, content, encoding="gbk")
    mistakes = refused(chengyun, folder)
    assert any("calendar.csv, row 2: " in m and "looks like GBK" in m for m in mistakes)
    assert any('encoding = "gb18030"' in m for m in mistakes)

    toml = (folder.path / "city.toml").read_text(encoding="utf-8")
    folder.text("city.toml", toml.replace("[calendar]", 'encoding = "gb18030"\n[calendar]'))
    content = (folder.path / "addresses.csv").read_text(encoding="utf-8")
    folder.text("addresses.csv", content, encoding="gbk")
    assert chengyun("load", folder.path).exit_code == 0
    assert User.objects.get(username="li").display_name == "李处置"


def test_a_byte_order_mark_is_tolerated(folder: Folder, chengyun: Run) -> None:
    for name in ("users.csv", "areas.geojson", "city.toml"):
        content = (folder.path / name).read_text(encoding="utf-8")
        folder.text(name, "\ufeff" + content)
    assert chengyun("load", folder.path).exit_code == 0


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("username;display_name;organisation\nwang;王;GOV\n", "not separated by commas"),
        ("username,organisation\nwang,GOV\n", "display_name: the column is missing"),
        ("username,display_name,name\nwang,王,x\n", "name: the column is not known here"),
        ("username,username,display_name\na,b,c\n", "username: the heading stands there twice"),
        ("username,display_name\nwang,王,GOV\n", "the row has 3 cells, the heading 2"),
        ("username,display_name\nwang,王\x00\n", "NUL"),
        ("", "the file is empty"),
    ],
)
def test_a_file_of_another_form_is_explained(
    folder: Folder, chengyun: Run, content: str, what: str
) -> None:
    folder.text("users.csv", content)
    mistakes = refused(chengyun, folder)
    assert any(m.startswith("users.csv") and what in m for m in mistakes), mistakes


def test_a_torn_gzip_and_a_workbook_are_explained(folder: Folder, chengyun: Run) -> None:
    packed = (folder.path / "components.csv.gz").read_bytes()
    (folder.path / "components.csv.gz").write_bytes(packed[:-20])
    (mistake,) = refused(chengyun, folder)
    assert "broken or cut off" in mistake
    (folder.path / "components.csv.gz").write_bytes(b"PK\x03\x04" + b"\x90\xff" * 40)
    (mistake,) = refused(chengyun, folder)
    assert "a workbook" in mistake


def test_a_city_may_extend_the_national_list_from_080(folder: Folder, chengyun: Run) -> None:
    row = {
        "edition": "gbt47678-2026", "kind": "event", "class_code": "06", "class_zh": "市容环境类",
        "sub_code": "999", "name_zh": "海藻堆积自定义", "aliases": "浒苔上岸|海草堆",
    }  # fmt: skip
    folder.rows("catalogue/matters_local.csv", [row])
    assert chengyun("load", folder.path).exit_code == 0
    matter = Matter.objects.get(edition__code="gbt47678-2026", code="06999")
    assert matter.extension
    assert matter.aliases == ["浒苔上岸", "海草堆"]
    assert matter.tokens == ["gbt47678-2026:06", "gbt47678-2026:06999"]


@pytest.mark.parametrize(
    ("sub_code", "name", "what"),
    [
        ("079", "新事项", "079 is kept for the national list"),
        ("001", "新事项", "means 私搭乱建 in this edition"),
        ("99", "新事项", "not a code of 3 characters"),
    ],
)
def test_a_city_may_not_rewrite_the_national_list(
    folder: Folder, chengyun: Run, sub_code: str, name: str, what: str
) -> None:
    row = {
        "edition": "gbt47678-2026", "kind": "event", "class_code": "06", "class_zh": "市容环境类",
        "sub_code": sub_code, "name_zh": name,
    }  # fmt: skip
    folder.rows("catalogue/matters_local.csv", [row])
    (mistake,) = refused(chengyun, folder)
    assert mistake.startswith("catalogue/matters_local.csv, row 2, column ")
    assert what in mistake


def test_an_unknown_edition_names_the_known_ones(folder: Folder, chengyun: Run) -> None:
    toml = (folder.path / "city.toml").read_text(encoding="utf-8")
    folder.text("city.toml", toml.replace("gbt47678-2026", "gbt47678-2062"))
    (mistake,) = refused(chengyun, folder)
    assert "city.toml, column edition" in mistake
    assert "gbt47678-2026" in mistake.split("→")[1]


@pytest.mark.parametrize(
    ("written", "instead", "place"),
    [
        ("[city]", "[city", "city.toml: it is not TOML"),
        ('"Asia/Shanghai"', '"Asia/Tsingtao"', "city.toml, column calendar"),
        ('[["08:00", "12:00"], ["14:00", "18:00"]]', '"08:00"', "city.toml, column duty"),
        ('["14:00", "18:00"]', '["18:00", "14:00"]', "city.toml, column calendar"),
        ('code = "370200"', 'code = "370300"', "areas.geojson, feature 1, column code"),
        ("[calendar]", 'encoding = "klingon"\n[calendar]', "city.toml, column encoding"),
    ],
)
def test_bad_settings_are_explained(
    folder: Folder, chengyun: Run, written: str, instead: str, place: str
) -> None:
    toml = (folder.path / "city.toml").read_text(encoding="utf-8")
    folder.text("city.toml", toml.replace(written, instead))
    (mistake,) = refused(chengyun, folder)
    assert mistake.startswith(place)


def test_a_folder_that_is_not_there_or_has_no_settings(
    tmp_path: Any, folder: Folder, chengyun: Run
) -> None:
    assert "no city folder" in chengyun("load", tmp_path / "atlantis").output
    (folder.path / "city.toml").unlink()
    (mistake,) = refused(chengyun, folder)
    assert "city.toml: the file is missing" in mistake


def test_boston_is_a_city_of_its_own(root: Any, chengyun: Run) -> None:
    result = chengyun("load", root / "examples" / "boston")
    assert result.exit_code == 0, result.output
    assert Edition.objects.get(is_default=True).code == "boston-311"
    assert Matter.objects.filter(edition__code="boston-311").count() == 162
    assert UnitGrid.objects.count() == 1254
    assert WorkCalendar.objects.get(is_default=True).zone == "America/New_York"
    assert Area.objects.filter(level="district", geom=None).count() == 22
