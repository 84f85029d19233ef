"""What core asks of governance: who may see the photos and contacts of a case (whoever may see
the case), and which columns are encrypted."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from chengyun.core import attachments, contacts
from chengyun.core.actor import Actor
from chengyun.core.models import Attachment, Contact, Role
from chengyun.core.rotation import register_encrypted
from chengyun.governance.flow import Operation
from chengyun.governance.models import AlarmSource, CaseRecord, Report
from chengyun.governance.queries import result_photos, visible_cases

M = TypeVar("M", bound=Model)

#: Posts that speak with the reporter.
SPEAKS_WITH_REPORTERS = frozenset({Role.ACCEPTOR, Role.SHIFT_LEADER, Role.HANDLER, Role.DEPARTMENT})


def register() -> None:
    """Called once when the app is ready."""
    attachments.register_guard("report", _of_visible_case, anonymous_upload=True)
    attachments.register_guard("case", _of_visible_case)
    contacts.register_guard(_of_reported_case)
    register_encrypted(AlarmSource, "secret_encrypted")


def _of_visible_case(attachment: Attachment, actor: Actor) -> bool:
    # Photos of public reports are everybody's: whoever signs in sees no less than who does not.
    if with_attachment(Report.objects.filter(case__public=True), attachment).exists():
        return True
    results = with_attachment(CaseRecord.objects.filter(operation=Operation.FINISH), attachment)
    if any(attachment.pk in result_photos(record.case) for record in results):
        return True
    if actor.user is None:
        return False
    for rows in (Report.objects.all(), CaseRecord.objects.all()):
        case_ids = with_attachment(rows, attachment).values("case_id")
        if visible_cases(actor.scope).filter(pk__in=case_ids).exists():
            return True
    return False


def with_attachment(rows: QuerySet[M], attachment: Attachment) -> QuerySet[M]:
    """Rows that carry the photo. Uses the partial GIN index of each table."""
    return rows.filter(attachments__contains=[attachment.pk]).exclude(attachments=[])


def _of_reported_case(contact: Contact, actor: Actor) -> bool:
    scope = actor.scope.for_roles(SPEAKS_WITH_REPORTERS)
    return visible_cases(scope).filter(reports__contact=contact).exists()
