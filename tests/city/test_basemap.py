"""The basemap is data: what is refused, what the pages are told, which hosts they may reach."""

import asyncio
import gzip
import json
import logging
import struct
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from django.conf import settings as django_settings
from django.test import Client, RequestFactory
from pydantic import ValidationError

from chengyun.city.basemap.app import app
from chengyun.city.basemap.pmtiles import Archive, Broken, tile_id
from chengyun.city.basemap.source import basemap
from chengyun.config.environment import Environment
from chengyun.config.headers import POLICY
from chengyun.pages.views import surface

KEY = "0123456789abcdef-secret"


def chosen(settings: Any, **values: Any) -> None:
    """Set the basemap as the environment would."""
    made = Environment(**{f"basemap{name}": value for name, value in values.items()})
    changes = {
        name: getattr(made, name) for name in type(made).model_fields if name.startswith("basemap")
    }
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update=changes)


def told(**headers: str) -> dict[str, Any]:
    response = Client().get("/api/basemap", headers=headers)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def directives(path: str = "/desk") -> dict[str, list[str]]:
    text = Client().get(path).headers["Content-Security-Policy"]
    parts = (part.split() for part in text.split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.django_db
def test_by_default_nothing_leaves_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Environment().basemap == "none"
    assert told() == {"kind": "none"}
    assert Client().get("/desk").headers["Content-Security-Policy"] == POLICY


@pytest.mark.django_db
def test_tianditu_has_eight_hosts_labels_and_a_key(settings: Any) -> None:
    chosen(settings, **{"": "tianditu", "_key": KEY, "_datum": "gcj02"})
    answer = told()
    assert (answer["kind"], answer["datum"], answer["maxzoom"]) == ("tianditu", "cgcs2000", 18)
    assert [len(layer) for layer in answer["layers"]] == [8, 8]
    assert len(answer["tiles"]) == 2
    hosts = {f"t{number}.tianditu.gov.cn" for number in range(8)}
    for layer, name in zip(answer["layers"], ("vec", "cva"), strict=True):
        assert {urlsplit(address).hostname for address in layer} == hosts
        assert {_wmts(address, 12, 3418, 1607) for address in layer} == {(name, 12, 3418, 1607)}
    policy = directives()
    foreign = {f"https://{host}" for host in hosts}
    assert set(policy["img-src"]) == {"'self'", "data:", "blob:"} | foreign
    assert set(policy["connect-src"]) == {"'self'"} | foreign
    assert policy["script-src"] == ["'self'"]
    assert policy["default-src"] == ["'self'"]


def _wmts(address: str, z: int, x: int, y: int) -> tuple[str, int, int, int]:
    """A WMTS server of our own: reads the request as OGC 07-057r7 names its parameters, and
    answers with what would be drawn."""
    parts = urlsplit(address.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
    asked = {name.upper(): values[-1] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, asked["SERVICE"], asked["REQUEST"]) == ("https", "WMTS", "GetTile")
    assert (asked["VERSION"], asked["TILEMATRIXSET"], asked["TK"]) == ("1.0.0", "w", KEY)
    assert parts.path == f"/{asked['LAYER']}_w/wmts"
    return asked["LAYER"], *(int(asked[f"TILE{name}"]) for name in ("MATRIX", "COL", "ROW"))  # type: ignore[return-value]


def test_tianditu_with_images_has_their_labels(settings: Any) -> None:
    chosen(settings, **{"": "tianditu", "_key": KEY, "_layer": "img"})
    made = basemap()
    assert made is not None
    assert ["LAYER=img" in made.layers[0][0], "LAYER=cia" in made.layers[1][0]] == [True, True]


@pytest.mark.django_db
def test_the_key_is_in_no_log_and_no_other_answer(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    chosen(settings, **{"": "tianditu", "_key": KEY})
    with caplog.at_level(logging.DEBUG):
        told()
        page = Client().get("/desk")
    assert KEY not in caplog.text
    assert KEY not in str(page.headers)
    assert KEY.encode() not in page.content
    assert KEY not in repr(settings.CHENGYUN)
    assert KEY not in str(settings.CHENGYUN.model_dump())


@pytest.mark.django_db
def test_xyz_lets_in_exactly_its_hosts(settings: Any) -> None:
    url = "https://{0-1}.tiles.example:8443/{z}/{x}/{y}.png http://labels.example/{z}/{y}/{x}"
    chosen(settings, **{"": "xyz", "_url": url, "_datum": "GCJ-02", "_attribution": "© 某某"})
    answer = told()
    assert answer["datum"] == "gcj02"
    assert answer["attribution"] == "© 某某"
    assert answer["layers"] == [
        [f"https://{n}.tiles.example:8443/{{z}}/{{x}}/{{y}}.png" for n in (0, 1)],
        ["http://labels.example/{z}/{y}/{x}"],
    ]
    expected = ["https://0.tiles.example:8443", "https://1.tiles.example:8443",
                "http://labels.example"]  # fmt: skip
    for path in ("/desk", "/m", "/screen", "/"):
        policy = directives(path)
        assert policy["connect-src"] == ["'self'", *expected]
        assert policy["img-src"] == ["'self'", *expected, "data:", "blob:"]
    # A page without a map reaches nobody.
    assert directives("/accounts/login/")["img-src"] == ["'self'", "data:", "blob:"]
    assert directives("/api/basemap")["connect-src"] == ["'self'"]


@pytest.mark.django_db
def test_tiles_of_this_server_need_no_host(settings: Any) -> None:
    chosen(settings, **{"": "xyz", "_url": "/proxied/{z}/{x}/{y}.png"})
    assert told()["tiles"] == ["/proxied/{z}/{x}/{y}.png"]
    assert Client().get("/desk").headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"": "google"}, "basemap\n.*'none', 'tianditu', 'xyz' or 'pmtiles'"),
        ({"": "xyz"}, r"basemap_url\n.*is empty"),
        ({"": "xyz", "_url": "https://a.example/tiles.png"}, r"lacks \{z\}, \{x\}, \{y\}"),
        ({"": "xyz", "_url": "https://a.example/{z}/{x}.png"}, r"lacks \{y\}"),
        ({"": "xyz", "_url": "ftp://a.example/{z}/{x}/{y}"}, "must begin with https://HOST/"),
        ({"": "xyz", "_url": "https:///{z}/{x}/{y}"}, "must begin with https://HOST/"),
        ({"": "xyz", "_url": "https://*/{z}/{x}/{y}"}, "must begin with https://HOST/"),
        ({"": "xyz", "_url": "https://a.example;script-src/{z}/{x}/{y}"}, "must begin with"),
        ({"": "xyz", "_url": "https://u:p@a.example/{z}/{x}/{y}"}, "must begin with"),
        ({"": "xyz", "_url": "//a.example/{z}/{x}/{y}"}, "must begin with"),
        ({"": "tianditu"}, r"basemap_key\n.*needs a key"),
        ({"": "tianditu", "_key": "  "}, r"basemap_key\n.*needs a key"),
        ({"": "tianditu", "_key": "k", "_layer": "sat"}, "basemap_layer"),
        ({"": "pmtiles"}, r"basemap_url\n.*is empty"),
        ({"": "pmtiles", "_url": "/none/there.pmtiles"}, "cannot be read: No such file"),
        ({"": "xyz", "_url": "/t/{z}/{x}/{y}.mvt", "_datum": "bd09"}, "tiles in bd09 are not put"),
        ({"": "none", "_datum": "xian80"}, "basemap_datum\n.*'cgcs2000', 'wgs84', 'gcj02'"),
        ({"": "none", "_maxzoom": "99"}, "basemap_maxzoom"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], says: str
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"CHENGYUN_BASEMAP{name.upper()}", value)
    with pytest.raises(ValidationError, match=says):
        Environment()


def test_a_refusal_does_not_show_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGYUN_BASEMAP", "tianditu")
    monkeypatch.setenv("CHENGYUN_BASEMAP_KEY", KEY)
    monkeypatch.setenv("CHENGYUN_BASEMAP_DATUM", "xian80")
    with pytest.raises(ValidationError) as refused:
        Environment()
    assert KEY not in str(refused.value)


# A PMTiles file -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Points of a street, written by GDAL as PMTiles of vector tiles for zooms 0 to 10."""
    path = tmp_path_factory.mktemp("tiles") / "海青.pmtiles"
    lons = [120.0 + step / 1000 for step in range(500)]
    points = shapely.points(lons, [36.0] * 500)
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(points), geometry_type="Point", fields=["name", "lanes"],
        field_data=[np.array(["海青路"] * 500, dtype=object), np.full(500, 4)],
        crs="EPSG:4326", driver="PMTiles", dataset_options={"MINZOOM": 0, "MAXZOOM": 10},
    )  # fmt: skip
    return path


def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request to the ASGI app, as a server would make it."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    given = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *given],
        "client": ("203.0.113.9", 1),
    }
    asyncio.run(app(scope, receive, send))
    answer = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answer, b"".join(part.get("body", b"") for part in sent[1:])


@pytest.fixture
def served(settings: Any, file: Path) -> str:
    chosen(settings, **{"": "pmtiles", "_url": str(file), "_maxzoom": "10"})
    return f"/basemap/{file.name}"


@pytest.mark.django_db
def test_a_pmtiles_file_comes_from_here(served: str) -> None:
    answer = told()
    assert answer["tiles"] == ["/basemap/{z}/{x}/{y}"]
    assert (answer["kind"], answer["maxzoom"]) == ("pmtiles", 10)
    # What the page draws it by, as GDAL wrote it into the file.
    assert answer["formats"] == ["vector"]
    assert answer["vector_layers"] == [{"id": "海青", "fields": ["name", "lanes"]}]
    assert Client().get("/desk").headers["Content-Security-Policy"] == POLICY


def test_the_file_is_given_in_parts(served: str, file: Path) -> None:
    content = file.read_bytes()
    size = len(content)
    status, headers, body = ask(served)
    assert (status, body) == (200, content)
    assert headers["accept-ranges"] == "bytes"
    for text, first, last in (
        ("bytes=0-126", 0, 126), ("bytes=0-16383", 0, min(16383, size - 1)), ("bytes=5-5", 5, 5),
        (f"bytes={size - 10}-", size - 10, size - 1), ("bytes=-7", size - 7, size - 1),
        (f"bytes=3-{size * 9}", 3, size - 1),
    ):  # fmt: skip
        status, headers, body = ask(served, range=text)
        assert (status, body) == (206, content[first : last + 1]), text
        assert headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert headers["content-length"] == str(len(body))
    assert ask(served, range="bytes=9-3")[0] == 416
    status, headers, _ = ask(served, range=f"bytes={size}-")
    assert (status, headers["content-range"]) == (416, f"bytes */{size}")
    for odd in ("bytes=-", "lines=1-2", "bytes=1-2,5-6", "bytes=a-b", ""):
        assert ask(served, range=odd)[0] == 200, odd


def test_the_file_is_asked_for_again_only_when_it_changed(served: str) -> None:
    _, headers, _ = ask(served)
    etag = headers["etag"]
    assert ask(served, if_none_match=etag)[0] == 304
    assert ask(served, range="bytes=0-9", if_range=etag)[0] == 206
    assert ask(served, range="bytes=0-9", if_range='"other"')[0] == 200
    status, headers, body = ask(served, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 127


@pytest.mark.parametrize(
    "path",
    ["/basemap", "/basemap/", "/basemap/other.pmtiles", "/basemap/../chengyun.env",
     "/basemap/..%2Fx", "/basemap/99/0/0", "/basemap/1/2/0", "/basemap/1/0", "/basemap/a/b/c"],
)  # fmt: skip
def test_nothing_else_is_given(served: str, path: str) -> None:
    status, headers, body = ask(path, accept_language="en")
    assert status == 404
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["status"] == 404


def test_without_a_file_there_is_nothing(settings: Any) -> None:
    assert ask("/basemap/海青.pmtiles")[0] == 404
    assert ask("/basemap/0/0/0")[0] == 404
    assert ask("/basemap/0/0/0", method="POST")[0] == 405


def test_tiles_are_those_that_gdal_wrote(served: str, file: Path) -> None:
    """Every tile of every zoom: GDAL's own reader must say the same number of points."""
    status, headers, body = ask("/basemap/10/853/402")
    assert status == 200
    assert headers["content-type"] == "application/vnd.mapbox-vector-tile"
    (layer,) = mapbox_vector_tile.decode(body).values()
    assert len(layer["features"]) > 100
    packed = ask("/basemap/10/853/402", accept_encoding="gzip, br")
    assert packed[1]["content-encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == body
    total = 0
    for x in range(845, 865):
        status, _, body = ask(f"/basemap/10/{x}/402")
        assert status in (200, 204)
        if status == 200:
            decoded = mapbox_vector_tile.decode(body).values()
            total += sum(len(layer["features"]) for layer in decoded)
    # Points near an edge are in two tiles.
    assert 500 <= total < 560
    assert ask("/basemap/10/0/0")[0] == 204
    assert ask("/basemap/0/0/0")[0] == 200


@pytest.mark.parametrize("z", range(6))
def test_numbers_of_tiles_are_a_walk_from_neighbour_to_neighbour(z: int) -> None:
    side = 1 << z
    found = {tile_id(z, x, y): (x, y) for x in range(side) for y in range(side)}
    start = (4**z - 1) // 3
    assert sorted(found) == list(range(start, start + side * side))
    for number in range(start, start + side * side - 1):
        (x, y), (x2, y2) = found[number], found[number + 1]
        assert abs(x - x2) + abs(y - y2) == 1


def test_published_numbers_of_tiles() -> None:
    # The examples of the specification.
    published = {
        (0, 0, 0): 0, (1, 0, 0): 1, (1, 0, 1): 2, (1, 1, 1): 3, (1, 1, 0): 4, (2, 0, 0): 5,
        (12, 3423, 1763): 19078479,
    }  # fmt: skip
    assert {tile: tile_id(*tile) for tile in published} == published


def test_a_broken_file_is_said(settings: Any, file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())
    root, length = struct.unpack("<QQ", content[8:24])
    content[root : root + length] = bytes(length)
    path = tmp_path / "broken.pmtiles"
    path.write_bytes(content)
    chosen(settings, **{"": "pmtiles", "_url": str(path)})
    status, _, body = ask("/basemap/1/1/0", accept_language="en")
    assert status == 503
    assert "Replace the file" in json.loads(body)["remedy"]
    path.unlink()
    assert ask("/basemap/1/1/0")[0] == 503
    cut = tmp_path / "cut.pmtiles"
    cut.write_bytes(file.read_bytes()[:100])
    with pytest.raises(Broken):
        Archive(cut)


@pytest.mark.django_db
def test_a_file_says_its_deepest_zoom_and_whom_to_name(
    settings: Any, file: Path, tmp_path: Path
) -> None:
    chosen(settings, **{"": "pmtiles", "_url": str(file)})
    assert told()["maxzoom"] == 10
    chosen(settings, **{"": "pmtiles", "_url": str(file), "_attribution": "某市测绘院"})
    assert told()["attribution"] == "某市测绘院"
    content = bytearray(file.read_bytes())
    said = gzip.compress(json.dumps({"attribution": "<a href='//x'>© 某某</a>"}).encode())
    content[24:40] = struct.pack("<QQ", len(content), len(said))
    other = tmp_path / "other.pmtiles"
    other.write_bytes(content + said)
    chosen(settings, **{"": "pmtiles", "_url": str(other)})
    assert (told()["attribution"], told()["vector_layers"]) == ("© 某某", [])
    other.write_bytes(content + b"no gzip")
    assert Client().get("/api/basemap").status_code == 503
    with pytest.raises(ValidationError, match="vector tiles in gcj02 are not put back"):
        Environment(basemap="pmtiles", basemap_url=str(file), basemap_datum="gcj02")


def test_a_file_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "city.mbtiles"
    other.write_bytes(b"SQLite format 3\x00")
    monkeypatch.setenv("CHENGYUN_BASEMAP", "pmtiles")
    monkeypatch.setenv("CHENGYUN_BASEMAP_URL", str(other))
    with pytest.raises(ValidationError, match="no PMTiles file of version 3"):
        Environment()


@pytest.mark.django_db
def test_a_page_says_that_it_has_a_map() -> None:
    response = surface(RequestFactory().get("/desk"), name="desk")
    assert response.status_code == 503 or response.shows_map  # type: ignore[attr-defined]
    assert django_settings.CHENGYUN.basemap == "none"
