"""The basemap on a phone without a network: what this server gives itself is kept for the day."""

import gzip
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from chengyun.city.basemap.pmtiles import tile_id
from tests.pages.conftest import map_idle
from tests.pages.platform import Platform
from tests.pages.street import ready_for_today
from tests.pages.test_basemap import Place, written_by_gdal

PICTURE = (60, 150, 90)
URLS = "async () => (await (await caches.open('field-basemap')).keys()).map((one) => one.url)"


def basemap(file: Path) -> dict[str, str]:
    """The settings of a server with this basemap."""
    return {"CHENGYUN_BASEMAP": "pmtiles", "CHENGYUN_BASEMAP_URL": str(file)}


@pytest.fixture
def middle(platform: Platform) -> Place:
    """The middle of a duty grid of our collector."""
    [grid, *_] = platform.api("collector").get("/api/duty-grids?mine=true").json()
    west, south, east, north = grid["bbox"]
    return (west + east) / 2, (south + north) / 2


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def pictures(path: Path, first: int, last: int) -> None:
    """A PMTiles file of pictures: one and the same at every place of these zooms."""
    written = io.BytesIO()
    Image.new("RGB", (256, 256), PICTURE).save(written, "PNG")
    picture = written.getvalue()
    start, end = tile_id(first, 0, 0), tile_id(last + 1, 0, 0)
    run, size = end - start, len(picture)
    root = gzip.compress(b"".join(map(varint, (1, start, run, size, 1))))
    about = gzip.compress(json.dumps({"attribution": "© 测绘院"}).encode())
    data = 127 + len(root) + len(about)
    places = (127, len(root), 127 + len(root), len(about), data, 0, data, size, run, 1, 1)
    kinds = bytes([1, 2, 1, 2, first, last])  # clustered, gzip inside, tiles as they are, PNG
    header = b"PMTiles\x03" + struct.pack("<11Q", *places) + kinds
    path.write_bytes(header.ljust(127, b"\0") + root + about + picture)


def map_without_network(page: Page) -> None:
    ready_for_today(page)
    expect(page.locator("[data-basemap]")).to_contain_text("底图：")
    page.context.set_offline(True)
    page.goto("/m/map")
    map_idle(page)


def test_shapes_of_the_basemap_are_drawn_without_a_network_and_leave_with_the_person(
    phone: Callable[..., Page],
    beside: Callable[..., Platform],
    middle: Place,
    tmp_path: Path,
    picture: Callable[..., Path],
) -> None:
    written_by_gdal(tmp_path / "town.pmtiles", middle)
    page = phone(on=beside(**basemap(tmp_path / "town.pmtiles")))
    map_without_network(page)
    page.wait_for_function(
        "() => { const map = document.querySelector('[data-map]').cityMap;"
        " return ['major', 'water'].every((part) => map.getLayer(`base_0_town_${part}`)"
        " && map.queryRenderedFeatures({layers: [`base_0_town_${part}`]}).length > 0) }"
    )
    picture(page, "field-map-basemap-offline")
    kept = page.evaluate(URLS)
    assert any("/basemap/13/" in url for url in kept)
    assert not any("/basemap/14/" in url for url in kept), "the file goes to 13"

    page.context.set_offline(False)
    page.get_by_role("link", name="我的", exact=True).click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate("() => caches.has('field-basemap')") is False


def test_pictures_in_gcj_02_are_put_together_without_a_network(
    phone: Callable[..., Page], beside: Callable[..., Platform], tmp_path: Path
) -> None:
    pictures(tmp_path / "pictures.pmtiles", 8, 14)
    page = phone(
        on=beside(**basemap(tmp_path / "pictures.pmtiles"), CHENGYUN_BASEMAP_DATUM="gcj02")
    )
    map_without_network(page)
    seen = Image.open(io.BytesIO(page.locator("[data-map]").screenshot())).convert("RGB")
    off = np.abs(np.asarray(seen, dtype=int) - np.array(PICTURE)).max(axis=2)
    assert (off < 12).mean() > 0.5, "the ground is the picture's"
