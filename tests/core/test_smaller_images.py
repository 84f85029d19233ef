"""Smaller images: made once, seen by the same people, never larger than the whole one."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from chengyun.core import attachments
from chengyun.core.actions import smaller_image, store_image
from chengyun.core.attachments import Size, name_of_size
from chengyun.core.models import Attachment, AuditEntry


@pytest.fixture
def purposes(monkeypatch):
    monkeypatch.setattr(attachments, "_purposes", {})
    return attachments.register_guard


@pytest.fixture
def photo(db, system, picture):
    content = picture(size=(2000, 1000))
    return store_image(actor=system, content=content, declared_type="image/jpeg", purpose="test")


def opened(response: Any) -> Image.Image:
    return Image.open(BytesIO(response.getvalue()))


def kept(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def test_thumb_and_medium(client, purposes, photo, make_user, bearer) -> None:
    purposes("test", lambda attachment, actor: True)
    url = f"/api/attachments/{photo.pk}"
    tags = set()
    for query, size in (
        ("", (2000, 1000)),
        ("?size=medium", (1280, 640)),
        ("?size=thumb", (320, 160)),
    ):
        response = client.get(url + query)
        assert response["Content-Type"] == "image/jpeg"
        assert response["Cache-Control"] == "private, max-age=86400"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert opened(response).size == size
        tags.add(response["ETag"])
        known = {"If-None-Match": response["ETag"]}
        assert client.get(url + query, headers=known).status_code == 304
    assert len(tags) == 3
    assert client.get(url + "?size=huge").status_code == 422
    # A tag of the whole image is not one of its small one.
    whole = {"If-None-Match": client.get(url)["ETag"]}
    assert client.get(url + "?size=thumb", headers=whole).status_code == 200


def test_the_same_people_see_it(client, purposes, photo, make_user, bearer) -> None:
    purposes("test", lambda attachment, actor: actor.label == "friend")
    friend, stranger = make_user("friend"), make_user("stranger")
    url = f"/api/attachments/{photo.pk}?size=thumb"
    assert client.get(url, headers=bearer(friend)).status_code == 200
    assert client.get(url, headers=bearer(stranger)).status_code == 404
    assert client.get(url).status_code == 404


def test_it_is_made_once(photo, monkeypatch) -> None:
    entries = AuditEntry.objects.count()
    name = smaller_image(photo, Size.THUMB)
    first = kept(name)
    monkeypatch.setattr("chengyun.core.actions.attachments.smaller", None)
    assert smaller_image(photo, Size.THUMB) == name
    assert smaller_image(Attachment.objects.get(), Size.THUMB) == name
    assert kept(name) == first
    _, files = default_storage.listdir(photo.storage_name.rsplit("/", 1)[0])
    assert len(files) == 2
    assert AuditEntry.objects.count() == entries


def test_half_a_file_of_a_killed_server_is_made_anew(photo) -> None:
    name = name_of_size(photo, Size.THUMB)
    default_storage.save(name, ContentFile(b"\xff\xd8\xff half"))
    assert smaller_image(photo, Size.THUMB) == name
    with Image.open(BytesIO(kept(name))) as made:
        assert made.size == (320, 160)


def test_a_small_image_is_its_own_thumb(db, system, picture) -> None:
    small = store_image(
        actor=system, content=picture(size=(300, 320)), declared_type="image/jpeg", purpose="test"
    )
    assert smaller_image(small, Size.THUMB) == small.storage_name


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGBA"), ("PNG", "RGB")])
def test_type_and_transparency_stay(db, system, kind: str, mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (640, 500), "#ff000000" if mode == "RGBA" else "red").save(out, kind)
    photo = store_image(
        actor=system, content=out.getvalue(), declared_type=f"image/{kind.lower()}", purpose="test"
    )
    with Image.open(BytesIO(kept(smaller_image(photo, Size.THUMB)))) as made:
        assert (made.format, made.mode, made.size) == (kind, mode, (320, 250))


def test_an_image_that_is_gone_is_not_found(client, purposes, photo) -> None:
    purposes("test", lambda attachment, actor: True)
    default_storage.delete(photo.storage_name)
    assert client.get(f"/api/attachments/{photo.pk}?size=thumb").status_code == 404
    assert Attachment.objects.get().sizes == []
