"""The audit, messages that do not get out, and looking at a contact."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from ..actions import retry_message, reveal_contact
from ..http import actor_of, requires, session_or_token
from ..models import Contact, OutboxMessage, Role
from ..outbox import stuck_messages
from ..pagination import Page, PageCursor, PageLimit, paginate
from ..queries import audit_for
from ..schemas import REFUSALS, AuditOut, ContactOut, OutboxOut, RevealIn

router = Router()

Filter = Annotated[str | None, Query(max_length=100)]


@router.get("/audit", auth=requires("admin"), response={200: Page[AuditOut], **REFUSALS})
def list_audit(
    request: HttpRequest,
    action: Filter = None,
    object_type: Filter = None,
    object_id: Filter = None,
    actor_id: int | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 25,
) -> dict[str, Any]:
    """Audit entries, newest first: administrators see all, everybody their own."""
    named = {
        "action": action,
        "object_type": object_type,
        "object_id": object_id,
        "actor_id": actor_id,
    }
    rows = audit_for(actor_of(request)).filter(
        **{name: value for name, value in named.items() if value is not None}
    )
    items, following, previous = paginate(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": items, "next": following, "previous": previous}


@router.get("/outbox/stuck", auth=requires("admin"), response={200: Page[OutboxOut], **REFUSALS})
def list_stuck(
    request: HttpRequest, cursor: PageCursor = None, limit: PageLimit = 25
) -> dict[str, Any]:
    """Messages that were tried in vain and wait for somebody to look (administrators)."""
    actor_of(request).require_role(Role.ADMINISTRATOR)
    items, following, previous = paginate(
        stuck_messages(), order=["id"], cursor=cursor, limit=limit
    )
    return {"items": items, "next": following, "previous": previous}


@router.post(
    "/outbox/{int:message_id}/retry", auth=requires("admin"), response={200: OutboxOut, **REFUSALS}
)
def post_retry(request: HttpRequest, message_id: int) -> OutboxMessage:
    """Send a stuck message again (administrators)."""
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    return retry_message(actor=actor, message=get_object_or_404(OutboxMessage, pk=message_id))


@router.post(
    "/contacts/{uuid:contact_id}/reveal",
    auth=session_or_token,
    response={200: ContactOut, **REFUSALS},
)
def post_reveal(request: HttpRequest, contact_id: UUID, content: RevealIn) -> dict[str, Any]:
    """A reporter's contact in clear, for a reason that the audit keeps."""
    contact = get_object_or_404(Contact, pk=contact_id)
    return reveal_contact(actor=actor_of(request), contact=contact, reason=content.reason)
