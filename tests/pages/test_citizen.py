"""The citizen's pages: report, receipt, follow, rate. Nothing written is lost or sent twice."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.pages.conftest import Browse
from tests.pages.platform import Platform, driven

Picture = Callable[..., Path]
Faults = Callable[[Page], list[str]]
PHONE = {"size": "phone"}
expect.set_options(timeout=20_000)


def taken(path: Path, lon: float, lat: float, seed: int = 1) -> Path:
    """A photo as a phone makes it: large, with the place and the time in its EXIF."""
    noise = np.random.default_rng(seed).integers(0, 255, (45, 60, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((1800, 1350))
    exif = Image.Exif()
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", _degrees(lat)
    place[3], place[4] = "E", _degrees(lon)
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 08:30:00"
    image.save(path, exif=exif, quality=90)
    return path


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    return float(whole), float(minutes), round((value - whole - minutes / 60) * 3600, 5)


def add_photos(page: Page, *paths: Path) -> None:
    page.get_by_label("相册").set_input_files([str(path) for path in paths])
    expect(page.locator(".photos img")).to_have_count(len(paths))


def write(page: Page, text: str, address: str = "") -> None:
    page.locator("#report-text").fill(text)
    if address:
        page.get_by_label("地址或附近标志物").fill(address)


def submit(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(提交|重新提交)$")).click()


def receipt(page: Page) -> tuple[str, str]:
    """Number and code as they stand on the page."""
    expect(page).to_have_url(re.compile("/report/done$"))
    values = page.locator(".numbers dd")
    expect(values).to_have_count(2)
    number, code = values.all_inner_texts()
    assert re.fullmatch(r"R\d{8}[A-Z2-7]{8}", number)
    assert re.fullmatch(r"[A-Z2-7]{8}", code)
    return number, code


def count(platform: Platform, text: str) -> tuple[int, int]:
    """How many reports and cases there are of exactly this text."""
    with psycopg.connect(platform.database) as link:
        found = link.execute(
            "SELECT (SELECT count(*) FROM governance_report WHERE text = %(text)s),"
            " (SELECT count(*) FROM governance_case WHERE description = %(text)s)",
            {"text": text},
        ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def stored(platform: Platform, number: str) -> dict[str, Any]:
    with psycopg.connect(platform.database) as link:
        row = link.execute(
            "SELECT r.contact_id, cardinality(r.attachments), c.public, m.name_zh,"
            " ST_X(r.geom), ST_Y(r.geom), r.address, c.report_count"
            " FROM governance_report r JOIN governance_case c ON c.id = r.case_id"
            " LEFT JOIN city_matter m ON m.id = c.matter_id WHERE r.number = %s",
            [number],
        ).fetchone()
    assert row is not None
    names = ("contact", "photos", "public", "matter", "lon", "lat", "address", "reports")
    return dict(zip(names, row, strict=True))


def wide(page: Page) -> bool:
    """Whether anything makes the page wider than the screen."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


def test_a_problem_is_reported_within_a_minute_photo_first(
    browse: Browse, platform: Platform, tmp_path: Path, picture: Picture
) -> None:
    lon, lat = platform.place()
    started = time.monotonic()
    page = browse("/", **PHONE)
    page.get_by_role("link", name="我要上报").click()
    add_photos(page, taken(tmp_path / "a.jpg", lon, lat))
    # The photo says where: areas and an address are there without a word typed.
    expect(page.get_by_text("位置取自照片，请核对。")).to_be_visible()
    expect(page.get_by_text("照片拍摄于 11-20 08:30")).to_be_visible()
    expect(page.get_by_label("地址或附近标志物")).not_to_have_value("")
    write(page, "小区门口路灯不亮，晚上很黑")
    # Suggested, but not chosen for anybody.
    suggested = page.get_by_role("radio", name="路灯异常")
    expect(suggested).to_be_visible()
    expect(page.locator("input[name=matter]:checked")).to_have_count(0)
    suggested.check(force=True)
    expect(page.get_by_text("文中出现“路灯")).to_be_visible()
    picture(page, "citizen-report", full=True)
    submit(page)
    number, code = receipt(page)
    assert time.monotonic() - started < 60
    picture(page, "citizen-receipt", full=True)

    kept = stored(platform, number)
    assert kept["matter"] == "路灯异常"
    assert kept["photos"] == 1
    assert kept["contact"] is None
    assert kept["public"] is True
    assert (kept["lon"], kept["lat"]) == pytest.approx((lon, lat), abs=1e-5)

    # The receipt is there after a reload, the home page knows it, and the draft is gone.
    page.reload()
    assert receipt(page) == (number, code)
    page.get_by_role("link", name="首页").click()
    expect(page.get_by_role("link", name=re.compile(number))).to_be_visible()
    expect(page.get_by_text("您有一份未提交的上报")).to_have_count(0)
    picture(page, "citizen-home", full=True)
    page.get_by_role("button", name=f"从本机移除 {number}").click()
    expect(page.get_by_role("link", name=re.compile(number))).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    page.get_by_role("link", name=re.compile(number)).click()
    expect(page.locator(".standing")).to_have_text("待受理")
    shown = page.get_by_role("img", name="照片 1")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("image => image.naturalWidth") == 320


def test_the_receipt_can_be_taken_along(browse: Browse, tmp_path: Path) -> None:
    page = browse("/report", permissions=["clipboard-read", "clipboard-write"], **PHONE)
    write(page, "广告牌松动", "东门外")
    submit(page)
    number, code = receipt(page)
    page.get_by_role("button", name="复制编号和查询码").click()
    expect(page.get_by_text("已复制", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert number in copied
    assert f"/follow/{number}?code={code}" in copied
    with page.expect_download() as download:
        page.get_by_role("button", name="保存为图片").click()
    file = tmp_path / "receipt.png"
    download.value.save_as(file)
    assert download.value.suggested_filename == f"{number}.png"
    assert Image.open(file).size == (720, 1000)
    # The code on the page says the address of this report.
    drawn = page.get_by_role("img", name=re.compile(number)).bounding_box()
    assert drawn is not None
    assert drawn["width"] >= 180
    seen = page.evaluate(
        """async () => {
          if (!('BarcodeDetector' in window)) return null
          const svg = document.querySelector('figure svg')
          const source = new XMLSerializer().serializeToString(svg)
          const image = new Image(400, 400)
          image.src = 'data:image/svg+xml,' + encodeURIComponent(source)
          await image.decode()
          const found = await new BarcodeDetector({formats: ['qr_code']}).detect(image)
          return found[0]?.rawValue ?? ''
        }"""
    )
    assert seen is None or seen.endswith(f"/follow/{number}?code={code}")


def test_the_same_problem_nearby_is_shown_before_sending(
    browse: Browse, platform: Platform, picture: Picture, faults: Faults
) -> None:
    lon, lat = platform.place()
    first = platform.report("健身广场座椅断裂，老人无法坐", lon=lon, lat=lat)
    words = "健身广场座椅断裂，无法使用"

    def begin() -> Page:
        page = browse(
            "/report",
            geolocation={"longitude": lon, "latitude": lat, "accuracy": 12},
            permissions=["geolocation"],
            **PHONE,
        )
        page.get_by_role("button", name="用我的位置").click()
        expect(page.get_by_text("误差约 12 米")).to_be_visible()
        write(page, words)
        submit(page)
        expect(page.get_by_role("heading", name="是同一个问题吗？")).to_be_visible()
        return page

    page = begin()
    assert count(platform, words) == (0, 0), "nothing is sent before the answer"
    expect(page.get_by_role("dialog").get_by_text("健身广场座椅断裂，老人无法坐")).to_be_visible()
    picture(page, "citizen-same")
    assert faults(page) == []
    page.get_by_role("button", name="是同一问题，跟进它").first.click()
    number, _ = receipt(page)
    expect(page.get_by_role("heading", name="已跟进")).to_be_visible()
    assert count(platform, words) == (1, 0), "no case of its own"
    assert platform.case_of(number)["id"] == platform.case_of(first["number"])["id"]
    assert stored(platform, number)["reports"] == 2

    other = begin()
    other.get_by_role("button", name="都不是，提交新问题").click()
    receipt(other)
    assert count(platform, words) == (2, 1)


def test_a_case_that_ended_meanwhile_is_not_followed_and_nothing_is_lost(
    browse: Browse, platform: Platform
) -> None:
    lon, lat = platform.place()
    first = platform.report("喷泉水池漏水严重", lon=lon, lat=lat)
    page = browse(
        "/report", geolocation={"longitude": lon, "latitude": lat},
        permissions=["geolocation"], **PHONE,
    )  # fmt: skip
    page.get_by_role("button", name="用我的位置").click()
    expect(page.locator(".areas")).to_be_visible()
    write(page, "喷泉水池漏水")
    submit(page)
    follow = page.get_by_role("button", name="是同一问题，跟进它").first
    expect(follow).to_be_visible()
    case = platform.case_of(first["number"])
    platform.step("acceptor", case["id"], "refuse", opinion="不属于受理范围")
    follow.click()
    expect(page.get_by_text("所选的问题已不能跟进")).to_be_visible()
    expect(page.locator("#report-text")).to_have_value("喷泉水池漏水")
    submit(page)
    receipt(page)
    assert count(platform, "喷泉水池漏水") == (1, 1)


def test_what_was_written_survives_a_reload_and_a_server_that_is_gone(
    browse: Browse, platform: Platform, tmp_path: Path, picture: Picture
) -> None:
    lon, lat = platform.place()
    text = "工地围挡倒塌，占用人行道"
    page = browse("/report", **PHONE)
    add_photos(page, taken(tmp_path / "a.jpg", lon, lat), taken(tmp_path / "b.jpg", lon, lat, 2))
    expect(page.locator(".areas")).to_be_visible()
    write(page, text, "地铁站 B 口")
    page.get_by_text("留下联系方式").click()
    page.get_by_label("称呼").fill("王女士")
    page.get_by_label("手机号").fill("13800138000")
    page.context.route("**/api/**", lambda route: route.abort())
    submit(page)
    expect(page.get_by_text("网络不通或服务器暂无响应")).to_be_visible()
    picture(page, "citizen-no-answer")

    def unchanged() -> None:
        expect(page.locator("#report-text")).to_have_value(text)
        expect(page.get_by_label("地址或附近标志物")).to_have_value("地铁站 B 口")
        expect(page.get_by_label("称呼")).to_have_value("王女士")
        expect(page.get_by_label("手机号")).to_have_value("13800138000")
        expect(page.locator(".photos img")).to_have_count(2)

    unchanged()
    page.reload()
    expect(page.get_by_text("未提交的内容")).to_be_visible()
    unchanged()
    page.get_by_role("link", name="首页").click()
    expect(page.get_by_text("您有一份未提交的上报")).to_be_visible()
    expect(page.get_by_text("2 张照片")).to_be_visible()
    page.get_by_role("button", name="继续填写").click()
    unchanged()
    page.context.unroute("**/api/**")
    submit(page)
    number, _ = receipt(page)
    assert stored(platform, number)["photos"] == 2
    assert stored(platform, number)["contact"] is not None
    assert stored(platform, number)["address"] == "地铁站 B 口"


def test_a_lost_answer_makes_no_second_report(browse: Browse, platform: Platform) -> None:
    text = "下水道返水，气味难闻"
    page = browse("/report", **PHONE)
    write(page, text, "幸福里 3 号楼")

    def arrives_but_says_nothing(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/reports", arrives_but_says_nothing)
    submit(page)
    expect(page.get_by_role("button", name="重新提交")).to_be_visible()
    assert count(platform, text) == (1, 1)
    page.unroute("**/api/reports")
    # Even after closing the page and coming back.
    page.reload()
    submit(page)
    receipt(page)
    expect(page.get_by_text("没有重复登记")).to_be_visible()
    assert count(platform, text) == (1, 1)


def test_a_photo_that_arrived_is_not_sent_again(
    browse: Browse, platform: Platform, tmp_path: Path
) -> None:
    lon, lat = platform.place()
    page = browse("/report", **PHONE)
    add_photos(page, *(taken(tmp_path / f"{n}.jpg", lon, lat, n) for n in range(3)))
    write(page, "共享单车堆放堵塞盲道")
    sent: list[str] = []

    def second_fails(route: Route) -> None:
        sent.append("photo")
        if len(sent) == 2:
            route.fulfill(status=502, body="bad gateway")
        else:
            route.continue_()

    page.route("**/api/attachments", second_fails)
    submit(page)
    expect(page.get_by_text("已上传 1 / 3 张照片")).to_be_visible()
    expect(page.get_by_text("已传", exact=True)).to_have_count(1)
    submit(page)
    number, _ = receipt(page)
    assert len(sent) == 4, "the first once, the second twice, the third once"
    assert stored(platform, number)["photos"] == 3


def test_a_device_without_network_says_so_and_keeps(browse: Browse, platform: Platform) -> None:
    text = "河道漂浮垃圾较多"
    page = browse("/report", **PHONE)
    expect(page.locator("#report-text")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("当前没有网络")).to_be_visible()
    write(page, text, "二号桥下")
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_disabled()
    page.context.set_offline(False)
    expect(page.get_by_text("当前没有网络")).to_have_count(0)
    submit(page)
    receipt(page)
    assert count(platform, text) == (1, 1)


def test_what_is_missing_is_said_at_its_place(browse: Browse, platform: Platform) -> None:
    page = browse("/report", **PHONE)
    submit(page)
    expect(page.get_by_text("请标出位置，或填写地址。")).to_be_visible()
    expect(page.get_by_text("请说明发生了什么。")).to_be_visible()
    expect(page.get_by_label("地址或附近标志物")).to_be_focused()
    write(page, "无", "某处")
    # What is mended is not complained of any more.
    for mended in ("请标出位置，或填写地址。", "请说明发生了什么。", "请先补充"):
        expect(page.get_by_text(mended)).to_have_count(0)
    page.get_by_text("留下联系方式").click()
    expect(page.get_by_text("案件办结 730 天后删除")).to_be_visible()
    submit(page)
    expect(page.get_by_text("请填写手机号，或选择匿名上报。")).to_be_visible()
    expect(page.get_by_label("手机号")).to_be_focused()
    # Somewhere else in the world.
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 2.35, "latitude": 48.85})
    page.get_by_role("button", name="用我的位置").click()
    expect(page.get_by_text("该位置不在本市范围内，请重新选点。")).to_be_visible()
    assert count(platform, "无") == (0, 0)


def test_any_kind_can_be_chosen_from_the_whole_list(browse: Browse, platform: Platform) -> None:
    page = browse("/report", **PHONE)
    page.get_by_role("button", name="自行选择类别").click()
    page.get_by_label("搜索类别").fill("没有这样的类别")
    expect(page.get_by_text("没有名称含“没有这样的类别”的类别。")).to_be_visible()
    page.get_by_label("搜索类别").fill("路灯异常")
    page.get_by_role("button", name="路灯异常", exact=True).click()
    expect(page.get_by_role("radio", name="路灯异常")).to_be_checked()
    write(page, "请看照片", "南门")
    submit(page)
    number, _ = receipt(page)
    assert stored(platform, number)["matter"] == "路灯异常"


def test_a_report_is_followed_by_number_and_code(
    browse: Browse, platform: Platform, picture: Picture
) -> None:
    case = driven(platform, "handling", text="人行天桥扶手脱落")
    number, code = case["receipt"]["number"], case["receipt"]["code"]
    page = browse("/", **PHONE)
    page.get_by_label("受理编号").fill(number.lower())
    page.get_by_label("查询码").fill("WRONGCOD")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("编号或查询码不正确。")).to_be_visible()
    page.get_by_label("查询码").fill(f" {code.lower()} ")
    page.get_by_role("button", name="查询").click()
    expect(page).to_have_url(re.compile(rf"/follow/{number}\?code={code}$"))
    expect(page.locator(".standing")).to_have_text("处置中")
    expect(page.get_by_text("责任单位已开始处置")).to_be_visible()
    expect(page.get_by_text("已收到您的诉求")).to_be_visible()
    expect(page.get_by_text(re.compile("预计 .* 前办结"))).to_be_visible()
    expect(page.get_by_role("heading", name="评价办理结果")).to_have_count(0)
    picture(page, "citizen-follow", full=True)
    # What happens meanwhile is there when the person comes back to the page.
    platform.step("department", case["id"], "finish", opinion="已加固")
    page.get_by_role("button", name="刷新").click()
    expect(page.get_by_text("处置完成，等待核查")).to_be_visible()
    page.get_by_role("button", name="保存到“我的上报”").click()
    page.get_by_role("link", name="首页").click()
    expect(page.get_by_role("link", name=re.compile(number))).to_be_visible()


def test_not_solved_opens_the_case_again_and_is_said_before(
    browse: Browse, platform: Platform, picture: Picture, faults: Faults
) -> None:
    case = driven(platform, "closed", text="排水沟盖板缺失")
    number, code = case["receipt"]["number"], case["receipt"]["code"]
    page = browse(f"/follow/{number}?code={code}", **PHONE)
    expect(page.locator(".standing")).to_have_text("已结案")
    send = page.get_by_role("button", name="提交评价")
    send.click()
    expect(page.get_by_text("请回答以上三个问题。")).to_be_visible()
    answers = {"是否有人": "是", "是否解决": "未解决", "是否满意": "不满意"}
    for question, answer in answers.items():
        group = page.get_by_role("group", name=re.compile(question))
        group.get_by_text(answer, exact=True).click()
    expect(page.get_by_text("案件将重新办理")).to_be_visible()
    page.get_by_label("补充意见").fill("盖板仍然缺失")
    picture(page, "citizen-rating", full=True)
    assert faults(page) == []
    page.reload()
    expect(page.get_by_label("补充意见")).to_have_value("盖板仍然缺失")
    send.click()
    expect(page.get_by_text("案件已重新办理。")).to_be_visible()
    expect(page.get_by_role("heading", name="评价办理结果")).to_have_count(0)
    expect(page.get_by_text("重新办理", exact=True)).to_be_visible()
    after = platform.case(case["id"], "leader")
    assert after["state"] != "closed"
    assert after["solved"] is False


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_reads_for_everybody(
    browse: Browse,
    platform: Platform,
    picture: Picture,
    faults: Faults,
    language: str,
    theme: str,
) -> None:
    """Axe finds nothing serious, and in large type nothing is wider than a small phone."""
    given = platform.report("很长的描述" * 60 + "https://example.test/" + "a" * 120)
    page = browse("/", language=language, theme=theme, **PHONE)
    page.set_viewport_size({"width": 320, "height": 640})
    large = {"zh": "大字", "en": "Large type"}[language]
    page.get_by_role("button", name=large).click()
    follow = f"/follow/{given['number']}?code={given['code']}"
    seen = {
        "home": "/",
        "report": "/report",
        "follow": follow,
        "ask": "/follow",
        "none": "/report/x",
    }
    for name, path in seen.items():
        page.goto(path)
        expect(page.locator("main").first).to_be_visible()
        expect(page.get_by_text(re.compile("读取中|Loading"))).to_have_count(0)
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.page')).fontSize") == "22.4px"
        )
        assert not wide(page), path
        assert faults(page) == [], path
        assert page.locator("h1").count() == 1
        if language == "en":
            own = page.locator("h1, h2, label, legend, button").all_inner_texts()
            chinese = [text for text in own if re.search(r"[\u4e00-\u9fff]", text)]
            assert chinese in ([], ["中文"]), path
        picture(page, f"citizen-large-{name}-{language}-{theme}", full=True)


def test_an_empty_city_takes_reports_too(
    browse: Browse, empty_platform: Platform, picture: Picture
) -> None:
    page = browse("/", on=empty_platform, **PHONE)
    expect(page.get_by_role("heading", name="问题上报", level=1)).to_be_visible()
    picture(page, "citizen-empty-city", full=True)
    page.get_by_role("link", name="我要上报").click()
    page.get_by_role("button", name="自行选择类别").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    write(page, "路面塌陷", "解放路口")
    submit(page)
    receipt(page)
    assert count(empty_platform, "路面塌陷") == (1, 1)
