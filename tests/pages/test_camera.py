"""A code on a component, read live from a camera that a file plays."""

from pathlib import Path

import pytest
import qrcode
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.pages.conftest import SIZES, launch
from tests.pages.platform import Platform


@pytest.fixture
def code(platform: Platform) -> str:
    found = platform.api("collector").get("/api/components?limit=1").json()["items"][0]
    return str(found["code"])


@pytest.fixture
def film(tmp_path: Path, code: str) -> Path:
    """What the camera sees: the code on a sign, as a motion JPEG."""
    sign = qrcode.make(f"https://example.org/c/{code}", box_size=8).get_image().convert("RGB")
    scene = Image.new("RGB", (640, 480), (120, 130, 120))
    scene.paste(sign, ((640 - sign.width) // 2, (480 - sign.height) // 2))
    for file in (tmp_path / "camera.jpg", tmp_path / "camera.mjpeg"):
        scene.save(file, "JPEG", quality=90)
    return file


def test_a_code_is_read_from_the_camera_or_else_from_a_photo(
    platform: Platform, browser: Browser, film: Path, code: str
) -> None:
    # What a camera plays is said when a browser starts: this one has its own.
    camera = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    own = launch(browser.browser_type, *camera)
    try:
        page = own.new_page(viewport=SIZES["phone"], locale="zh-CN", base_url=platform.url)  # type: ignore[arg-type]
        page.set_default_timeout(20_000)
        page.context.add_cookies(platform.cookies("collector"))  # type: ignore[arg-type]
        page.goto("/m/report")
        scan = page.get_by_role("button", name="扫码", exact=True)
        scan.click()
        # Nobody has allowed it: the way by photo is named, and stays.
        expect(page.get_by_role("alert")).to_contain_text("拍码识别")
        page.get_by_label("拍码识别").set_input_files(film.with_suffix(".jpg"))
        expect(page.get_by_label("部件编码")).to_have_value(code)

        page.get_by_label("部件编码").fill("")
        scan.click()
        page.context.grant_permissions(["camera"])
        scan.click()
        expect(page.get_by_label("部件编码")).to_have_value(code)
        expect(page.locator("video")).to_have_count(0)
    finally:
        own.close()
