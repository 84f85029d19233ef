"""What the small native ASGI apps share: who calls, how a refusal is sent, which database.

They never enter Django's request cycle; the questions are the same and answered by the same code.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections, connection
from django.http import HttpRequest

from .access import Scope, forget_scope, scope_of
from .actor import Actor
from .http import check_second_factor, find_token
from .models import User
from .problems import Forbidden, Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Header names in lower case; values as text.
Headers = dict[bytes, str]


def headers_of(scope: Message) -> Headers:
    """The headers of an ASGI request."""
    return {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}


@sync_to_async
def authenticate(headers: Headers) -> Scope | None:
    """The reach of the caller by bearer token or session cookie; None when there is neither.

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
    kind, _, token = headers.get(b"authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return f"bearer {token.strip()}"
    key = _session_key(headers)
    return None if key is None else f"session {key}"


def _session_key(headers: Headers) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        cookies.load(headers.get(b"cookie", ""))
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return None if morsel is None or "\0" in morsel.value else morsel.value


def _user(headers: Headers) -> User | None:
    kind, _, token = headers.get(b"authorization", "").partition(" ")
    if kind.lower() == "bearer":
        found = find_token(token.strip())
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
