"""The case page and the phone order at a desk: buttons, forms, drafts, two desks, photos."""

import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.pages.conftest import Browse, kept
from tests.pages.platform import Platform, driven

Faults = Callable[[Page], list[str]]
DIVERT = "地面反复积水, 请排查排水口并通知养护单位。"


def opened(browse: Browse, case: dict[str, Any], who: str, **how: Any) -> Page:
    page = browse(f"/desk/cases/{case['id']}", who, **how)
    page.wait_for_selector(".case-bar")
    return page


def buttons(page: Page) -> list[str]:
    """The codes of the operations that the page offers, the menu's too."""
    found = page.locator("[data-operation]").evaluate_all(
        "all => all.map(b => b.dataset.operation)"
    )
    names = [name for name in found if name != "more"]
    if "more" in found:
        page.locator("[data-operation=more]").click()
        entries = page.locator(".ant-dropdown-menu-item")
        expect(entries.first).to_be_visible()
        names += [
            key.rsplit("-", 1)[-1]
            for key in entries.evaluate_all("all => all.map(e => e.dataset.menuId)")
        ]
        page.keyboard.press("Escape")
    return [str(name) for name in names]


def form(page: Page, operation: str) -> Locator:
    """The open form of an operation."""
    found = page.locator(f"form[data-form={operation}]")
    expect(found).to_be_visible()
    return found


def opinion(page: Page) -> Locator:
    return page.locator("[data-field=opinion] textarea")


def step(page: Page, text: str) -> Locator:
    """A line of the timeline that tells of this operation."""
    return page.locator(".case-steps > li", has=page.locator("strong", has_text=text))


def records(platform: Platform, case: dict[str, Any]) -> list[str]:
    return [each["operation"] for each in platform.case(case["id"], "leader")["records"]]


def png(colour: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(held, "PNG")
    return held.getvalue()


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("reported", "acceptor"),
        ("pending_file", "shift_leader"),
        ("handling", "department"),
        ("handling", "dispatcher"),
        ("closed", "evaluator"),
    ],
)
def test_the_buttons_are_those_of_the_server(
    platform: Platform, browse: Browse, state: str, who: str
) -> None:
    case = driven(platform, state)
    offered = [row["operation"] for row in platform.case(case["id"], who)["operations"]]
    page = opened(browse, case, who)
    assert sorted(buttons(page)) == sorted(offered)
    # What has no button is refused behind the page too.
    if who != "acceptor":
        answer = platform.api(who).post(f"/api/cases/{case['id']}/accept", json={})
        assert answer.status_code in (403, 409)


def test_a_report_is_accepted_by_keys_alone(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "reported", text="人行道上暴露垃圾成堆, 无人清理")
    page = opened(browse, case, "acceptor")
    page.keyboard.press("1")
    accept = form(page, "accept")
    chip = accept.locator(".case-hints button").first
    expect(chip).to_be_visible()
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    opinion(page).focus()
    page.keyboard.type("属城管职责")
    page.keyboard.press("Control+Enter")
    expect(step(page, "受理").first).to_contain_text("属城管职责")
    assert platform.case(case["id"])["state"] == "pending_file"
    expect(page.locator(".case-done")).to_contain_text("受理")


def test_escape_leads_back_to_the_button_that_opened_the_form(
    platform: Platform, browse: Browse
) -> None:
    page = opened(browse, driven(platform, "reported"), "acceptor")
    page.keyboard.press("2")
    form(page, "send_verify")
    page.keyboard.press("Escape")
    expect(page.locator("[data-operation=send_verify]")).to_be_focused()
    # The menu of further steps takes the keys that open it.
    page.locator("[data-operation=more]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[role=menu]:focus-within")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("form[data-form]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-operation=more]")).to_be_focused()


def test_what_is_missing_is_said_and_nothing_is_sent(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "reported")
    page = opened(browse, case, "acceptor")
    grave = page.locator("[data-operation=refuse]")
    # What ends a case has no key that a late finger could hit.
    expect(grave).not_to_have_attribute("aria-keyshortcuts", re.compile("."))
    grave.click()
    refuse = form(page, "refuse")
    refuse.get_by_role("button", name="不予受理").click()
    expect(refuse).to_contain_text("必填")
    expect(opinion(page)).to_be_focused()
    assert platform.case(case["id"])["state"] == "reported"


def test_no_typed_word_is_lost_by_a_dead_server_a_reload_or_a_refusal(
    platform: Platform, browse: Browse
) -> None:
    case = driven(platform, "pending_dispatch")
    page = opened(browse, case, "dispatcher")
    page.keyboard.press("1")
    form(page, "dispatch")
    opinion(page).fill(DIVERT)
    # The department of the table of responsibilities is chosen already.
    expect(page.locator("[data-field=department_id] .ant-select")).to_contain_text("权责清单")

    page.route("**/dispatch", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    expect(page.locator(".case-form .ant-alert")).to_contain_text("仍在本页")
    assert opinion(page).input_value() == DIVERT
    page.unroute("**/dispatch")

    page.route("**/dispatch", lambda route: route.fulfill(status=500, json={"title": "坏了"}))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".case-form .ant-alert")).to_contain_text("坏了")
    page.unroute("**/dispatch")

    page.reload()
    page.wait_for_selector(".case-bar")
    expect(page.locator("[data-operation=dispatch]")).to_contain_text("有草稿")
    page.locator("[data-operation=dispatch]").click()
    expect(opinion(page)).to_have_value(DIVERT)
    page.keyboard.press("Control+Enter")
    expect(step(page, "派遣")).to_contain_text(DIVERT)
    kept = page.evaluate("() => Object.keys(localStorage).filter(k => k.includes('draft'))")
    assert kept == []


def test_a_lost_answer_is_no_second_step(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "handling")
    page = opened(browse, case, "department")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/annotate", lose, times=1)
    page.locator("[data-operation=more]").click()
    page.get_by_role("menuitem", name="批注").click()
    form(page, "annotate")
    opinion(page).fill("已联系物业")
    page.keyboard.press("Control+Enter")
    # Either the page hears of its own step by itself, or it is sent again under the same key.
    page.wait_for_function(
        "() => { const form = document.querySelector('form[data-form=annotate]');"
        " return !form || form.querySelector('[role=alert]') !== null }"
    )
    if page.locator("form[data-form=annotate]").count():
        page.keyboard.press("Control+Enter")
    expect(page.locator("form[data-form=annotate]")).to_have_count(0)
    expect(step(page, "批注")).to_have_count(1)
    assert records(platform, case).count("annotate") == 1


def test_two_desks_see_each_other_and_the_slower_one_loses_no_word(
    platform: Platform, browse: Browse
) -> None:
    case = driven(platform, "pending_file")
    first = opened(browse, case, "shift_leader")
    second = opened(browse, case, "acceptor")
    second_name = platform.api("acceptor").get("/api/me").json()["user"]["display_name"]
    expect(first.locator(".case-others")).to_contain_text(second_name, timeout=25_000)

    first.locator("[data-operation=return_report]").click()
    form(first, "return_report")
    opinion(first).fill("照片与描述不符, 请核对")
    expect(second.locator(".case-others")).to_contain_text("正在办理", timeout=25_000)

    platform.step("acceptor", case["id"], "annotate", opinion="上报人来电补充")
    since = first.locator(".case-since")
    expect(since).to_contain_text("上报人来电补充")
    assert opinion(first).input_value() == "照片与描述不符, 请核对"
    expect(form(first, "return_report").locator("button[type=submit]")).to_be_disabled()
    # The other desk sees it without a reload.
    expect(step(second, "批注")).to_contain_text("上报人来电补充")
    since.get_by_role("button", name="已知悉").click()
    first.keyboard.press("Control+Enter")
    expect(step(first, "退回受理")).to_contain_text("照片与描述不符")

    # The key opens what stands first, so the other desk has to have heard of the return.
    expect(step(second, "退回受理")).to_contain_text("照片与描述不符")

    # Gone for good: the form stays with its words, and says what happened.
    second.keyboard.press("1")
    form(second, "accept")
    opinion(second).fill("重新受理")
    platform.step("acceptor", case["id"], "void", opinion="重复登记")
    expect(second.locator(".case-since")).to_contain_text("作废")
    assert opinion(second).input_value() == "重新受理"


def test_filing_shows_condition_limit_and_rule(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "pending_file")
    page = opened(browse, case, "shift_leader")
    page.keyboard.press("1")
    standards = form(page, "file").locator(".case-standards label")
    choices = platform.api("shift_leader").get(f"/api/cases/{case['id']}/choices").json()
    expect(standards).to_have_count(len(choices["standards"]))
    expect(standards.first).to_contain_text("处置时限")
    expect(standards.first).to_contain_text(choices["standards"][0]["closing_zh"])
    standards.first.click()
    page.keyboard.press("Control+Enter")
    expect(step(page, "立案")).to_have_count(1)
    assert platform.case(case["id"])["standard"]["id"] == choices["standards"][0]["id"]


def test_photos_are_added_compared_and_looked_at_by_keys(
    platform: Platform, browse: Browse
) -> None:
    case = driven(platform, "handling")
    before = platform.api("department").post(
        "/api/attachments",
        data={"purpose": "case"},
        files={"file": ("before.png", png("navy"), "image/png")},
    )
    platform.step(
        "department", case["id"], "annotate", opinion="处置前", attachments=[before.json()["uuid"]]
    )
    page = opened(browse, case, "department")
    page.locator("[data-operation=finish]").click()
    form(page, "finish")
    opinion(page).fill("已修复")
    page.locator("[data-field=attachments] input[type=file]").set_input_files(
        {"name": "after.png", "mimeType": "image/png", "buffer": png("teal")}
    )
    expect(page.locator(".case-own img")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(step(page, "处置完成")).to_have_count(1)
    photos = page.locator(".case-pictures button")
    expect(photos).to_have_count(2)
    photos.first.click()
    viewer = page.locator("dialog.case-viewer")
    expect(viewer).to_contain_text("1 / 2")
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("2 / 2")
    expect(viewer.locator("figcaption")).to_contain_text("处置后")
    page.keyboard.press("+")
    assert "scale(1.4)" in (viewer.locator("img").get_attribute("style") or "")
    viewer.get_by_role("button", name="前后对比").click()
    expect(viewer.locator("img")).to_have_count(2)
    sizes = viewer.locator("img").evaluate_all(
        "all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert all(width > 0 for width in sizes)
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def reported(platform: Platform, phone: str, text: str) -> dict[str, Any]:
    """A report with a contact; its case."""
    lon, lat = platform.place()
    receipt = platform.report(text, lon=lon, lat=lat, contact={"name": "张明", "phone": phone})
    return platform.case_of(receipt["number"])


def test_a_contact_is_masked_until_somebody_says_why(platform: Platform, browse: Browse) -> None:
    case = reported(platform, "13812345678", "路灯不亮, 请联系本人")
    page = opened(browse, case, "acceptor")
    contact = page.locator(".case-contact")
    expect(contact).to_contain_text("138****5678")
    assert "13812345678" not in page.content()
    contact.get_by_role("button", name="查看完整联系方式").click()
    expect(contact).to_contain_text("留下记录")
    show = contact.get_by_role("button", name="记录并查看")
    expect(show).to_be_disabled()
    page.keyboard.type("电话核实位置")
    page.keyboard.press("Enter")
    expect(contact).to_contain_text("13812345678")
    audit = platform.api("admin").get("/api/audit", params={"action": "core.contact.reveal"})
    assert "电话核实位置" in audit.text
    contact.get_by_role("button", name="收起").click()
    expect(contact).to_contain_text("138****5678")


def test_a_duplicate_is_merged_from_where_it_is_shown(platform: Platform, browse: Browse) -> None:
    text = f"小区门口窨井盖松动异响 {uuid.uuid4().hex[:4]}"
    main = driven(platform, "reported", text=text)
    twin = driven(platform, "reported", text=text)
    page = opened(browse, twin, "acceptor")
    row = page.locator(".case-list li", has=page.locator(f'a[href$="/{main["id"]}"]'))
    row.get_by_role("button", name="并入此案").click()
    form(page, "merge")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".case-note")).to_contain_text("已并入")
    assert platform.case(twin["id"])["merged_into"] == main["id"]


def test_one_case_after_another_by_a_key(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "reported")
    driven(platform, "reported")
    page = opened(browse, case, "acceptor")
    page.keyboard.press("n")
    expect(page).not_to_have_url(f"{platform.url}/desk/cases/{case['id']}")
    page.wait_for_selector(".case-bar")
    assert "/desk/cases/" in page.url


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_forms_can_be_used_by_everybody(
    platform: Platform, browse: Browse, faults: Faults, language: str, theme: str
) -> None:
    case = driven(platform, "pending_file")
    # Who wants less motion must not find a menu that waits for the end of one.
    motion = "reduce" if theme == "dark" else "no-preference"
    how: dict[str, Any] = {"language": language, "theme": theme, "reduced_motion": motion}
    page = opened(browse, case, "shift_leader", **how)
    for operation in ("file", "amend", "supervise"):
        visible = page.locator(f"[data-operation={operation}]")
        if visible.count():
            visible.click()
        elif operation == "amend":
            page.locator("[data-operation=more]").click()
            page.get_by_role("menuitem", name={"zh": "更正", "en": "Correct"}[language]).click()
        else:
            continue
        form(page, operation)
        assert not faults(page)


def order(browse: Browse, **how: Any) -> Page:
    page = browse("/desk/order", "acceptor", **how)
    page.wait_for_selector(".order form")
    return page


def test_a_call_becomes_a_case_by_keys_alone(platform: Platform, browse: Browse) -> None:
    page = order(browse)
    expect(page.get_by_label("来电号码")).to_be_focused()
    page.keyboard.type("13900001111")
    page.keyboard.press("Tab")
    page.keyboard.type("李女士")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("小区门口暴露垃圾堆了三天, 气味很大")
    chip = page.locator("[data-field=matter_id] .case-hints button").first
    expect(chip).to_be_visible()
    chip.focus()
    page.keyboard.press("Enter")
    address = page.locator("[data-field=address] input")
    address.focus()
    known = platform.api("acceptor").get("/api/addresses", params={"q": "路", "limit": 1}).json()
    page.keyboard.type(known[0]["full_text"][:-1])
    expect(page.locator(".ant-select-item-option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    # The browser is closed on the way: everything is there again.
    kept(page, "小区门口暴露垃圾堆了三天")
    kept(page, '"lon":1')
    page.reload()
    expect(page.get_by_label("诉求内容")).to_have_value("小区门口暴露垃圾堆了三天, 气味很大")
    expect(page.get_by_label("来电号码")).to_have_value("13900001111")

    page.get_by_label("诉求内容").focus()
    page.keyboard.press("Control+Enter")
    receipt = page.locator(".order-receipt")
    expect(receipt).to_contain_text("已登记")
    number = receipt.locator("dd").first.inner_text().replace(" ", "")
    code = receipt.locator("dd").last.inner_text().replace(" ", "")
    followed = httpx.get(f"{platform.url}/api/reports/{number}", params={"code": code})
    assert followed.status_code == 200
    case = platform.case_of(number)
    assert case["channel"] == "hotline"
    assert case["lon"] == pytest.approx(known[0]["lon"], abs=0.02)

    receipt.get_by_role("button", name="立即受理").click()
    expect(step(page, "受理")).to_have_count(1)
    assert platform.case(case["id"])["state"] == "pending_file"

    page.keyboard.press("l")
    expect(page.get_by_label("来电号码")).to_have_value("")


def test_a_caller_s_known_case_is_joined_not_doubled(platform: Platform, browse: Browse) -> None:
    phone = f"137{uuid.uuid4().int % 10**8:08d}"
    case = reported(platform, phone, "路灯不亮, 夜间看不清路")
    page = order(browse)
    page.keyboard.type(phone)
    entry = page.locator("[aria-labelledby=order-history] li")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("待受理")
    entry.get_by_role("button", name="同一问题").click()
    expect(page.locator(".order .ant-alert")).to_contain_text("不另立新案")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".order-receipt")).to_contain_text("并入")
    after = platform.case(case["id"])
    assert after["report_count"] == 2
    assert [each["channel"] for each in after["reports"]] == ["citizen", "hotline"]


def test_nearby_cases_are_shown_before_a_second_one_is_made(
    platform: Platform, browse: Browse
) -> None:
    text = f"十字路口信号灯全灭, 车辆拥堵 {uuid.uuid4().hex[:4]}"
    case = driven(platform, "reported", text=text)
    page = order(browse)
    page.evaluate(
        "([key, order]) => localStorage.setItem(key, JSON.stringify({version: 0, values: order}))",
        [
            f"chengyun.draft.{platform.api('acceptor').get('/api/me').json()['user']['id']}.order.new",
            {"text": text, "lon": case["lon"], "lat": case["lat"]},
        ],
    )
    page.reload()
    near = page.locator("[aria-labelledby=order-nearby] li").first
    expect(near).to_contain_text("信号灯全灭")
    expect(near.get_by_role("button", name="同一问题")).to_be_visible()


def test_an_order_sent_twice_is_one_case(platform: Platform, browse: Browse) -> None:
    page = order(browse)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/reports", lose, times=1)
    text = f"树枝折断压在车上 {uuid.uuid4().hex[:6]}"
    page.get_by_label("诉求内容").fill(text)
    page.locator("[data-field=address] input").fill("人民路 1 号")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".order .ant-alert")).to_contain_text("仍在本页")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".order-receipt")).to_contain_text("未重复登记")
    found = platform.api("acceptor").get("/api/cases", params={"text": text}).json()["items"]
    assert len(found) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_phone_order_can_be_used_by_everybody(
    browse: Browse, faults: Faults, language: str
) -> None:
    page = order(browse, language=language, theme="dark" if language == "en" else "light")
    assert not faults(page)
    assert not order_text(page, language)


def order_text(page: Page, language: str) -> list[str]:
    """Chinese in the English form, where only names of the city may be."""
    if language == "zh":
        return []
    texts = page.locator(".order label, .order legend, .order h1, .order h2, .order button")
    return [
        text for text in texts.all_inner_texts() if any("\u4e00" <= c <= "\u9fff" for c in text)
    ]
