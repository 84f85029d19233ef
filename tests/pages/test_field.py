"""The pages of the street in a phone's browser: with a network, without one, and with a bad one."""

import io
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.pages.conftest import map_idle
from tests.pages.platform import Platform, driven
from tests.pages.street import decide, outbox, ready_for_today, records, take_photo, to_check


def test_a_day_without_a_network(
    phone: Callable[..., Page], platform: Platform, shot: Path, picture: Callable[..., Path]
) -> None:
    case_id = to_check(platform, text="断网核查: 路灯不亮")
    page = phone()
    expect(page.get_by_text("断网核查: 路灯不亮")).to_be_visible()
    ready_for_today(page)

    page.context.set_offline(True)
    page.goto("/m")
    page.get_by_text("断网核查: 路灯不亮").click()
    decide(page, "核查通过", "已亮灯, 现场无遗留")
    take_photo(page, "近景", shot)
    take_photo(page, "远景", shot)
    picture(page, "field-task-offline")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("当前无网络，1 条待发送。")).to_be_visible()
    expect(page.locator(".task", has_text="断网核查: 路灯不亮")).to_contain_text("待发送")
    page.get_by_role("link", name="待发箱").click()
    expect(outbox(page, "waiting")).to_have_count(1)
    picture(page, "field-outbox-offline")
    assert records(platform, case_id, "pass_check") == []

    # The map of the duty grid is there too, after a reload.
    page.goto("/m/map")
    map_idle(page)
    known = page.evaluate(
        "async () => (await (await caches.open('field-tiles')).keys()).map(r => r.url)"
    )
    assert any("/tiles/duty_grids/16/" in url for url in known)
    picture(page, "field-map-offline")

    page.goto("/m/outbox")
    page.context.set_offline(False)
    expect(outbox(page, "sent")).to_have_count(1)
    [record] = records(platform, case_id, "pass_check")
    assert record["opinion"] == "已亮灯, 现场无遗留"
    assert len(record["attachments"]) == 2
    assert platform.case(case_id, "leader")["state"] == "pending_close"
    page.get_by_role("link", name="任务").click()
    expect(page.locator(".task", has_text="断网核查: 路灯不亮")).to_have_count(0)


def test_the_map_without_a_network_shows_the_ground(
    phone: Callable[..., Page], platform: Platform
) -> None:
    """MapLibre's own worker reads the kept tiles: drawn shapes, not an empty ground."""
    to_check(platform)
    page = phone()
    ready_for_today(page)
    page.context.set_offline(True)
    page.goto("/m/map")
    map_idle(page)
    colours = len(
        Image.open(io.BytesIO(page.locator(".map").screenshot())).getcolors(1 << 24) or []
    )
    page.evaluate("() => caches.delete('field-tiles')")
    page.goto("/m/map")
    map_idle(page)
    bare = len(Image.open(io.BytesIO(page.locator(".map").screenshot())).getcolors(1 << 24) or [])
    assert colours > bare


def test_a_server_that_fails_once_gets_it_once(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="服务器出错一次")
    page = phone(f"/m/task/{case_id}")
    answers: list[int] = []

    def fail_once(route: Route) -> None:
        if not answers:
            answers.append(500)
            route.fulfill(status=500, content_type="application/problem+json", body="{}")
        else:
            answers.append(200)
            route.continue_()

    page.context.route("**/api/cases/*/pass-check", fail_once)
    uploads: list[str] = []
    page.on(
        "request",
        lambda sent: (
            uploads.append(sent.url)
            if sent.method == "POST" and sent.url.endswith("/api/attachments")
            else None
        ),
    )
    decide(page, "核查通过")
    take_photo(page, "近景", shot)
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    expect(outbox(page, "sent")).to_have_count(1)
    assert answers == [500, 200]
    assert len(uploads) == 1, "the photo had arrived and was not sent again"
    assert len(records(platform, case_id, "pass_check")) == 1


def test_a_lost_answer_does_nothing_twice(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    """The server did it, the phone never heard so."""
    case_id = to_check(platform, text="应答丢失")
    page = phone(f"/m/task/{case_id}")
    asked: list[str] = []

    def lose_the_first(route: Route) -> None:
        asked.append(route.request.headers["idempotency-key"])
        if len(asked) == 1:
            assert route.fetch().status == 200
            route.abort("connectionreset")
        else:
            route.continue_()

    page.context.route("**/api/cases/*/pass-check", lose_the_first)
    decide(page, "核查通过")
    take_photo(page, "参照物", shot)
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    expect(outbox(page, "sent")).to_have_count(1)
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert len(records(platform, case_id, "pass_check")) == 1


def test_a_conflict_is_explained_and_can_be_sent_on_the_new_state(
    phone: Callable[..., Page], platform: Platform, shot: Path, picture: Callable[..., Path]
) -> None:
    case_id = to_check(platform, text="冲突后重发")
    page = phone(f"/m/task/{case_id}")
    decide(page, "核查通过", "现场合格")
    take_photo(page, "近景", shot)
    platform.step("shift_leader", case_id, "annotate", opinion="请重点查看灯杆底座")
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    card = outbox(page, "conflict")
    expect(card).to_contain_text("案件已被他人更新")
    expect(card).not_to_contain_text("未保存")  # the phone has lost nothing
    expect(card).to_contain_text("请重点查看灯杆底座")
    picture(page, "field-conflict")
    card.get_by_role("button", name="按最新状态重新发送").click()
    expect(outbox(page, "sent")).to_have_count(1)
    [record] = records(platform, case_id, "pass_check")
    assert record["opinion"] == "现场合格"


def test_a_conflict_that_cannot_go_on_says_so_and_can_be_discarded(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="别人先办了")
    page = phone(f"/m/task/{case_id}")
    decide(page, "核查通过")
    take_photo(page, "近景", shot)
    platform.step("collector", case_id, "cannot_check", opinion="围挡封闭, 无法进入")
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    card = outbox(page, "conflict")
    expect(card).to_contain_text("待结案")
    expect(card).to_contain_text("围挡封闭, 无法进入")
    expect(card).to_contain_text("案件当前状态已不能执行此操作")
    expect(card.get_by_role("button", name="按最新状态重新发送")).to_have_count(0)
    card.get_by_role("button", name="删除").click()
    card.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    expect(page.get_by_text("没有待发送的内容。")).to_be_visible()
    assert records(platform, case_id, "pass_check") == []


def test_a_session_that_ended_keeps_what_waits(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="登录过期")
    page = phone(f"/m/task/{case_id}")
    decide(page, "核查通过")
    take_photo(page, "近景", shot)
    kept = page.context.cookies()
    page.context.clear_cookies(name="chengyun_session")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    page.goto("/m/outbox")
    expect(outbox(page, "sent")).to_have_count(1)
    assert len(records(platform, case_id, "pass_check")) == 1


def test_words_and_photos_survive_a_closed_page(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="草稿不丢")
    page = phone(f"/m/task/{case_id}")
    decide(page, "未修复，返工", "灯罩仍破损, 写到一半")
    take_photo(page, "远景", shot)
    again = page.context.new_page()
    page.close(run_before_unload=False)
    again.goto(f"/m/task/{case_id}")
    expect(again.get_by_label("情况说明")).to_have_value("灯罩仍破损, 写到一半")
    expect(again.get_by_alt_text("远景照片")).to_be_visible()
    again.get_by_role("button", name="提交").click()
    again.get_by_role("link", name="待发箱").click()
    expect(outbox(again, "sent")).to_have_count(1)
    [record] = records(platform, case_id, "rework")
    assert record["opinion"] == "灯罩仍破损, 写到一半"


def test_a_check_is_not_passed_without_a_photo(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="没有照片")
    page = phone(f"/m/task/{case_id}")
    decide(page, "核查通过")
    page.get_by_role("button", name="提交").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("请至少拍一张现场照片")
    expect(told).to_be_in_viewport()
    take_photo(page, "近景", shot)
    expect(told).to_have_count(0)
    assert records(platform, case_id, "pass_check") == []


def test_the_photo_says_when_where_and_who(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="水印")
    page = phone(f"/m/task/{case_id}")
    decide(page, "核查通过")
    take_photo(page, "近景", shot)
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    expect(outbox(page, "sent")).to_have_count(1)
    [record] = records(platform, case_id, "pass_check")
    content = platform.api("leader").get(f"/api/attachments/{record['attachments'][0]}").content
    image = Image.open(io.BytesIO(content)).convert("L")
    width, height = image.size
    middle = image.crop((0, height // 3, width, height // 2))
    bar = image.crop((0, height - 60, width, height))
    darkest, lightest = middle.getextrema()
    assert lightest - darkest < 12, "the picture itself is untouched"  # type: ignore[operator]
    darkest, lightest = bar.getextrema()
    assert darkest < 90, "a dark bar"  # type: ignore[operator]
    assert lightest > 200, "with light words"  # type: ignore[operator]


def test_a_collector_verifies(phone: Callable[..., Page], platform: Platform, shot: Path) -> None:
    case = driven(platform, "reported", text="现场核实")
    matter = platform.case(driven(platform, "pending_file")["id"])["matter"]["id"]
    collector = platform.api("collector").get("/api/me").json()["user"]["id"]
    form = {"matter_id": matter, "collector_id": collector}
    platform.step("acceptor", case["id"], "send_verify", **form)
    page = phone(f"/m/task/{case['id']}")
    decide(page, "问题属实")
    take_photo(page, "近景", shot)
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    expect(outbox(page, "sent")).to_have_count(1)
    [record] = records(platform, case["id"], "verify")
    assert record["data"]["result"] == "exists"


def test_a_handler_finishes_with_photos_of_before_and_after(
    phone: Callable[..., Page], platform: Platform, shot: Path, picture: Callable[..., Path]
) -> None:
    case_id = driven(platform, "handling", text="处置前后照片")["id"]
    handler = platform.api("handler").get("/api/me").json()["user"]["id"]
    platform.step("department", case_id, "assign", handler_id=handler)
    page = phone("/m", "handler")
    page.get_by_text("处置前后照片").click()
    decide(page, "处置完成", "更换灯头, 已亮")
    take_photo(page, "处置前", shot)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("请拍摄处置后的照片")
    take_photo(page, "处置后", shot)
    picture(page, "field-handle")
    page.get_by_role("button", name="提交").click()
    page.get_by_role("link", name="待发箱").click()
    expect(outbox(page, "sent")).to_have_count(1)
    [record] = records(platform, case_id, "finish")
    assert len(record["attachments"]) == 2


def test_a_report_put_right_at_once(
    phone: Callable[..., Page], platform: Platform, shot: Path, picture: Callable[..., Path]
) -> None:
    """Written without a network, a component typed, its class searched; one case, closed."""
    component = platform.api("collector").get("/api/components?limit=1").json()["items"][0]
    page = phone()
    ready_for_today(page)
    page.context.set_offline(True)
    page.get_by_role("link", name="上报").click()
    page.get_by_label("我已当场处置").check()
    take_photo(page, "处置前", shot)
    take_photo(page, "处置后", shot)
    page.get_by_label("问题描述").fill("井盖移位, 已复位")
    page.get_by_role("button", name="使用当前位置").click()
    expect(page.get_by_text("精度约 8 米")).to_be_visible()
    page.get_by_label("部件编码").fill(component["code"])
    page.get_by_label("处置情况").fill("已将井盖复位并踩实")
    page.get_by_label("事项类别").last.fill("井盖")
    page.locator(".options button").first.click()
    picture(page, "field-report-offline", full=True)
    page.get_by_role("button", name="提交上报").click()
    expect(outbox(page, "waiting")).to_have_count(1)
    page.context.set_offline(False)
    sent = outbox(page, "sent").first
    expect(sent).to_contain_text("回执编号 R")
    number = sent.inner_text().split("回执编号 ")[1].split()[0]
    case = platform.case_of(number)
    assert case["state"] == "closed"
    assert case["component"] == component["code"]
    assert [row["operation"] for row in case["records"]] == ["receive", "self_handle"]
    assert [len(row["attachments"]) for row in case["records"]] == [1, 1]


def test_somebody_else_on_the_phone_neither_sees_nor_sends_it(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="换人使用")
    page = phone()
    ready_for_today(page)
    page.context.set_offline(True)
    page.goto(f"/m/task/{case_id}")
    decide(page, "核查通过", "甲写的")
    take_photo(page, "近景", shot)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("当前无网络，1 条待发送。")).to_be_visible()
    page.context.set_offline(False)
    page.context.route("**/api/cases/**", lambda route: route.abort())
    page.context.clear_cookies()
    page.context.add_cookies(platform.cookies("handler"))  # type: ignore[arg-type]
    page.context.unroute("**/api/cases/**")
    page.goto("/m/outbox")
    expect(page.get_by_text("本机还有其他人的 1 条待发内容")).to_be_visible()
    expect(page.get_by_text("甲写的")).to_have_count(0)
    kept = page.evaluate("() => caches.has('field-photos')")
    assert kept is False
    assert records(platform, case_id, "pass_check") == []


def test_the_patrol_is_recorded_only_between_start_and_end(
    phone: Callable[..., Page], platform: Platform
) -> None:
    page = phone("/m/me")
    lon, lat = platform.place()
    expect(page.get_by_text("未在巡查。")).to_be_visible()
    # Points go whenever anything is sent; here none is to go before all are there.
    page.context.route("**/api/patrols", lambda route: route.abort())
    page.get_by_role("button", name="开始巡查").click()
    for fixes, metres in enumerate((0, 30, 60, 90), 1):
        place = {"longitude": lon + metres / 90_000, "latitude": lat, "accuracy": 8}
        page.context.set_geolocation(place)  # type: ignore[arg-type]
        expect(page.get_by_text(f"{fixes} 个点待上传。")).to_be_visible()
    page.context.unroute("**/api/patrols")
    with page.expect_response("**/api/patrols") as sent:
        page.get_by_role("button", name="结束巡查").click()
    assert sent.value.status < 300, sent.value.text()
    assert sent.value.json()["stored"] == 4


def test_the_phone_can_install_it(platform: Platform, phone: Callable[..., Page]) -> None:
    page = phone()
    address = page.get_attribute("link[rel=manifest]", "href")
    assert address
    manifest = httpx.get(platform.url + address).json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/m", "/m", "standalone",
    )  # fmt: skip
    for icon in manifest["icons"]:
        answer = httpx.get(f"{platform.url}{address.rsplit('/', 1)[0]}/{icon['src']}")
        side = int(icon["sizes"].split("x")[0])
        assert Image.open(io.BytesIO(answer.content)).size == (side, side)
    scope = page.evaluate(
        "() => navigator.serviceWorker.ready.then(r => new URL(r.scope).pathname)"
    )
    assert scope == "/m"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    phone: Callable[..., Page],
    platform: Platform,
    faults: Callable[[Page], list[str]],
    picture: Callable[..., Path],
    language: str,
    theme: str,
) -> None:
    text = "人行道上一处井盖严重破损并伴有异味, 周边学校放学时段行人密集, 存在较大安全隐患。" * 8
    case_id = to_check(platform, text=text)
    page = phone(language=language, theme=theme)
    for path in ("", f"/task/{case_id}", "/map", "/report", "/outbox", "/me"):
        page.goto(f"/m{path}")
        page.wait_for_selector("main :is(.card, .empty)")
        assert faults(page) == [], path
        if path == "/me" and language == "en":
            expect(page.get_by_text("Today without a network")).to_be_visible()
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 320, f"/m{path} is {wide} px wide"
        page.set_viewport_size({"width": 390, "height": 844})
        name = path.strip("/").split("/")[0] or "tasks"
        picture(page, f"field-{name}-{language}-{theme}", full=True)
