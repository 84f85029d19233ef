"""Files of the pages while a new build takes their place under a running server."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

OLD = b"one " * 500
Get = Callable[..., HttpResponseBase]


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "map.js").write_bytes(OLD)
    (folder / "map.js.gz").write_bytes(gzip.compress(OLD))
    return folder


@pytest.fixture
def get(assets: Path, settings, db: None) -> Get:
    settings.STATICFILES_DIRS = [assets]
    client = Client()

    def asked(path: str = "/static/map.js", accepted: str = "gzip") -> HttpResponseBase:
        return client.get(path, headers={"Accept-Encoding": accepted})

    # What there is at the start is remembered.
    assert asked().status_code == 200
    return asked


def _body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_a_file_that_is_gone_is_not_found(get: Get, assets: Path) -> None:
    for file in assets.iterdir():
        file.unlink()
    assert get().status_code == 404
    assert get().status_code == 404


def test_a_file_that_comes_back_is_sent_as_it_is_now(get: Get, assets: Path) -> None:
    for file in assets.iterdir():
        file.unlink()
    assert get().status_code == 404
    (assets / "map.js").write_bytes(b"a new and longer file")
    answer = get()
    assert _body(answer) == b"a new and longer file"
    assert answer["Content-Length"] == "21"


def test_a_replaced_file_has_its_own_length(get: Get, assets: Path) -> None:
    (assets / "map.js.gz").unlink()
    (assets / "map.js").write_bytes(b"a new and longer file")
    answer = get()
    assert _body(answer) == b"a new and longer file"
    assert answer["Content-Length"] == "21"


def test_the_plain_file_is_sent_while_its_packed_form_is_missing(get: Get, assets: Path) -> None:
    (assets / "map.js.gz").unlink()
    answer = get()
    assert answer.status_code == 200
    assert not answer.has_header("Content-Encoding")
    assert _body(answer) == OLD


def test_a_packed_form_that_is_refused_is_not_sent(get: Get, assets: Path) -> None:
    assert get(accepted="gzip")["Content-Encoding"] == "gzip"
    assert not get(accepted="gzip;q=0").has_header("Content-Encoding")
