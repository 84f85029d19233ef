"""A city folder out of the names that requests use."""

import csv
from pathlib import Path
from typing import Any

import pytest

from chengyun.city.load import load_city
from chengyun.core.actor import Actor
from chengyun.core.problems import Invalid
from chengyun.governance.intake.city_from_requests import make_city
from chengyun.governance.intake.mapping import Mapping, read_mapping
from chengyun.governance.models import Case
from tests.intake.conftest import DOCUMENT, ROOT, mapping, row

FACTS = {"code": "990000", "name_zh": "海城市", "name_en": "Haicheng", "centre": [120.0, 36.0]}


def given() -> Mapping:
    fields = {**DOCUMENT["fields"], "matter_class": "{district}"}
    return mapping(edition="made", city=FACTS, fields=fields)


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_loads_and_the_requests_go_in(
    db: None, sheet: Any, bring_in: Any, tmp_path: Path
) -> None:
    rows = [
        row(no="1"),
        row(no="2", unit="园林处", **{"class": "树倒"}),
        row(no="3", district="城西区"),
    ]
    path, out = sheet([*rows, 'x,"broken']), tmp_path / "made"
    found = make_city([path], given(), out)
    assert (found.rows, len(found.organisations), len(found.matters)) == (3, 2, 3)
    load_city(out, actor=Actor.system("test"), progress=lambda *_: None)
    outcome = bring_in(path, given())
    assert (outcome.rows_in, outcome.rejections) == (3, {"unbalanced_quote": 1})
    case = Case.objects.select_related("matter", "department", "area").get(reports__external_id="2")
    assert case.matter is not None
    assert case.department is not None
    assert case.area is not None
    assert (case.matter.class_zh, case.matter.name_zh) == ("城东区", "树倒")
    assert (case.department.name_zh, case.area.name_zh) == ("园林处", "城东区")
    assert case.district_code == case.area.code


def test_codes_given_before_stay(sheet: Any, tmp_path: Path) -> None:
    out = tmp_path / "made"
    make_city([sheet([row(), row(unit="园林处")])], given(), out)
    first = listed(out / "organisations.csv")
    more = sheet([row(unit="公安局"), row(**{"class": "a"})], "more.csv")
    make_city([more], given(), out)
    second = listed(out / "organisations.csv")
    assert second[: len(first)] == first
    assert {r["name_zh"] for r in second} == {"海城市", "市政工程处", "园林处", "公安局"}
    matters = {r["name_zh"]: r["sub_code"] for r in listed(out / "catalogue/matters_made.csv")}
    assert matters == {"井盖缺失": "0001", "a": "0002"}


def test_a_mapping_without_the_city_is_refused(sheet: Any, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="city"):
        make_city([sheet([row()])], mapping(), tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_the_mapping_of_messages_is_right() -> None:
    assert read_mapping(ROOT / "examples/hotline/messages.toml").city is not None
