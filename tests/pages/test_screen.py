"""The command screen: the API's numbers, live, at every size, and it does not grow."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.screen_soak import COUNT, MOST, Held, Source, growth, soak
from tests.pages.conftest import Browse, map_idle
from tests.pages.platform import Platform, driven

SMALL = {"width": 1366, "height": 768}


def overview(platform: Platform) -> dict[str, Any]:
    return dict(platform.api("leader").get("/api/overview").json())


def figure(page: Page, name: str) -> int:
    return int(_figure(page, name).inner_text().replace(",", ""))


def _figure(page: Page, name: str) -> Locator:
    """The number under this name; the same word may stand in another number's note."""
    return page.locator(f'.kpi:has(> span:text-is("{name}")) strong')


@pytest.fixture(scope="module")
def case(platform: Platform) -> dict[str, Any]:
    """A case in hand, so that the wall has something to show."""
    return driven(platform, "handling", text="人行道地砖破损, 老人绊倒")


def test_the_wall_shows_the_numbers_of_the_city_and_follows_them(
    platform: Platform, case: dict[str, Any], browse: Browse, picture: Callable[..., Path]
) -> None:
    page = browse("/screen?rotate=0", "leader", size="screen")
    map_idle(page, ".map")
    expect(page.locator(".kpi")).to_have_count(4)
    expect(page.get_by_text(re.compile(r"数据正常 3 / 3"))).to_be_visible()
    # A case that came a moment ago is in the next overview.
    total = f"{overview(platform)['open']['total']:,}"
    own = _figure(page, "在办")
    expect(own).to_have_text(total, timeout=60_000)
    before = figure(page, "今日受理")

    receipt = platform.report("下水道堵塞, 污水横流", **_somewhere(platform))
    number = platform.case_of(receipt["number"])
    # Before the next overview (30 s) the live event has counted it, and its row has come.
    page.wait_for_function(
        "before => Number(document.querySelector('.kpi strong').textContent) > before",
        arg=before,
        timeout=15_000,
    )
    first = page.locator(".events li").first
    expect(first).to_contain_text("待受理", timeout=15_000)
    expect(first).to_contain_text(number["address"] or number["area"]["name_zh"])
    picture(page, "screen-1080p-zh")


def test_a_district_is_looked_at_and_left_again_and_a_case_opens_and_closes(
    platform: Platform, case: dict[str, Any], browse: Browse
) -> None:
    page = browse("/screen?rotate=0", "leader", size="screen")
    map_idle(page, ".map")
    turning = page.get_by_role("button", name="开始轮播")
    expect(turning).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="暂停轮播")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")

    row = page.locator(".rate-rows button").first
    name = row.locator("span").inner_text()
    row.click()
    expect(page.locator(".focus")).to_contain_text(name)
    expect(page.locator(".focus")).to_contain_text("在办")
    page.get_by_role("button", name="全市").click()
    expect(page.locator(".focus")).not_to_contain_text("在办")

    page.locator(".events button", has_text="处置中").first.click()
    card = page.get_by_role("region", name="案件", exact=True)
    # The newest in hand: this one, or one of another test that shares the city.
    number = card.locator("p.num")
    expect(number).to_have_text(re.compile(r"^\d+ · "))
    found = platform.api("leader").get(
        "/api/cases", params={"number": number.inner_text().split(" · ")[0]}
    )
    (row,) = found.json()["items"]
    assert row["state"] == "handling"
    expect(card).to_contain_text(row["description"])
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["small", "screen", "wide"])
def test_every_wall_holds_its_panels(
    case: dict[str, Any],
    browse: Browse,
    picture: Callable[..., Path],
    faults: Callable[[Page], list[str]],
    size: str,
    language: str,
) -> None:
    page = browse(
        "/screen?rotate=0", "leader", size="screen" if size == "small" else size, language=language
    )
    if size == "small":
        page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    expect(page.locator(".kpi")).to_have_count(4)
    map_idle(page, ".map")
    expect(page.locator(".late, .inventory")).to_have_count(2 if size == "wide" else 0)
    outside = page.evaluate(
        "() => [...document.querySelectorAll('.panel, .kpis, .bar, header')].filter(box => {"
        " const r = box.getBoundingClientRect();"
        " return r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight"
        "}).map(box => box.className)"
    )
    assert outside == []
    over = page.evaluate(
        "() => { const boxes = [...document.querySelectorAll('.panel, .kpis')]"
        ".map(b => b.getBoundingClientRect());"
        " return boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1"
        " && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)) }"
    )
    assert not over, "panels lie on each other"
    assert faults(page) == []
    picture(page, f"screen-{size}-{language}")


def test_without_webgl_the_numbers_are_still_there(case: dict[str, Any], browse: Browse) -> None:
    page = browse("/screen?rotate=0", "leader", size="screen")
    page.context.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : real.call(this, kind, ...rest) }"
    )
    page.reload()
    expect(page.get_by_text("不支持 WebGL 2")).to_be_visible()
    expect(page.locator(".kpi")).to_have_count(4)


def test_a_wall_nobody_signed_in_at_asks_for_it_and_comes_back(browse: Browse) -> None:
    page = browse("/screen?rotate=0", size="screen")
    page.wait_for_url(re.compile(r"/accounts/login/\?next=%2Fscreen%3Frotate%3D0"))


def test_events_leave_nothing_behind(
    platform: Platform, case: dict[str, Any], browse: Browse
) -> None:
    """The short soak: the long one is `python -m bench.screen_soak`."""
    page = browse("/screen", "leader", size="screen")
    page.context.add_init_script(COUNT)
    page.goto("/screen")
    map_idle(page, ".map")
    expect(page.locator(".kpi")).to_have_count(4)
    source = Source(platform.database)
    try:
        found = soak(page, source, (300, 3_000), 150, _no_word)
    finally:
        source.close()
    assert growth(found, 300) <= MOST, found
    assert found[-1].nodes <= found[0].nodes * MOST, found
    assert page.locator(".events li").count() <= 12


def _no_word(held: Held) -> None:
    """The test reads the table at the end."""


def _somewhere(platform: Platform) -> dict[str, float]:
    lon, lat = platform.place()
    return {"lon": lon, "lat": lat}
