"""Cases as features: the same cases as in the list, for the same people."""

import asyncio
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from chengyun.city.ogc.app import app
from chengyun.city.tiles import service
from chengyun.city.tiles.app import close
from tests.api.town import LAT, LON
from tests.governance.conftest import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CALLER_SECONDS", 0.0)


def asked(desk: Any, path: str, **query: Any) -> httpx.Response:
    async def scene() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {desk.token}"}
        try:
            async with httpx.AsyncClient(
                transport=transport, headers=headers, base_url="http://localhost"
            ) as client:
                return await client.get(f"/ogc/collections/cases{path}", params=query)
        finally:
            await close()
            await sync_to_async(connections.close_all)()

    return asyncio.run(scene())


def ids(desk: Any, **query: Any) -> list[int]:
    answer = asked(desk, "/items", **query)
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_a_case_is_a_feature(hall: Any) -> None:
    case = hall.handling()
    row = hall.case(case)
    feature = asked(hall.acceptor, f"/items/{case}").json()
    assert feature["geometry"] == {"type": "Point", "coordinates": [LON, LAT]}
    properties = feature["properties"]
    assert (properties["number"], properties["state"]) == (row.number, "handling")
    assert properties["matter_zh"] == "井盖缺失"
    assert properties["reported_at"] == f"{row.reported_at:%Y-%m-%dT%H:%M:%SZ}"
    # Nothing that speaks of the reporter.
    assert not {"description", "contact", "reporter"} & set(properties)


def test_nobody_finds_among_the_features_what_the_list_does_not_show(hall: Any) -> None:
    case = hall.handling()
    assert ids(hall.acceptor) == ids(hall.leader) == [case]
    assert len(hall.desks) > 3
    for name, desk in hall.desks.items():
        # The administrator runs the system: the list refuses, and there is nothing to find.
        try:
            wanted = sorted(item["id"] for item in desk.get("/cases")["items"])
        except Refused:
            wanted = []
        assert ids(desk) == wanted, name
        assert ids(desk, filter="state = 'handling' OR TRUE") == wanted, name
        status = asked(desk, f"/items/{case}").status_code
        assert status == (200 if wanted else 404), name
        counted = asked(desk, "/items", count="true").json()["numberMatched"]
        assert counted == len(wanted), name


def test_cases_by_time_state_and_place(hall: Any) -> None:
    case, closed = hall.handling(), hall.closed(lon=LON + 0.01)
    assert ids(hall.leader, state="closed") == [closed]
    assert ids(hall.leader, filter="closed_at IS NULL") == [case]
    assert ids(hall.leader, bbox=f"{LON - 0.001},{LAT - 0.001},{LON + 0.001},{LAT + 0.001}") == [
        case
    ]
    assert ids(hall.leader, datetime="1999-01-01") == []
    assert ids(hall.leader, datetime="2999-01-01") == [case]
