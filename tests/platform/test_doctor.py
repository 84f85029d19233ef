"""The doctor: finds what is wrong, and says what mends it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pydantic import SecretStr

from chengyun.server import doctor
from chengyun.server.doctor import Finding, examine

pytestmark = pytest.mark.django_db


def _findings() -> dict[str, Finding]:
    return {finding.name: finding for finding in examine()}


def _set(settings: Any, **values: Any) -> None:
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update=values)


def test_a_healthy_installation_fails_nothing() -> None:
    found = _findings()
    assert set(found) == {
        "database", "extensions", "migrations", "disk", "clock", "secrets", "web", "media",
        "outbox", "jobs", "worker", "audit", "classifier",
    }  # fmt: skip
    assert [f for f in found.values() if f.level == "fail"] == []
    assert found["worker"].level == "warn"
    assert "3." in found["extensions"].detail


def test_every_finding_that_is_not_ok_says_how_to_mend_it(settings: Any) -> None:
    _set(settings, debug=True, secret_keys=[SecretStr("not a key")], host="0.0.0.0")
    for finding in _findings().values():
        assert finding.level == "ok" or finding.mend, finding


def test_debug_pages_are_a_failure(settings: Any) -> None:
    _set(settings, debug=True)
    assert _findings()["web"].level == "fail"


def test_an_open_address_without_https_is_a_warning(settings: Any) -> None:
    _set(settings, host="0.0.0.0")
    assert _findings()["web"].level == "warn"
    _set(settings, host="0.0.0.0", https=True)
    assert _findings()["web"].level == "ok"


@pytest.mark.parametrize("keys", [[], [SecretStr("too short")]])
def test_missing_and_broken_keys_are_a_failure(settings: Any, keys: list[SecretStr]) -> None:
    _set(settings, secret_keys=keys)
    assert _findings()["secrets"].level == "fail"


def test_a_stuck_message_is_found_with_its_reason() -> None:
    from chengyun.core.models import OutboxMessage

    OutboxMessage.objects.create(
        channel="sms", recipient_encrypted=b"x", template="t", dedupe_key="k", state="stuck",
        last_error="gateway said 401",
    )  # fmt: skip
    found = _findings()["outbox"]
    assert found.level == "warn"
    assert "gateway said 401" in found.detail


def test_an_audit_log_nobody_seals_is_found() -> None:
    from chengyun.core.models import AuditEntry

    AuditEntry.objects.create(
        at=timezone.now() - timedelta(hours=2), actor_label="x", action="a.b.c", object_type="t",
        object_id="1", sentence_zh="一", sentence_en="one",
    )  # fmt: skip
    assert _findings()["audit"].level == "warn"


def test_waiting_migrations_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengyun.server.schema.waiting", lambda: ["core.0009_next"])
    found = _findings()["migrations"]
    assert (found.level, found.mend) == ("fail", "chengyun migrate")


def test_a_full_disk_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = doctor.shutil.disk_usage("/")._replace(free=10_000)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert _findings()["disk"].level == "fail"


def test_a_clock_that_runs_ahead_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    late = timezone.now() + timedelta(minutes=5)
    real = doctor._one
    monkeypatch.setattr(doctor, "_one", lambda q: late if "clock_timestamp" in q else real(q))
    assert _findings()["clock"].level == "fail"


def test_one_broken_examination_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> Finding:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT s")
            try:
                cursor.execute("SELECT * FROM no_such_table")
            finally:
                cursor.execute("ROLLBACK TO SAVEPOINT s")
        raise AssertionError

    monkeypatch.setattr(doctor, "EXAMINATIONS", (breaks, doctor.database))
    found = list(examine())
    assert [f.level for f in found] == ["fail", "ok"]
    assert "no_such_table" in found[0].detail


def test_the_answer_for_scripts_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    import typer

    from chengyun.cli.doctor import register

    app = typer.Typer()
    register(app)
    app(["--json"], standalone_mode=False)
    assert {row["level"] for row in json.loads(capsys.readouterr().out)} <= {"ok", "warn"}
