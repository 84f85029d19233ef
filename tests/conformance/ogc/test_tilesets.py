"""OGC API – Tiles – Part 1, and the two-dimensional tile matrix set it refers to."""

import pytest

from tests.conformance.ogc.conftest import Ogc
from tests.map_client import tile_at

pytestmark = pytest.mark.django_db

QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"


def test_tilesets_list_and_tileset_lead_to_tiles(ogc: Ogc) -> None:
    for name in ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases"):
        [link] = [each for each in ogc.json(f"/collections/{name}")["links"]
                  if each["rel"].endswith("/tilesets-vector")]  # fmt: skip
        [listed] = ogc.http.get(link["href"]).json()["tilesets"]
        assert (listed["dataType"], listed["tileMatrixSetURI"]) == ("vector", QUAD)
        [itself] = [each for each in listed["links"] if each["rel"] == "self"]
        tileset = ogc.http.get(itself["href"]).json()
        assert tileset["tileMatrixSetURI"] == QUAD
        limits = {each["tileMatrix"]: each for each in tileset["tileMatrixSetLimits"]}
        assert tileset["layers"]
        [template] = [each for each in tileset["links"] if each["rel"] == "item"]
        assert template["templated"] is True
        zoom = "13" if "13" in limits else min(limits)
        x, y = tile_at(120.305, 36.055, int(zoom))
        address = template["href"].format(tileMatrix=zoom, tileRow=y, tileCol=x)
        tile = ogc.http.get(address)
        assert tile.status_code in (200, 204), address
        if tile.status_code == 200:
            assert tile.headers["content-type"] == template["type"]
        outside = template["href"].format(tileMatrix="1", tileRow=2, tileCol=0)
        assert ogc.http.get(outside).status_code == 404


def test_tile_matrix_set_is_web_mercator_quad(stranger: Ogc) -> None:
    [listed] = stranger.json("/tileMatrixSets")["tileMatrixSets"]
    assert (listed["id"], listed["uri"]) == ("WebMercatorQuad", QUAD)
    matrices = stranger.json("/tileMatrixSets/WebMercatorQuad")["tileMatrices"]
    assert [each["id"] for each in matrices] == [str(zoom) for zoom in range(23)]
    # The numbers of the standard's own table.
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert matrices[0]["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert matrices[18]["scaleDenominator"] == pytest.approx(2132.72958384978, rel=1e-12)
    for each in matrices:
        assert each["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
        assert each["matrixWidth"] == each["matrixHeight"] == 2 ** int(each["id"])


def test_tilesets_need_the_same_sign_in_as_the_tiles(stranger: Ogc) -> None:
    assert stranger.json("/collections/areas/tiles")["tilesets"]
    stranger.refused("/collections/components/tiles/WebMercatorQuad", 401)
    stranger.refused("/tileMatrixSets/WorldCRS84Quad", 404)


def test_the_api_definition_names_the_tiles(ogc: Ogc) -> None:
    paths = ogc.json("/api")["paths"]
    for name in ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases"):
        found = paths[f"/tiles/{name}/{{tileMatrix}}/{{tileCol}}/{{tileRow}}.mvt"]
        assert found["get"]["operationId"].endswith(".collection.vector.getTile")
        x, y = tile_at(120.305, 36.055, 14)
        [server] = found["servers"]
        answer = ogc.http.get(f"{server['url']}/tiles/{name}/14/{x}/{y}.mvt")
        assert answer.status_code in (200, 204)
    operations = [each["operationId"] for path in paths.values()
                  for verb, each in path.items() if verb != "servers"]  # fmt: skip
    assert len(operations) == len(set(operations))
