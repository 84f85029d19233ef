import hashlib
import uuid
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from ..actor import Actor
from ..attachments import clean_image
from ..audit import record
from ..models import Attachment


@transaction.atomic
def store_image(
    *,
    actor: Actor,
    content: BinaryIO | bytes,
    declared_type: str,
    purpose: str,
    original_name: str = "",
) -> Attachment:
    """Keep an image, cleaned as `attachments.clean_image` says (and with its refusals)."""
    image = clean_image(content, declared_type)
    key = uuid.uuid4()
    folder = timezone.now().strftime("%Y/%m/%d")
    attachment = Attachment.objects.create(
        uuid=key,
        sha256=hashlib.sha256(image.content).hexdigest(),
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        size=len(image.content),
        storage_name=f"{folder}/{key}.{image.suffix}",
        taken_at=image.taken_at,
        position=image.position,
        uploaded_by=actor.user,
        original_name=original_name[:200].replace("\0", ""),
        purpose=purpose,
    )
    record(
        actor=actor,
        action="core.attachment.store",
        object_type="core.attachment",
        object_id=key,
        zh=f"上传图片 {image.width}×{image.height} ({purpose})",
        en=f"Stored an image of {image.width}×{image.height} ({purpose})",
        after={"sha256": attachment.sha256, "size": attachment.size},
    )
    # Last, so that a refused row leaves no file behind.
    default_storage.save(attachment.storage_name, ContentFile(image.content))
    return attachment
