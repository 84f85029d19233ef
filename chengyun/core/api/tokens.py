from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from ..actions import issue_token, revoke_token
from ..actor import Actor
from ..http import actor_of, requires
from ..models import ApiToken, Role, User
from ..problems import sign_in_first
from ..schemas import REFUSALS, TokenIn, TokenIssued, TokenOut

router = Router()


@router.get("/tokens", auth=requires("admin"), response={200: list[TokenOut], **REFUSALS})
def list_tokens(request: HttpRequest) -> list[ApiToken]:
    """One's own tokens; administrators see everybody's. The newest 200."""
    return list(_reachable(actor_of(request))[:200])


@router.post("/tokens", auth=requires("admin"), response={201: TokenIssued, **REFUSALS})
def post_token(request: HttpRequest, content: TokenIn) -> Status[dict[str, Any]]:
    """Issue a token; its text is in this answer and never again."""
    actor = actor_of(request)
    if actor.user is None:
        raise sign_in_first()
    user = actor.user
    if content.user is not None and content.user != user.username:
        actor.require_role(Role.ADMINISTRATOR)
        user = get_object_or_404(User, username=content.user)
    token, text = issue_token(
        actor=actor, user=user, name=content.name, scopes=content.scopes, days=content.days
    )
    return Status(201, {"text": text, "token": token})


@router.delete("/tokens/{int:token_id}", auth=requires("admin"), response={204: None, **REFUSALS})
def delete_token(request: HttpRequest, token_id: int) -> Status[None]:
    """Revoke a token: one's own, or (administrators) anybody's."""
    actor = actor_of(request)
    revoke_token(actor=actor, token=get_object_or_404(_reachable(actor), pk=token_id))
    return Status(204, None)


def _reachable(actor: Actor) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.select_related("user")
    return rows if Role.ADMINISTRATOR in actor.scope.roles() else rows.filter(user=actor.user)
