"""Debian's Chromium on the pages of a real server; each of xdist's workers has its own."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    expect,
    sync_playwright,
)
from psycopg.conninfo import make_conninfo

from chengyun.config.places import var_dir
from tests.pages.platform import Platform

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1440, "height": 900},
    "screen": {"width": 1920, "height": 1080},
    "wide": {"width": 3840, "height": 1080},
}
FLAGS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--hide-scrollbars",
    # Without a graphics card, pages are drawn faster by the processor than by its imitation.
    "--disable-gpu-rasterization", "--disable-gpu-compositing",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
#: What the test camera sees.
GREY = (138, 143, 136)
#: What a browser says by itself of answers that the page deals with.
EXPECTED = re.compile(r"Failed to load resource|net::ERR_|Automatic fallback to software WebGL")

Browse = Callable[..., Page]

# A busy machine is slow, not wrong.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.slow)


def _server_address() -> str:
    """libpq address of the database server the suite uses, at its maintenance database."""
    own = settings.DATABASES["default"]
    return make_conninfo(
        host=own["HOST"] or None, port=own["PORT"] or None, user=own["USER"] or None,
        password=own["PASSWORD"] or None, dbname="postgres",
    )  # fmt: skip


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The small city with its demo accounts and no case yet."""
    yield from _running(tmp_path_factory.mktemp("pages"), "pages", city=True)


@pytest.fixture(scope="package")
def empty_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A server before any city was loaded."""
    yield from _running(tmp_path_factory.mktemp("empty"), "empty", city=False)


def _running(folder: Path, name: str, *, city: bool) -> Iterator[Platform]:
    server = _server_address()
    database = make_conninfo(server, dbname=f"chengyun_{name}_{os.getpid()}")
    platform = Platform(folder, database, server)
    platform.start(city=city)
    yield platform
    platform.destroy()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all; WebGL by SwiftShader.

    It ends with this folder: while it lives its event loop does, and no other test of the same
    worker could run one.
    """
    with sync_playwright() as playwright:
        started = launch(playwright.chromium)
        yield started
        started.close()


def launch(chromium: BrowserType, *more: str) -> Browser:
    """Debian's Chromium, with more switches where a test needs a camera or the like."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing: scripts/bootstrap dev installs it"
    return chromium.launch(executable_path=path, args=[*FLAGS, *more])


@pytest.fixture
def browse(platform: Platform, browser: Browser) -> Iterator[Browse]:
    """`browse(path, who=None, size="desk", language="zh", theme="light", sharp=False, **context)`
    opens a page as a demo account or as nobody; `sharp` for pictures that people look at, `hosts`
    for addresses elsewhere that it may ask (answered by the test: there is no network).

    At the end the test fails if a page asked another host for anything, raised an error nobody
    caught, or broke the content security policy.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        path: str,
        who: str | None = None,
        *,
        size: str = "desk",
        language: str = "zh",
        theme: str = "light",
        sharp: bool = False,
        on: Platform | None = None,
        hosts: tuple[str, ...] = (),
        **more: Any,
    ) -> Page:
        where = on or platform
        context = browser.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            timezone_id="Asia/Shanghai",
            base_url=where.url,
            has_touch=size == "phone",
            **more,
        )
        contexts.append(context)
        _watch(context, (where.url, *hosts, "data:", "blob:"), wrong)
        context.add_init_script(
            "try { if (!localStorage.getItem('chengyun.language')) {"
            f"localStorage.setItem('chengyun.language', '{language}');"
            f"localStorage.setItem('chengyun.theme', '{theme}') }} }} catch {{}}"
        )
        if not sharp:
            # Maps are drawn by the processor here: with a quarter of the points, where nobody
            # looks at the picture. What lies where on the page stays as it is.
            context.add_init_script(
                "Object.defineProperty(window, 'devicePixelRatio', {value: 0.5})"
            )
        if who:
            context.add_cookies(where.cookies(who))  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


def _watch(context: BrowserContext, known: tuple[str, ...], wrong: list[str]) -> None:
    """Collect in `wrong` what pages ask of addresses beside the known, and errors they show."""

    def request(asked: Any) -> None:
        if not asked.url.startswith(known):
            wrong.append(f"asked {asked.url}")

    def console(message: Any) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            wrong.append(f"console: {message.text}")

    context.on("request", request)
    context.on("console", console)
    context.on("weberror", lambda error: wrong.append(f"error: {error.error}"))


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """What the camera took: an even grey, so that whatever is drawn on it shows."""
    file = tmp_path / "camera.jpg"
    Image.new("RGB", (1600, 1200), GREY).save(file, quality=92)
    return file


@pytest.fixture
def phone(browse: Browse, platform: Platform) -> Callable[..., Page]:
    """A phone in the hand of a collector (or another) who stands inside the city."""
    lon, lat = platform.place()

    def take(path: str = "/m", who: str = "collector", **more: Any) -> Page:
        return browse(
            path,
            who,
            size="phone",
            geolocation={"longitude": lon, "latitude": lat, "accuracy": 8},
            # What is not named is forbidden here; in the hand Background Sync is allowed.
            permissions=["geolocation", "background-sync"],
            **more,
        )

    return take


@pytest.fixture
def beside(platform: Platform, tmp_path: Path) -> Iterator[Callable[..., Platform]]:
    """`beside(**settings)`: another server of the same city, with a basemap."""
    started: list[Platform] = []

    def start(**settings: str) -> Platform:
        started.append(platform.beside(tmp_path / "beside", **settings))
        return started[-1]

    yield start
    for other in started:
        for session in other.sessions.values():
            session.close()
        other.down()


@pytest.fixture
def picture() -> Callable[..., Path]:
    """`picture(page, name)` writes a screenshot into the artefact folder."""
    folder = var_dir() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str, *, full: bool = False) -> Path:
        file = folder / f"{name}.png"
        page.screenshot(path=file, full_page=full)
        return file

    return take


@pytest.fixture
def faults() -> Callable[[Page], list[str]]:
    """`faults(page)`: what axe finds serious or critical under WCAG 2.2 A and AA."""

    def find(page: Page) -> list[str]:
        still(page)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "async () => (await axe.run(document, {"
            "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],"
            # axe has this one switched off by itself.
            "rules: {'target-size': {enabled: true}}}))"
            ".violations.filter(v => ['serious', 'critical'].includes(v.impact))"
            ".map(v => `${v.id}: ${v.help} — ${v.nodes.map(n => n.target).join(' | ')}`)"
        )
        return list(found)

    return find


def still(page: Page) -> None:
    """Wait until nothing fades or slides any more: half-faded words would be read as faint ones."""
    page.wait_for_function(
        "() => document.getAnimations().every(each => each.playState !== 'running'"
        " || each.effect?.getComputedTiming().iterations === Infinity)"
    )


def kept(page: Page, text: str) -> None:
    """Wait until what was typed lies in the browser's own store."""
    page.wait_for_function(
        "text => Object.values(localStorage).some(value => value.includes(text))", arg=text
    )


def map_idle(page: Page, selector: str = "[data-map]") -> None:
    """Wait until a map has drawn: an open event stream never lets the network rest."""
    page.wait_for_selector(f"{selector}[data-map=idle]", timeout=30_000)
