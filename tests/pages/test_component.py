"""The register on the desk: one object with its life, changing it, and the list of all."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse, map_idle
from tests.pages.platform import Platform

#: The data manager of the whole city; the demo accounts have none.
MANAGER = "data_manager_370200_1"
_TAKEN: set[str] = set()


@pytest.fixture
def component(platform: Platform) -> dict[str, Any]:
    """An intact component that no other test of this file changes."""
    rows = platform.api(MANAGER).get("/api/components", params={"state": "intact", "limit": 50})
    row = next(row for row in rows.json()["items"] if row["code"] not in _TAKEN)
    _TAKEN.add(row["code"])
    return detail(platform, row["code"])


def detail(platform: Platform, code: str) -> dict[str, Any]:
    answer = platform.api(MANAGER).get(f"/api/components/{code}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def open_form(page: Page) -> None:
    page.get_by_role("button", name="编辑", exact=True).click()
    expect(page.get_by_role("form", name="编辑")).to_be_visible()


def test_a_change_is_kept_over_a_reload_and_stands_in_the_life(
    platform: Platform, component: dict[str, Any], browse: Browse
) -> None:
    page = browse(f"/desk/components/{component['code']}", MANAGER)
    expect(page.get_by_role("heading", name=component["name"], level=1)).to_be_visible()
    expect(page.get_by_text("没有变更。")).to_be_visible()
    open_form(page)
    page.get_by_label("备注").fill("井盖松动，已围挡")
    page.reload()
    expect(page.get_by_label("备注")).to_have_value("井盖松动，已围挡")
    expect(page.get_by_text("已恢复上次未提交的修改。")).to_be_visible()
    page.get_by_role("button", name="保存", exact=True).click()

    life = page.locator(".component-life > li").first
    expect(life).to_contain_text("变更")
    differs = life.locator("dd", has_text="井盖松动，已围挡")
    expect(differs).to_have_text("无 → 改为井盖松动，已围挡")
    assert detail(platform, component["code"])["remark"] == "井盖松动，已围挡"
    open_form(page)
    expect(page.get_by_text("已恢复上次未提交的修改。")).to_have_count(0)


def test_what_is_more_than_a_point_is_drawn_with_its_outline(
    platform: Platform, component: dict[str, Any], browse: Browse, picture: Callable[..., Path]
) -> None:
    with psycopg.connect(platform.database) as link:
        link.execute(
            "UPDATE city_component SET outline = ST_Buffer(geom, 0.002) WHERE code = %s",
            [component["code"]],
        )
    page = browse(f"/desk/components/{component['code']}", MANAGER)
    page.wait_for_function(
        "() => { const map = document.querySelector('.component-map')?.cityMap;"
        " return map?.getLayer('rows_outline')"
        " && map.queryRenderedFeatures({layers: ['rows_outline']}).length > 0"
        " && map.queryRenderedFeatures({layers: ['rows']}).length === 1 }",
        timeout=60_000,
    )
    # All of it is in view.
    west, east = page.evaluate(
        "() => { const box = document.querySelector('.component-map').cityMap.getBounds();"
        " return [box.getWest(), box.getEast()] }"
    )
    assert west < component["lon"] - 0.002
    assert east > component["lon"] + 0.002
    picture(page, "desk-component-outline")


def test_somebody_faster_is_told_and_nothing_typed_is_lost(
    platform: Platform, component: dict[str, Any], browse: Browse
) -> None:
    code = component["code"]
    page = browse(f"/desk/components/{code}", MANAGER)
    open_form(page)
    page.get_by_label("备注").fill("我写的备注")
    faster = platform.api(MANAGER).patch(f"/api/components/{code}", json={"source": "他人所改"})
    assert faster.status_code == 200, faster.text
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text(re.compile("他人已修改：.*数据来源"))).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("已被修改")
    expect(page.get_by_label("备注")).to_have_value("我写的备注")
    expect(page.get_by_label("数据来源")).to_have_value("他人所改")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("form", name="编辑")).to_have_count(0)
    now = detail(platform, code)
    assert (now["remark"], now["source"]) == ("我写的备注", "他人所改")


def test_another_post_has_no_button_and_its_request_is_refused(
    platform: Platform, component: dict[str, Any], browse: Browse
) -> None:
    page = browse(f"/desk/components/{component['code']}", "leader")
    expect(page.get_by_role("heading", name="变更记录")).to_be_visible()
    for name in ("编辑", "变更状态", "移除", "添加照片"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_label("添加照片")).to_have_count(0)
    path = f"/api/components/{component['code']}"
    assert platform.api("leader").patch(path, json={"remark": "x"}).status_code == 403
    assert platform.api("leader").delete(path).status_code == 403
    assert detail(platform, component["code"])["remark"] == component["remark"]


def test_the_state_follows_its_rules_to_removed_and_back(
    platform: Platform, component: dict[str, Any], browse: Browse
) -> None:
    page = browse(f"/desk/components/{component['code']}", MANAGER)
    head = page.locator(".component-head")
    page.get_by_role("button", name="变更状态").click()
    page.get_by_role("button", name="丢失", exact=True).click()
    expect(head.locator(".phase")).to_have_text("丢失")
    page.get_by_role("button", name="移除", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="移除", exact=True).click()
    expect(head.locator(".phase")).to_have_text("移除")
    expect(page.get_by_role("button", name="编辑", exact=True)).to_have_count(0)
    assert detail(platform, component["code"])["state"] == "removed"
    page.get_by_role("button", name="恢复为完好").click()
    expect(head.locator(".phase")).to_have_text("完好")
    verbs = page.locator(".component-life strong")
    expect(verbs).to_have_text(["恢复", "移除", "变更"])


def test_a_photo_is_put_up_looked_at_and_taken_down(
    component: dict[str, Any], browse: Browse, tmp_path: Path
) -> None:
    shot = tmp_path / "cover.jpg"
    Image.new("RGB", (1600, 1200), (120, 140, 130)).save(shot)
    page = browse(f"/desk/components/{component['code']}", MANAGER)
    page.get_by_label("添加照片").set_input_files(shot)
    own = page.get_by_role("button", name=re.compile("^照片 1"))
    expect(own).to_be_visible()
    expect(page.locator(".component-life > li").first).to_contain_text("添加照片")
    own.click()
    expect(page.get_by_role("dialog", name="照片")).to_be_visible()
    page.get_by_role("button", name="撤下照片").click()
    page.get_by_role("dialog").get_by_role("button", name="撤下照片").click()
    expect(own).to_have_count(0)
    expect(page.locator(".component-life > li").first).to_contain_text("撤下照片")


def test_the_list_is_narrowed_turned_and_taken_away(
    platform: Platform, browse: Browse, tmp_path: Path
) -> None:
    page = browse("/desk/components", MANAGER)
    rows = page.locator(".component-rows tbody tr")
    expect(rows).to_have_count(50)
    first = rows.first.locator("a").inner_text()
    page.get_by_role("button", name="下一页").click()
    expect(rows.first.locator("a")).not_to_have_text(first)
    page.get_by_label("编码或名称的开头").fill(first[:-1])
    expect(page).to_have_url(re.compile(r"\?text=\d+$"))
    expect(rows.first.locator("a")).to_have_text(first)
    shown = rows.count()
    assert shown <= 10
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV 表格").click()
    download.value.save_as(tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == shown + 1
    rows.first.locator("a").click()
    page.wait_for_url(f"**/desk/components/{first}")
    map_idle(page, ".component-map")


def test_the_list_tells_how_long_it_is_and_where_one_stands(
    platform: Platform, browse: Browse
) -> None:
    api = platform.api(MANAGER)
    district = next(
        area["code"]
        for area in api.get("/api/areas", params={"level": "district"}).json()["items"]
        if api.get("/api/components/total", params={"area": area["code"]}).json()["count"] > 100
    )
    total = api.get("/api/components/total", params={"area": district}).json()
    page = browse(f"/desk/components?area={district}", MANAGER)
    pager = page.get_by_role("navigation", name="翻页")
    expect(pager).to_contain_text("第 1–50 个")
    if total["exact"]:
        expect(pager).to_contain_text(f"共 {total['count']:,} 个")
    pager.get_by_role("button", name="下一页").click()
    expect(pager).to_contain_text("第 51–100 个")
    page.reload()
    expect(pager).to_contain_text("第 51–100 个")
    pager.get_by_role("button", name="上一页").click()
    expect(pager).to_contain_text("第 1–50 个")
    # What is too long to be counted unasked is told as an estimate, counted for who wants it.
    page.route(
        re.compile(r"/components/total"),
        lambda route: route.fulfill(
            json={"count": 2_512_345, "exact": "exact=true" in route.request.url}
        ),
    )
    page.reload()
    expect(pager).to_contain_text("约 2,500,000 个（估计）")
    pager.get_by_role("button", name="精确计数").click()
    expect(pager).to_contain_text("共 2,512,345 个")
    expect(pager.get_by_role("button", name="精确计数")).to_have_count(0)


def test_a_component_names_the_standard_it_is_coded_by(
    platform: Platform, browse: Browse, component: dict[str, Any]
) -> None:
    editions = platform.api(MANAGER).get("/api/editions").json()
    edition = next(each for each in editions if each["code"] == component["edition"])
    page = browse(f"/desk/components/{component['code']}", MANAGER)
    expect(page.locator(".component-facts dd", has_text=edition["name_zh"])).to_be_visible()
    expect(page.locator(".component-facts").get_by_text(edition["code"])).to_have_count(0)


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_the_register_can_be_read_by_everybody(
    platform: Platform,
    browse: Browse,
    picture: Callable[..., Path],
    faults: Callable[[Page], list[str]],
    language: str,
    theme: str,
) -> None:
    page = browse("/desk/components", MANAGER, language=language, theme=theme)
    link = page.locator(".component-rows tbody a").first
    expect(link).to_be_visible()
    assert faults(page) == []
    picture(page, f"desk-components-{language}")
    link.click()
    edit = page.get_by_role("button", name={"zh": "编辑", "en": "Edit"}[language], exact=True)
    edit.click()
    map_idle(page, ".component-columns .component-map")
    assert faults(page) == []
    picture(page, f"desk-component-{language}")
