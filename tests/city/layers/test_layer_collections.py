"""Layers that are data as collections of the OGC API: the same rows for the same people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client

from chengyun.city.actions.layers import create_layer, fill_layer, remove_layer
from chengyun.city.layers.values import LayerValues
from chengyun.city.ogc import app as ogc
from chengyun.city.survey.reading import open_source
from chengyun.core.models import Role
from tests.city.layers.conftest import SYSTEM, feature, key, person, point
from tests.map_client import Answer, Map, run

pytestmark = pytest.mark.django_db(transaction=True)
Write = Callable[..., Path]

WELLS = [
    point(120.301 + i * 0.001, 36.051, 名称=f"井{i}", depth=i * 1.5, dry=i % 2 == 0,
          seen=f"2026-01-{i + 1:02}", org="SAN" if i < 3 else "CMD")
    for i in range(9)
] + [point(120.345, 36.095, 名称="北", depth=None, seen=None, dry=None, org=None)]  # fmt: skip


class Ogc(Map):
    """Asks /ogc as `Map` asks /tiles."""

    async def get(self, path: str, *args: Any, **kwargs: Any) -> Answer:
        from chengyun.city.tiles import app as tiles

        original, tiles.app = tiles.app, ogc.app
        try:
            return await super().get(f"/ogc{path}", *args, **kwargs)
        finally:
            tiles.app = original

    async def items(self, query: str = "", code: str = "wells") -> list[dict[str, Any]]:
        answer = await self.get(f"/collections/{code}/items?{quote(query, safe='=&,')}")
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json["features"]
        return found


def made(path: Path, code: str = "wells", shape: str = "point", **values: Any) -> None:
    given = LayerValues(name_zh="水井", name_en="Wells", shape=shape, **values)
    create_layer(actor=SYSTEM, code=code, values=given)
    fill_layer(actor=SYSTEM, code=code, source=open_source(path))


def names(features: list[dict[str, Any]]) -> set[str]:
    return {each["properties"]["名称"] for each in features}


def test_a_layer_is_a_collection(town: Any, geojson: Write) -> None:
    made(geojson(WELLS), access="public", about="城建档案馆, CC BY 4.0")

    async def scene() -> None:
        reader = Ogc({"Accept-Language": "en"})
        listed = (await reader.get("/collections")).json["collections"]
        assert [each["id"] for each in listed] == ["areas", "wells"]
        about = listed[1]
        assert (about["title"], about["description"]) == ("Wells", "城建档案馆, CC BY 4.0")
        rels = {link["rel"].rsplit("/", 1)[-1] for link in about["links"]}
        assert {"items", "queryables", "tilesets-vector"} <= rels
        queryables = (await reader.get("/collections/wells/queryables")).json["properties"]
        assert queryables["geometry"]["format"] == "geometry-point"
        assert {name: each.get("type") for name, each in queryables.items()} == {
            "geometry": None, "名称": "string", "depth": "number", "dry": "boolean",
            "seen": "string", "org": "string",
        }  # fmt: skip
        assert queryables["seen"]["format"] == "date"
        document = (await reader.get("/api")).json
        assert "/collections/wells/items" in document["paths"]
        tileset = await reader.get("/collections/wells/tiles/WebMercatorQuad")
        assert {each["id"] for each in tileset.json["layers"]} == {"wells", "wells_count"}
        for path in ("", "/queryables", "/items", "/tiles", "/items/1"):
            page = await reader.get(f"/collections/wells{path}?f=html")
            assert page.status == 200, path
            assert page.headers["content-type"].startswith("text/html")
        assert "POST" not in (await reader.get("/collections/wells/items", method="OPTIONS")
                              ).headers["allow"]  # fmt: skip

    run(scene)


def test_features_are_filtered_paged_and_projected(town: Any, geojson: Write) -> None:
    made(geojson(WELLS), access="public")
    from chengyun.city.actions.layers import change_layer

    change_layer(actor=SYSTEM, code="wells", changes={"time_field": "seen"})

    async def scene() -> None:
        reader = Ogc()
        assert len(await reader.items()) == 10
        assert names(await reader.items("depth=3")) == {"井2"}
        assert names(await reader.items("名称=井4")) == {"井4"}
        assert names(await reader.items("filter=depth > 9 AND dry = true")) == {"井8"}
        assert names(await reader.items("filter=\"名称\" LIKE '井%' AND depth < 2")) == {
            "井0",
            "井1",
        }
        assert names(await reader.items("bbox=120.34,36.09,120.35,36.1")) == {"北"}
        assert names(await reader.items("datetime=2026-01-02/2026-01-03")) == {"井1", "井2", "北"}
        corner = "POLYGON((120.3 36.05,120.3015 36.05,120.3015 36.06,120.3 36.05))"
        near = f"filter=S_INTERSECTS(geometry, {corner})"
        assert names(await reader.items(near)) == {"井0"}
        answer = await reader.get("/collections/wells/items?limit=4&count=true")
        assert (answer.json["numberMatched"], answer.json["numberReturned"]) == (10, 4)
        seen = {each["id"] for each in answer.json["features"]}
        while following := [x for x in answer.json["links"] if x["rel"] == "next"]:
            answer = await reader.get(following[0]["href"].partition("/ogc")[2])
            seen |= {each["id"] for each in answer.json["features"]}
        assert seen == set(range(1, 11))
        one = await reader.get("/collections/wells/items/1?crs=EPSG:4549")
        east, north = sorted(one.json["geometry"]["coordinates"])
        assert 300_000 < east < 700_000 < 3_900_000 < north < 4_100_000
        for wrong in ("/items?nothing=1", "/items?depth=x", "/items?filter=c0=1", "/items?limit=0"):
            assert (await reader.get(f"/collections/wells{wrong}")).status == 400
        for missing in ("/items/999", "/items/x", "/items/1' OR 1=1"):
            assert (await reader.get(f"/collections/wells{missing}")).status == 404

    run(scene)


@pytest.mark.parametrize("shape", ["line", "polygon"])
def test_lines_and_polygons(town: Any, geojson: Write, shape: str) -> None:
    ring = [[120.301, 36.051], [120.302, 36.051], [120.302, 36.052], [120.301, 36.051]]
    geometry = {"line": {"type": "LineString", "coordinates": ring[:3]},
                "polygon": {"type": "Polygon", "coordinates": [ring]}}[shape]  # fmt: skip
    made(geojson([feature(geometry, 名称="形")]), "shapes", shape, access="public")

    async def scene() -> None:
        [found] = await Ogc().items("bbox=120.3,36.05,120.31,36.06", "shapes")
        assert (
            found["geometry"]["type"]
            == {"line": "MultiLineString", "polygon": "MultiPolygon"}[shape]
        )
        page = await Ogc().get("/collections/shapes/items?f=html")
        assert page.status == 200
        assert "<path" in page.raw.decode()

    run(scene)


def test_rows_of_a_collection_are_seen_by_grants(town: Any, geojson: Write) -> None:
    made(geojson(WELLS), access="granted")
    north = Ogc(key(person("bei", Role.COLLECTOR, area="370203")))
    south = Ogc(key(person("nan", Role.COLLECTOR, area="370202")))
    nobody = Ogc(key(person("wu")))

    async def scene() -> None:
        assert names(await north.items()) == {"北"}
        assert names(await south.items()) == {f"井{i}" for i in range(9)}
        for query in ("bbox=120,36,121,37", "filter=depth IS NULL OR depth >= 0", "count=true"):
            assert names(await north.items(query)) == {"北"}, query
        counted = await north.get("/collections/wells/items?count=true")
        assert counted.json["numberMatched"] == 1
        [mine] = await north.items()
        assert (await north.get(f"/collections/wells/items/{mine['id']}")).status == 200
        assert (await south.get(f"/collections/wells/items/{mine['id']}")).status == 404
        for path in ("", "/items", "/queryables", "/tiles"):
            assert (await nobody.get(f"/collections/wells{path}")).status == 404
            assert (await Ogc().get(f"/collections/wells{path}")).status == 401
        for reader, there in ((north, True), (nobody, False), (Ogc(), False)):
            listed = (await reader.get("/collections")).json["collections"]
            assert ("wells" in {each["id"] for each in listed}) is there
            document = (await reader.get("/api")).json
            assert ("/collections/wells" in document["paths"]) is there

    run(scene)


def test_a_collection_goes_with_its_layer_or_its_table(town: Any, geojson: Write) -> None:
    made(geojson(WELLS), access="public")

    def drop() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE layers.wells")

    async def scene() -> None:
        reader = Ogc()
        assert len(await reader.items()) == 10
        await sync_to_async(drop)()
        for path in ("/items", "/items/1", "/items?count=true&bbox=120,36,121,37"):
            assert (await reader.get(f"/collections/wells{path}")).status == 503
        await sync_to_async(remove_layer)(actor=SYSTEM, code="wells")
        assert (await reader.get("/collections/wells/items")).status == 404

    run(scene)


@pytest.mark.parametrize("srid", [4490, 4326, 3857])
def test_a_view_is_a_collection(town: Any, srid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE VIEW layers.lids AS SELECT id::int AS gid, code, state, first_surveyed, "
            f"ST_Transform(geom, {srid})::geometry(Point, {srid}) AS shape FROM city_component"
        )
    values = LayerValues(
        name_zh="井盖", relation="layers.lids", id_field="gid", geometry_field="shape"
    )
    create_layer(actor=SYSTEM, code="lids", values=values)
    reader = Ogc(key(person("cai", Role.COLLECTOR)))

    async def scene() -> None:
        found = await reader.items("bbox=120.3,36.05,120.31,36.06&state=intact", "lids")
        assert {each["properties"]["code"] for each in found} == {
            "37020201001000001", "37020203005000002",
        }  # fmt: skip
        lon, lat = found[0]["geometry"]["coordinates"]
        assert (abs(lon - 120.305) < 1e-6, abs(lat - 36.055) < 1e-6) == (True, True)

    run(scene)


def test_a_collection_that_is_data_is_not_written(
    town: Any, geojson: Write, client: Client
) -> None:
    made(geojson(WELLS), access="public")
    headers = key(person("guan", Role.DATA_MANAGER))
    for method in ("POST", "PUT", "DELETE"):
        path = "/ogc/collections/wells/items" + ("" if method == "POST" else "/1")
        answer = client.generic(method, path, "{}", "application/geo+json", headers=headers)
        assert answer.status_code in (404, 405)
