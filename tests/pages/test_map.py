"""The one map on the desk: layers, what lies where, measuring, selecting, time, paper, links."""

import io
import json
import math
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import shapely
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pyproj import Geod

from tests.pages.conftest import Browse
from tests.pages.platform import Platform, driven
from tests.pages.test_component import MANAGER

WHO = "shift_leader"
MAP = ".map-room > [data-map]"
Faults = Callable[[Page], list[str]]


def filled(keeper: httpx.Client, layer: str, content: str) -> dict[str, Any]:
    """A layer filled from a GeoJSON file, as a job does it; what became of it."""
    sent = keeper.post(f"/api/layers/{layer}/rows", files={"file": ("rows.geojson", content)})
    assert sent.status_code == 202, sent.text
    until = time.monotonic() + 60
    while (now := keeper.get(sent.headers["Location"]).json())["state"] in ("waiting", "running"):
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now["state"] == "done", now
    return dict(now)


@pytest.fixture(scope="module")
def place(platform: Platform) -> tuple[float, float]:
    """A component of the register: there is one thing at least to be seen here."""
    rows = platform.api(WHO).get("/api/components", params={"limit": 1}).json()["items"]
    return rows[0]["lon"], rows[0]["lat"]


@pytest.fixture(scope="module")
def case(platform: Platform) -> dict[str, Any]:
    return driven(platform, "pending_dispatch")


@pytest.fixture
def opened(browse: Browse, platform: Platform) -> Iterator[Callable[..., Page]]:
    """`opened(query, **how)` opens the map and waits until it has drawn."""

    def open_map(query: str, **how: Any) -> Page:
        page = browse(f"/desk/map?{query}", WHO, **how)
        idle(page)
        return page

    yield open_map
    platform.api(WHO).delete("/api/me/preferences/desk.map_layers")


def idle(page: Page) -> None:
    page.wait_for_selector(f"{MAP}[data-map=idle]", timeout=60_000)


def at(place: tuple[float, float], zoom: float = 16) -> str:
    return f"at={place[0]:.5f},{place[1]:.5f},{zoom:.2f}"


def drawn(page: Page, *layers: str, wanted: str = "> 0") -> None:
    """Wait until so many things of these layers are on the screen: a map that rests may rest
    before it was told of them."""
    page.wait_for_function(
        f"(layers) => {{ const map = document.querySelector('{MAP}')?.cityMap;"
        " const there = layers.filter((layer) => map?.getLayer(layer));"
        " return there.length > 0"
        f" && map.queryRenderedFeatures({{layers: there}}).length {wanted} }}",
        arg=list(layers),
        timeout=60_000,
    )


def click(page: Page, lon: float, lat: float, *, twice: bool = False) -> None:
    """Click the map where a place is shown."""
    x, y = page.eval_on_selector(
        MAP,
        "(e, at) => { const p = e.cityMap.project(at); const r = e.getBoundingClientRect();"
        " return [p.x + r.x, p.y + r.y] }",
        [lon, lat],
    )
    (page.mouse.dblclick if twice else page.mouse.click)(x, y)


def seen(page: Page, wanted: str) -> None:
    """Wait until so many open cases are drawn."""
    page.wait_for_function(
        f"() => {{ const map = document.querySelector('{MAP}')?.cityMap;"
        " return map?.getLayer('cases_open') && map.areTilesLoaded() && map.queryRenderedFeatures("
        f"{{layers: ['cases_open', 'cases_over']}}).length {wanted} }}",
        timeout=60_000,
    )


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def tool(page: Page, name: str) -> None:
    page.get_by_role("toolbar").get_by_role("button", name=name).click()


def test_a_switch_changes_what_is_drawn_and_a_click_tells_what_is_there(
    opened: Callable[..., Page], place: tuple[float, float]
) -> None:
    page = opened(at(place, 17) + "&on=areas,components")
    drawn(page, "components")
    # North of the middle, so that no other thing of the tools lies over it.
    click(page, *place)
    card = page.locator(".map-card").first
    expect(card).to_contain_text("标识码")
    expect(card.get_by_role("link", name="打开部件页")).to_be_visible()
    expect(page.locator(".map-ground")).to_contain_text("单元网格")
    assert asked(page)["point"].startswith(f"{place[0]:.3f}")

    switch = page.get_by_role("checkbox", name="部件", exact=True)
    switch.uncheck()
    page.wait_for_function(f"() => !document.querySelector('{MAP}').cityMap.getLayer('components')")
    expect(page).to_have_url(re.compile(r"on=areas(&|$)"))
    expect(page.get_by_text("此处没有已显示图层的对象")).to_be_visible()
    # The other layers, in the order that the person gives them, and see-through.
    page.get_by_role("checkbox", name="单元网格", exact=True).check()
    page.get_by_role("button", name="“单元网格”的透明度和次序").click()
    page.get_by_role("slider", name="“单元网格”的不透明度").fill("40")
    page.keyboard.press("Tab")
    faded = "e => e.cityMap.getPaintProperty('unit_grids', 'line-opacity')"
    page.wait_for_function(f"() => ({faded})(document.querySelector('{MAP}')) === 0.4")


def test_a_known_distance_is_measured_by_mouse_and_by_keys(
    opened: Callable[..., Page], place: tuple[float, float]
) -> None:
    page = opened(at(place) + "&on=areas&tool=measure")
    other = place[0] - 0.004, place[1] + 0.002
    click(page, *place)
    click(page, *other, twice=True)
    length = page.locator(".map-facts dd").first
    expect(length).to_have_text(re.compile(r"米$"))
    shown = float(length.inner_text().split()[0].replace(",", ""))
    known = Geod(ellps="GRS80").inv(*place, *other)[2]
    assert shown == pytest.approx(known, rel=0.005)
    expect(page.get_by_role("list", name="已画的点").locator("li")).to_have_count(2)

    # Escape takes the line away; the same line by numbers, then by the map's own keys.
    page.keyboard.press("Escape")
    box = page.get_by_label("输入坐标")
    for lon, lat in (place, other):
        box.fill(f"{lon}, {lat}")
        box.press("Enter")
    typed = float(length.inner_text().split()[0].replace(",", ""))
    assert typed == pytest.approx(known, rel=1e-3)
    page.locator(".maplibregl-canvas").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="已画的点").locator("li")).to_have_count(3)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert "tool" not in asked(page)


def test_what_an_outline_holds_is_what_the_server_says_and_goes_into_files(
    opened: Callable[..., Page],
    platform: Platform,
    place: tuple[float, float],
    case: dict[str, Any],
) -> None:
    page = opened(at(place, 15) + "&on=areas,components,cases&part=all&tool=select")
    west, south = place[0] - 0.004, place[1] - 0.003
    corners = [(west, south), (west + 0.006, south), (west + 0.003, south + 0.007)]
    for lon, lat in corners[:2]:
        click(page, lon, lat)
    click(page, *corners[2], twice=True)
    inside = page.locator(".map-inside")
    expect(inside).to_be_visible()
    ring = [[float(n) for n in corner.split(",")] for corner in asked(page)["within"].split(";")]
    body = {"within": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
    counts = platform.api(WHO).post("/api/components/counts", json=body).json()
    assert counts["total"] > 0
    expect(inside.get_by_role("tab", name="部件")).to_contain_text(f"{counts['total']:,}")
    first = counts["rows"][0]
    expect(inside.locator(".chip").first).to_contain_text(f"{first['count']:,}")
    inside.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        inside.get_by_role("button", name="GeoJSON").click()
    features = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["features"]
    assert len(features) == counts["total"]
    inside.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        inside.get_by_role("button", name="XLSX").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert len(list(book["components"].iter_rows())) == counts["total"] + 1

    inside.get_by_role("tab", name="案件").click()
    cases = platform.api(WHO).get("/api/cases/total", params={"within": asked(page)["within"]})
    expect(inside.get_by_role("tab", name="案件")).to_contain_text(str(cases.json()["count"]))
    inside.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        inside.get_by_role("link", name="CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").strip().splitlines()
    assert len(lines) == cases.json()["count"] + 1

    # A whole area instead, from what lies at a place.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    click(page, *place)
    areas = platform.api(WHO).get("/api/places", params={"lon": place[0], "lat": place[1]})
    street = next(area for area in areas.json()["areas"] if area["level"] == "street")
    page.get_by_role("group", name="列出全部").get_by_text(street["name_zh"]).click()
    held = platform.api(WHO).post("/api/components/counts", json={"area": street["code"]}).json()
    assert held["total"] > counts["total"]
    expect(inside.get_by_role("tab", name="部件")).to_contain_text(f"{held['total']:,}")
    expect(page.locator(".map-selected")).to_contain_text(street["name_zh"])
    drawn(page, "selection_face")
    # All of it is on the map, which lay closer before.
    outline = platform.api(WHO).get(f"/api/areas/{street['code']}").json()["geometry"]
    west, south, east, north = shapely.from_geojson(json.dumps(outline)).bounds
    page.wait_for_function(
        f"(corners) => {{ const map = document.querySelector('{MAP}').cityMap;"
        " return !map.isMoving() && corners.every((at) => map.getBounds().contains(at)) }",
        arg=[[west, south], [east, north]],
    )
    cases = platform.api(WHO).get("/api/cases/total", params={"area": street["code"]})
    inside.get_by_role("tab", name="案件").click()
    expect(inside.get_by_role("tab", name="案件")).to_contain_text(str(cases.json()["count"]))
    assert "within" not in asked(page)


def test_notes_stay_in_this_browser_and_go_into_a_file(
    opened: Callable[..., Page], place: tuple[float, float]
) -> None:
    page = opened(at(place) + "&on=areas&tool=draw")
    click(page, *place)
    note = page.get_by_label("标注的文字")
    note.fill("集合点")
    page.reload()
    idle(page)
    expect(note).to_have_value("集合点")
    drawn(page, "notes", wanted="=== 1")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 GeoJSON").click()
    (feature,) = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["features"]
    assert feature["properties"]["text"] == "集合点"
    assert feature["geometry"]["coordinates"] == pytest.approx(place, abs=1e-4)


@pytest.fixture
def works(platform: Platform, case: dict[str, Any]) -> Iterator[str]:
    """A layer that a department made, with a day on each row: one of today, one long past."""
    manager = platform.api(MANAGER)
    today = case["reported_at"][:10]
    made = {"code": "page_works", "name_zh": "施工点", "shape": "point", "access": "signed_in",
            "fields": [{"name": "name", "kind": "string"}, {"name": "began", "kind": "date"}],
            "time_field": "began"}  # fmt: skip
    answer = manager.post("/api/layers", json=made)
    assert answer.status_code == 201, answer.text
    features = [
        {"type": "Feature", "properties": {"name": name, "began": day},
         "geometry": {"type": "Point", "coordinates": [case["lon"] + off, case["lat"]]}}
        for name, day, off in (("今天", today, 0.002), ("去年", "2020-01-01", -0.002))
    ]  # fmt: skip
    content = json.dumps({"type": "FeatureCollection", "features": features})
    assert filled(manager, "page_works", content)["rows"] == 2
    yield "page_works"
    manager.delete("/api/layers/page_works")


def test_time_moves_cases_and_layers_and_the_curtain_shows_another_time(
    opened: Callable[..., Page], case: dict[str, Any], works: str
) -> None:
    page = opened(at((case["lon"], case["lat"]), 14) + f"&on=areas,cases,{works}")
    drawn(page, "cases_open", "cases_over")
    drawn(page, works, wanted="=== 2")
    tool(page, "时间")
    expect(page.get_by_role("button", name="播放")).to_be_visible()
    expect(page.get_by_text("按时段显示")).to_be_visible()
    window = asked(page)
    seen(page, "> 0")  # reported today
    drawn(page, works, wanted="=== 1")
    with page.expect_request(re.compile(r"/tiles/cases/.*reported_until")) as tiles:
        page.get_by_role("button", name="后退一步").click()
    until = parse_qs(urlsplit(tiles.value.url).query)["reported_until"][0]
    assert until.startswith(window["until"]) or until < window["until"] + "T24"
    page.get_by_label("时段").select_option("1")
    page.get_by_role("slider", name="上报日期").fill("3")
    seen(page, "=== 0")
    page.wait_for_function(
        f"() => document.querySelector('{MAP}').cityMap.queryRenderedFeatures("
        f"{{layers: ['{works}']}}).length === 0"
    )

    page.goto(page.url.split("&from=")[0] + f"&from={window['from']}&until={window['until']}")
    seen(page, "> 0")
    tool(page, "对比")
    right = page.locator(".map-curtain [data-map=idle]")
    expect(right).to_be_visible()
    assert asked(page)["until2"] < window["from"]
    shown = "e => e.cityMap.queryRenderedFeatures({layers: ['cases_open', 'cases_over']}).length"
    drawn(page, "cases_open", "cases_over")
    assert right.evaluate(shown) == 0
    bar = page.get_by_role("slider", name="分隔条位置")
    bar.focus()
    page.keyboard.press("ArrowLeft")
    expect(bar).to_have_attribute("aria-valuenow", "48")
    clip = right.evaluate("e => getComputedStyle(e).clipPath")
    assert "48%" in clip, clip


def test_cells_are_called_by_what_is_there_asked_for_once(
    opened: Callable[..., Page], platform: Platform, case: dict[str, Any]
) -> None:
    page = opened(at((case["lon"], case["lat"]), 13) + "&on=areas")
    asked_of: list[str] = []
    page.on("request", lambda request: asked_of.append(request.url))
    tool(page, "密度")
    rows = page.locator(".map-rows tbody tr")
    first = rows.first.get_by_role("button")
    code = first.locator(".num").inner_text()
    expect(first).not_to_have_text(re.compile(rf"^\s*{code}\s*$"))
    density = platform.api(WHO).get("/api/density", params={"cells": "h3", "resolution": 8}).json()
    cell = next(each for each in density["items"] if each["cell"] == code)
    there = platform.api(WHO).get("/api/places", params={"lon": cell["lon"], "lat": cell["lat"]})
    nearest, areas = there.json()["nearest_address"], there.json()["areas"]
    name = nearest["full_text"] if nearest else areas[-1]["name_zh"]
    expect(first).to_contain_text(name.removeprefix(areas[0]["name_zh"]))
    assert len([url for url in asked_of if "/api/places" in url]) == 1
    # A hexagon of 36 km² has no address.
    page.get_by_label("格网").select_option("6")
    expect(first).to_contain_text(re.compile("区 · "))


def test_paper_tells_what_somebody_has_drawn_on_it(
    opened: Callable[..., Page], place: tuple[float, float]
) -> None:
    page = opened(at(place, 14) + "&on=areas&tool=draw")
    click(page, *place)
    expect(page.get_by_label("标注的文字")).to_have_count(1)
    tool(page, "打印")
    own = page.locator(".map-sheet-legend section", has_text="自绘标注")
    expect(own.locator("li")).to_have_text(["点"], timeout=30_000)
    # On another sheet it is not to be seen, and not told of.
    page.goto(f"/desk/map?{at((place[0] + 0.3, place[1]), 14)}&on=areas&tool=print")
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_enabled(timeout=30_000)
    expect(own).to_have_count(0)


def test_paper_has_title_scale_legend_north_date_and_name(
    opened: Callable[..., Page], place: tuple[float, float], tmp_path: Path
) -> None:
    page = opened(at(place, 14) + "&on=areas,cases&tool=print", theme="dark")
    page.get_by_label("标题").fill("汛期排查图")
    page.get_by_label("比例尺").select_option("25000")
    button = page.get_by_role("button", name="打印", exact=True)
    expect(button).to_be_enabled(timeout=30_000)
    page.emulate_media(media="print")
    expect(page.locator(".desk > header")).to_be_hidden()
    expect(page.locator(".map-print-form")).to_be_hidden()
    expect(page.locator(".map-sheet-map img")).to_be_visible()
    file = tmp_path / "map.pdf"
    page.pdf(path=file, prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", file.read_bytes())
    assert [(round(float(w)), round(float(h))) for w, h in boxes] == [(842, 595)], "A4, turned"
    if shutil.which("pdftotext"):
        told = subprocess.run(
            ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
        ).stdout
        for words in ("汛期排查图", "1 : 25,000", "千米", "已超时", "制图", "2026年", "N"):
            assert words in told, words
        assert "我的工作" not in told


def test_a_sheet_tells_the_scale_it_has_not_the_one_it_was_asked_for(
    opened: Callable[..., Page],
) -> None:
    page = opened("at=120.38000,36.07000,0&on=areas&tool=print")
    # The world is as high as the sheet at least, whatever was asked for.
    page.get_by_role("combobox", name="方向").select_option("tall")
    sheet = "document.querySelector('.map-sheet [data-map]')?.cityMap"
    page.wait_for_function(f"() => {sheet}?.getZoom() > 0.5")
    zoom, lat = page.evaluate(f"() => [{sheet}.getZoom(), {sheet}.getCenter().lat]")
    metre = 2 * math.pi * 6_378_137 * math.cos(math.radians(lat)) / 512 / 2**zoom
    ratio = round(metre * 96 / 0.0254, -6)
    expect(page.locator(".map-sheet-scale .num").first).to_have_text(f"1 : {ratio:,.0f}")


def test_a_map_speaks_one_language_and_is_one_landmark(
    opened: Callable[..., Page], place: tuple[float, float]
) -> None:
    page = opened(at(place, 17) + "&on=areas,components&tool=compare")
    page.wait_for_selector(".map-curtain [data-map=idle]")
    named = (
        "() => [...document.querySelectorAll('.map-room [role=region], .map-room section,"
        " .map-room button, .map-room summary')]"
        ".map((each) => each.getAttribute('aria-label') || each.title)"
    )
    chinese = page.evaluate(named)
    assert len([name for name in chinese if "地图" in name or "右" in name]) == 2, chinese
    assert len(set(chinese)) >= 4
    assert [name for name in chinese if re.search("[A-Za-z]", name)] == []
    expect(page.locator(".maplibregl-ctrl-scale").first).to_contain_text("米")
    where = "() => document.querySelector('.map-room > [data-map]').cityMap.getCenter().toArray()"
    before = page.evaluate(where)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Zoom in").first).to_be_visible()
    idle(page)
    assert [name for name in page.evaluate(named) if re.search("[\u4e00-\u9fff]", name)] == []
    assert page.evaluate(where) == pytest.approx(before)

    # What lines and faces mean is told from where they are drawn.
    outline = page.get_by_text("Outline of a component")
    expect(outline).to_be_visible()
    page.evaluate("() => document.querySelector('.map-room > [data-map]').cityMap.setZoom(15)")
    expect(outline).to_have_count(0)


def test_an_outline_that_crosses_itself_is_not_selected(
    opened: Callable[..., Page], place: tuple[float, float]
) -> None:
    page = opened(at(place, 16) + "&on=areas&tool=select")
    west, south = place[0] - 0.002, place[1] - 0.001
    east, north = west + 0.002, south + 0.0015
    for lon, lat in ((west, south), (east, north), (east, south)):
        click(page, lon, lat)
    click(page, west, north, twice=True)
    told = page.get_by_role("alert").filter(has_text="边线自相交")
    expect(told).to_be_visible()
    assert "within" not in asked(page)
    # One corner taken back, the rest is an outline.
    page.keyboard.press("Backspace")
    expect(told).to_have_count(0)
    page.get_by_role("button", name="完成").click()
    expect(page.locator(".map-inside")).to_be_visible()
    assert len(asked(page)["within"].split(";")) == 3


def test_a_link_opens_the_same_map_and_search_flies_there(
    opened: Callable[..., Page], platform: Platform, place: tuple[float, float]
) -> None:
    page = opened("on=areas")
    box = page.get_by_role("combobox", name="在图上查找")
    box.fill(f"{place[0]:.5f}, {place[1]:.5f}")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Enter")
    page.wait_for_url(re.compile(r"point="))
    page.wait_for_function(f"() => document.querySelector('{MAP}').cityMap.getZoom() > 16")
    expect(page.locator(".map-ground")).to_contain_text("单元网格")
    page.wait_for_url(re.compile(r"at="))
    looks = "e => { const {lng, lat} = e.cityMap.getCenter(); return [lng, lat] }"
    page.wait_for_function(f"() => !document.querySelector('{MAP}').cityMap.isMoving()")
    page.wait_for_timeout(200)
    again = opened(urlsplit(page.url).query)
    assert again.locator(MAP).evaluate(looks) == pytest.approx(
        page.locator(MAP).evaluate(looks), abs=1e-4
    )
    drawn(page, "marks", wanted="=== 1")
    drawn(again, "marks", wanted="=== 1")
    expect(again.locator(".map-ground")).to_contain_text("单元网格")


@pytest.fixture
def streets(platform: Platform, place: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """A layer of roads: one street from the place to the east and then north, where it ends."""
    lon, lat = place
    ends = (lon + 0.002, lat + 0.002)
    line = {"type": "LineString", "coordinates": [[lon, lat], [ends[0], lat], [*ends]]}
    street = {"type": "Feature", "properties": {"name": "x"}, "geometry": line}
    rows = {"type": "FeatureCollection", "features": [street]}
    keeper = platform.api("data_manager_370200_1")
    layer = {"code": "streets", "name_zh": "道路", "shape": "line", "roads": True}
    assert keeper.post("/api/layers", json=layer).status_code == 201
    assert filled(keeper, "streets", json.dumps(rows))["rows"] == 1
    yield ends
    assert keeper.delete("/api/layers/streets").status_code == 204


def test_the_nearest_are_told_straight_and_by_road(
    opened: Callable[..., Page], platform: Platform, place: tuple[float, float],
    streets: tuple[float, float],
) -> None:  # fmt: skip
    client = platform.api(WHO)
    kind = client.get("/api/nearest", params={"lon": place[0], "lat": place[1], "k": 1}).json()
    code = kind["items"][0]["class_code"]
    where = f"{streets[0]:.6f},{streets[1]:.6f}"
    page = opened(f"{at(streets)}&on=areas&tool=nearest&kind={code}&point={where}")
    expect(page.locator(".map-near li").first).to_be_visible()
    drawn(page, "marks")
    drawn(page, "marks_line", wanted="=== 0")
    page.get_by_role("combobox", name="距离").select_option("沿道路")
    expect(page).to_have_url(re.compile(r"by=road(&|$)"))
    drawn(page, "marks_line")
    asks = {"lon": streets[0], "lat": streets[1], "class": code, "by": "road"}
    first = client.get("/api/nearest", params=asks).json()["items"][0]
    item = page.locator(".map-near li").first
    expect(item.get_by_role("link", name=first["code"])).to_be_visible()
    expect(item.locator(".map-metres")).to_contain_text(str(int(first["metres"])))


@pytest.mark.parametrize(("theme", "language"), [("light", "zh"), ("dark", "en")])
def test_nothing_stands_in_anybody_s_way(
    opened: Callable[..., Page],
    place: tuple[float, float],
    faults: Faults,
    theme: str,
    language: str,
) -> None:
    page = opened(at(place, 16) + "&on=areas,components,cases", theme=theme, language=language)
    click(page, *place)
    expect(page.locator(".map-card").first).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("4")
    page.keyboard.press("Escape")
    tool(page, {"zh": "密度", "en": "Density"}[language])
    tool(page, {"zh": "时间", "en": "Time"}[language])
    expect(page.locator(".map-time")).to_be_visible()
    expect(page.locator(".map-panel table")).to_be_visible()
    assert faults(page) == []
    if language == "en":
        chrome = " ".join(page.locator(".map-rail, .map-panel h2, .map-time").all_inner_texts())
        assert not re.search(r"[\u4e00-\u9fff]", chrome), chrome


def test_without_webgl_the_lists_still_work(browse: Browse, place: tuple[float, float]) -> None:
    page = browse("/desk/cases", WHO)
    page.add_init_script(
        "HTMLCanvasElement.prototype.getContext = new Proxy("
        "HTMLCanvasElement.prototype.getContext, {apply: (f, self, args) =>"
        " args[0] === 'webgl2' ? null : Reflect.apply(f, self, args)})"
    )
    page.goto("/desk/map?tool=select")
    expect(page.get_by_text("不能显示地图")).to_be_visible()
    page.get_by_role("button", name="矩形").click()
    box = page.get_by_label("输入坐标")
    for off in (-0.003, 0.003):
        box.fill(f"{place[0] + off}, {place[1] + off}")
        box.press("Enter")
    expect(page.locator(".map-inside .map-rows tbody tr").first).to_be_visible()
