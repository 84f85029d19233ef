"""What waits on a phone is sent by the service worker when the network returns, though no field
page is open: the browser's own Background Sync, as Chromium on Android has it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
from playwright.sync_api import Page, expect

from tests.pages.platform import Platform, driven
from tests.pages.street import decide, outbox, ready_for_today, records, take_photo, to_check

#: What became of the items of the outbox, in their order.
STATES = """async () => {
  const of = (asked) => new Promise((done, fail) => {
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => fail(asked.error)
  })
  const store = await of(indexedDB.open('chengyun-field'))
  const items = await of(store.transaction('outbox').objectStore('outbox').getAll())
  store.close()
  return items.map((item) => item.state)
}"""
#: Whether the browser has been asked to wake the worker, and has not done so yet.
ASKED = """async () => {
  const found = await navigator.serviceWorker.getRegistration('/m')
  return (await found.sync.getTags()).length > 0
}"""
UNTIL = """async () => {
  const end = Date.now() + 30_000
  while (!await (CONDITION)()) {
    if (Date.now() > end) throw new Error('not within half a minute')
    await new Promise((go) => setTimeout(go, 50))
  }
}"""


def until(page: Page, condition: str) -> None:
    """Wait for what only a promise tells: `wait_for_function` takes that itself for a yes."""
    page.evaluate(UNTIL.replace("CONDITION", condition))


def beside(page: Page) -> Page:
    """A page of the same host that is none of the field's: it can look into the phone's store."""
    other = page.context.new_page()
    other.goto("/follow")
    return other


def leave(page: Page) -> None:
    """Close the last field page, without a network; only the request to wake the worker is left."""
    until(page, ASKED)
    page.close()


def woken(other: Page) -> None:
    """Wait until the browser has woken the worker, and the worker has nothing left to do."""
    until(other, f"async () => !await ({ASKED})()")


def submit(page: Page, case_id: int, act: str, words: str, shots: dict[str, Path]) -> None:
    page.goto(f"/m/task/{case_id}")
    decide(page, act, words)
    for slot, shot in shots.items():
        take_photo(page, slot, shot)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("条待发送。")).to_be_visible()


def test_a_closed_page_sends_in_order_and_once(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = driven(platform, "handling", text="页面已关, 网络恢复")["id"]
    handler = platform.api("handler").get("/api/me").json()["user"]["id"]
    platform.step("department", case_id, "assign", handler_id=handler)
    page = phone("/m", "handler")
    expect(page.get_by_text("页面已关, 网络恢复")).to_be_visible()
    ready_for_today(page)
    other = beside(page)
    page.context.set_offline(True)
    submit(page, case_id, "应急围护", "已设围挡", {})
    submit(page, case_id, "处置完成", "灯头已换", {"处置前": shot, "处置后": shot})
    leave(page)
    assert records(platform, case_id, "make_safe") == []

    other.context.set_offline(False)
    woken(other)
    assert other.evaluate(STATES) == ["sent", "sent"]
    operations = [row["operation"] for row in platform.case(case_id, "leader")["records"]]
    assert operations[-2:] == ["make_safe", "finish"]
    assert operations.count("make_safe") == operations.count("finish") == 1
    [finished] = records(platform, case_id, "finish")
    assert (finished["opinion"], len(finished["attachments"])) == ("灯头已换", 2)

    # The page that is opened now shows it, and sends nothing again.
    again = other.context.new_page()
    again.goto("/m/outbox")
    expect(outbox(again, "sent")).to_have_count(2)
    assert len(records(platform, case_id, "finish")) == 1


def test_a_conflict_met_without_a_page_is_explained_when_one_opens(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="无人看见的冲突")
    page = phone()
    ready_for_today(page)
    other = beside(page)
    page.context.set_offline(True)
    submit(page, case_id, "核查通过", "现场合格", {"近景": shot})
    leave(page)
    platform.step("shift_leader", case_id, "annotate", opinion="请重点查看灯杆底座")
    other.context.set_offline(False)
    woken(other)
    assert other.evaluate(STATES) == ["conflict"]
    assert records(platform, case_id, "pass_check") == []
    again = other.context.new_page()
    again.goto("/m/outbox")
    card = outbox(again, "conflict")
    expect(card).to_contain_text("案件已被他人更新")
    expect(card).to_contain_text("请重点查看灯杆底座")
    card.get_by_role("button", name="按最新状态重新发送").click()
    expect(outbox(again, "sent")).to_have_count(1)
    assert len(records(platform, case_id, "pass_check")) == 1


def test_a_session_that_ended_meanwhile_keeps_what_waits(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    case_id = to_check(platform, text="无页面时登录过期")
    page = phone()
    ready_for_today(page)
    other = beside(page)
    page.context.set_offline(True)
    submit(page, case_id, "核查通过", "", {"近景": shot})
    leave(page)
    kept = other.context.cookies()
    other.context.clear_cookies(name="chengyun_session")
    other.context.set_offline(False)
    woken(other)
    assert other.evaluate(STATES) == ["waiting"]
    other.context.add_cookies(kept)  # type: ignore[arg-type]
    again = other.context.new_page()
    again.goto("/m/outbox")
    expect(outbox(again, "sent")).to_have_count(1)
    assert len(records(platform, case_id, "pass_check")) == 1


def tracked(platform: Platform) -> int:
    """How many points of tracks the server has."""
    with psycopg.connect(platform.database) as link:
        row = link.execute("SELECT count(*) FROM governance_patrolpoint").fetchone()
    assert row is not None
    return int(row[0])


def test_what_waits_of_a_patrol_is_sent_though_the_page_is_closed(
    phone: Callable[..., Page], platform: Platform
) -> None:
    before = tracked(platform)
    page = phone("/m/me")
    ready_for_today(page)
    other = beside(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="开始巡查").click()
    expect(page.get_by_text("1 个点待上传。")).to_be_visible()
    leave(page)
    assert tracked(platform) == before
    other.context.set_offline(False)
    woken(other)
    assert tracked(platform) == before + 1
    assert other.evaluate(STATES.replace("outbox", "track")) == []


def test_nothing_is_sent_for_somebody_who_signed_out(
    phone: Callable[..., Page], platform: Platform, shot: Path
) -> None:
    """Without a network the server does not hear of it, and their session lives on there."""
    case_id = to_check(platform, text="退出之后")
    page = phone()
    ready_for_today(page)
    other = beside(page)
    page.context.set_offline(True)
    submit(page, case_id, "核查通过", "", {"近景": shot})
    page.get_by_role("link", name="我的", exact=True).click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("alert")).to_contain_text("还有 1 条未发送")
    until(page, ASKED)
    with page.expect_event("requestfailed", lambda sent: "/accounts/login/" in sent.url):
        page.get_by_role("button", name="退出登录").click()
    page.close()
    other.context.set_offline(False)
    woken(other)
    assert other.evaluate(STATES) == ["waiting"]
    assert other.evaluate("async () => (await fetch('/api/me')).status") == 200
    assert records(platform, case_id, "pass_check") == []
