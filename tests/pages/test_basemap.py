"""Basemaps as people see them: pictures that lie where they must, vector tiles in our own look."""

import io
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Route, expect

from chengyun.city.coordinates import System, from_cgcs2000
from tests.pages.conftest import Browse
from tests.pages.platform import Platform

WHO = "shift_leader"
MAP = ".map-room > [data-map]"
ZOOM = 16
RED, GREEN, BLUE = (230, 20, 20), (20, 160, 20), (20, 20, 230)
#: Square of a mark in its tile, in pixels.
SIDE = 6
KEY = "a-key-of-the-city"
Place = tuple[float, float]


@pytest.fixture(scope="module")
def place(platform: Platform) -> Place:
    return platform.place()


def open_map(page: Page, place: Place, query: str = "on=areas", zoom: float = ZOOM) -> None:
    page.goto(f"/desk/map?at={place[0]:.5f},{place[1]:.5f},{zoom}&{query}")
    page.wait_for_selector(f"{MAP}[data-map=idle]", timeout=60_000)


def drawn(page: Page, *layers: str) -> None:
    """Wait until each of these layers of the style has something on the screen."""
    page.wait_for_function(
        f"(layers) => {{ const map = document.querySelector('{MAP}')?.cityMap;"
        " return map && layers.every((layer) => map.getLayer(layer)"
        " && map.queryRenderedFeatures({layers: [layer]}).length > 0) }",
        arg=list(layers),
        timeout=60_000,
    )


def painted(page: Page, colour: tuple[int, int, int]) -> tuple[float, float]:
    """The middle of what has about this colour on the map, in CSS pixels of its room."""
    page.wait_for_selector(f"{MAP}[data-map=idle]", timeout=60_000)
    picture = Image.open(io.BytesIO(page.locator(MAP).screenshot())).convert("RGB")
    off = np.abs(np.asarray(picture, dtype=int) - np.array(colour)).max(axis=2)
    rows, columns = np.nonzero(off < 40)
    assert len(rows) > SIDE, f"nothing of {colour} is drawn"
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def shown_at(page: Page, place: Place) -> tuple[float, float]:
    x, y = page.eval_on_selector(
        MAP, "(e, at) => { const {x, y} = e.cityMap.project(at); return [x, y] }", list(place)
    )
    return x, y


def tile_of(place: Place) -> Place:
    """Column and row of the tiles of the web's Mercator."""
    lon, lat = place
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return across * 2**ZOOM, down * 2**ZOOM


def tile(x: int, y: int, mark: Place, colour: Any, ground: Any) -> bytes:
    """A tile of a foreign map on which a square stands at `mark` (in tiles)."""
    picture = Image.new("RGBA", (256, 256), ground)
    left, top = (mark[0] - x) * 256, (mark[1] - y) * 256
    box = (left - SIDE, top - SIDE, left + SIDE - 1, top + SIDE - 1)
    ImageDraw.Draw(picture).rectangle(box, fill=(*colour, 255))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def test_a_picture_in_gcj_02_lies_where_its_things_are(browse: Browse, place: Place) -> None:
    page = browse("/api/basemap", WHO, sharp=True)
    lon, lat = from_cgcs2000(*place, System.GCJ02)
    mark = tile_of((float(lon), float(lat)))
    assert math.dist(mark, tile_of(place)) * 256 > 100, "what must be put back"

    def answer(route: Route) -> None:
        _, z, x, y = urlsplit(route.request.url).path.removesuffix(".png").rsplit("/", 3)
        content = tile(int(x), int(y), mark, RED, "#f4f0e8") if int(z) == ZOOM else b""
        route.fulfill(body=content, content_type="image/png", status=200 if content else 404)

    told = {"kind": "xyz", "tiles": ["/foreign/{z}/{x}/{y}.png"], "formats": ["raster"],
            "datum": "gcj02", "attribution": "© 某图", "maxzoom": ZOOM}  # fmt: skip
    page.route("**/api/basemap", lambda route: route.fulfill(json=told))
    page.route("**/foreign/**", answer)
    # A map one of whose layers fails comes to rest too.
    page.route("**/tiles/components/**", lambda route: route.fulfill(status=503))
    open_map(page, place, "on=areas,components", ZOOM - 1)
    assert painted(page, RED) == pytest.approx(shown_at(page, place), abs=3)
    assert page.get_by_text("© 某图").first.is_visible()
    # By night the badge is as dark as everything else, and whose map it is stands on paper too.
    badge = page.locator(".maplibregl-ctrl-attrib").first
    ground = "e => getComputedStyle(e).backgroundColor"
    assert badge.evaluate(ground) == page.locator("header").first.evaluate(ground)
    page.goto("/desk/map?tool=print")
    expect(page.locator(".map-sheet footer")).to_contain_text("© 某图")


def test_pictures_lie_under_every_map_turned_down_at_night_and_not_on_the_wall(
    browse: Browse, platform: Platform
) -> None:
    told = {"kind": "xyz", "tiles": ["/foreign/{z}/{x}/{y}.png"], "formats": ["raster"],
            "datum": "wgs84", "attribution": "© 某图", "maxzoom": ZOOM}  # fmt: skip
    picture = tile(0, 0, (-9, -9), RED, "#f4f0e8")
    row = platform.api(WHO).get("/api/components", params={"limit": 1}).json()["items"][0]
    page = browse("/api/basemap", WHO, sharp=True, theme="dark")
    page.route("**/api/basemap", lambda route: route.fulfill(json=told))
    page.route("**/foreign/**", lambda r: r.fulfill(body=picture, content_type="image/png"))
    for path in (f"/desk/components/{row['code']}", "/desk/cases", "/screen"):
        page.goto(path)
        page.wait_for_selector("[data-map=idle]", timeout=60_000)
        paints = page.eval_on_selector(
            "[data-map]",
            "e => e.cityMap.getStyle().layers.filter((each) => each.type === 'raster')"
            ".map((each) => each.paint['raster-brightness-max'])",
        )
        assert paints == ([] if path == "/screen" else [pytest.approx(0.4)]), path
    page.goto(f"/desk/components/{row['code']}")
    page.wait_for_selector("[data-map=idle]", timeout=60_000)
    assert page.get_by_text("© 某图").first.is_visible()


def test_tianditu_is_asked_as_it_wants_and_its_labels_lie_on_its_map(
    browse: Browse, beside: Callable[..., Platform], place: Place
) -> None:
    on = beside(CHENGYUN_BASEMAP="tianditu", CHENGYUN_BASEMAP_KEY=KEY)
    hosts = tuple(f"https://t{number}.tianditu.gov.cn/" for number in range(8))
    page = browse("/api/basemap", WHO, on=on, sharp=True, hosts=hosts)
    mark = tile_of(place)
    label = mark[0] + 0.2, mark[1]

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        z, x, y = (int(asked.pop(f"TILE{name}")) for name in ("MATRIX", "COL", "ROW"))
        name = asked.pop("LAYER")
        assert parts.path == f"/{name}_w/wmts"
        assert asked == {"SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0",
                         "STYLE": "default", "TILEMATRIXSET": "w", "FORMAT": "tiles",
                         "tk": KEY}  # fmt: skip
        of = {"vec": (mark, BLUE, "#f4f0e8"), "cva": (label, GREEN, (0, 0, 0, 0))}[name]
        # Its matrices are numbered as the zooms are.
        content = tile(x, y, *of) if z == ZOOM else tile(x, y, (-9, -9), RED, of[2])
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(body=content, content_type="image/png", headers=headers)

    page.route("https://*.tianditu.gov.cn/**", answer)
    open_map(page, place, "on=areas", ZOOM - 1)
    there = shown_at(page, place)
    assert painted(page, BLUE) == pytest.approx(there, abs=3)
    assert painted(page, GREEN) == pytest.approx((there[0] + 0.2 * 256, there[1]), abs=3)
    assert page.get_by_text("天地图").first.is_visible()


def written_by_gdal(path: Path, place: Place) -> None:
    """A small town as GDAL writes it: one layer of shapes of all kinds, told by OSM's tags."""
    lon, lat = place
    box, way = shapely.box, shapely.LineString
    shapes = {
        ("natural", "water", ""): box(lon + 0.001, lat - 0.002, lon + 0.005, lat + 0.002),
        ("landuse", "forest", ""): box(lon - 0.005, lat - 0.002, lon - 0.003, lat + 0.002),
        ("building", "yes", ""): box(lon - 0.002, lat + 0.0004, lon - 0.001, lat + 0.001),
        ("highway", "primary", "香港路"): shapely.LineString(
            [(lon - 0.01, lat), (lon + 0.01, lat)]
        ),
        ("highway", "residential", ""): way([(lon, lat - 0.01), (lon, lat + 0.01)]),
        ("waterway", "stream", ""): way([(lon, lat), (lon - 0.01, lat + 0.01)]),
        ("place", "suburb", "八大峡"): shapely.Point(lon - 0.001, lat - 0.001),
    }
    tags = ("natural", "landuse", "building", "highway", "waterway", "place")
    columns = {
        **{tag: [value if key == tag else None for key, value, _ in shapes] for tag in tags},
        "name": [name or None for *_, name in shapes],
        "name:en": ["Xianggang Road" if name == "香港路" else None for *_, name in shapes],
    }
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(list(shapes.values())), geometry_type="Unknown",
        fields=list(columns), field_data=[np.array(v, dtype=object) for v in columns.values()],
        crs="EPSG:4326", driver="PMTiles", dataset_options={"MINZOOM": 8, "MAXZOOM": 13},
    )  # fmt: skip


def usual_tile(route: Route) -> None:
    """A tile of two usual schemas, the same at every address."""
    area = shapely.box(500, 500, 3500, 3500)
    line = shapely.LineString([(0, 2000), (4096, 2100)])
    middle = shapely.Point(2048, 2048)
    layers = {
        "water": [(area, {"class": "lake"})],
        "transportation": [(line, {"class": "secondary"})],
        "transportation_name": [(line, {"class": "secondary", "name": "东海路"})],
        "roads": [(line, {"kind": "major_road", "kind_detail": "primary"})],
        "places": [(middle, {"kind": "locality", "kind_detail": "town", "name": "城阳"})],
    }
    content = mapbox_vector_tile.encode(
        [
            {"name": name, "features": [{"geometry": shape, "properties": said}
                                        for shape, said in shapes]}
            for name, shapes in layers.items()
        ],
        default_options={"extents": 4096},
    )  # fmt: skip
    route.fulfill(body=content, content_type="application/vnd.mapbox-vector-tile")


def test_vector_tiles_are_drawn_below_our_layers_in_a_look_of_their_own(
    browse: Browse, beside: Callable[..., Platform], place: Place, tmp_path: Path
) -> None:
    written_by_gdal(tmp_path / "town.pmtiles", place)
    on = beside(
        CHENGYUN_BASEMAP="pmtiles", CHENGYUN_BASEMAP_URL=str(tmp_path / "town.pmtiles"),
        CHENGYUN_BASEMAP_ATTRIBUTION="© 测绘院",
    )  # fmt: skip
    page = browse("/api/basemap", WHO, on=on, sharp=True)
    open_map(page, place, "on=areas,addresses")
    of_town = ("water", "green", "building", "major", "minor", "stream", "names_along", "quarters")
    drawn(page, *(f"base_0_town_{part}" for part in of_town), "addresses")
    order = page.eval_on_selector(MAP, "e => e.cityMap.getLayersOrder()")
    assert order.index("base_0_town_quarters") < order.index("districts")
    pond = place[0] + 0.003, place[1] + 0.001
    assert colour_at(page, pond) == pytest.approx((0xCF, 0xE0, 0xEC), abs=6)
    name = (
        "e => e.cityMap.queryRenderedFeatures({layers: ['base_0_town_names_along']})[0]"
        ".layer.layout['text-field'].toString()"
    )
    assert "香港路" in page.eval_on_selector(MAP, name)
    assert page.get_by_text("© 测绘院").first.is_visible()

    page.get_by_role("button", name="深色").click()
    page.get_by_role("button", name="English").click()
    # The map is made again; until then the Chinese one stands there, drawn and at rest.
    expect(page.get_by_role("button", name="Zoom in").first).to_be_visible()
    drawn(page, "base_0_town_names_along")
    page.wait_for_selector(f"{MAP}[data-map=idle]", timeout=60_000)
    assert colour_at(page, pond) == pytest.approx((0x0B, 0x20, 0x30), abs=6)
    assert "Xianggang Road" in page.eval_on_selector(MAP, name)

    # Addresses of vector tiles that nothing tells the layers of.
    told = {"kind": "xyz", "tiles": ["/foreign/{z}/{x}/{y}.mvt"], "formats": ["vector"],
            "datum": "wgs84", "attribution": "", "maxzoom": 14}  # fmt: skip
    page.route("**/api/basemap", lambda route: route.fulfill(json=told))
    page.route(re.compile(r"/foreign/.*\.mvt"), usual_tile)
    open_map(page, place, "on=areas", 14)
    drawn(
        page, "base_0_water_water", "base_0_transportation_middle", "base_0_roads_major",
        "base_0_transportation_name_names_along", "base_0_places_towns",
    )  # fmt: skip


def colour_at(page: Page, place: Place) -> tuple[int, ...]:
    x, y = shown_at(page, place)
    picture = Image.open(io.BytesIO(page.locator(MAP).screenshot())).convert("RGB")
    found = picture.getpixel((round(x), round(y)))
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)
