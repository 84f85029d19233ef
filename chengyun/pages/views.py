"""The HTML of each surface, with what its pages must know before they ask anything."""

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from chengyun.city.models import Area
from chengyun.city.queries import catalogue

DIST = Path(__file__).parent / "dist"
_HTML = re.compile(r"<html[^>]*>")

NOT_BUILT = (
    "页面尚未构建，请在源码目录运行 scripts/pages。\n"
    "The pages are not built yet: run scripts/pages in the checkout.\n"
)


@ensure_csrf_cookie
@require_safe
def surface(request: HttpRequest, name: str) -> HttpResponse:
    """The page of a surface (`citizen`, `desk`, `field`, `leader`, `screen`); 503 with the remedy
    where nothing was built. Never kept by the browser: the assets it names are."""
    page = _page(name) if not settings.DEBUG else _read(name)
    if page is None:
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    html = _HTML.sub(lambda _: _opening_tag(), page, count=1)
    response = HttpResponse(html)
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Language, Cookie"
    # Every surface has a map: the security policy lets in the hosts of its basemap.
    response.shows_map = True  # type: ignore[attr-defined]
    return response


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for on their own beside every page that names no icon."""
    file = Path(__file__).parent / "favicon.ico"
    response = HttpResponse(file.read_bytes(), content_type="image/x-icon")
    response["Cache-Control"] = "public, max-age=86400"
    return response


def city_name(request: HttpRequest) -> dict[str, Any]:
    """For the templates of Django's own pages; read only where one names the city."""

    def name() -> str:
        city = catalogue().city
        english = (get_language() or "").startswith("en")
        return (city.name_en if english else city.name_zh) if city else ""

    return {"city_name": name}


@require_safe
def worker(request: HttpRequest, name: str = "sw") -> HttpResponse:
    """The service worker of the field pages (`sw`) or the leader's (`sw-leader`); their scopes
    lie below `/m`, whatever folder they are built in."""
    file = DIST / f"{name}.js"
    if not file.exists():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(file.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/m"
    return response


def _read(name: str) -> str | None:
    file = DIST / f"{name}.html"
    return file.read_text(encoding="utf-8") if file.exists() else None


@cache
def _page(name: str) -> str | None:
    return _read(name)


def _opening_tag() -> str:
    city = catalogue().city
    language = "en" if (get_language() or "").startswith("en") else "zh-CN"
    data = {
        "lang": language,
        "data-zone": settings.TIME_ZONE,
        "data-city-zh": city.name_zh if city else "",
        "data-city-en": city.name_en if city else "",
        "data-bounds": _bounds(city.code) if city else "",
        # A reporter is told how long a telephone number is kept before giving it.
        "data-contact-days": str(settings.CHENGYUN.contact_retention_days),
    }
    attributes = " ".join(f'{key}="{escape(value)}"' for key, value in data.items())
    return f"<html {attributes}>"


@cache
def _bounds(code: str) -> str:
    """West, south, east, north of the city; of its districts where it has no outline itself."""
    box = Area.objects.filter(ancestors__contains=[code]).aggregate(box=Extent("geom"))["box"]
    return ",".join(f"{edge:.5f}" for edge in box) if box else ""
