"""What people do to their own sign-in happens in allauth; here it gets into the audit."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.dispatch import Signal
from django.http import HttpRequest

from .actor import Actor
from .audit import record
from .http import client_ip, request_id
from .models import User

_WATCHED: tuple[tuple[Signal, str, str, str], ...] = (
    (account.user_logged_in, "core.session.open", "登录", "Signed in"),
    (
        account.password_changed,
        "core.user.set_password",
        "修改自己的密码",
        "Changed their password",
    ),
    (account.password_set, "core.user.set_password", "设置自己的密码", "Set their password"),
    (mfa.authenticator_added, "core.user.add_factor", "启用双因素认证", "Added a second factor"),
    (mfa.authenticator_reset, "core.user.reset_factor", "重置恢复码", "Made new recovery codes"),
    (mfa.authenticator_removed, "core.user.remove_factor", "移除双因素认证", "Removed a factor"),
)


def watch() -> None:
    """Called once when core is ready."""
    for signal, action, zh, en in _WATCHED:
        signal.connect(_receiver(action, zh, en), weak=False, dispatch_uid=f"{action} {en}")


def _receiver(action: str, zh: str, en: str) -> Any:
    def receive(request: HttpRequest, user: User, **_: Any) -> None:
        real = getattr(user, "_wrapped", user)
        record(
            actor=Actor.of(real, ip=client_ip(request), request_id=request_id(request)),
            action=action,
            object_type="core.user",
            object_id=real.pk,
            zh=f"{real.username} {zh}",
            en=f"{en}: {real.username}",
        )

    return receive
