"""Evaluation and its bulletin at a desk: numbers that open, the address, schemes, files, paper."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.conftest import Browse
from tests.pages.platform import Platform, driven

Faults = Callable[[Page], list[str]]
SCHEME = "browser-scheme"


@pytest.fixture(scope="module")
def done(platform: Platform) -> list[dict[str, Any]]:
    """Cases that are closed, one that is being handled."""
    cases = [driven(platform, "closed", text=f"路面坑洼第 {n} 处") for n in range(2)]
    return [*cases, driven(platform, "handling", text="井盖松动, 车辆经过有响声")]


def asked(platform: Platform, kind: str, who: str = "evaluator", **query: Any) -> dict[str, Any]:
    """The table as the server gives it."""
    answer = platform.api(who).get(f"/api/evaluation/{kind}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def period_of(page: Page) -> str:
    value = page.locator(".ev-period select").last.input_value()
    return str(value)


def opened(browse: Browse, query: str = "", who: str = "evaluator", **how: Any) -> Page:
    page = browse(f"/desk/evaluation{query}", who, **how)
    page.wait_for_selector(".ev-table")
    return page


def total(page: Page, column: str) -> str:
    """What stands in the last line under a heading."""
    names = [name.strip(" ↓↑\n") for name in page.locator(".ev-table thead th").all_inner_texts()]
    cell = page.locator(".ev-table tfoot tr > *").nth(names.index(column))
    return cell.inner_text().strip()


def test_a_number_is_the_servers_and_opens_exactly_its_cases(
    browse: Browse, platform: Platform, done: list[dict[str, Any]]
) -> None:
    page = opened(browse)
    table = asked(platform, "region", period=period_of(page))
    reports = table["total"]["cells"][0]["counts"]["reports"]
    assert reports >= len(done)
    assert total(page, "接报数") == f"{reports:,}"
    row = page.locator(".ev-table tbody tr", has=page.locator(".ev-rank", has_text="1")).first
    named = row.locator("th").inner_text()
    cell = next(r["cells"][0] for r in table["rows"] if r["object"]["name_zh"] == named)
    row.get_by_role("button", name=re.compile("处置数")).click()
    rows = page.locator(".ev-counted li")
    expect(rows).to_have_count(cell["counts"]["handled"])
    expect(page.locator(".ev-drill h2")).to_contain_text(named)
    numbers = rows.locator("a").all_inner_texts()
    assert {case["number"] for case in done[:2]} <= set(numbers)
    assert done[2]["number"] not in numbers
    # A rate is opened by the counts that it is made of, and the address knows which.
    page.keyboard.press("Escape")
    expect(page.locator(".ev-drill")).to_have_count(0)
    row.get_by_role("button", name=re.compile("按期处置率")).click()
    page.get_by_role("button", name=re.compile("^应处置数")).click()
    expect(page).to_have_url(re.compile("part=should_handled"))
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^应处置数"))).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(rows).to_have_count(cell["counts"]["should_handled"])
    page.locator(".ev-counted a").first.click()
    page.wait_for_selector(".case-bar")
    expect(page).to_have_url(re.compile(r"/desk/cases/\d+$"))


def test_the_address_is_the_state(browse: Browse, done: list[dict[str, Any]]) -> None:
    page = opened(browse)
    page.get_by_role("button", name="部门", exact=True).click()
    page.get_by_label("周期类型").select_option("year")
    page.get_by_role("button", name=re.compile("^处置数")).click()
    page.get_by_role("button", name="图表").click()
    expect(page).to_have_url(
        re.compile(r"kind=department&period=\d{4}&sort=-handled&charts=hidden")
    )
    page.locator(".ev-table tbody input[type=checkbox]").first.check()
    page.reload()
    page.wait_for_selector(".ev-table")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("处置数")
    expect(page.locator(".ev-table tbody input[type=checkbox]").first).to_be_checked()
    expect(page.locator(".ev-charts")).to_have_count(0)
    page.go_back()
    expect(page.locator(".ev-table tbody input[type=checkbox]").first).not_to_be_checked()
    # Nonsense in an address is no harm.
    page.goto("/desk/evaluation?period=2026-99&kind=x&sort=%3Cb%3E&pin=&look=nothing&of=*")
    page.wait_for_selector(".ev-table")
    expect(page.get_by_role("button", name="区域", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_it_is_worked_with_keys_alone(browse: Browse, done: list[dict[str, Any]]) -> None:
    page = opened(browse, "?period=2026-11")
    page.evaluate("() => { window.print = () => { window.printed = true } }")
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("kind=department"))
    expect(page.get_by_role("button", name="部门", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile("period=2026-10"))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("period=2026-11"))
    page.keyboard.press("f")
    expect(page.get_by_role("search", name="筛选")).to_be_visible()
    page.wait_for_selector(".ev-table")
    page.keyboard.press("i")
    indicators = page.get_by_role("dialog", name="指标")
    expect(indicators).to_be_visible()
    page.keyboard.press("Escape")
    expect(indicators).to_have_count(0)
    page.keyboard.press("p")
    page.wait_for_selector(".sheet-page")
    expect(page).to_have_url(re.compile("bulletin.*period=2026-11"))
    page.keyboard.press("p")
    page.wait_for_function("() => window.printed === true")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/desk/evaluation\?"))
    page.wait_for_selector(".ev-table")
    # Help tells them all.
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="键盘快捷键")
    keys = help_.locator("section").first.locator("kbd")
    expect(keys).to_have_text(["1", "2", "3", "[", "]", "f", "i", "p"])
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_selector(".work")
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.wait_for_selector(".ev-table")


def test_a_period_without_cases_says_so(browse: Browse, done: list[dict[str, Any]]) -> None:
    page = browse("/desk/evaluation?period=2019Q2", "evaluator")
    expect(page.get_by_text("2019年第二季度没有可评价的数据")).to_be_visible()
    page.get_by_label("上一周期").click()
    expect(page).to_have_url(re.compile("period=2019Q1"))
    page.get_by_label("显示无业务的").check()
    expect(page.locator(".ev-table tbody tr").first).to_be_visible()


def test_change_is_an_arrow_and_a_word(
    browse: Browse, platform: Platform, done: list[dict[str, Any]]
) -> None:
    """The answer for the month before is given other places and scores."""
    page = browse("/desk", "evaluator")
    now = asked(platform, "region", period="2019")["at"][:4]
    table = asked(platform, "region", period=now)
    ranked = [row for row in table["rows"] if row["cells"][0]["rank"]]
    named, cell = ranked[0]["object"], ranked[0]["cells"][0]
    code = named["code"]

    def before(route: Route) -> None:
        changed = json.loads(json.dumps(table))
        for row in changed["rows"]:
            if row["object"]["code"] == code:
                row["cells"][0] |= {"rank": cell["rank"] + 2, "score": cell["score"] - 1.5}
        route.fulfill(json=changed)

    page.route(f"**/api/evaluation/region?period={int(now) - 1}*", before)
    page.goto(f"/desk/evaluation?period={now}")
    row = page.locator(".ev-table tbody tr", has=page.get_by_text(named["name_zh"], exact=True))
    move = row.locator(".ev-move")
    expect(move).to_contain_text("升 2 位")
    expect(move).to_contain_text("+1.5 分")
    expect(move).to_contain_text("▲")
    page.get_by_label("对比").select_option("none")
    expect(page.locator(".ev-move")).to_have_count(0)


def test_definitions_are_there_by_keyboard(browse: Browse, done: list[dict[str, Any]]) -> None:
    page = opened(browse)
    page.get_by_role("button", name="公众举报率", exact=True).focus()
    expect(page.get_by_role("tooltip")).to_contain_text("公众举报数 ÷ 接报数")
    page.get_by_role("button", name="指标", exact=True).click()
    page.get_by_label(re.compile("^返工率")).check()
    expect(page).to_have_url(re.compile("show=rework_rate"))
    expect(page.locator(".ev-table thead")).to_contain_text("返工率")
    page.keyboard.press("Escape")


def test_charts_have_the_same_numbers_as_tables(
    browse: Browse, platform: Platform, done: list[dict[str, Any]]
) -> None:
    page = opened(browse)
    page.wait_for_selector(".ev-chart[data-chart=drawn] canvas")
    scores = page.locator("section[aria-labelledby=ev-bars]")
    scores.get_by_role("button", name="以表格显示").click()
    best = page.locator(".ev-score").first.inner_text().split()[0]
    expect(scores.locator(".chart-table tbody tr").first).to_contain_text(best)


def test_a_file_is_in_the_language_of_the_page(browse: Browse, done: list[dict[str, Any]]) -> None:
    page = opened(browse, "?kind=department", language="en")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("CSV")).click()
    content = Path(waiting.value.path()).read_text("utf-8-sig")
    assert content.startswith("code,name,post,period,score,grade,rank,")
    assert waiting.value.suggested_filename.endswith(".csv")


def test_who_reads_and_who_does_not(browse: Browse, done: list[dict[str, Any]]) -> None:
    page = browse("/desk/evaluation", "collector")
    expect(page.get_by_role("alert")).to_contain_text("只有考核员")
    page = opened(browse, "?kind=department", "department")
    rows = page.locator(".ev-table tbody tr")
    expect(rows).to_have_count(1)
    # Reading is not writing.
    page.get_by_role("button", name="评价方案").click()
    expect(page.get_by_role("heading", name="评价方案")).to_be_visible()
    expect(page.get_by_role("button", name="新建方案")).to_have_count(0)
    page.get_by_role("button", name="群众三率").click()
    expect(page.get_by_label("中文名称")).to_be_disabled()


def test_a_scheme_is_written_kept_refused_saved_used_and_removed(
    browse: Browse, platform: Platform, done: list[dict[str, Any]]
) -> None:
    page = opened(browse, "?kind=department&schemes=%2B")
    page.get_by_label("代码").fill("department")
    page.get_by_label("评价对象").last.select_option("department")
    page.get_by_label("中文名称").fill("只看按期")
    page.get_by_label("英文名称").fill("In time only")
    page.get_by_role("combobox", name="指标", exact=True).click()
    page.get_by_role("combobox", name="指标", exact=True).fill("按期处置率")
    page.keyboard.press("Enter")
    page.get_by_label("权重", exact=True).fill("90")
    expect(page.get_by_text("合计 90，应为 100")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("权重之和须为 100")
    # What was typed survives the page.
    page.reload()
    expect(page.get_by_text("已恢复上次未保存的内容")).to_be_visible()
    expect(page.get_by_label("中文名称")).to_have_value("只看按期")
    page.get_by_label("权重", exact=True).fill("100")
    page.get_by_role("button", name="保存").click()
    # The code is taken: the server says so, the words stay.
    expect(page.get_by_role("alert")).to_contain_text("已存在")
    expect(page.get_by_label("英文名称")).to_have_value("In time only")
    page.get_by_label("代码").fill(SCHEME)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="只看按期", exact=True)).to_be_visible()
    known = platform.api("evaluator").get("/api/evaluation/schemes").json()
    saved = next(each for each in known if each["code"] == SCHEME)
    assert saved["weights"] == {"handling_in_time_rate": {"weight": 100, "reverse": False}}
    page.get_by_role("button", name="关闭").click()
    page.locator(".ev-controls").get_by_label("评价方案").select_option(SCHEME)
    expect(page.locator(".ev-table thead")).to_contain_text("按期处置率")
    first = page.locator(".ev-table tbody tr").first
    expect(first.locator(".ev-score")).to_contain_text("100.0")
    page.get_by_role("button", name="评价方案").click()
    page.get_by_role("button", name="删除方案“只看按期”").click()
    page.get_by_role("dialog").get_by_role("button", name="删除", exact=True).last.click()
    expect(page.get_by_role("button", name="只看按期", exact=True)).to_have_count(0)
    # Nothing goes on asking for it.
    expect(page).not_to_have_url(re.compile(f"scheme={SCHEME}"))
    expect(first.locator(".ev-score")).to_be_visible()
    gone = platform.api("evaluator").get("/api/evaluation/schemes").json()
    assert SCHEME not in [each["code"] for each in gone]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_in_the_way_of_anybody(
    browse: Browse, faults: Faults, done: list[dict[str, Any]], theme: str
) -> None:
    page = opened(browse, "?look=reports&of=*", theme=theme)
    page.wait_for_selector(".ev-counted li")
    page.wait_for_selector(".ev-chart[data-chart=drawn]")
    assert faults(page) == []
    page.goto("/desk/evaluation?schemes=department")
    page.wait_for_selector(".ev-form")
    assert faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_bulletin_on_paper(
    browse: Browse,
    platform: Platform,
    faults: Faults,
    done: list[dict[str, Any]],
    tmp_path: Path,
    theme: str,
) -> None:
    page = opened(browse, theme=theme)
    period = period_of(page)
    page.get_by_role("link", name="评价通报").click()
    page.wait_for_selector(".sheet")
    expect(page.locator(".sheet [data-chart=drawn] svg").first).to_be_visible()
    assert faults(page) == []
    counts = asked(platform, "region", period=period)["total"]["cells"][0]["counts"]
    received = f"本期共接报 {counts['reports']:,} 件"
    expect(page.locator(".sheet-summary")).to_contain_text(received)
    expect(page.locator(".sheet canvas")).to_have_count(0)
    assert "绩效评价通报" in page.title()

    page.emulate_media(media="print")
    expect(page.locator(".desk > header")).to_be_hidden()
    expect(page.locator(".sheet-bar")).to_be_hidden()
    # Ink on white paper, whatever the screen's colours are.
    ink = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    assert page.locator(".sheet").evaluate(ink) == ["rgb(23, 32, 42)", "rgb(255, 255, 255)"]
    file = tmp_path / "bulletin.pdf"
    page.pdf(path=file, prefer_css_page_size=True, print_background=True)
    content = file.read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", content)
    assert len(boxes) >= 2, "the bulletin with its method has more than one page"
    for width, height in boxes:
        assert (round(float(width)), round(float(height))) == (595, 842), "A4"
    if shutil.which("pdftotext"):
        told = subprocess.run(
            ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
        ).stdout
        assert received in told
        for page_number in range(1, len(boxes) + 1):
            assert f"第 {page_number} 页，共 {len(boxes)} 页" in told
        assert told.count("绩效评价通报") == len(boxes) + 1, "the title, and the head of each page"
        assert "区域评价" in told
        assert "统计说明" in told
        assert "我的工作" not in told, "nothing of the desk around it"


def test_leaving_the_bulletin_leaves_the_printer_alone(
    browse: Browse, done: list[dict[str, Any]]
) -> None:
    page = browse("/desk/evaluation/bulletin?period=2019-03", "leader")
    expect(page.get_by_text("本期没有接报")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.paper") == "bulletin"
    page.get_by_role("link", name="返回评价表").click()
    page.wait_for_selector(".ev-page")
    assert page.evaluate("document.documentElement.dataset.paper") is None
