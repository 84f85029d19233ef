"""Clients that others wrote read every page and write one feature: GDAL and OWSLib."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chengyun.core.models import Role
from tests.conformance.ogc.conftest import ADDRESSES, COMPONENTS, Ogc

pytestmark = pytest.mark.django_db

needs_gdal = pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="gdal-bin is missing")


def gdal(ogc: Ogc, *command: str) -> str:
    """Run a tool of GDAL as a signed-in person."""
    # The tool finds nothing of ours in its surroundings but the token.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    header = f"Authorization: {ogc.http.headers['Authorization']}"
    environment = {**kept, "GDAL_HTTP_HEADERS": header, "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


@needs_gdal
def test_gdal_finds_every_collection(ogc: Ogc) -> None:
    said = gdal(ogc, "ogrinfo", "-ro", f"OAPIF:{ogc.url}")
    for name in ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases"):
        assert name in said


@needs_gdal
def test_gdal_reads_all_pages(ogc: Ogc, tmp_path: Path) -> None:
    before = len(ogc.seen)
    target = tmp_path / "components.geojson"
    gdal(ogc, "ogr2ogr", "-f", "GeoJSON", str(target), f"OAPIF:{ogc.url}", "components",
         "-oo", "PAGE_SIZE=60")  # fmt: skip
    features = json.loads(target.read_text())["features"]
    codes = {each["properties"]["code"] for each in features}
    assert {f"3702021{number:010}" for number in range(COMPONENTS)} <= codes
    assert len(codes) == len(features)
    assert sum("cursor=" in line for line in ogc.seen[before:]) >= 3
    seventh = next(f for f in features if f["properties"]["code"] == "37020210000000007")
    assert seventh["geometry"]["coordinates"] == [120.321, 36.05]
    assert seventh["properties"]["remark"] == "100%_a\\b"


@needs_gdal
def test_gdal_asks_for_a_box(ogc: Ogc) -> None:
    before = len(ogc.seen)
    said = gdal(ogc, "ogrinfo", "-ro", "-q", f"OAPIF:{ogc.url}", "addresses",
                "-spat", "120.2995", "36.05", "120.3105", "36.07")  # fmt: skip
    assert said.count("OGRFeature(") == 11
    assert any("bbox=" in line for line in ogc.seen[before:])


@needs_gdal
def test_gdal_reads_polygons_and_features_without_geometry(ogc: Ogc, tmp_path: Path) -> None:
    for name, number in (("areas", 10), ("unit_grids", 36), ("duty_grids", 1),
                         ("addresses", ADDRESSES)):  # fmt: skip
        target = tmp_path / f"{name}.gpkg"
        gdal(ogc, "ogr2ogr", "-f", "GPKG", str(target), f"OAPIF:{ogc.url}", name)
        said = gdal(ogc, "ogrinfo", "-so", str(target), name)
        assert f"Feature Count: {number}" in said


def test_owslib_reads_all_pages_and_writes_a_feature(ogc: Ogc, posts: dict[Role, str]) -> None:
    ogcapi = pytest.importorskip("owslib.ogcapi.features")
    # Unless it is told, this client sends what it writes as text/xml.
    headers = {
        "Authorization": f"Bearer {posts[Role.DATA_MANAGER]}",
        "Content-type": "application/geo+json",
    }
    service = ogcapi.Features(ogc.url, headers=headers)
    assert "areas" in service.feature_collections()
    assert "openapi" in service.api()
    assert any(uri.endswith("/conf/core") for uri in service.conformance()["conformsTo"])
    assert service.collection("components")["itemType"] == "feature"
    assert "state" in service.collection_queryables("components")["properties"]

    page = service.collection_items("components", limit=100)
    codes = [each["id"] for each in page["features"]]
    while following := [link for link in page["links"] if link["rel"] == "next"]:
        cursor = following[0]["href"].rsplit("cursor=", 1)[1]
        page = service.collection_items("components", limit=100, cursor=cursor)
        codes += [each["id"] for each in page["features"]]
    assert {f"3702021{number:010}" for number in range(COMPONENTS)} <= set(codes)
    assert len(codes) == len(set(codes))
    box = service.collection_items("addresses", bbox=[120.2995, 36.05, 120.3105, 36.07])
    assert box["numberReturned"] == 11
    some = service.collection_items("components", filter="state = 'lost'", limit=1000)
    assert {each["properties"]["state"] for each in some["features"]} == {"lost"}

    code = "37020201001000777"
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [120.345, 36.095]},
        "properties": {"code": code, "name": "owslib"},
    }
    assert service.collection_item_create("components", json.dumps(feature))
    made = service.collection_item("components", code)
    assert made["properties"]["name"] == "owslib"
    made["properties"]["remark"] = "changed"
    assert service.collection_item_update("components", code, json.dumps(made))
    assert service.collection_item("components", code)["properties"]["remark"] == "changed"
    assert service.collection_item_delete("components", code)
    with pytest.raises(RuntimeError):
        service.collection_item("components", code)
