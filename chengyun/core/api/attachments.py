from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from ninja import File, Form, Router, Status, UploadedFile

from ..actions import smaller_image, store_image
from ..attachments import TYPES, Size, check_upload, may_see
from ..http import actor_of, optional_actor, optional_intake
from ..models import Attachment
from ..problems import not_found
from ..schemas import REFUSALS, AttachmentOut

router = Router()


@router.post("/attachments", auth=optional_intake, response={201: AttachmentOut, **REFUSALS})
def post_attachment(
    request: HttpRequest,
    file: File[UploadedFile],
    purpose: Annotated[str, Form(max_length=60)],
) -> Status[Attachment]:
    """Send an image (JPEG, PNG, WebP). It is re-encoded; EXIF is read, then removed.
    Citizens may send without signing in where the purpose allows it."""
    actor = actor_of(request)
    check_upload(purpose, actor)
    attachment = store_image(
        actor=actor,
        content=file.read(settings.CHENGYUN.image_max_bytes + 1),
        declared_type=file.content_type or "",
        purpose=purpose,
        original_name=file.name or "",
    )
    return Status(201, attachment)


@router.get("/attachments/{uuid:key}", auth=optional_actor, response={200: None, **REFUSALS})
def get_attachment(request: HttpRequest, key: UUID, size: Size | None = None) -> HttpResponseBase:
    """The image itself, for whom the owner of its purpose lets see it; `size` asks for a smaller
    one (longest edge: thumb 320, medium 1280 pixels)."""
    attachment = Attachment.objects.filter(pk=key).first()
    if attachment is None or not may_see(attachment, actor_of(request)):
        raise not_found()
    etag = f'"{attachment.sha256}{f"-{size.value}" if size else ""}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304)
    try:
        name = smaller_image(attachment, size) if size else attachment.storage_name
        content = default_storage.open(name, "rb")
    except FileNotFoundError as error:
        raise not_found() from error
    suffix = TYPES[attachment.media_type][1]
    response = FileResponse(content, content_type=attachment.media_type, filename=f"{key}.{suffix}")
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response
