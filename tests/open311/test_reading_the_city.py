"""Discovery, services and definitions, in both formats."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from chengyun.city.queries import forget_catalogue
from chengyun.open311.models import Open311Attribute, Open311Service
from tests.api.town import CITY, Town
from tests.open311.conftest import Reply

Ask = Callable[..., Reply]


def test_discovery_names_the_endpoint_and_its_formats(ask: Ask, town: Town) -> None:
    found = ask("discovery")
    assert found.status == 200
    assert {"changeset", "contact", "key_service", "endpoints"} <= set(found.document)
    (endpoint,) = found.document["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] == "production"


def test_discovery_is_equal_in_both_formats(client: Client, town: Town) -> None:
    from chengyun.open311.conformance import parse

    xml = client.get("/open311/discovery.xml")
    plain = client.get("/open311/discovery.json")
    assert parse(xml.content, "xml")[1] == plain.json()


def test_media_types_and_declaration_are_exact(client: Client, town: Town) -> None:
    xml = client.get("/open311/v2/services.xml")
    assert xml["Content-Type"] == "text/xml; charset=utf-8"
    assert xml.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert client.get("/open311/v2/services.json")["Content-Type"] == (
        "application/json; charset=utf-8"
    )


def test_services_are_the_active_matters_of_the_city(ask: Ask, town: Town) -> None:
    town.matters["02002"].active = False
    town.matters["02002"].save()
    forget_catalogue()
    found = ask("v2/services").document
    assert [item["service_code"] for item in found] == ["01001", "01002", "02001"]
    cover = found[0]
    assert cover["service_name"] == "Manhole cover missing"
    assert cover["group"] == "Municipal works"
    assert cover["keywords"] == "窨井盖丢失,下水道盖子"
    assert cover["type"] == "realtime"
    assert cover["metadata"] in (False, "false")


def test_names_follow_the_asked_language(ask: Ask, town: Town) -> None:
    found = ask("v2/services", language="zh-CN,zh;q=0.9,en;q=0.8")
    assert found.document[0]["service_name"] == "井盖缺失"
    assert "Accept-Language" in found.headers["Vary"]


def test_a_service_may_be_withheld_from_the_public(ask: Ask, town: Town) -> None:
    Open311Service.objects.create(matter=town.matters["01002"], listed=False)
    codes = [item["service_code"] for item in ask("v2/services").document]
    assert "01002" not in codes
    assert ask("v2/services/01002").status == 404


def test_definition_has_questions_in_order_and_lists_with_values(
    ask: Ask, questions: list[Open311Attribute]
) -> None:
    listed = {item["service_code"]: item for item in ask("v2/services").document}
    assert listed["01001"]["metadata"] in (True, "true")
    found = ask("v2/services/01001").document
    assert found["service_code"] == "01001"
    attributes = found["attributes"]
    assert [int(item["order"]) for item in attributes] == [1, 2, 3, 4, 5]
    assert attributes[0]["variable"] in (False, "false")
    assert attributes[1]["required"] in (True, "true")
    assert attributes[1]["values"] == [
        {"key": "water", "name": "Water"},
        {"key": "power", "name": "Power"},
    ]
    assert "values" not in attributes[3]


def test_definition_of_a_service_that_asks_nothing_is_empty(ask: Ask, town: Town) -> None:
    found = ask("v2/services/01002")
    assert found.status == 200
    # An empty container is an empty element in XML.
    assert not found.document["attributes"]


def test_unknown_service_is_404_in_the_asked_format(ask: Ask, town: Town) -> None:
    found = ask("v2/services/99999")
    assert found.status == 404
    assert "99999" in found.faults()


def test_jurisdiction_is_ignored_by_one_city(ask: Ask, town: Town) -> None:
    assert ask("v2/services", jurisdiction_id="elsewhere").status == 200


def test_jurisdiction_is_demanded_where_several_are_served(
    ask: Ask, town: Town, configure: Callable[..., None]
) -> None:
    configure(open311_jurisdiction_required=True)
    for path in ("v2/services", "v2/services/01001", "v2/requests"):
        assert ask(path).status == 400
        assert ask(path, jurisdiction_id="").status == 400
        assert ask(path, jurisdiction_id="elsewhere").status == 404
        assert ask(path, jurisdiction_id=CITY).status == 200


def test_changeset_moves_when_a_service_or_a_question_changes(
    ask: Ask, town: Town, questions: list[Open311Attribute]
) -> None:
    def changeset() -> Any:
        document = ask("discovery").document
        assert document["changeset"] == document["endpoints"][0]["changeset"]
        return document["changeset"]

    seen = [changeset()]
    town.matters["01002"].name_zh = "路灯熄灭"
    town.matters["01002"].save()
    seen.append(changeset())
    questions[3].delete()
    seen.append(changeset())
    Open311Service.objects.create(matter=town.matters["01002"], kind="batch")
    seen.append(changeset())
    assert seen == sorted(set(seen))
    assert changeset() == seen[-1]


def test_an_unchanged_list_is_not_sent_again(client: Client, town: Town) -> None:
    first = client.get("/open311/v2/services.xml")
    assert client.get("/open311/v2/services.xml", headers={"If-None-Match": first["ETag"]}
                      ).status_code == 304  # fmt: skip
    town.matters["01002"].name_zh = "路灯熄灭"
    town.matters["01002"].save()
    assert client.get("/open311/v2/services.xml", headers={"If-None-Match": first["ETag"]}
                      ).status_code == 200  # fmt: skip


def test_every_origin_may_read(client: Client, town: Town) -> None:
    for path in ("discovery.json", "v2/services.xml", "v2/requests.json", "v2/services/0.json"):
        assert client.get(f"/open311/{path}")["Access-Control-Allow-Origin"] == "*"
    asked = client.options("/open311/v2/requests.json")
    assert asked.status_code == 204
    assert "POST" in asked["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in asked["Access-Control-Allow-Headers"]


def test_head_and_trailing_slash_are_welcome(client: Client, town: Town) -> None:
    head = client.head("/open311/v2/services.json")
    assert head.status_code == 200
    assert head.content == b""
    assert client.get("/open311/v2/services.json/").status_code == 200


def test_anything_else_is_404_and_never_a_web_page(client: Client, town: Town) -> None:
    for path in ("v2/services.csv", "v2/services", "nothing", ""):
        found = client.get(f"/open311/{path}")
        assert found.status_code == 404
        assert found["Content-Type"] == "text/xml; charset=utf-8"
        assert b"<errors>" in found.content
    assert client.get("/open311/v2/nothing.json").json()[0]["code"] == 404


def test_wrong_method_is_refused_in_the_format(client: Client, town: Town) -> None:
    found = client.delete("/open311/v2/services.json")
    assert found.status_code == 400
    assert found.json()[0]["code"] == 400


def test_before_a_city_is_loaded_the_lists_are_empty(ask: Ask, db: None) -> None:
    forget_catalogue()
    assert ask("v2/services").document == []
    assert ask("v2/requests").document == []
    assert ask("v2/services/01001").status == 404
    assert ask("discovery").status == 200
