"""Images: only what they claim to be, only pixels survive, only the right people see them."""

import struct
import zipfile
import zlib
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, PngImagePlugin

from chengyun.core import attachments
from chengyun.core.actions import store_image
from chengyun.core.models import Attachment, AuditEntry
from chengyun.core.problems import Invalid, TooLarge, UnsupportedMedia


@pytest.fixture
def store(db, system):
    def make(content: bytes, declared_type: str = "image/jpeg") -> Attachment:
        return store_image(
            actor=system, content=content, declared_type=declared_type, purpose="test"
        )

    return make


@pytest.fixture
def purposes(monkeypatch):
    monkeypatch.setattr(attachments, "_purposes", {})
    return attachments.register_guard


def stored(attachment: Attachment) -> bytes:
    with default_storage.open(attachment.storage_name) as file:
        return file.read()


def chunk(kind: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF)
    )


def png_bomb(width: int, height: int) -> bytes:
    """A few kB that claim, and would unpack to, gigabytes of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    )


def camera_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRET CAMERA 8142"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:03:04 10:20:30"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (36.0, 4.0, 12.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (120.0, 22.0, 48.0),
        }
    )
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_kept_in_its_type(store, picture, kind: str) -> None:
    made = store(picture(kind), f"image/{kind.lower()}")
    with Image.open(BytesIO(stored(made))) as kept:
        assert (kept.format, kept.size) == (kind, (64, 48))
    assert (made.width, made.height, made.size) == (64, 48, len(stored(made)))
    assert AuditEntry.objects.get().object_id == str(made.pk)


def test_place_and_time_are_read_and_then_removed(store, picture) -> None:
    made = store(picture(exif=camera_exif()))
    assert made.taken_at == datetime(2026, 3, 4, 2, 20, 30, tzinfo=UTC)
    assert made.position is not None
    assert made.position.coords == pytest.approx((120.38, 36.07))
    content = stored(made)
    assert b"SECRET CAMERA" not in content
    with Image.open(BytesIO(content)) as kept:
        assert not kept.getexif()


def test_png_texts_are_removed(store, picture) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "name and phone of somebody")
    content = picture("PNG", pnginfo=info)
    assert b"somebody" in content
    assert b"somebody" not in stored(store(content, "image/png"))


def test_an_image_is_turned_as_the_camera_was_held(store, picture) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    made = store(picture(exif=exif))
    assert (made.width, made.height) == (48, 64)


def test_a_large_image_is_made_smaller(store, picture, set_environment) -> None:
    set_environment(image_max_edge=320)
    made = store(picture(size=(1600, 800)))
    assert (made.width, made.height) == (320, 160)


def test_transparency_is_kept(store) -> None:
    out = BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(BytesIO(stored(store(out.getvalue(), "image/png")))) as kept:
        assert kept.mode == "RGBA"


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "I;16"])
def test_rare_colour_modes_are_read(store, mode: str) -> None:
    out = BytesIO()
    kind = "JPEG" if mode in ("CMYK", "L") else "PNG"
    Image.new(mode, (8, 8)).save(out, kind)
    assert store(out.getvalue(), f"image/{kind.lower()}").width == 8


@pytest.mark.parametrize(("width", "height"), [(8_000, 8_000), (60_000, 60_000)])
def test_bombs_are_refused_before_they_unpack(store, width: int, height: int) -> None:
    bomb = png_bomb(width, height)
    assert len(bomb) < 100_000
    with pytest.raises(Invalid, match="too many pixels"):
        store(bomb, "image/png")


def test_a_bomb_that_lies_about_its_size_is_refused(store) -> None:
    header = struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0)
    text = b"zTXt"
    packed = b"k\0\0" + zlib.compress(bytes(50_000_000), 9)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data)
        for kind, data in ((b"IHDR", header), (text, packed), (b"IDAT", b""), (b"IEND", b""))
    )
    with pytest.raises(Invalid):
        store(bomb, "image/png")


def test_a_file_that_is_two_things_comes_out_as_one(store, picture) -> None:
    archive = BytesIO(picture())
    archive.seek(0, 2)
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("evil.html", "<script>alert(1)</script>")
    both = archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(both))
    content = stored(store(both))
    assert not zipfile.is_zipfile(BytesIO(content))
    assert b"script" not in content


@pytest.mark.parametrize(
    ("content", "declared", "refusal"),
    [
        (b"%PDF-1.7", "application/pdf", UnsupportedMedia),
        (b"<svg onload='alert(1)'/>", "image/svg+xml", UnsupportedMedia),
        (b"", "", UnsupportedMedia),
        (b"", "image/jpeg", Invalid),
        (b"<html></html>", "image/jpeg", Invalid),
        (b"PK\x03\x04" + bytes(100), "image/png", Invalid),
        (b"\xff\xd8\xff" + bytes(100), "image/jpeg", Invalid),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", Invalid),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", Invalid),
    ],
)
def test_what_is_not_an_image_is_refused(store, content: bytes, declared: str, refusal) -> None:
    with pytest.raises(refusal):
        store(content, declared)
    assert not Attachment.objects.exists()


def test_a_type_it_is_not_is_refused(store, picture) -> None:
    with pytest.raises(Invalid, match="image/png"):
        store(picture("JPEG"), "image/png")


def test_a_torn_image_is_refused(store, picture) -> None:
    with pytest.raises(Invalid):
        store(picture(size=(640, 480))[:2000])


def test_a_file_too_large_is_refused_without_reading_it_all(store, set_environment) -> None:
    set_environment(image_max_bytes=2048)

    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= 2049
            return bytes(size)

    with pytest.raises(TooLarge):
        store(Endless())


def upload(client, content: bytes, purpose: str = "test", **headers: str):
    file = SimpleUploadedFile("照片.jpg", content, content_type="image/jpeg")
    return client.post("/api/attachments", {"file": file, "purpose": purpose}, headers=headers)


def test_sending_and_fetching(client, make_user, bearer, picture, purposes) -> None:
    purposes("test", lambda attachment, actor: actor.label == "friend")
    sender, friend, stranger = (make_user(n) for n in ("sender", "friend", "stranger"))
    answer = upload(client, picture(exif=camera_exif()), **bearer(sender, "intake"))
    assert answer.status_code == 201
    made = answer.json()
    assert made["position"] == pytest.approx([120.38, 36.07])
    url = f"/api/attachments/{made['uuid']}"
    for user, status in ((sender, 200), (friend, 200), (stranger, 404)):
        assert client.get(url, headers=bearer(user, "read")).status_code == status
    assert client.get(url).status_code == 404
    fetched = client.get(url, headers=bearer(friend, "read"))
    assert fetched["Content-Type"] == "image/jpeg"
    assert fetched["X-Content-Type-Options"] == "nosniff"
    known = {**bearer(friend, "read"), "If-None-Match": fetched["ETag"]}
    assert client.get(url, headers=known).status_code == 304


def test_citizens_send_only_where_they_may(client, db, picture, purposes) -> None:
    purposes("report", lambda attachment, actor: False, anonymous_upload=True)
    purposes("case", lambda attachment, actor: True)
    assert upload(client, picture(), "report").status_code == 201
    assert upload(client, picture(), "case").status_code == 401
    assert upload(client, picture(), "nothing").status_code == 422
    assert client.post("/api/attachments").status_code == 422
