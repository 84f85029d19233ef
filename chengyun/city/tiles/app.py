"""`/tiles` over HTTP.

    GET /tiles                               the layers that the caller may see
    GET /tiles/{layer}.json                  a layer as TileJSON 3
    GET /tiles/{layer}/{z}/{x}/{y}.mvt       a vector tile; 204 when it is empty

Every answer is asked for again before it is used (`no-cache` with an ETag, 304 when unchanged):
a change shows at once, and unchanged tiles cost neither bytes nor SQL.
"""

import json
import re
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from chengyun.city.tiles.layer import DEEPEST, Layer, Tile
from chengyun.city.tiles.registry import REGISTER
from chengyun.city.tiles.service import (
    Content,
    Service,
    close,
    content_of,
    no_database,
    no_table,
    service,
)
from chengyun.core.access import NOTHING, Scope
from chengyun.core.http import client_ip
from chengyun.core.native import (
    Headers,
    Message,
    Receive,
    Send,
    as_django,
    headers_of,
    packings_of,
    query_of,
    refuse,
    root_of,
    send_marked,
)
from chengyun.core.problems import NotFound, Problem, sign_in_first
from chengyun.core.ratelimit import limit_local

__all__ = ["app", "close"]

MVT = b"application/vnd.mapbox-vector-tile"
JSON = b"application/json"
_TILE = re.compile(r"/tiles/([a-z][a-z0-9_]{0,47})/([0-9]{1,3})/([0-9]{1,8})/([0-9]{1,8})\.mvt")
_LAYER = re.compile(r"/tiles/([a-z][a-z0-9_]{0,47})\.json")


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI app of everything under /tiles."""
    headers = headers_of(scope)
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(status=405, zh="仅支持 GET。", en="Only GET.", headers={"Allow": "GET"})
        await _answer(scope, headers, send)
    except Problem as problem:
        await refuse(send, problem, headers)
    except (OperationalError, InterfaceError):
        # Who is calling is asked through Django.
        await refuse(send, no_database(), headers)
    except (psycopg.ProgrammingError, psycopg.DataError, psycopg.errors.InternalError_):
        # The program's own statements fit its tables; a table behind a layer may be gone.
        await refuse(send, no_table(), headers)


async def _answer(scope: Message, headers: Headers, send: Send) -> None:
    tiles, path = service(), str(scope["path"])
    found = _TILE.fullmatch(path)
    described = None if found else _LAYER.fullmatch(path)
    if not found and not described and path != "/tiles":
        raise _no_such_address()
    reach = await tiles.caller(headers)
    # A tile that is remembered costs less than Django's request would.
    asking = client_ip(as_django(scope, headers)) if reach is None else reach.user_id
    limit_local(f"tiles:{asking}", tiles.rate)
    query = query_of(scope)
    if found:
        layer = await _layer(found[1], reach)
        tile = Tile(int(found[2]), int(found[3]), int(found[4]))
        if not tile.exists():
            raise _no_such_tile(tile)
        narrowed = layer.narrow(query, reach or NOTHING)
        smaller = "br" in packings_of(headers)
        content = await tiles.tile(layer, tile, reach, narrowed, smaller=smaller)
        await _send(send, scope, headers, content, MVT, public=layer.public)
    elif described:
        layer = await _layer(described[1], reach)
        layer.narrow(query, reach or NOTHING)
        request = as_django(scope, headers)
        content = content_of(_json(await _tilejson(layer, request, tiles)))
        await _send(send, scope, headers, content, JSON, public=layer.public)
    else:
        await tiles.learn_layers()
        content = content_of(_json(_listed(reach)))
        await _send(send, scope, headers, content, JSON, public=False)


async def _layer(name: str, reach: Scope | None) -> Layer:
    if name not in REGISTER.program:
        await service().learn_layers()
    layer = REGISTER.find(name)
    if layer is not None and reach is None and not layer.public:
        raise sign_in_first()
    if layer is None or not layer.admits(reach):
        known = REGISTER.layers.values()
        names = ", ".join(
            each.name for each in known if each.name in REGISTER.program or each.admits(reach)
        )
        raise NotFound(
            zh=f"没有图层 {name}。",
            en=f"There is no layer {name}.",
            field="layer",
            remedy_zh=f"可用：{names}。",
            remedy_en=f"Use one of: {names}.",
        )
    return layer


def _listed(reach: Scope | None) -> list[dict[str, Any]]:
    return [
        {
            "name": layer.name,
            "label_zh": layer.zh,
            "label_en": layer.en,
            "minzoom": layer.minzoom,
            "maxzoom": layer.maxzoom,
            "public": layer.public,
            "tilejson": f"/tiles/{layer.name}.json",
            "tiles": f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt",
            "vector_layers": _parts(layer),
        }
        for layer in REGISTER.layers.values()
        if layer.admits(reach)
    ]


def _parts(layer: Layer) -> list[dict[str, Any]]:
    return [
        {
            "id": part.name,
            "fields": dict(part.fields),
            "minzoom": part.minzoom,
            "maxzoom": min(part.maxzoom, layer.maxzoom),
        }
        for part in layer.parts
    ]


async def _tilejson(layer: Layer, request: HttpRequest, tiles: Service) -> dict[str, Any]:
    """The layer as TileJSON 3. Filters in the address go along to the tiles."""
    root = root_of(request)
    filters = request.META["QUERY_STRING"]
    address = f"{root}/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt"
    bounds = await tiles.bounds()
    return {
        "tilejson": "3.0.0",
        "name": layer.name,
        "description": f"{layer.zh} {layer.en}",
        "scheme": "xyz",
        "tiles": [f"{address}?{filters}" if filters else address],
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        **({"bounds": bounds} if bounds else {}),
        "vector_layers": _parts(layer),
    }


def _no_such_address() -> NotFound:
    return NotFound(
        zh="没有这个地址。",
        en="There is no such address.",
        remedy_zh="可用：/tiles, /tiles/{layer}.json, /tiles/{layer}/{z}/{x}/{y}.mvt。",
        remedy_en="Use /tiles, /tiles/{layer}.json or /tiles/{layer}/{z}/{x}/{y}.mvt.",
    )


def _no_such_tile(tile: Tile) -> NotFound:
    return NotFound(
        zh=f"没有瓦片 {tile.z}/{tile.x}/{tile.y}。",
        en=f"There is no tile {tile.z}/{tile.x}/{tile.y}.",
        remedy_zh=f"z 为 0 至 {DEEPEST}, x 与 y 小于 2 的 z 次方。",
        remedy_en=f"z is 0 to {DEEPEST}; x and y are less than 2 to the power of z.",
    )


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


async def _send(
    send: Send, scope: Message, headers: Headers, content: Content, kind: bytes, *, public: bool
) -> None:
    answer = [
        (b"cache-control", b"public, no-cache" if public else b"private, no-cache"),
        (b"vary", b"Accept-Encoding" if public else b"Accept-Encoding, Cookie, Authorization"),
    ]
    await send_marked(
        send, scope, headers, answer, etag=content.etag, kind=kind, body=content.body,
        packed=content.packed, brotli=content.brotli,
    )  # fmt: skip
