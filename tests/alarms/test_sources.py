"""The register of alarm sources: by API, by command line, always audited."""

from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from chengyun.cli.alarms import app
from chengyun.core.models import AuditEntry, Role
from chengyun.governance.models import AlarmSource
from tests.api.town import Town


@pytest.fixture
def admin(town: Town) -> dict[str, str]:
    return {"Authorization": f"Bearer {town.token(Role.ADMINISTRATOR, 'admin')}"}


def post(client: Client, path: str, content: Any, headers: dict[str, str]) -> Any:
    return client.post(f"/api/{path}", content, content_type="application/json", headers=headers)


def test_an_administrator_registers_rotates_and_stops(
    client: Client, town: Town, admin: dict[str, str]
) -> None:
    made = post(client, "alarm-sources", {"code": "cam", "name": "路口", "matter": "02001"}, admin)
    assert made.status_code == 201
    assert made.json()["source"] == {
        "code": "cam", "name": "路口", "matter": "02001", "active": True,
    }  # fmt: skip
    rotated = post(client, "alarm-sources/cam/rotate", {}, admin)
    assert rotated.json()["secret"] != made.json()["secret"]
    stopped = client.patch(
        "/api/alarm-sources/cam", {"active": False}, content_type="application/json", headers=admin
    )
    assert stopped.json()["active"] is False
    listed = client.get("/api/alarm-sources", headers=admin)
    assert listed.json() == [stopped.json()]
    assert made.json()["secret"] not in listed.content.decode()
    actions = AuditEntry.objects.filter(object_type="governance.alarmsource").order_by("id")
    assert [entry.action.rsplit(".", 1)[1] for entry in actions] == [
        "register", "rotate", "disable",
    ]  # fmt: skip
    written = "".join(f"{e.sentence_zh}{e.sentence_en}{e.after}" for e in actions)
    assert made.json()["secret"] not in written


def test_a_code_is_given_once_and_must_be_known(
    client: Client, town: Town, admin: dict[str, str]
) -> None:
    assert post(client, "alarm-sources", {"code": "a", "name": "x"}, admin).status_code == 201
    assert post(client, "alarm-sources", {"code": "a", "name": "y"}, admin).status_code == 409
    assert post(client, "alarm-sources/b/rotate", {}, admin).status_code == 404
    wrong = post(client, "alarm-sources", {"code": "c", "name": "x", "matter": "9"}, admin)
    assert wrong.status_code == 422
    assert AlarmSource.objects.count() == 1


def test_only_administrators_see_and_change_sources(client: Client, town: Town) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        headers = {"Authorization": f"Bearer {town.token(role, 'admin', 'read', 'write')}"}
        assert client.get("/api/alarm-sources", headers=headers).status_code == 403
        made = post(client, "alarm-sources", {"code": "x", "name": "x"}, headers)
        assert made.status_code == 403
    assert client.get("/api/alarm-sources").status_code == 401
    assert not AlarmSource.objects.exists()


def test_the_command_registers_and_shows_the_secret_once(town: Town) -> None:
    run = CliRunner()
    made = run.invoke(app, ["register", "pump-9", "九号泵站", "--matter", "02002"])
    assert made.exit_code == 0, made.output
    assert "POST /api/alarms/pump-9" in made.output
    secret = made.output.split("this once): ")[1].strip()
    assert len(secret) > 30
    again = run.invoke(app, ["rotate", "pump-9"])
    assert secret not in again.output
    assert "stopped" in run.invoke(app, ["disable", "pump-9"]).output
    assert "active" in run.invoke(app, ["enable", "pump-9"]).output
    listed = run.invoke(app, ["list"])
    assert "pump-9" in listed.output
    assert secret not in listed.output
