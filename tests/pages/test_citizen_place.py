"""Where a problem is: the pin on the map, the search for an address, roads to find one's way."""

import json
import re
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Browse, map_idle
from tests.pages.platform import Platform
from tests.pages.test_citizen import (
    PHONE,
    Faults,
    Picture,
    count,
    receipt,
    stored,
    submit,
    wide,
    write,
)


def test_the_place_is_marked_on_the_map_by_finger_and_by_keyboard(
    browse: Browse, platform: Platform, picture: Picture, faults: Faults
) -> None:
    asked: list[str] = []
    page = browse("/report", **PHONE)
    page.on("request", lambda request: asked.append(request.url))
    write(page, "绿地内树木倾斜")
    page.wait_for_selector("html[data-ahead=here]")
    assert not [url for url in asked if "maplibre" in url or "/tiles/" in url]
    page.get_by_role("button", name="在地图上选").click()
    map_idle(page)
    done = page.get_by_role("button", name="就是这里")
    expect(done).to_have_count(0)
    page.locator(".pin-map canvas").focus()
    page.get_by_role("button", name="标记放到地图中央").press("Enter")
    expect(page.locator(".maplibregl-marker")).to_be_visible()
    # From far away the map goes nearer, so that the mark can be corrected.
    expect(page.locator(".maplibregl-ctrl-scale")).to_have_text(re.compile(r"^\d+\s米$"))
    map_idle(page)
    picture(page, "citizen-map")
    assert faults(page) == []
    page.locator(".pin-map canvas").click(position={"x": 120, "y": 150})
    expect(done).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".areas")).to_have_count(0)

    page.get_by_role("button", name="在地图上选").click()
    map_idle(page)
    page.get_by_role("button", name="标记放到地图中央").click()
    done.click()
    expect(page.get_by_text("位置由您在地图上标出。")).to_be_visible()
    expect(page.locator(".areas")).to_be_visible()


def known_address(platform: Platform) -> tuple[str, float, float]:
    """An address that has its point for itself."""
    with psycopg.connect(platform.database) as link:
        row = link.execute(
            "SELECT a.full_text, ST_X(a.geom), ST_Y(a.geom) FROM city_address a"
            " WHERE a.kind = 'door' AND a.unit_grid_id IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM city_address b WHERE b.id <> a.id AND b.geom && a.geom)"
            " ORDER BY a.id LIMIT 1"
        ).fetchone()
    assert row is not None
    return str(row[0]), float(row[1]), float(row[2])


def test_an_address_is_found_by_keys_and_marked(
    browse: Browse, platform: Platform, picture: Picture, faults: Faults
) -> None:
    address, lon, lat = known_address(platform)
    page = browse("/report", **PHONE)
    write(page, "路口护栏倒了")
    page.get_by_role("button", name="在地图上选").click()
    map_idle(page)
    box = page.get_by_role("combobox", name="查找地址或地名")
    box.fill(address[:1])
    expect(page.get_by_role("dialog").get_by_text("请至少输入两个字。")).to_be_visible()
    box.fill(address)
    first = page.get_by_role("option").first
    expect(first).to_contain_text(address)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    picture(page, "citizen-map-search")
    assert faults(page) == []
    # Escape closes the list, not the sheet with the map.
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
    box.press("Tab")
    box.focus()
    expect(first).to_contain_text(address)
    box.press("Enter")
    expect(page.locator(".maplibregl-marker")).to_be_visible()
    map_idle(page)
    here = page.evaluate(
        "() => { const at = document.querySelector('[data-map]').cityMap.getCenter();"
        " return [at.lng, at.lat] }"
    )
    assert here == pytest.approx([lon, lat], abs=1e-4)
    picture(page, "citizen-map-found")
    page.get_by_role("button", name="就是这里").click()
    expect(page.get_by_label("地址或附近标志物")).to_have_value(address)
    submit(page)
    found = stored(platform, receipt(page)[0])
    assert (found["lon"], found["lat"]) == pytest.approx((lon, lat), abs=1e-6)


def test_an_area_is_shown_but_not_marked_in_large_english_type_too(
    browse: Browse, platform: Platform, picture: Picture
) -> None:
    with psycopg.connect(platform.database) as link:
        row = link.execute(
            "SELECT coalesce(nullif(name_en, ''), name_zh), ST_XMin(geom), ST_YMin(geom),"
            " ST_XMax(geom), ST_YMax(geom) FROM city_area"
            " WHERE level = 'street' ORDER BY code LIMIT 1"
        ).fetchone()
    assert row is not None
    name, west, south, east, north = row
    page = browse("/report", language="en", **PHONE)
    page.get_by_role("button", name="Large type").click()
    page.get_by_role("button", name="On the map").click()
    map_idle(page)
    page.get_by_role("combobox", name="Find an address or a place").fill(name)
    option = page.get_by_role("option").first
    expect(option).to_contain_text(name)
    picture(page, "citizen-map-search-large-en")
    assert not wide(page)
    option.tap()
    expect(page.get_by_text(f"The map shows {name}.")).to_be_visible()
    map_idle(page)
    lon, lat = page.evaluate(
        "() => { const at = document.querySelector('[data-map]').cityMap.getCenter();"
        " return [at.lng, at.lat] }"
    )
    assert west < lon < east
    assert south < lat < north
    expect(page.locator(".maplibregl-marker")).to_have_count(0)
    expect(page.get_by_role("button", name="Set the mark on the map first.")).to_be_disabled()


@pytest.fixture(scope="module")
def roads(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One road through an address that everybody may see, and one for those signed in."""
    _, lon, lat = known_address(platform)
    folder = tmp_path_factory.mktemp("roads")
    for code, access, south in (("own_roads", "public", lat), ("inner_roads", "signed_in", lat)):
        file = folder / f"{code}.geojson"
        line = {"type": "LineString", "coordinates": [[lon - 0.01, south], [lon + 0.01, south]]}
        named = {"路名": "滨海大道", "name_en": "Coast Avenue"}
        feature = {"type": "Feature", "properties": named, "geometry": line}
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        style = folder / f"{code}.json"
        style.write_text(json.dumps({"label": "路名"}))
        platform.run(
            "import", "layer", str(file), "--code", code, "--name", "道路", "--access", access,
            "--roads", "--style", str(style),
        )  # fmt: skip
    yield
    for code in ("own_roads", "inner_roads"):
        platform.run("layers", "remove", code, "--yes")


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_without_a_basemap_the_roads_of_the_city_are_drawn_by_their_names(
    roads: None,
    browse: Browse,
    platform: Platform,
    picture: Picture,
    language: str,
    theme: str,
) -> None:
    address, *_ = known_address(platform)
    page = browse("/report", language=language, theme=theme, **PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name={"zh": "在地图上选", "en": "On the map"}[language]).click()
    map_idle(page)
    box = page.get_by_role("combobox")
    box.fill(address)
    expect(page.get_by_role("option").first).to_contain_text(address)
    box.press("Enter")
    expect(page.locator(".maplibregl-marker")).to_be_visible()
    map_idle(page)
    page.wait_for_function(
        "() => document.querySelector('[data-map]').cityMap"
        ".queryRenderedFeatures({layers: ['roads_own_roads_own_roads_names_along']}).length > 0"
    )
    name = page.evaluate(
        "() => document.querySelector('[data-map]').cityMap.queryRenderedFeatures("
        "{layers: ['roads_own_roads_own_roads_names_along']})[0].layer.layout['text-field']"
        ".toString()"
    )
    assert {"zh": "滨海大道", "en": "Coast Avenue"}[language] in name
    picture(page, f"citizen-map-roads-{language}")
    assert not [url for url in asked if "inner_roads" in url]


def test_without_webgl_an_address_will_do(browse: Browse, platform: Platform) -> None:
    page = browse("/", **PHONE)
    page.context.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind === 'webgl2' ? null : get.call(this, kind, ...more) }"
    )
    page.goto("/report")
    page.get_by_role("button", name="在地图上选").click()
    expect(page.get_by_text("这台设备无法显示地图")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    write(page, "信箱被撬", "三号院")
    submit(page)
    receipt(page)
    assert count(platform, "信箱被撬") == (1, 1)

    # Its point is found by its words.
    address, lon, lat = known_address(platform)
    page.goto("/report")
    page.get_by_role("button", name="在地图上选").click()
    page.get_by_role("combobox", name="查找地址或地名").fill(address)
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="就是这里").click()
    write(page, "邮筒倾斜")
    submit(page)
    found = stored(platform, receipt(page)[0])
    assert (found["lon"], found["lat"]) == pytest.approx((lon, lat), abs=1e-6)
