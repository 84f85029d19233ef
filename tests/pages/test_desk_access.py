"""Every page of the desk, and signing in, for whoever has no mouse, little sight or big fingers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse
from tests.pages.test_component import MANAGER

Faults = Callable[[Page], list[str]]

#: What is drawn last of a page, by its address and whose it is.
ROOMS = (
    ("/desk", "shift_leader", ".case-rows, .list-card .empty"),
    ("/desk/cases", "shift_leader", ".case-rows"),
    ("/desk/order", "acceptor", "main.order"),
    ("/desk/evaluation", "evaluator", "main"),
    ("/desk/evaluation/bulletin", "evaluator", "main"),
    ("/desk/components", "shift_leader", "main table"),
    ("/desk/map", "shift_leader", ".map-tree input"),
    ("/desk/layers", "admin", "main"),
    ("/desk/surveys", MANAGER, "main"),
    ("/desk/nowhere", "shift_leader", "main h1"),
    ("/accounts/login/", None, "[name=password]"),
)
#: Where the focus stands, and whether an eye can see that it stands there.
STANDS = """() => {
  const at = document.activeElement
  if (!at || at === document.body) return null
  const ring = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  let seen = false
  // The ring may lie around a box that holds the field.
  for (let each = at, up = 0; each && up < 4; each = each.parentElement, up++) {
    const style = getComputedStyle(each)
    if (ring(style) || (up && each.matches(':focus-within') && style.boxShadow !== 'none'))
      seen = true
  }
  window.stops ??= []
  const again = window.stops.indexOf(at)
  if (again < 0) window.stops.push(at)
  const name = at.getAttribute('aria-label') || at.innerText?.trim().slice(0, 30) || at.className
  return {again, seen, name: `${at.tagName.toLowerCase()} ${name}`}
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_room_can_be_read_and_touched_and_walked_by_keys(
    browse: Browse, faults: Faults, language: str
) -> None:
    found: dict[str, list[str]] = {}
    for path, who, drawn in ROOMS:
        page = browse(path, who, language=language)
        page.wait_for_selector(drawn)
        wrong = faults(page)
        if language == "zh":
            # The stops are the same ones in every language.
            wrong += unseen_stops(page)
        if wrong:
            found[path] = wrong
        page.close()
    assert found == {}


def unseen_stops(page: Page) -> list[str]:
    """Goes once round the page by the Tab key: what it stops at without showing it, and where it
    is caught."""
    unseen: list[str] = []
    for _ in range(250):
        page.keyboard.press("Tab")
        stop = page.evaluate(STANDS)
        # Round: out of the page's end, or back at the first one.
        if stop is None or stop["again"] == 0:
            return unseen
        if stop["again"] > 0:
            return [*unseen, f"caught at {stop['name']}"]
        if not stop["seen"]:
            unseen.append(f"focus unseen at {stop['name']}")
    return [*unseen, "no end after 250 stops"]


def test_what_was_opened_by_keys_gives_the_focus_back(browse: Browse) -> None:
    page = browse("/desk/cases", "shift_leader")
    page.wait_for_selector(".case-rows")
    help_button = page.get_by_role("button", name="键盘快捷键")
    help_button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(help_button).to_be_focused()

    person = page.get_by_role("banner").locator(".menu > button")
    person.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(person).to_be_focused()
