"""Organisations, accounts and posts: by action, API, admin and command line."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from typer.testing import CliRunner

from chengyun.cli.users import app as users_command
from chengyun.core.actions import (
    create_user,
    deactivate_user,
    save_organisation,
    update_user,
)
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, DomainEvent, Grant, Organisation, Role, User
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound
from chengyun.core.queries import organisations_below

from .conftest import PASSWORD


@pytest.fixture
def tree(db, system):
    """A > B > C, and D beside B."""
    for code, parent in (("A", None), ("B", "A"), ("C", "B"), ("D", "A")):
        save_organisation(actor=system, code=code, name_zh=f"机构{code}", parent=parent)


def paths() -> dict[str, str]:
    return dict(Organisation.objects.values_list("code", "path"))


def test_an_organisation_knows_its_ancestors(tree) -> None:
    assert paths() == {"A": "/A/", "B": "/A/B/", "C": "/A/B/C/", "D": "/A/D/"}
    assert Organisation.objects.get(code="C").ancestors == ["A", "B", "C"]
    assert set(organisations_below("B").values_list("code", flat=True)) == {"B", "C"}


def test_moving_moves_what_is_below(tree, system) -> None:
    save_organisation(actor=system, code="B", name_zh="机构B", parent="D")
    assert paths() == {"A": "/A/", "B": "/A/D/B/", "C": "/A/D/B/C/", "D": "/A/D/"}
    assert Organisation.objects.get(code="C").ancestors == ["A", "D", "B", "C"]


def test_no_organisation_is_its_own_ancestor(tree, system) -> None:
    before = paths()
    for parent in ("C", "B"):
        with pytest.raises(Conflict):
            save_organisation(actor=system, code="B", name_zh="机构B", parent=parent)
    with pytest.raises(NotFound):
        save_organisation(actor=system, code="B", name_zh="机构B", parent="X")
    assert paths() == before


def test_saving_the_same_again_writes_nothing(tree, system, django_assert_num_queries) -> None:
    entries = AuditEntry.objects.count()
    save_organisation(actor=system, code="C", name_zh="机构C", parent="B")
    assert AuditEntry.objects.count() == entries


def test_a_save_is_one_entry_and_one_event(db, system) -> None:
    save_organisation(actor=system, code="A", name_zh="一")
    save_organisation(actor=system, code="A", name_zh="二")
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (entry.before["name_zh"], entry.after["name_zh"]) == ("一", "二")
    assert AuditEntry.objects.count() == DomainEvent.objects.count() == 2


def test_accounts_are_audited_without_their_secrets(db, system, organisation) -> None:
    user = create_user(
        actor=system,
        username="li",
        display_name="李",
        password=PASSWORD,
        phone="13987650000",
        organisation=organisation,
    )
    update_user(actor=system, user=user, display_name="李四")
    update_user(actor=system, user=user, display_name="李四")
    entries = list(AuditEntry.objects.order_by("id"))
    assert [entry.action for entry in entries] == ["core.user.create", "core.user.update"]
    assert entries[1].before["display_name"] == "李"
    for entry in entries:
        assert "139" not in str(entry.after)
        assert "argon2" not in str(entry.after)


def test_thousands_of_accounts_may_share_one_hashing(db, system) -> None:
    encoded = make_password(PASSWORD)
    for name in ("a", "b"):
        create_user(actor=system, username=name, encoded_password=encoded)
        assert User.objects.get(username=name).check_password(PASSWORD)


@pytest.mark.parametrize("username", ["", "a b", "x" * 151, "a\n"])
def test_bad_user_names_are_refused(db, system, username: str) -> None:
    with pytest.raises(Invalid):
        create_user(actor=system, username=username)
    assert not User.objects.exists()


def test_nobody_deactivates_themselves(administrator) -> None:
    with pytest.raises(Conflict):
        deactivate_user(actor=Actor.of(administrator), user=administrator)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_make_accounts(make_user, role: Role) -> None:
    with pytest.raises(Forbidden):
        create_user(actor=Actor.of(make_user("li", role)), username="new")


# API


def test_the_life_of_an_account_over_the_api(client, administrator, bearer, organisation) -> None:
    headers = bearer(administrator, "admin", "write")
    json = {"content_type": "application/json", "headers": headers}
    made = client.post(
        "/api/users", {"username": "li", "password": PASSWORD, "organisation": "A"}, **json
    )
    assert made.status_code == 201
    url = f"/api/users/{made.json()['id']}"
    assert client.post("/api/users", {"username": "li"}, **json).status_code == 409
    assert client.patch(url, {"display_name": "李"}, **json).json()["display_name"] == "李"
    assert client.patch(url, {"language": None}, **json).status_code == 422
    granted = client.post(f"{url}/grants", {"role": "dispatcher", "area": "370202"}, **json)
    assert granted.status_code == 201
    refused = client.post(f"{url}/grants", {"role": "shift_leader"}, **json)
    assert refused.json()["type"] == "urn:chengyun:problem:axis-conflict"
    (post,) = client.get(f"{url}/grants", headers=headers).json()
    assert (post["role_zh"], post["area"]) == ("派遣员", "370202")
    assert client.delete(f"/api/grants/{post['id']}", headers=headers).status_code == 204
    weak = client.post(f"{url}/password", {"password": "123"}, **json)
    assert (weak.status_code, weak.json()["field"]) == (422, "password")
    assert client.post(f"{url}/deactivate", **json).json()["is_active"] is False
    assert not Grant.objects.filter(user__username="li").exists()
    listed = client.get("/api/users?q=李", headers=headers).json()["items"]
    assert [user["username"] for user in listed] == ["li"]


ADMINISTRATION = [
    ("get", "/api/users", None),
    ("post", "/api/users", {"username": "x"}),
    ("patch", "/api/users/1", {}),
    ("post", "/api/users/1/password", {"password": PASSWORD}),
    ("post", "/api/users/1/deactivate", {}),
    ("get", "/api/users/1/grants", None),
    ("post", "/api/users/1/grants", {"role": "leader"}),
    ("delete", "/api/grants/1", None),
    ("put", "/api/organisations/X", {"name_zh": "x"}),
    ("put", "/api/calendars/X", {"name_zh": "x", "duty": [["08:00", "12:00"]]}),
    ("get", "/api/outbox/stuck", None),
    ("post", "/api/outbox/1/retry", {}),
]


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in (Role.ADMINISTRATOR, Role.DATA_MANAGER)]
)
def test_no_other_post_administers(client, make_user, bearer, role: Role) -> None:
    headers = bearer(make_user("li", role), "admin", "read", "write")
    for method, path, content in ADMINISTRATION:
        fields = {} if content is None else {"data": content, "content_type": "application/json"}
        assert getattr(client, method)(path, **fields, headers=headers).status_code == 403, path
        assert getattr(client, method)(path, **fields).status_code == 401, path
    assert not Organisation.objects.exists()


def test_a_period_that_ends_before_it_begins_is_refused(client, administrator, bearer) -> None:
    now = timezone.now()
    answer = client.post(
        f"/api/users/{administrator.pk}/grants",
        {
            "role": "leader",
            "valid_from": now.isoformat(),
            "valid_until": (now - timedelta(days=1)).isoformat(),
        },
        content_type="application/json",
        headers=bearer(administrator, "admin"),
    )
    assert (answer.status_code, answer.json()["field"]) == (422, "valid_until")


def test_everybody_reads_their_own_audit_only(client, make_user, bearer, administrator) -> None:
    li = make_user("li")
    mine = Actor.of(li)
    from chengyun.core.actions import issue_token

    issue_token(actor=mine, user=li, name="mine", scopes=["read"])
    own = client.get("/api/audit", headers=bearer(li, "admin")).json()["items"]
    assert {entry["actor_label"] for entry in own} == {"li"}
    every = client.get("/api/audit", headers=bearer(administrator, "admin")).json()["items"]
    assert {entry["actor_label"] for entry in every} == {"li", "tests"}
    filtered = client.get(
        "/api/audit?action=core.grant.give", headers=bearer(administrator, "admin")
    ).json()["items"]
    assert {entry["action"] for entry in filtered} == {"core.grant.give"}


def test_organisations_are_listed_by_page(client, tree, make_user, bearer) -> None:
    headers = bearer(make_user("li"), "read")
    first = client.get("/api/organisations?limit=3", headers=headers).json()
    assert [row["code"] for row in first["items"]] == ["A", "B", "C"]
    assert first["items"][2]["parent"] == "B"
    rest = client.get(f"/api/organisations?cursor={first['next']}", headers=headers).json()
    assert [row["code"] for row in rest["items"]] == ["D"]
    below = client.get("/api/organisations?below=B", headers=headers).json()["items"]
    assert [row["code"] for row in below] == ["B", "C"]


# Django admin


def test_the_admin_sends_strangers_to_sign_in_and_tells_others_why_not(
    client, make_user, settings
) -> None:
    asked = client.get("/admin/core/user/", follow=True)
    assert asked.redirect_chain[-1][0] == "/accounts/login/?next=/admin/core/user/"
    client.force_login(make_user("li", Role.LEADER), settings.AUTHENTICATION_BACKENDS[0])
    refused = client.get("/admin/core/user/", follow=True)
    assert refused.status_code == 403
    assert "当前账号没有打开此页面的岗位" in refused.content.decode()
    client.force_login(make_user("root", Role.ADMINISTRATOR), settings.AUTHENTICATION_BACKENDS[0])
    assert client.get("/admin/login/?next=/admin/core/user/").url == "/admin/"


@pytest.fixture
def admin_site(client, make_user, settings):
    user = make_user("root", Role.ADMINISTRATOR)
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_what_the_admin_writes_is_audited(admin_site, organisation) -> None:
    answer = admin_site.post(
        "/admin/core/user/add/",
        {
            "username": "li",
            "display_name": "李",
            "language": "zh",
            "organisation": organisation.pk,
            "new_password": PASSWORD,
        },
    )
    assert answer.status_code == 302
    user = User.objects.get(username="li")
    assert user.check_password(PASSWORD)
    entry = AuditEntry.objects.get(action="core.user.create")
    assert entry.actor_label == "root"
    change = {"display_name": "李四", "language": "zh", "is_active": "on"}
    assert admin_site.post(f"/admin/core/user/{user.pk}/change/", change).status_code == 302
    assert AuditEntry.objects.filter(action="core.user.update").exists()
    now = timezone.localtime()
    grant = {
        "user": user.pk,
        "role": "dispatcher",
        "valid_from_0": now.date().isoformat(),
        "valid_from_1": "00:00:00",
    }
    assert admin_site.post("/admin/core/grant/add/", grant).status_code == 302
    assert user.grants.get().role == Role.DISPATCHER
    # A refusal of the action is a message, not a crash, and nothing is written.
    admin_site.post("/admin/core/grant/add/", {**grant, "role": "shift_leader"}, follow=True)
    assert user.grants.count() == 1
    chosen = {"action": "revoke", "_selected_action": [user.grants.get().pk]}
    admin_site.post("/admin/core/grant/", chosen)
    assert not user.grants.exists()
    assert AuditEntry.objects.filter(action="core.grant.revoke").exists()


def test_the_admin_saves_a_calendar_with_its_days(admin_site) -> None:
    from chengyun.core.models import WorkCalendar

    content = {
        "code": "qd",
        "name_zh": "青岛",
        "zone": "Asia/Shanghai",
        "duty": '[["09:00", "17:00"]]',
        "days-TOTAL_FORMS": "1",
        "days-INITIAL_FORMS": "0",
        "days-0-day": "2026-10-01",
        "days-0-kind": "holiday",
        "days-0-name": "国庆节",
    }
    answer = admin_site.post("/admin/core/workcalendar/add/", content)
    assert answer.status_code == 302
    assert WorkCalendar.objects.get().days.get().name == "国庆节"
    assert AuditEntry.objects.filter(action="core.calendar.save").count() == 1


@pytest.mark.parametrize(
    "page",
    ["user", "organisation", "grant", "workcalendar", "apitoken", "auditentry", "outboxmessage"],
)
def test_every_admin_page_opens_for_administrators_only(
    admin_site, make_user, settings, page: str
) -> None:
    assert admin_site.get(f"/admin/core/{page}/").status_code == 200
    other = make_user("li", Role.LEADER, is_staff=True)
    admin_site.force_login(other, settings.AUTHENTICATION_BACKENDS[0])
    assert admin_site.get(f"/admin/core/{page}/").status_code == 403


def test_the_audit_is_read_only_in_the_admin(admin_site) -> None:
    pk = AuditEntry.objects.latest("id").pk
    assert admin_site.get(f"/admin/core/auditentry/{pk}/change/").status_code == 200
    assert admin_site.post(f"/admin/core/auditentry/{pk}/change/", {}).status_code == 403
    assert admin_site.get("/admin/core/auditentry/add/").status_code == 403
    assert admin_site.get(f"/admin/core/auditentry/{pk}/delete/").status_code == 403


# Command line


def users(*arguments: str):
    return CliRunner().invoke(users_command, list(arguments))


def test_accounts_from_the_command_line(organisation) -> None:
    made = users(
        *("create", "li", "--password", PASSWORD, "--organisation", "A", "--role", "dispatcher")
    )
    assert made.exit_code == 0, made.output
    assert "li  -  A  dispatcher" in users("list").output
    assert users("grant", "li", "leader", "--area", "370202").exit_code == 0
    refused = users("grant", "li", "evaluator")
    assert refused.exit_code == 1
    assert "cannot also be evaluator" in refused.output
    token = users("token", "li", "--name", "t", "--scope", "read")
    assert token.output.startswith("cy_")
    assert users("password", "li", "--password", "123").exit_code == 1
    assert users("deactivate", "li").exit_code == 0
    assert "li" not in users("list").output
    assert AuditEntry.objects.filter(actor_label__startswith="cli:").count() >= 4


def test_mistyped_names_are_said(db) -> None:
    assert "no account nobody" in users("grant", "nobody", "leader").output
    users("create", "li", "--password", PASSWORD)
    assert "is no post" in users("grant", "li", "king").output
