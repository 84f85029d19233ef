from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """The answer given to a request that named a key, kept to answer its repetition."""

    scope = models.TextField(help_text="whose key: operation and caller")
    key = models.TextField()
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request")
    status = models.PositiveSmallIntegerField(null=True)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="core_idempotency_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
