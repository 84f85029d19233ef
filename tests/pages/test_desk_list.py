"""The desk's work page and list in a browser: filters, live rows, map, views, keys, bulk steps."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.conftest import Browse, map_idle
from tests.pages.platform import Platform, driven

ROWS = ".case-rows tbody tr"


def row(page: Page, case_id: int) -> Locator:
    return page.locator(f'.case-rows tr[data-id="{case_id}"]')


def chip(page: Page, state: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{state} "))


@pytest.fixture(autouse=True)
def own_settings(platform: Platform) -> None:
    """What a test keeps for a person does not meet the next test. The map is drawn by the
    processor here: it is open only where a test is about it."""
    for who in ("shift_leader", "dispatcher", "acceptor", "evaluator"):
        for name in ("desk.views", "desk.columns"):
            platform.api(who).delete(f"/api/me/preferences/{name}")
        show_map(platform, who, shown=False)


def show_map(platform: Platform, who: str, *, shown: bool = True) -> None:
    content = {"shown": shown, "share": 0.6}
    answer = platform.api(who).put("/api/me/preferences/desk.map", json=content)
    assert answer.is_success, answer.text


def test_a_filter_leaves_its_rows_and_is_the_address(platform: Platform, browse: Browse) -> None:
    told = driven(platform, "reported")
    filed = driven(platform, "pending_dispatch")
    page = browse("/desk/cases", "shift_leader")
    expect(row(page, told["id"])).to_be_visible()
    expect(row(page, filed["id"])).to_be_visible()
    chip(page, "待派遣").click()
    expect(row(page, told["id"])).to_have_count(0)
    expect(row(page, filed["id"])).to_contain_text("待派遣")
    expect(page).to_have_url(re.compile(r"\?state=pending_dispatch$"))
    page.reload()
    expect(row(page, filed["id"])).to_be_visible()
    expect(row(page, told["id"])).to_have_count(0)
    expect(chip(page, "待派遣")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(row(page, told["id"])).to_be_visible()


def test_words_find_rows_and_clearing_brings_all_back(platform: Platform, browse: Browse) -> None:
    other = driven(platform, "reported")
    lamp = driven(platform, "reported", text="灯杆歪斜, 编号牌“甲七”朝下")
    page = browse("/desk/cases", "shift_leader")
    expect(row(page, other["id"])).to_be_visible()
    page.get_by_label("描述、地址、编号").fill("灯杆歪斜")
    expect(row(page, other["id"])).to_have_count(0)
    expect(row(page, lamp["id"])).to_be_visible()
    page.get_by_label("描述、地址、编号").fill("没有人写过这些字")
    expect(page.get_by_text("没有符合条件的案件")).to_be_visible()
    page.get_by_role("button", name="清除条件").click()
    expect(row(page, other["id"])).to_be_visible()
    expect(page.get_by_label("描述、地址、编号")).to_have_value("")


def test_the_same_list_in_english(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "pending_dispatch")
    page = browse("/desk/cases", "shift_leader", language="en")
    expect(row(page, case["id"])).to_contain_text("To dispatch")
    headings = page.locator(".case-rows th").all_inner_texts()
    assert {"Number", "Matter", "State", "Reported"} <= set(headings)
    chrome = " ".join(
        page.locator(".filters, .strip, .list-tools, .case-rows thead, .pager").all_inner_texts()
    )
    assert not re.search(r"[\u4e00-\u9fff]", chrome), chrome


def test_new_work_appears_and_finished_work_goes_without_reload(
    platform: Platform, browse: Browse
) -> None:
    page = browse("/desk", "acceptor")
    page.wait_for_selector(".lamp.open")
    receipt = platform.report("公交站台玻璃碎裂, 有人受伤")
    case = platform.case_of(receipt["number"])
    expect(row(page, case["id"])).to_contain_text("待受理")
    platform.step("acceptor", case["id"], "void", opinion="误报")
    expect(row(page, case["id"])).to_have_count(0)


def test_work_is_sorted_by_the_clock_and_the_late_is_counted(
    platform: Platform, browse: Browse
) -> None:
    driven(platform, "pending_dispatch")
    driven(platform, "pending_dispatch")
    page = browse("/desk", "dispatcher")
    page.wait_for_selector(ROWS)
    shown = [int(each.get_attribute("data-id") or 0) for each in page.locator(ROWS).all()]
    answer = platform.api("dispatcher").get(
        "/api/cases", params={"waiting": "true", "order": "due", "limit": 50}
    )
    assert shown == [each["id"] for each in answer.json()["items"]]
    work = platform.api("dispatcher").get("/api/work").json()
    counter = page.get_by_role("link", name=re.compile("待我办理"))
    expect(counter).to_contain_text(str(work["waiting"]))
    page.get_by_role("link", name=re.compile("已超时")).click()
    if work["overdue"] == 0:
        expect(page.get_by_text("没有超时的待办案件")).to_be_visible()


def test_a_list_changes_in_place_and_says_what_is_new(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "reported")
    page = browse("/desk/cases?state=reported", "shift_leader")
    expect(row(page, case["id"])).to_contain_text("待受理")
    page.wait_for_selector(".lamp.open")
    matter = platform.api("shift_leader").get("/api/editions").json()
    edition = next(each["code"] for each in matter if each["is_default"])
    matters = platform.api("acceptor").get(f"/api/editions/{edition}/matters").json()
    platform.step("acceptor", case["id"], "accept", matter_id=matters[0]["id"])
    expect(row(page, case["id"])).to_contain_text("待立案")
    expect(row(page, case["id"])).to_have_class(re.compile("left"))
    receipt = platform.report("新的一件: 井盖异响")
    fresh = platform.case_of(receipt["number"])
    bar = page.get_by_role("button", name=re.compile("件新进入列表"))
    expect(bar).to_be_visible()
    expect(row(page, fresh["id"])).to_have_count(0)
    bar.click()
    expect(row(page, fresh["id"])).to_be_visible()
    expect(row(page, case["id"])).to_have_count(0)
    expect(bar).to_have_count(0)


def test_list_and_map_are_one(platform: Platform, browse: Browse) -> None:
    show_map(platform, "shift_leader")
    west, south = platform.place()
    lon, lat = west + 0.004, south
    receipt = platform.report("地图上的一件", lon=lon, lat=lat)
    case = platform.case_of(receipt["number"])
    box = f"{lon - 0.002:.5f},{lat - 0.002:.5f},{lon + 0.002:.5f},{lat + 0.002:.5f}"
    page = browse(f"/desk/cases?bbox={box}", "shift_leader")
    map_idle(page)
    expect(page.get_by_label("列表只显示图中范围")).to_be_checked()
    expect(row(page, case["id"])).to_be_visible()
    place = page.locator(".list-map .map").bounding_box()
    assert place
    middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.move(middle[0] + 40, middle[1] + 40)
    page.mouse.move(*middle)
    expect(row(page, case["id"])).to_have_class(re.compile("on-map"))
    page.mouse.click(*middle)
    expect(page).to_have_url(re.compile(rf"case={case['id']}"))
    expect(row(page, case["id"])).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("dialog")).to_contain_text("地图上的一件")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("case="))
    # Moving the map moves the list.
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 400, middle[1] - 250, steps=8)
    page.mouse.move(middle[0] - 480, middle[1] - 300, steps=8)
    page.mouse.up()
    expect(page).not_to_have_url(re.compile(re.escape(box)))
    page.get_by_label("列表只显示图中范围").uncheck()
    expect(page).not_to_have_url(re.compile("bbox="))
    expect(row(page, case["id"])).to_be_visible()


def test_a_filter_is_kept_by_name_and_can_be_the_first(platform: Platform, browse: Browse) -> None:
    driven(platform, "pending_dispatch")
    page = browse("/desk/cases?state=pending_dispatch&order=due", "dispatcher")
    page.get_by_role("button", name="我的视图").click()
    page.get_by_label("视图名称").fill("等我派遣")
    page.get_by_role("button", name="保存当前条件").click()
    expect(page.get_by_role("button", name="视图：等我派遣")).to_be_visible()
    with page.expect_response(re.compile(r"/preferences/desk\.views")):
        page.get_by_role("button", name="打开列表时默认使用 等我派遣").click()
    page.goto("/desk/cases")
    expect(page).to_have_url(re.compile("state=pending_dispatch"))
    expect(page.get_by_role("button", name="视图：等我派遣")).to_be_visible()
    page.get_by_role("button", name="视图：等我派遣").click()
    page.get_by_role("button", name="全部在办案件").click()
    expect(page).not_to_have_url(re.compile("state="))
    page.get_by_role("button", name="我的视图").click()
    with page.expect_response(re.compile(r"/preferences/desk\.views")):
        page.get_by_role("button", name="删除 等我派遣").click()
    kept = platform.api("dispatcher").get("/api/me/preferences").json()
    assert kept["desk.views"] == {"list": []}


def test_columns_are_chosen_and_stay(platform: Platform, browse: Browse) -> None:
    driven(platform, "reported")
    page = browse("/desk/cases", "shift_leader")
    page.wait_for_selector(ROWS)
    page.get_by_role("button", name="列", exact=True).click()
    with page.expect_response(re.compile(r"/preferences/desk\.columns")):
        page.get_by_label("社区", exact=True).click()
    expect(page.get_by_label("社区", exact=True)).to_be_checked()
    with page.expect_response(re.compile(r"/preferences/desk\.columns")):
        page.get_by_role("button", name="社区 前移").click()
    page.reload()
    page.wait_for_selector(ROWS)
    headings = page.locator(".case-rows th").all_inner_texts()
    assert headings[-2:] == ["社区", "上报时间"]


def test_a_list_is_worked_with_keys_alone(platform: Platform, browse: Browse) -> None:
    driven(platform, "reported")
    driven(platform, "reported")
    page = browse("/desk/cases", "shift_leader")
    page.wait_for_selector(ROWS)
    ids = [each.get_attribute("data-id") for each in page.locator(ROWS).all()]
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f'{ROWS}[aria-current="true"]')).to_have_attribute("data-id", str(ids[1]))
    page.keyboard.press("x")
    expect(page.get_by_text("已选 1 件")).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(f"case={ids[1]}"))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(f"case={ids[0]}"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("case="))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("jjx")
    expect(page.get_by_role("searchbox", name="查找案件")).to_have_value("jjx")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/desk/cases/{ids[0]}"))


def test_the_box_above_opens_a_number_and_lists_words(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "pending_dispatch", text="护栏倾倒占道")
    page = browse("/desk", "shift_leader")
    box = page.get_by_role("searchbox", name="查找案件")
    box.fill(case["number"])
    box.press("Enter")
    expect(page).to_have_url(re.compile(rf"/desk/cases/{case['id']}$"))
    box.fill("护栏倾倒")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"part=all"))
    expect(row(page, case["id"])).to_be_visible()


def test_several_are_dispatched_and_a_refusal_stops_no_other(
    platform: Platform, browse: Browse
) -> None:
    first, second = driven(platform, "pending_dispatch"), driven(platform, "pending_dispatch")
    page = browse("/desk/cases?state=pending_dispatch", "dispatcher")
    for case in (first, second):
        row(page, case["id"]).get_by_role("checkbox").check()
    page.get_by_role("button", name="批量派遣").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("意见").fill("请尽快到场")
    page.reload()
    for case in (first, second):
        row(page, case["id"]).get_by_role("checkbox").check()
    page.get_by_role("button", name="批量派遣").click()
    expect(dialog.get_by_label("意见")).to_have_value("请尽快到场")
    # Somebody else is faster with one of them: its version is no longer the one on the page.
    platform.step("shift_leader", first["id"], "annotate", opinion="先看现场")
    page.route("**/api/cases?*ids=*", lambda route: route.abort())
    dialog.get_by_role("button", name="派遣 2 件").click()
    expect(dialog.get_by_text(re.compile("已办理 1 件，未成功 1 件"))).to_be_visible()
    expect(dialog.get_by_label("意见")).to_have_value("请尽快到场")
    assert platform.case(second["id"], "leader")["state"] == "pending_handle"
    assert platform.case(first["id"], "leader")["state"] == "pending_dispatch"
    assert platform.case(second["id"], "leader")["records"][-1]["opinion"] == "请尽快到场"


def test_duplicates_are_merged_into_the_chosen_one(platform: Platform, browse: Browse) -> None:
    main, double = driven(platform, "reported"), driven(platform, "reported")
    page = browse("/desk/cases?state=reported", "acceptor")
    for case in (main, double):
        row(page, case["id"]).get_by_role("checkbox").check()
    page.get_by_role("button", name="并案", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(f"以 未立案 · 流水 {main['id']} 为主案件").check()
    dialog.get_by_role("button", name="并入 1 件").click()
    expect(dialog.get_by_text(re.compile("已办理 1 件"))).to_be_visible()
    merged = platform.case(double["id"], "leader")
    assert (merged["state"], merged["merged_into"]) == ("merged", main["id"])


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("dispatcher", {"批量派遣", "批量催办"}),
        ("acceptor", {"并案", "批量催办"}),
        ("evaluator", set()),
    ],
)
def test_a_post_is_offered_its_own_steps_only(
    platform: Platform, browse: Browse, who: str, offered: set[str]
) -> None:
    driven(platform, "pending_dispatch")
    page = browse("/desk/cases", who)
    page.locator(ROWS).first.get_by_role("checkbox").check()
    bar = page.get_by_role("toolbar", name="批量操作")
    found = set(bar.get_by_role("button").all_inner_texts())
    assert found - {"导出所选", "取消选中"} == offered


def test_the_export_has_the_filters_of_the_list(platform: Platform, browse: Browse) -> None:
    told, filed = driven(platform, "reported"), driven(platform, "pending_dispatch")
    page = browse("/desk/cases?state=pending_dispatch", "shift_leader")
    expect(row(page, filed["id"])).to_be_visible()
    page.get_by_role("button", name="导出", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV 文本").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))[1:]
    listed = platform.api("shift_leader").get(
        "/api/cases", params={"state": "pending_dispatch", "limit": 200}
    )
    assert len(rows) == len(listed.json()["items"])
    assert filed["number"] in text
    assert str(told["receipt"]["number"]) not in text


def test_whoever_is_nobody_signs_in_and_comes_back(platform: Platform, browse: Browse) -> None:
    page = browse("/desk/cases?state=reported")
    page.wait_for_url(re.compile("/accounts/login/"))
    page.fill("[name=login]", "shift_leader")
    page.fill("[name=password]", "chengyun-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/desk/cases\?state=reported"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/desk", "/desk/cases"])
def test_nothing_is_out_of_reach(
    platform: Platform,
    browse: Browse,
    faults: Callable[[Page], list[str]],
    picture: Callable[..., Any],
    path: str,
    theme: str,
) -> None:
    driven(platform, "pending_dispatch")
    show_map(platform, "dispatcher")
    page = browse(path, "dispatcher", theme=theme)
    page.wait_for_selector(ROWS)
    if path == "/desk/cases":
        map_idle(page)
    expect(page.get_by_role("navigation", name="翻页")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("banner")).to_be_in_viewport(ratio=1)
    assert faults(page) == []
    picture(page, f"desk-{'list' if 'cases' in path else 'work'}-{theme}")
