import hashlib
import uuid
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from ..actor import Actor
from ..attachments import Size, clean_image, name_of_size, smaller
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


def smaller_image(attachment: Attachment, size: Size) -> str:
    """The name under which the image lies in this size, made at the first question.

    An image that is no larger is its own small one. Raises FileNotFoundError when the image itself
    is gone from the storage.
    """
    if max(attachment.width, attachment.height) <= size.edge:
        return attachment.storage_name
    name = name_of_size(attachment, size)
    if size.value in attachment.sizes:
        return name
    # Nothing happens to anybody's matter here: pixels that are there already are kept once more,
    # so there is no actor and no audit entry.
    with transaction.atomic():
        # Many ask for a new photo at once: one makes it, the others wait for that one.
        row = Attachment.objects.select_for_update(no_key=True).get(pk=attachment.pk)
        if size.value in row.sizes:
            return name
        with default_storage.open(row.storage_name, "rb") as whole:
            content = smaller(whole.read(), row.media_type, size)
        # What a maker who was killed left behind is unknown to the row, and may be half a file.
        default_storage.delete(name)
        default_storage.save(name, ContentFile(content))
        row.sizes = [*row.sizes, size.value]
        row.save(update_fields=["sizes"])
    return name
