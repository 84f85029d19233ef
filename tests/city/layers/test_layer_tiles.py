"""Layers that are data on the map: drawn or counted, for whom, and that a change shows at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from chengyun.city.actions.layers import change_layer, create_layer, fill_layer, remove_layer
from chengyun.city.layers import tiles as layer_tiles
from chengyun.city.layers.values import LayerValues
from chengyun.city.models import Area, Layer
from chengyun.city.survey.reading import open_source
from chengyun.city.tiles import service
from chengyun.core.models import Role
from tests.city.layers.conftest import SYSTEM, feature, key, person, point
from tests.map_client import Box, Map, asked, run, tile_at

pytestmark = pytest.mark.django_db(transaction=True)
Write = Callable[..., Path]

CITY = Box(120.30, 36.05, 120.36, 36.11)
#: In each of the four communities, two districts: two in the first, one in the others.
TREES = [
    point(120.305, 36.055, name="甲", org="SAN"),
    point(120.306, 36.056, name="乙", org="CMD"),
    point(120.345, 36.055, name="丙", org="SAN"),
    point(120.305, 36.095, name="丁", org=""),
    point(120.345, 36.095, name="戊", org="SAN"),
]


def sql(text: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else []


def made(path: Path, code: str = "trees", shape: str = "point", **values: Any) -> Layer:
    layer = create_layer(
        actor=SYSTEM, code=code, values=LayerValues(name_zh="树", shape=shape, **values)
    )
    fill_layer(actor=SYSTEM, code=code, source=open_source(path))
    return layer


def many(count: int, code: str = "trees") -> None:
    """So many points in the first community, written by somebody else."""
    sql(
        f"INSERT INTO layers.{code} (name, area_code, geom) SELECT repeat('树', 20) || i, "
        "'370202001001', ST_SetSRID(ST_Point(120.301 + i % 100 * 0.00028, "
        f"36.051 + i / 100 * 0.00002), 4490) FROM generate_series(1, {count}) i"
    )


def address(z: int, code: str = "trees", lon: float = 120.305, lat: float = 36.055) -> str:
    x, y = tile_at(lon, lat, z)
    return f"/tiles/{code}/{z}/{x}/{y}.mvt"


def names(features: list[Any]) -> set[str]:
    return {each["properties"]["name"] for _, _, each in features}


# -- what is drawn -------------------------------------------------------------------------------


def test_few_points_are_drawn_at_every_zoom(town: Any, geojson: Write) -> None:
    made(geojson(TREES), access="public")

    async def scene() -> None:
        reader = Map()
        for z in (0, 5, 9, 13, 14, 18, 22):
            answer = await reader.get(address(z))
            assert "甲" in {f["properties"]["name"] for f in answer.features("trees")}, z
            assert answer.features("trees_count") == []
        [drawn] = [f for f in (await reader.get(address(18))).features("trees")
                   if f["properties"]["name"] == "甲"]  # fmt: skip
        assert drawn["properties"] == {"name": "甲", "org": "SAN"}
        described = (await reader.get("/tiles/trees.json")).json
        assert described["tiles"] == ["http://localhost/tiles/trees/{z}/{x}/{y}.mvt"]
        assert (described["minzoom"], described["maxzoom"]) == (0, 18)
        parts = {each["id"]: each["fields"] for each in described["vector_layers"]}
        assert parts == {"trees": {"name": "name", "org": "org"}, "trees_count": {"n": "how many"}}
        assert "trees" in {each["name"] for each in (await reader.get("/tiles")).json}

    run(scene)


def test_many_points_are_counted_and_every_tile_stays_small(town: Any, geojson: Write) -> None:
    made(geojson(TREES), access="public")
    many(20_000)

    async def scene() -> None:
        reader = Map()
        for z in (0, 6, 10, 12, 13, 14, 15, 16):
            total = 0
            for x, y in CITY.tiles(z):
                answer = await reader.get(f"/tiles/trees/{z}/{x}/{y}.mvt")
                assert len(answer.raw) <= service.MAX_BYTES
                total += sum(f["properties"]["n"] for f in answer.features("trees_count"))
                total += sum(
                    0 <= f["geometry"]["coordinates"][0] < 4096
                    and 0 <= f["geometry"]["coordinates"][1] < 4096
                    for f in answer.features("trees")
                )
            assert total == 20_005, z
        near = await reader.get(address(18, lon=120.301, lat=36.0511))
        assert near.features("trees")

    run(scene)


@pytest.mark.parametrize("kind", ["date", "date-time"])
def test_a_stretch_of_time_shows_what_belongs_to_it(
    town: Any, geojson: Write, monkeypatch: Any, kind: str
) -> None:
    days = ("2026-05-01", "2026-05-02", "2026-05-03", "", "2026-06-01")
    clock = "T08:00:00Z" if kind == "date-time" else ""
    trees = [
        feature(tree["geometry"], name=tree["properties"]["name"], planted=day and day + clock)
        for tree, day in zip(TREES, days, strict=True)
    ]
    fields = [{"name": "name", "kind": "string"}, {"name": "planted", "kind": kind}]
    made(geojson(trees), access="public", fields=fields)
    change_layer(actor=SYSTEM, code="trees", changes={"time_field": "planted"})
    indexed = "SELECT count(*) FROM pg_indexes WHERE tablename = 'trees' AND indexdef ~ 'planted'"
    assert sql(indexed) == [(1,)]
    # Filled anew it is indexed anew.
    fill_layer(actor=SYSTEM, code="trees", source=open_source(geojson(trees)))
    assert sql(indexed) == [(1,)]

    async def seen(z: int, when: str) -> set[str]:
        found: set[str] = set()
        for lon, lat in (
            (120.305, 36.055),
            (120.345, 36.055),
            (120.305, 36.095),
            (120.345, 36.095),
        ):
            answer = await Map().get(f"{address(z, lon=lon, lat=lat)}?datetime={when}")
            found |= {each["properties"]["name"] for each in answer.features("trees")}
        return found

    async def scene() -> None:
        for z in (9, 15):
            # What has no day belongs to every stretch, as in the collection.
            assert await seen(z, "2026-05-01/2026-05-02") == {"甲", "乙", "丁"}
            assert await seen(z, "../2026-05-03T23:00:00Z") == {"甲", "乙", "丙", "丁"}
            assert await seen(z, "2026-06-01") == {"丁", "戊"}
        assert await seen(15, "") == {"甲", "乙", "丙", "丁", "戊"}
        for wrong in ("soon", "2026-05-02/2026-05-01"):
            assert (await Map().get(f"{address(9)}?datetime={wrong}")).status == 400
        # Counted where there are many: of that time only.
        monkeypatch.setattr(layer_tiles, "MOST_POINTS", 0)
        answer = await Map().get(f"{address(8)}?datetime=2026-05-01/2026-05-03")
        assert sum(f["properties"]["n"] for f in answer.features("trees_count")) == 4

    run(scene)
    change_layer(actor=SYSTEM, code="trees", changes={"time_field": ""})

    async def without() -> None:
        assert (await Map().get(f"{address(9)}?datetime=2026-05-01")).status == 422

    run(without)


def test_counts_follow_whoever_writes(town: Any, geojson: Write, monkeypatch: Any) -> None:
    monkeypatch.setattr(layer_tiles, "MOST_POINTS", 0)
    made(geojson(TREES), access="public")

    def counted() -> int:
        found = sql("SELECT coalesce(sum(n), 0) FROM city_layercell WHERE layer = 'trees' AND z=9")
        return int(found[0][0])

    assert counted() == 5
    many(7)
    assert counted() == 12
    sql("UPDATE layers.trees SET geom = ST_Translate(geom, 1, 0) WHERE name = '甲'")
    assert counted() == 12
    sql("DELETE FROM layers.trees WHERE name LIKE '树%'")
    assert counted() == 5

    async def scene() -> None:
        answer = await Map().get(address(9, lon=121.305))
        assert [f["properties"] for f in answer.features("trees_count")] == [{"n": 1}]
        await sync_to_async(sql)("TRUNCATE layers.trees")
        assert (await Map().get(address(9, lon=121.305))).status == 204

    run(scene)
    assert counted() == 0


def test_a_tile_too_large_is_counted(town: Any, geojson: Write, monkeypatch: Any) -> None:
    made(geojson(TREES), access="public")
    many(3_000)
    monkeypatch.setattr(service, "MAX_BYTES", 20_000)

    async def scene() -> None:
        for z in (9, 14):
            answer = await Map().get(address(z))
            assert len(answer.raw) < 20_000
            assert sum(f["properties"]["n"] for f in answer.features("trees_count")) > 2_000

    run(scene)


def square(lon: float, lat: float, side: float) -> dict[str, Any]:
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_small_plots_are_seen_from_far_and_their_corners_from_near(
    town: Any, geojson: Write, monkeypatch: Any
) -> None:
    plots = [feature(square(120.305, 36.055, 0.0002), name="小"),
             feature(square(120.31, 36.06, 0.02), name="大")]  # fmt: skip
    made(geojson(plots), "plots", "polygon", access="public")

    async def scene() -> None:
        reader = Map()
        for z in (4, 8, 12, 16):
            found = (await reader.get(address(z, "plots"))).features("plots")
            assert "小" in {f["properties"]["name"] for f in found}, z
        [small] = (await reader.get(address(18, "plots"))).features("plots")
        ring = small["geometry"]["coordinates"][0]
        assert len(ring) >= 5
        monkeypatch.setattr(service, "MAX_BYTES", 10)
        await sync_to_async(sql)("UPDATE layers.plots SET name = 'x'")
        crowded = await reader.get(address(10, "plots"))
        assert sum(f["properties"]["n"] for f in crowded.features("plots_count")) == 2

    run(scene)


def test_lines_are_drawn(town: Any, geojson: Write) -> None:
    line = {"type": "LineString", "coordinates": [[120.30, 36.05], [120.33, 36.08], [120.36, 36.1]]}
    made(geojson([feature(line, name="路")]), "roads", "line", access="public")

    async def scene() -> None:
        for z in (8, 13, 17):
            [drawn] = (await Map().get(address(z, "roads", 120.31, 36.06))).features("roads")
            assert drawn["properties"] == {"name": "路"}

    run(scene)


@pytest.mark.parametrize("srid", [4490, 4326, 3857])
@pytest.mark.parametrize("shape", ["Point", "Polygon"])
def test_tables_of_others_are_drawn_and_counted(
    town: Any, srid: int, shape: str, monkeypatch: Any
) -> None:
    place = "ST_SetSRID(ST_Point(120.305 + i * 0.0001, 36.055), 4326)"
    if shape == "Polygon":
        place = f"ST_Expand({place}, 0.0001)"
    sql(
        f"CREATE TABLE layers.theirs (id int PRIMARY KEY, name text, at date, ok boolean, "
        f"size numeric, geom geometry({shape}, {srid}));"
        f"INSERT INTO layers.theirs SELECT i, 'n' || i, '2026-01-01', true, 1.5, "
        f"ST_Transform({place}, {srid}) FROM generate_series(1, 50) i"
    )
    values = LayerValues(name_zh="他", relation="layers.theirs", access="public")
    create_layer(actor=SYSTEM, code="other", values=values)

    async def scene() -> None:
        for z in (0, 10, 14, 18):
            found = (await Map().get(address(z, "other", 120.3052))).features("other")
            assert found, z
        assert found[0]["properties"] == {
            "name": found[0]["properties"]["name"], "at": "2026-01-01", "ok": True, "size": 1.5,
        }  # fmt: skip
        monkeypatch.setattr(layer_tiles, "MOST_POINTS", 10)
        monkeypatch.setattr(layer_tiles, "MOST_SHAPES", 10)
        counted = await Map().get(address(11, "other", 120.3052))
        assert sum(f["properties"]["n"] for f in counted.features("other_count")) == 50

    run(scene)


# -- for whom ------------------------------------------------------------------------------------


def test_rows_are_seen_by_grants_in_drawn_and_counted_tiles(
    town: Any, geojson: Write, monkeypatch: Any
) -> None:
    made(geojson(TREES), access="granted")
    north = Map(key(person("bei", Role.COLLECTOR, area="370203")))
    south = Map(key(person("nan", Role.COLLECTOR, area="370202")))
    city = Map(key(person("quan", Role.LEADER)))
    street = Map(key(person("jie", Role.COLLECTOR, area="370202001")))
    others = [Map(key(person("guan", Role.ADMINISTRATOR))), Map(key(person("wu")))]
    department = Map(key(person("bumen", Role.DEPARTMENT, organisation="SAN")))

    async def scene() -> None:
        for z in (8, 15):
            seen = {}
            for who, reader in (("n", north), ("s", south), ("c", city), ("t", street)):
                found = await reader.around("trees", "trees", z, CITY)
                seen[who] = names(found)
            assert seen == {"n": {"戊"}, "s": set("甲乙丙丁"), "c": set("甲乙丙丁戊"),
                            "t": set("甲乙丙")}, z  # fmt: skip
        one, two = await north.get(address(8)), await south.get(address(8))
        assert one.body != two.body
        assert one.headers["etag"] != two.headers["etag"]
        assert one.headers["cache-control"] == "private, no-cache"
        for reader in others:
            assert (await reader.get(address(8))).status == 404
            assert (await reader.get("/tiles/trees.json")).status == 404
            listed = {each["name"] for each in (await reader.get("/tiles")).json}
            assert "trees" not in listed
        assert (await Map().get(address(8))).status == 401
        assert (await department.get(address(8))).status == 204, "the rows name no organisation"

        monkeypatch.setattr(layer_tiles, "MOST_POINTS", 0)
        await sync_to_async(sql)("UPDATE layers.trees SET name = name")
        for reader, number in ((north, 1), (south, 4), (city, 5), (street, 3)):
            for z in (8, 14):
                found = await reader.around("trees", "trees_count", z, CITY)
                assert sum(f["properties"]["n"] for _, _, f in found) == number, z

    run(scene)


def test_rows_are_seen_by_the_organisation_that_they_name(town: Any, geojson: Write) -> None:
    made(geojson(TREES))
    change_layer(
        actor=SYSTEM, code="trees", changes={"access": "granted", "organisation_field": "org"}
    )
    own = Map(key(person("bumen", Role.DEPARTMENT, organisation="SAN")))
    above = Map(key(person("zf", Role.DEPARTMENT, organisation="GOV")))

    async def scene() -> None:
        assert names(await own.around("trees", "trees", 8, CITY)) == set("甲丙戊")
        assert names(await above.around("trees", "trees", 8, CITY)) == set("甲乙丙戊")

    run(scene)


def test_a_row_without_organisation_is_that_of_its_layers(town: Any, geojson: Write) -> None:
    made(geojson(TREES), access="granted", organisation="SAN")
    own = Map(key(person("bumen", Role.DEPARTMENT, area="370203", organisation="SAN")))
    other = Map(key(person("zhihui", Role.DEPARTMENT, organisation="CMD")))

    async def scene() -> None:
        assert names(await own.around("trees", "trees", 8, CITY)) == {"戊"}
        assert await other.around("trees", "trees", 8, CITY) == []

    run(scene)


def test_a_layer_is_for_posts(town: Any, geojson: Write) -> None:
    made(geojson(TREES), roles=["leader", "evaluator"])
    leader, handler = person("ling", Role.LEADER), person("chu", Role.COLLECTOR)

    async def scene() -> None:
        assert (await Map(key_of[leader]).get(address(8))).status == 200
        assert (await Map(key_of[handler]).get(address(8))).status == 404
        refused = await Map(key_of[handler]).get("/tiles/trees.json")
        assert "trees" not in refused.json["remedy"]
        # A post that is no longer known admits nobody, not everybody.
        await sync_to_async(sql)("UPDATE city_layer SET roles = '{emperor}'")
        assert (await Map(key_of[leader]).get(address(8))).status == 404

    key_of = {each: key(each) for each in (leader, handler)}
    run(scene)


def test_a_district_that_moves_takes_its_rows_along(town: Any, geojson: Write) -> None:
    made(geojson(TREES), access="granted")
    reader = Map(key(person("bei", Role.COLLECTOR, area="370203")))

    def move() -> None:
        area = Area.objects.get(code="370202001001")
        area.ancestors = ["370200", "370203", "370202001001"]
        area.save()

    async def scene() -> None:
        assert names(await reader.around("trees", "trees", 8, CITY)) == {"戊"}
        await sync_to_async(move)()
        assert names(await reader.around("trees", "trees", 8, CITY)) == set("甲乙戊")

    run(scene)


# -- changes -------------------------------------------------------------------------------------


def test_a_tile_is_read_once_and_again_when_something_changed(
    town: Any, geojson: Write, monkeypatch: Any
) -> None:
    made(geojson(TREES), access="public")
    other = geojson([point(120.305, 36.055, name="新", org="")], "other.geojson")

    async def scene() -> None:
        reader = Map()
        first = await reader.get(address(14))
        with asked(monkeypatch) as statements:
            again = await reader.get(address(14), {"If-None-Match": first.headers["etag"]})
            assert again.status == 304
            assert [s for s in statements if "ST_AsMVT" in s] == []
        await sync_to_async(change_layer)(actor=SYSTEM, code="trees", changes={"name_zh": "新树"})
        same = await reader.get(address(14), {"If-None-Match": first.headers["etag"]})
        assert same.status == 304, "a name changes no tile"
        await sync_to_async(fill_layer)(actor=SYSTEM, code="trees", source=open_source(other))
        changed = await reader.get(address(14), {"If-None-Match": first.headers["etag"]})
        assert changed.status == 200
        assert {f["properties"]["name"] for f in changed.features("trees")} == {"新"}

    run(scene)


def test_a_layer_comes_and_goes_while_the_server_runs(
    town: Any, geojson: Write, monkeypatch: Any
) -> None:
    path = geojson(TREES)

    async def scene() -> None:
        reader = Map()
        assert (await reader.get(address(8))).status == 404
        await sync_to_async(made)(path, access="public")
        assert (await reader.get(address(8))).status == 200
        with asked(monkeypatch) as statements:
            await reader.get(address(8))
        assert len(statements) <= 2, "only the versions are looked at"
        await sync_to_async(change_layer)(
            actor=SYSTEM, code="trees", changes={"access": "signed_in"}
        )
        assert (await reader.get(address(8))).status == 401
        await sync_to_async(remove_layer)(actor=SYSTEM, code="trees")
        assert (await reader.get(address(8))).status == 404
        assert (await reader.get("/tiles/trees.json")).status == 404

    run(scene)


def test_a_layer_without_rows_is_empty(town: Any) -> None:
    for shape in ("point", "line", "polygon"):
        values = LayerValues(name_zh="空", shape=shape, access="public")
        create_layer(actor=SYSTEM, code=f"no_{shape}", values=values)

    async def scene() -> None:
        for shape in ("point", "line", "polygon"):
            for z in (0, 13, 14, 22):
                assert (await Map().get(address(z, f"no_{shape}"))).status == 204

    run(scene)


def test_a_table_that_is_gone_is_told(town: Any, geojson: Write) -> None:
    made(geojson(TREES), access="public")
    sql("DROP TABLE layers.trees")

    async def scene() -> None:
        for z in (8, 15):
            answer = await Map().get(address(z))
            assert answer.status == 503
            assert "缺失" in answer.json["detail"]
        assert (await Map().get("/tiles/areas.json")).status == 200

    run(scene)


def test_a_fill_that_breaks_off_changes_nothing(town: Any, geojson: Write) -> None:
    made(geojson(TREES), access="public")

    def fail(_: Any) -> None:
        raise KeyboardInterrupt

    path = geojson([point(120.3, 36.06, name="x")], "later.geojson")
    with pytest.raises(KeyboardInterrupt):
        fill_layer(actor=SYSTEM, code="trees", source=open_source(path), watch=fail)
    assert sql("SELECT count(*) FROM layers.trees") == [(5,)]
    assert sql("SELECT to_regclass('layers.trees__new')") == [(None,)]
