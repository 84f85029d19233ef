"""Who reported: encrypted at rest, masked in answers, erased when the time is over."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from .actor import Actor
from .audit import record
from .encryption import decrypt, encrypt, keyed_digest, keyed_digests
from .models import Contact

Guard = Callable[[Contact, Actor], bool]

_guards: list[Guard] = []


def register_guard(guard: Guard) -> None:
    """Say who may see a contact in clear; any guard that admits is enough. The app that owns
    the reports calls this in its `AppConfig.ready`; without a guard nobody may."""
    if guard not in _guards:
        _guards.append(guard)


def may_reveal(contact: Contact, actor: Actor) -> bool:
    return any(guard(contact, actor) for guard in _guards)


def save_contact(
    *,
    actor: Actor,
    name: str = "",
    phone: str = "",
    email: str = "",
    consent: bool = True,
    erase_after: date | None = None,
) -> Contact:
    """Keep a reporter's contact: one INSERT, part of the caller's action and of its audit.

    `erase_after` is the last day it is kept, by default the retention time from today; the app
    that owns the case moves it while that is open. `actor` is who took the contact down.
    """
    number = normal_phone(phone)
    if erase_after is None:
        days = settings.CHENGYUN.contact_retention_days
        erase_after = timezone.localdate() + timedelta(days=days)
    contact = Contact(
        name_enc=_sealed(name.strip()),
        phone_enc=_sealed(number),
        email_enc=_sealed(email.strip()),
        phone_digest=keyed_digest(number) if number else None,
        consent=consent,
        erase_after=erase_after,
    )
    contact.save(force_insert=True)
    return contact


def contacts_with_phone(phone: str) -> QuerySet[Contact]:
    """Earlier contacts of the same caller, found without decrypting anything."""
    number = normal_phone(phone)
    if not number:
        return Contact.objects.none()
    return Contact.objects.filter(phone_digest__in=keyed_digests(number))


def masked(contact: Contact) -> dict[str, Any]:
    """What may be shown to everyone who works on the case: {name, phone, email, erased}."""
    name, phone, email = (
        _opened(contact.name_enc),
        _opened(contact.phone_enc),
        _opened(contact.email_enc),
    )
    return {
        "name": mask_name(name) if name else None,
        "phone": mask_phone(phone) if phone else None,
        "email": mask_email(email) if email else None,
        "erased": contact.erased_at is not None,
    }


def in_clear(contact: Contact) -> dict[str, Any]:
    """The contact itself. Only for `actions.reveal_contact` and for sending to the person."""
    return {
        "name": _opened(contact.name_enc),
        "phone": _opened(contact.phone_enc),
        "email": _opened(contact.email_enc),
        "erased": contact.erased_at is not None,
    }


def erase_due_contacts(batch: int = 500) -> int:
    """Erase every contact whose time is over; returns how many. Safe with two workers."""
    erased = 0
    while True:
        with transaction.atomic():
            due = list(
                Contact.objects.select_for_update(skip_locked=True)
                .filter(erased_at=None, erase_after__lt=timezone.localdate())
                .order_by("erase_after")
                .values_list("uuid", flat=True)[:batch]
            )
            if not due:
                return erased
            Contact.objects.filter(uuid__in=due).update(
                name_enc=None,
                phone_enc=None,
                email_enc=None,
                phone_digest=None,
                erased_at=timezone.now(),
            )
            record(
                actor=Actor.system("retention"),
                action="core.contact.erase",
                object_type="core.contact",
                object_id=due[0],
                zh=f"按保存期限清除 {len(due)} 条联系方式",
                en=f"Erased {len(due)} contacts after their retention time",
                after={"contacts": [str(each) for each in due]},
            )
            erased += len(due)


def normal_phone(phone: str) -> str:
    """Digits only, without the Chinese country code: the same person, the same number."""
    number = re.sub(r"[^\d+]", "", phone)
    return re.sub(r"^(\+|00)86(?=\d{5,})", "", number)


def mask_phone(phone: str) -> str:
    if len(phone) < 7:
        return "*" * len(phone)
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def mask_name(name: str) -> str:
    return name[0] + "*" * max(1, len(name) - 1)


def mask_email(email: str) -> str:
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}" if domain else "***"


def _sealed(text: str) -> bytes | None:
    return encrypt(text) if text else None


def _opened(value: bytes | memoryview | None) -> str | None:
    return decrypt(value) if value is not None else None
