"""A town, a registered alarm source, and a sender that signs."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from chengyun.core.actor import Actor
from chengyun.governance.actions.alarm import register_alarm_source, sign_alarm
from tests.api.town import LAT, LON, Town, build_town


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def secret(town: Town) -> str:
    """The secret of the source `pump-7`, whose alarms are of flooded roads."""
    _, secret = register_alarm_source(
        actor=Actor.system("tests"), code="pump-7", name="七号泵站", matter="02002"
    )
    return secret


@pytest.fixture
def raise_alarm(client: Client, secret: str) -> Callable[..., Any]:
    """Send an alarm as the source would; `given` changes its content, the rest its envelope."""

    def send(
        *, source: str = "pump-7", key: str | None = None, at: str | None = None,
        body: bytes | None = None, signature: str | None = None, **given: Any,
    ) -> Any:  # fmt: skip
        alarm = {
            "id": "A-1",
            "occurred_at": datetime.now(UTC).isoformat(),
            "text": "积水 32 厘米",
            "lon": LON,
            "lat": LAT,
        }
        content = json.dumps(alarm | given).encode() if body is None else body
        stamp = at or str(int(datetime.now(UTC).timestamp()))
        signed = sign_alarm(key or secret, stamp, content) if signature is None else signature
        return client.post(
            f"/api/alarms/{source}",
            content,
            content_type="application/json",
            headers={
                "X-Chengyun-Timestamp": stamp,
                "X-Chengyun-Signature": signed,
                "Accept-Language": "en",
            },
        )

    return send
