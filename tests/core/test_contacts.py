"""Contacts: encrypted, masked, revealed only with a reason and an audit entry, erased in time."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from typer.testing import CliRunner

from chengyun.core import contacts
from chengyun.core.actions import create_user, reveal_contact
from chengyun.core.actor import Actor
from chengyun.core.contacts import (
    contacts_with_phone,
    erase_due_contacts,
    mask_email,
    mask_name,
    mask_phone,
    masked,
    save_contact,
)
from chengyun.core.encryption import UndecipherableError, decrypt, encrypt
from chengyun.core.models import AuditEntry, Contact, User
from chengyun.core.outbox import enqueue
from chengyun.core.problems import Forbidden, Invalid

CLEAR = ("王小明", "13987650000", "wang@example.com")


@pytest.fixture
def contact(db, system) -> Contact:
    name, _, email = CLEAR
    return save_contact(actor=system, name=name, phone="+86 139-8765-0000", email=email)


@pytest.fixture(autouse=True)
def no_guards(monkeypatch) -> None:
    monkeypatch.setattr(contacts, "_guards", [])


def whole_database() -> str:
    """Every row of every table that holds people's data, as text."""
    tables = [
        "core_contact",
        "core_auditentry",
        "core_domainevent",
        "core_outboxmessage",
        "core_user",
    ]
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT t::text, convert_to(t::text, 'UTF8')::text FROM {table} t")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_nothing_is_stored_in_clear(contact, system) -> None:
    contacts.register_guard(lambda contact, actor: True)
    reveal_contact(actor=system, contact=contact, reason="回访")
    create_user(actor=system, username="li", phone=CLEAR[1])
    enqueue(channel="sms", recipient=CLEAR[1], template="t", body={"text": "x"}, dedupe_key="1")
    stored = whole_database()
    for text in CLEAR:
        assert text not in stored
        assert text.encode().hex() not in stored


def test_it_is_shown_masked(contact) -> None:
    assert masked(contact) == {
        "name": "王**",
        "phone": "139****0000",
        "email": "w***@example.com",
        "erased": False,
    }


@given(st.text(st.characters(categories=["Lo", "Ll"]), min_size=1, max_size=12))
def test_a_mask_hides_at_least_the_last_letter_of_a_name(name: str) -> None:
    assert "*" in mask_name(name)
    assert mask_name(name)[1:].strip("*") == ""


@given(st.text("0123456789+", max_size=15))
def test_a_mask_of_a_phone_keeps_at_most_seven_digits(number: str) -> None:
    assert len(mask_phone(number)) == len(number)
    assert len(mask_phone(number).replace("*", "")) <= 7


def test_a_mask_of_no_address_shows_nothing() -> None:
    assert mask_email("secret") == "***"


def test_the_same_caller_is_found_without_a_number_in_the_table(contact, system) -> None:
    save_contact(actor=system, phone="13900000000")
    assert list(contacts_with_phone("0086 139 8765 0000")) == [contact]
    assert not contacts_with_phone("").exists()


def test_one_contact_is_one_statement(db, system, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        save_contact(actor=system, name="王", phone="13987650000")


def test_a_reveal_is_audited_with_its_reason(contact, make_user) -> None:
    contacts.register_guard(lambda contact, actor: actor.label == "li")
    shown = reveal_contact(actor=Actor.of(make_user("li")), contact=contact, reason="回访")
    assert (shown["name"], shown["phone"], shown["email"]) == CLEAR
    entry = AuditEntry.objects.get(action="core.contact.reveal")
    assert (entry.actor_label, entry.after) == ("li", {"reason": "回访"})
    assert "回访" in entry.sentence_zh


def test_without_a_guards_word_nobody_sees_it(contact, make_user) -> None:
    contacts.register_guard(lambda contact, actor: False)
    with pytest.raises(Forbidden):
        reveal_contact(actor=Actor.of(make_user("li")), contact=contact, reason="好奇")
    with pytest.raises(Forbidden):
        reveal_contact(actor=Actor.citizen("127.0.0.1"), contact=contact, reason="好奇")
    assert not AuditEntry.objects.filter(action="core.contact.reveal").exists()


def test_without_a_reason_nobody_sees_it(contact, system) -> None:
    with pytest.raises(Invalid):
        reveal_contact(actor=system, contact=contact, reason="  ")


def test_revealing_over_the_api(contact, make_user, bearer, client) -> None:
    contacts.register_guard(lambda contact, actor: actor.label == "li")
    url = f"/api/contacts/{contact.pk}/reveal"
    allowed, other = (bearer(make_user(name), "write") for name in ("li", "zhang"))
    ask = {"data": {"reason": "回访"}, "content_type": "application/json"}
    assert client.post(url, **ask).status_code == 401
    assert client.post(url, **ask, headers=other).status_code == 403
    assert client.post(url, **ask, headers=allowed).json()["phone"] == CLEAR[1]
    empty = {"data": {"reason": " "}, "content_type": "application/json"}
    assert client.post(url, **empty, headers=allowed).status_code == 422


def test_contacts_are_erased_when_their_time_is_over(contact, system) -> None:
    kept = save_contact(actor=system, phone="13900000000")
    contact.erase_after = timezone.localdate() - timedelta(days=1)
    contact.save(update_fields=["erase_after"])
    assert erase_due_contacts() == 1
    assert erase_due_contacts() == 0
    contact.refresh_from_db()
    kept.refresh_from_db()
    assert (contact.name_enc, contact.phone_enc, contact.email_enc, contact.phone_digest) == (
        None,
        None,
        None,
        None,
    )
    assert masked(contact) == {"name": None, "phone": None, "email": None, "erased": True}
    assert masked(kept)["phone"] == "139****0000"
    assert AuditEntry.objects.get(action="core.contact.erase").after == {
        "contacts": [str(contact.pk)]
    }


def test_keys_are_rotated(contact, system, set_environment, settings) -> None:
    from chengyun.cli.keys import app

    old = settings.CHENGYUN.secret_keys
    create_user(actor=system, username="li", phone=CLEAR[1])
    enqueue(channel="sms", recipient=CLEAR[1], template="t", body={}, dedupe_key="1")
    new = SecretStr(CliRunner().invoke(app, ["new"]).output.strip())
    set_environment(secret_keys=[new, *old])
    assert masked(contact)["name"] == "王**"
    assert contacts_with_phone(CLEAR[1]).exists()  # found under the old key meanwhile
    assert CliRunner().invoke(app, ["rotate"]).exit_code == 0
    set_environment(secret_keys=[new])
    contact.refresh_from_db()
    assert masked(contact)["phone"] == "139****0000"
    assert contacts_with_phone(CLEAR[1]).get() == contact
    phone = User.objects.get(username="li").phone_encrypted
    assert phone is not None
    assert decrypt(phone) == CLEAR[1]


def test_a_lost_key_is_said_in_words(set_environment) -> None:
    value = encrypt("x")
    set_environment(secret_keys=[SecretStr(Fernet.generate_key().decode())])
    with pytest.raises(UndecipherableError, match="CHENGYUN_SECRET_KEYS"):
        decrypt(value)
