"""Coordinate systems at the edges: known points, and there and back within a millimetre."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.city.coordinates import System, from_cgcs2000, outside_china, to_cgcs2000

METRES_PER_DEGREE = 111_320.0
# Inside the box by more than the shift itself, where both ways judge "outside" alike.
china_lon, china_lat = st.floats(72.1, 137.7), st.floats(0.9, 55.7)


@given(china_lon, china_lat, st.sampled_from(System))
def test_there_and_back_is_within_a_millimetre(lon: float, lat: float, system: System) -> None:
    back_lon, back_lat = to_cgcs2000(*from_cgcs2000(lon, lat, system), system)
    assert abs(back_lon - lon) * METRES_PER_DEGREE < 0.001
    assert abs(back_lat - lat) * METRES_PER_DEGREE < 0.001


@given(china_lon, china_lat, st.sampled_from(System))
def test_back_and_there_is_within_a_millimetre(lon: float, lat: float, system: System) -> None:
    there_lon, there_lat = from_cgcs2000(*to_cgcs2000(lon, lat, system), system)
    assert abs(there_lon - lon) * METRES_PER_DEGREE < 0.001
    assert abs(there_lat - lat) * METRES_PER_DEGREE < 0.001


def test_known_points() -> None:
    # The published pair of the GCJ-02 formulas: Tiananmen's neighbourhood in Beijing.
    lon, lat = from_cgcs2000(116.404, 39.915, "gcj02")
    assert (float(lon), float(lat)) == pytest.approx((116.41024449916938, 39.91640428150164))
    # BD-09 lies some 0.0065° east and 0.006° north of GCJ-02.
    lon, lat = from_cgcs2000(116.404, 39.915, "bd09")
    assert (float(lon), float(lat)) == pytest.approx((116.41662724378733, 39.922699552216216))


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
