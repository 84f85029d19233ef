"""Requests made up from the API's own description: whatever comes in, no answer is a 5xx.

Runs inside one process and one transaction: by somebody who holds every post, and by nobody.
"""

import json
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from ninja.responses import NinjaJSONEncoder
from schemathesis.config import SchemathesisConfig

from chengyun.config.api import api
from tests.api.conftest import World, call

pytestmark = pytest.mark.django_db

_DOCUMENT = json.loads(json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder, default=str))
# Drawn examples only: the systematic ones of the other phases would take minutes.
_CONFIG = SchemathesisConfig.from_dict(
    {"phases": {"examples": {"enabled": False}, "coverage": {"enabled": False}}}
)
schema = schemathesis.openapi.from_dict(_DOCUMENT, config=_CONFIG)

#: 503 of `ready` says that the worker is down, which it is in a test.
_MAY_BE_503 = {"/api/ready"}
#: Examples of each endpoint by nobody and by somebody who holds every post.
LITTLE, MORE = 2, 6


def _bounded(examples: int) -> Any:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _send(case: Any, world: World, blocker: Any, who: str) -> None:
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    kwargs.pop("cookies", None)
    prepared = requests.Request(**kwargs).prepare()
    headers = {str(k): str(v) for k, v in prepared.headers.items()}
    for name in ("Authorization", "Content-Length", "Cookie", "Host"):
        headers.pop(name, None)
    content_type = headers.pop("Content-Type", "application/json")
    body = prepared.body or b""
    response = call(
        world, blocker, who, str(prepared.method), prepared.path_url,
        data=body.encode() if isinstance(body, str) else body,
        content_type=content_type, headers=headers,
    )  # fmt: skip
    told = f"{prepared.method} {prepared.url} {body!r}"
    if case.path in _MAY_BE_503:
        assert response.status_code in (200, 503), told
        return
    assert response.status_code < 500, f"{told} → {response.status_code}"
    if response.status_code >= 400:
        assert response["Content-Type"].startswith("application/problem+json"), told
        document = json.loads(response.content)
        assert {"type", "title", "status", "detail"} <= set(document), told


@pytest.fixture
def by_everybody(world: World, django_db_blocker: Any) -> Any:
    return lambda case: _send(case, world, django_db_blocker, "everybody")


@pytest.fixture
def by_nobody(world: World, django_db_blocker: Any) -> Any:
    return lambda case: _send(case, world, django_db_blocker, "anonymous")


@schema.parametrize()
@_bounded(MORE)
def test_with_every_post(case: Any, by_everybody: Any) -> None:
    by_everybody(case)


@schema.parametrize()
@_bounded(LITTLE)
def test_without_signing_in(case: Any, by_nobody: Any) -> None:
    by_nobody(case)


def test_two_shapes_never_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The description keeps one definition for each name: two of them would hide one."""
    from ninja.openapi.schema import OpenAPISchema

    seen: dict[str, Any] = {}
    twice: set[str] = set()
    add = OpenAPISchema.add_schema_definitions

    def noticed(self: OpenAPISchema, definitions: dict[str, Any]) -> None:
        for name, definition in definitions.items():
            if seen.setdefault(name, definition).get("enum") != definition.get("enum") or set(
                seen[name].get("properties", ())
            ) != set(definition.get("properties", ())):
                twice.add(name)
        add(self, definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", noticed)
    api.get_openapi_schema()
    assert not twice
