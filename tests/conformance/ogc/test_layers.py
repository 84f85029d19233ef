"""A layer that is data stands in the service like any collection, for clients that others wrote."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengyun.city.actions.layers import change_layer, create_layer, fill_layer, remove_layer
from chengyun.city.layers.values import LayerValues
from chengyun.city.survey.reading import open_source
from chengyun.city.tiles import service
from tests.conformance.ogc.conftest import SYSTEM, Ogc
from tests.conformance.ogc.test_clients import gdal, needs_gdal
from tests.map_client import tile_at

pytestmark = pytest.mark.django_db

NUMBER = 130


@pytest.fixture(scope="module")
def wells(ogc: Ogc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    """A layer of points with a day each, made while the server runs."""
    ogc.json("/collections")
    path = tmp_path_factory.mktemp("layers") / "wells.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [120.30 + i * 0.0004, 36.06]},
            "properties": {"name": f"井{i}", "depth": i / 2, "dug": f"2025-01-{i % 28 + 1:02}"},
        }
        for i in range(NUMBER)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    values = LayerValues(name_zh="水井", name_en="Wells", shape="point")
    create_layer(actor=SYSTEM, code="wells", values=values)
    fill_layer(actor=SYSTEM, code="wells", source=open_source(path))
    change_layer(actor=SYSTEM, code="wells", changes={"time_field": "dug"})
    time.sleep(service.VERSION_SECONDS + 0.1)
    yield ogc
    remove_layer(actor=SYSTEM, code="wells")
    time.sleep(service.VERSION_SECONDS + 0.1)


def test_it_is_described_as_the_standard_wants(wells: Ogc, stranger: Ogc) -> None:
    listed = {each["id"]: each for each in wells.json("/collections")["collections"]}
    about = wells.json("/collections/wells")
    assert (listed["wells"]["title"], about["itemType"]) == ("Wells", "feature")
    for link in about["links"]:
        assert wells.http.get(link["href"]).status_code == 200, link
    paths = wells.json("/api")["paths"]
    for path in ("", "/items", "/items/{featureId}", "/queryables", "/tiles"):
        assert f"/collections/wells{path}" in paths
    [listed_tiles] = wells.json("/collections/wells/tiles")["tilesets"]
    [itself] = [each for each in listed_tiles["links"] if each["rel"] == "self"]
    tileset = wells.http.get(itself["href"]).json()
    [template] = [each for each in tileset["links"] if each["rel"] == "item"]
    x, y = tile_at(120.305, 36.06, 14)
    tile = wells.http.get(template["href"].format(tileMatrix=14, tileRow=y, tileCol=x))
    assert (tile.status_code, tile.headers["content-type"]) == (200, template["type"])
    assert "wells" not in {c["id"] for c in stranger.json("/collections")["collections"]}
    assert "/collections/wells" not in stranger.json("/api")["paths"]
    stranger.refused("/collections/wells/items", 401)


def test_it_is_asked_as_the_standard_wants(wells: Ogc) -> None:
    assert len(wells.items("wells", limit=1000)) == NUMBER
    assert len(wells.items("wells", bbox="120.2999,36.05,120.3041,36.07")) == 11
    assert len(wells.items("wells", filter="depth BETWEEN 1 AND 2 AND name LIKE '井%'")) == 3
    assert len(wells.items("wells", datetime="2025-01-28/..", limit=1000)) == NUMBER // 28
    moved = wells.get("/collections/wells/items?limit=1&crs=EPSG:4549")
    assert "4549" in moved.headers["content-crs"]
    wells.refused("/collections/wells/items", 400, nothing=1)
    wells.refused("/collections/wells/items", 400, filter="geom = 1")


@needs_gdal
def test_gdal_reads_it(wells: Ogc, tmp_path: Path) -> None:
    target = tmp_path / "wells.geojson"
    gdal(wells, "ogr2ogr", "-f", "GeoJSON", str(target), f"OAPIF:{wells.url}", "wells",
         "-oo", "PAGE_SIZE=50")  # fmt: skip
    features = json.loads(target.read_text())["features"]
    assert {each["properties"]["name"] for each in features} == {f"井{i}" for i in range(NUMBER)}


def test_owslib_reads_it(wells: Ogc) -> None:
    ogcapi = pytest.importorskip("owslib.ogcapi.features")
    headers = {"Authorization": wells.http.headers["Authorization"]}
    reader = ogcapi.Features(wells.url, headers=headers)
    assert "wells" in reader.feature_collections()
    page = reader.collection_items("wells", limit=1000, filter="depth >= 60")
    assert len(page["features"]) == 10
