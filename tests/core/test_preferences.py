"""One's own arrangement of the pages: any JSON by key, seen by nobody else."""

import json
from typing import Any

import pytest
from django.test import Client

from chengyun.core.actions import issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, Preference, User

PATH = "/api/me/preferences"


class Person:
    """Somebody with a token."""

    def __init__(self, name: str) -> None:
        self.user = User.objects.create_user(name)
        _, text = issue_token(
            actor=Actor.of(self.user), user=self.user, name="t", scopes=["read", "write"]
        )
        self.headers = {"Authorization": f"Bearer {text}"}

    def send(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        data = raw if raw is not None else json.dumps(body).encode()
        return Client().generic(
            method, path, data, content_type="application/json", headers=self.headers
        )

    def kept(self) -> Any:
        return self.send("GET", PATH).json()


@pytest.fixture
def li(db: None) -> Person:
    return Person("li")


@pytest.mark.parametrize(
    "value",
    [{"columns": ["number", "状态"], "wide": True}, [], "x", 7, 1.5, False, None, {"a": {"b": []}}],
)
def test_any_json_comes_back_as_it_was(li: Person, value: Any) -> None:
    assert li.send("PUT", f"{PATH}/cases.columns", value).status_code == 204
    assert li.kept() == {"cases.columns": value}


def test_a_key_is_written_over_and_forgotten(li: Person) -> None:
    for value in ("old", "new"):
        li.send("PUT", f"{PATH}/theme", value)
    assert li.kept() == {"theme": "new"}
    assert [li.send("DELETE", f"{PATH}/theme").status_code for _ in range(2)] == [204, 204]
    assert li.kept() == {}


def test_they_are_ones_own(li: Person) -> None:
    wang = Person("wang")
    li.send("PUT", f"{PATH}/theme", "dark")
    wang.send("PUT", f"{PATH}/theme", "light")
    wang.send("DELETE", f"{PATH}/theme")
    assert (li.kept(), wang.kept()) == ({"theme": "dark"}, {})
    assert Client().get(PATH).status_code == 401


@pytest.mark.parametrize("key", ["Theme", "1a", "a b", "a%0Ab", "键", "a" * 61, ".a", "a%00"])
def test_strange_keys_are_refused(li: Person, key: str) -> None:
    answer = li.send("PUT", f"{PATH}/{key}", 1)
    assert answer.status_code in (404, 422)
    assert li.kept() == {}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"NaN", b"1e999", b'"\\u0000"', b'"\\ud800"', b"\xff", b"[" * 50_000]
)
def test_what_is_no_proper_json_is_refused(li: Person, raw: bytes) -> None:
    answer = li.send("PUT", f"{PATH}/theme", raw=raw)
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert li.kept() == {}


def test_there_is_a_limit_to_size_and_number(li: Person) -> None:
    assert li.send("PUT", f"{PATH}/long", "x" * (32 * 1024 - 2)).status_code == 204
    assert li.send("PUT", f"{PATH}/long", "井" * 10_923).status_code == 413
    assert li.kept()["long"][0] == "x", "the old one stays"
    Preference.objects.bulk_create(
        Preference(user=li.user, key=f"k{n}", value=n, updated_at=li.user.date_joined)
        for n in range(99)
    )
    assert li.send("PUT", f"{PATH}/long", "short").status_code == 204
    refused = li.send("PUT", f"{PATH}/one-more", 1)
    assert refused.status_code == 409
    assert Person("wang").send("PUT", f"{PATH}/one-more", 1).status_code == 204


def test_everybody_chooses_their_own_language(li: Person) -> None:
    answer = li.send("PATCH", "/api/me", {"language": "en"})
    assert answer.status_code == 200
    assert answer.json()["user"]["language"] == "en"
    assert li.send("GET", "/api/me").json() == answer.json()
    li.send("PATCH", "/api/me", {"language": "en"})
    [entry] = AuditEntry.objects.filter(action="core.user.update")
    assert (entry.before, entry.after) == ({"language": "zh"}, {"language": "en"})
    for bad in ({"language": "fr"}, {}, {"language": None}):
        assert li.send("PATCH", "/api/me", bad).status_code == 422
    li.send("PATCH", "/api/me", {"language": "zh", "is_staff": True, "is_superuser": True})
    li.user.refresh_from_db()
    assert (li.user.language, li.user.is_staff, li.user.is_superuser) == ("zh", False, False)
