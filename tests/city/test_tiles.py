"""Vector tiles of the city: what is drawn, for whom, and that a change shows at once."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.gis.geos import LineString, MultiPolygon, Polygon
from django.db import connection

from chengyun.city.models import Area, Component, DutyGrid, UnitGrid
from chengyun.city.tiles import service
from chengyun.core import ratelimit
from chengyun.core.actions import grant_role, issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import Role, User
from tests.map_client import Answer, Box, Map, asked, place_of, run, tile_at

pytestmark = pytest.mark.django_db(transaction=True)

#: The small city of the fixtures.
CITY = Box(120.30, 36.05, 120.36, 36.11)
SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def changes_show_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "VERSION_SECONDS", 0.0)


def key(name: str = "zhang", *roles: Role, scopes: tuple[str, ...] = ("read",)) -> dict[str, str]:
    user = User.objects.create_user(name)
    for role in roles:
        grant_role(actor=SYSTEM, user=user, role=role)
    _, text = issue_token(actor=SYSTEM, user=user, name="map", scopes=scopes)
    return {"Authorization": f"Bearer {text}"}


def address(layer: str, z: int, lon: float = 120.305, lat: float = 36.055) -> str:
    x, y = tile_at(lon, lat, z)
    return f"/tiles/{layer}/{z}/{x}/{y}.mvt"


def codes(features: list[Any]) -> list[str]:
    return sorted(feature["properties"]["code"] for _, _, feature in features)


# -- what is drawn -------------------------------------------------------------------------------


def test_areas_are_drawn_where_they_lie_and_named_once(loaded) -> None:
    communities = sorted(Area.objects.filter(level="community").values_list("code", flat=True))

    async def scene() -> None:
        reader = Map()  # nobody signed in
        drawn = await reader.around("areas", "areas", 13, CITY)
        assert sorted(set(codes(drawn))) == communities
        named = await reader.around("areas", "areas_label", 13, CITY)
        assert codes(named) == communities
        x, y, shown = next(each for each in drawn if codes([each]) == communities[:1])
        assert shown["properties"] == {
            "code": communities[0], "name_zh": "社区001001", "name_en": "", "level": "community",
        }  # fmt: skip
        # Its south-west corner, from the tile that holds it, is where the file says.
        x, y = tile_at(120.30 + 1e-6, 36.05 + 1e-6, 16)
        answer = await reader.get(f"/tiles/areas/16/{x}/{y}.mvt")
        [shape] = [f for f in answer.features("areas") if codes([(0, 0, f)]) == communities[:1]]
        ring = shape["geometry"]["coordinates"][0]
        corner = min(place_of(16, x, y, *point) for point in ring if 0 <= point[0] <= 4096)
        nearest = min(
            abs(lon - 120.30) + abs(lat - 36.05)
            for lon, lat in (place_of(16, x, y, *point) for point in ring)
        )
        assert nearest < 3e-6, corner  # a third of a metre

    run(scene)


def test_an_area_of_a_level_appears_from_its_zoom_on(loaded) -> None:
    outline = Area.objects.get(code="370200").geom
    Area.objects.filter(level__in=["district", "street"]).update(geom=outline)

    async def scene() -> None:
        levels = {}
        for z in (0, 9, 10, 12, 13, 22):
            answer = await Map().get(address("areas", z, 120.331, 36.081))
            levels[z] = {f["properties"]["level"] for f in answer.features("areas")}
        assert levels[9] == {"district"}
        assert levels[10] == levels[12] == {"district", "street"}
        assert levels[13] == levels[22] == {"district", "street", "community"}
        assert "city" not in set.union(*levels.values())

    run(scene)


def test_unit_grids_that_hold_today_are_drawn_from_zoom_14(loaded) -> None:
    today = date.today()
    retired, later, *_ = UnitGrid.objects.order_by("code")
    UnitGrid.objects.filter(pk=retired.pk).update(valid_from="2020-01-01", valid_until=today)
    UnitGrid.objects.filter(pk=later.pk).update(
        valid_from=today + timedelta(days=2), valid_until=None
    )
    reader = Map(key())

    async def scene() -> None:
        drawn = set(codes(await reader.around("unit_grids", "unit_grids", 15, CITY)))
        assert len(drawn) == 34
        assert not drawn & {retired.code, later.code}
        assert (await reader.get(address("unit_grids", 13))).status == 204

    run(scene)


def test_a_duty_grid_is_drawn_as_its_unit_grids_lie(loaded) -> None:
    reader = Map(key())
    grid = DutyGrid.objects.get(code="D1")

    def outline() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ST_Equals(d.gm, ST_Union(u.gm)), ST_NumGeometries(d.gm) "
                "FROM city_dutygrid d LEFT JOIN city_dutygrid_unit_grids m ON dutygrid_id = d.id "
                "LEFT JOIN city_unitgrid u ON u.id = unitgrid_id WHERE d.code = 'D1' GROUP BY d.id"
            )
            return cursor.fetchone()

    assert outline() == (True, 1)  # a unit grid and the community beside it
    grid.unit_grids.add(UnitGrid.objects.get(code="370202001001006"))
    assert outline() == (True, 2)
    grid.unit_grids.remove(*grid.unit_grids.filter(code__startswith="370202001001"))
    assert outline() == (True, 1)
    moved = grid.unit_grids.first()
    moved.geom = MultiPolygon(Polygon.from_bbox((120.40, 36.2, 120.41, 36.21)), srid=4490)
    moved.save()
    assert outline() == (True, 2)

    async def scene() -> None:
        drawn = await reader.around("duty_grids", "duty_grids", 12, CITY)
        assert {each["properties"]["code"] for _, _, each in drawn} == {"D1"}
        assert drawn[0][2]["properties"] == {
            "code": "D1", "name": "一号责任网格", "kind": "duty", "organisation": "SAN",
        }  # fmt: skip
        await sync_to_async(grid.unit_grids.clear)()
        assert await reader.around("duty_grids", "duty_grids", 12, CITY) == []

    run(scene)


def test_components_and_addresses_are_points_near_by(loaded) -> None:
    reader = Map(key())

    async def scene() -> None:
        [(x, y, cover), other] = sorted(
            await reader.around("components", "components", 17, CITY),
            key=lambda each: each[2]["properties"]["code"],
        )
        assert cover["properties"] == {
            "code": "37020201001000001", "class": "01001", "state": "intact",
        }  # fmt: skip
        lon, lat = place_of(17, x, y, *cover["geometry"]["coordinates"])
        assert abs(lon - 120.305) < 1e-6
        assert abs(lat - 36.055) < 1e-6
        doors = await reader.around("addresses", "addresses", 16, CITY)
        texts = sorted(each["properties"]["full_text"] for _, _, each in doors)
        assert texts == ["海青市市北区辽阳路3号", "海青市市南区香港中路12号"]
        await sync_to_async(Component.objects.filter(pk=cover["id"]).update)(state="removed")
        remaining = await reader.around("components", "components", 17, CITY)
        assert codes(remaining) == [other[2]["properties"]["code"]]

    run(scene)


def test_what_is_more_than_a_point_is_drawn_with_its_outline_near_by(loaded) -> None:
    reader = Map(key())
    place = 120.305, 36.055
    # Half a kilometre to the east of its point: over several tiles of zoom 18.
    wide = Polygon.from_bbox((place[0], place[1] - 0.0005, place[0] + 0.005, place[1] + 0.0005))
    wide.srid = 4490
    Component.objects.filter(code="37020201001000001").update(outline=wide)
    line = LineString((120.3051, 36.0551), (120.3053, 36.0552), srid=4490)
    Component.objects.exclude(code="37020201001000001").update(outline=line)

    async def scene() -> None:
        assert (await reader.get(address("components", 15))).features("components_outline") == []
        near = await reader.get(address("components", 16, *place))
        by_code = {each["properties"]["code"]: each for each in near.features("components_outline")}
        assert len(by_code) == 2
        shape = by_code["37020201001000001"]
        assert shape["properties"] == {
            "code": "37020201001000001", "class": "01001", "state": "intact",
        }  # fmt: skip
        assert shape["id"] in {each["id"] for each in near.features("components")}
        assert {each["geometry"]["type"] for each in by_code.values()} == {"Polygon", "LineString"}
        x, y = tile_at(*place, 16)
        west, _ = min(shape["geometry"]["coordinates"][0])
        assert place_of(16, x, y, west, 0)[0] == pytest.approx(place[0], abs=3e-6)
        # It is drawn where its point is not.
        there = await reader.get(address("components", 18, place[0] + 0.0045, place[1]))
        assert codes([(0, 0, f) for f in there.features("components_outline")]) == [
            "37020201001000001"
        ]
        assert there.features("components") == []

    run(scene)
    many_outlines(6_000)

    async def full() -> None:
        answer = await reader.get(address("components", 16, *place))
        shapes = answer.features("components_outline")
        assert len(answer.raw) <= service.MAX_BYTES
        assert "37020201001000001" in codes([(0, 0, f) for f in shapes]), "the largest are kept"
        await sync_to_async(Component.objects.filter(code__startswith="M").update)(state="removed")
        answer = await reader.get(address("components", 16, *place))
        assert len(answer.features("components_outline")) == 2

    run(full)


def test_too_many_points_become_counts_and_a_tile_stays_small(loaded) -> None:
    reader = Map(key())
    many(20_000)

    async def scene() -> None:
        for z in (14, 15):
            answer = await reader.get(address("components", z))
            assert answer.features("components") == []
            counts = await reader.around("components", "components_count", z, CITY)
            points = await reader.around("components", "components", z, CITY)
            assert sum(f["properties"]["n"] for _, _, f in counts) + len(points) == 20_002
            assert len(answer.raw) <= service.MAX_BYTES
        near = await reader.around("components", "components", 18, Box(120.3, 36.05, 120.31, 36.06))
        assert near

    run(scene)


def test_a_tile_is_one_statement_and_small_at_every_zoom(loaded, monkeypatch) -> None:
    reader = Map(key())
    many(20_000)

    async def scene() -> None:
        await reader.get("/tiles")
        for z in range(6, 19):
            with asked(monkeypatch) as statements:
                answer = await reader.get(address("components", z))
            assert answer.status == 200
            assert len(answer.raw) <= service.MAX_BYTES
            read = [sql for sql in statements if "city_tileversion" not in sql]
            assert len(read) == 1, (z, read)

    run(scene)


def test_what_is_too_large_is_drawn_coarser(loaded, monkeypatch) -> None:
    reader = Map(key())
    many(3_000)

    async def scene() -> None:
        before = await reader.get(address("components", 14))
        assert len(before.features("components")) > 3_000
        monkeypatch.setattr(service, "MAX_BYTES", 50_000)
        await sync_to_async(Component.objects.filter(code="37020201001000001").update)(name="新")
        after = await reader.get(address("components", 14))
        assert len(after.raw) < 50_000 < len(before.raw)
        assert sum(f["properties"]["n"] for f in after.features("components_count")) > 3_000

    run(scene)


def many(count: int) -> None:
    """So many components in the first unit grid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO city_component (code, component_class_id, name, state, geom, source, "
            "remark, street_code, community_code) "
            "SELECT 'M' || i, (SELECT min(id) FROM city_componentclass), '', 'intact', "
            "ST_SetSRID(ST_Point(120.301 + i %% 100 * 0.00008, 36.051 + i / 100 * 0.00004), 4490),"
            " '', '', '', '' FROM generate_series(1, %s) AS i",
            [count],
        )


def many_outlines(count: int) -> None:
    """So many small rings in the first unit grid."""
    many(count)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE city_component SET outline = ST_Buffer(geom, 0.00003) WHERE code LIKE 'M%'"
        )


# -- for whom ------------------------------------------------------------------------------------


def test_strangers_see_the_public_layer_only(loaded) -> None:
    reader, signed_in = Map(), Map(key())
    writer = Map(key("chen", scopes=("write",)))

    async def scene() -> None:
        listed = (await reader.get("/tiles")).json
        assert [layer["name"] for layer in listed] == ["areas"]
        everything = {layer["name"] for layer in (await signed_in.get("/tiles")).json}
        assert everything == {
            "areas", "unit_grids", "duty_grids", "addresses", "components", "cases",
        }  # fmt: skip
        for name in everything:
            for path in (address(name, 16), f"/tiles/{name}.json"):
                expected = 200 if name == "areas" else 401
                for caller in (reader, writer, Map({"Cookie": "chengyun_session=x"})):
                    assert (await caller.get(path)).status == expected, path
                assert (await signed_in.get(path)).status in (200, 204), path

    run(scene)


def test_a_session_opens_the_map_and_its_end_closes_it(loaded, client, monkeypatch) -> None:
    monkeypatch.setattr(service, "CALLER_SECONDS", 0.0)
    client.force_login(User.objects.create_user("chen"))
    cookie = {"Cookie": f"chengyun_session={client.cookies['chengyun_session'].value}"}

    async def scene() -> None:
        reader = Map(cookie)
        assert (await reader.get(address("components", 16))).status == 200
        await sync_to_async(client.logout)()
        assert (await reader.get(address("components", 16))).status == 401

    run(scene)


def test_answers_say_whether_others_may_keep_them(loaded) -> None:
    reader = Map(key())

    async def scene() -> None:
        public = await reader.get(address("areas", 14))
        assert public.headers["cache-control"] == "public, no-cache"
        assert "Cookie" not in public.headers["vary"]
        private = await reader.get(address("components", 16))
        assert private.headers["cache-control"] == "private, no-cache"
        assert "Cookie" in private.headers["vary"]
        assert "Authorization" in private.headers["vary"]

    run(scene)


def test_too_many_requests_are_sent_away(loaded, settings, monkeypatch) -> None:
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: 1e9))
    monkeypatch.setattr(ratelimit, "_local", {})
    settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"rate_tiles": 3})
    reader = Map(key("hasty"))

    async def scene() -> None:
        answers = [await reader.get(address("areas", 14)) for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].headers["retry-after"]
        assert (await Map().get(address("areas", 14))).status == 200, "somebody else"

    run(scene)


# -- bad questions -------------------------------------------------------------------------------

NOWHERE = [
    ("/tiles/areas/23/0/0.mvt", 404),
    ("/tiles/areas/999/0/0.mvt", 404),
    ("/tiles/areas/3/8/0.mvt", 404),
    ("/tiles/areas/3/0/8.mvt", 404),
    ("/tiles/areas/0/0/1.mvt", 404),
    ("/tiles/areas/-1/0/0.mvt", 404),
    ("/tiles/areas/3/1.5/0.mvt", 404),
    ("/tiles/areas/3/99999999999999999999/0.mvt", 404),
    ("/tiles/areas/3/٣/0.mvt", 404),
    ("/tiles/areas/3/1/0.png", 404),
    ("/tiles/areas/3/1/0", 404),
    ("/tiles/areas", 404),
    ("/tiles/", 404),
    ("/tiles/nothing/3/1/0.mvt", 404),
    ("/tiles/nothing.json", 404),
    ("/tiles/areas.json/", 404),
    ("/tiles/AREAS/3/1/0.mvt", 404),
    ("/tiles/areas/3/1/0.mvt?" + "a=1&" * 600, 422),
    ("/tiles/cases/3/1/0.mvt?state=flying", 422),
    ("/tiles/cases/3/1/0.mvt?overdue=perhaps", 422),
    ("/tiles/cases/3/1/0.mvt?reported_from=2026-01-01T00:00:00", 422),
    ("/tiles/cases/3/1/0.mvt?ids=0", 422),
    ("/tiles/cases/3/1/0.mvt?area=" + "&area=".join(["x"] * 201), 422),
    ("/tiles/cases.json?state=flying", 422),
]


def test_what_cannot_be_answered_is_refused_with_a_reason(loaded) -> None:
    reader = Map(key())

    async def scene() -> None:
        for path, status in NOWHERE:
            answer = await reader.get(path, {"Accept-Language": "en"})
            assert answer.status == status, path
            assert answer.headers["content-type"].startswith("application/problem+json")
            problem = answer.json
            assert problem["status"] == status
            assert problem["detail"].isascii(), path
        chinese = await reader.get("/tiles/nothing.json")
        assert "没有图层" in chinese.json["detail"]
        posted = await reader.get(address("areas", 3), method="POST")
        assert (posted.status, posted.headers["allow"]) == (405, "GET")
        head = await reader.get(address("areas", 14), method="HEAD")
        assert head.status == 200
        assert int(head.headers["content-length"]) > 0
        assert head.body == b""

    run(scene)


# -- the description -----------------------------------------------------------------------------


def test_tilejson_describes_what_the_tiles_hold(loaded, settings) -> None:
    reader = Map(key())

    async def scene() -> None:
        for name in ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases"):
            answer: Answer = await reader.get(f"/tiles/{name}.json?area=370202")
            described = answer.json
            assert described["tilejson"] == "3.0.0"
            assert described["tiles"] == [
                f"http://localhost/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt?area=370202"
            ]
            assert described["bounds"] == pytest.approx([120.30, 36.05, 120.36, 36.11])
            fields = {part["id"]: set(part["fields"]) for part in described["vector_layers"]}
            for z in range(described["minzoom"], described["maxzoom"] + 1):
                tile = await reader.get(address(name, z, 120.305, 36.055))
                for part, known in fields.items():
                    for feature in tile.features(part):
                        assert set(feature["properties"]) <= known
        settings.CHENGYUN = settings.CHENGYUN.model_copy(
            update={"public_url": "https://city.example/"}
        )
        outside = (await reader.get("/tiles/areas.json")).json
        assert outside["tiles"] == ["https://city.example/tiles/areas/{z}/{x}/{y}.mvt"]
        settings.CHENGYUN = settings.CHENGYUN.model_copy(update={"public_url": ""})
        assert (await reader.get("/tiles/areas.json", {"host": "evil.example"})).status == 400

    run(scene)
