import uuid

from django.db import models
from django.utils import timezone


class Contact(models.Model):
    """Who reported, encrypted at rest. Only `core/contacts.py` reads or writes the fields."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name_enc = models.BinaryField(null=True, editable=False)
    phone_enc = models.BinaryField(null=True, editable=False)
    email_enc = models.BinaryField(null=True, editable=False)
    phone_digest = models.BinaryField(
        null=True, editable=False, db_index=True, help_text="keyed hash: same caller, no number"
    )
    consent = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    erase_after = models.DateField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["erase_after"],
                name="core_contact_to_erase",
                condition=models.Q(erased_at=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
