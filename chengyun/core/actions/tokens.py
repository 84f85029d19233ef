import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ..actor import Actor
from ..audit import record
from ..models import ApiToken, Role, TokenScope, User
from ..problems import Invalid

PREFIX = "cy_"


def token_digest(plaintext: str) -> bytes:
    # A plain hash is enough: the text is 256 random bits, there is nothing to guess.
    return hashlib.sha256(plaintext.encode()).digest()


@transaction.atomic
def issue_token(
    *,
    actor: Actor,
    user: User,
    name: str,
    scopes: Collection[str],
    days: int | None = 365,
) -> tuple[ApiToken, str]:
    """Make a token for a machine acting as `user`; returns the row and the text, which is
    shown this once. People make their own tokens, administrators everybody's. `days` None
    never expires. The scope `admin` needs the user to be an administrator anyway.
    """
    if actor.user_id != user.pk:
        actor.require_role(Role.ADMINISTRATOR)
    unknown = sorted(set(scopes) - set(TokenScope.values))
    if unknown or not scopes:
        raise Invalid(
            zh=f"令牌范围无效：{', '.join(unknown) or '（空）'}。",
            en=f"Unknown token scopes: {', '.join(unknown) or '(none given)'}.",
            field="scopes",
            remedy_zh=f"可用：{', '.join(TokenScope.values)}。",
            remedy_en=f"Use some of: {', '.join(TokenScope.values)}.",
        )
    plaintext = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=plaintext[:10],
        digest=token_digest(plaintext),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days) if days is not None else None,
    )
    record(
        actor=actor,
        action="core.token.issue",
        object_type="core.token",
        object_id=token.pk,
        zh=f"为 {user.username} 签发令牌 {name} ({token.prefix}…)",
        en=f"Issued token {name} ({token.prefix}…) to {user.username}",
        after={"user": user.username, "scopes": token.scopes, "days": days},
    )
    return token, plaintext


@transaction.atomic
def revoke_token(*, actor: Actor, token: ApiToken) -> None:
    """End a token at once. Revoking twice is one revocation."""
    if actor.user_id != token.user_id:
        actor.require_role(Role.ADMINISTRATOR)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return
    record(
        actor=actor,
        action="core.token.revoke",
        object_type="core.token",
        object_id=token.pk,
        zh=f"吊销令牌 {token.name} ({token.prefix}…)",
        en=f"Revoked token {token.name} ({token.prefix}…)",
    )
