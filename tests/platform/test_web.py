"""What every answer of the web server has in common, and what is refused before Django."""

import asyncio
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from chengyun.config.asgi import dispatcher


@pytest.mark.django_db
def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/api/health", "/accounts/login/", "/no/such/page"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/api/docs", "/accounts/login/"])
@pytest.mark.django_db
def test_pages_load_nothing_from_elsewhere(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    html = page.content.decode()
    assert not re.findall(r"""(?:src|href|action)=["'](?:https?:)?//[^"']+""", html)
    for asset in re.findall(r"""(?:src|href)=["'](/static/[^"']+)""", html):
        assert client.get(asset).status_code == 200, asset


def test_health_needs_no_database(client: Client) -> None:
    # Without the mark `django_db` any query would fail this test.
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.django_db
def test_ready_names_what_is_missing(client: Client) -> None:
    answer = client.get("/api/ready")
    assert answer.status_code == 503
    checks = {check["name"]: check for check in answer.json()["checks"]}
    assert checks["database"]["ok"]
    assert checks["migrations"]["ok"]
    assert not checks["worker"]["ok"]
    assert "chengyun up" in checks["worker"]["detail"]


@pytest.mark.django_db
def test_ready_once_a_worker_gives_signs_of_life(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        assert client.get("/api/ready").status_code == 200
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h'")
        assert client.get("/api/ready").status_code == 503


def _ask(
    headers: Iterable[tuple[bytes, bytes]] = (), query: bytes = b"", path: str = "/api/x"
) -> tuple[int, bytes]:
    """Send one request through the dispatcher; a request that goes on is answered 200."""
    sent: list[Any] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def native(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"native"})

    async def receive() -> Any:
        raise AssertionError("a refusal must not read the body")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": query,
        "headers": list(headers),
    }  # fmt: skip
    app = dispatcher({"/live": native}, behind, limit=1000)
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent)


def test_long_lived_paths_never_enter_django() -> None:
    assert _ask(path="/live") == (200, b"native")
    assert _ask(path="/live/x") == (200, b"native")
    assert _ask(path="/lively") == (200, b"/lively")


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ([(b"content-length", b"2147483648")], b"", 413),
        ([(b"content-length", b"1000")], b"", 200),
        ([(b"content-length", b"-5")], b"", 400),
        ([(b"transfer-encoding", b"chunked")], b"", 411),
        ([], b"q=\xe4\xba\x95", 400),
        ([], b"q=%E4%BA%95", 200),
    ],
)
def test_what_cannot_be_carried_is_refused_before_it_is_read(
    headers: list[tuple[bytes, bytes]], query: bytes, status: int
) -> None:
    code, body = _ask(headers, query)
    assert code == status
    if status != 200:
        problem = json.loads(body)
        assert problem["status"] == status
        assert problem["detail"]


def test_a_refusal_speaks_the_language_asked_for() -> None:
    big = (b"content-length", b"99999")
    assert (
        "exceeds the limit" in json.loads(_ask([big, (b"accept-language", b"en-GB")])[1])["detail"]
    )
    assert "上限" in json.loads(_ask([big])[1])["detail"]


def test_the_openapi_file_is_current(root: Any) -> None:
    from chengyun.config.api import api

    kept = json.loads((root / "openapi.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    assert kept == now, "the API changed: make reference writes it anew"
    assert now["openapi"].startswith("3.1")


@pytest.mark.django_db
def test_nobody_can_sign_up(client: Client) -> None:
    page = client.get("/accounts/signup/")
    assert "password1" not in page.content.decode()


@pytest.mark.django_db
def test_the_sign_in_page_offers_no_sign_up_and_loads_only_our_files(client: Client) -> None:
    page = client.get("/accounts/login/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "城运" in page
    assert 'lang="zh-hans"' in page
    assert "signup" not in page
    assert "//" not in page.replace("http://www.w3.org", "").split("<body>")[0]
    assert client.get("/static/chengyun/account.css").status_code == 200


@pytest.mark.django_db
def test_the_icon_that_browsers_ask_for_is_there(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/x-icon")


@pytest.mark.django_db
def test_signing_in_begins_in_the_name_and_may_change_the_language(client: Client) -> None:
    zh = client.get("/accounts/login/", headers={"accept-language": "zh-CN"}).content.decode()
    assert re.search(r'<input[^>]*name="login"[^>]*autofocus', zh)
    assert "：" not in zh.split("<main>")[1]
    assert "通行密钥" in zh
    assert "passkey 登录" not in zh
    # By Tab from the password to the button: the way to a new password comes after both.
    assert zh.index('name="password"') < zh.index('type="submit"') < zh.index("password/reset")
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    en = client.get("/accounts/login/", headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="en">' in en
