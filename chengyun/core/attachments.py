"""Reading images that people send, and who may see them.

Nothing of the sent file survives but its pixels: it is decoded within limits and encoded
anew, after position and time were read. A file that is two things at once comes out as one.
"""

import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import Point
from PIL import ExifTags, Image, ImageOps

from .actor import Actor
from .models import Attachment
from .problems import Invalid, TooLarge, UnsupportedMedia

Guard = Callable[[Attachment, Actor], bool]

# Media type → (Pillow's name, file suffix).
TYPES = {
    "image/jpeg": ("JPEG", "jpg"),
    "image/png": ("PNG", "png"),
    "image/webp": ("WEBP", "webp"),
}
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)


class Size(StrEnum):
    """How large an image is wanted: a mark in a list, or what a screen shows."""

    THUMB = "thumb"
    MEDIUM = "medium"

    @property
    def edge(self) -> int:
        """The longest edge in pixels."""
        return {Size.THUMB: 320, Size.MEDIUM: 1280}[self]


@dataclass(frozen=True)
class CleanImage:
    """An image that is safe to store: bytes, type, size, and what its EXIF said."""

    content: bytes
    media_type: str
    suffix: str
    width: int
    height: int
    taken_at: datetime | None
    position: Point | None


@dataclass(frozen=True)
class _Purpose:
    guard: Guard
    anonymous_upload: bool


_purposes: dict[str, _Purpose] = {}


def register_guard(purpose: str, guard: Guard, *, anonymous_upload: bool = False) -> None:
    """Say who may see attachments of a purpose; the app that owns the purpose calls this in
    its `AppConfig.ready`. `anonymous_upload` lets citizens send such images."""
    _purposes[purpose] = _Purpose(guard, anonymous_upload)


def may_see(attachment: Attachment, actor: Actor) -> bool:
    """The uploader always; otherwise whom the guard of the purpose admits."""
    if actor.user_id is not None and attachment.uploaded_by_id == actor.user_id:
        return True
    purpose = _purposes.get(attachment.purpose)
    return purpose is not None and purpose.guard(attachment, actor)


def check_upload(purpose: str, actor: Actor) -> None:
    """Raise `Invalid` for an unknown purpose, or one that needs signing in."""
    known = _purposes.get(purpose)
    if known is None:
        raise Invalid(
            zh=f"附件用途 {purpose!r} 未知。",
            en=f"The attachment purpose {purpose!r} is unknown.",
            field="purpose",
            remedy_zh=f"可用：{', '.join(sorted(_purposes))}。",
            remedy_en=f"Use one of: {', '.join(sorted(_purposes))}.",
        )
    if actor.user is None and actor.role == "citizen" and not known.anonymous_upload:
        from .problems import sign_in_first

        raise sign_in_first()


def clean_image(content: BinaryIO | bytes, declared_type: str) -> CleanImage:
    """Check and re-encode an image.

    Raises `TooLarge` (file size), `UnsupportedMedia` (type), `Invalid` (not what it claims to
    be, too many pixels, damaged).
    """
    limit = settings.CHENGYUN.image_max_bytes
    data = content if isinstance(content, bytes) else content.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(
            zh=f"图片超过 {limit} 字节的上限。",
            en=f"The image exceeds the limit of {limit} bytes.",
            field="file",
            remedy_zh="请压缩后重新上传。",
            remedy_en="Make it smaller and send it again.",
        )
    media_type = declared_type.split(";", maxsplit=1)[0].strip().lower()
    media_type = {"image/jpg": "image/jpeg"}.get(media_type, media_type)
    if media_type not in TYPES:
        raise UnsupportedMedia(
            zh=f"不支持 {declared_type!r} 类型的附件。",
            en=f"Attachments of type {declared_type!r} are not accepted.",
            field="file",
            remedy_zh="请上传 JPEG、PNG 或 WebP 图片。",
            remedy_en="Send a JPEG, PNG or WebP image.",
        )
    if sniff(data) != media_type:
        raise Invalid(
            zh=f"文件内容不是所声明的 {media_type}。",
            en=f"The file is not the {media_type} that it claims to be.",
            field="file",
            remedy_zh="请上传真正的图片文件，并声明其实际类型。",
            remedy_en="Send a real image and declare its actual type.",
        )
    with warnings.catch_warnings():
        # Our own pixel limit speaks before Pillow's warning would.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return _reencode(data, media_type)
        except Image.DecompressionBombError as error:
            raise _too_many_pixels() from error
        except _BROKEN as error:
            raise Invalid(
                zh="图片已损坏，无法读取。",
                en="The image is damaged and cannot be read.",
                field="file",
                remedy_zh="请重新拍摄或导出后上传。",
                remedy_en="Take or export it again.",
            ) from error


def sniff(data: bytes) -> str | None:
    """The image type by its first bytes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def _reencode(data: bytes, media_type: str) -> CleanImage:
    pillow_name, suffix = TYPES[media_type]
    edge = settings.CHENGYUN.image_max_edge
    with Image.open(BytesIO(data), formats=[pillow_name]) as opened:
        width, height = opened.size  # from the header: nothing is decoded yet
        if width * height > settings.CHENGYUN.image_max_pixels:
            raise _too_many_pixels()
        exif = _exif(opened)
        if min(width, height) >= 2 * edge:
            opened.draft("RGB", (edge, edge))  # a JPEG decodes at half size for a quarter
        picture = ImageOps.exif_transpose(opened)
        picture = picture.convert("RGBA" if _has_alpha(picture) else "RGB")
        picture.thumbnail((edge, edge))
    # A fresh image: metadata that Pillow carries along in `info` stays behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = BytesIO()
    options: dict[str, Any] = {"optimize": True} if pillow_name == "PNG" else {"quality": 85}
    if pillow_name == "JPEG":
        bare = bare.convert("RGB")
    bare.save(out, pillow_name, **options)
    return CleanImage(
        out.getvalue(), media_type, suffix, bare.width, bare.height, _time(exif), _place(exif)
    )


def smaller(content: bytes, media_type: str, size: Size) -> bytes:
    """An image of ours (already clean) in a smaller size, of the same type."""
    pillow_name, _ = TYPES[media_type]
    edge = size.edge
    with Image.open(BytesIO(content), formats=[pillow_name]) as opened:
        opened.draft("RGB", (edge, edge))  # a JPEG decodes at a fraction of its size
        picture = opened.convert("RGBA" if _has_alpha(opened) else "RGB")
    picture.thumbnail((edge, edge))
    out = BytesIO()
    options: dict[str, Any] = {"optimize": True} if pillow_name == "PNG" else {"quality": 80}
    picture.save(out, pillow_name, **options)
    return out.getvalue()


def name_of_size(attachment: Attachment, size: Size) -> str:
    """Where a smaller image lies: beside the whole one."""
    stem, _, suffix = attachment.storage_name.rpartition(".")
    return f"{stem}.{size.value}.{suffix}"


def _too_many_pixels() -> Invalid:
    pixels = settings.CHENGYUN.image_max_pixels
    return Invalid(
        zh=f"图片像素过多，上限为 {pixels} 像素。",
        en=f"The image has too many pixels; the limit is {pixels}.",
        field="file",
        remedy_zh="请缩小后上传。",
        remedy_en="Make it smaller.",
    )


def _has_alpha(picture: Image.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _exif(opened: Image.Image) -> Image.Exif:
    try:
        return opened.getexif()
    except _BROKEN:
        return Image.Exif()  # unreadable metadata is no reason to refuse the picture


def _time(exif: Image.Exif) -> datetime | None:
    """When it was taken; a camera that names no zone is taken to run on the city's time."""
    try:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        if not text:
            return None
        offset = details.get(ExifTags.Base.OffsetTimeOriginal, "")
        if offset:
            try:
                return datetime.strptime(f"{text}{offset}", "%Y:%m:%d %H:%M:%S%z")
            except ValueError:
                pass
        local = datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  (next line)
        return local.replace(tzinfo=ZoneInfo(settings.CHENGYUN.time_zone))
    except _BROKEN:
        return None


def _place(exif: Image.Exif) -> Point | None:
    """Where it was taken. Cameras write WGS 84, which differs from CGCS2000 by centimetres."""
    try:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        if not gps:
            return None
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] == "S")
        longitude = _degrees(
            gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] == "W"
        )
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        if latitude == 0 and longitude == 0:  # a receiver without a fix
            return None
        return Point(longitude, latitude, srid=4490)
    except (*_BROKEN, ZeroDivisionError):
        return None


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value
