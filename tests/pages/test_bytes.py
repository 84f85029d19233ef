"""What a reader downloads before a page works: gzip of its scripts, without map and charts."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

import chengyun.pages

DIST = Path(chengyun.pages.__file__).parent / "dist"
BUDGET_KB = {"desk": 400, "citizen": 90, "field": 90, "leader": 90, "screen": 90}
#: Only a page that shows one loads these.
LATER = re.compile(r"maplibre|echarts|src/map/engine|ui/chart")


def _manifest() -> dict[str, Any]:
    return dict(json.loads((DIST / "manifest.json").read_text(encoding="utf-8")))


def _at_start(manifest: dict[str, Any], entry: str) -> set[str]:
    """Keys of the chunks that the entry imports before it runs."""
    seen: set[str] = set()
    waiting = [entry]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += manifest[key].get("imports", [])
    return seen


@pytest.mark.parametrize(("surface", "budget"), BUDGET_KB.items())
def test_a_surface_stays_within_its_budget(surface: str, budget: int) -> None:
    manifest = _manifest()
    chunks = {manifest[key]["file"] for key in _at_start(manifest, f"{surface}.html")}
    size = sum(len(gzip.compress((DIST / file).read_bytes(), 9)) for file in chunks)
    assert size <= budget * 1000, f"{surface}: {size / 1000:.0f} kB of {budget}"


@pytest.mark.parametrize("surface", BUDGET_KB)
def test_maps_and_charts_come_only_when_shown(surface: str) -> None:
    manifest = _manifest()
    early = [
        key
        for key in _at_start(manifest, f"{surface}.html")
        if LATER.search(key) or LATER.search(str(manifest[key].get("src", "")))
    ]
    assert not early


def test_nothing_in_the_pages_names_another_host() -> None:
    """Addresses of namespaces and documentation aside, no script knows a foreign address to ask."""
    known = re.compile(
        r"https?://(www\.w3\.org|react\.dev|ant\.design|github\.com|u\.ant\.design|maplibre\.org"
        r"|localhost|127\.0\.0\.1|json-schema\.org|developer\.mozilla\.org|tanstack\.com)"
    )
    foreign = {
        f"{file.name}: {match[0]}"
        for file in DIST.rglob("*.js")
        for match in re.finditer(r"https?://[\w.-]+", file.read_text(encoding="utf-8"))
        if not known.match(match[0])
    }
    # The browser tests fail on any request that leaves; this says where one could come from.
    assert not {entry for entry in foreign if re.search(r"cdn|googleapis|jsdelivr|unpkg", entry)}
