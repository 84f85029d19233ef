from django.db import transaction
from django.utils import timezone

from ..actor import Actor
from ..audit import record
from ..models import OutboxMessage, Role
from ..problems import Conflict


@transaction.atomic
def retry_message(*, actor: Actor, message: OutboxMessage) -> OutboxMessage:
    """Send a stuck or failed message again, with its tries counted from zero."""
    actor.require_role(Role.ADMINISTRATOR)
    stored = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if stored.state not in (OutboxMessage.State.STUCK, OutboxMessage.State.FAILED):
        raise Conflict(
            zh=f"消息状态为 {stored.get_state_display()}，无需重发。",
            en=f"The message is {stored.state}; there is nothing to send again.",
        )
    stored.state = OutboxMessage.State.WAITING
    stored.attempts = 0
    stored.next_try = timezone.now()
    stored.save(update_fields=["state", "attempts", "next_try"])
    record(
        actor=actor,
        action="core.outbox.retry",
        object_type="core.outboxmessage",
        object_id=stored.pk,
        zh=f"重发消息 {stored.pk} ({stored.channel} {stored.template})",
        en=f"Sent message {stored.pk} again ({stored.channel} {stored.template})",
        after={"last_error": stored.last_error},
    )
    return stored
