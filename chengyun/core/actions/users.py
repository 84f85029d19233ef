from collections.abc import Iterable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..actor import Actor
from ..audit import record
from ..encryption import encrypt
from ..models import ApiToken, Organisation, Role, User
from ..problems import Conflict, Invalid

_PLAIN_FIELDS = ("display_name", "email", "language", "is_staff", "is_active")


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    username: str,
    display_name: str = "",
    password: str | None = None,
    encoded_password: str | None = None,
    organisation: Organisation | None = None,
    language: str = User.Language.ZH,
    email: str = "",
    phone: str = "",
    is_staff: bool = False,
) -> User:
    """Create an account. Without a password nobody can sign in with one (OIDC still works).

    `encoded_password` is an already hashed one: loading thousands of accounts need not pay
    for thousands of Argon2 runs. Raises `Conflict` when the name is taken, `Invalid` for a
    weak password or a bad name.
    """
    actor.require_role(Role.ADMINISTRATOR)
    if User.objects.filter(username=username).exists():
        raise Conflict(
            zh=f"用户名 {username} 已存在。",
            en=f"The user name {username} is taken.",
            field="username",
        )
    user = User(
        username=username,
        display_name=display_name,
        organisation=organisation,
        language=language,
        email=email,
        phone_encrypted=encrypt(phone) if phone else None,
        is_staff=is_staff,
    )
    if encoded_password is not None:
        user.password = encoded_password
    else:
        _put_password(user, password)
    _check(user)
    user.save(force_insert=True)
    record(
        actor=actor,
        action="core.user.create",
        object_type="core.user",
        object_id=user.pk,
        zh=f"新建用户 {username}",
        en=f"Created user {username}",
        after=_state(user),
    )
    return user


@transaction.atomic
def update_user(*, actor: Actor, user: User, **changes: Any) -> User:
    """Change display_name, email, language, is_staff, is_active, organisation or phone.

    Nothing is written when nothing differs.
    """
    actor.require_role(Role.ADMINISTRATOR)
    unknown = set(changes) - {*_PLAIN_FIELDS, "organisation", "phone"}
    if unknown:
        raise TypeError(f"update_user cannot change {', '.join(sorted(unknown))}")
    stored = User.objects.select_for_update().get(pk=user.pk)
    before = _state(stored)
    phone = changes.pop("phone", None)
    for name, value in changes.items():
        setattr(stored, name, value)
    if phone is not None:
        stored.phone_encrypted = encrypt(phone) if phone else None
    _check(stored)
    after = _state(stored)
    if before == after and phone is None:
        return stored
    stored.save()
    record(
        actor=actor,
        action="core.user.update",
        object_type="core.user",
        object_id=stored.pk,
        zh=f"修改用户 {stored.username}",
        en=f"Changed user {stored.username}",
        before=before,
        after=after,
    )
    return stored


@transaction.atomic
def set_password(*, actor: Actor, user: User, password: str) -> None:
    """Give a new password; every session of the user ends with it. People may change their
    own, administrators everybody's."""
    if actor.user_id != user.pk:
        actor.require_role(Role.ADMINISTRATOR)
    _put_password(user, password)
    user.save(update_fields=["password"])
    record(
        actor=actor,
        action="core.user.set_password",
        object_type="core.user",
        object_id=user.pk,
        zh=f"重设用户 {user.username} 的密码",
        en=f"Set a new password for {user.username}",
    )


@transaction.atomic
def deactivate_user(*, actor: Actor, user: User) -> User:
    """End an account: it can no longer sign in and its tokens are revoked. It is not deleted,
    because the audit and the cases keep its name."""
    actor.require_role(Role.ADMINISTRATOR)
    if actor.user_id == user.pk:
        raise Conflict(zh="不能停用自己的账号。", en="You cannot deactivate your own account.")
    stored = User.objects.select_for_update().get(pk=user.pk)
    revoked = ApiToken.objects.filter(user=stored, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not stored.is_active and not revoked:
        return stored
    stored.is_active = False
    stored.save(update_fields=["is_active"])
    record(
        actor=actor,
        action="core.user.deactivate",
        object_type="core.user",
        object_id=stored.pk,
        zh=f"停用用户 {stored.username}，吊销令牌 {revoked} 个",
        en=f"Deactivated user {stored.username}, revoked {revoked} tokens",
    )
    return stored


def _put_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            text = " ".join(error.messages)
            raise Invalid(zh=text, en=text, field="password") from error
    user.set_password(password)


def _check(user: User) -> None:
    try:
        user.clean_fields(exclude=["password"])
        user.validate_constraints()
    except ValidationError as error:
        faults = [
            {"field": name, "zh": text, "en": text}
            for name, texts in error.message_dict.items()
            for text in texts
        ]
        first = faults[0]
        raise Invalid(
            zh=f"用户资料有误：{first['zh']}",
            en=f"The account data is not acceptable: {first['en']}",
            field=_first_field(error.message_dict),
            remedy_zh="用户名只能含字母、数字与 @ . + - _，至多 150 字。",
            remedy_en="User names take letters, digits and @ . + - _, at most 150.",
            errors=faults,
        ) from error


def _first_field(fields: Iterable[str]) -> str:
    name = next(iter(fields))
    return "username" if name == "__all__" else name


def _state(user: User) -> dict[str, Any]:
    """What the audit keeps: never the password, never the phone number."""
    organisation = user.organisation
    return {
        "username": user.username,
        **{name: getattr(user, name) for name in _PLAIN_FIELDS},
        "organisation": organisation.code if organisation else None,
    }
