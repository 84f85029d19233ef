"""OGC API – Features – Part 1: Core. The tests are named after those of its abstract test suite."""

import json
from typing import Any

import httpx
import pytest

from chengyun.city.ogc.registers import Addresses
from chengyun.city.ogc.registry import REGISTER
from chengyun.city.tiles import service as tiles_service
from chengyun.config.asgi import application
from tests.conformance.http_server import serving
from tests.conformance.ogc.conftest import ADDRESSES, COMPONENTS, Ogc
from tests.map_client import asked as statements

pytestmark = pytest.mark.django_db

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CITY = "120.2,36.0,120.5,36.2"


def rels(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {link["rel"]: link for link in document["links"]}


def all_pages(ogc: Ogc, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    pages = []
    document = ogc.json(path, **query)
    while True:
        pages.append(document["features"])
        assert document["numberReturned"] == len(document["features"])
        following = rels(document).get("next")
        if following is None:
            return pages
        document = ogc.http.get(following["href"]).json()


# -- /conf/core ------------------------------------------------------------------------------------


def test_http(ogc: Ogc) -> None:
    head = ogc.http.head(f"{ogc.url}/collections")
    assert head.status_code == 200
    assert head.content == b""
    refused = ogc.http.post(f"{ogc.url}/collections")
    assert refused.status_code == 405
    assert "GET" in refused.headers["allow"]


def test_root_op_and_success(stranger: Ogc) -> None:
    document = stranger.json("")
    links = rels(document)
    for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
        assert stranger.http.get(links[rel]["href"]).status_code == 200, rel
    assert stranger.get("/").status_code == 200


def test_api_definition(ogc: Ogc) -> None:
    answer = ogc.get("/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0")
    for name in ("areas", "unit_grids", "duty_grids", "addresses", "components", "cases"):
        items = document["paths"][f"/collections/{name}/items"]["get"]
        named = {each.get("$ref", each.get("name")).rsplit("/", 1)[-1]
                 for each in items["parameters"]}  # fmt: skip
        assert {"limit", "bbox", "datetime", "crs", "bbox-crs", "filter"} <= named
    limit = document["components"]["parameters"]["limit"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100}
    # Every reference leads somewhere.
    text = json.dumps(document)
    for part in text.split('"$ref": "#/')[1:]:
        found = document
        for step in part.split('"')[0].split("/"):
            found = found[step]


def test_conformance(stranger: Ogc) -> None:
    declared = stranger.json("/conformance")["conformsTo"]
    assert {f"{CORE}/{name}" for name in ("core", "oas30", "html", "geojson")} <= set(declared)
    assert len(declared) == len(set(declared))


def test_rc_md_links_and_content(ogc: Ogc) -> None:
    document = ogc.json("/collections")
    assert {"self", "alternate"} <= set(rels(document))
    found = {each["id"]: each for each in document["collections"]}
    assert list(found) == [
        "areas", "unit_grids", "duty_grids", "addresses", "components", "cases",
    ]  # fmt: skip
    for name, each in found.items():
        assert each["title"]
        assert each["extent"]["spatial"]["bbox"] == [[120.3, 36.05, 120.36, 36.11]]
        items = [link for link in each["links"] if link["rel"] == "items"]
        assert {link["type"] for link in items} == {"application/geo+json", "text/html"}
        alone = ogc.json(f"/collections/{name}")
        same = {key: value for key, value in alone.items() if key != "crs"}
        assert same == {key: value for key, value in each.items() if key != "crs"}


def test_rc_md_shows_a_stranger_only_what_is_public(stranger: Ogc) -> None:
    assert [each["id"] for each in stranger.json("/collections")["collections"]] == ["areas"]
    assert stranger.json("/collections/areas/items")["features"]
    for path in ("", "/items", "/items/1", "/queryables", "/tiles"):
        stranger.refused(f"/collections/components{path}", 401)


def test_sfc_md_op_of_what_is_not_there(ogc: Ogc) -> None:
    assert "areas" in ogc.refused("/collections/nothing", 404)["remedy"]
    for path in ("/collections/areas/nothing", "/nothing", "/collections/areas/items/1/2",
                 "/collections/components/tiles/WorldCRS84Quad"):  # fmt: skip
        ogc.refused(path, 404)


def test_fc_op_and_response(ogc: Ogc) -> None:
    answer = ogc.get("/collections/areas/items")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    assert len(document["features"]) == document["numberReturned"] == 10
    assert "numberMatched" not in document
    assert document["timeStamp"].endswith("Z")
    assert {"self", "alternate", "collection"} == set(rels(document))
    for each in document["features"]:
        assert each["type"] == "Feature"
        assert set(each) == {"type", "id", "geometry", "properties"}
    shaped = [each for each in document["features"] if each["geometry"]]
    assert {each["geometry"]["type"] for each in shaped} == {"MultiPolygon"}
    assert len(shaped) == 5


def test_fc_limit_response(ogc: Ogc) -> None:
    assert len(ogc.items("components")) == 100
    assert len(ogc.items("components", limit=7)) == 7
    # More than the most is taken as the most, by requirement 22 of the standard.
    for much in (10_000, 10_001, 10**9, 10**19):
        assert len(ogc.items("components", limit=much)) == COMPONENTS
    for wrong in ("0", "-1", "ten", "1.5", "", " 5", "١", "9" * 21, "1e3", "NaN"):
        assert ogc.refused("/collections/components/items", limit=wrong)["field"] == "limit"
    ogc.refused("/collections/components/items?limit=1&limit=2")


def test_fc_links_lead_through_all_pages(ogc: Ogc) -> None:
    pages = all_pages(ogc, "/collections/components/items", limit=50)
    assert [len(page) for page in pages] == [50, 50, 50, 50, 30]
    found = [each["id"] for page in pages for each in page]
    assert len(set(found)) == COMPONENTS
    assert sorted(found) == [f"3702021{number:010}" for number in range(COMPONENTS)]
    # A full last page says that it is the last one.
    assert [len(page) for page in all_pages(ogc, "/collections/addresses/items", limit=20)] == [
        20, 20,
    ]  # fmt: skip
    # What was asked for goes along.
    pages = all_pages(ogc, "/collections/components/items", limit=20, state="lost", bbox=CITY)
    assert [each["properties"]["state"] for page in pages for each in page] == ["lost"] * 76


def test_fc_cursor_is_ours(ogc: Ogc) -> None:
    page = ogc.json("/collections/addresses/items", limit=1)
    cursor = rels(page)["next"]["href"].rsplit("cursor=", 1)[1]
    for wrong in ("x", "AAAA", cursor[:-2], cursor + "AAAA", "1", "中", "-1"):
        assert ogc.refused("/collections/addresses/items", cursor=wrong)["field"] == "cursor"
    assert ogc.refused("/collections/components/items", cursor=cursor)["field"] == "cursor"


def test_fc_number_matched_only_when_it_is_asked_for(ogc: Ogc) -> None:
    document = ogc.json("/collections/components/items", limit=5, count="true", state="lost")
    assert (document["numberReturned"], document["numberMatched"]) == (5, 76)
    second = ogc.http.get(rels(document)["next"]["href"]).json()
    assert second["numberMatched"] == 76
    assert "numberMatched" not in ogc.json("/collections/components/items", count="false")
    ogc.refused("/collections/components/items", count="yes")


def test_fc_bbox_response(ogc: Ogc) -> None:
    assert len(ogc.ids("addresses", bbox="120.2995,36.05,120.3105,36.07")) == 11
    # A corner counts, and no metre beside it; heights are read and mean nothing.
    assert len(ogc.ids("addresses", bbox="120.300,36.06,120.302,36.06")) == 3
    assert len(ogc.ids("addresses", bbox="120.3000001,36.06,120.3019999,36.06")) == 1
    assert len(ogc.ids("addresses", bbox="120.2995,36.05,-10,120.3105,36.07,50")) == 11
    assert ogc.ids("addresses", bbox="0,0,1,1") == []
    # What lies over the box is found; areas without an outline lie in every box.
    over = set(ogc.ids("areas", bbox="120.301,36.051,120.302,36.052"))
    placeless = {each["id"] for each in ogc.items("areas") if each["geometry"] is None}
    assert len(placeless) == 5
    assert over == {"370200", "370202001001"} | placeless
    assert len(ogc.ids("areas", bbox="-180,-90,180,90")) == 10
    assert set(ogc.ids("areas", bbox="0,0,1,1")) == placeless
    assert len(ogc.ids("duty_grids", bbox="-180,-90,180,90")) == 1
    assert ogc.ids("duty_grids", bbox="120.301,36.071,120.302,36.072") == ["D1"]


def test_fc_bbox_across_the_antimeridian(ogc: Ogc) -> None:
    assert len(ogc.ids("addresses", bbox="100,36,-170,37")) == ADDRESSES
    assert ogc.ids("addresses", bbox="170,36,-170,37") == []
    assert len(ogc.ids("duty_grids", bbox="100,-90,-170,90")) == 1


def test_fc_bbox_that_is_none_is_refused(ogc: Ogc) -> None:
    for wrong in ("", "1,2,3", "1,2,3,4,5", "a,b,c,d", "120,37,121,36", "36,120,37,121",
                  "-181,0,0,1", "0,0,0,91", "nan,0,1,1", "0,0,inf,1", "120.3;36;121;37",
                  "13392000,4300000,13393000,4310000"):  # fmt: skip
        problem = ogc.refused("/collections/addresses/items", bbox=wrong)
        assert problem["field"] == "bbox"
        assert "WEST,SOUTH,EAST,NORTH" in problem["remedy"]


def test_fc_time_response(ogc: Ogc) -> None:
    grids = ogc.ids("unit_grids", limit=100)
    assert len(grids) == 36
    today = ogc.ids("unit_grids", datetime="2099-01-01")
    assert len(today) == 35
    [retired] = set(grids) - set(today)
    assert retired in ogc.ids("unit_grids", datetime="2022-12-31")
    assert retired not in ogc.ids("unit_grids", datetime="2023-01-01")
    assert ogc.ids("unit_grids", datetime="../2021-01-01T00:00:00Z") == [retired]
    assert ogc.ids("unit_grids", datetime="../2019-12-31") == []
    assert len(ogc.ids("unit_grids", datetime="2019-01-01/..")) == 36
    assert len(ogc.ids("unit_grids", datetime="../..")) == 36
    assert len(ogc.ids("unit_grids", datetime="/")) == 36
    # What has no time is found at any time.
    assert len(ogc.ids("addresses", datetime="1900-01-01")) == ADDRESSES
    changed = ogc.items("components", datetime="2025-03-15", limit=1000)
    assert {each["properties"]["changed_on"] for each in changed} == {"2025-03-15", None}


def test_fc_time_that_is_none_is_refused(ogc: Ogc) -> None:
    for wrong in ("", "yesterday", "2025-02-30", "2025-1-1", "2025-01-01T00:00:00",
                  "2025-01-02/2025-01-01", "2025-01-01/2025-01-02/2025-01-03", "20250101",
                  "2025-01-01T25:00:00Z", "9999-12-31T23:59:59-23:59", "٢٠٢٥-01-01"):  # fmt: skip
        problem = ogc.refused("/collections/unit_grids/items", datetime=wrong)
        assert problem["field"] == "datetime", wrong


def test_query_param_unknown(ogc: Ogc) -> None:
    problem = ogc.refused("/collections/components/items", colour="red")
    assert problem["field"] == "colour"
    assert "state" in problem["remedy"]
    for path in ("", "/collections", "/conformance", "/api", "/collections/areas",
                 "/collections/areas/queryables", "/collections/areas/items/370200"):  # fmt: skip
        ogc.refused(path, unknown="")


def test_f_op_and_success(ogc: Ogc) -> None:
    answer = ogc.get("/collections/components/items/37020210000000007")
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    assert {"self", "alternate", "collection"} == set(rels(feature))
    assert feature["geometry"] == {"type": "Point", "coordinates": [120.321, 36.05]}
    assert feature["properties"] == {
        "code": "37020210000000007", "name": "路灯", "class": feature["properties"]["class"],
        "class_zh": feature["properties"]["class_zh"],
        "class_en": feature["properties"]["class_en"],
        "edition": "gbt47678-2026", "state": "damaged", "unit_grid": "370202001001008",
        "authority": None, "owner": None, "maintainer": None, "first_surveyed": "2024-01-01",
        "changed_on": "2025-08-15", "source": "", "remark": "100%_a\\b", "street_code": "",
        "community_code": "", "accuracy": "",
    }  # fmt: skip
    assert ogc.http.get(rels(feature)["self"]["href"]).json() == feature
    assert ogc.http.get(rels(feature)["collection"]["href"]).status_code == 200
    number = ogc.ids("addresses", limit=1)[0]
    assert ogc.json(f"/collections/addresses/items/{number}")["id"] == number


def test_f_that_is_not_there(ogc: Ogc) -> None:
    for path in ("components/items/nothing", "components/items/37020219999999999",
                 "addresses/items/0", "addresses/items/-1", "addresses/items/x",
                 "addresses/items/99999999999999999999", "areas/items/%00",
                 "areas/items/%27%3B--"):  # fmt: skip
        ogc.refused(f"/collections/{path}", 404)


def test_unchanged_is_not_sent_again(ogc: Ogc) -> None:
    path = "/collections/components/items/37020210000000001"
    first = ogc.get(path)
    assert first.headers["etag"].startswith('"')
    again = ogc.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    flipped = ogc.get(f"{path}?crs=EPSG:4490")
    assert flipped.headers["etag"] != first.headers["etag"]


# -- /conf/html, /conf/geojson ---------------------------------------------------------------------


def test_html_definition_and_content(ogc: Ogc, stranger: Ogc) -> None:
    for path in ("", "/conformance", "/api", "/collections", "/collections/components",
                 "/collections/components/items?limit=3", "/collections/areas/items",
                 "/collections/components/items/37020210000000008", "/tileMatrixSets",
                 "/collections/components/queryables", "/collections/components/tiles",
                 "/collections/components/tiles/WebMercatorQuad"):  # fmt: skip
        page = ogc.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert page.status_code == 200, path
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.text.startswith("<!doctype html>")
        assert "<script" not in page.text
        assert "src=" not in page.text
    items = ogc.get("/collections/components/items?f=html&limit=9").text
    assert f"{ogc.url}/collections/components/items?f=json&amp;limit=9" in items
    assert "O&#x27;Hara" in items
    assert 'rel="next"' in items
    assert "<svg" in items
    assert "行政区划" in stranger.get("/collections?f=html").text
    assert "Administrative areas" in stranger.get("/collections?f=html&lang=en").text
    ogc.refused("/collections?f=xml")
    ogc.refused("/collections?lang=fr")


def test_what_is_asked_for_by_accept(ogc: Ogc) -> None:
    for accept, kind in (
        ("*/*", "application/geo+json"),
        ("application/geo+json", "application/geo+json"),
        ("text/html;q=0.5, application/json", "application/geo+json"),
        ("text/html;q=0.9, application/json;q=0.3", "text/html; charset=utf-8"),
        ("", "application/geo+json"),
    ):
        answer = ogc.get("/collections/areas/items?limit=1", headers={"Accept": accept})
        assert answer.headers["content-type"] == kind, accept


def test_a_large_answer_is_packed(ogc: Ogc) -> None:
    packed = ogc.get("/collections/components/items?limit=1000")
    assert packed.headers["content-encoding"] == "gzip"
    plain = ogc.get(
        "/collections/components/items?limit=1000", headers={"Accept-Encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    assert packed.json()["features"] == plain.json()["features"]


def test_a_property_is_asked_for_by_its_name(ogc: Ogc) -> None:
    assert len(ogc.ids("components", state="damaged", limit=1000)) == 77
    assert ogc.ids("areas", level="city") == ["370200"]
    assert len(ogc.ids("areas", synthetic="false")) == 10
    some = ogc.items("components", limit=1)[0]["properties"]
    assert len(ogc.ids("components", **{"class": some["class"]}, limit=1000)) == COMPONENTS // 2
    assert ogc.ids("components", state="x' OR true --") == []
    for name, wrong in (("first_surveyed", "soon"), ("first_surveyed", "2024-13-01")):
        assert ogc.refused("/collections/components/items", **{name: wrong})["field"] == name
    for name, wrong in (("population", "many"), ("population", "9" * 30), ("area_m2", "nan"),
                        ("synthetic", "1"), ("area_m2", "x")):  # fmt: skip
        assert ogc.refused("/collections/areas/items", **{name: wrong})["field"] == name
    ogc.refused("/collections/areas/items?code=%00")
    assert httpx.get(f"{ogc.url}/collections/areas/items?code=%ff").status_code == 400


def test_a_page_is_one_statement(ogc: Ogc, monkeypatch: pytest.MonkeyPatch) -> None:
    ogc.ids("components", limit=1)  # who asks, and where the city lies, is known after this
    with statements(monkeypatch) as said:
        ogc.ids("components", limit=200, bbox=CITY, filter="state = 'lost' AND class = '01001'")
        ogc.json("/collections/components/items/37020210000000001")
    said = [sql for sql in said if "city_tileversion" not in sql]
    assert len(said) == 2, said
    # No count unless it is asked for, no projection named by text.
    assert "SELECT count(*) FROM city_component" not in said[0]
    assert "EPSG" not in said[0]


def test_a_statement_that_takes_too_long_is_refused_with_what_to_do(
    server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Addresses):
        name, public = "slow", True
        table = "(SELECT a.*, pg_sleep(60) AS waited FROM city_address AS a)"

    monkeypatch.setattr(tiles_service, "STATEMENT_MS", 2000)
    monkeypatch.setitem(REGISTER.program, "slow", Slow())
    # A server of its own: connections learn their timeout when they are opened.
    with serving(application) as (url, _), httpx.Client(timeout=60) as http:
        answer = http.get(f"{url}/ogc/collections/slow/items", headers={"Accept-Language": "en"})
        assert answer.status_code == 400
        problem = answer.json()
        assert problem["type"] == "urn:chengyun:problem:too-costly"
        assert "bbox" in problem["remedy"]
        assert http.get(f"{url}/ogc/collections/areas/items").status_code == 200
