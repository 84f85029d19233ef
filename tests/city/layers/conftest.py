"""Layers that are data, in front of the small city."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from chengyun.city import jobs
from chengyun.city.tiles import service
from chengyun.core.actions import grant_role, issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import Organisation, Role, User
from tests.city.conftest import Folder

SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def changes_show_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "VERSION_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def no_tables(db: None) -> Iterator[None]:
    """The tables of layers are made beside Django, and go with the test."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA layers CASCADE; CREATE SCHEMA layers")
        cursor.execute("DROP SCHEMA IF EXISTS elsewhere CASCADE")
        cursor.execute("DELETE FROM city_layercell")


@pytest.fixture(autouse=True)
def nothing_runs_later(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Jobs run at once, files lie in the folder of the test."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(jobs.fill_layer, "defer", jobs.fill_layer.func)


@pytest.fixture
def town(loaded: Folder) -> Folder:
    """The city, loaded; layers are tables that tests make and the end of a test drops."""
    return loaded


def person(name: str, *roles: Role, area: str = "", organisation: str = "") -> User:
    org = Organisation.objects.filter(code=organisation).first()
    user = User.objects.create_user(name, organisation=org)
    for role in roles:
        grant_role(actor=SYSTEM, user=user, role=role, area_code=area)
    return user


def key(user: User, *scopes: str) -> dict[str, str]:
    _, text = issue_token(actor=SYSTEM, user=user, name="map", scopes=scopes or ("read", "write"))
    return {"Authorization": f"Bearer {text}"}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


@pytest.fixture
def geojson(tmp_path: Path) -> Callable[..., Path]:
    """Write features into a file."""

    def write(features: list[dict[str, Any]], name: str = "rows.geojson") -> Path:
        path = tmp_path / name
        document = {"type": "FeatureCollection", "features": features}
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return path

    return write
