"""Point → unit grid and areas: one indexed statement, and in bulk the same answers."""

from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengyun.city.models import Address, Area, UnitGrid
from chengyun.city.queries import (
    Locator,
    catalogue,
    default_edition,
    locate,
    locate_many,
    matter_by_code,
    nearest_address,
    search_addresses,
)
from chengyun.city.snapshot import forget_catalogue
from tests.city.conftest import COMMUNITIES, SIDE, STEP, Folder

# Points in, on the borders of, and around the small city.
lons = st.one_of(st.floats(120.28, 120.38), st.sampled_from([120.30, 120.31, 120.33, 120.36]))
lats = st.one_of(st.floats(36.03, 36.13), st.sampled_from([36.05, 36.06, 36.08, 36.11]))
points = st.lists(st.tuples(lons, lats), min_size=1, max_size=30)
same_database = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_a_point_has_a_grid_and_all_its_areas(
    loaded: Folder, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        place = locate(120.305, 36.055)
        assert place is not None
        assert place.grid is not None
        assert place.grid.code == "370202001001007"
        assert place.community is not None
        assert place.community.code == "370202001001"
        assert place.street is not None
        assert place.street.name_zh == "street 370202001"
        assert place.district is not None
        assert place.district.code == "370202"
        assert place.ancestors == ["370200", "370202", "370202001", "370202001001"]


def test_without_a_grid_the_smallest_area_is_taken(loaded: Folder) -> None:
    UnitGrid.objects.filter(code="370202001001007").update(valid_until="2026-01-01")
    place = locate(120.305, 36.055)
    assert place is not None
    assert place.grid is None
    assert place.area.code == "370202001001"
    Area.objects.filter(code="370202001001").update(geom=None)
    place = locate(120.305, 36.055)
    assert place is not None
    assert place.area.code == "370200"
    assert place.community is None


@pytest.mark.parametrize(("lon", "lat"), [(120.0, 36.0), (0, 0), (float("nan"), 36.055)])
def test_a_point_outside_the_city_is_nowhere(loaded: Folder, lon: float, lat: float) -> None:
    assert locate(lon, lat) is None


def test_a_grid_that_begins_tomorrow_does_not_hold_yet(loaded: Folder) -> None:
    UnitGrid.objects.filter(code="370202001001007").update(valid_from="2999-01-01")
    place = locate(120.305, 36.055)
    assert place is not None
    assert place.grid is None
    assert locate_many([120.305], [36.055])[0].tolist() == [0]


@given(place=st.tuples(lons, lats))
@same_database
def test_locate_is_what_brute_force_says(loaded: Folder, place: tuple[float, float]) -> None:
    lon, lat = place
    found = locate(lon, lat)
    expected = None
    # Grids in the order in which they were written; a border belongs to the first.
    for community, (west, south) in COMMUNITIES.items():
        for serial in range(9):
            row, column = divmod(serial, 3)
            x, y = round(west + column * STEP, 6), round(south + (2 - row) * STEP, 6)
            inside = x <= lon <= round(x + STEP, 6) and y <= lat <= round(y + STEP, 6)
            if inside and expected is None:
                expected = f"{community}{serial + 1:03}"
    assert (found.grid.code if found and found.grid else None) == expected
    city = 120.30 <= lon <= 120.30 + 2 * SIDE and 36.05 <= lat <= round(36.05 + 2 * SIDE, 6)
    assert (found is not None) == (expected is not None or city)


@given(batch=points)
@same_database
def test_locate_many_is_locate_one_by_one(loaded: Folder, batch: list[tuple[float, float]]) -> None:
    xs, ys = [p[0] for p in batch], [p[1] for p in batch]
    grids, areas = locate_many(xs, ys)
    singly = [locate(x, y) for x, y in batch]
    assert grids.tolist() == [p.grid.pk if p and p.grid else 0 for p in singly]
    assert areas.tolist() == [p.area.pk if p else 0 for p in singly]


def test_locate_many_agrees_where_grids_overlap_and_are_missing(loaded: Folder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE city_unitgrid SET geom = ST_Multi(ST_Buffer(geom, 0.003)) WHERE id % 4 = 0"
        )
    UnitGrid.objects.filter(code__endswith="5").delete()
    rng = np.random.default_rng(7)
    xs, ys = rng.uniform(120.29, 120.37, 300), rng.uniform(36.04, 36.12, 300)
    grids, areas = Locator.load().locate(xs, ys)
    singly = [locate(x, y) for x, y in zip(xs, ys, strict=True)]
    assert grids.tolist() == [p.grid.pk if p and p.grid else 0 for p in singly]
    assert areas.tolist() == [p.area.pk if p else 0 for p in singly]


def test_unknown_coordinates_are_nowhere_in_bulk(loaded: Folder) -> None:
    grids, areas = locate_many([np.nan, 120.305], [36.05, 36.055])
    assert grids[0] == areas[0] == 0
    assert grids[1] > 0
    assert [a.tolist() for a in locate_many([], [])] == [[], []]


def test_locate_uses_the_index_of_the_outlines(loaded: Folder) -> None:
    community = Area.objects.get(code="370202001001").pk
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO city_unitgrid (code, community_id, geom, area_m2, valid_from, land_use, "
            "level_code, responsible_org_code, remark) SELECT 'x' || x || '-' || y, %s, "
            "ST_Multi(ST_MakeEnvelope(100 + x * 0.01, 20 + y * 0.01, 100.01 + x * 0.01, "
            "20.01 + y * 0.01, 4490)), 1, '2020-01-01', '', '', '', '' "
            "FROM generate_series(1, 100) x, generate_series(1, 100) y",
            [community],
        )
        cursor.execute("ANALYZE city_unitgrid")
        with CaptureQueriesContext(connection) as captured:
            assert locate(120.305, 36.055) is not None
        (query,) = captured.captured_queries
        cursor.execute("EXPLAIN " + query["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "city_unitgrid_geom" in plan
    assert "Seq Scan on city_unitgrid" not in plan


def test_the_nearest_address_is_nearest_in_metres(loaded: Folder) -> None:
    # 0.0010° north is 111 m, 0.0012° east only 108 m: by degrees the first would be nearer.
    for name, lon, lat in (("北", 120.31, 36.071), ("东", 120.3112, 36.07)):
        Address.objects.create(full_text=name, kind="place", geom=f"SRID=4490;POINT({lon} {lat})")
    near = nearest_address(120.31, 36.07)
    assert near is not None
    assert near.address.full_text == "东"
    assert near.distance_m == pytest.approx(108, abs=1)
    assert nearest_address(120.31, 36.07, within_m=50) is None


def test_addresses_are_found_by_parts_of_their_text(loaded: Folder) -> None:
    assert [a.full_text for a in search_addresses("香港中路")] == ["海青市市南区香港中路12号"]
    assert [a.full_text for a in search_addresses("辽阳 3号")] == ["海青市市北区辽阳路3号"]
    assert search_addresses("没有的路") == []
    assert search_addresses("%") == []


def test_address_search_uses_its_index(loaded: Folder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO city_address (full_text, kind, geom, source) SELECT '海青市市南区第' || n "
            "|| '大道' || n || '号', 'door', 'SRID=4490;POINT(120.3 36.1)', '' "
            "FROM generate_series(1, 5000) n"
        )
        cursor.execute("SELECT gin_clean_pending_list('city_address_terms')")
        cursor.execute("ANALYZE city_address")
        with CaptureQueriesContext(connection) as captured:
            assert len(search_addresses("香港中路12号")) == 1
        (asked,) = (q["sql"] for q in captured.captured_queries if "city_search_terms" in q["sql"])
        cursor.execute("EXPLAIN " + asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "city_address_terms" in plan
    assert "city_address_start" in plan


def test_the_snapshot_costs_nothing_until_the_catalogue_changes(
    loaded: Folder, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_catalogue()
    first = catalogue()
    with django_assert_num_queries(0):
        assert catalogue() is first
    monkeypatch.setattr("chengyun.city.snapshot.CHECK_EVERY_SECONDS", 0)
    with django_assert_num_queries(1):
        assert catalogue() is first
    matter = matter_by_code("gbt47678-2026", "06010")
    matter.name_zh = "改名"
    matter.save()
    assert catalogue().matters[matter.pk].name_zh == "改名"


def test_the_snapshot_leads_from_codes_and_tokens_to_names(loaded: Folder) -> None:
    known = catalogue()
    assert default_edition().code == "gbt47678-2026"
    garbage = known.matter_of["gbt47678-2026:06010"]
    assert (garbage.name_zh, garbage.class_zh) == ("暴露垃圾", "市容环境类")
    assert garbage.tokens == ("gbt47678-2026:06", "gbt47678-2026:06010")
    assert list(garbage.tokens) == matter_by_code("gbt47678-2026", "06010").tokens
    assert "垃圾成堆" in garbage.aliases
    assert known.area_of["370202001"].ancestors == ("370200", "370202", "370202001")
