"""A survey is handed in, looked through, partly left out and let into the register on the desk."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse
from tests.pages.platform import Platform
from tests.pages.test_component import MANAGER, detail


def feature(code: str, lon: float, lat: float, **more: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"code": code, "name": "井盖", "state": "intact", **more},
    }


def registered(platform: Platform, skip: int) -> list[dict[str, Any]]:
    rows = platform.api(MANAGER).get("/api/components", params={"state": "intact", "limit": 200})
    return list(rows.json()["items"][skip:])


def written(path: Path, features: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def hand_in(page: Page, file: Path, title: str) -> None:
    page.get_by_role("button", name="上传普查成果").click()
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_label("名称（可不填）").fill(title)
    page.get_by_role("button", name="上传并比对").click()
    page.wait_for_url("**/desk/surveys/*")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(page.locator(".survey-head .phase")).to_have_text("待审核", timeout=60_000)


def tab(page: Page, name: str) -> Any:
    return page.get_by_role("tab", name=name)


def test_what_a_reviewer_lets_in_is_in_the_register_and_nothing_else(
    platform: Platform, browse: Browse, tmp_path: Path
) -> None:
    one, other = registered(platform, 120)[:2]
    fresh = [f"{one['code'][:11]}{serial}" for serial in ("900001", "900002")]
    places = [(one["lon"] + n / 100_000, one["lat"]) for n in (1, 2)]
    file = written(
        tmp_path / "covers.geojson",
        [
            feature(one["code"], one["lon"], one["lat"], name=one["name"], state="damaged"),
            feature(other["code"], other["lon"], other["lat"], name=other["name"], state="lost"),
            *(feature(code, *place) for code, place in zip(fresh, places, strict=True)),
            feature(f"{one['code'][:11]}900003", one["lat"], one["lon"]),
        ],
    )
    page = browse("/desk/surveys", MANAGER)
    hand_in(page, file, "井盖补测")
    expect(tab(page, "新增")).to_have_text("新增 2")
    expect(tab(page, "变更")).to_have_text("变更 2")
    expect(tab(page, "退回")).to_have_text("退回 1")

    tab(page, "退回").click()
    expect(page.locator(".survey-why")).to_contain_text("经度与纬度颠倒")
    expect(page.locator(".survey-why")).to_contain_text("处理办法：")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载退回清单（CSV）").click()
    download.value.save_as(tmp_path / "rejected.csv")
    assert "swapped_axes" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")

    tab(page, "变更").click()
    row = page.locator(".survey-rows tbody tr", has_text=one["code"])
    expect(row.locator("del")).to_have_text("完好")
    expect(row.locator("ins")).to_have_text("破损")
    page.get_by_role("button", name=f"不采纳 {other['code']}").click()
    expect(page.locator("tr.declined")).to_contain_text(other["code"])
    tab(page, "新增").click()
    page.get_by_label(f"选择 {fresh[1]}").check()
    page.locator(".survey-bulk").get_by_role("button", name="不采纳").click()
    expect(page.locator("tr.declined")).to_contain_text(fresh[1])
    page.get_by_role("button", name=f"恢复采纳 {fresh[1]}").click()
    expect(page.locator("tr.declined")).to_have_count(0)
    page.get_by_role("button", name=f"不采纳 {fresh[1]}").click()
    expect(page.locator("tr.declined")).to_have_count(1)

    page.get_by_role("button", name="审核入库").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("新增 1 个")
    expect(asked).to_contain_text("变更 1 个")
    expect(asked).to_contain_text("移除 0 个")
    asked.get_by_role("button", name="审核入库").click()
    expect(page.locator(".survey-head .phase")).to_have_text("已入库", timeout=60_000)
    assert detail(platform, one["code"])["state"] == "damaged"
    assert detail(platform, other["code"])["state"] == "intact"
    assert detail(platform, fresh[0])["survey"]["title"] == "井盖补测"
    assert platform.api(MANAGER).get(f"/api/components/{fresh[1]}").status_code == 404


def test_what_would_be_removed_is_confirmed_by_its_number(
    platform: Platform, browse: Browse, tmp_path: Path
) -> None:
    """A complete survey of one community that forgets all of a class but one object."""
    rows = registered(platform, 160)
    areas = detail(platform, rows[0]["code"])["areas"]
    community = areas[-1]["code"]
    there = platform.api(MANAGER).get(
        "/api/components", params={"area": community, "limit": 200}
    ).json()["items"]  # fmt: skip
    [(kind, count)] = Counter(row["component_class"] for row in there).most_common(1)
    kept, *missing = (row for row in there if row["component_class"] == kind)
    assert count == len(missing) + 1 >= 2
    file = written(
        tmp_path / "one.geojson",
        [feature(kept["code"], kept["lon"], kept["lat"], name=kept["name"], remark="复测")],
    )
    page = browse("/desk/surveys", MANAGER)
    page.get_by_role("button", name="上传普查成果").click()
    page.get_by_label("完整普查").check()
    page.get_by_label("普查范围的区划代码").fill(community)
    page.get_by_role("button", name="上传普查成果").click()
    hand_in(page, file, "社区复测")
    gone = len([row for row in missing if row["state"] != "removed"])
    expect(tab(page, "消失")).to_have_text(f"消失 {gone}")
    page.get_by_role("button", name="审核入库").click()
    asked = page.get_by_role("dialog")
    sure = asked.get_by_role("button", name="审核入库")
    expect(sure).to_be_disabled()
    asked.get_by_role("textbox").fill(str(gone + 1))
    expect(sure).to_be_disabled()
    asked.get_by_role("textbox").fill(str(gone))
    expect(sure).to_be_enabled()
    asked.get_by_role("button", name="取消").click()

    page.get_by_role("button", name="放弃", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="放弃", exact=True).click()
    expect(page.locator(".survey-head .phase")).to_have_text("已放弃")
    assert detail(platform, kept["code"])["remark"] == kept["remark"]
    assert detail(platform, missing[0]["code"])["state"] == missing[0]["state"]


def test_another_post_sees_no_surveys(platform: Platform, browse: Browse) -> None:
    assert platform.api("leader").get("/api/surveys").status_code == 403
    page = browse("/desk/components", "leader")
    expect(page.get_by_role("link", name="部件", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="普查", exact=True)).to_have_count(0)


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_a_review_can_be_read_by_everybody(
    platform: Platform,
    browse: Browse,
    picture: Callable[..., Path],
    faults: Callable[[Page], list[str]],
    tmp_path: Path,
    language: str,
    theme: str,
) -> None:
    row = registered(platform, 140)[0]
    features = [
        feature(row["code"], row["lon"], row["lat"], name=row["name"], remark=language),
        feature("12", row["lon"], row["lat"]),
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    sent = platform.api(MANAGER).post(
        "/api/surveys",
        data={"register": "components", "title": f"{language} 复测"},
        files={"file": (f"{language}.geojson", content, "application/geo+json")},
    )
    assert sent.is_success, sent.text
    page = browse("/desk/surveys", MANAGER, language=language, theme=theme)
    upload = {"zh": "上传普查成果", "en": "Hand in a survey"}[language]
    page.get_by_role("button", name=upload).click()
    assert faults(page) == []
    page.get_by_role("link", name=f"{language} 复测").click()
    expect(page.locator(".survey-rows tbody tr").first).to_be_visible(timeout=60_000)
    assert faults(page) == []
    page.get_by_role("tab").last.click()
    expect(page.locator(".survey-why")).to_be_visible()
    assert faults(page) == []
    picture(page, f"desk-survey-{language}")
