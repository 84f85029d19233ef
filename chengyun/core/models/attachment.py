import uuid

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils import timezone

from .user import User


class Attachment(models.Model):
    """An image that was checked and re-encoded; the stored file carries no metadata."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="bytes, as stored")
    storage_name = models.TextField()
    sizes = ArrayField(
        models.CharField(max_length=10), default=list, help_text="smaller images made of it"
    )
    taken_at = models.DateTimeField(null=True, help_text="from EXIF, as the camera's clock said")
    position = models.PointField(srid=4490, null=True, help_text="from EXIF")
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    original_name = models.TextField(blank=True, default="")
    purpose = models.TextField(help_text="names the guard that decides who may see it")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.uuid} {self.media_type}"
