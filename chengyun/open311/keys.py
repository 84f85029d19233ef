"""The API key of a form: one of core's tokens with the scope `open311`."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from chengyun.core.actor import Actor
from chengyun.core.http import client_ip, find_token, request_id
from chengyun.core.models import TokenScope
from chengyun.core.ratelimit import limit_local
from chengyun.open311.faults import Fault, Refusal


@dataclass(frozen=True)
class Key:
    """A client that may submit."""

    actor: Actor
    prefix: str


def key_of(request: HttpRequest, api_key: str) -> Key:
    """Who holds this key. Raises a 403 when it is missing, unknown, ended, or for other uses."""
    if not api_key:
        raise Refusal(403, Fault("缺少 api_key。", "api_key is missing.", "api_key"))
    token = find_token(api_key)
    if token is None or TokenScope.OPEN311 not in token.scopes:
        raise Refusal(
            403,
            Fault(
                "api_key 无效、已停用，或未授权用于 Open311。",
                "api_key is not valid, has ended, or is not meant for Open311.",
                "api_key",
            ),
        )
    limit_local(f"token:{token.pk}", settings.CHENGYUN.rate_machine)
    actor = Actor.of(
        token.user,
        ip=client_ip(request),
        request_id=request_id(request),
        token_id=token.pk,
        token_scopes=frozenset(token.scopes),
    )
    return Key(actor, token.prefix)
