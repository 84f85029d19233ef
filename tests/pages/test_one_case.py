"""One case through all posts in a browser: citizen, acceptor, shift leader, dispatcher, department,
collector (without signal in between), closing, rating. In Chinese and in English, by the names that
the tour of the documentation gives to what is pressed."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.pages.conftest import ROOT, Browse
from tests.pages.platform import Platform

TEXT = {
    "zh": "小区门口的路灯连续三天不亮, 老人夜里回家看不清路",
    "en": "The street lamp at the gate has been dark for three days",
}
DONE = {"zh": "已更换灯具, 恢复照明", "en": "The lamp was replaced and works"}


class Tour:
    """The names that a step of the tour quotes; each must be met on the pages of that step."""

    def __init__(self, language: str) -> None:
        file = ROOT / "docs" / "pages" / {"zh": "tour.zh-CN.md", "en": "tour.md"}[language]
        steps = re.split(r"^\d+\. ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        # A paragraph after the last step is no step any more.
        self.names = [re.findall(r"“(.+?)”", step.split("\n\n")[0]) for step in steps]
        assert len(self.names) == 10
        self.unmet = [set(names) for names in self.names]

    def meets(self, step: int, name: str) -> str:
        """`name`, which the tour's step says to press or to look for."""
        assert name in self.names[step - 1], f"step {step} of the tour does not name {name}"
        self.unmet[step - 1].discard(name)
        return name

    def presses(self, page: Page, step: int, operation: str) -> Any:
        """Presses the button of the case that this step names, and gives its form: its own button
        bears the same name."""
        page.locator(f"[data-offers~='{operation}']").wait_for()
        shown = page.locator(f"[data-operation={operation}]").inner_text().split("\n")[0].strip()
        name = self.meets(step, shown)
        form = press(page, operation)
        expect(form.locator("button[type=submit]")).to_have_text(name)
        return form

    def looks(self, page: Page, step: int, *names: str) -> None:
        """What the step names as well stands on the page."""
        for name in names:
            said = page.get_by_text(self.meets(step, name), exact=True)
            # A link of the navigation also tells how much waits there.
            counted = page.get_by_role("link", name=re.compile(rf"^{re.escape(name)}(\s|\d|$)"))
            expect(said.or_(counted).first).to_be_visible()


def words(surface: str, language: str) -> dict[str, str]:
    """What the pages of a surface say."""
    file = ROOT / "web" / "src" / "surfaces" / surface / f"{language}.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def picture_file() -> dict[str, Any]:
    """A photo as a camera would give it."""
    made = BytesIO()
    Image.new("RGB", (1600, 1200), (90, 120, 150)).save(made, "JPEG")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def filable_matter(platform: Platform) -> dict[str, str]:
    """Names of a matter of the default edition that has a standard."""
    with psycopg.connect(platform.database) as link:
        row = link.execute(
            "SELECT m.name_zh, m.name_en FROM governance_standard s"
            " JOIN city_matter m ON m.id = s.matter_id JOIN city_edition e ON e.id = m.edition_id"
            " WHERE e.is_default ORDER BY s.id LIMIT 1"
        ).fetchone()
    assert row is not None
    return {"zh": row[0], "en": row[1] or row[0]}


def own_department(platform: Platform) -> str:
    """The name of the body that the account `department` belongs to."""
    with psycopg.connect(platform.database) as link:
        row = link.execute(
            "SELECT o.name_zh FROM core_user u JOIN core_organisation o ON o.id = u.organisation_id"
            " WHERE u.username = 'department'"
        ).fetchone()
    assert row is not None
    return str(row[0])


def press(page: Page, operation: str) -> Any:
    """Opens the form of a button of the case page, wherever the button stands; once the page has
    heard that it is this one's turn."""
    page.locator(f"[data-offers~='{operation}']").wait_for()
    button = page.locator(f"[data-operation={operation}]")
    if button.count():
        button.click()
    else:
        page.locator("[data-operation=more]").click()
        page.locator(f"[data-menu-id$='-{operation}']").click()
    form = page.locator(f"[data-form={operation}]")
    expect(form).to_be_visible()
    return form


def send(page: Page, form: Any) -> None:
    """Sends a step that moves the case on; its button goes when the page has read it again."""
    operation = form.get_attribute("data-form")
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()
    expect(page.locator(f"[data-operation={operation}]")).to_have_count(0)


def find(page: Page, form: Any, field: str, text: str) -> None:
    """Chooses in a searchable list by typing."""
    box = form.locator(f"[data-field={field}] input[role=combobox]")
    box.click()
    box.fill(text)
    page.locator(".ant-select-item-option-active").first.wait_for()
    box.press("Enter")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_case_through_all_posts(
    platform: Platform, browse: Browse, picture: Callable[..., Path], language: str
) -> None:
    lon, lat = platform.place()
    tour = Tour(language)
    say = words("citizen", language)
    desk = words("desk", language)
    case_words = words("desk/case", language)
    at_home = {
        "geolocation": {"longitude": lon, "latitude": lat, "accuracy": 8},
        "permissions": ["geolocation"],
    }

    # The acceptor's page is open before anything happened.
    acceptor = browse("/desk", "acceptor", language=language)
    acceptor.wait_for_selector("main h1", state="attached")

    citizen = browse("/", size="phone", language=language, **at_home)
    citizen.get_by_role("link", name=tour.meets(1, say["start"])).click()
    citizen.set_input_files("input[type=file] >> nth=0", picture_file())
    tour.looks(citizen, 1, say["where_map"])
    citizen.get_by_role("button", name=tour.meets(1, say["where_here"])).click()
    citizen.locator("textarea").first.fill(TEXT[language])
    picture(citizen, f"tour-1-citizen-{language}", full=True)
    citizen.get_by_role("button", name=tour.meets(1, say["submit"]), exact=True).click()
    citizen.wait_for_selector(f".numbers, button:has-text('{say['same_new']}')")
    if not citizen.locator(".numbers").count():
        citizen.get_by_role("button", name=say["same_new"]).click()
    citizen.wait_for_selector(".numbers")
    number = citizen.locator(".numbers dd").first.inner_text()
    picture(citizen, f"tour-2-receipt-{language}", full=True)
    case_id = platform.case_of(number)["id"]
    assert platform.case(case_id)["description"] == TEXT[language]
    assert len(platform.case(case_id)["reports"][0]["attachments"]) == 1

    # It comes to the acceptor's work by itself.
    row = acceptor.locator(f"tr[data-id='{case_id}']")
    expect(row).to_be_visible()
    tour.looks(acceptor, 2, desk["nav_work"])
    row.click()
    form = tour.presses(acceptor, 2, "accept")
    find(acceptor, form, "matter_id", filable_matter(platform)[language])
    picture(acceptor, f"tour-3-accept-{language}")
    send(acceptor, form)
    assert platform.case(case_id)["state"] == "pending_file"

    leader = browse(f"/desk/cases/{case_id}", "shift_leader", language=language)
    form = tour.presses(leader, 3, "file")
    form.locator("[data-field=standard_id] input[type=radio]").first.check()
    picture(leader, f"tour-4-file-{language}")
    send(leader, form)
    assert platform.case(case_id)["state"] == "pending_dispatch"

    dispatcher = browse(f"/desk/cases/{case_id}", "dispatcher", language=language)
    form = tour.presses(dispatcher, 4, "dispatch")
    find(dispatcher, form, "department_id", own_department(platform))
    picture(dispatcher, f"tour-5-dispatch-{language}")
    send(dispatcher, form)
    assert platform.case(case_id)["state"] == "pending_handle"

    # Who does not hold the post has no button, and the server would refuse the act.
    expect(dispatcher.locator("[data-operation=redispatch]")).to_be_visible()
    assert dispatcher.locator("[data-operation=sign]").count() == 0
    refused = platform.api("dispatcher").post(f"/api/cases/{case_id}/sign", json={})
    assert refused.status_code == 403

    department = browse(f"/desk/cases/{case_id}", "department", language=language)
    send(department, tour.presses(department, 5, "sign"))
    tour.meets(5, case_words["op_assign"])
    expect(department.locator("[data-operation=assign]")).to_be_visible()
    form = tour.presses(department, 5, "finish")
    form.locator("[data-field=opinion] textarea").fill(DONE[language])
    form.locator("input[type=file]").set_input_files(picture_file())
    expect(form.locator(".case-own")).to_have_count(1)
    picture(department, f"tour-6-finish-{language}")
    send(department, form)

    form = tour.presses(dispatcher, 6, "forward")
    find(dispatcher, form, "collector_id", "（演示）")
    send(dispatcher, form)
    assert platform.case(case_id)["state"] == "pending_check"

    _check_without_signal(platform, browse, picture, tour, language, case_id, at_home)

    leader.reload()
    form = tour.presses(leader, 8, "close")
    picture(leader, f"tour-8-close-{language}")
    send(leader, form)
    assert platform.case(case_id)["state"] == "closed"

    citizen.get_by_role("link", name=tour.meets(9, say["done_follow"])).click()
    for name in ("answered", "solved", "satisfied"):
        citizen.locator(f"input[name={name}][value=yes]").check(force=True)
    expect(citizen.get_by_alt_text(f"{say['photos_after']} 1")).to_be_visible()
    tour.looks(citizen, 9, say["solved_no"])
    picture(citizen, f"tour-9-rate-{language}", full=True)
    citizen.get_by_role("button", name=tour.meets(9, say["rate_send"])).click()
    citizen.get_by_text(say["rate_thanks"]).wait_for()
    closed = platform.case(case_id)
    assert (closed["answered"], closed["solved"], closed["satisfied"]) == (True, True, True)

    # Every number of the evaluation opens its cases: the last click of the tour.
    evaluator = browse("/desk/evaluation", "evaluator", language=language)
    evaluator.locator("button.ev-figure").filter(has_text=re.compile("^[1-9]")).first.click()
    expect(evaluator.locator(".ev-drill a[href*='/desk/cases/']").first).to_be_visible()
    assert not any(tour.unmet), f"named by the tour and not met: {tour.unmet}"


def _check_without_signal(
    platform: Platform,
    browse: Browse,
    picture: Callable[..., Path],
    tour: Tour,
    language: str,
    case_id: int,
    at_home: dict[str, Any],
) -> None:
    """The collector decides where there is no network; it arrives once there is."""
    page = browse("/m", "collector", size="phone", language=language, **at_home)
    task = page.locator(f"a[href='/m/task/{case_id}']")
    expect(task).to_be_visible()
    task.click()
    page.locator("input[name=act]").first.wait_for(state="attached")
    page.wait_for_selector("html[data-ahead=here]")
    page.context.set_offline(True)
    say = words("field", language)
    page.get_by_text(tour.meets(7, say["act_pass_check"]), exact=True).first.click()
    page.locator(".slot input[type=file]").first.set_input_files(picture_file())
    expect(page.locator(".slot .taken")).to_have_count(1)
    picture(page, f"tour-7-check-{language}", full=True)
    page.get_by_role("button", name=tour.meets(7, say["submit"]), exact=True).click()
    page.wait_for_url("**/m")
    assert platform.case(case_id)["state"] == "pending_check"
    # The tab counts what waits behind its name.
    outbox = re.compile(f"^{tour.meets(7, say['tab_outbox'])}")
    page.get_by_role("link", name=outbox).click()
    picture(page, f"tour-7-outbox-{language}")
    page.context.set_offline(False)
    expect(page.locator("article[data-state=sent]")).to_have_count(1)
    case = platform.case(case_id)
    assert case["state"] == "pending_close"
    passed = [record for record in case["records"] if record["operation"] == "pass_check"]
    assert len(passed) == 1
    assert len(passed[0]["attachments"]) == 1
