"""The conformance runner: our server passes it, and servers that break a rule do not."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.test import Client

from chengyun.governance.models import Case
from chengyun.open311.conformance import CHECKS, Outcome, Result, run
from chengyun.open311.models import Open311Attribute
from tests.api.town import CITY


@pytest.fixture
def server(client: Client, db: None) -> Iterator[httpx.Client]:
    """Our server without a network: an HTTP client whose requests Django answers here."""

    def answer(request: httpx.Request) -> httpx.Response:
        response = client.generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=request.headers.get("content-type", ""),
        )
        return httpx.Response(
            response.status_code, headers=list(response.items()), content=response.getvalue()
        )

    with httpx.Client(transport=httpx.MockTransport(answer)) as made:
        yield made


def problems(results: list[Result]) -> list[Result]:
    return [r for r in results if r.outcome in (Outcome.FAIL, Outcome.WARN)]


def test_our_server_conforms(
    server: httpx.Client,
    make_case: Callable[..., Case],
    questions: list[Open311Attribute],
    key: str,
) -> None:
    make_case(days=2)
    make_case(days=1, state="closed", closed_at="2026-06-01T00:00:00Z")
    make_case()
    before = Case.objects.count()
    results = list(run(server, "http://testserver/open311/v2/", api_key=key))
    assert problems(results) == []
    assert len(results) == 2 * len(CHECKS)
    passed = {r.name for r in results if r.outcome is Outcome.PASS}
    # One jurisdiction: its check is the only one that does not apply.
    assert {name for name, _, _ in CHECKS} - passed == {"unknown jurisdiction is 404"}
    assert Case.objects.count() == before


def test_our_server_conforms_with_several_jurisdictions(
    server: httpx.Client,
    make_case: Callable[..., Case],
    configure: Callable[..., None],
) -> None:
    configure(open311_jurisdiction_required=True)
    make_case()
    results = list(run(server, "http://testserver/open311/v2", jurisdiction=CITY))
    assert problems(results) == []
    assert Outcome.PASS in {r.outcome for r in results if "jurisdiction" in r.name}


def canned(bodies: dict[str, Any]) -> httpx.Client:
    """A server that answers every path with what is canned for its suffix."""

    def answer(request: httpx.Request) -> httpx.Response:
        suffix = request.url.path.rsplit(".", 1)[-1]
        body, media_type = bodies[suffix]
        return httpx.Response(200, content=body, headers={"Content-Type": media_type})

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_server_that_wraps_json_and_shows_pages_fails() -> None:
    client = canned(
        {
            "xml": (b"<html><body>hello</body></html>", "text/html"),
            "json": (b'{"services": [], "requests": []}', "application/json"),
        }
    )
    results = list(run(client, "http://city.example/open311/v2"))
    failed = {(r.name, r.fmt) for r in results if r.outcome is Outcome.FAIL}
    for fmt in ("xml", "json"):
        assert {("discovery", fmt), ("service list", fmt), ("request list", fmt)} <= failed
        assert ("unknown service is 404", fmt) in failed
    assert ("media type, charset, declaration", "xml") in failed


def test_an_xml_bomb_from_a_server_is_a_failed_check_not_a_crash() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><services>&b;</services>'
    )
    client = canned({"xml": (bomb, "text/xml; charset=utf-8"), "json": (b"[", "text/plain")})
    results = list(run(client, "http://city.example/open311/v2"))
    assert Outcome.FAIL in {r.outcome for r in results if r.fmt == "xml"}
    assert all(r.outcome is not Outcome.PASS for r in results if r.fmt == "json")


def test_a_server_that_is_down_is_told() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with httpx.Client(transport=httpx.MockTransport(refuse)) as client:
        results = list(run(client, "http://city.example/open311/v2"))
    assert {r.outcome for r in results} <= {Outcome.FAIL, Outcome.SKIP}
    assert "connection refused" in results[0].seen
