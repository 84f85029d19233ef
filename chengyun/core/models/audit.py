from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from .user import User


class AuditEntry(models.Model):
    """One act, for ever: a trigger refuses UPDATE, DELETE and TRUNCATE (migration 0002)."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor_label = models.TextField()
    ip = models.GenericIPAddressField(null=True)
    action = models.TextField(help_text="e.g. governance.case.dispatch")
    object_type = models.TextField()
    object_id = models.TextField()
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="core_audit_object"),
            models.Index(fields=["actor", "id"], name="core_audit_actor"),
            models.Index(fields=["action", "id"], name="core_audit_action"),
            # Entries arrive in time order, so a block-range index finds a period for a few kB.
            BrinIndex(fields=["at"], name="core_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}#{self.object_id}"


class AuditSeal(models.Model):
    """The hash over a run of entries and over the seal before it (see `core/audit.py`)."""

    first_entry = models.BigIntegerField(unique=True)
    last_entry = models.BigIntegerField(unique=True)
    entries = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"seal {self.pk}: {self.first_entry}-{self.last_entry}"
