"""The city over HTTP: areas, places and the catalogue for everybody, the inventory for staff."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from django.test import Client

from chengyun.city.coordinates import from_cgcs2000
from chengyun.city.models import Matter
from chengyun.core.models import User
from tests.city.conftest import Folder, component

Run = Callable[..., Result]


@pytest.fixture
def staff(loaded: Folder, client: Client) -> Client:
    """A client signed in as one of the city's people."""
    client.force_login(User.objects.get(username="wang"))
    return client


def get(client: Client, path: str, status: int = 200, **query: Any) -> Any:
    response = client.get(f"/api{path}", query, headers={"Accept-Language": "en"})
    assert response.status_code == status, response.content
    return response.json()


def test_everybody_may_ask_where_a_point_lies(loaded: Folder, client: Client) -> None:
    place = get(client, "/places", lon=120.305, lat=36.055)
    assert place["inside"] is True
    assert place["unit_grid"] == "370202001001007"
    assert [area["level"] for area in place["areas"]] == [
        "city", "district", "street", "community",
    ]  # fmt: skip
    assert place["nearest_address"]["full_text"] == "海青市市南区香港中路12号"
    assert place["nearest_address"]["distance_m"] == 0
    lon, lat = (float(value) for value in from_cgcs2000(120.305, 36.055, "gcj02"))
    shifted = get(client, "/places", lon=lon, lat=lat, system="gcj02")
    assert shifted["unit_grid"] == "370202001001007"
    assert (shifted["lon"], shifted["lat"]) == pytest.approx((120.305, 36.055), abs=1e-8)


def test_outside_the_city_everything_is_empty(loaded: Folder, client: Client) -> None:
    place = get(client, "/places", lon=-71.06, lat=42.36)
    assert place == {
        "lon": -71.06, "lat": 42.36, "inside": False, "unit_grid": None, "areas": [],
        "duty_grids": [], "nearest_address": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"lon": 200, "lat": 36}, "lon"),
        ({"lon": "nan", "lat": 36}, "lon"),
        ({"lon": 120}, "lat"),
        ({"lon": 120, "lat": 36, "system": "xian80"}, "system"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    loaded: Folder, client: Client, query: dict[str, Any], field: str
) -> None:
    assert field in get(client, "/places", status=422, **query)["field"]


def test_areas_are_listed_by_pages_and_shown_with_their_outline(
    loaded: Folder, client: Client
) -> None:
    first = get(client, "/areas", below="370202", limit=2)
    assert [area["code"] for area in first["items"]] == ["370202", "370202001"]
    second = get(client, "/areas", below="370202", limit=2, cursor=first["next"])
    assert [area["code"] for area in second["items"]] == ["370202001001", "370202001002"]
    assert {a["code"] for a in get(client, "/areas", level="district")["items"]} == {
        "370202", "370203",
    }  # fmt: skip
    community = get(client, "/areas/370202001001")
    assert community["geometry"]["type"] == "MultiPolygon"
    assert get(client, "/areas/370202")["geometry"] is None
    assert get(client, "/areas/999", status=404)["status"] == 404


def test_a_unit_grid_is_shown_with_its_outline(loaded: Folder, client: Client) -> None:
    grid = get(client, "/unit-grids/370202001001007")
    assert grid["community"] == "370202001001"
    assert grid["geometry"]["type"] == "MultiPolygon"


def test_the_catalogue_is_public(loaded: Folder, client: Client) -> None:
    editions = get(client, "/editions")
    assert [e["code"] for e in editions if e["is_default"]] == ["gbt47678-2026"]
    matters = get(client, "/editions/gbt47678-2026/matters", class_code="10")
    assert matters[0]["name_zh"] == "道路积雪、结冰"
    assert matters[0]["token"] == "gbt47678-2026:10001"
    assert matters[0]["id"] == Matter.objects.get(edition__code="gbt47678-2026", code="10001").pk
    classes = get(client, "/editions/cjt214-2007/component-classes")
    assert len(classes) == 84
    problem = get(client, "/editions/gbt1/matters", status=404)
    assert "gbt47678-2026" in problem["remedy"]


@pytest.mark.parametrize("path", ["/components", "/addresses?q=路", "/components/1"])
def test_the_inventory_needs_a_sign_in(loaded: Folder, client: Client, path: str) -> None:
    assert client.get(f"/api{path}").status_code == 401


def test_components_are_filtered_and_paged(staff: Client, loaded: Folder, chengyun: Run) -> None:
    loaded.rows("lamps.csv", [component("01037", i, lon=120.345, lat=36.095, unit_grid="")
                              for i in range(1, 6)])  # fmt: skip
    assert chengyun("import", "components", loaded.path / "lamps.csv").exit_code == 0
    first = get(staff, "/components", class_code="01037", limit=2)
    second = get(staff, "/components", class_code="01037", limit=2, cursor=first["next"])
    codes = [c["code"] for page in (first, second) for c in page["items"]]
    assert codes == [f"37020201037{i:06}" for i in range(1, 5)]
    lamp = first["items"][0]
    assert (lamp["component_class"], lamp["edition"]) == ("01037", "gbt47678-2026")
    assert lamp["maintainer"] == {"code": "SAN", "name_zh": "环卫处", "name_en": ""}
    assert len(get(staff, "/components", bbox="120.30,36.05,120.31,36.06")["items"]) == 2
    assert len(get(staff, "/components", unit_grid="370203001001005")["items"]) == 5
    assert get(staff, "/components", state="lost")["items"] == []
    assert get(staff, "/components/37020201037000001")["name"] == "路灯"


def test_a_page_of_components_costs_the_same_for_any_length(
    staff: Client, loaded: Folder, chengyun: Run, django_assert_max_num_queries: Any
) -> None:
    loaded.rows("lamps.csv", [component("01037", i) for i in range(1, 60)])
    assert chengyun("import", "components", loaded.path / "lamps.csv").exit_code == 0
    with django_assert_max_num_queries(4):
        assert len(get(staff, "/components", limit=50)["items"]) == 50


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "120,36,119,37", "0,0,999,1", "nan,0,1,1"])
def test_a_bad_box_is_explained(staff: Client, bbox: str) -> None:
    problem = get(staff, "/components", status=422, bbox=bbox)
    assert problem["field"] == "bbox"
    assert "WEST,SOUTH,EAST,NORTH" in problem["remedy"]


def test_addresses_are_found_by_any_part(staff: Client) -> None:
    (address,) = get(staff, "/addresses", q="辽阳路")
    assert address["area"] == "370203001001"
    assert (address["lon"], address["lat"]) == (120.355, 36.105)
    assert get(staff, "/addresses", q="辽阳\x00路", status=422)["status"] == 422


def test_the_admin_shows_and_never_changes(loaded: Folder, client: Client) -> None:
    from chengyun.core.actions import grant_role
    from chengyun.core.actor import Actor

    chief = User.objects.create_user("chief", is_staff=True)
    grant_role(actor=Actor.system("tests"), user=chief, role="administrator")
    client.force_login(chief)
    for name in ("area", "unitgrid", "dutygrid", "edition", "componentclass", "matter",
                 "component", "address"):  # fmt: skip
        listed = client.get(f"/admin/city/{name}/")
        assert listed.status_code == 200, name
        assert client.get(f"/admin/city/{name}/add/").status_code == 403, name
        link = listed.content.decode().split(f"/admin/city/{name}/", 2)[-1]
        assert link
    from chengyun.city.models import Matter

    matter = Matter.objects.filter(code="06010").first()
    assert matter is not None
    shown = client.get(f"/admin/city/matter/{matter.pk}/change/")
    assert shown.status_code == 200
    assert "暴露垃圾" in shown.content.decode()
    assert client.post(f"/admin/city/matter/{matter.pk}/change/", {}).status_code == 403
