"""Positions in every notation: what is written is what is read."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chengyun.city.coordinates import from_cgcs2000
from chengyun.city.find.notations import Reading, readings, sexagesimal
from chengyun.city.find.text import all_of, fold, literal, pairs, words_of
from chengyun.city.zones import ZONES, Zone

lons = st.floats(-180, 180).map(lambda x: round(x, 6))
lats = st.floats(-90, 90).map(lambda y: round(y, 6))
china = st.tuples(st.floats(74, 134), st.floats(5, 53))


def one(text: str) -> Reading:
    """The only way to read a text."""
    found = readings(text)
    assert len(found) == 1, (text, found)
    return found[0]


def near(reading: Reading, lon: float, lat: float, degrees: float) -> bool:
    return math.isclose(reading.lon, lon, abs_tol=degrees) and math.isclose(
        reading.lat, lat, abs_tol=degrees
    )


@pytest.mark.parametrize(
    "text",
    [
        "36.0671,120.3826", "120.3826,36.0671", "120.3826 36.0671", "36.0671 120.3826",
        " 120.3826 ,  36.0671 ", "120.3826，36.0671", "120.3826、36.0671", "120.3826;36.0671",
        "１２０．３８２６，３６．０６７１", "120.3826\t36.0671", "120.3826\u300036.0671",
        "+120.3826 +36.0671", "120.3826E 36.0671N", "36.0671N,120.3826E", "E120.3826 N36.0671",
        "n36.0671 e120.3826", "N 36.0671° E 120.3826°", "120.3826° 36.0671°",
        "36.0671°,120.3826°", "120.3826°E, 36.0671°N", "东经120.3826 北纬36.0671",
        "东经120.3826度，北纬36.0671度", "北纬36.0671° 东经120.3826°",
        "东经：120.3826 北纬：36.0671",
        "经度120.3826 纬度36.0671", "geo:36.0671,120.3826", "geo:36.0671,120.3826;u=35",
        "POINT(120.3826 36.0671)", "point (120.3826 36.0671)", "[120.3826, 36.0671]",
        "(36.0671, 120.3826)", "120°22.956′E 36°4.026′N", "E120 22.956 N36 4.026",
        "120 22.956 36 4.026", "120°22′57.36″E 36°4′1.56″N", "120°22'57.36\"E36°4'1.56\"N",
        "120º22’57.36” 36º4’1.56”", "120˚22´57.36'' 36˚4´1.56''", "N36°4′1.56″ E120°22′57.36″",
        "东经120度22分57.36秒 北纬36度4分1.56秒", "东经120度22分57.36秒北纬36度4分1.56秒",
        "北纬36°4′1.56″ 东经120°22′57.36″", "120 22 57.36 36 4 1.56", "36 4 1.56 120 22 57.36",
        "E120 22 57.36, N36 4 1.56", "WGS84 120.3826,36.0671", "cgcs2000: 120.3826 36.0671",
        "EPSG:4490 120.3826 36.0671", "120.3826,36.0671 WGS-84", "GPS 36.0671,120.3826",
        "天地图120.3826,36.0671",
    ],
)  # fmt: skip
def test_one_place_in_many_notations(text: str) -> None:
    assert near(one(text), 120.3826, 36.0671, 1e-9), readings(text)


@pytest.mark.parametrize(
    ("text", "system"),
    [("gcj02:120.38,36.06", "gcj02"), ("GCJ-02 120.38 36.06", "gcj02"),
     ("120.38,36.06 gcj02", "gcj02"), ("高德 120.38,36.06", "gcj02"),
     ("火星坐标 120.38,36.06", "gcj02"),
     ("bd09:120.38,36.06", "bd09"), ("百度坐标：120.38，36.06", "bd09"),
     ("BD-09 N36.06 E120.38", "bd09")],
)  # fmt: skip
def test_shifted_systems_are_put_back(text: str, system: str) -> None:
    found = one(text)
    assert found.system == system
    x, y = from_cgcs2000(found.lon, found.lat, system)
    assert near(Reading(float(x), float(y)), 120.38, 36.06, 1e-9)


@pytest.mark.parametrize(
    "text",
    ["", " ", "120.38", "香港中路12号", "12号楼3单元", "370202001001007", "1,2,3", "120.38,36.06,9",
     "200,100", "95,195", "E120 E36", "N36 N37", "E120", "120E 36", "120°61′E 36°N",
     "120°22′75″E 36°N", "120.5°22′E 36°N", "-E120 N36", "E-120 N36", "120''22 36", "nan,nan",
     "inf,1", "1e5,1", "0x10,1", "120..3,36", "120-36", "geo:", "POINT()", "[]", "EPSG:4549",
     "EPSG:4549 1,1", "EPSG:4326", "gcj02:", "bd09", "1 2 3", "1 2 3 4 5", "°", "''", "N", "é,1",
     "١٢٠,٣٦", "12-3", "9" * 130, "1," * 60],
)  # fmt: skip
def test_what_is_no_position_is_none(text: str) -> None:
    assert readings(text) == []


@given(st.text(max_size=60))
@example("N" * 60)
@example("°'\"°'\"")
@example("东经" * 20)
def test_no_text_breaks_it(text: str) -> None:
    for found in readings(text):
        assert math.isfinite(found.lon)
        assert math.isfinite(found.lat)


@given(st.text("0123456789.,+- NSEW°'\"", max_size=30))
def test_what_looks_like_positions_lies_on_the_earth(text: str) -> None:
    for found in readings(text):
        assert abs(found.lon) <= 180
        assert abs(found.lat) <= 90


@given(lons, lats)
def test_written_with_letters_is_what_is_read(lon: float, lat: float) -> None:
    east, north = "EW"[lon < 0], "NS"[lat < 0]
    x, y = abs(lon), abs(lat)
    for text in (
        f"{x:.6f}{east} {y:.6f}{north}", f"{north}{y:.6f} {east}{x:.6f}",
        f"geo:{lat:.6f},{lon:.6f}",
    ):  # fmt: skip
        assert near(one(text), lon, lat, 1e-9), text


@given(lons, lats)
@example(179.9999999, 89.9999999)
@example(-0.0000001, 0.0)
def test_degrees_minutes_and_seconds_are_what_is_read(lon: float, lat: float) -> None:
    for sides, marks in ((("E|W", "N|S"), "°′″"), (("东经|西经", "北纬|南纬"), "度分秒")):
        text = " ".join(sexagesimal(v, s, marks, 3) for v, s in zip((lon, lat), sides, strict=True))
        assert near(one(text), lon, lat, 0.0005 / 3600 + 1e-12), text
        turned = " ".join(
            sexagesimal(v, s, marks, 3) for v, s in zip((lat, lon), sides[::-1], strict=True)
        )
        assert near(one(turned), lon, lat, 0.0005 / 3600 + 1e-12), turned


@given(st.floats(90.001, 180), lats)
def test_plain_numbers_have_one_order_where_only_one_is_possible(lon: float, lat: float) -> None:
    for text in (f"{lon:.6f},{lat:.6f}", f"{lat:.6f} {lon:.6f}"):
        found = one(text)
        assert found.certain
        assert near(found, lon, lat, 1e-6)


@given(st.floats(-90, 90), st.floats(-90, 90))
def test_plain_numbers_have_two_orders_where_both_are_possible(lon: float, lat: float) -> None:
    found = readings(f"{lon:.6f},{lat:.6f}")
    assert [r.certain for r in found] == [False, False]
    assert near(found[0], lon, lat, 1e-6)
    assert near(found[1], lat, lon, 1e-6)


@given(china, st.sampled_from(sorted(ZONES)))
def test_metres_of_a_named_zone_are_what_is_read(place: tuple[float, float], srid: int) -> None:
    zone: Zone = ZONES[srid]
    lon = zone.meridian + (place[0] - 104) / 30 * zone.width / 2
    if not 73 < lon < 136:
        return
    east, north = zone.to_metres(lon, place[1])
    for text in (f"EPSG:{srid} {east:.3f} {north:.3f}", f"epsg:{srid}: {north:.3f}, {east:.3f}"):
        found = [r for r in readings(text) if near(r, lon, place[1], 1e-7)]
        assert found, text
        assert found[0].zone is zone


@given(china)
def test_an_easting_with_its_zone_in_front_needs_no_name(place: tuple[float, float]) -> None:
    for zone in (z for z in ZONES.values() if z.prefixed):
        if abs(place[0] - zone.meridian) > zone.width / 2:
            continue
        east, north = zone.to_metres(*place)
        for text in (f"{east:.3f},{north:.3f}", f"{north:.3f} {east:.3f}"):
            assert any(near(r, *place, 1e-7) and r.zone is zone for r in readings(text)), text


def test_metres_without_a_zone_fit_several_cities() -> None:
    found = readings("534512.3,3993214.5")
    assert len(found) > 10
    assert not any(reading.certain for reading in found)
    # Of all of them one lies in Qingdao (119.5 to 121.1 degrees east).
    here = {r.zone.srid for r in found if r.zone and r.zone.width == 3 and 119.5 < r.lon < 121.1}
    assert here == {4549}


@given(st.text(max_size=40))
def test_words_are_folded_and_few(text: str) -> None:
    words = words_of(text)
    assert len(words) <= 8
    assert all(word == fold(word) and word.strip() for word in words)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("香港中路", ["香港", "港中", "中路"]),
        ("路", []),
        ("12号", ["12", "2号"]),
        ("啊啊啊", ["啊啊"]),
    ],
)
def test_pairs_of_characters(word: str, expected: list[str]) -> None:
    assert pairs(word) == expected


def test_no_character_of_a_question_is_an_operator() -> None:
    assert all_of(["'a", "\\b"]) == "'''a' & '\\\\b'"
    assert literal("50%_\\") == "50\\%\\_\\\\"
