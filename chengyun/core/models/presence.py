from django.db import models

from .user import User


class Presence(models.Model):
    """Somebody has a page of something open. Unlogged (migration 0004): a crash only forgets
    what the pages say again within seconds."""

    class Doing(models.TextChoices):
        VIEWING = "viewing", "查看"
        WRITING = "writing", "填写"

    subject_type = models.TextField()
    subject_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    doing = models.CharField(max_length=10, choices=Doing.choices)
    since = models.DateTimeField(help_text="when this person began to do this")
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "user"], name="core_presence_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.doing} {self.subject_type} {self.subject_id}"
