"""The desk on every width and in both languages: nothing is cut, nothing is called like another."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse
from tests.pages.platform import Platform, driven

#: What of these words has no room: its text, and by how many pixels.
CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.textContent}: ${each.scrollWidth - each.clientWidth}`)"""
#: The same of headings to the fraction: where a pixel is missing the whole end of a word is.
CUT_HEADINGS = """(selector) => [...document.querySelectorAll(selector)].flatMap((each) => {
    const range = document.createRange()
    range.selectNodeContents(each)
    const { paddingLeft, paddingRight } = getComputedStyle(each)
    const room = each.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)
    const over = range.getBoundingClientRect().width - room
    return over > 0.5 ? [`${each.textContent}: ${over}`] : []
  })"""
#: What lies outside the window, or is pushed out of its own box.
OUTSIDE = """(selector) => [...document.querySelectorAll(selector)]
  .map((each) => [each.className || each.tagName, each.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([name, box]) => `${name}: ${Math.round(box.left)} to ${Math.round(box.right)}`)"""


@pytest.fixture(scope="module")
def waiting(platform: Platform) -> dict[str, Any]:
    return driven(platform, "pending_dispatch")


def row_of(page: Page, case: dict[str, Any]) -> Any:
    return page.locator(f'.case-rows tr[data-id="{case["id"]}"]')


@pytest.mark.parametrize("width", [1366, 1440, 1920])
def test_english_words_have_room(browse: Browse, waiting: dict[str, Any], width: int) -> None:
    page = browse("about:blank", "shift_leader", language="en")
    page.set_viewport_size({"width": width, "height": 768})
    page.goto("/desk/cases")
    expect(row_of(page, waiting)).to_contain_text("To dispatch")
    assert page.evaluate(CUT, ".desk-name, .desk-name span, .desk > header nav a") == []
    assert page.evaluate(CUT_HEADINGS, ".case-rows th") == []
    assert page.evaluate(CUT, ".case-rows td:has(.phase), .case-rows td:has([data-number])") == []
    assert page.evaluate(OUTSIDE, ".desk > header > *") == []
    for path, headings in (
        ("/desk", ".case-rows th"),
        ("/desk/components", ".component-rows th"),
        ("/desk/evaluation", ".ev-table thead th:not(.ev-pin)"),
        ("/desk/evaluation?kind=post", ".ev-table thead th:not(.ev-pin)"),
    ):
        page.goto(path)
        expect(page.locator(headings).first).to_be_visible()
        assert page.evaluate(CUT_HEADINGS, headings) == [], path


def test_what_was_done_covers_nothing(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "handling")
    page = browse("about:blank", "department")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"/desk/cases?case={case['id']}")
    drawer = page.locator(".case-drawer")
    drawer.locator("[data-operation=more]").click()
    page.get_by_role("menuitem", name="批注").click()
    drawer.locator("[data-field=opinion] textarea").fill("已联系物业")
    page.keyboard.press("Control+Enter")
    done = page.get_by_role("status").filter(has_text="“批注”已完成")
    expect(done).to_be_visible()
    # It has the keys that the form had, and everything else can still be hit.
    expect(done).to_be_focused()
    covered = """() => [...document.querySelectorAll(
        '.case-head h1, .case-number, .case-tools > *, .case-bar button, .case-done button,'
        + '.desk > header a, .desk > header button')].filter((each) => {
      const box = each.getBoundingClientRect()
      const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      return box.width && !each.contains(there)
    }).map((each) => each.textContent || each.ariaLabel)"""
    assert page.evaluate(covered) == []
    done.get_by_role("button", name="收起提示").click()
    expect(done).to_have_count(0)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_drawer_stands_when_it_takes_the_keys(
    browse: Browse, waiting: dict[str, Any], motion: str
) -> None:
    page = browse("/desk/cases", "dispatcher", reduced_motion=motion)
    row_of(page, waiting).focus()
    # Whether its panel is in its place at the moment at which the focus enters it.
    page.evaluate(
        """() => document.addEventListener('focusin', ({target}) => {
          const drawer = target.closest('.case-drawer')
          if (!drawer) return
          const panel = drawer.querySelector('.ant-drawer-section')
          window.stood ??= panel !== null && panel.getBoundingClientRect().right <= innerWidth + 0.5
        })"""
    )
    page.keyboard.press("o")
    page.wait_for_function("() => window.stood !== undefined")
    assert page.evaluate("() => window.stood")


def test_what_shuts_a_panel_is_not_called_like_what_closes_a_case(
    platform: Platform, browse: Browse
) -> None:
    case = driven(platform, "pending_close")
    page = browse(f"/desk/cases?case={case['id']}", "shift_leader", language="en")
    drawer = page.locator(".case-drawer")
    close = drawer.locator('[data-operation="close"]')
    expect(close).to_contain_text("Close")
    expect(drawer.get_by_role("button", name="Close", exact=False)).to_have_count(1)
    drawer.get_by_role("button", name="Hide this panel").click()
    expect(drawer.locator(".case")).to_have_count(0)
    assert platform.case(case["id"])["state"] == "pending_close"


def test_escape_shuts_only_what_lies_uppermost(browse: Browse, waiting: dict[str, Any]) -> None:
    page = browse("/desk/cases", "dispatcher")
    row = row_of(page, waiting)
    row.click()
    drawer = page.locator(".case-drawer")
    expect(drawer.locator(".case-bar")).to_be_visible()
    drawer.locator('[data-operation="dispatch"]').click()
    form = drawer.locator(".case-form")
    expect(form).to_be_visible()
    # Not in the form itself, which has an Escape of its own.
    drawer.get_by_role("button", name="关闭").focus()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(drawer.locator(".case-bar")).to_be_visible()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(drawer.locator(".case-bar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer.locator(".case")).to_have_count(0)
    expect(row).to_be_focused()


@pytest.mark.parametrize("size", [(768, 1024), (720, 450)])
def test_a_tablet_and_an_enlarged_page_are_worked_on(
    browse: Browse, waiting: dict[str, Any], size: tuple[int, int]
) -> None:
    page = browse("about:blank", "shift_leader", language="en")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/desk")
    page.wait_for_selector(".counters .num")
    rooms = ".desk, .desk > header > *, .desk-page > *, .counters a, .filters > *, .list-tools > *"
    assert page.evaluate(OUTSIDE, rooms) == []
    page.get_by_role("navigation", name="Main navigation").get_by_role("link", name="Cases").click()
    row = row_of(page, waiting)
    expect(row).to_contain_text("To dispatch")
    assert page.evaluate(OUTSIDE, rooms + ", .list-card, .list-map") == []
    row.click()
    drawer = page.locator(".case-drawer .case")
    expect(drawer.get_by_role("button", name="Hide this panel")).to_be_in_viewport(ratio=1)
    assert page.evaluate(OUTSIDE, ".case-drawer .case, .case-drawer .case-bar > *") == []
    drawer.locator("a.case-tool").click()
    page.wait_for_selector(".case-page .case-columns")
    assert page.evaluate(OUTSIDE, ".desk, .case-page .case, .case-columns > *") == []
