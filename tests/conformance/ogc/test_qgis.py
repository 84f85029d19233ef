"""QGIS reads every page, asks for a part, writes one feature and paints the tiles.

QGIS is the distribution's (`scripts/bootstrap dev` installs it) and brings its own Python, so that
what a person does in it runs as a program of its own: `qgis_session.py`.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyproj
import pytest
from PIL import Image

from chengyun.city.models import Area
from chengyun.core.models import AuditEntry, Role
from tests.conformance.ogc.conftest import COMPONENTS, Ogc

pytestmark = pytest.mark.django_db

PYTHON = "/usr/bin/python3"
SESSION = Path(__file__).with_name("qgis_session.py")
#: Some components of the first rows lie in it.
BOX = [120.2995, 36.049, 120.3105, 36.0601]
CODE = "37020201001000778"
#: A square of the map's metres, 2 km wide, and the side of the image of it.
WEST, SOUTH, WIDTH, SIDE = 13_392_000, 4_309_000, 2_000, 600


@dataclass
class Told:
    """What QGIS answered, and what it had asked of the server meanwhile."""

    answer: dict[str, Any]
    requests: list[str]
    image: Path


@pytest.fixture(scope="module")
def qgis(ogc: Ogc, posts: dict[Role, str], tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One session, on no screen and with a profile of its own."""
    folder = tmp_path_factory.mktemp("qgis")
    answer, image = folder / "answer.json", folder / "tiles.png"
    token = posts[Role.DATA_MANAGER]
    tiles = ogc.http.get(f"{ogc.url.removesuffix('/ogc')}/tiles/components.json").json()
    steps = {
        "read": {"page": 60, "box": BOX, "since": "2025-06-01"},
        "edit": {
            "place": [120.345, 36.095],
            "properties": {"code": CODE, "name": "雨水篦子", "first_surveyed": "2026-01-02"},
            "change": {"state": "damaged", "remark": "已损坏"},
        },
        "draw": {
            "tiles": tiles["tiles"][0], "zooms": [tiles["minzoom"], tiles["maxzoom"]],
            "metres": [WEST, SOUTH, WEST + WIDTH, SOUTH + WIDTH], "image": str(image),
        },
    }  # fmt: skip
    given = {"folder": str(folder), "answer": str(answer), "url": ogc.url, "token": token,
             "steps": steps}  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    surroundings = {
        **kept, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "QT_QPA_PLATFORM": "offscreen",
        "QGIS_CUSTOM_CONFIG_PATH": str(folder), "no_proxy": "127.0.0.1",
    }  # fmt: skip
    before = len(ogc.seen)
    done = subprocess.run(
        [PYTHON, str(SESSION)], input=json.dumps(given), env=surroundings, cwd=folder,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    # Not skipped where QGIS is missing: the machine that proves the project has it.
    assert answer.exists(), f"QGIS did not end well (scripts/bootstrap dev?): {done.stderr}"
    return Told(json.loads(answer.read_text()), ogc.seen[before:], image)


def test_qgis_reads_all_pages(qgis: Told) -> None:
    read = qgis.answer["read"]
    found = {each["code"]: each for each in read["components"]}
    assert read["count"] == len(read["components"]) == len(found) == COMPONENTS
    pages = [line for line in qgis.requests if "components/items?limit=60" in line]
    assert len(pages) == 4
    assert sum("cursor=" in line for line in pages) == 3
    for number in range(COMPONENTS):
        one = found[f"3702021{number:010}"]
        lon, lat = 120.30 + number % 20 * 0.003, 36.05 + number // 20 * 0.005
        assert one["place"] == pytest.approx([lon, lat], abs=1e-6)
        assert one["name"] == ("路灯" if number % 2 else "井盖")
        assert one["class_zh"]
        assert one["changed_on"] == (f"2025-{number % 12 + 1:02}-15" if number % 4 else None)
    assert found["37020210000000007"]["remark"] == "100%_a\\b"
    # Longitude first, whatever the system is called.
    assert read["crs"] in ("OGC:CRS84", "EPSG:4326")
    assert (read["fields"]["changed_on"], read["fields"]["name"]) == ("Date", "String")


def test_qgis_reads_polygons_and_what_has_no_geometry(qgis: Told) -> None:
    areas = {each["code"]: each for each in qgis.answer["read"]["areas"]}
    assert len(areas) == Area.objects.count()
    for area in Area.objects.all():
        assert areas[area.code]["name_zh"] == area.name_zh
        assert ("place" in areas[area.code]) == (area.geom is not None)


def test_qgis_asks_the_server_for_a_box(qgis: Told) -> None:
    west, south, east, north = BOX
    inside = {each["code"] for each in qgis.answer["read"]["inside"]}
    wanted = {
        each["code"] for each in qgis.answer["read"]["components"]
        if west <= each["place"][0] <= east and south <= each["place"][1] <= north
    }  # fmt: skip
    assert inside == wanted
    assert 0 < len(wanted) < 20
    [asked] = [line for line in qgis.requests if "bbox=" in line]
    numbers = asked.split("bbox=")[1].split("&")[0].split(",")
    assert [float(number) for number in numbers] == pytest.approx(BOX)


def test_qgis_asks_the_server_for_a_condition(qgis: Told) -> None:
    read = qgis.answer["read"]
    later = {each["code"]: each["changed_on"] for each in read["later"]}
    wanted = {
        each["code"] for each in read["components"] if (each["changed_on"] or "") >= "2025-06-01"
    }
    assert wanted <= set(later)
    assert len(wanted) < COMPONENTS / 2
    # To `datetime`, as older ones ask, belongs by the standard also what has no day.
    assert not any(later[code] for code in set(later) - wanted)
    assert [line for line in qgis.requests if "datetime=2025-06-01" in line or "filter=" in line]
    lost = {each["code"] for each in read["lost"]}
    assert lost == {
        each["code"] for each in read["components"]
        if each["state"] == "lost" and each["name"] == "井盖"
    }  # fmt: skip


def test_qgis_writes_a_feature(qgis: Told) -> None:
    edit = qgis.answer["edit"]
    status, added = edit["added"]
    assert status == 201
    assert (added["id"], added["properties"]["name"]) == (CODE, "雨水篦子")
    assert added["geometry"]["coordinates"] == [120.345, 36.095]
    assert added["properties"]["first_surveyed"] == "2026-01-02"
    assert added["properties"]["unit_grid"]
    status, changed = edit["changed"]
    assert status == 204
    assert changed["properties"]["state"] == "damaged"
    assert (changed["properties"]["name"], changed["properties"]["remark"]) == (
        "雨水篦子", "已损坏",
    )  # fmt: skip
    assert edit["removed"] == [204, 404]
    entries = AuditEntry.objects.filter(object_type="city.component", object_id=CODE)
    assert [(each.action, each.actor_label) for each in entries.order_by("id")] == [
        (f"city.component.{action}", f"one_{Role.DATA_MANAGER.value}")
        for action in ("register", "change", "remove")
    ]


def test_qgis_paints_the_tiles(qgis: Told) -> None:
    assert qgis.answer["draw"]["errors"] == []
    assert [line for line in qgis.requests if "/tiles/components/" in line]
    to_metres = pyproj.Transformer.from_crs(4490, 3857, always_xy=True)
    with Image.open(qgis.image) as opened:
        image = opened.convert("RGB")
    places = [each["place"] for each in qgis.answer["read"]["components"]]
    painted = 0
    for lon, lat in places:
        east, north = to_metres.transform(lon, lat)
        x, y = (east - WEST) * SIDE / WIDTH, SIDE - (north - SOUTH) * SIDE / WIDTH
        if 5 < x < SIDE - 5 and 5 < y < SIDE - 5:
            assert image.getpixel((round(x), round(y))) != (255, 255, 255), (lon, lat)
            painted += 1
    assert painted > 10
    # Nothing is painted but points: most of it stays white.
    white = sum(count for count, colour in image.getcolors(1 << 24) if colour == (255, 255, 255))
    assert white > 0.9 * SIDE * SIDE


def test_what_qgis_sends_when_a_layer_is_edited_in_it(
    ogc: Ogc, posts: dict[Role, str], qgis: Told
) -> None:
    """Newer ones: they ask what they may do, and write all fields of the layer, empty ones too."""
    items = f"{ogc.url}/collections/components/items"
    geojson = {"Content-Type": "application/geo+json"}
    patch = {"Content-Type": "application/merge-patch+json"}
    with httpx.Client(auth=("gis", posts[Role.DATA_MANAGER]), timeout=60) as http:
        allowed = http.options(items)
        assert allowed.status_code == 200
        assert "POST" in allowed.headers["allow"]
        one = http.options(f"{items}/37020210000000001").headers["allow"]
        assert {"PUT", "PATCH", "DELETE"} <= set(one.split(", "))
        fields = dict.fromkeys(qgis.answer["read"]["fields"])
        del fields["id"]
        code = "37020201001000779"
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [120.345, 36.095]},
            "properties": {**fields, "code": code, "name": "新"},
        }
        made = http.post(items, json=feature, headers=geojson)
        assert made.status_code == 201, made.text
        at = made.headers["location"]
        assert at.endswith(f"/items/{code}")
        moved = {"type": "Point", "coordinates": [120.346, 36.096]}
        for body in ({"properties": {"remark": "改"}}, {"geometry": moved}):
            assert http.patch(at, json=body, headers=patch).status_code == 204
        now = http.get(at).json()
        assert now["geometry"]["coordinates"] == [120.346, 36.096]
        assert (now["properties"]["name"], now["properties"]["remark"]) == ("新", "改")
        assert http.delete(at).status_code == 204
