"""A department makes a layer of the map by form, fills it from a file, and takes it away again."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse
from tests.pages.platform import Platform
from tests.pages.test_component import MANAGER


@pytest.fixture
def wells(platform: Platform, tmp_path: Path) -> Path:
    """A file of three hydrants, one of them without a place."""
    lon, lat = platform.place()
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon + n / 10_000, lat]},
            "properties": {"name": f"栓{n}", "kind": "地上" if n else "地下"},
        }
        for n in range(2)
    ]
    features.append({"type": "Feature", "geometry": None, "properties": {"name": "栓x"}})
    file = tmp_path / "wells.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def listed(platform: Platform, who: str = "leader") -> dict[str, Any]:
    items = platform.api(who).get("/api/layers").json()["items"]
    return {item["code"]: item for item in items}


def test_a_layer_is_made_filled_coloured_and_removed(
    platform: Platform, browse: Browse, wells: Path
) -> None:
    page = browse("/desk/layers", MANAGER)
    page.get_by_role("button", name="新建图层").click()
    page.get_by_label("代码").fill("page_wells")
    page.get_by_label("中文名称").fill("消火栓")
    page.get_by_label("分组").fill("应急")
    page.reload()
    expect(page.get_by_label("中文名称")).to_have_value("消火栓")
    page.get_by_role("button", name="建立", exact=True).click()
    expect(page.get_by_text("现有 0 行。")).to_be_visible()
    made = listed(platform)["page_wells"]
    assert (made["name_zh"], made["folder"], made["shape"]) == ("消火栓", "应急", "point")

    page.get_by_label("文件", exact=True).set_input_files(wells)
    page.get_by_role("button", name="上传并替换").click()
    filling = page.get_by_role("region", name="最近一次导入")
    expect(filling.locator(".phase")).to_have_text("已完成", timeout=60_000)
    expect(filling.get_by_text("已导入 2 行，退回 1 行。")).to_be_visible()
    expect(page.get_by_text("现有 2 行。")).to_be_visible()
    with page.expect_download() as rejected:
        filling.get_by_role("link", name="下载退回的行及原因（CSV）").click()
    assert "3,no_geometry," in rejected.value.path().read_text(encoding="utf-8-sig")

    page.get_by_label("按字段分类着色").select_option("kind")
    page.get_by_role("button", name="添加分类").click()
    page.get_by_label("字段值").fill("地下")
    page.get_by_label("中文图例").fill("地下式")
    expect(page.get_by_role("list", name="样式预览").get_by_role("listitem")).to_have_count(2)
    with page.expect_response("**/api/layers/page_wells"):
        page.get_by_role("button", name="保存", exact=True).click()
    names = [entry["zh"] for entry in listed(platform)["page_wells"]["legend"]]
    assert names[0] == "地下式"

    page.get_by_role("button", name="删除", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="删除", exact=True).click()
    expect(page.locator("[data-code=page_wells]")).to_have_count(0)
    assert "page_wells" not in listed(platform)


def test_the_page_may_be_left_and_the_old_rows_stay_where_a_file_fails(
    platform: Platform, browse: Browse, wells: Path, tmp_path: Path
) -> None:
    manager = platform.api(MANAGER)
    body = {"code": "page_left", "name_zh": "离开", "shape": "point"}
    assert manager.post("/api/layers", json=body).status_code == 201
    page = browse("/desk/layers?open=page_left", MANAGER)
    with psycopg.connect(platform.database) as link:
        # Whoever fills the layer waits for us.
        link.execute("SELECT 1 FROM city_layer WHERE code = 'page_left' FOR NO KEY UPDATE")
        page.get_by_label("文件", exact=True).set_input_files(wells)
        page.get_by_role("button", name="上传并替换").click()
        filling = page.get_by_role("region", name="最近一次导入")
        expect(filling.locator(".phase")).to_have_text(re.compile("等待中|导入中"))
        expect(page.get_by_role("button", name="上传并替换")).to_be_disabled()
        with wells.open("rb") as file:
            again = manager.post("/api/layers/page_left/rows", files={"file": file})
        assert again.status_code == 409, again.text
        page.goto(f"{platform.url}/desk/surveys")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.goto(f"{platform.url}/desk/layers?open=page_left")
        expect(filling.locator(".phase")).to_have_text("导入中")
        link.rollback()
    expect(filling.locator(".phase")).to_have_text("已完成", timeout=60_000)

    bad = tmp_path / "far.geojson"
    bad.write_text(wells.read_text().replace('"coordinates": [', '"coordinates": [9'))
    page.get_by_label("文件", exact=True).set_input_files(bad)
    page.get_by_role("button", name="上传并替换").click()
    expect(filling.locator(".phase")).to_have_text("未成功", timeout=60_000)
    expect(filling.get_by_text("图层未改变")).to_be_visible()
    expect(page.get_by_text("现有 2 行。")).to_be_visible()
    page.get_by_text("导入记录（2）").click()
    history = page.locator(".layer-history tbody tr")
    expect(history.filter(has_text="wells.geojson")).to_contain_text("已完成")
    expect(history.filter(has_text="far.geojson")).to_contain_text("未成功")
    assert manager.delete("/api/layers/page_left").status_code == 204


def test_another_post_may_make_none(platform: Platform) -> None:
    body = {"code": "not_mine", "name_zh": "x", "shape": "point"}
    assert platform.api("dispatcher").post("/api/layers", json=body).status_code == 403
    assert "not_mine" not in listed(platform, MANAGER)


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_the_page_of_layers_can_be_read_by_everybody(
    browse: Browse,
    picture: Callable[..., Path],
    faults: Callable[[Page], list[str]],
    language: str,
    theme: str,
) -> None:
    page = browse("/desk/layers?open=%2B", MANAGER, language=language, theme=theme)
    expect(page.locator(".layer-form")).to_be_visible()
    assert faults(page) == []
    picture(page, f"desk-layers-{language}")
