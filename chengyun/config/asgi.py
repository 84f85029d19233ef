"""One port for everything: a plain ASGI dispatcher.

Long-lived and hot paths are small native ASGI apps; everything else is Django under WSGI, which
costs a fraction of Django under ASGI. What WSGI cannot carry safely is refused here, early.
"""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, cast

from a2wsgi import WSGIMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")

# WSGI first: it sets Django up, which everything after it needs.
from chengyun.config.wsgi import application as django  # isort: skip

# The whole API takes a second to load: no tile, and no first request, should wait for it.
import chengyun.config.urls  # noqa: F401  # isort: skip
from chengyun.city.basemap.app import app as basemap
from chengyun.city.ogc.app import app as ogc
from chengyun.city.tiles.app import app as tiles
from chengyun.city.tiles.app import close as close_tiles
from chengyun.core.live import app as live

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
End = Callable[[], Awaitable[None]]


def _refusal(scope: Scope, limit: int) -> tuple[int, str, str] | None:
    """Why this request cannot go on to WSGI: (status, Chinese, English), or None."""
    headers = dict(scope["headers"])
    if not scope["query_string"].isascii():
        return 400, "查询字符串须为百分号编码。", "The query string must be percent-encoded."
    if b"transfer-encoding" in headers and b"content-length" not in headers:
        return 411, "请求须带 Content-Length。", "The request needs a Content-Length."
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return 400, "Content-Length 不是数字。", "Content-Length is not a number."
    if int(length) > limit:
        return (
            413,
            f"请求体超过 {limit} 字节的上限，请压缩或分批上传。",
            f"The body exceeds the limit of {limit} bytes; compress it or send it in parts.",
        )
    return None


async def _refuse(send: Send, refusal: tuple[int, str, str], english: bool) -> None:
    status, zh, en = refusal
    title = {400: "Bad Request", 411: "Length Required", 413: "Content Too Large"}[status]
    detail = en if english else zh
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers = [
        (b"content-type", b"application/problem+json; charset=utf-8"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    payload = json.dumps(body, ensure_ascii=False).encode()
    await send({"type": "http.response.body", "body": payload})


async def _lifespan(receive: Receive, send: Send, ends: Sequence[End]) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            for end in ends:
                await end()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _is_written(scope: Scope) -> bool:
    """Features are read beside Django and written by it: it has the sessions and transactions."""
    reads = scope["method"] in ("GET", "HEAD", "OPTIONS")
    return not reads and scope["path"].startswith("/ogc/collections/")


def dispatcher(apps: dict[str, App], fallback: App, limit: int, ends: Sequence[End] = ()) -> App:
    """An ASGI app that sends each request to the app of its first path segment. `ends` are
    awaited when the server stops."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send, ends)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        app = None if _is_written(scope) else apps.get("/" + scope["path"].split("/", 2)[1])
        if app is not None:
            await app(scope, receive, send)
        elif refusal := _refusal(scope, limit):
            languages = dict(scope["headers"]).get(b"accept-language", b"")
            await _refuse(send, refusal, languages.lower().startswith(b"en"))
        else:
            # a2wsgi hands this call to its event loop, which takes coroutines only; a server may
            # return any awaitable.
            async def read() -> MutableMapping[str, Any]:
                return await receive()

            await fallback(scope, read, send)

    return dispatch


def _application() -> App:
    from django.conf import settings

    # a2wsgi's own types are narrower than what it takes and gives.
    wrapped = WSGIMiddleware(cast("Any", django), workers=settings.CHENGYUN.threads)
    return dispatcher(
        {
            "/basemap": cast("App", basemap),
            "/live": cast("App", live),
            "/ogc": cast("App", ogc),
            "/tiles": cast("App", tiles),
        },
        cast("App", wrapped),
        settings.CHENGYUN.upload_max_bytes,
        ends=[close_tiles],
    )


application = _application()
