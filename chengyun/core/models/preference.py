from django.db import models

from .user import User


class Preference(models.Model):
    """How one person has arranged their desk: saved filters, chosen columns. Only they see it;
    what is in a value is up to the pages."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="preferences")
    key = models.TextField()
    value = models.JSONField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="core_preference_once"),
            models.CheckConstraint(
                condition=models.Q(key__regex=r"^[a-z][a-z0-9._-]{0,59}$"),
                name="core_preference_key_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
