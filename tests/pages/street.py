"""What people in the street do on their phone, as the browser tests do it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.pages.platform import Platform, driven


def to_check(platform: Platform, text: str = "路灯不亮, 夜间出行不便") -> int:
    """A case that our collector is to check; left alone, the least busy of the area gets it."""
    case_id = int(driven(platform, "pending_feedback", text=text)["id"])
    collector = platform.api("collector").get("/api/me").json()["user"]["id"]
    platform.step("dispatcher", case_id, "forward", collector_id=collector)
    return case_id


def records(platform: Platform, case_id: int, operation: str) -> list[dict[str, Any]]:
    case = platform.case(case_id, "leader")
    return [row for row in case["records"] if row["operation"] == operation]


def take_photo(page: Page, slot: str, file: Path) -> None:
    page.get_by_label(f"拍摄：{slot}").set_input_files(file)
    expect(page.get_by_alt_text(f"{slot}照片")).to_be_visible()


def decide(page: Page, act: str, words: str = "") -> None:
    # All of the case is there: what comes later would push the form from under the finger.
    expect(page.get_by_text("办理过程")).to_be_visible()
    page.get_by_text(act, exact=True).click()
    expect(page.get_by_role("radio", name=act, exact=True)).to_be_checked()
    if words:
        page.get_by_label("情况说明").fill(words)


def ready_for_today(page: Page) -> None:
    """Everything of the day lies on the phone, and the worker serves it."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.get_by_role("link", name="我的", exact=True).click()
    page.wait_for_selector("[data-today=ready]", timeout=60_000)


def outbox(page: Page, state: str) -> Any:
    return page.locator(f"article[data-state={state}]")
