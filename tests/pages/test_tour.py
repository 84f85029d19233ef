"""Every page of every surface, at its sizes, in both languages: whole, accessible, photographed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Browse, still
from tests.pages.platform import Platform, driven

LONG = "人行道上有一处井盖严重破损并伴有异味, 周边学校放学时段行人密集, 存在较大安全隐患。" * 12

#: (name, address, person, sizes). Names in braces come from `seen`.
PAGES: list[tuple[str, str, str | None, tuple[str, ...]]] = [
    ("citizen-home", "/", None, ("phone", "desk")),
    ("citizen-report", "/report", None, ("phone", "desk")),
    ("citizen-follow", "/follow/{number}?code={code}", None, ("phone",)),
    ("citizen-ask", "/follow", None, ("phone",)),
    ("desk-work", "/desk", "acceptor", ("desk",)),
    ("desk-list", "/desk/cases", "shift_leader", ("desk", "screen")),
    ("desk-case", "/desk/cases/{case}", "shift_leader", ("desk",)),
    ("desk-closed", "/desk/cases/{closed}", "acceptor", ("desk",)),
    ("desk-order", "/desk/order", "acceptor", ("desk",)),
    ("desk-evaluation", "/desk/evaluation", "evaluator", ("desk",)),
    ("desk-bulletin", "/desk/evaluation/bulletin", "evaluator", ("desk",)),
    ("field-tasks", "/m", "collector", ("phone",)),
    ("field-report", "/m/report", "collector", ("phone",)),
    ("field-map", "/m/map", "collector", ("phone",)),
    ("field-outbox", "/m/outbox", "collector", ("phone",)),
    ("leader-today", "/m/leader", "leader", ("phone",)),
    ("leader-late", "/m/leader/late", "leader", ("phone",)),
    ("leader-city", "/m/leader/city", "leader", ("phone",)),
    ("screen", "/screen", "leader", ("screen", "wide")),
]
CASES = [
    pytest.param(name, path, who, size, language, id=f"{name}-{size}-{language}")
    for name, path, who, sizes in PAGES
    for size in sizes
    for language in ("zh", "en")
]
#: A key of the words files that was shown instead of its words, or a code instead of a name.
RAW = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")


@pytest.fixture(scope="package")
def seen(platform: Platform) -> dict[str, Any]:
    """Cases in several states, one with a very long text, so that no page is empty."""
    closed = driven(platform, "closed")
    for state in ("reported", "pending_file", "handling", "pending_check"):
        driven(platform, state)
    case = driven(platform, "pending_file", text=LONG)
    return {
        "case": case["id"],
        "closed": closed["id"],
        "number": closed["receipt"]["number"],
        "code": closed["receipt"]["code"],
    }


def settled(page: Page) -> None:
    """What was asked for has come: nothing says any more that it is loading, and maps rest."""
    page.wait_for_selector("main, [role=main]", state="attached")
    here(page)
    expect(page.get_by_text(re.compile("^(读取中|载入中|Loading)"))).to_have_count(0)
    still(page)
    page.evaluate("() => document.fonts.ready")
    # What had come may have asked for more.
    here(page)


def here(page: Page) -> None:
    page.wait_for_function(
        "() => !document.querySelector('[aria-busy=true], .ant-spin-spinning, .loading, .coming')"
        " && [...document.querySelectorAll('[data-map]')].every(map => map.dataset.map === 'idle')",
        timeout=60_000,
    )


def raw_words(page: Page) -> list[str]:
    text = page.evaluate("() => document.body.innerText")
    return [word for word in RAW.findall(text) if not word.startswith("chengyun_")]


@pytest.mark.parametrize(("name", "path", "who", "size", "language"), CASES)
def test_a_page_is_whole(
    seen: dict[str, Any],
    browse: Browse,
    picture: Callable[..., Any],
    faults: Callable[[Page], list[str]],
    name: str,
    path: str,
    who: str | None,
    size: str,
    language: str,
) -> None:
    page = browse(
        path.format(**seen), who, size=size, language=language, sharp=True, reduced_motion="reduce"
    )
    settled(page)
    picture(page, f"{name}-{size}-{language}")
    assert page.evaluate("() => document.documentElement.lang").startswith(
        {"zh": "zh", "en": "en"}[language]
    )
    assert page.evaluate("() => document.querySelectorAll('h1').length") >= 1
    sideways = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert sideways <= 0, f"{sideways} px too wide"
    # Names of accounts are what they are: shift_leader is one.
    words = [word for word in raw_words(page) if word != "shift_leader"]
    assert not words, words
    assert not faults(page)


@pytest.mark.parametrize("path", ["/", "/report"])
def test_the_citizen_s_pages_stand_before_a_city_was_loaded(
    empty_platform: Platform, browse: Browse, picture: Callable[..., Any], path: str
) -> None:
    page = browse(path, size="phone", on=empty_platform)
    settled(page)
    picture(page, f"empty{path.replace('/', '-')}-phone-zh")
    assert page.evaluate("() => document.querySelectorAll('h1').length") >= 1
