from typing import Any

from django.db import transaction

from ..actor import Actor
from ..audit import record
from ..contacts import in_clear, may_reveal
from ..models import Contact
from ..problems import Forbidden, Invalid


@transaction.atomic
def reveal_contact(*, actor: Actor, contact: Contact, reason: str) -> dict[str, Any]:
    """The contact in clear: {name, phone, email, erased}. Every reveal is audited with its
    reason; raises `Forbidden` unless a guard of the owning app admits the actor."""
    if actor.role != "system" and not may_reveal(contact, actor):
        raise Forbidden(
            zh="您无权查看此联系方式。",
            en="You may not see this contact.",
            remedy_zh="仅承办此案件的受理岗位可以查看。",
            remedy_en="Only the posts that receive this case may.",
        )
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(
            zh="请填写查看原因。",
            en="Say why you need to see it.",
            field="reason",
            remedy_zh="例如：回访、核实地点。",
            remedy_en="For example: visit back, to verify the place.",
        )
    record(
        actor=actor,
        action="core.contact.reveal",
        object_type="core.contact",
        object_id=contact.pk,
        zh=f"查看联系方式，原因：{reason}",
        en=f"Saw a contact in clear, because: {reason}",
        after={"reason": reason},
    )
    return in_clear(contact)
