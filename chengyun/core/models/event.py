from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from .scoped import Scoped


class DomainEvent(Scoped):
    """Something that happened, for those above and for live pages. A trigger notifies the
    channel `chengyun_live` on insert; a column `xid` (migration 0002) holds the writing
    transaction, so that a reader can resume without missing a late commit."""

    at = models.DateTimeField(default=timezone.now)
    kind = models.TextField(help_text="e.g. governance.case.dispatch")
    subject_type = models.TextField()
    subject_id = models.TextField()
    payload = models.JSONField(default=dict)
    public = models.BooleanField(default=False, help_text="may be shown without signing in")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="core_event_subject"),
            BrinIndex(fields=["at"], name="core_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}#{self.subject_id}"
