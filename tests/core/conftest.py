"""Fixtures of the core tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from chengyun.core.actor import Actor
from chengyun.core.models import Organisation, User


@pytest.fixture
def system() -> Actor:
    return Actor.system("tests")


@pytest.fixture
def set_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change fields of the typed settings for one test."""

    def change(**fields: Any) -> None:
        monkeypatch.setattr(settings, "CHENGYUN", settings.CHENGYUN.model_copy(update=fields))

    return change


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(username: str = "li", **fields: Any) -> User:
        fields.setdefault("password", None)
        return User.objects.create_user(username, **fields)

    return make


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(
        code="A", name_zh="市政局", path="/A/", ancestors=["A"], kind="department"
    )


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """A test that commits: the truncation afterwards needs the append-only triggers off,
    which only the owner of the tables can do, and only by DDL."""
    yield
    assert connection.in_atomic_block is False
