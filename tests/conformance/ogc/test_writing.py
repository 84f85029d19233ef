"""OGC API – Features – Part 4: Create, Replace, Update and Delete, on components."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.conf import settings

from chengyun.city.models import Component
from chengyun.core.models import AuditEntry, DomainEvent, Role
from tests.conformance.ogc.conftest import Ogc

pytestmark = pytest.mark.django_db

ITEMS = "/collections/components/items"
#: The second grid of the first community, in the district 370202.
PLACE = [120.315, 36.075]


@pytest.fixture(autouse=True)
def as_it_was(server: tuple[str, list[str]], posts: dict[Role, str]) -> Iterator[None]:
    """The other tests count components: none of these stays in the street."""
    yield
    headers = {"Authorization": f"Bearer {posts[Role.DATA_MANAGER]}"}
    with httpx.Client(headers=headers, base_url=f"{server[0]}/ogc", timeout=60) as http:
        query = {"filter": "code LIKE '37020201001%'", "limit": 1000}
        for made in http.get(ITEMS, params=query).json()["features"]:
            assert http.delete(f"{ITEMS}/{made['id']}").status_code == 204


def feature(code: str, place: Any = PLACE, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {"code": code, **properties},
    }


def send(who: Ogc, verb: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    kind = "application/merge-patch+json" if verb == "PATCH" else "application/geo+json"
    given = {"Content-Type": kind} if body is not None else {}
    return who.http.request(
        verb, f"{who.url}{path}", json=body,
        headers={**given, **{name.replace("_", "-"): text for name, text in headers.items()}},
    )  # fmt: skip


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["detail"]
    return problem


def told(code: str) -> list[str]:
    audit = AuditEntry.objects.filter(object_type="city.component", object_id=code)
    events = DomainEvent.objects.filter(subject_type="city.component", subject_id=code)
    said = list(audit.order_by("id").values_list("action", flat=True))
    assert said == list(events.order_by("id").values_list("kind", flat=True))
    return said


def test_create(manager: Ogc) -> None:
    code = "37020201001000101"
    body = feature(code, name="新井盖", maintainer="SAN", first_surveyed="2026-01-01")
    answer = send(manager, "POST", ITEMS, body)
    assert answer.status_code == 201, answer.text
    made = manager.http.get(answer.headers["location"])
    assert made.headers["etag"] == answer.headers["etag"]
    properties = made.json()["properties"]
    assert made.json()["geometry"]["coordinates"] == PLACE
    assert properties["unit_grid"] == "370202001001002"
    assert (properties["class"], properties["name"]) == ("01001", "新井盖")
    assert (properties["state"], properties["maintainer"]) == ("intact", "SAN")
    assert told(code) == ["city.component.register"]
    event = DomainEvent.objects.get(subject_id=code)
    assert event.scope_areas == ["370200", "370202", "370202001", "370202001001"]
    assert event.scope_orgs == ["GOV", "SAN"]
    assert refused(send(manager, "POST", ITEMS, body), 409)["field"] == "code"
    assert told(code) == ["city.component.register"]


def test_replace(manager: Ogc) -> None:
    code = "37020201001000102"
    send(manager, "POST", ITEMS, feature(code, remark="old", owner="SAN"))
    answer = send(manager, "PUT", f"{ITEMS}/{code}", feature(code, [120.325, 36.075], name="x"))
    assert answer.status_code == 204, answer.text
    now = manager.json(f"{ITEMS}/{code}")
    assert now["geometry"]["coordinates"] == [120.325, 36.075]
    # What is not written is gone, the grid follows the place, the day of the change is today.
    assert (now["properties"]["remark"], now["properties"]["owner"]) == ("", None)
    assert now["properties"]["unit_grid"] == "370202001001003"
    assert now["properties"]["changed_on"] is not None
    # A feature as it was read may be sent back: nothing is written.
    again = send(manager, "PUT", f"{ITEMS}/{code}", now)
    assert again.status_code == 204, again.text
    assert told(code) == ["city.component.register", "city.component.change"]
    refused(send(manager, "PUT", f"{ITEMS}/{code}", feature("37020201001000199")), 422)
    refused(send(manager, "PUT", f"{ITEMS}/37020201001999999", feature("37020201001999999")), 404)


def test_update(manager: Ogc) -> None:
    code = "37020201001000103"
    send(manager, "POST", ITEMS, feature(code, remark="old", owner="SAN"))
    path = f"{ITEMS}/{code}"
    patch = {"properties": {"state": "damaged", "owner": None}}
    assert send(manager, "PATCH", path, patch).status_code == 204
    now = manager.json(path)
    assert now["properties"]["state"] == "damaged"
    assert (now["properties"]["owner"], now["properties"]["remark"]) == (None, "old")
    assert now["geometry"]["coordinates"] == PLACE
    moved = {"geometry": {"type": "Point", "coordinates": [36.085, 120.305]}}
    crs = "<http://www.opengis.net/def/crs/EPSG/0/4490>"
    assert send(manager, "PATCH", path, moved, Content_Crs=crs).status_code == 204
    now = manager.json(path)
    assert now["geometry"]["coordinates"] == [120.305, 36.085]
    assert now["properties"]["unit_grid"] == "370202002001007"
    audit = AuditEntry.objects.filter(object_id=code).order_by("id").last()
    assert audit is not None
    assert audit.before is not None
    assert audit.after is not None
    assert (audit.before["lat"], audit.after["lat"]) == (36.075, 36.085)
    assert audit.actor_label == "manager"


def test_write_in_the_zone_of_the_city(manager: Ogc) -> None:
    code = "37020201001000104"
    crs = "http://www.opengis.net/def/crs/EPSG/0/4549"
    body = feature(code, [3994190.36, 528385.12])
    assert send(manager, "POST", ITEMS, body, Content_Crs=f"<{crs}>").status_code == 201
    path = f"{ITEMS}/{code}"
    assert manager.json(path, crs=crs)["geometry"]["coordinates"] == [3994190.36, 528385.12]


def test_delete(manager: Ogc, ogc: Ogc) -> None:
    code = "37020201001000105"
    send(manager, "POST", ITEMS, feature(code))
    path = f"{ITEMS}/{code}"
    assert send(manager, "DELETE", path).status_code == 204
    ogc.refused(path, 404)
    refused(send(manager, "DELETE", path), 404)
    refused(send(manager, "PATCH", path, {"properties": {"name": "x"}}), 404)
    # It stays in the register, and its code is never given again.
    assert Component.objects.get(code=code).state == "removed"
    assert refused(send(manager, "POST", ITEMS, feature(code)), 409)["remedy"]
    assert told(code) == ["city.component.register", "city.component.remove"]


def test_optimistic_locking_by_etag(manager: Ogc) -> None:
    code = "37020201001000106"
    send(manager, "POST", ITEMS, feature(code))
    path = f"{ITEMS}/{code}"
    old = manager.get(path).headers["etag"]
    patch = {"properties": {"remark": "first"}}
    first = send(manager, "PATCH", path, patch, If_Match=old)
    assert first.status_code == 204
    assert first.headers["etag"] == manager.get(path).headers["etag"] != old
    for verb, body in (("PATCH", patch), ("PUT", feature(code)), ("DELETE", None)):
        assert refused(send(manager, verb, path, body, If_Match=old), 412)["remedy"]
    assert manager.json(path)["properties"]["remark"] == "first"
    assert send(manager, "PATCH", path, patch, If_Match="*").status_code == 204
    crs = "http://www.opengis.net/def/crs/EPSG/0/4490"
    turned = manager.get(path, params={"crs": crs}).headers["etag"]
    gone = send(manager, "DELETE", path, If_Match=f'"x", {turned}', Content_Crs=f"<{crs}>")
    assert gone.status_code == 204


def test_who_may_write(ogc: Ogc, stranger: Ogc, posts: dict[Role, str]) -> None:
    code, path = "37020201001000107", f"{ITEMS}/37020210000000003"
    for verb, where, body in (("POST", ITEMS, feature(code)), ("PUT", path, feature(code)),
                              ("PATCH", path, {}), ("DELETE", path, None)):  # fmt: skip
        refused(send(stranger, verb, where, body), 401)
        refused(send(ogc, verb, where, body), 403)  # a token that only reads
    for role, token in posts.items():
        if role is Role.DATA_MANAGER:
            continue
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.request("DELETE", f"{ogc.url}{path}", headers=headers, timeout=60)
        refused(answer, 403)
    assert Component.objects.get(code="37020210000000003").state != "removed"
    assert not Component.objects.filter(code=code).exists()


def test_a_manager_reaches_only_the_own_district(manager: Ogc) -> None:
    code, there = "37020201001000108", [120.345, 36.095]
    refused(send(manager, "POST", ITEMS, feature(code, there)), 403)
    assert send(manager, "POST", ITEMS, feature(code)).status_code == 201
    moved = {"geometry": {"type": "Point", "coordinates": there}}
    refused(send(manager, "PATCH", f"{ITEMS}/{code}", moved), 403)
    assert manager.json(f"{ITEMS}/{code}")["geometry"]["coordinates"] == PLACE
    standing = Component.objects.exclude(state="removed")
    outside = standing.filter(geom__within=_box(there)).first()
    assert outside is not None
    refused(send(manager, "DELETE", f"{ITEMS}/{outside.code}"), 403)


def _box(place: list[float]) -> Any:
    from django.contrib.gis.geos import Polygon

    x, y = place
    box = Polygon.from_bbox((x - 0.01, y - 0.01, x + 0.01, y + 0.01))
    box.srid = 4490
    return box


def test_what_cannot_be_written(manager: Ogc) -> None:
    code = "37020201001000109"
    for body, field in (
        (feature("12345"), "code"),
        (feature("37029901001000109"), "code"),
        (feature("37020299999000109"), "code"),
        (feature("3702020100100010x"), "code"),
        ({**feature(code), "properties": None}, "code"),
        (feature(code, state="flying"), "state"),
        (feature(code, colour="red"), "colour"),
        (feature(code, name=5), "name"),
        (feature(code, name="a\x00b"), "name"),
        (feature(code, remark="x" * 3000), "remark"),
        (feature(code, first_surveyed="soon"), "first_surveyed"),
        (feature(code, maintainer="NOBODY"), "maintainer"),
        (feature(code, unit_grid="370202001001009"), "unit_grid"),
        (feature(code, unit_grid="none"), "unit_grid"),
        (feature(code, [0, 0]), "geometry"),
        (feature(code, [36.075, 120.315]), "geometry"),
        (feature(code, [120.3, 36.06, 5]), "geometry"),
        (feature(code, ["120.3", "36.06"]), "geometry"),
        (feature(code, [True, 36.06]), "geometry"),
        (feature(code, [10**400, 36.06]), "geometry"),
        (feature(code, None), "geometry"),
        ({**feature(code), "geometry": None}, "geometry"),
        ({**feature(code), "geometry": {"type": "LineString", "coordinates": [1, 2]}}, "geometry"),
        ({"type": "FeatureCollection", "features": []}, "type"),
        ({"properties": {}}, "type"),
        ([], "type"),
        ({**feature(code), "properties": []}, "properties"),
    ):
        problem = refused(send(manager, "POST", ITEMS, body), 422)
        assert problem["field"] == field, (body, problem)
        assert problem["remedy"]
    post = f"{manager.url}{ITEMS}"
    geojson = {"Content-Type": "application/geo+json"}
    for content in (b"", b"{", b"\xff", b"[" * 100_000):
        refused(manager.http.post(post, content=content, headers=geojson), 400)
    refused(manager.http.post(post, content=b" " * 300_000, headers=geojson), 413)
    refused(manager.http.post(post, content=b"{}", headers={"Content-Type": "text/csv"}), 415)
    refused(send(manager, "POST", ITEMS, feature(code), Content_Crs="<EPSG:1>"), 400)
    assert not Component.objects.filter(code=code).exists()
    assert told(code) == []


def test_what_is_read_only(manager: Ogc) -> None:
    for verb, path in (("POST", "/collections/areas/items"), ("PUT", ITEMS),
                       ("DELETE", "/collections/areas/items/370200"), ("POST", f"{ITEMS}/x"),
                       ("POST", "/collections"), ("PUT", "/collections/components")):  # fmt: skip
        problem = refused(send(manager, verb, path, {}), 405)
        assert "GET" in problem["remedy"]
    refused(send(manager, "POST", "/collections/nothing/items", {}), 404)


def test_options(ogc: Ogc) -> None:
    def methods(path: str) -> set[str]:
        return set(ogc.http.options(f"{ogc.url}{path}").headers["allow"].split(", "))

    reading = {"GET", "HEAD", "OPTIONS"}
    assert methods(ITEMS) == {*reading, "POST"}
    assert methods(f"{ITEMS}/x") == {*reading, "PUT", "PATCH", "DELETE"}
    assert methods("/collections/areas/items") == reading


def test_a_session_writes_only_with_its_csrf_token(
    manager: Ogc, server: tuple[str, list[str]], session: str
) -> None:
    code = "37020201001000111"
    send(manager, "POST", ITEMS, feature(code))
    cookies = {settings.SESSION_COOKIE_NAME: session}
    path = f"{server[0]}/ogc{ITEMS}/{code}"
    patch = {"properties": {"remark": "by hand"}}
    refused(httpx.patch(path, json=patch, cookies=cookies, timeout=60), 403)
    token = "a" * 32
    answer = httpx.patch(
        path,
        json=patch,
        cookies={**cookies, settings.CSRF_COOKIE_NAME: token},
        headers={"X-CSRFToken": token},
        timeout=60,
    )
    assert answer.status_code == 204, answer.text


def test_two_who_write_at_once_are_told_apart(manager: Ogc) -> None:
    code = "37020201001000110"
    send(manager, "POST", ITEMS, feature(code))
    path = f"{ITEMS}/{code}"
    mark = manager.get(path).headers["etag"]
    with ThreadPoolExecutor(4) as people:
        answers = list(
            people.map(
                lambda n: (
                    send(
                        manager, "PATCH", path, {"properties": {"remark": str(n)}}, If_Match=mark
                    ).status_code
                ),
                range(4),
            )
        )
    assert sorted(answers) == [204, 412, 412, 412]
    assert told(code) == ["city.component.register", "city.component.change"]
