"""Who is calling: authentication of the API, token scopes, CSRF and rate limits.

    @router.get("/cases", auth=session_or_token)        # token scope read (write for POST …)
    @router.get("/export", auth=requires("export"))     # a named token scope
    @router.post("/reports", auth=optional_actor)       # anonymous allowed

A view reads the caller with `actor_of(request)`. Costs: token 1 SQL, session 2 SQL, grants 1
SQL when first asked, anonymous 1 SQL (its rate counter).
"""

import base64
import re
import time
import uuid
from datetime import timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from .actions.tokens import PREFIX, token_digest
from .actor import Actor
from .models import ApiToken, TokenScope
from .problems import Forbidden, Unauthenticated, sign_in_first
from .ratelimit import limit_local, limit_shared

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# last_used_at is written at most once a minute per token and process.
_TOUCH_SECONDS = 60.0
_touched: dict[int, float] = {}


def actor_of(request: HttpRequest) -> Actor:
    """The authenticated caller; raises `Unauthenticated` on a route without authentication."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise sign_in_first()
    return actor


def written(content: Any) -> HttpResponse:
    """A JSON answer of plain values, without another validation; for hot lists whose rows we
    made ourselves. Times come out as in every other answer (UTC, "Z")."""
    return HttpResponse(msgspec.json.encode(content), content_type="application/json")


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address; with N trusted proxies the N-th last hop they wrote down."""
    proxies = settings.CHENGYUN.trusted_proxies
    if proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= proxies and hops[-proxies]:
            return _address(hops[-proxies])
    return _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    from ipaddress import ip_address

    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return None


def request_id(request: HttpRequest) -> str:
    """The caller's X-Request-ID when it is a sensible one, else a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def token_in(authorization: str) -> str | None:
    """The access token of an Authorization header; None where it has none.

    `Bearer cy_…`, or `Basic` with the token as the password, whatever the name: all that many
    desktop programs know."""
    kind, _, given = authorization.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(given.strip(), validate=True).decode()
    except ValueError:
        return None
    password = pair.partition(":")[2]
    return password if password.startswith(PREFIX) else None


class TokenAuth(HttpBearer):
    """`Authorization: Bearer cy_…`, or the token as the password of `Basic`."""

    def __init__(self, scope: str | None = None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Actor | None:
        token = token_in(request.headers.get("Authorization", ""))
        return None if token is None else self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        found = find_token(token)
        if found is None:
            raise Unauthenticated(
                zh="访问令牌无效、已过期或已吊销。",
                en="The access token is unknown, expired or revoked.",
                remedy_zh="请签发新的令牌。",
                remedy_en="Issue a new token.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        limit_local(f"token:{found.pk}", settings.CHENGYUN.rate_machine)
        _check_scope(found, self.scope or _default_scope(request))
        actor = Actor.of(
            found.user,
            ip=client_ip(request),
            request_id=request_id(request),
            token_id=found.pk,
            token_scopes=frozenset(found.scopes),
        )
        _put(request, actor)
        _touch(found)
        return actor


class SessionAuth(APIKeyCookie):
    """The session cookie of a signed-in person; writes need the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        # The check is made below, only when a session is really used.
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        if not key:
            return None
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if request.method not in SAFE_METHODS:
            _check_csrf(request)
        limit_local(f"user:{user.pk}", settings.CHENGYUN.rate_user)
        # request.user is lazy; the actor carries the real object.
        real = getattr(user, "_wrapped", user)
        actor = Actor.of(real, ip=client_ip(request), request_id=request_id(request))
        check_second_factor(request, actor)
        _put(request, actor)
        return actor


class OptionalActor:
    """A token or a session when there is one, else a rate-limited citizen."""

    def __init__(self, scope: str | None = None) -> None:
        self._ways = [TokenAuth(scope), SessionAuth()]

    def __call__(self, request: HttpRequest) -> Actor:
        for way in self._ways:
            actor = way(request)
            if isinstance(actor, Actor):
                return actor
        ip = client_ip(request)
        limit_shared(f"anonymous:{ip}", settings.CHENGYUN.rate_anonymous)
        actor = Actor.citizen(ip, request_id(request))
        _put(request, actor)
        return actor


def requires(scope: str) -> list[Any]:
    """For `auth=`: a session, or a token that carries this scope."""
    return [TokenAuth(TokenScope(scope).value), SessionAuth()]


session_or_token: list[Any] = [TokenAuth(), SessionAuth()]
optional_actor = OptionalActor()
# Machines that only deliver reports hold the narrow scope.
optional_intake = OptionalActor(TokenScope.INTAKE.value)


def find_token(plaintext: str) -> ApiToken | None:
    """The valid token with this text and its user, in one statement."""
    if not plaintext.startswith(PREFIX):
        return None
    now = timezone.now()
    return (
        ApiToken.objects.select_related("user")
        .filter(digest=token_digest(plaintext), revoked_at=None, user__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )


def _default_scope(request: HttpRequest) -> str:
    return TokenScope.READ if request.method in SAFE_METHODS else TokenScope.WRITE


def _check_scope(token: ApiToken, scope: str) -> None:
    if scope not in token.scopes:
        raise Forbidden(
            zh=f"此令牌没有范围 {scope}。",
            en=f"This token does not carry the scope {scope}.",
            type="urn:chengyun:problem:token-scope",
            remedy_zh="请签发带此范围的令牌。",
            remedy_en="Issue a token with this scope.",
            extra={"scope": scope},
        )


def _check_csrf(request: HttpRequest) -> None:
    if check_csrf(request) is not None:
        raise Forbidden(
            zh="缺少或错误的 CSRF 令牌。",
            en="The CSRF token is missing or wrong.",
            type="urn:chengyun:problem:csrf",
            remedy_zh=f"将 Cookie {settings.CSRF_COOKIE_NAME} 的值放入请求头 X-CSRFToken。",
            remedy_en=f"Send the cookie {settings.CSRF_COOKIE_NAME} as header X-CSRFToken.",
        )


def check_second_factor(request: HttpRequest, actor: Actor) -> None:
    """Raise `Forbidden` when a post of the actor demands a second factor that the session of
    `request` was opened without (`CHENGYUN_MFA_ROLES`)."""
    wanted = frozenset(settings.CHENGYUN.mfa_roles)
    if not wanted or wanted.isdisjoint(role.value for role in actor.scope.roles()):
        return
    methods = request.session.get("account_authentication_methods", [])
    if not any(method.get("method") == "mfa" for method in methods):
        raise Forbidden(
            zh="您的岗位须以双因素认证登录。",
            en="Your post needs a sign-in with a second factor.",
            type="urn:chengyun:problem:second-factor",
            remedy_zh="请在 /accounts/2fa/ 启用验证器后重新登录。",
            remedy_en="Set up an authenticator at /accounts/2fa/ and sign in again.",
        )


def _put(request: HttpRequest, actor: Actor) -> None:
    request.actor = actor  # type: ignore[attr-defined]


def _touch(token: ApiToken) -> None:
    now = time.monotonic()
    if now - _touched.get(token.pk, -_TOUCH_SECONDS) < _TOUCH_SECONDS:
        return
    if len(_touched) > 10_000:
        _touched.clear()
    _touched[token.pk] = now
    at = timezone.now()
    if token.last_used_at is None or at - token.last_used_at > timedelta(seconds=_TOUCH_SECONDS):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


__all__ = [
    "actor_of",
    "check_second_factor",
    "client_ip",
    "find_token",
    "optional_actor",
    "optional_intake",
    "requires",
    "session_or_token",
    "written",
]
