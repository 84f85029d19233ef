"""Input that is meant to hurt, or only strange: each a clear refusal, never a crash."""

import asyncio
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from chengyun.config.asgi import dispatcher
from chengyun.core.models import AuditEntry
from chengyun.governance.models import Case, Report
from tests.api.conftest import World, as_json, call, expect_problem, picture

pytestmark = pytest.mark.django_db

NASTY = [
    "'; DROP TABLE governance_case; --",
    "<script>alert('1')</script><img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} %s %(name)s {0}",
    "../../etc/passwd",
    "\u202egnp.exe",
    '=HYPERLINK("http://x")',
]


@pytest.fixture
def everybody(world: World, django_db_blocker: Any) -> Any:
    """Send a request as somebody who holds every post."""
    return lambda method, path, **given: call(
        world, django_db_blocker, "everybody", method, path, **given
    )


@pytest.fixture
def citizen(world: World, django_db_blocker: Any) -> Any:
    return lambda method, path, **given: call(
        world, django_db_blocker, "anonymous", method, path, **given
    )


# --- Texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NASTY)
def test_texts_come_back_as_they_were(
    world: World, django_db_blocker: Any, text: str, client: Any
) -> None:
    """As JSON word for word; in a page of the administration escaped."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        Case.objects.filter(pk=world.case.pk).update(description=text, address=text[:90])
        response = client.get(
            f"/api/cases/{world.case.pk}",
            headers={"Authorization": f"Bearer {world.keys['everybody']}"},
        )
        shown = client.get(f"/open311/v2/requests/{world.case.pk}.xml")
        transaction.set_rollback(True)
    assert response.status_code == 200
    assert response.json()["description"] == text
    assert b"<script" not in shown.content
    assert b"<img" not in shown.content


@pytest.mark.parametrize("text", NASTY)
def test_searching_for_them_is_only_a_search(everybody: Any, text: str) -> None:
    from urllib.parse import quote

    assert everybody("GET", f"/api/cases?text={quote(text)}").status_code == 200
    assert everybody("GET", f"/api/users?q={quote(text)}").status_code == 200


def test_the_administration_escapes_what_people_wrote(
    world: World, django_db_blocker: Any, client: Any
) -> None:
    from django.db import transaction

    from chengyun.core.models import User

    with django_db_blocker.unblock(), transaction.atomic():
        Case.objects.filter(pk=world.case.pk).update(description=NASTY[1], address=NASTY[1])
        client.force_login(
            User.objects.create_superuser("root"),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        pages = [
            client.get("/admin/governance/case/"),
            client.get(f"/admin/governance/case/{world.case.pk}/change/"),
        ]
        transaction.set_rollback(True)
    assert 200 in {page.status_code for page in pages}
    for page in pages:
        assert b"<img src=x" not in page.content


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800", "a\\udc00b"])
@pytest.mark.parametrize(
    ("method", "path", "field", "rest"),
    [
        ("POST", "/api/reports", "text", {}),
        ("POST", "/api/reports", "address", {"text": "井盖缺失"}),
        ("POST", "/api/users", "display_name", {"username": "a"}),
        ("POST", "/api/alarm-sources", "name", {"code": "abc"}),
        ("PUT", "/api/organisations/WORKS", "name_zh", {}),
    ],
)
def test_nul_and_lone_surrogates_are_refused(
    everybody: Any, method: str, path: str, field: str, rest: dict[str, Any], escape: str
) -> None:
    body = json.dumps({**rest, field: "PLACE"}).replace("PLACE", f"x{escape}y")
    response = everybody(method, path, data=body, content_type="application/json")
    expect_problem(response, 400, 422)


def test_such_characters_in_addresses_and_queries_are_refused(everybody: Any) -> None:
    for path in (
        "/api/cases?text=%00", "/api/cases?number=%00", "/api/users?q=a%00b",
        "/api/cases?area=%00", "/api/addresses?q=%00%00", "/api/areas/%00",
        "/api/reports/%00?code=x", "/api/cases?text=%ED%A0%80", "/api/areas/%FF%FE",
    ):  # fmt: skip
        response = everybody("GET", path)
        assert response.status_code < 500, path
        if response.status_code >= 400:
            expect_problem(response, 400, 404, 422)


# --- Numbers, dates, places -----------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "limit=1000000000",
        "limit=-1",
        "limit=0",
        "limit=1e9",
        "limit=99999999999999999999999999",
        "limit=abc",
        "cursor=not-a-cursor",
        "cursor=%FF%FE",
        "cursor=bnVsbA",
        "cursor=WyIyMDI2Il0",
        "cursor=W1tbW1tbW10",
        "cursor=" + "A" * 5000,
        "reported_from=0000-01-01T00:00:00Z",
        "reported_from=0001-01-01T00:00:00%2B23:59",
        "reported_until=9999-12-31T23:59:59-23:59",
        "reported_from=10000-01-01",
        "reported_from=tomorrow",
        "reported_from=1e308",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=nan,nan,nan,nan",
        "bbox=120,37,121,36",
        "bbox=-181,0,0,10",
        "bbox=0,-91,1,0",
        "bbox=inf,0,1,1",
        "bbox=170,30,-170,40",
        "within=120,36;121,36",
        "within=120,36;121;121,37",
        "within=nan,36;121,36;121,37",
        "within=120,36;121,37;121,36;120,37",
        "within=" + ";".join(["120.1,36.1"] * 201),
        "state=unknown",
        "overdue=perhaps",
    ],
)
def test_bad_filters_of_a_list_are_named(everybody: Any, query: str) -> None:
    response = everybody("GET", f"/api/cases?{query}")
    assert response.status_code < 500, response.content
    expect_problem(response, 400, 422)


def test_case_numbers_beyond_any_table_are_simply_not_there(everybody: Any) -> None:
    for number in ("0", "-1", str(2**63), "9" * 60, "1.5", "x", "%00"):
        for path in (f"/api/cases/{number}", f"/api/cases/{number}/choices"):
            expect_problem(everybody("GET", path), 400, 404, 422)
        response = everybody("POST", f"/api/cases/{number}/annotate", **as_json({"opinion": "x"}))
        expect_problem(response, 400, 404, 422)


@pytest.mark.parametrize(
    "place",
    [
        {"lon": 1e308, "lat": 0}, {"lon": 120.05}, {"lat": 36.05}, {"lon": "x", "lat": 1},
        {"lon": 36.05, "lat": 120.05}, {"lon": -120, "lat": 36}, {"lon": 181, "lat": 0},
        {"lon": 120.05, "lat": 36.05, "system": "mars"}, {"lon": [], "lat": {}},
    ],
)  # fmt: skip
def test_places_that_cannot_be_are_refused(citizen: Any, place: dict[str, Any]) -> None:
    response = citizen("POST", "/api/reports", **as_json({"text": "井盖缺失", **place}))
    expect_problem(response, 422)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_json_does_not_have_are_refused(citizen: Any, number: str) -> None:
    body = f'{{"text": "井盖缺失", "lon": {number}, "lat": 36.05}}'
    expect_problem(
        citizen("POST", "/api/reports", data=body, content_type="application/json"), 400, 422
    )


@pytest.mark.parametrize(
    "moment",
    ["0000-00-00T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
     "2026-01-01T00:00:00", "-1", 10**30, "2026-02-30T00:00:00Z", "x"],
)  # fmt: skip
def test_times_that_cannot_be_are_refused(everybody: Any, moment: Any) -> None:
    response = everybody("POST", "/api/reports", **as_json({"text": "井", "reported_at": moment}))
    expect_problem(response, 422)


def test_a_polygon_that_crosses_itself_never_reaches_a_filter(everybody: Any) -> None:
    """Filters take boxes only; an outline in a load is repaired or refused by the loader."""
    bow_tie = "POLYGON((120 36,120.1 36.1,120.1 36,120 36.1,120 36))"
    response = everybody("GET", f"/api/cases?bbox={bow_tie}")
    expect_problem(response, 422)
    assert expect_problem(everybody("GET", f"/api/components?bbox={bow_tie}"), 422)


# --- Bodies ---------------------------------------------------------------------------------

DEEP = b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe{}", b"\x00", DEEP, b'{"text": 1e999999}',
     b'{"text": ' + b"9" * 10_000 + b"}", b'{"text": "x", "text": '],
)  # fmt: skip
def test_bodies_that_are_no_report_are_refused(citizen: Any, body: bytes) -> None:
    response = citizen("POST", "/api/reports", data=body, content_type="application/json")
    expect_problem(response, 400, 413, 422)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=",
     "application/x-www-form-urlencoded", "application/json; charset=utf-16", "x" * 300, ""],
)  # fmt: skip
def test_wrong_content_types_are_no_crash(citizen: Any, content_type: str) -> None:
    response = citizen("POST", "/api/reports", data=b'{"text": "a"}', content_type=content_type)
    assert response.status_code < 500
    if response.status_code >= 400:
        expect_problem(response, 400, 415, 422)


def test_unknown_members_are_refused_not_ignored(citizen: Any) -> None:
    response = citizen("POST", "/api/reports", **as_json({"text": "a", "is_admin": True}))
    document = expect_problem(response, 422)
    assert "is_admin" in json.dumps(document)


def test_a_body_over_the_memory_limit_is_413(citizen: Any, settings: Any) -> None:
    body = b'{"text": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    expect_problem(citizen("POST", "/api/reports", data=body, content_type="application/json"), 413)


def test_unknown_addresses_and_methods_are_problem_documents(citizen: Any) -> None:
    expect_problem(citizen("GET", "/api/nothing-here"), 404)
    refused = citizen("DELETE", "/api/reports")
    expect_problem(refused, 405)
    assert "POST" in refused["Allow"]
    expect_problem(citizen("TRACE", "/api/health"), 405)


def test_a_failure_of_ours_is_a_problem_document_without_its_inside(
    citizen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chengyun.governance.api import reports

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(reports.actions, "receive_report", fail)
    response = citizen("POST", "/api/reports", **as_json({"text": "井盖缺失"}))
    expect_problem(response, 500)
    assert b"secret inside" not in response.content


# --- Uploads --------------------------------------------------------------------------------


def upload(content: bytes, media_type: str = "image/png") -> dict[str, Any]:
    head = (
        '--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nreport\r\n--b\r\n'
        'Content-Disposition: form-data; name="file"; filename="a.png"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    return {
        "data": head.encode() + content + b"\r\n--b--\r\n",
        "content_type": "multipart/form-data; boundary=b",
    }


def png_bomb(width: int, height: int) -> bytes:
    """A small file that claims to be a huge picture and would unpack to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\x00" * 1_000_000) for _ in range(30)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def test_a_good_picture_is_taken(citizen: Any) -> None:
    assert citizen("POST", "/api/attachments", **upload(picture())).status_code == 201


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (png_bomb(60_000, 60_000), "image/png"),
        (png_bomb(2**31 - 1, 2**31 - 1), "image/png"),
        (png_bomb(7000, 7000), "image/png"),
        (picture()[:60], "image/png"),
        (picture(), "image/jpeg"),
        (b"<svg onload=alert(1)>", "image/svg+xml"),
        (b"<svg onload=alert(1)>", "image/png"),
        (b"GIF89a" + b"\x00" * 100, "image/gif"),
        (b"", "image/png"),
        (b"PK\x03\x04" + b"\x00" * 100, "application/zip"),
    ],
    ids=["bomb", "larger bomb", "less than it claims", "cut off", "other type", "svg",
         "svg as png", "gif", "empty", "zip"],
)  # fmt: skip
def test_pictures_that_are_none_or_bombs_are_refused(
    citizen: Any, content: bytes, media_type: str
) -> None:
    response = citizen("POST", "/api/attachments", **upload(content, media_type))
    expect_problem(response, 413, 415, 422)


def test_a_table_of_rubbish_instead_of_a_picture_is_refused(citizen: Any) -> None:
    rubbish = b'a,b\n"never closed,1\n\xff\xfe,2\n'
    expect_problem(citizen("POST", "/api/attachments", **upload(rubbish, "text/csv")), 415, 422)


@pytest.mark.parametrize(
    "given",
    [
        {"data": b"--b\r\nbroken", "content_type": "multipart/form-data; boundary=b"},
        {"data": b"", "content_type": "multipart/form-data; boundary=b"},
        {"data": b"x", "content_type": "multipart/form-data; boundary=" + "b" * 300},
        {"data": b"{}", "content_type": "application/json"},
    ],
)
def test_broken_forms_are_refused(citizen: Any, given: dict[str, Any]) -> None:
    expect_problem(citizen("POST", "/api/attachments", **given), 400, 415, 422)


class Endless:
    """A client that sends zeros for ever and counts how much was taken from it."""

    def __init__(self) -> None:
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += 65536
        return {"type": "http.request", "body": b"\0" * 65536, "more_body": True}


def _through_the_port(headers: list[tuple[bytes, bytes]]) -> tuple[int, dict[str, Any], int]:
    """Status, document and bytes read, of a POST to the port's dispatcher."""
    sent: list[dict[str, Any]] = []
    endless = Endless()

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> None:
        raise AssertionError("it went on to Django")

    scope = {
        "type": "http", "method": "POST", "path": "/api/attachments", "query_string": b"",
        "headers": headers,
    }  # fmt: skip
    app = dispatcher({}, never, 64 * 1024 * 1024)
    asyncio.run(app(scope, endless.receive, send))
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return sent[0]["status"], json.loads(body), endless.taken


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"content-length", str(2 * 1024**3).encode())], 413),
        ([(b"transfer-encoding", b"chunked")], 411),
        ([(b"content-length", b"-1")], 400),
        ([(b"content-length", b"many")], 400),
    ],
    ids=["2 GB declared", "streamed without length", "negative", "no number"],
)
def test_2_gb_are_refused_before_a_byte_is_read(
    headers: list[tuple[bytes, bytes]], status: int
) -> None:
    answered, document, taken = _through_the_port(headers)
    assert answered == status
    assert {"type", "title", "status", "detail"} <= set(document)
    assert taken == 0


# --- Afterwards -----------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def unharmed(world: World, django_db_blocker: Any) -> Iterator[None]:
    """After all of it the town is as it was."""
    with django_db_blocker.unblock():
        before = (Case.objects.count(), Report.objects.count(), AuditEntry.objects.count())
    yield
    with django_db_blocker.unblock():
        assert before == (
            Case.objects.count(), Report.objects.count(), AuditEntry.objects.count(),
        )  # fmt: skip
