"""Who gets in: sessions, tokens, passwords, second factors."""

import base64
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone

from chengyun.core.actions import deactivate_user, issue_token, revoke_token, set_password
from chengyun.core.actor import Actor
from chengyun.core.models import ApiToken, AuditEntry, Role
from chengyun.core.problems import Forbidden, Invalid

from .conftest import PASSWORD

HEADLESS = "/_allauth/browser/v1"


def sign_in(client: Client, username: str, password: str = PASSWORD):
    return client.post(
        f"{HEADLESS}/auth/login",
        {"username": username, "password": password},
        content_type="application/json",
    )


def test_a_password_opens_a_session(make_user, client) -> None:
    make_user("li", Role.ACCEPTOR, password=PASSWORD, display_name="李")
    assert client.get("/api/me").status_code == 401
    assert sign_in(client, "li").status_code == 200
    me = client.get("/api/me").json()
    assert (me["user"]["username"], me["roles"], me["token_scopes"]) == ("li", ["acceptor"], None)
    assert me["posts"][0]["role_zh"] == "受理员"


def test_what_people_do_to_their_sign_in_is_audited(make_user, client) -> None:
    user = make_user("li", password=PASSWORD)
    sign_in(client, "li")
    answer = client.post(
        f"{HEADLESS}/account/password/change",
        {"current_password": PASSWORD, "new_password": "another-lake-2002"},
        content_type="application/json",
    )
    assert answer.status_code == 200
    entries = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in entries] == ["core.session.open", "core.user.set_password"]
    assert {entry.actor_id for entry in entries} == {user.pk}
    assert {entry.ip for entry in entries} == {"127.0.0.1"}


def test_passwords_are_kept_by_argon2(make_user) -> None:
    assert make_user("li", password=PASSWORD).password.startswith("argon2")


def test_a_wrong_password_does_not(make_user, client) -> None:
    make_user("li", password=PASSWORD)
    assert sign_in(client, "li", "not it").status_code == 400
    assert client.get("/api/me").status_code == 401


def test_guessing_passwords_is_slowed_down(make_user, client) -> None:
    make_user("li", password=PASSWORD)
    for n in range(6):
        assert sign_in(client, "li", f"guess {n}").status_code in (400, 429)
    # Even the right one has to wait now, from any address.
    assert sign_in(Client(REMOTE_ADDR="10.9.8.7"), "li").status_code != 200


def test_nobody_registers_themselves(client, db) -> None:
    answer = client.post(
        f"{HEADLESS}/auth/signup",
        {"username": "new", "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 403


def test_a_deactivated_account_is_out_at_once(make_user, system, client, bearer) -> None:
    user = make_user("li", password=PASSWORD)
    headers = bearer(user, "read")
    sign_in(client, "li")
    deactivate_user(actor=system, user=user)
    assert client.get("/api/me").status_code == 401
    assert Client().get("/api/me", headers=headers).status_code == 401


def test_a_new_password_ends_open_sessions(make_user, system, client) -> None:
    user = make_user("li", password=PASSWORD)
    sign_in(client, "li")
    set_password(actor=system, user=user, password="another-lake-2002")
    assert client.get("/api/me").status_code == 401


def test_weak_passwords_are_refused(make_user, system) -> None:
    with pytest.raises(Invalid):
        set_password(actor=system, user=make_user("li"), password="12345678")


def test_an_authenticator_is_enrolled_and_then_asked_for(make_user, client) -> None:
    make_user("li", password=PASSWORD)
    sign_in(client, "li")
    url = f"{HEADLESS}/account/authenticators/totp"
    offered = client.get(url)
    assert offered.status_code == 404
    secret = offered.json()["meta"]["secret"]

    def code() -> str:
        counter = next(iter(yield_hotp_counters_from_time()))
        return format_hotp_value(hotp_value(secret, counter))

    def enrol() -> int:
        return client.post(url, {"code": code()}, content_type="application/json").status_code

    assert enrol() == 401  # such a change asks for the password once more
    again = {"password": PASSWORD}
    client.post(f"{HEADLESS}/auth/reauthenticate", again, content_type="application/json")
    assert enrol() == 200
    other = Client()
    answer = sign_in(other, "li")
    assert answer.status_code == 401
    flows = {flow["id"]: flow for flow in answer.json()["data"]["flows"]}
    assert flows["mfa_authenticate"]["is_pending"]
    assert other.get("/api/me").status_code == 401


def test_a_post_may_demand_a_second_factor(make_user, signed_in, set_environment) -> None:
    set_environment(mfa_roles=["administrator"])
    refused = signed_in(make_user("root", Role.ADMINISTRATOR)).get("/api/me")
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:chengyun:problem:second-factor"
    assert signed_in(make_user("li", Role.ACCEPTOR)).get("/api/me").status_code == 200


def test_statements_of_signing_in(
    make_user, bearer, signed_in, django_assert_num_queries, organisation
) -> None:
    user = make_user("li", Role.ACCEPTOR, organisation=organisation)
    headers, browser = bearer(user, "read"), signed_in(user)
    client = Client()
    client.get("/api/calendars", headers=headers)  # the minute's last_used_at is written
    with django_assert_num_queries(1 + 1):  # token with its user; calendars
        client.get("/api/calendars", headers=headers)
    with django_assert_num_queries(2 + 1):  # session, user; calendars
        browser.get("/api/calendars")


def test_grants_cost_one_more_statement(make_user, bearer, django_assert_num_queries) -> None:
    headers = bearer(make_user("li", Role.ACCEPTOR), "admin")
    client = Client()
    client.get("/api/tokens", headers=headers)
    with django_assert_num_queries(3):  # token, grants, the tokens
        client.get("/api/tokens", headers=headers)


@pytest.mark.parametrize("text", ["cy_unknown", "nonsense", "cy_", "cy_\x00", "cy_é"])
def test_unknown_tokens_are_refused(db, client, text: str) -> None:
    answer = client.get("/api/me", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_is_a_password_for_programs_that_know_nothing_else(
    make_user, system, client
) -> None:
    text = issue_token(actor=system, user=make_user("li"), name="gis", scopes=["read"])[1]

    def ask(pair: str) -> int:
        packed = base64.b64encode(pair.encode()).decode()
        return client.get("/api/me", headers={"Authorization": f"Basic {packed}"}).status_code

    assert ask(f"gis:{text}") == ask(f":{text}") == 200
    for wrong in ("li:li", f"{text}:", "gis:cy_unknown", "gis", f"gis:{text}x", "é:é"):
        assert ask(wrong) == 401, wrong
    for wrong in ("Basic", "Basic x", "Basic \xff", f"Basic {text}"):
        assert client.get("/api/me", headers={"Authorization": wrong}).status_code == 401


def test_tokens_end(make_user, system, client) -> None:
    user = make_user("li")
    token, text = issue_token(actor=system, user=user, name="t", scopes=["read"])
    headers = {"Authorization": f"Bearer {text}"}
    assert client.get("/api/me", headers=headers).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/me", headers=headers).status_code == 401
    ApiToken.objects.update(expires_at=None)
    assert client.get("/api/me", headers=headers).status_code == 200
    revoke_token(actor=system, token=token)
    assert client.get("/api/me", headers=headers).status_code == 401


def test_the_text_of_a_token_is_nowhere(make_user, system) -> None:
    token, text = issue_token(actor=system, user=make_user("li"), name="t", scopes=["read"])
    token.refresh_from_db()
    assert text.startswith("cy_")
    assert text[10:] not in f"{token.__dict__}"
    assert text.encode() not in bytes(token.digest)


def test_last_use_is_noted(make_user, bearer, client) -> None:
    headers = bearer(make_user("li"), "read")
    client.get("/api/me", headers=headers)
    assert ApiToken.objects.get().last_used_at is not None


def test_a_token_reaches_no_further_than_its_scopes(make_user, bearer, client) -> None:
    admin = make_user("root", Role.ADMINISTRATOR)
    reader, writer = bearer(admin, "read"), bearer(admin, "write")
    assert client.get("/api/me", headers=reader).status_code == 200
    assert client.get("/api/me", headers=writer).status_code == 403
    refused = client.get("/api/users", headers=reader)
    assert refused.status_code == 403
    assert refused.json()["scope"] == "admin"
    assert client.get("/api/users", headers=bearer(admin, "admin")).status_code == 200


def test_a_token_gives_no_more_than_its_user_has(make_user, bearer, client) -> None:
    headers = bearer(make_user("li", Role.ACCEPTOR), "admin")
    assert client.get("/api/users", headers=headers).status_code == 403


def test_people_issue_tokens_for_themselves_only(make_user) -> None:
    one, other = make_user("one"), make_user("other")
    issue_token(actor=Actor.of(one), user=one, name="mine", scopes=["read"])
    with pytest.raises(Forbidden):
        issue_token(actor=Actor.of(one), user=other, name="not mine", scopes=["read"])


def test_session_writes_need_the_csrf_token(make_user, signed_in) -> None:
    browser = signed_in(make_user("li"))
    content = {"name": "t", "scopes": ["read"]}
    refused = browser.post("/api/tokens", content, content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:chengyun:problem:csrf"
    assert not ApiToken.objects.exists()
    browser.get("/accounts/login/")
    browser.get(f"{HEADLESS}/config")
    token = browser.get(f"{HEADLESS}/auth/session").cookies.get("chengyun_csrf")
    token = token.value if token else browser.cookies["chengyun_csrf"].value
    accepted = browser.post(
        "/api/tokens", content, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert accepted.status_code == 201


def test_tokens_need_no_csrf(make_user, bearer) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/api/tokens",
        {"name": "t", "scopes": ["read"]},
        content_type="application/json",
        headers=bearer(make_user("li"), "admin"),
    )
    assert answer.status_code == 201


def test_the_admin_has_no_door_of_its_own(make_user, client) -> None:
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_the_address_of_the_caller_is_not_believed_blindly(rf, set_environment) -> None:
    from chengyun.core.http import client_ip

    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 9.9.9.9"})
    assert client_ip(request) == "10.0.0.1"
    set_environment(trusted_proxies=1)
    assert client_ip(request) == "9.9.9.9"
