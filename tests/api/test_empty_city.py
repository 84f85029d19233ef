"""Before a city was loaded everything that can be asked for answers: with nothing, or with what is
missing, never with a crash."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from chengyun.core.models import Grant, Role, User

pytestmark = pytest.mark.django_db

#: What a page asks besides the bare address.
ASKED = (
    "/api/inventory?by=community", "/api/inventory?by=maintainer", "/api/find?q=井盖",
    "/api/density?cells=h3", "/api/density?cells=unit_grid", "/api/nearest?lon=120.3&lat=36.1",
    "/api/where?lon=120.3&lat=36.1", "/api/suggestions?text=路灯不亮",
)  # fmt: skip


def _addresses() -> list[str]:
    file = Path(__file__).parents[2] / "openapi.json"
    paths = json.loads(file.read_text(encoding="utf-8"))["paths"]
    return [path for path, methods in paths.items() if "get" in methods and "{" not in path]


@pytest.fixture
def founder(client: Client) -> Client:
    """Somebody who holds every post of a city that is not there yet."""
    user = User.objects.create_user("founder", password="Qd-2026-ocean-pier")
    for role in Role.values:
        Grant.objects.create(user=user, role=role)
    client.force_login(user)
    client.raise_request_exception = False
    return client


def test_nothing_crashes(founder: Client) -> None:
    # No worker runs beside the tests: /api/ready says so.
    paths = [path for path in (*_addresses(), *ASKED) if path != "/api/ready"]
    assert len(paths) > 40
    answers = {path: founder.get(path).status_code for path in paths}
    assert not {path: status for path, status in answers.items() if status >= 500}


def test_a_first_report_is_taken(client: Client) -> None:
    client.raise_request_exception = False
    body: dict[str, Any] = {"text": "路灯不亮", "lon": 120.3, "lat": 36.1}
    answer = client.post("/api/reports", body, content_type="application/json")
    assert answer.status_code < 500, answer.content
