"""The abstract tests of OGC API – Features – Part 4 (20-002), each a test of its name. Most of that
annex is not written yet: where it has a name only, the test is of the requirement of that name;
requirements without an abstract test follow, marked so."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.conformance.ogc.conftest import Ogc
from tests.conformance.ogc.test_writing import ITEMS, PLACE, feature, send

pytestmark = pytest.mark.django_db

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG_4490 = "http://www.opengis.net/def/crs/EPSG/0/4490"
_numbers = count(301)


@pytest.fixture
def code(manager: Ogc) -> Iterator[str]:
    """A code that nothing has; what is registered under it is removed in the end."""
    text = f"37020201001{next(_numbers):06}"
    yield text
    manager.http.delete(f"{manager.url}{ITEMS}/{text}")


def create(who: Ogc, code: str, **properties: Any) -> str:
    answer = send(who, "POST", ITEMS, feature(code, **properties))
    assert answer.status_code == 201, answer.text
    return f"{ITEMS}/{code}"


# -- /conf/create-replace-delete -------------------------------------------------------------------


def test_create_replace_delete_insert_post_op(manager: Ogc, code: str) -> None:
    test_create_replace_delete_insert_response(manager, code)


def test_create_replace_delete_insert_body(manager: Ogc, code: str) -> None:
    create(manager, code, name="井盖")
    assert manager.json(f"{ITEMS}/{code}")["properties"]["name"] == "井盖"


def test_create_replace_delete_insert_content_type(manager: Ogc, code: str) -> None:
    body = feature(code)
    wrong = send(manager, "POST", ITEMS, body, **{"Content-Type": "application/gml+xml"})
    assert wrong.status_code == 415
    create(manager, code)


def test_create_replace_delete_insert_response(manager: Ogc, code: str) -> None:
    answer = send(manager, "POST", ITEMS, feature(code))
    assert answer.status_code == 201
    assert manager.http.get(answer.headers["location"]).json()["id"] == code


def test_create_replace_delete_insert_response_rid(manager: Ogc, code: str) -> None:
    body = feature(code, name="井盖", remark="新")
    location = send(manager, "POST", ITEMS, body).headers["location"]
    stored = manager.http.get(location).json()
    assert location == f"{manager.url}{ITEMS}/{stored['id']}"
    assert stored["geometry"] == body["geometry"]
    assert body["properties"].items() <= stored["properties"].items()


def test_create_replace_delete_update_put_put_op(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    assert "PUT" in manager.http.options(f"{manager.url}{at}").headers["allow"]
    assert send(manager, "PUT", at, feature(code, name="x")).status_code == 204


def test_create_replace_delete_update_put_body(manager: Ogc, code: str) -> None:
    at = create(manager, code, remark="old", owner="SAN")
    send(manager, "PUT", at, feature(code, name="new"))
    now = manager.json(at)["properties"]
    assert (now["name"], now["remark"], now["owner"]) == ("new", "", None)


def test_create_replace_delete_update_put_content_type(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    body = feature(code, name="x")
    for kind, status in (("application/gml+xml", 415), ("application/geo+json", 204)):
        assert send(manager, "PUT", at, body, **{"Content-Type": kind}).status_code == status


def test_create_replace_delete_update_put_response(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    assert send(manager, "PUT", at, feature(code, name="x")).status_code in (200, 204)


def test_create_replace_delete_update_put_rid_exception(manager: Ogc, code: str) -> None:
    assert send(manager, "PUT", f"{ITEMS}/{code}", feature(code)).status_code == 404


def test_create_replace_delete_delete_delete_op(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    assert "DELETE" in manager.http.options(f"{manager.url}{at}").headers["allow"]
    send(manager, "DELETE", at)
    manager.refused(at, 404)


def test_create_replace_delete_delete_response(manager: Ogc, code: str) -> None:
    assert send(manager, "DELETE", create(manager, code)).status_code in (200, 204)


# -- /conf/features, and the coordinates of what is written ----------------------------------------


def test_features_collection_items_end_point(manager: Ogc) -> None:
    for each in manager.json("/collections")["collections"]:
        at = f"{manager.url}/collections/{each['id']}/items"
        writable = each["id"] == "components"
        assert ("POST" in manager.http.options(at).headers["allow"]) == writable
        if not writable:
            answer = manager.http.post(at, json=feature("x"))
            assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True)


def test_features_feature_end_point(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    assert manager.ids("components", code=code) == [code]
    assert manager.json(at)["id"] == code


def test_create_replace_delete_crs_crs84(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    assert manager.json(at, crs=CRS84)["geometry"]["coordinates"] == PLACE


def test_create_replace_delete_crs_geojson(manager: Ogc, code: str) -> None:
    turned = feature(code, PLACE[::-1])
    named = {"Content-Crs": f"<{EPSG_4490}>"}
    assert send(manager, "POST", ITEMS, turned, **named).status_code == 201
    assert manager.json(f"{ITEMS}/{code}")["geometry"]["coordinates"] == PLACE
    assert send(manager, "POST", ITEMS, turned, **{"Content-Crs": "<EPSG:1>"}).status_code == 400


def test_create_replace_delete_crs_storage_crs(manager: Ogc, code: str) -> None:
    storage = manager.json("/collections/components")["storageCrs"]
    assert storage == EPSG_4490
    at = create(manager, code)
    moved = {"geometry": {"type": "Point", "coordinates": [36.0751, 120.3151]}}
    assert send(manager, "PATCH", at, moved, **{"Content-Crs": f"<{storage}>"}).status_code == 204
    assert manager.json(at, crs=storage)["geometry"]["coordinates"] == [36.0751, 120.3151]


# -- requirements without an abstract test ---------------------------------------------------------


def test_req_create_replace_delete_options(manager: Ogc, code: str) -> None:
    answer = manager.http.options(f"{manager.url}{create(manager, code)}")
    assert answer.status_code == 200
    assert {"GET", "PUT", "PATCH", "DELETE"} <= set(answer.headers["allow"].split(", "))


def test_req_features_geojson_replace_id(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    other = {**feature(code), "id": "37020201001000399"}
    assert send(manager, "PUT", at, other).status_code == 422
    assert send(manager, "PUT", at, {**feature(code, name="x"), "id": code}).status_code == 204


def test_req_update(manager: Ogc, code: str) -> None:
    at = create(manager, code, remark="old", owner="SAN")
    assert "PATCH" in manager.http.options(f"{manager.url}{at}").headers["allow"]
    patch = {"properties": {"owner": None, "state": "damaged"}}
    assert send(manager, "PATCH", at, patch).status_code in (200, 204)
    now = manager.json(at)["properties"]
    assert (now["owner"], now["state"], now["remark"]) == (None, "damaged", "old")
    assert send(manager, "PATCH", f"{ITEMS}/37020201001000398", patch).status_code == 404


def test_req_optimistic_locking_etags(manager: Ogc, code: str) -> None:
    at = create(manager, code)
    mark = manager.get(at).headers["etag"]
    changed = send(manager, "PUT", at, feature(code, name="x"), **{"If-Match": mark})
    assert changed.status_code == 204
    assert changed.headers["etag"] == manager.get(at).headers["etag"]
    for verb, body in (("PUT", feature(code)), ("PATCH", {"properties": {}}), ("DELETE", None)):
        assert send(manager, verb, at, body, **{"If-Match": mark}).status_code == 412
