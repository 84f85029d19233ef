from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from .user import User


class TokenScope(models.TextChoices):
    READ = "read", "读取"
    WRITE = "write", "写入"
    INTAKE = "intake", "上报接入"
    OPEN311 = "open311", "Open311"
    EXPORT = "export", "导出"
    ADMIN = "admin", "管理"


class ApiToken(models.Model):
    """A machine's key: only its SHA-256 is kept, the text is shown once when issued."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.TextField()
    prefix = models.CharField(max_length=12, help_text="first characters, to recognise it by")
    digest = models.BinaryField(unique=True, editable=False)
    scopes = ArrayField(models.TextField(choices=TokenScope.choices))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"
