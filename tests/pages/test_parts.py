"""Parts of a page that come later than its first view, where the network does not stay."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse
from tests.pages.platform import Platform, driven

LOST = "这部分内容没有载入；网络恢复后会自动再试。"


def without(browse: Browse, part: str, who: str | None, path: str, **answer: Any) -> Page:
    """A phone whose network loses one file; no service worker has it either."""
    page = browse("/accounts/login/", who, size="phone", service_workers="block")
    if answer:
        page.route(f"**/assets/{part}-*.js", lambda route: route.fulfill(**answer))
    else:
        page.route(f"**/assets/{part}-*.js", lambda route: route.abort())
    page.goto(path)
    return page


def test_a_part_that_did_not_arrive_says_so_and_comes_with_the_network(browse: Browse) -> None:
    page = without(browse, "OutboxPage", "collector", "/m")
    page.get_by_role("link", name="待发箱").click()
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    page.context.set_offline(True)
    page.unroute_all()
    page.get_by_role("link", name="任务").click()
    page.get_by_role("link", name="待发箱").click()
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    page.context.set_offline(False)
    expect(page.get_by_text("没有待发送的内容。")).to_be_visible()
    expect(page.get_by_text(LOST)).to_have_count(0)


def test_a_file_of_a_former_build_is_mended_by_a_new_start(browse: Browse) -> None:
    page = without(browse, "OutboxPage", "collector", "/m", status=404, body="")
    page.get_by_role("link", name="待发箱").click()
    with page.expect_event("load"):
        page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    page.unroute_all()
    # It looks again by itself now, and a button may be gone before a hand comes to it.
    expect(page.get_by_text("没有待发送的内容。")).to_be_visible()


@pytest.mark.parametrize(
    ("part", "who", "path", "link", "there"),
    [
        ("ReportPage", None, "/", "我要上报", "textarea"),
        ("CaseList", "leader", "/m/leader", "待我审批", "h2"),
    ],
)
def test_every_phone_page_says_so(
    browse: Browse, part: str, who: str | None, path: str, link: str, there: str
) -> None:
    page = without(browse, part, who, path)
    page.get_by_role("link", name=link).first.click()
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    page.unroute_all()
    page.get_by_role("button", name="重试").click()
    expect(page.locator(there).first).to_be_visible()


def test_a_network_that_goes_seconds_after_the_start_costs_nothing(
    platform: Platform, browse: Browse
) -> None:
    """Without a service worker: all that the day needs came with the page, in both languages."""
    case_id = int(driven(platform, "pending_feedback", text="Parts come ahead")["id"])
    collector = platform.api("collector").get("/api/me").json()["user"]["id"]
    platform.step("dispatcher", case_id, "forward", collector_id=collector)
    page = browse("/m", "collector", size="phone", language="en", service_workers="block")
    task = page.locator(f"a[href='/m/task/{case_id}']")
    expect(task).to_be_visible()
    page.wait_for_selector("html[data-ahead=here]")
    page.context.set_offline(True)
    page.get_by_role("link", name="Outbox").click()
    expect(page.get_by_text("Nothing waits to be sent.")).to_be_visible()
    page.get_by_role("link", name="Report", exact=True).click()
    expect(page.locator("textarea").first).to_be_visible()
    page.get_by_role("link", name="Me", exact=True).click()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="我的")).to_be_visible()
    page.get_by_role("link", name="任务").click()
    task.click()
    page.get_by_text("核查通过", exact=True).click()
