"""Layers are made of files and of tables that are there, changed, ordered, and removed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from chengyun.city.models import Layer
from chengyun.core.models import AuditEntry, DomainEvent, Role
from tests.city.layers.conftest import key, person, point

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]

BENCHES = [
    point(
        120.301 + i * 0.001, 36.051 + i * 0.001, 名称=f"长椅{i}", material=m, seats=i,
        建成="2024-05-01",
    )
    for i, m in enumerate(["wood", "iron", "wood"])
]  # fmt: skip


class Desk:
    """One person at the API."""

    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def ask(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        given: dict[str, Any] = {"headers": {**self.headers, "Accept-Language": "en"}}
        if body:
            given |= {"data": json.dumps(body), "content_type": "application/json"}
        answer = self.client.generic(method, f"/api/layers{path}", **given)
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content) if answer.content else None

    def upload(self, code: str, path: Path, status: int = 202, **form: str) -> Any:
        """Hand a file in; what is answered at once."""
        file = SimpleUploadedFile(path.name, path.read_bytes())
        answer = self.client.post(
            f"/api/layers/{code}/rows",
            {"file": file, **form},
            headers={**self.headers, "Accept-Language": "en"},
        )
        assert answer.status_code == status, answer.content.decode()
        if status == 202:
            assert answer["Location"] == f"/api/layers/{code}/fillings/{answer.json()['id']}"
        return answer.json()

    def send(
        self,
        code: str,
        path: Path,
        state: str = "done",
        later: Callable[[], None] = lambda: None,
        **form: str,
    ) -> Any:
        """Hand a file in; what became of it when its job is over, with the layer's fields."""
        number = self.upload(code, path, **form)["id"]
        later()
        filling = self.ask("GET", f"/{code}/fillings/{number}")
        assert filling["state"] == state, filling
        return {**filling, "fields": self.ask("GET", f"/{code}")["fields"]}

    def make(self, code: str = "benches", **values: Any) -> Any:
        given = {"name_zh": "长椅", "shape": "point", **values}
        return self.ask("POST", "", 201, code=code, **given)

    def codes(self) -> list[str]:
        return [each["code"] for each in self.ask("GET", "")["items"] if not each["program"]]


@pytest.fixture
def manager(client: Client, town: Any) -> Desk:
    return Desk(client, key(person("guan", Role.DATA_MANAGER, organisation="GOV")))


def sql(text: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, values or None)
        return cursor.fetchall() if cursor.description else []


def test_a_department_makes_a_layer_of_a_file(manager: Desk, geojson: Write) -> None:
    made = manager.make(folder="园林/设施", style={"color": "#1A7F37"})
    assert (made["own_table"], made["relation"], made["rows"]) == (True, "layers.benches", 0)
    assert made["style"]["color"] == "#1a7f37"
    filled = manager.send("benches", geojson(BENCHES))
    assert (filled["rows"], filled["rejected"], filled["ignored"]) == (3, 0, [])
    assert filled["fields"] == [
        {"name": "名称", "zh": "名称", "en": "名称", "kind": "string"},
        {"name": "material", "zh": "material", "en": "material", "kind": "string"},
        {"name": "seats", "zh": "seats", "en": "seats", "kind": "integer"},
        {"name": "建成", "zh": "建成", "en": "建成", "kind": "date"},
    ]
    by = {
        "field": "material",
        "values": [{"value": "wood", "zh": "木", "en": "Wood", "color": "#8b5a2b"}],
        "other": "#555555",
    }
    changed = manager.ask(
        "PATCH", "/benches", style={"by": by, "label": "名称"}, time_field="建成", name_en="Benches"
    )
    assert changed["rows"] == 3
    assert changed["legend"] == [
        {"zh": "木", "en": "Wood", "color": "#8b5a2b", "shape": "point"},
        {"zh": "其他", "en": "Other", "color": "#555555", "shape": "point"},
    ]
    [shown] = [e for e in manager.ask("GET", "")["items"] if e["code"] == "benches"]
    assert (shown["folder"], shown["time_field"], shown["editable"]) == ("园林/设施", "建成", True)
    assert shown["tiles"] == "/tiles/benches.json"
    assert sql('SELECT "名称", seats, area_code FROM layers.benches ORDER BY seats') == [
        ("长椅0", 0, "370202001001"), ("长椅1", 1, "370202001001"), ("长椅2", 2, "370202001001"),
    ]  # fmt: skip
    said = list(AuditEntry.objects.filter(object_type="city.layer").order_by("id"))
    assert [each.action for each in said] == [
        "city.layer.create", "city.layer.upload", "city.layer.fill", "city.layer.change",
    ]  # fmt: skip
    assert said[2].after["rows"] == 3
    assert DomainEvent.objects.filter(kind="city.layer.fill").count() == 1

    manager.ask("DELETE", "/benches", 204)
    assert sql("SELECT to_regclass('layers.benches')") == [(None,)]
    assert sql("SELECT count(*) FROM city_layercell WHERE layer = 'benches'") == [(0,)]
    manager.ask("GET", "/benches", 404)


def test_the_programs_layers_are_told_and_cannot_be_changed(manager: Desk) -> None:
    items = manager.ask("GET", "")["items"]
    assert [each["code"] for each in items] == [
        "areas", "unit_grids", "duty_grids", "addresses", "components", "cases",
    ]  # fmt: skip
    assert {(each["style"], each["editable"]) for each in items} == {(None, False)}
    assert {f["name"] for f in items[4]["fields"]} >= {"code", "state", "maintainer"}
    manager.ask("PATCH", "/components", 404, name_zh="我的")
    manager.ask("DELETE", "/areas", 404)


def test_a_new_file_takes_the_place_of_the_rows_or_changes_nothing(
    manager: Desk, geojson: Write
) -> None:
    manager.make()
    manager.send("benches", geojson(BENCHES))
    again = manager.send("benches", geojson([point(120.31, 36.06, 名称="新", extra=1)]))
    assert (again["rows"], again["ignored"]) == (1, ["extra"])
    assert again["empty"] == ["material", "seats", "建成"]
    assert sql('SELECT "名称" FROM layers.benches') == [("新",)]

    far = [point(120e4, 36e5, 名称="米"), point(120.3, 36.1, 名称="x", seats="many")]
    refused = manager.send("benches", geojson(far), "failed")
    assert refused["refused"]["remedy_en"].endswith("Nothing was changed.")
    assert [row["line"] for row in refused["examples"]] == [1, 2]
    assert sql('SELECT "名称" FROM layers.benches') == [("新",)]
    assert manager.ask("GET", "/benches")["rows"] == 1

    some = manager.send("benches", geojson([*far, *BENCHES]))
    assert (some["rows"], some["rejected"]) == (3, 2)
    assert some["reasons"] == {"not_degrees": 1, "bad_value": 1}
    assert [row["line"] for row in some["examples"]] == [1, 2]

    anew = manager.send("benches", geojson([point(120.31, 36.06, sort="a")]), anew="true")
    assert [each["name"] for each in anew["fields"]] == ["sort"]


def test_what_is_in_a_file_is_never_sql(manager: Desk, geojson: Write) -> None:
    name = "x\" text); DROP TABLE city_area; --%s{}'"
    hostile = {name: "'; DROP TABLE city_component; --", "id": 7, "geom": "g", "a b": "1", "A-B": 2,
               "a_b": "%(z)s", "": "e", "1st": "z", "值" * 60: "long"}  # fmt: skip
    manager.make()
    filled = manager.send("benches", geojson([point(120.31, 36.06, **hostile)]))
    names = [each["name"] for each in filled["fields"]]
    assert len(set(names)) == len(hostile)
    for each in names:
        assert each.replace("_", "a").isalnum(), each
        assert len(each.encode()) <= 60
    assert {"id_", "geom_", "a_b", "A_B", "f_1st"} <= set(names)
    first = filled["fields"][0]
    assert first["zh"] == name
    style = {"label": names[0], "by": {"field": names[0], "values": [
        {"value": "' OR 1=1 --", "zh": "<script>", "color": "#000000"}]}}  # fmt: skip
    assert manager.ask("PATCH", "/benches", style=style)["style"]["label"] == names[0]
    for wrong in (name, "c0", "geom", "fid"):
        refused = manager.ask("PATCH", "/benches", 422, style={"label": wrong})
        assert refused["field"] == "style.label"
    assert sql("SELECT count(*) > 0 FROM city_area") == [(True,)]
    [(value,)] = sql(f'SELECT "{names[0]}" FROM layers.benches')
    assert value == "'; DROP TABLE city_component; --"


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"code": "x"}, "code"),
    ({"code": "Benches"}, "code"),
    ({"code": "1bench"}, "code"),
    ({"code": 'b";--'}, "code"),
    ({"code": "a" * 49}, "code"),
    ({"code": "长椅"}, "code"),
    ({"shape": None}, "shape"),
    ({"name_zh": ""}, "name_zh"),
    ({"name_zh": "a\u0000b"}, "name_zh"),
    ({"name_zh": "a\u202eb"}, "name_zh"),
    ({"folder": "a//b"}, "folder"),
    ({"folder": "/".join("abcdef")}, "folder"),
    ({"minzoom": 10, "maxzoom": 9}, "minzoom"),
    ({"organisation": "NOBODY"}, "organisation"),
    ({"roles": ["king"]}, "roles"),
    ({"access": "public", "roles": ["leader"]}, "roles"),
    ({"access": "granted", "area_field": "nothing"}, "area_field"),
    ({"time_field": "nothing"}, "time_field"),
    ({"fields": [{"name": "a b", "kind": "string"}]}, "fields.0.name"),
    ({"fields": [{"name": 'a"', "kind": "string"}]}, "fields.0.name"),
    ({"fields": [{"name": "GEOM", "kind": "string"}]}, "fields.0.name"),
    ({"fields": [{"name": "a", "kind": "text); --"}]}, "fields.0.kind"),
    ({"fields": [{"name": "a"}]}, "fields.0.kind"),
    ({"fields": [{"name": "a", "kind": "string"}] * 2}, "fields"),
    ({"style": {"colour": "#000000"}}, "style.colour"),
    ({"style": {"color": "red"}}, "style.color"),
    ({"style": {"color": "#00000g"}}, "style.color"),
    ({"style": {"width": 0}}, "style.width"),
    ({"style": {"width": True}}, "style.width"),
    ({"style": {"radius": 31}}, "style.radius"),
    ({"style": {"fill_opacity": "1"}}, "style.fill_opacity"),
    ({"style": {"outline": "url(x)"}}, "style.outline"),
    ({"style": {"label": ["a"]}}, "style.label"),
    ({"style": {"by": []}}, "style.by"),
    ({"style": {"by": {"field": "b", "values": []}}}, "style.by.field"),
    ({"style": {"by": {"field": "a", "values": []}}}, "style.by.values"),
    ({"style": {"by": {"field": "a", "values": [{}]}}}, "style.by.values.0.value"),
    (
        {"style": {"by": {"field": "a", "values": [{"value": "x", "color": "#1"}]}}},
        "style.by.values.0.color",
    ),
    (
        {"style": {"by": {"field": "a", "values": [{"value": 1, "color": "#111111"}] * 2}}},
        "style.by.values",
    ),
]


def test_what_cannot_be_is_refused_with_its_field(manager: Desk) -> None:
    good = {
        "code": "benches", "name_zh": "长椅", "shape": "point",
        "fields": [{"name": "a", "kind": "string"}],
    }  # fmt: skip
    for change, field in HOSTILE:
        problem = manager.ask("POST", "", 422, **{**good, **change})
        assert problem["field"] == field, (change, problem)
        assert problem["remedy"]
    for code in ("components", "cases", "layers", "organisations"):
        assert manager.ask("POST", "", 409, **{**good, "code": code})["field"] == "code"
    manager.ask("POST", "", 422, **good, nothing=1)
    assert Layer.objects.count() == 0
    assert sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'layers'") == [(0,)]


def test_a_table_in_the_way_is_not_overwritten(manager: Desk) -> None:
    sql("CREATE TABLE layers.benches (a int)")
    problem = manager.ask("POST", "", 409, code="benches", name_zh="长椅", shape="point")
    assert "relation" in problem["remedy"]


def test_a_table_that_is_there_becomes_a_layer(manager: Desk) -> None:
    sql(
        "CREATE TABLE layers.wells (gid int PRIMARY KEY, name text, depth numeric, "
        'seen timestamptz, raw jsonb, "Bad name" text, where_at geometry(Point, 4326))'
    )
    sql(
        "INSERT INTO layers.wells SELECT i, 'w' || i, i / 2.0, now(), '{}', 'x', "
        "ST_SetSRID(ST_Point(120.301 + i * 0.001, 36.051), 4326) FROM generate_series(1, 9) i"
    )
    given = {"relation": "layers.wells", "id_field": "gid", "geometry_field": "where_at"}
    made = manager.ask("POST", "", 201, code="deep", name_zh="井", **given, time_field="seen")
    assert [(f["name"], f["kind"]) for f in made["fields"]] == [
        ("name", "string"), ("depth", "number"), ("seen", "date-time"),
    ]  # fmt: skip
    assert (made["shape"], made["srid"], made["own_table"], made["rows"]) == (
        "point", 4326, False, None,
    )  # fmt: skip
    chosen = manager.ask("PATCH", "/deep", fields=[{"name": "depth", "zh": "深度"}], time_field="")
    assert [(f["name"], f["zh"], f["kind"]) for f in chosen["fields"]] == [
        ("depth", "深度", "number")
    ]
    assert manager.ask("PATCH", "/deep", 422, relation="layers.other")["field"] == "relation"
    manager.ask("DELETE", "/deep", 204)
    assert sql("SELECT count(*) FROM layers.wells") == [(9,)], "it stays"


def test_nothing_private_becomes_a_layer(manager: Desk) -> None:
    sql(
        "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (id int PRIMARY KEY, "
        "geom geometry(Point, 4490));"
        "CREATE VIEW layers.people AS SELECT u.id, u.username, c.geom::geometry(Point, 4490) "
        "FROM core_user u JOIN city_component c ON c.id = u.id;"
        "CREATE VIEW layers.behind AS SELECT * FROM layers.people;"
        "CREATE VIEW layers.away AS SELECT * FROM elsewhere.t;"
        "CREATE FUNCTION elsewhere.spy() RETURNS text LANGUAGE sql AS 'SELECT max(username) FROM "
        "core_user';"
        "CREATE VIEW layers.sly AS SELECT id, elsewhere.spy() AS s, geom FROM city_component;"
        "CREATE VIEW layers.open AS SELECT id, code, state, geom FROM city_component"
    )
    for relation in (
        "public.core_user", "public.city_component", "public.core_auditentry", "elsewhere.t",
        "pg_catalog.pg_class", "layers.people", "layers.behind", "layers.away", "layers.sly",
    ):  # fmt: skip
        problem = manager.ask("POST", "", 403, code="spy", name_zh="x", relation=relation)
        assert problem["field"] == "relation", relation
    for relation in ('layers."x"; DROP', "layers", "layers.a.b", "Layers.T"):
        problem = manager.ask("POST", "", 422, code="spy", name_zh="x", relation=relation)
        assert problem["field"] == "relation", relation
    manager.ask("POST", "", 404, code="spy", name_zh="x", relation="layers.nothing")
    given = {"code": "spy", "name_zh": "x", "relation": "layers.open"}
    assert manager.ask("POST", "", 422, **given, access="public")["field"] == "access"
    assert manager.ask("POST", "", 201, **given)["fields"][0]["name"] == "code"


def test_a_table_is_checked_before_it_becomes_a_layer(manager: Desk) -> None:
    sql(
        "CREATE TABLE layers.t (id int, twice int, none int, text text, "
        "geom geometry(Point, 4490), free geometry, far geometry(Point, 4549), "
        "many geometry(MultiPoint, 4490));"
        "INSERT INTO layers.t SELECT i, 1, NULL, 'x' FROM generate_series(0, 2) i"
    )
    given = {"code": "tt", "name_zh": "x", "relation": "layers.t"}
    for id_field in ("id", "twice", "none", "text", "nothing", 'x"'):
        problem = manager.ask("POST", "", 422, **given, id_field=id_field)
        assert problem["field"] == "id_field", id_field
    sql("UPDATE layers.t SET id = id + 1")
    for geometry in ("text", "free", "far", "many", "nothing"):
        problem = manager.ask("POST", "", 422, **given, geometry_field=geometry)
        assert problem["field"] == "geometry_field", geometry
    assert manager.ask("POST", "", 422, **given, shape="line")["field"] == "shape"
    assert manager.ask("POST", "", 422, **given, access="granted")["field"] == "area_field"
    problem = manager.ask("POST", "", 422, **given, fields=[{"name": "free"}])
    assert problem["field"] == "fields.0.name"
    manager.ask("POST", "", 201, **given)


def test_layers_are_put_in_order(manager: Desk) -> None:
    for code in ("aa", "bb", "cc"):
        manager.make(code)
    assert manager.codes() == ["aa", "bb", "cc"]
    order = [{"code": "cc"}, {"code": "aa", "folder": "园林"}, {"code": "bb"}]
    manager.ask("POST", "/order", order=order)
    assert manager.codes() == ["cc", "bb", "aa"]
    entries = AuditEntry.objects.filter(action="city.layer.order").count()
    manager.ask("POST", "/order", order=order)
    assert AuditEntry.objects.filter(action="city.layer.order").count() == entries == 1
    manager.ask("POST", "/order", 404, order=[{"code": "bb"}, {"code": "zz"}])
    manager.ask("POST", "/order", 422, order=[{"code": "bb"}, {"code": "bb"}])
    assert manager.codes() == ["cc", "bb", "aa"]


def test_the_data_manager_of_an_area_keeps_the_layers_of_the_own_organisation(
    manager: Desk, client: Client, geojson: Write
) -> None:
    local = Desk(client, key(person("qu", Role.DATA_MANAGER, area="370202", organisation="SAN")))
    manager.make("citys")
    made = local.make("ours")
    assert made["organisation"] == "SAN"
    local.send("ours", geojson(BENCHES))
    for method, path in (("PATCH", "/citys"), ("DELETE", "/citys")):
        local.ask(method, path, 403, **({"name_zh": "我的"} if method == "PATCH" else {}))
    local.upload("citys", geojson(BENCHES), 404)
    local.ask("PATCH", "/ours", 403, organisation="GOV")
    local.ask("POST", "/order", 403, order=[{"code": "citys"}])
    local.ask("POST", "", 403, code="reg", name_zh="x", relation="layers.ours")
    local.ask("GET", "/citys", 404)
    editable = {e["code"]: e["editable"] for e in local.ask("GET", "")["items"]}
    assert (editable["citys"], editable["ours"]) == (False, True)
    manager.ask("PATCH", "/ours", name_zh="他们的")


def test_others_read_only(manager: Desk, client: Client) -> None:
    manager.make("benches")
    leader = Desk(client, key(person("ling", Role.LEADER)))
    leader.ask("GET", "/benches", 403)
    leader.ask("PATCH", "/benches", 403, name_zh="x")
    leader.ask("DELETE", "/benches", 403)
    leader.ask("POST", "", 403, code="mine", name_zh="x", shape="point")
    assert leader.codes() == ["benches"]


def test_a_view_on_a_layers_table_keeps_it(manager: Desk, geojson: Write) -> None:
    manager.make()
    manager.send("benches", geojson(BENCHES))
    sql("CREATE VIEW layers.few AS SELECT id, geom FROM layers.benches WHERE id < 3")
    refused = manager.send("benches", geojson(BENCHES), "failed")
    assert "视图" in refused["refused"]["zh"]
    manager.ask("DELETE", "/benches", 409)
    assert manager.ask("GET", "/benches")["rows"] == 3
