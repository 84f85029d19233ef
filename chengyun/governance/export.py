"""Cases as the rows of a file.

The caller gives a query that is permission-filtered already; it is read by a cursor of the
server, so that a million cases cost no more memory than a thousand.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from django.db.models import F, FloatField, Func, QuerySet

from chengyun.core.problems import Invalid
from chengyun.core.table_files import Format, Table
from chengyun.core.words import Language
from chengyun.governance import clocks
from chengyun.governance.models import STATE_EN, Case, Channel, State

#: A workbook is made whole before it is sent, and spreadsheet programs choke on larger ones.
XLSX_ROWS = 200_000
_CHUNK = 2_000


class Column(NamedTuple):
    """One column: its key, its headings, and the field or annotation it shows."""

    key: str
    zh: str
    en: str
    field: str


COLUMNS = (
    Column("id", "内部编号", "id", "id"),
    Column("number", "案件编号", "number", "number"),
    Column("state", "状态", "state", "state"),
    Column("channel", "来源", "channel", "channel"),
    Column("urgency", "紧急程度", "urgency", "urgency"),
    Column("matter", "事项编码", "matter code", "matter__code"),
    Column("matter_class", "大类", "class", "matter__class_zh"),
    Column("matter_name", "小类", "matter", "matter__name_zh"),
    Column("description", "问题描述", "description", "description"),
    Column("address", "地址", "address", "address"),
    Column("lon", "经度", "longitude", "lon"),
    Column("lat", "纬度", "latitude", "lat"),
    Column("area", "区域编码", "area code", "area__code"),
    Column("area_name", "区域", "area", "area__name_zh"),
    Column("unit_grid", "单元网格", "unit grid", "unit_grid__code"),
    Column("department", "部门编码", "department code", "department__code"),
    Column("department_name", "专业部门", "department", "department__name_zh"),
    Column("reported_at", "上报时间", "reported", "reported_at"),
    Column("filed_at", "立案时间", "filed", "filed_at"),
    Column("dispatched_at", "派遣时间", "dispatched", "dispatched_at"),
    Column("handle_due_at", "处置期限", "due", "handle_due_at"),
    Column("handled_at", "处置时间", "handled", "handled_at"),
    Column("closed_at", "结案时间", "closed", "closed_at"),
    Column("handle_late", "处置超期", "handled late", "handle_late"),
    Column("rework_count", "返工次数", "reworks", "rework_count"),
    Column("report_count", "上报数", "reports", "report_count"),
    Column("satisfied", "满意", "satisfied", "satisfied"),
    Column("status_note", "办理说明", "note", "status_note"),
)
_ENGLISH = {"matter__class_zh": "matter__class_en", "matter__name_zh": "matter__name_en"} | {
    "area__name_zh": "area__name_en",
    "department__name_zh": "department__name_en",
}


def case_rows(cases: QuerySet[Case], language: Language) -> Iterator[tuple[Any, ...]]:
    """The values of ``COLUMNS`` for each case, newest first unless ``cases`` are ordered already;
    times in the city's zone."""
    english = language == "en"
    fields = [_ENGLISH.get(c.field, c.field) if english else c.field for c in COLUMNS]
    query = cases.annotate(
        lon=Func(F("geom"), function="ST_X", output_field=FloatField()),
        lat=Func(F("geom"), function="ST_Y", output_field=FloatField()),
    )
    if not query.ordered:
        query = query.order_by("-id")
    zone = clocks.calendar().tz
    shown = {
        "state": {s.value: STATE_EN[s] if english else str(s.label) for s in State},
        "channel": {c.value: c.value if english else str(c.label) for c in Channel},
        "urgency": {} if english else {"normal": "一般", "urgent": "紧急"},
    }
    names = [shown.get(column.key) for column in COLUMNS]
    # Read through the index of the primary key, chunk by chunk, by a named cursor.
    for row in query.values_list(*fields).iterator(chunk_size=_CHUNK):
        yield tuple(
            names_of.get(value, value) if names_of else _shown(value, zone)
            for value, names_of in zip(row, names, strict=True)
        )


def case_table(
    cases: QuerySet[Case], form: Format, language: Language = "zh", workbook: int = XLSX_ROWS
) -> Table:
    """The cases as a file of this form holds them. Raises Invalid when there are more of them than
    a `workbook` may hold."""
    if form == "xlsx" and cases.order_by()[: workbook + 1].count() > workbook:
        raise Invalid(
            zh=f"超过 {workbook:,} 件，不能导出为 XLSX。",
            en=f"These are more than {workbook:,} cases: too many for a workbook.",
            remedy_zh="缩小范围，或导出为 CSV。",
            remedy_en="Narrow the filter, or export CSV.",
        )
    return Table(
        "cases",
        keys=[column.key for column in COLUMNS],
        heading=[column.en if language == "en" else column.zh for column in COLUMNS],
        rows=case_rows(cases, language),
    )


def _shown(value: object, zone: tzinfo) -> object:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value
