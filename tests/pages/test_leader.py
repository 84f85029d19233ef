"""The leader's phone: the day, what is late, what the city has, down to one case and its steps."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse, map_idle
from tests.pages.platform import Platform, driven
from tests.pages.test_basemap import Place, written_by_gdal
from tests.pages.test_field_basemap import basemap


@pytest.fixture(scope="module")
def case(platform: Platform) -> dict[str, Any]:
    return driven(platform, "handling", text="绿化带内护栏缺失, 夜间易跌落")


def figure(page: Page, name: str) -> Any:
    return page.locator(".figure", has=page.locator(".figure-name").get_by_text(name, exact=True))


def test_the_day_is_the_apis_and_follows_it(
    platform: Platform, case: dict[str, Any], browse: Browse
) -> None:
    page = browse("/m/leader", "leader", size="phone")
    now = platform.api("leader").get("/api/overview").json()
    expect(figure(page, "在办").locator("strong")).to_have_text(str(now["open"]["total"]))
    expect(figure(page, "今日受理").locator("strong")).to_have_text(str(now["today"]["received"]))
    expect(page.locator(".leader-verdict")).to_contain_text(f"受理 {now['today']['received']} 件")
    page.wait_for_selector("[data-chart=drawn]")
    expect(page.get_by_role("table", name="今日分时受理").locator("tbody tr")).to_have_count(24)

    lon, lat = platform.place()
    platform.report("公厕漏水", lon=lon, lat=lat)
    more = str(now["today"]["received"] + 1)
    expect(figure(page, "今日受理").locator("strong")).to_have_text(more, timeout=30_000)


def test_a_number_opens_its_cases_and_a_case_its_life(
    platform: Platform, case: dict[str, Any], browse: Browse, picture: Callable[..., Path]
) -> None:
    page = browse("/m/leader", "leader", size="phone")
    figure(page, "在办").click()
    total = platform.api("leader").get("/api/cases/total", params={"open": "true"}).json()
    expect(page.get_by_text(f"共 {total['count']} 件")).to_be_visible()
    row = page.locator(f".leader-cases a[href$='/{case['id']}']")
    expect(row).to_contain_text(case["description"])
    row.click()
    page.wait_for_url(f"**/m/leader/cases/{case['id']}")
    expect(page.get_by_text(case["number"])).to_be_visible()
    for step in ("上报", "受理", "立案", "派遣", "签收"):
        expect(
            page.locator(".leader-timeline strong").get_by_text(step, exact=True)
        ).to_be_visible()
    map_idle(page, ".leader-map")
    picture(page, "leader-case-zh", full=True)
    page.go_back()
    expect(page.get_by_role("heading", name="在办")).to_be_visible()


def test_supervision_keeps_its_words_over_a_reload_and_over_somebody_faster(
    platform: Platform, browse: Browse
) -> None:
    case = driven(platform, "handling", text="路面塌陷, 已有车辆受损")
    page = browse(f"/m/leader/cases/{case['id']}", "leader", size="phone")
    page.get_by_role("button", name="督办", exact=True).click()
    words = "三日内处置完毕并书面报告"
    page.get_by_label("意见（必填）").fill(words)
    page.reload()
    page.get_by_role("button", name="督办", exact=True).click()
    expect(page.get_by_label("意见（必填）")).to_have_value(words)

    # The page must not hear of the other's step before it sends: it holds the older version.
    page.route("**/api/cases/*", lambda route: route.abort())
    platform.step("dispatcher", case["id"], "urge", opinion="请加快")
    page.get_by_role("button", name="督办", exact=True).last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("意见（必填）")).to_have_value(words)
    page.unroute("**/api/cases/*")

    page.reload()
    page.get_by_role("button", name="督办", exact=True).click()
    page.get_by_role("button", name="督办", exact=True).last.click()
    expect(page.get_by_text("已督办。")).to_be_visible()
    after = platform.case(case["id"], "leader")
    assert after["supervision_count"] == 1
    assert after["supervisions"][0]["requirement"] == words
    page.get_by_role("button", name="督办", exact=True).click()
    expect(page.get_by_label("意见（必填）")).to_have_value("")


def test_a_handler_is_offered_no_step_of_a_leader(
    platform: Platform, case: dict[str, Any], browse: Browse
) -> None:
    page = browse(f"/m/leader/cases/{case['id']}", "department", size="phone")
    expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
    expect(page.get_by_role("button", name="督办", exact=True)).to_have_count(0)
    refused = platform.api("department").post(
        f"/api/cases/{case['id']}/supervise", json={"opinion": "x", "level": 1}
    )
    assert refused.status_code in (403, 404, 409)


def test_without_a_network_the_last_numbers_stay_with_their_time(
    case: dict[str, Any], browse: Browse
) -> None:
    page = browse("/m/leader", "leader", size="phone")
    shown = figure(page, "在办").locator("strong").inner_text()
    page.route("**/api/**", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text(re.compile(r"网络不通，以下为 .+ 的数据"))).to_be_visible()
    expect(figure(page, "在办").locator("strong")).to_have_text(shown)
    kept = page.evaluate("() => JSON.stringify({...localStorage})")
    assert case["description"] not in kept, "a case's words stayed in the browser"


def test_the_inventory_opens_down_to_one_component(platform: Platform, browse: Browse) -> None:
    page = browse("/m/leader/city", "leader", size="phone")
    known = platform.api("leader").get("/api/inventory").json()
    expect(page.locator(".figure").first).to_contain_text(f"{known['total']:,}")
    page.locator(".bars a").first.click()
    expect(page.locator(".leader-narrowed")).to_contain_text(known["rows"][0]["name_zh"])
    page.locator(".bars a").first.click()
    page.get_by_role("link", name="查看部件清单").click()
    page.locator(".leader-rows a").first.click()
    page.wait_for_url(re.compile(r"/m/leader/components/.+"))
    for part in ("养护单位", "照片", "相关案件"):
        expect(page.get_by_text(part, exact=True)).to_be_visible()
    map_idle(page, ".leader-map")


def test_a_number_of_an_area_and_a_state_lists_its_own_objects(
    platform: Platform, browse: Browse
) -> None:
    district = platform.api("leader").get("/api/inventory?by=district").json()["rows"][0]
    query = f"area={district['key']}&state=damaged"
    counted = platform.api("leader").get(f"/api/inventory?by=class&{query}").json()["total"]
    page = browse(f"/m/leader/city?by=class&{query}", "leader", size="phone")
    expect(page.locator(".leader-narrowed")).to_contain_text(district["name_zh"])
    page.get_by_role("link", name="查看部件清单").click()
    rows = page.locator(".leader-rows li")
    expect(rows.first).to_be_visible()
    while page.get_by_role("button", name="更多").count():
        before = rows.count()
        page.get_by_role("button", name="更多").click()
        expect(rows.nth(before)).to_be_visible()
    expect(rows).to_have_count(counted)
    expect(page.locator(".leader-rows .phase-over")).to_have_count(counted)


def test_words_find_an_object_and_an_area(platform: Platform, browse: Browse) -> None:
    row = platform.api("leader").get("/api/components?limit=1").json()["items"][0]
    page = browse("/m/leader/city", "leader", size="phone")
    page.get_by_role("searchbox").fill(row["code"])
    page.locator(f".leader-found a[href$='/{row['code']}']").click()
    expect(page.get_by_text(row["code"])).to_be_visible()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value(row["code"])
    page.get_by_role("searchbox").fill("没有这样的东西")
    expect(page.get_by_text("没有找到。")).to_be_visible()


def test_a_community_is_taken_along_read_without_a_network_and_let_go(
    platform: Platform, browse: Browse
) -> None:
    api = platform.api("leader")
    code = api.get("/api/components?limit=1").json()["items"][0]["code"]
    community = api.get(f"/api/components/{code}").json()["areas"][-1]["code"]
    counted = api.get(f"/api/inventory?area={community}").json()
    page = browse(f"/m/leader/city?area={community}", "leader", size="phone")
    page.get_by_role("button", name="带走本社区").click()
    page.wait_for_selector("[data-take=ready]", timeout=90_000)
    expect(page.locator(".leader-take")).to_contain_text(re.compile(r"占 [\d.]+ (k|M)B"))

    page.context.set_offline(True)
    page.goto(f"/m/leader/city?area={community}")
    expect(page.get_by_text(re.compile("网络不通，以下为 .+ 带走的数据"))).to_be_visible()
    expect(page.locator(".figure strong").first).to_have_text(str(counted["total"]))
    expect(page.locator(".bars a").first).to_contain_text(counted["rows"][0]["name_zh"])
    page.locator(".bars a").first.click()
    page.get_by_role("link", name="查看部件清单").click()
    expect(page.locator(".leader-rows li")).to_have_count(counted["rows"][0]["count"])
    page.goto(f"/m/leader/components/{code}")
    expect(page.get_by_text("照片与案件需联网查看。")).to_be_visible()
    map_idle(page, ".leader-map")
    page.goto(f"/m/leader/city?q={code}")
    expect(page.locator(f".leader-found a[href$='/{code}']")).to_be_visible()

    page.goto("/m/leader/offline")
    page.get_by_role("button", name="更新或移除").click()
    page.get_by_role("button", name="移除", exact=True).click()
    expect(page.get_by_text(re.compile("^还没有带走的社区"))).to_be_visible()
    page.context.set_offline(False)
    left = page.evaluate(
        "async () => ({workers: (await navigator.serviceWorker.getRegistrations()).length,"
        " caches: (await caches.keys()).filter(name => name.startsWith('leader'))})"
    )
    assert left == {"workers": 0, "caches": []}


BASE = "[data-basemap]"
URLS = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith('leader-basemap'))
  const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
  return kept.flat().map((one) => new URL(one.url).pathname)
}"""


def community_of_a_component(platform: Platform) -> tuple[str, str, Place]:
    """Its code, a component in it, and where that stands."""
    api = platform.api("leader")
    row = api.get("/api/components?limit=1").json()["items"][0]
    detail = api.get(f"/api/components/{row['code']}").json()
    return detail["areas"][-1]["code"], row["code"], (detail["lon"], detail["lat"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_community_keeps_its_part_of_the_basemap(
    platform: Platform,
    browse: Browse,
    beside: Callable[..., Platform],
    tmp_path: Path,
    picture: Callable[..., Path],
    language: str,
) -> None:
    community, code, place = community_of_a_component(platform)
    written_by_gdal(tmp_path / "town.pmtiles", place)
    other = beside(**basemap(tmp_path / "town.pmtiles"))
    page = browse(
        f"/m/leader/city?area={community}", "leader", size="phone", on=other, language=language
    )
    take = {"zh": "带走本社区", "en": "Take this community along"}[language]
    page.get_by_role("button", name=take).click()
    page.wait_for_selector("[data-take=ready]", timeout=90_000)
    expect(page.locator(BASE)).to_contain_text({"zh": "其中底图", "en": "basemap"}[language])
    picture(page, f"leader-taken-{language}", full=True)
    kept = page.evaluate(URLS)
    assert "/api/basemap" in kept
    assert any(url.startswith("/basemap/13/") for url in kept)

    page.context.set_offline(True)
    page.goto(f"/m/leader/components/{code}")
    map_idle(page, ".leader-map")
    page.wait_for_function(
        "() => { const map = document.querySelector('.leader-map').cityMap;"
        " return map.getLayer('base_0_town_major')"
        " && map.queryRenderedFeatures({layers: ['base_0_town_major']}).length > 0 }"
    )
    picture(page, f"leader-component-basemap-offline-{language}")
    page.goto("/m/leader/offline")
    page.locator(".leader-list .button").click()
    remove = {"zh": "移除", "en": "Remove"}[language]
    page.locator(".leader-steps").get_by_role("button", name=remove).click()
    expect(page.locator(".leader-list article")).to_have_count(0)
    page.context.set_offline(False)
    assert page.evaluate(URLS) == []


def test_where_there_is_no_room_for_the_basemap_the_rest_is_taken_and_it_says_so(
    platform: Platform, browse: Browse, beside: Callable[..., Platform], tmp_path: Path
) -> None:
    community, _, place = community_of_a_component(platform)
    written_by_gdal(tmp_path / "town.pmtiles", place)
    page = browse(
        f"/m/leader/city?area={community}",
        "leader",
        size="phone",
        on=beside(**basemap(tmp_path / "town.pmtiles")),
    )
    # What a browser says whose room is used up, when it comes to the basemap.
    page.evaluate(
        "() => { const put = Cache.prototype.put;"
        " Cache.prototype.put = function (key, answer) {"
        "   return String(key).startsWith('/basemap/')"
        "     ? Promise.reject(new DOMException('full', 'QuotaExceededError'))"
        "     : put.call(this, key, answer) } }"
    )
    page.get_by_role("button", name="带走本社区").click()
    page.wait_for_selector("[data-take=ready]", timeout=90_000)
    expect(page.get_by_text("本机存储空间不足，底图未存")).to_be_visible()
    assert page.evaluate(URLS) == []


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
@pytest.mark.parametrize(
    "place",
    ["", "/late", "/city", "/cases?open=true", "/cases?waiting=true", "/city?q=井盖", "/offline"],
)
def test_every_page_can_be_read_by_everybody(
    case: dict[str, Any],
    browse: Browse,
    picture: Callable[..., Path],
    faults: Callable[[Page], list[str]],
    place: str,
    language: str,
    theme: str,
) -> None:
    page = browse(f"/m/leader{place}", "leader", size="phone", language=language, theme=theme)
    expect(page.get_by_text(re.compile("^(读取中…|Loading…)$"))).to_have_count(0)
    expect(page.locator("main > *").first).to_be_visible()
    assert faults(page) == []
    name = re.sub(r"\W+", "-", place or "/today").strip("-")
    picture(page, f"leader-{name}-{language}", full=True)
    page.set_viewport_size({"width": 320, "height": 640})
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")


def test_nobody_signed_in_is_asked_to_and_comes_back(browse: Browse) -> None:
    page = browse("/m/leader/late", size="phone")
    page.wait_for_url(re.compile(r"/accounts/login/\?next=%2Fm%2Fleader%2Flate"))
