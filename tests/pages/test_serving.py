"""How the built pages leave the server: what is kept, what is compressed, what is refused."""

import re

import httpx
import pytest

from tests.pages.platform import Platform, driven

SURFACES = ["/", "/report", "/follow/x", "/desk", "/desk/cases/1", "/m", "/m/leader", "/screen"]


@pytest.mark.parametrize("path", SURFACES)
def test_every_surface_answers_with_its_own_html_and_policy(platform: Platform, path: str) -> None:
    answer = httpx.get(platform.url + path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split(";") if "script-src" in part)
    assert scripts.split() == ["script-src", "'self'"]
    assert 'data-city-zh="' in answer.text
    assert 'data-zone="Asia/Shanghai"' in answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text), "a script inside the page"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text), "something from outside"


def test_the_city_on_the_page_is_the_loaded_one(platform: Platform) -> None:
    html = httpx.get(platform.url + "/").text
    west, south, east, north = map(float, re.search(r'data-bounds="([^"]+)"', html)[1].split(","))  # type: ignore[index]
    lon, lat = platform.place()
    assert west < lon < east
    assert south < lat < north


def test_a_page_speaks_the_language_that_was_asked_for(platform: Platform) -> None:
    zh = httpx.get(platform.url + "/", headers={"Accept-Language": "zh-CN"})
    en = httpx.get(platform.url + "/", headers={"Accept-Language": "en-GB,en"})
    assert '<html lang="zh-CN"' in zh.text
    assert '<html lang="en"' in en.text


def test_assets_are_immutable_and_compressed(platform: Platform) -> None:
    html = httpx.get(platform.url + "/desk").text
    script = re.search(r'src="(/static/pages/assets/[^"]+\.js)"', html)[1]  # type: ignore[index]
    for encoding in ("br", "gzip"):
        answer = httpx.get(platform.url + script, headers={"Accept-Encoding": encoding})
        assert answer.headers.get("Content-Encoding") == encoding, script
        assert "immutable" in answer.headers["Cache-Control"]
        assert int(re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])[1]) > 10**7  # type: ignore[index]
    assert httpx.get(platform.url + "/static/pages/assets/none-abcdefgh.js").status_code == 404


def test_the_service_worker_reaches_the_field_pages_only(platform: Platform) -> None:
    answer = httpx.get(platform.url + "/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/m"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_surface_takes_no_post(platform: Platform) -> None:
    assert httpx.post(platform.url + "/desk").status_code in (403, 405)


def test_a_case_can_be_walked_to_every_state_over_http(platform: Platform) -> None:
    case = driven(platform, "closed")
    assert case["state"] == "closed"
