"""One small city for all of these tests, behind a real port."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from typer.testing import CliRunner

from chengyun.city.models import Address, Area, Component, ComponentClass, UnitGrid
from chengyun.city.queries import forget_catalogue
from chengyun.core.actions import grant_role, issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import Role, User
from tests.city.conftest import small_city
from tests.conformance.http_server import serving

#: Components of the city, several pages of them.
COMPONENTS, ADDRESSES = 230, 40
SYSTEM = Actor.system("tests")


@dataclass
class Ogc:
    """The service as one person sees it."""

    url: str
    http: httpx.Client
    seen: list[str]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(f"{self.url}{path}", **options)

    def json(self, path: str, **query: Any) -> Any:
        answer = self.get(path, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, name: str, **query: Any) -> list[dict[str, Any]]:
        names = {each.replace("_", "-") if each.startswith(("bbox_", "filter_")) else each: text
                 for each, text in query.items()}  # fmt: skip
        return self.json(f"/collections/{name}/items", **names)["features"]

    def ids(self, name: str, **query: Any) -> list[Any]:
        return [each["id"] for each in self.items(name, **query)]

    def refused(self, path: str, status: int = 400, **query: Any) -> dict[str, Any]:
        """A problem document that says what to do."""
        answer = self.get(path, params=query or None)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        assert problem["detail"]
        assert problem["remedy"]
        return problem


def _copy_out(table: str) -> bytes:
    """All rows of a table as COPY writes them; the tables of an empty test database are small."""
    if table == "spatial_ref_sys":
        return b""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)


@pytest.fixture(scope="package")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Committed rows, for the server's own connections; afterwards what migrations had put there
    stands again, for the tests of other folders."""
    with django_db_blocker.unblock():
        before = {table: _copy_out(table) for table in connection.introspection.table_names()}
        yield
        call_command("flush", verbosity=0, interactive=False)
        for table, rows in before.items():
            if rows and not _copy_out(table):
                with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
        forget_catalogue()


@pytest.fixture(scope="package")
def city(database: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The small city with several pages of components and addresses."""
    from chengyun.cli import app, mount

    if not app.registered_groups:
        mount()
    forget_catalogue()
    made = small_city(tmp_path_factory.mktemp("ogc") / "haiqing")
    result = CliRunner().invoke(app, ["load", str(made.path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    kinds = list(ComponentClass.objects.filter(edition__is_default=True).order_by("id")[:2])
    grids = list(UnitGrid.objects.order_by("code"))
    Component.objects.all().delete()
    Component.objects.bulk_create(
        Component(
            code=f"3702021{number:010}",
            component_class=kinds[number % 2],
            name="路灯" if number % 2 else "井盖",
            state=["intact", "damaged", "lost"][number % 3],
            unit_grid=grids[number % len(grids)] if number % 5 else None,
            geom=f"SRID=4490;POINT({120.30 + number % 20 * 0.003} {36.05 + number // 20 * 0.005})",
            first_surveyed="2024-01-01",
            changed_on=f"2025-{number % 12 + 1:02}-15" if number % 4 else None,
            remark="100%_a\\b" if number == 7 else "O'Hara" if number == 8 else "",
        )
        for number in range(COMPONENTS)
    )
    removed = Component.objects.order_by("-code").first()
    assert removed is not None
    removed.pk, removed.code, removed.state = None, "37020219999999999", "removed"
    removed.save()
    Address.objects.all().delete()
    Address.objects.bulk_create(
        Address(
            full_text=f"海青市香港中路{number}号",
            kind="door",
            geom=f"SRID=4490;POINT({round(120.30 + number * 0.001, 6)} 36.06)",
            area=Area.objects.get(code="370202001001"),
        )
        for number in range(ADDRESSES)
    )
    UnitGrid.objects.update(valid_from="2024-01-01")
    retired = UnitGrid.objects.filter(pk=grids[0].pk)
    retired.update(valid_from="2020-01-01", valid_until="2023-01-01")
    forget_catalogue()


@pytest.fixture(scope="package")
def server(city: None) -> Iterator[tuple[str, list[str]]]:
    from chengyun.config.asgi import application

    # The server's threads outlive the tests; their connections must not outlive the database.
    kept = connections.settings["default"]["CONN_MAX_AGE"]
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    with serving(application) as running:
        yield running
    connections.settings["default"]["CONN_MAX_AGE"] = kept


def token_of(name: str, *roles: tuple[Role, str], scopes: tuple[str, ...] = ("read",)) -> str:
    user = User.objects.create_user(name)
    for role, area in roles:
        grant_role(actor=SYSTEM, user=user, role=role, area_code=area)
    return issue_token(actor=SYSTEM, user=user, name="gis", scopes=scopes)[1]


@pytest.fixture(scope="package")
def ogc(server: tuple[str, list[str]]) -> Iterator[Ogc]:
    """Somebody who is signed in and holds no post."""
    url, seen = server
    headers = {"Authorization": f"Bearer {token_of('reader')}", "Accept-Language": "en"}
    with httpx.Client(headers=headers, timeout=120) as http:
        yield Ogc(f"{url}/ogc", http, seen)


@pytest.fixture(scope="package")
def stranger(server: tuple[str, list[str]]) -> Iterator[Ogc]:
    """Nobody we know."""
    url, seen = server
    with httpx.Client(timeout=120) as http:
        yield Ogc(f"{url}/ogc", http, seen)


@pytest.fixture(scope="package")
def manager(server: tuple[str, list[str]]) -> Iterator[Ogc]:
    """The data manager of one district."""
    url, seen = server
    text = token_of("manager", (Role.DATA_MANAGER, "370202"), scopes=("read", "write"))
    headers = {"Authorization": f"Bearer {text}", "Accept-Language": "en"}
    with httpx.Client(headers=headers, timeout=120) as http:
        yield Ogc(f"{url}/ogc", http, seen)


@pytest.fixture(scope="package")
def posts(server: tuple[str, list[str]]) -> dict[Role, str]:
    """A token for every post, for the whole city."""
    return {
        role: token_of(f"one_{role.value}", (role, ""), scopes=("read", "write")) for role in Role
    }


@pytest.fixture(scope="package")
def session(posts: dict[Role, str]) -> str:
    """The session of the data manager of the whole city."""
    client = Client()
    client.force_login(User.objects.get(username=f"one_{Role.DATA_MANAGER.value}"))
    return client.session.session_key or ""
