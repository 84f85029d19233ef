"""`/ogc` over HTTP: everything that reads. What writes is Django's, see `writing`.

Documents come as JSON or as a page (`f=json`, `f=html`, or what the browser accepts). Every
refusal is a problem document; a parameter that is not known is refused, as the standard wants.
"""

import asyncio
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from chengyun.city.ogc import documents, pages
from chengyun.city.ogc.collection import Collection
from chengyun.city.ogc.crs import Crs
from chengyun.city.ogc.description import openapi
from chengyun.city.ogc.documents import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
    QUAD,
    SCHEMA,
    Place,
    queryables_link,
)
from chengyun.city.ogc.items import (
    Given,
    asked,
    crs_of,
    feature_question,
    fid_of,
    only,
    page_of,
    page_question,
    single,
)
from chengyun.city.ogc.refusal import bad
from chengyun.city.ogc.registry import REGISTER
from chengyun.city.queries import catalogue
from chengyun.city.tiles.layer import Question
from chengyun.city.tiles.registry import REGISTER as LAYERS
from chengyun.city.tiles.service import TookTooLong, no_database, no_table, service
from chengyun.core.access import NOTHING, Scope
from chengyun.core.http import client_ip
from chengyun.core.native import (
    Headers,
    Message,
    Receive,
    Send,
    as_django,
    etags_of,
    headers_of,
    not_acceptable,
    packings_of,
    query_of,
    refuse,
    root_of,
)
from chengyun.core.problems import NotFound, Problem, sign_in_first
from chengyun.core.ratelimit import limit_local

GZIP_FROM, IN_A_THREAD_FROM = 1024, 65_536
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_ITEMS = re.compile(r"/ogc/collections/([^/]{1,60})/items(?:/([^/]{1,200}))?")
_COLLECTION = re.compile(r"/ogc/collections/([^/]{1,60})(?:/(queryables|tiles|tiles/[^/]{1,60}))?")
#: Parameters of every document.
_COMMON = ("f", "lang")


@dataclass(frozen=True)
class Reply:
    """An answer: its bytes, or a document that is written as JSON or as a page."""

    kind: str = JSON
    document: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None


@dataclass(frozen=True)
class Call:
    """Who asks for what, and how it wants to hear it."""

    path: str
    given: Given
    reach: Scope | None
    place: Place
    html: bool


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI app of everything under /ogc that reads."""
    headers = headers_of(scope)
    try:
        if scope["method"] == "OPTIONS":
            await _options(send, scope["path"])
            return
        if scope["method"] not in ("GET", "HEAD"):
            raise not_allowed(scope["path"])
        call = await _call(scope, headers)
        reply = await _reply(call)
        await _send(send, scope, headers, reply, call)
    except TookTooLong:
        # Too much was asked for; the service is able.
        await refuse(send, _too_costly(), headers)
    except Problem as problem:
        await refuse(send, problem, headers)
    except psycopg.ProgrammingError:
        # The program's own statements fit its tables; a table behind a layer may be gone.
        await refuse(send, no_table(), headers)
    except (psycopg.DataError, psycopg.errors.InternalError_):
        # Division by zero, a power too large: only a filter can do that.
        await refuse(send, _not_computable(), headers)
    except (OperationalError, InterfaceError):
        await refuse(send, no_database(), headers)


def allowed(path: str) -> str:
    """The methods of an address."""
    methods = ["GET", "HEAD", "OPTIONS"]
    found = _ITEMS.fullmatch(path)
    collection = REGISTER.find(found[1]) if found else None
    if found and collection and collection.writable:
        methods += ["PUT", "PATCH", "DELETE"] if found[2] else ["POST"]
    return ", ".join(methods)


def not_allowed(path: str) -> Problem:
    methods = allowed(path)
    return Problem(
        status=405,
        zh="此地址不支持该方法。",
        en="This address does not take that method.",
        remedy_zh=f"可用：{methods}。",
        remedy_en=f"Use {methods}.",
        headers={"Allow": methods},
    )


async def _options(send: Send, path: str) -> None:
    headers = [(b"allow", allowed(path.rstrip("/")).encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _call(scope: Message, headers: Headers) -> Call:
    reach = await service().caller(headers)
    request = as_django(scope, headers)
    asking = client_ip(request) if reach is None else reach.user_id
    limit_local(f"ogc:{asking}", settings.CHENGYUN.rate_tiles)
    try:
        given = query_of(scope, blanks=True)
    except Problem as problem:
        problem.status = 400
        raise
    language = single(given, "lang")
    if language not in (None, "zh", "en"):
        raise bad("lang 须为 zh 或 en。", "Write zh or en for lang.", field="lang",
                  remedy_zh="请改正。", remedy_en="Mend it.")  # fmt: skip
    asked_language = language or headers.get(b"accept-language", "").strip().lower()
    place = Place(root_of(request), english=asked_language.startswith("en"))
    path = scope["path"].rstrip("/") or "/"
    return Call(path, given, reach, place, _wants_html(given, headers))


def _wants_html(given: Given, headers: Headers) -> bool:
    form = single(given, "f")
    if form is not None:
        if form not in ("json", "geojson", "html"):
            raise bad(f"没有格式 {form[:40]}。", f"There is no format {form[:40]}.", field="f",
                      remedy_zh="可用：json, html。", remedy_en="Use json or html.")  # fmt: skip
        return form == "html"
    # The first of the two that is named, with the higher weight.
    best, html = 0.0, False
    for part in headers.get(b"accept", "").lower().split(","):
        kind, _, rest = part.strip().partition(";")
        weight = re.search(r"q=([0-9.]+)", rest)
        try:
            q = float(weight[1]) if weight else 1.0
        except ValueError:
            continue
        is_html = kind in ("text/html", "application/xhtml+xml")
        if (is_html or "json" in kind or kind == "*/*") and q > best:
            best, html = q, is_html
    return html


async def _reply(call: Call) -> Reply:
    path, place = call.path, call.place
    if found := _ITEMS.fullmatch(path):
        collection = await _collection(found[1], call)
        if found[2] is None:
            return await _items(call, collection)
        return await _feature(call, collection, found[2])
    if found := _COLLECTION.fullmatch(path):
        return await _about(call, found[1], found[2])
    only(call.given, _COMMON)
    if path == "/ogc":
        return Reply(document=documents.landing(place, await _city(place)))
    if path == "/ogc/conformance":
        return Reply(document=documents.conformance(place))
    if path == "/ogc/api":
        await service().learn_layers()
        shown = list(documents.named(call.reach))
        return Reply(OPENAPI, openapi(place, shown))
    if path == "/ogc/collections":
        await service().learn_layers()
        shown = documents.seen(call.reach)
        return Reply(document=documents.collections(place, shown, await service().bounds()))
    if path == "/ogc/tileMatrixSets":
        return Reply(document=documents.tile_matrix_sets(place))
    if path == f"/ogc/tileMatrixSets/{QUAD}":
        return Reply(document=documents.tile_matrix_set(place))
    raise NotFound(
        zh="没有这个地址。",
        en="There is no such address.",
        remedy_zh=f"请从 {place.ogc} 开始，按链接前往。",
        remedy_en=f"Begin at {place.ogc} and follow the links.",
    )


async def _about(call: Call, name: str, part: str | None) -> Reply:
    collection, place = await _collection(name, call), call.place
    only(call.given, _COMMON)
    if part is None:
        return Reply(document=documents.collection(place, collection, await service().bounds()))
    if part == "queryables":
        return Reply(SCHEMA, documents.queryables(place, collection))
    layer = LAYERS.find(name)
    if layer is None or part not in ("tiles", f"tiles/{QUAD}"):
        raise NotFound(
            zh="没有这套瓦片。",
            en="There is no such tileset.",
            remedy_zh=f"可用：{QUAD}。",
            remedy_en=f"Use {QUAD}.",
        )
    if part == "tiles":
        return Reply(document=documents.tilesets(place, layer))
    return Reply(document=documents.tileset(place, layer, await service().bounds()))


async def _collection(name: str, call: Call) -> Collection:
    if name not in REGISTER.program:
        await service().learn_layers()
    collection = REGISTER.find(name)
    if collection is not None and call.reach is None and not collection.public:
        raise sign_in_first()
    if collection is None or not collection.admits(call.reach):
        names = ", ".join(each.name for each in documents.named(call.reach))
        raise NotFound(
            zh=f"没有数据集 {name}。",
            en=f"There is no collection {name}.",
            field="collectionId",
            remedy_zh=f"可用：{names}。",
            remedy_en=f"Use one of: {names}.",
        )
    return collection


async def _items(call: Call, collection: Collection) -> Reply:
    reader, place = service(), call.place
    wanted = await asked(collection, call.given, call.reach or NOTHING)
    answer = await reader.ask(page_question(wanted, await reader.bounds()))
    page = page_of(answer, wanted)
    at = f"/collections/{collection.name}"
    kept = [(name, text) for name, texts in call.given.items() for text in texts]
    here = f"{at}/items"
    links = [
        place.link(_address(here, kept), "self", GEOJSON, "本页", "This page"),
        place.link(
            _address(here, _with(kept, "f", "html")), "alternate", HTML, "网页", "As a page"
        ),
        place.link(at, "collection", JSON, collection.zh, collection.en),
    ]
    if page.next is not None:
        following = _address(here, _with(kept, "cursor", page.next))
        links.append(place.link(following, "next", GEOJSON, "下一页", "The next page"))
    numbers: dict[str, Any] = {
        "links": links,
        "timeStamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "numberReturned": page.returned,
    }
    if page.matched is not None:
        numbers["numberMatched"] = page.matched
    headers = {"Content-Crs": f"<{wanted.crs.uri}>", "Link": queryables_link(place, collection)}
    if call.html:
        document = {**numbers, "features": json.loads(f"[{page.features}]")}
        return Reply(GEOJSON, {**document, "collection": collection}, headers=headers)
    rest = json.dumps(numbers, ensure_ascii=False)[1:]
    body = f'{{"type":"FeatureCollection","features":[{page.features}],{rest}'
    return Reply(GEOJSON, body=body.encode(), headers=headers)


async def _feature(call: Call, collection: Collection, text: str) -> Reply:
    only(call.given, (*_COMMON, "crs"))
    crs, place = crs_of(call.given), call.place
    fid = fid_of(collection, text)
    found: str | None = None
    if fid is not None:
        seen = await collection.condition(call.reach or NOTHING)
        found = await service().ask(feature_question(collection, crs, fid, seen))
    if found is None:
        raise NotFound(
            zh=f"{collection.zh}中没有 {text}，或您无权查看。",
            en=f"There is no {text} among {collection.name}, or you may not see it.",
            field="featureId",
            remedy_zh="请核对标识。",
            remedy_en="Check the id.",
        )
    at = f"/collections/{collection.name}"
    here = f"{at}/items/{quote(text, safe='')}"
    links = [
        place.link(here, "self", GEOJSON, "本要素", "This feature"),
        place.link(f"{here}?f=html", "alternate", HTML, "网页", "As a page"),
        place.link(at, "collection", JSON, collection.zh, collection.en),
    ]
    headers = {"Content-Crs": f"<{crs.uri}>"}
    etag = feature_etag(found, crs)
    if call.html:
        document = {**json.loads(found), "links": links, "collection": collection}
        return Reply(GEOJSON, document, headers=headers)
    body = f'{found[:-1]}, "links": {json.dumps(links, ensure_ascii=False)}}}'
    return Reply(GEOJSON, body=body.encode(), headers=headers, etag=etag)


def feature_etag(text: str, crs: Crs) -> str:
    """The mark of a feature's state; a write that carries it is refused after any change."""
    return f'"{blake2b(f"{crs.uri} {text}".encode(), digest_size=12).hexdigest()}"'


@sync_to_async
def _city_name(english: bool) -> str:
    close_old_connections()
    try:
        city = catalogue().city
    finally:
        close_old_connections()
    if city is None:
        return "Chengyun" if english else "城运"
    return (city.name_en if english else "") or city.name_zh


async def _city(place: Place) -> str:
    return await _city_name(place.english)


def _with(kept: list[tuple[str, str]], name: str, text: str) -> list[tuple[str, str]]:
    return [*((each, value) for each, value in kept if each != name), (name, text)]


def _address(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _not_computable() -> Problem:
    return bad(
        "过滤条件无法计算（例如除以零，数值溢出）。",
        "The filter cannot be computed, for example because it divides by zero.",
        field="filter",
        remedy_zh="请改正其中的运算。",
        remedy_en="Mend its arithmetic.",
    )


def _too_costly() -> Problem:
    return Problem(
        type="urn:chengyun:problem:too-costly",
        zh="查询超出时限，已中止。",
        en="The query took longer than a statement may, and was stopped.",
        remedy_zh="请用 bbox 或更多条件缩小范围，减小 limit，或去掉 count=true；全量数据请导出。",
        remedy_en="Narrow it by bbox or by more conditions, ask for less with limit, or leave "
        "out count=true; take all of it as an export.",
    )


async def _send(send: Send, scope: Message, headers: Headers, reply: Reply, call: Call) -> None:
    kind = reply.kind
    if call.html:
        kind = f"{HTML}; charset=utf-8"
        body = pages.page(call.place, call.path, reply.document).encode()
    elif reply.body is not None:
        body = reply.body
    else:
        body = json.dumps(reply.document, ensure_ascii=False).encode()
    etag = reply.etag or f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    more = {**reply.headers, "Content-Language": "en" if call.place.english else "zh"}
    answer = [
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Accept, Accept-Encoding, Accept-Language, Cookie, Authorization"),
        (b"x-content-type-options", b"nosniff"),
        *((name.lower().encode(), text.encode()) for name, text in more.items()),
    ]
    if call.html:
        answer.append((b"content-security-policy", _POLICY.encode()))
    status = 200
    if etag in etags_of(headers):
        status, body = 304, b""
    else:
        packings = packings_of(headers)
        as_it_is = "identity" in packings
        if "gzip" in packings and (len(body) > GZIP_FROM or not as_it_is):
            if len(body) > IN_A_THREAD_FROM:
                body = await asyncio.to_thread(gzip.compress, body, 1, mtime=0)
            else:
                body = gzip.compress(body, 1, mtime=0)
            answer.append((b"content-encoding", b"gzip"))
        elif not as_it_is:
            raise not_acceptable()
        answer += [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": answer})
    body = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": body})


__all__ = ["Question", "app", "feature_etag"]
