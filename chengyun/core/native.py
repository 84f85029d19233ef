"""What the small native ASGI apps share: who calls, how a refusal is sent, which database.

They never enter Django's request cycle; the questions are the same and answered by the same code.
"""

import contextlib
import gzip
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.db import close_old_connections, connection
from django.http import HttpRequest

from .access import Scope, forget_scope, scope_of
from .actor import Actor
from .http import check_second_factor, find_token, token_in
from .models import User
from .problems import Forbidden, Invalid, Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Header names in lower case; values as text.
Headers = dict[bytes, str]
# Forms in which a body can be sent; `identity` is as it is.
_PACKINGS = ("br", "gzip", "identity")
_NEVER = re.compile(r"(?:^|;)\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)")


def headers_of(scope: Message) -> Headers:
    """The headers of an ASGI request."""
    return {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}


@sync_to_async
def authenticate(headers: Headers) -> Scope | None:
    """The reach of the caller by access token or session cookie; None when there is neither.

    One statement for a token, two for a session, one more for the grants."""
    close_old_connections()
    try:
        user = _user(headers)
        if user is None:
            return None
        forget_scope(user)
        return scope_of(user)
    finally:
        close_old_connections()


def credential(headers: Headers) -> str | None:
    """The text by which `authenticate` knows the caller; None of a stranger."""
    token = token_in(headers.get(b"authorization", ""))
    if token is not None:
        return f"bearer {token}"
    key = _session_key(headers)
    return None if key is None else f"session {key}"


def _session_key(headers: Headers) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        cookies.load(headers.get(b"cookie", ""))
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return None if morsel is None or "\0" in morsel.value else morsel.value


def _user(headers: Headers) -> User | None:
    token = token_in(headers.get(b"authorization", ""))
    if token is not None:
        found = find_token(token)
        return found.user if found is not None and "read" in found.scopes else None
    key = _session_key(headers)
    if key is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not isinstance(user, User):
        return None
    try:
        check_second_factor(request, Actor.of(user))
    except Forbidden:
        return None
    return user


def conninfo() -> str:
    """The database Django uses, as a libpq string (tests and DATABASE_URL included)."""
    params = connection.get_connection_params()
    keys = ("dbname", "user", "password", "host", "port", "options", "sslmode")
    known = {key: params[key] for key in keys if params.get(key)}
    return psycopg.conninfo.make_conninfo("", **known)


def query_of(scope: Message, *, blanks: bool = False) -> dict[str, list[str]]:
    """The parameters of an address; those without a value only with `blanks`. Raises Invalid."""
    if not scope["query_string"]:
        return {}
    try:
        text = scope["query_string"].decode("ascii")
        return parse_qs(text, blanks, errors="strict", max_num_fields=500)
    except ValueError:
        raise Invalid(
            zh="查询字符串无效：须为百分号编码，至多 500 项。",
            en="The query string must be percent-encoded, 500 values at most.",
        ) from None


def as_django(scope: Message, headers: Headers) -> HttpRequest:
    """What of the request Django's own functions ask for: the client, the proxies, the host."""
    request = HttpRequest()
    client = scope.get("client") or ("", 0)
    host, port = scope.get("server") or ("localhost", None)
    request.META = {
        "REMOTE_ADDR": client[0],
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "wsgi.url_scheme": scope.get("scheme", "http"),
    }
    for name in (b"host", b"x-forwarded-for", b"x-forwarded-proto"):
        if name in headers:
            request.META[f"HTTP_{name.decode().upper().replace('-', '_')}"] = headers[name]
    return request


def root_of(request: HttpRequest) -> str:
    """The address of this server without a slash at its end. Raises Problem."""
    try:
        return settings.CHENGYUN.public_url.rstrip("/") or request.build_absolute_uri("/")[:-1]
    except DisallowedHost:
        raise Problem(zh="主机名不被接受。", en="This host name is not served here.") from None


def etags_of(headers: Headers) -> list[str]:
    """What the caller has already."""
    return [tag.strip() for tag in headers.get(b"if-none-match", "").split(",")]


def packings_of(headers: Headers) -> frozenset[str]:
    """The forms of a body that the caller takes: of `br`, `gzip` and `identity`."""
    return packings_in(headers.get(b"accept-encoding", ""))


@lru_cache(maxsize=64)
def packings_in(accepted: str) -> frozenset[str]:
    """The same of an Accept-Encoding: `q=0` is never, `*` all that are not named; `identity` is
    taken unless it is refused."""
    told: dict[str, bool] = {}
    for each in accepted.lower().split(","):
        name, _, parameters = each.partition(";")
        told[name.strip()] = _NEVER.search(parameters) is None
    others = told.get("*")
    rest = {"br": others or False, "gzip": others or False, "identity": others is not False}
    return frozenset(each for each in _PACKINGS if told.get(each, rest[each]))


def not_acceptable() -> Problem:
    """The refusal of a request that takes no form in which the answer can be sent."""
    return Problem(
        status=406,
        zh="Accept-Encoding 排除了所有可用的编码。",
        en="Accept-Encoding refuses every encoding that can be sent.",
        remedy_zh="请允许 gzip 或 identity，或去掉此请求头。",
        remedy_en="Allow gzip or identity, or leave the header out.",
    )


async def send_marked(
    send: Send, scope: Message, headers: Headers, answer: list[tuple[bytes, bytes]], *,
    etag: str, kind: bytes, body: bytes, packed: bool = False, brotli: bytes = b"",
) -> None:  # fmt: skip
    """Answer with bytes that are known by `etag`, beside the headers of `answer`: 304 when the
    caller has them, 204 when there are none. `packed` bytes are gzip, perhaps `brotli` too.
    Raises Problem (406)."""
    answer = [*answer, (b"etag", etag.encode()), (b"x-content-type-options", b"nosniff")]
    status = 200
    if etag in etags_of(headers):
        body, status = b"", 304
    elif not body:
        status = 204
    else:
        packings = packings_of(headers)
        if brotli and "br" in packings:
            body = brotli
            answer.append((b"content-encoding", b"br"))
        elif "identity" in packings and not (packed and "gzip" in packings):
            body = gzip.decompress(body) if packed else body
        elif "gzip" in packings:
            body = body if packed else gzip.compress(body, 1, mtime=0)
            answer.append((b"content-encoding", b"gzip"))
        else:
            raise not_acceptable()
        answer += [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": answer})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def refuse(send: Send, problem: Problem, headers: Headers) -> None:
    """Answer with a problem document in the caller's language."""
    asked = headers.get(b"accept-language", "").lower()
    language = "en" if asked.startswith("en") else "zh"
    body = json.dumps(problem.document(language), ensure_ascii=False).encode()
    extra = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": [(b"content-type", b"application/problem+json"), *extra],
        }
    )
    await send({"type": "http.response.body", "body": body})
