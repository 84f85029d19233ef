"""Cases as files: CSV and GeoJSON as streams, XLSX within what a workbook holds.

The caller gives a query that is permission-filtered already; it is read by a cursor of the
server, so that a million cases cost no more memory than a thousand.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import IO, Any, Literal, NamedTuple

from django.db.models import F, FloatField, Func, QuerySet

from chengyun.core.problems import Invalid
from chengyun.core.spreadsheets import safe_text, workbook_text
from chengyun.governance import clocks
from chengyun.governance.models import STATE_EN, Case, Channel, State

Format = Literal["csv", "xlsx", "geojson"]
Language = Literal["zh", "en"]

MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
#: A workbook is made whole before it is sent, and spreadsheet programs choke on larger ones.
XLSX_ROWS = 200_000
_CHUNK = 2_000
_BLOCK = 64 * 1024


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
    Column("department_name", "处置部门", "department", "department__name_zh"),
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


def heading(language: Language) -> list[str]:
    return [column.en if language == "en" else column.zh for column in COLUMNS]


def as_csv(cases: QuerySet[Case], language: Language = "zh") -> Iterator[bytes]:
    """CSV in UTF-8 with the mark that makes spreadsheet programs read it as such."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(heading(language))
    for row in case_rows(cases, language):
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() >= _BLOCK:
            yield _take(buffer)
    yield _take(buffer)


def as_geojson(cases: QuerySet[Case], language: Language = "zh") -> Iterator[bytes]:
    """A FeatureCollection in CGCS2000, longitude first; a case without a position has none."""
    buffer = io.StringIO()
    buffer.write('{"type":"FeatureCollection","features":[')
    keys = [column.key for column in COLUMNS]
    separator = ""
    for row in case_rows(cases, language):
        properties = dict(zip(keys, row, strict=True))
        lon, lat = properties.pop("lon"), properties.pop("lat")
        feature = {
            "type": "Feature",
            "id": properties.pop("id"),
            "geometry": None if lon is None else {"type": "Point", "coordinates": [lon, lat]},
            "properties": properties,
        }
        buffer.write(separator + json.dumps(feature, ensure_ascii=False))
        separator = ",\n"
        if buffer.tell() >= _BLOCK:
            yield _take(buffer)
    buffer.write("]}\n")
    yield _take(buffer)


def write_xlsx(
    cases: QuerySet[Case], out: IO[bytes], language: Language = "zh", limit: int = XLSX_ROWS
) -> None:
    """Write a workbook row by row. Raises Invalid when there are more cases than it may hold."""
    if cases.order_by()[: limit + 1].count() > limit:
        raise Invalid(
            zh=f"超过 {limit:,} 件, 不能导出为 XLSX。",
            en=f"These are more than {limit:,} cases: too many for a workbook.",
            remedy_zh="缩小范围, 或导出为 CSV。",
            remedy_en="Narrow the filter, or export CSV.",
        )
    from openpyxl import Workbook  # read when a workbook is wanted, not with every process

    book = Workbook(write_only=True)
    sheet = book.create_sheet("cases")
    sheet.append(heading(language))
    for row in case_rows(cases, language):
        sheet.append([_workbook_cell(value) for value in row])
    book.save(out)


STREAMS: dict[str, Callable[[QuerySet[Case], Language], Iterator[bytes]]] = {
    "csv": as_csv,
    "geojson": as_geojson,
}


def _shown(value: object, zone: tzinfo) -> object:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            return safe_text(value)
    return value


def _workbook_cell(value: object) -> object:
    return workbook_text(value) if isinstance(value, str) else value


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")
