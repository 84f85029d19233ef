"""The whole API in front of one town, in which every kind of row exists once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client, override_settings
from PIL import Image

from chengyun.city.actions.layers import create_layer
from chengyun.city.actions.photos import add_photo
from chengyun.city.layers.values import LayerValues
from chengyun.city.models import Component, ComponentClass, LayerFilling, Survey, UnitGrid
from chengyun.city.queries import forget_catalogue
from chengyun.core.actions import issue_token, store_image
from chengyun.core.actor import Actor
from chengyun.core.models import (
    Grant,
    OutboxMessage,
    Role,
    TokenScope,
    User,
    WorkCalendar,
)
from chengyun.governance import actions
from chengyun.governance.actions import follow_code
from chengyun.governance.actions.alarm import register_alarm_source
from chengyun.governance.models import Case, Channel, EvaluationScheme, Report
from tests.api.town import CITY, LAT, LON, Town, build_town

SYSTEM = Actor.system("tests")
#: One for all: the middleware is loaded once. A failure of ours is an answer of 500 here.
CLIENT = Client(raise_request_exception=False)


@dataclass
class World:
    """A town with one of everything, and a key for each caller."""

    town: Town
    case: Case
    report: Report
    names: dict[str, Any]
    keys: dict[str, str]


def picture(width: int = 40, height: int = 30) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the town's photos lie for all tests of a file."""
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, photos: Path) -> Iterator[World]:
    """Made once per file, inside a transaction that ends with it; each request of a test runs in
    a savepoint of its own (see ``call``), so no test sees what another one did."""
    with django_db_blocker.unblock(), transaction.atomic():
        # pytest-django makes the test database only when a test says that it uses one.
        assert connection.settings_dict["NAME"].startswith("test_"), "mark the file django_db"
        with override_settings(MEDIA_ROOT=photos):
            made = _build()
        yield made
        transaction.set_rollback(True)
    forget_catalogue()


def _build() -> World:
    town = build_town()
    acceptor = Actor.of(town.users[Role.ACCEPTOR])
    photo = store_image(
        actor=acceptor, content=picture(), declared_type="image/png", purpose="report"
    )
    receipt = actions.receive_report(
        actor=acceptor,
        channel=Channel.HOTLINE,
        text="中山路井盖缺失",
        lon=LON,
        lat=LAT,
        matter_id=town.matters["01001"].pk,
        contact=actions.NewContact(name="王小明", phone="13912345678"),
        attachments=[photo.uuid],
    )
    case = receipt.case
    # As if it had been with the department: every post of the town sees it.
    case.scope_orgs = ["WORKS"]
    case.department = town.department
    case.handler = town.users[Role.HANDLER]
    case.save()
    target = User.objects.create(username="target", organisation=town.centre)
    grant = Grant.objects.create(user=target, role=Role.COLLECTOR.value)
    message = OutboxMessage.objects.create(
        channel="sms", recipient_encrypted=b"", template="x", body={}, dedupe_key="matrix",
        state="stuck", next_try=case.reported_at,
    )  # fmt: skip
    calendar = WorkCalendar.objects.create(code="town", name_zh="海城", zone="Asia/Shanghai",
                                           duty=[["08:00", "18:00"]])  # fmt: skip
    scheme = EvaluationScheme.objects.create(
        code="plain", kind="department", name_zh="部门", name_en="Departments", weights={},
        grades=[],
    )  # fmt: skip
    kind = ComponentClass.objects.create(
        edition=town.edition, class_code="01", class_zh="公用设施", sub_code="001", name_zh="井盖"
    )
    grid = UnitGrid.objects.get()
    component = Component.objects.create(
        code="99000101001000001", component_class=kind, name="井盖", unit_grid=grid,
        geom=Point(LON, LAT, srid=4490), first_surveyed=date(2020, 1, 1),
    )  # fmt: skip
    image = store_image(
        actor=SYSTEM, content=picture(), declared_type="image/png", purpose="component"
    )
    add_photo(actor=SYSTEM, code=component.code, attachment=image.uuid, origin="tests")
    register_alarm_source(actor=SYSTEM, code="pump", name="泵站")
    layer = create_layer(
        actor=SYSTEM, code="benches", values=LayerValues(name_zh="长椅", shape="point")
    )
    filling = LayerFilling.objects.create(
        layer=layer, file_name="benches.csv", state="done", asked_by="tests", rejected=1,
        rejected_file=default_storage.save("layers/rejected.csv", ContentFile(b"row,reason\n")),
    )  # fmt: skip
    survey = Survey.objects.create(
        register="components", title="普查", state="applied", settings={"allowed": []}
    )
    report = receipt.report
    assert report.contact is not None
    names: dict[str, Any] = {
        "case_id": case.pk,
        "user_id": target.pk,
        "grant_id": grant.pk,
        "token_id": 0,
        "message_id": message.pk,
        "contact_id": report.contact.pk,
        "key": photo.uuid,
        "number": report.number,
        "edition": town.edition.code,
        "source": "pump",
        "follow": follow_code(report),
        "organisations": "WORKS",
        "calendars": calendar.code,
        "schemes": scheme.code,
        "areas": CITY,
        "unit-grids": grid.code,
        "components": component.code,
        "photo": image.uuid,
        "alarm-sources": "pump",
        "layers": "benches",
        "filling_id": filling.pk,
        "survey_id": survey.pk,
        "form": "csv",
        "kind": "department",
    }
    forget_catalogue()
    return World(town, case, report, names, _keys(town, names))


def _keys(town: Town, names: dict[str, Any]) -> dict[str, str]:
    """A bearer token per caller: the ten posts, somebody without a post, somebody who holds all,
    and a machine whose token carries no scope of the API."""
    keys: dict[str, str] = {}
    nobody = User.objects.create(username="nobody", organisation=town.centre)
    everybody = User.objects.create(username="everybody", organisation=town.department)
    for role in Role:
        Grant.objects.create(user=everybody, role=role.value)
    callers = {role.value: user for role, user in town.users.items()}
    callers |= {"nobody": nobody, "everybody": everybody}
    for name, user in callers.items():
        _, keys[name] = issue_token(
            actor=Actor.of(user), user=user, name=name, scopes=TokenScope.values
        )
    user = town.users[Role.ADMINISTRATOR]
    token, keys["scopeless"] = issue_token(
        actor=Actor.of(user), user=user, name="scopeless", scopes=["open311"]
    )
    names["token_id"] = token.pk
    return keys


@pytest.fixture(autouse=True)
def unhurried(settings: Any, media_apart: None, photos: Path) -> None:
    """The suite asks more often than a caller may, and sees the photos of its town."""
    settings.MEDIA_ROOT = photos
    plenty = dict.fromkeys(("rate_anonymous", "rate_reports", "rate_user", "rate_machine"), 10**9)
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update=plenty)


def call(world: World, blocker: Any, who: str, method: str, path: str, **given: Any) -> Any:
    """Send one request as `who` ("anonymous" has no key) and take back what it changed."""
    headers = {"Accept-Language": "en"} | given.pop("headers", {})
    if who != "anonymous":
        headers["Authorization"] = f"Bearer {world.keys[who]}"
    with blocker.unblock(), transaction.atomic():
        response = CLIENT.generic(method, path, headers=headers, **given)
        CLIENT.cookies.clear()
        if response.streaming:
            response.getvalue()
        transaction.set_rollback(True)
    return response


def as_json(content: Any) -> dict[str, Any]:
    """The body arguments of ``call`` for a JSON document."""
    return {"data": json.dumps(content), "content_type": "application/json"}


def expect_problem(response: Any, *statuses: int) -> dict[str, Any]:
    """A refusal is always a whole problem document; returns it."""
    assert response.status_code in statuses, (response.status_code, response.content[:500])
    assert response["Content-Type"].startswith("application/problem+json")
    document: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail"} <= set(document)
    assert document["status"] == response.status_code
    assert document["title"]
    assert document["detail"]
    return document
