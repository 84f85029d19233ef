"""`/basemap` over HTTP: the PMTiles file of the basemap, whole or in parts, and its tiles.

    GET /basemap/FILE.pmtiles       with Range, as PMTiles clients ask
    GET /basemap/{z}/{x}/{y}        one tile out of it; 204 where there is none

Only the file of the settings is served, to everybody who may see the pages.
"""

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from chengyun.city.basemap.pmtiles import Broken, opened
from chengyun.city.basemap.source import basemap_file
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
    refuse,
    send_marked,
)
from chengyun.core.problems import NotFound, Problem, Unavailable
from chengyun.core.ratelimit import limit_local

_CHUNK = 256 * 1024
_TILE = re.compile(r"/basemap/([0-9]{1,2})/([0-9]{1,8})/([0-9]{1,8})")
_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI app of everything under /basemap."""
    headers = headers_of(scope)
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(status=405, zh="仅支持 GET。", en="Only GET.", headers={"Allow": "GET"})
        limit_local(f"tiles:{client_ip(as_django(scope, headers))}", settings.CHENGYUN.rate_tiles)
        path = basemap_file()
        asked: str = scope["path"]
        if path is None:
            raise _absent()
        if found := _TILE.fullmatch(asked):
            z, x, y = (int(part) for part in found.groups())
            await _tile(scope, headers, send, path, (z, x, y))
        elif asked == f"/basemap/{path.name}":
            await _file(scope, headers, send, path)
        else:
            raise _absent()
    except Problem as problem:
        await refuse(send, problem, headers)


def _absent() -> NotFound:
    return NotFound(
        zh="没有这个底图地址。",
        en="There is no such basemap address.",
        remedy_zh="底图见 /api/basemap。",
        remedy_en="/api/basemap tells the basemap.",
    )


def unreadable(error: Exception) -> Unavailable:
    """The refusal of a basemap file that is not there, or is not what it says."""
    return Unavailable(
        zh="底图文件不可读或已损坏。",
        en=f"The basemap file cannot be read or is broken: {error}.",
        remedy_zh="请更换文件，或在 CHENGYUN_BASEMAP_URL 中改用另一个。",
        remedy_en="Replace the file, or name another one in CHENGYUN_BASEMAP_URL.",
    )


def _etag(path: Path) -> tuple[str, int]:
    """The mark of the file as it lies there, and its size. Raises Problem."""
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(error) from None
    return f'"{found.st_mtime_ns:x}-{found.st_size:x}"', found.st_size


async def _tile(
    scope: Message, headers: Headers, send: Send, path: Path, tile: tuple[int, int, int]
) -> None:
    z, x, y = tile
    if z > 26 or x >= 1 << z or y >= 1 << z:
        raise _absent()
    etag, _ = _etag(path)
    answer = [(b"cache-control", b"public, max-age=3600"), (b"vary", b"Accept-Encoding")]
    kind, body, packed = b"", b"", False
    if etag not in etags_of(headers):
        try:
            archive = await asyncio.to_thread(opened, path)
            found = await asyncio.to_thread(archive.tile, z, x, y)
        except (Broken, OSError) as error:
            raise unreadable(error) from None
        kind, body, packed = archive.type.encode(), found or b"", archive.packed
    await send_marked(send, scope, headers, answer, etag=etag, kind=kind, body=body, packed=packed)


async def _file(scope: Message, headers: Headers, send: Send, path: Path) -> None:
    etag, size = _etag(path)
    answer = [
        (b"etag", etag.encode()),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", b"public, no-cache"),
        (b"content-type", b"application/vnd.pmtiles"),
        (b"content-disposition", f"inline; filename*=UTF-8''{quote(path.name)}".encode()),
    ]
    if etag in etags_of(headers):
        await _send(send, 304, answer, b"")
        return
    if "identity" not in packings_of(headers):
        raise not_acceptable()
    part = _part(headers, size, etag)
    first, last = part or (0, size - 1)
    answer.append((b"content-length", str(last - first + 1).encode()))
    if part:
        answer.append((b"content-range", f"bytes {first}-{last}/{size}".encode()))
    await send({"type": "http.response.start", "status": 206 if part else 200, "headers": answer})
    if scope["method"] != "HEAD":
        await _stream(send, path, first, last)
    await send({"type": "http.response.body", "body": b""})


def _part(headers: Headers, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for the whole file. Several ranges at once, or
    units other than bytes, get the whole, as HTTP allows. Raises Problem (416)."""
    found = _RANGE.fullmatch(headers.get(b"range", "").replace(" ", ""))
    if found is None or found.groups() == ("", "") or headers.get(b"if-range", etag) != etag:
        return None
    start, end = found.groups()
    first = int(start[:20]) if start else max(0, size - int(end[:20]))
    last = min(int(end[:20]), size - 1) if start and end else size - 1
    if first > last:
        raise Problem(
            status=416,
            zh="请求的范围不在文件内。",
            en="The range lies outside of the file.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return first, last


async def _stream(send: Send, path: Path, first: int, last: int) -> None:
    file = await asyncio.to_thread(os.open, path, os.O_RDONLY)
    try:
        while first <= last:
            chunk = await asyncio.to_thread(os.pread, file, min(_CHUNK, last - first + 1), first)
            if not chunk:
                break
            first += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        os.close(file)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
