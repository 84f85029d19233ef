"""A department makes a layer of the map by form, fills it from a file, and takes it away again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    expect(page.get_by_text("已导入 2 行，退回 1 行。")).to_be_visible()
    expect(page.get_by_text("现有 2 行。")).to_be_visible()

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
