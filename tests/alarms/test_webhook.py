"""The signed alarm webhook: who is heard, what becomes of an alarm, and what is refused."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chengyun.core.actor import Actor
from chengyun.governance.actions.alarm import rotate_alarm_secret, set_alarm_source_active
from chengyun.governance.models import AlarmSource, Case, Report
from tests.api.town import FAR_LAT, FAR_LON, LAT, LON, Town

Raise = Callable[..., Any]
SYSTEM = Actor.system("tests")


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    document: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= set(document)
    return document


def test_a_signed_alarm_becomes_an_urgent_case_that_is_not_public(
    raise_alarm: Raise, town: Town
) -> None:
    answer = raise_alarm(severity="severe", attributes={"depth_cm": 32}, kind="flood")
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["created"] is True
    case = Case.objects.get(pk=receipt["case"])
    assert (case.channel, case.state, case.urgency, case.public) == (
        "alarm", "reported", "urgent", False,
    )  # fmt: skip
    assert case.matter == town.matters["02002"]
    assert (case.geom.x, case.geom.y) == (LON, LAT)
    report = case.reports.get()
    assert (report.number, report.source) == (receipt["report"], "alarm:pump-7")
    assert report.attributes == {"severity": "severe", "depth_cm": 32, "kind": "flood"}


def test_the_signature_is_plain_hmac_that_any_device_can_make(
    raise_alarm: Raise, secret: str
) -> None:
    body = json.dumps(
        {"id": "B", "occurred_at": "2026-01-01T00:00:00Z", "kind": "smoke", "channel": "video"}
    ).encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    answer = raise_alarm(body=body, at=stamp, signature=f"sha256={digest}")
    assert answer.status_code == 201
    case = Case.objects.get()
    assert (case.channel, case.description, case.urgency) == ("video", "smoke", "normal")


def test_the_same_id_is_the_same_alarm(raise_alarm: Raise) -> None:
    first, again = raise_alarm(), raise_alarm(text="again")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"created": False}
    assert raise_alarm(id="A-2").status_code == 201
    assert Report.objects.count() == 2


def test_wrong_signatures_and_unknown_sources_are_one_answer(raise_alarm: Raise) -> None:
    set_alarm_source_active(actor=SYSTEM, code="pump-7", active=True)
    answers = [
        raise_alarm(key="another secret"),
        raise_alarm(source="pump-8"),
        raise_alarm(signature="sha256=00"),
        raise_alarm(signature="sha256=é"),
        raise_alarm(signature="nonsense"),
    ]
    set_alarm_source_active(actor=SYSTEM, code="pump-7", active=False)
    answers.append(raise_alarm())
    documents = [problem(answer, 401) for answer in answers]
    assert all(document == documents[0] for document in documents)
    assert not Report.objects.exists()


def test_without_any_signature_it_is_401(raise_alarm: Raise) -> None:
    problem(raise_alarm(signature=""), 401)


def test_a_changed_body_or_timestamp_breaks_the_signature(raise_alarm: Raise, secret: str) -> None:
    from chengyun.governance.actions.alarm import sign_alarm

    stamp = str(int(datetime.now(UTC).timestamp()))
    signed = sign_alarm(secret, stamp, b'{"id": "1"}')
    problem(raise_alarm(body=b'{"id": "2"}', at=stamp, signature=signed), 401)
    problem(raise_alarm(body=b'{"id": "1"}', at=str(int(stamp) + 1), signature=signed), 401)


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24])
def test_an_old_or_future_timestamp_is_refused(raise_alarm: Raise, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    document = problem(raise_alarm(at=str(int(at.timestamp()))), 401)
    assert "5 minutes" in document["detail"]


@pytest.mark.parametrize("stamp", ["now", "1e9", "-1", "9" * 30, "１７００００００００", "12.5"])
def test_a_timestamp_that_is_none_is_refused(raise_alarm: Raise, stamp: str) -> None:
    try:
        answer = raise_alarm(at=stamp)
    except UnicodeEncodeError:
        pytest.skip("an HTTP header cannot carry this")
    problem(answer, 401)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 121}, "id"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"lon": 181}, "lon"),
        ({"lat": "north"}, "lat"),
        ({"severity": "very bad"}, "severity"),
        ({"system": "mars"}, "system"),
        ({"channel": "phone"}, "channel"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"surprise": 1}, "surprise"),
        ({"attributes": [1]}, "attributes"),
    ],
)
def test_bad_content_names_its_field(raise_alarm: Raise, given: dict[str, Any], field: str) -> None:
    document = problem(raise_alarm(**given), 422)
    assert field in [error["field"] for error in document["errors"]]
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"text": "", "kind": "  "},
        {"matter": "99999"},
        {"component": "no such one"},
        {"lon": FAR_LON, "lat": FAR_LAT},
        {"lon": None},
        {"occurred_at": (datetime.now(UTC) + timedelta(hours=3)).isoformat()},
        {"occurred_at": "0001-01-01T00:00:00Z"},
        {"text": "a\x00b"},
        {"attributes": {"a": "\x00"}},
    ],
)
def test_content_that_cannot_be_is_refused(raise_alarm: Raise, given: dict[str, Any]) -> None:
    problem(raise_alarm(**given), 422)
    assert not Report.objects.exists()


def test_a_device_clock_a_little_fast_is_forgiven(raise_alarm: Raise) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=2)
    assert raise_alarm(occurred_at=ahead.isoformat()).status_code == 201
    assert Report.objects.get().reported_at < ahead


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"id": NaN}', b"\xff\xfe", b'{"id": "\\ud800"}', b"[" * 50_000],
)
def test_a_body_that_is_no_alarm_is_refused(raise_alarm: Raise, body: bytes) -> None:
    answer = raise_alarm(body=body)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_more_than_64_kb_is_refused_before_anything_else(raise_alarm: Raise) -> None:
    problem(raise_alarm(body=b" " * (64 * 1024 + 1)), 413)


def test_matters_may_be_named_by_code_or_token(raise_alarm: Raise, town: Town) -> None:
    for number, name in enumerate(("02001", "town-2026:02001")):
        case = Case.objects.get(pk=raise_alarm(id=str(number), matter=name).json()["case"])
        assert case.matter == town.matters["02001"]


def test_positions_of_web_maps_are_put_right(raise_alarm: Raise) -> None:
    case = Case.objects.get(pk=raise_alarm(system="gcj02").json()["case"])
    assert 0.001 < abs(case.geom.x - LON) < 0.01


def test_after_a_rotation_only_the_new_secret_speaks(raise_alarm: Raise) -> None:
    _, new = rotate_alarm_secret(actor=SYSTEM, code="pump-7")
    problem(raise_alarm(), 401)
    assert raise_alarm(key=new).status_code == 201


def test_the_secret_is_encrypted_at_rest(secret: str) -> None:
    stored = bytes(AlarmSource.objects.get().secret_encrypted)
    assert secret.encode() not in stored


def test_too_many_alarms_are_429(raise_alarm: Raise, monkeypatch: pytest.MonkeyPatch) -> None:
    from chengyun.governance.api import alarms

    monkeypatch.setattr(alarms, "_PER_MINUTE", 0)
    answer = raise_alarm()
    problem(answer, 429)
    assert int(answer["Retry-After"]) >= 1
