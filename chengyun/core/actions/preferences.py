import json
from typing import Any

from django.db import transaction

from .. import clock
from ..actor import Actor
from ..audit import record
from ..models import Preference, User
from ..problems import Conflict, TooLarge, sign_in_first

MAX_BYTES = 32 * 1024
MAX_KEYS = 100

# Preferences are not audited: they arrange one person's own pages and say nothing of the city;
# an entry that can never be erased for every moved column would bury those that matter.


def save_preference(*, actor: Actor, key: str, value: Any) -> None:
    """Keep a preference of the actor's own: any JSON, at most 32 kB, at most 100 keys a person.

    Raises `TooLarge` and `Conflict`.
    """
    user = _person(actor)
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_BYTES:
        raise TooLarge(
            zh=f"此项偏好有 {size:,} 字节，至多 {MAX_BYTES:,}。",
            en=f"This preference has {size:,} bytes; {MAX_BYTES:,} are allowed.",
        )
    with transaction.atomic():
        # Two new keys at once would both be the hundredth.
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        others = Preference.objects.filter(user=user).exclude(key=key)
        if others.count() >= MAX_KEYS:
            raise Conflict(
                zh=f"每人至多 {MAX_KEYS} 项偏好。",
                en=f"A person has at most {MAX_KEYS} preferences.",
                remedy_zh="请先删除不用的。",
                remedy_en="Delete one that is not used any more.",
            )
        Preference.objects.update_or_create(
            user=user, key=key, defaults={"value": value, "updated_at": clock.now()}
        )


def delete_preference(*, actor: Actor, key: str) -> None:
    """Forget a preference; nothing happens when there is none."""
    Preference.objects.filter(user=_person(actor), key=key).delete()


@transaction.atomic
def choose_language(*, actor: Actor, language: str) -> User:
    """Everybody chooses their own language. Nothing is written when it is that already."""
    user = User.objects.select_for_update().get(pk=_person(actor).pk)
    before = user.language
    if before != language:
        user.language = language
        user.save(update_fields=["language"])
        record(
            actor=actor,
            action="core.user.update",
            object_type="core.user",
            object_id=user.pk,
            zh=f"{user.username} 选择语言 {language}",
            en=f"{user.username} chose the language {language}",
            before={"language": before},
            after={"language": language},
        )
    return user


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise sign_in_first()
    return actor.user
