"""Reverse geocoding: what there is at a point, in one statement; many points, the same answers."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.city.coordinates import from_cgcs2000
from chengyun.city.models import Address, UnitGrid
from chengyun.city.queries import catalogue, locate, nearest_address
from chengyun.city.whereabouts import whereabouts
from chengyun.core.actions import issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import User
from tests.city.conftest import Folder

LEVELS = ["city", "district", "street", "community"]


def key() -> dict[str, str]:
    user = User.objects.get(username="wang")
    _, text = issue_token(actor=Actor.of(user), user=user, name="t", scopes=["read"])
    return {"Authorization": f"Bearer {text}"}


def batch(headers: dict[str, str], body: Any) -> Any:
    return Client().post(
        "/api/places/batch", json.dumps(body), content_type="application/json", headers=headers
    )


def test_a_point_costs_one_statement(loaded: Folder, django_assert_num_queries: Any) -> None:
    catalogue()
    with django_assert_num_queries(1):
        (place,) = whereabouts([120.305], [36.055])
    assert place.unit_grid == "370202001001007"
    assert [area.level for area in place.areas] == LEVELS
    assert place.address == "海青市市南区香港中路12号"
    assert place.metres == pytest.approx(0, abs=0.01)
    with django_assert_num_queries(1):
        assert len(whereabouts([120.305] * 1000, [36.055] * 1000)) == 1000


def test_over_http_everything_is_told(loaded: Folder) -> None:
    headers = key()
    path = "/api/places?lon=120.305&lat=36.085"
    Client().get(path, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(path, headers=headers).json()
    # The token, and the statement.
    assert len(captured) == 2, captured.captured_queries
    assert [area["level"] for area in answer["areas"]] == LEVELS
    assert answer["unit_grid"] == "370202002001007"
    assert answer["duty_grids"] == [{"code": "D1", "name": "一号责任网格", "kind": "duty"}]
    assert answer["nearest_address"] is None
    stranger = Client().get(path).json()
    assert stranger["duty_grids"] == []
    assert stranger | {"duty_grids": answer["duty_grids"]} == answer
    far = Client().get("/api/places?lon=100&lat=20").json()
    assert far == {
        "lon": 100, "lat": 20, "inside": False, "unit_grid": None, "duty_grids": [], "areas": [],
        "nearest_address": None,
    }  # fmt: skip


def test_many_points_get_the_answers_of_each(loaded: Folder) -> None:
    headers = key()
    UnitGrid.objects.filter(code="370202001001001").update(valid_until="2026-01-01")
    steps = [0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.06, 0.07]
    points = [[120.30 + dx, 36.05 + dy] for dx in steps for dy in steps]
    for system in ("cgcs2000", "gcj02", "bd09"):
        xs, ys = from_cgcs2000([p[0] for p in points], [p[1] for p in points], system)
        shifted = [[float(x), float(y)] for x, y in zip(xs, ys, strict=True)]
        answer = batch(headers, {"points": shifted, "system": system})
        assert answer.status_code == 200, answer.content
        items = answer.json()["items"]
        for (x, y), item in list(zip(shifted, items, strict=True))[
            :: 1 if system == "gcj02" else 9
        ]:
            single = Client().get(
                "/api/places", {"lon": x, "lat": y, "system": system}, headers=headers
            )
            assert single.json() == item
    for (lon, lat), item in zip(points, batch(headers, {"points": points}).json()["items"],
                                strict=True):  # fmt: skip
        place = locate(lon, lat)
        assert item["inside"] == (place is not None)
        assert item["unit_grid"] == (place.grid.code if place and place.grid else None)
        if place:
            assert [area["code"] for area in item["areas"]] == place.ancestors
            near = nearest_address(lon, lat)
            known = item["nearest_address"]
            assert (known and known["full_text"]) == (near.address.full_text if near else None)


@pytest.mark.parametrize(
    "body",
    [{}, {"points": []}, {"points": [[120, 36]] * 1001}, {"points": [[181, 0]]},
     {"points": [[120, 91]]}, {"points": [[120]]}, {"points": [[120, 36, 1]]},
     {"points": [["a", "b"]]}, {"points": [[None, 1]]}, {"points": "120,36"},
     {"points": [[120, 36]], "system": "xian80"}],
)  # fmt: skip
def test_what_are_no_points_is_refused(loaded: Folder, body: Any) -> None:
    assert batch(key(), body).status_code == 422
    infinite = Client().post(
        "/api/places/batch", '{"points": [[NaN, Infinity]]}', content_type="application/json",
        headers=key(),
    )  # fmt: skip
    assert infinite.status_code in (400, 422)


def test_a_stranger_may_not_ask_for_many(loaded: Folder) -> None:
    assert batch({}, {"points": [[120.3, 36.1]]}).status_code == 401


def test_each_point_uses_the_indexes(loaded: Folder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO city_unitgrid (code, community_id, geom, area_m2, valid_from, land_use, "
            "level_code, responsible_org_code, remark) SELECT 'x' || x || '-' || y, "
            "(SELECT id FROM city_area WHERE code = '370202001001'), "
            "ST_Multi(ST_MakeEnvelope(100 + x * 0.01, 20 + y * 0.01, 100.01 + x * 0.01, "
            "20.01 + y * 0.01, 4490)), 1, '2020-01-01', '', '', '', '' "
            "FROM generate_series(1, 60) x, generate_series(1, 60) y"
        )
        Address.objects.bulk_create(
            Address(full_text=f"第{n}号", kind="door", geom=f"SRID=4490;POINT(120.3{n:04} 36.06)")
            for n in range(3000)
        )
        cursor.execute("ANALYZE city_unitgrid")
        cursor.execute("ANALYZE city_address")
        with CaptureQueriesContext(connection) as captured:
            whereabouts([120.305] * 50, [36.055] * 50)
        cursor.execute("EXPLAIN " + captured.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using city_unitgrid_geom" in plan or "on city_unitgrid_geom" in plan
    assert "Index Scan using city_address_geom" in plan
    assert "Seq Scan on city_unitgrid" not in plan
