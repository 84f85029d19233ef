"""Coordinate systems at the edges: known points, and there and back within a millimetre."""

import math
import warnings
from typing import Any

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.city.coordinates import System, from_cgcs2000, outside_china, to_cgcs2000
from chengyun.city.zones import ZONES, zone

METRES_PER_DEGREE = 111_320.0
# All of the box, its edges and the meridian and parallel where the formula has its zeros included.
china_lon = st.one_of(st.floats(72.004, 137.8347), st.sampled_from([72.004, 105.0, 137.8347]))
china_lat = st.one_of(st.floats(0.8293, 55.8271), st.sampled_from([0.8293, 35.0, 55.8271]))
inner_lon, inner_lat = st.floats(72.1, 137.7), st.floats(0.9, 55.7)


@given(china_lon, china_lat, st.sampled_from(System))
def test_there_and_back_is_within_a_millimetre(lon: float, lat: float, system: System) -> None:
    back_lon, back_lat = to_cgcs2000(*from_cgcs2000(lon, lat, system), system)
    assert abs(back_lon - lon) * METRES_PER_DEGREE < 0.001
    assert abs(back_lat - lat) * METRES_PER_DEGREE < 0.001


@given(inner_lon, inner_lat, st.sampled_from(System))
def test_back_and_there_is_within_a_millimetre(lon: float, lat: float, system: System) -> None:
    there_lon, there_lat = from_cgcs2000(*to_cgcs2000(lon, lat, system), system)
    assert abs(there_lon - lon) * METRES_PER_DEGREE < 0.001
    assert abs(there_lat - lat) * METRES_PER_DEGREE < 0.001


def metres(found: tuple[Any, Any], expected: tuple[Any, Any]) -> float:
    """The largest distance between found and expected positions, along an axis."""
    return max(
        float(np.max(np.abs(np.asarray(a) - np.asarray(b)))) * METRES_PER_DEGREE
        for a, b in zip(found, expected, strict=True)
    )


def test_the_inverse_is_exact_all_over_china() -> None:
    """Two million points, every edge, and densely around 105° east, where a root in the formula
    slows the inverse down most: a hundredth of the promised millimetre."""
    rng = np.random.default_rng(2)
    lon = rng.uniform(72.004, 137.8347, 1_000_000)
    lat = rng.uniform(0.8293, 55.8271, 1_000_000)
    near_zero = 105 + np.concatenate([rng.uniform(-w, w, 100_000) for w in (1e-2, 1e-4, 1e-6)])
    edges = np.linspace(0, 1, 50_000)
    lon = np.concatenate([lon, near_zero, np.full(50_000, 72.004), np.full(50_000, 137.8347),
                          72.004 + edges * 65.8307, 72.004 + edges * 65.8307])  # fmt: skip
    lat = np.concatenate([lat, rng.uniform(0.8293, 55.8271, 300_000), 0.8293 + edges * 54.9978,
                          0.8293 + edges * 54.9978, np.full(50_000, 0.8293),
                          np.full(50_000, 55.8271)])  # fmt: skip
    for system in ("gcj02", "bd09"):
        back = to_cgcs2000(*from_cgcs2000(lon, lat, system), system)
        assert metres(back, (lon, lat)) < 1e-5


# Pairs that other projects publish and test by (longitude first): coordtransform's documentation,
# and the three cities of eviltransform's tests, which round the earth's radius differently and
# allow a few millimetres of difference.
TIANANMEN = (116.404, 39.915)


@pytest.mark.parametrize(
    ("system", "expected", "within_m"),
    [
        ("gcj02", (116.41024449916938, 39.91640428150164), 1e-6),
        ("bd09", (116.41662724378733, 39.922699552216216), 1e-6),
    ],
)
def test_published_forward_pairs(
    system: str, expected: tuple[float, float], within_m: float
) -> None:
    assert metres(from_cgcs2000(*TIANANMEN, system), expected) < within_m
    assert metres(to_cgcs2000(*expected, system), TIANANMEN) < 1e-5


def test_published_step_from_gcj02_to_bd09() -> None:
    gcj, bd = TIANANMEN, (116.41036949371029, 39.92133699351021)
    assert metres(to_cgcs2000(*bd, "bd09"), to_cgcs2000(*gcj, "gcj02")) < 1e-5


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_pairs_of_three_cities(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    assert metres(from_cgcs2000(*wgs, "gcj02"), gcj) < 0.02
    assert metres(to_cgcs2000(*gcj, "gcj02"), wgs) < 0.02


@given(china_lon, china_lat)
def test_the_formula_is_the_published_one_written_out(lon: float, lat: float) -> None:
    """The conversion takes one sine and multiples of it; here all ten are taken one by one."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    waves = 20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)
    root = math.sqrt(abs(x))
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves * 2 / 3
    d_lat += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    d_lat += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves * 2 / 3
    d_lon += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    d_lon += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    square = 1 - 0.00669342162296594323 * math.sin(math.radians(lat)) ** 2
    meridian = 6378245.0 * (1 - 0.00669342162296594323) / square**1.5
    parallel = 6378245.0 / math.sqrt(square) * math.cos(math.radians(lat))
    expected = (lon + math.degrees(d_lon / parallel), lat + math.degrees(d_lat / meridian))
    assert metres(from_cgcs2000(lon, lat, "gcj02"), expected) < 1e-7


@pytest.mark.parametrize(
    ("lon", "lat", "outside"),
    [(72.004, 35, False), (72.0039, 35, True), (137.8347, 35, False), (137.8348, 35, True),
     (105, 0.8293, False), (105, 0.8292, True), (105, 55.8271, False), (105, 55.8272, True)],
)  # fmt: skip
def test_the_edge_belongs_to_china(lon: float, lat: float, outside: bool) -> None:
    assert bool(outside_china(lon, lat)) is outside
    shifted = metres(from_cgcs2000(lon, lat, "gcj02"), (lon, lat)) > 10
    assert shifted is not outside


def test_numbers_that_are_no_place_stay_none() -> None:
    lon = np.array([np.nan, np.inf, -np.inf, 120.0, 120.0, 0.0])
    lat = np.array([36.0, 36.0, 36.0, np.nan, np.inf, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for system in ("gcj02", "bd09"):
            for convert in (from_cgcs2000, to_cgcs2000):
                x, y = convert(lon, lat, system)
                # Every infinite position lies outside China and is none of GCJ-02's business.
                assert not (np.isfinite(x) & np.isfinite(y))[:5].any()
                assert np.isfinite(x[5])
                assert np.isfinite(y[5])


def test_scalars_arrays_and_shapes_are_kept() -> None:
    lon = np.full((3, 4), 120.38)
    for system in System:
        single = from_cgcs2000(120.38, 36.07, system)
        assert np.shape(single[0]) == ()
        together = from_cgcs2000(lon, 36.07 + 0 * lon, system)
        assert np.shape(together[0]) == (3, 4)
        assert np.all(together[0] == single[0])
        assert np.all(together[1] == single[1])
        assert [a.size for a in to_cgcs2000([], [], system)] == [0, 0]
    strided = to_cgcs2000(lon[:, ::2], np.full((3, 2), 36.07), "gcj02")
    assert np.shape(strided[0]) == (3, 2)
    many = np.linspace(73, 135, 20_000)
    assert np.all(from_cgcs2000(many, many / 3, "bd09")[0][::1999]
                  == from_cgcs2000(many[::1999], many[::1999] / 3, "bd09")[0])  # fmt: skip


def test_the_shift_over_qingdao_is_that_of_the_maps() -> None:
    lon, lat = from_cgcs2000(120.38, 36.07, "gcj02")
    east = (float(lon) - 120.38) * METRES_PER_DEGREE * np.cos(np.radians(36.07))
    assert 412 < east < 512
    assert abs(float(lat) - 36.07) < 0.0005


@pytest.mark.parametrize(("lon", "lat"), [(-71.06, 42.36), (139.7, 35.7), (2.35, 48.85)])
def test_gcj02_is_not_shifted_outside_china(lon: float, lat: float) -> None:
    assert outside_china(lon, lat)
    assert from_cgcs2000(lon, lat, "gcj02") == (lon, lat)
    assert to_cgcs2000(lon, lat, "gcj02") == (lon, lat)


def test_arrays_give_what_single_points_give() -> None:
    lons, lats = np.linspace(-180, 180, 91), np.linspace(-80, 80, 91)
    together = to_cgcs2000(lons, lats, "gcj02")
    alone = [to_cgcs2000(x, y, "gcj02") for x, y in zip(lons, lats, strict=True)]
    assert together[0] == pytest.approx([float(x) for x, _ in alone])
    assert together[1] == pytest.approx([float(y) for _, y in alone])


@pytest.mark.parametrize(
    ("text", "system"),
    [("WGS84", "wgs84"), ("wgs 84", "wgs84"), ("GCJ-02", "gcj02"), ("BD-09", "bd09"),
     ("EPSG:4490", "cgcs2000"), ("EPSG:4326", "wgs84"), ("CGCS2000", "cgcs2000")],
)  # fmt: skip
def test_systems_are_read_as_people_write_them(text: str, system: str) -> None:
    assert System.parse(text) == system


def test_an_unknown_system_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="cgcs2000, wgs84, gcj02, bd09"):
        System.parse("Xian 80")


@pytest.mark.parametrize(
    ("name", "srid"),
    [
        ("EPSG:4549", 4549),
        ("4549", 4549),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 120E", 4549),
        ("CGCS2000 / 3-degree Gauss-Kruger zone 40", 4528),
        ("CGCS2000 / Gauss-Kruger zone 20", 4498),
        ("CGCS2000 / Gauss-Kruger CM 117E", 4509),
        ("3度带40", 4528),
        ("三度带第40带", 4528),
        ("三度带 中央经线120", 4549),
        ("6度带 20", 4498),
    ],
)  # fmt: skip
def test_zones_have_names(name: str, srid: int) -> None:
    assert zone(name).srid == srid


@pytest.mark.parametrize("name", ["", "EPSG:4326", "EPSG:9999", "3度带99", "5度带 20", "度"])
def test_what_is_no_zone_is_said(name: str) -> None:
    with pytest.raises(ValueError, match="EPSG:4549"):
        zone(name)


@pytest.mark.parametrize("srid", sorted(ZONES))
def test_zones_are_those_of_the_register(srid: int) -> None:
    """Name, central meridian and false easting as PROJ's copy of the EPSG register has them."""
    mine, register = ZONES[srid], pyproj.CRS.from_epsg(srid)
    assert mine.name == register.name
    assert zone(register.name) is mine
    parameters = {p.name: p.value for p in register.coordinate_operation.params}
    assert parameters["Longitude of natural origin"] == mine.meridian
    assert parameters["False easting"] == mine.false_easting
    east, north = mine.to_metres(mine.meridian + 0.5, 36.0)
    assert mine.to_degrees(east, north) == pytest.approx((mine.meridian + 0.5, 36.0), abs=1e-9)
    assert str(mine.number) in mine.name_zh
