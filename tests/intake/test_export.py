"""Cases as files: only those one may see, nothing a spreadsheet would run, nothing lost."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from chengyun.core.models import AuditEntry, Grant, Role, WorkCalendar
from chengyun.core.problems import Invalid
from chengyun.core.table_files import as_csv
from chengyun.governance import clocks
from chengyun.governance.export import COLUMNS, case_rows, case_table
from chengyun.governance.models import Case
from tests.api.town import Town
from tests.intake.conftest import mapping, row

Get = Callable[..., Any]
FORMULA = '=HYPERLINK("http://x","y")'


@pytest.fixture
def cases(town: Town, sheet: Any, bring_in: Any) -> Town:
    bring_in(
        sheet(
            [
                row(no="1", text=FORMULA),
                row(no="2", text="+86 井盖", **{"class": "暴露垃圾"}),
                row(no="3", text="多行\n说明, 带逗号", status="在办", closed="", lon="", lat=""),
            ]
        )
    )
    return town


@pytest.fixture
def get(cases: Town) -> Get:
    def call(form: str, role: Role = Role.LEADER, scope: str = "export", **query: str) -> Any:
        token = cases.token(role, scope)
        return Client().get(
            f"/api/export/cases.{form}", query, headers={"authorization": f"Bearer {token}"}
        )

    return call


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def as_dicts(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_csv_has_the_mark_the_headings_and_every_case(get: Get) -> None:
    response = get("csv")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    text = body(response)
    assert text.startswith(b"\xef\xbb\xbf")
    rows = as_dicts(text)
    assert [r["问题描述"] for r in rows] == ["多行\n说明, 带逗号", "'+86 井盖", f"'{FORMULA}"]
    assert rows[2]["状态"] == "已结案"
    assert rows[2]["上报时间"] == "2025-03-03T09:00:00+08:00"
    assert float(rows[2]["经度"]) == pytest.approx(120.05)
    assert rows[0]["经度"] == ""


def test_geojson_is_whole_and_keeps_texts_as_they_are(get: Get) -> None:
    document = json.loads(body(get("geojson")))
    assert document["type"] == "FeatureCollection"
    first, _, last = document["features"]
    assert first["geometry"] is None
    assert last["geometry"] == {"type": "Point", "coordinates": [120.05, 36.05]}
    assert last["properties"]["description"] == FORMULA


def test_a_workbook_holds_texts_never_formulas(get: Get) -> None:
    book = openpyxl.load_workbook(io.BytesIO(body(get("xlsx"))))
    sheet = book.active
    assert sheet is not None
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert sheet.max_row == 4
    assert all(cell.data_type != "f" for cell in cells)


def test_too_many_cases_for_a_workbook_are_refused(cases: Town) -> None:
    with pytest.raises(Invalid, match="more than 2"):
        case_table(Case.objects.all(), "xlsx", workbook=2)


def test_the_filters_of_the_list_hold(get: Get) -> None:
    assert len(as_dicts(body(get("csv", state="closed")))) == 2
    assert len(as_dicts(body(get("csv", matter="town-2026:02")))) == 1
    assert get("csv", state="asleep").status_code == 422
    assert get("pdf").status_code in (404, 422)


def test_only_what_one_may_see_leaves_the_house(get: Get, cases: Town) -> None:
    Grant.objects.filter(user=cases.users[Role.LEADER]).update(matter_code="town-2026:02")
    rows = as_dicts(body(get("csv")))
    assert [r["事项编码"] for r in rows] == ["02001"]


def test_a_token_needs_the_scope_and_every_export_is_audited(get: Get) -> None:
    assert get("csv", scope="read").status_code == 403
    assert Client().get("/api/export/cases.csv").status_code == 401
    assert not AuditEntry.objects.filter(action="governance.case.export").exists()
    get("csv", state="closed")
    entry = AuditEntry.objects.get(action="governance.case.export")
    assert entry.after == {"format": "csv", "filter": {"state": ["closed"]}}


def test_english_headings_and_names_on_request(cases: Town) -> None:
    text = b"".join(as_csv(case_table(Case.objects.all(), "csv", "en")))
    rows = as_dicts(text)
    assert rows[2]["matter"] == "Manhole cover missing"
    assert rows[2]["state"] == "Closed"


def test_every_column_is_read_by_one_statement(cases: Town, django_assert_num_queries: Any) -> None:
    WorkCalendar.objects.create(code="c", name_zh="工作日历", zone="Asia/Shanghai", is_default=True)
    clocks.calendar()
    with django_assert_num_queries(1):
        rows = list(case_rows(Case.objects.all(), "zh"))
    assert {len(r) for r in rows} == {len(COLUMNS)}


def test_an_export_can_be_imported_elsewhere(cases: Town, bring_in: Any, tmp_path: Path) -> None:
    path = tmp_path / "exported.csv"
    path.write_bytes(b"".join(as_csv(case_table(Case.objects.all(), "csv"))))
    again = mapping(
        source="neighbour",
        attributes=[],
        time={"zone": "Asia/Shanghai", "formats": ["iso"]},
        fields={
            "external_id": "{案件编号}", "reported_at": "{上报时间}", "closed_at": "{结案时间}",
            "text": "{问题描述}", "matter": "{事项编码}", "department": "{部门编码}",
        },
        values={},
    )  # fmt: skip
    assert bring_in(path, again).rows_in == 3
