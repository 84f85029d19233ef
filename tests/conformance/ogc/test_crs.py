"""OGC API – Features – Part 2: Coordinate Reference Systems by Reference."""

import pyproj
import pytest

from tests.conformance.ogc.conftest import Ogc

pytestmark = pytest.mark.django_db

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
#: Component 7 stands here.
LON, LAT = 120.321, 36.05
ONE = "/collections/components/items/37020210000000007"
ITEMS = "/collections/components/items"


def place(ogc: Ogc, crs: str) -> list[float]:
    answer = ogc.get(ONE, params={"crs": crs})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-crs"] == f"<{crs}>"
    coordinates: list[float] = answer.json()["geometry"]["coordinates"]
    return coordinates


def test_crs_uri_and_discovery(ogc: Ogc) -> None:
    document = ogc.json("/collections")
    assert document["crs"][0] == CRS84
    for code in (4490, 4326, 3857, 4547, 4549, 4528, 4509):
        assert f"{EPSG}{code}" in document["crs"]
    for each in document["collections"]:
        assert each["crs"] == ["#/crs"]
        assert each["storageCrs"] in document["crs"]
    assert ogc.json("/collections/components")["crs"] == document["crs"]


def test_default_crs_is_longitude_first(ogc: Ogc) -> None:
    answer = ogc.get(ONE)
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    assert answer.json()["geometry"]["coordinates"] == [LON, LAT]
    assert place(ogc, CRS84) == [LON, LAT]


def test_crs_axis_order_is_that_of_the_authority(ogc: Ogc) -> None:
    assert place(ogc, f"{EPSG}4490") == [LAT, LON]
    assert place(ogc, f"{EPSG}4326") == [LAT, LON]
    east, north = pyproj.Transformer.from_crs(4490, 3857, always_xy=True).transform(LON, LAT)
    assert place(ogc, f"{EPSG}3857") == pytest.approx([east, north], abs=0.002)
    for code in (4547, 4549, 4528, 4509):
        # Gauss-Krüger zones of China write the northing first.
        wanted = pyproj.Transformer.from_crs(4490, code).transform(LAT, LON)
        got = place(ogc, f"{EPSG}{code}")
        assert got == pytest.approx(wanted, abs=0.002)
        assert got[0] == pytest.approx(3_992_000, rel=0.01)
    # Polygons kept in the map's metres, too.
    [grid] = ogc.items("duty_grids", crs=f"{EPSG}4490")
    south, west = grid["geometry"]["coordinates"][0][0][0]
    assert (36.05 <= south <= 36.11, 120.30 <= west <= 120.36) == (True, True)


def test_crs_header_is_on_collections_of_features(ogc: Ogc) -> None:
    answer = ogc.get(ITEMS, params={"crs": f"{EPSG}4549", "limit": 2})
    assert answer.headers["content-crs"] == f"<{EPSG}4549>"
    following = next(link for link in answer.json()["links"] if link["rel"] == "next")
    second = ogc.http.get(following["href"])
    assert second.headers["content-crs"] == f"<{EPSG}4549>"


def test_bbox_crs_means_the_same_box(ogc: Ogc) -> None:
    west, south, east, north = 120.3199, 36.0499, 120.3241, 36.0601
    wanted = ogc.ids("components", bbox=f"{west},{south},{east},{north}")
    assert len(wanted) == 6
    for code in (4490, 4326):
        crs = f"{EPSG}{code}"
        turned = f"{south},{west},{north},{east}"
        assert ogc.ids("components", bbox=turned, bbox_crs=crs) == wanted
    for code in (3857, 4549):
        there = pyproj.Transformer.from_crs(4490, code, always_xy=True)
        low, high = there.transform(west, south), there.transform(east, north)
        if code == 4549:
            low, high = low[::-1], high[::-1]
        box = ",".join(map(str, (*low, *high)))
        assert ogc.ids("components", bbox=box, bbox_crs=f"{EPSG}{code}") == wanted


def test_short_names_are_understood(ogc: Ogc) -> None:
    for name in ("EPSG:4490", f"[{'EPSG:4490'}]", "epsg:4490",
                 "https://www.opengis.net/def/crs/EPSG/0/4490"):  # fmt: skip
        assert ogc.json(ONE, crs=name)["geometry"]["coordinates"] == [LAT, LON]
    assert ogc.json(ONE, crs="CRS84")["geometry"]["coordinates"] == [LON, LAT]


def test_crs_that_is_not_supported_is_refused(ogc: Ogc) -> None:
    for wrong in ("", f"{EPSG}99999", f"{EPSG}2437", "EPSG:", "4490", "x" * 5000, "GCJ-02",
                  f"{EPSG}4490'; DROP TABLE city_component"):  # fmt: skip
        for name in ("crs", "bbox-crs", "filter-crs"):
            assert ogc.refused(ITEMS, **{name: wrong})["field"] == name
        assert ogc.refused(ONE, crs=wrong)["field"] == "crs"


def test_metres_that_are_called_degrees_are_refused(ogc: Ogc) -> None:
    degrees = "120.3,36.0,120.4,36.1"
    metres = "3990000,529000,3991000,530000"
    assert (
        "METRES"
        in ogc.refused(ITEMS, bbox="1,2,x,4", **{"bbox-crs": f"{EPSG}3857"})["remedy"].upper()
    )
    ogc.refused(ITEMS, bbox=metres)
    ogc.refused(ITEMS, bbox=degrees, **{"bbox-crs": f"{EPSG}4490"})
    ogc.refused(ITEMS, bbox="1e300,1e300,2e300,2e300", **{"bbox-crs": f"{EPSG}3857"})
    assert ogc.ids("components", bbox=metres, bbox_crs=f"{EPSG}3857") == []
