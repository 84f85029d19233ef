"""Fixtures of the core tests."""

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

# Models can be imported only after Django is set up, which is after this file is read.
if TYPE_CHECKING:
    from chengyun.core.actor import Actor
    from chengyun.core.models import Organisation, Role, User

PASSWORD = "mountain-lake-1971"


@pytest.fixture
def system() -> "Actor":
    from chengyun.core.actor import Actor

    return Actor.system("tests")


@pytest.fixture
def set_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change fields of the typed settings for one test."""

    def change(**fields: Any) -> None:
        monkeypatch.setattr(settings, "CHENGYUN", settings.CHENGYUN.model_copy(update=fields))

    return change


@pytest.fixture
def make_user(db: None, system: "Actor") -> Callable[..., "User"]:
    """make_user("li", Role.ACCEPTOR, organisation=…): an account with posts."""

    from chengyun.core.actions import grant_role
    from chengyun.core.models import User

    def make(username: str = "li", *roles: "Role", **fields: Any) -> User:
        user = User.objects.create_user(username, **fields)
        for role in roles:
            grant_role(actor=system, user=user, role=role)
        return user

    return make


@pytest.fixture
def organisation(db: None) -> "Organisation":
    from chengyun.core.models import Organisation

    return Organisation.objects.create(
        code="A", name_zh="市政局", path="/A/", ancestors=["A"], kind="department"
    )


@pytest.fixture
def administrator(make_user: Callable[..., "User"]) -> "User":
    from chengyun.core.models import Role

    return make_user("admin", Role.ADMINISTRATOR, display_name="管理员")


@pytest.fixture
def bearer(system: "Actor") -> Callable[..., dict[str, str]]:
    """Headers of a fresh token: bearer(user, "read", "write")."""

    from chengyun.core.actions import issue_token

    def make(user: "User", *scopes: str) -> dict[str, str]:
        _, text = issue_token(actor=system, user=user, name="test", scopes=scopes or ["read"])
        return {"Authorization": f"Bearer {text}"}

    return make


@pytest.fixture
def signed_in() -> Callable[["User"], Client]:
    """A browser that is signed in, without the CSRF leniency of Django's test client."""

    def make(user: "User") -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
        return client

    return make


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """A small image file: picture("JPEG", size=(64, 48), exif=…)."""

    def make(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
        out = BytesIO()
        Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
        return out.getvalue()

    return make
