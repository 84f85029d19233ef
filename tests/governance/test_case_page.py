"""The page of one case: what it needs to show buttons and forms without a table of its own."""

from typing import Any

from chengyun.governance.schemas.step import form_of


def test_a_button_names_the_fields_of_its_form(hall: Any) -> None:
    case = hall.reported()
    buttons = {one["operation"]: one for one in hall.acceptor.get(f"/cases/{case}")["operations"]}
    assert buttons["send_verify"]["form"] == [
        "opinion", "attachments", "matter_id", "collector_id",
    ]  # fmt: skip
    assert buttons["refuse"]["form"] == ["opinion", "attachments"]
    assert "version" not in {name for one in buttons.values() for name in one["form"]}
    for name, one in buttons.items():
        # What the page was told of is what the endpoint takes, one by one.
        assert set(one["form"]) | {"version"} == set(form_of(one["operation"]).model_fields), name


def test_the_fields_of_a_form_are_taken_by_its_endpoint(hall: Any) -> None:
    case = hall.reported()
    [button] = [
        one
        for one in hall.acceptor.get(f"/cases/{case}")["operations"]
        if one["operation"] == "amend"
    ]
    given = {
        "opinion": "", "attachments": [], "matter_id": None, "lon": None, "lat": None,
        "system": "cgcs2000", "address": "中山路 2 号", "description": None, "urgency": "urgent",
        "public": False,
    }  # fmt: skip
    assert set(given) == set(button["form"])
    hall.acceptor.do("amend", case, **given)
    assert hall.case(case).address == "中山路 2 号"


def test_a_case_names_its_component(hall: Any) -> None:
    from chengyun.city.models import Component, ComponentClass, UnitGrid
    from tests.api.town import LAT, LON

    kind = ComponentClass.objects.create(
        edition=hall.town.edition, class_code="01", sub_code="03", class_zh="公用设施",
        name_zh="雨水井盖",
    )  # fmt: skip
    Component.objects.create(
        code="9900010010010103000001", component_class=kind, name="中山路雨水井盖",
        unit_grid=UnitGrid.objects.get(), geom=f"SRID=4490;POINT({LON} {LAT})",
        first_surveyed="2020-01-01",
    )  # fmt: skip
    case = hall.reported(component_code="9900010010010103000001")
    shown = hall.acceptor.get(f"/cases/{case}")
    assert (shown["component"], shown["component_name"]) == (
        "9900010010010103000001", "中山路雨水井盖",
    )  # fmt: skip
    assert hall.acceptor.get(f"/cases/{hall.reported()}")["component_name"] == ""
