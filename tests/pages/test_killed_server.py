"""The server dies in the middle of a form: no typed word is lost."""

from playwright.sync_api import expect

from tests.pages.conftest import Browse, kept
from tests.pages.platform import Platform, driven
from tests.pages.test_one_case import press

WORDS = "现场无路灯, 已联系物业, 待电力部门确认产权后再派单"


def test_a_killed_server_takes_no_typed_word_with_it(platform: Platform, browse: Browse) -> None:
    case = driven(platform, "pending_dispatch")
    page = browse(f"/desk/cases/{case['id']}", "dispatcher")
    form = press(page, "return_case")
    form.locator("textarea").fill(WORDS)
    platform.down()
    try:
        form.locator("button[type=submit]").click()
        expect(form.locator("[role=alert]")).to_be_visible()
        expect(form.locator("textarea")).to_have_value(WORDS)
    finally:
        platform.up()
    page.reload()
    form = press(page, "return_case")
    expect(form.locator("textarea")).to_have_value(WORDS)
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()
    after = platform.case(case["id"])
    assert after["state"] == "pending_file"
    assert [r["opinion"] for r in after["records"]].count(WORDS) == 1


def test_a_citizen_s_words_outlive_the_server_and_the_page(
    platform: Platform, browse: Browse
) -> None:
    page = browse("/report", size="phone")
    page.locator("textarea").first.fill(WORDS)
    kept(page, WORDS)
    platform.down()
    platform.up()
    page.reload()
    expect(page.locator("textarea").first).to_have_value(WORDS)
