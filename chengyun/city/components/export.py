"""Components as files: CSV and GeoJSON as streams, XLSX as a workbook.

The rows are read by a cursor of the server: a file of 300,000 components costs no more memory than
one of a hundred.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Any, Literal, NamedTuple

from django.db.models import QuerySet

from chengyun.city.components.filter import (
    MOST_ROWS,
    Wanted,
    more_than,
    wanted_components,
    with_names,
)
from chengyun.city.models import Component
from chengyun.city.queries import catalogue
from chengyun.core.models import Organisation
from chengyun.core.problems import Invalid
from chengyun.core.spreadsheets import safe_text, workbook_text

Format = Literal["csv", "xlsx", "geojson"]
Streamed = Literal["csv", "geojson"]
Language = Literal["zh", "en"]

MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
#: A workbook is made whole before it is sent.
XLSX_ROWS = 50_000
_CHUNK = 2_000
_BLOCK = 64 * 1024


class Column(NamedTuple):
    """One column: its key, its headings, and what it shows of a component."""

    key: str
    zh: str
    en: str
    value: Callable[[Component, Language], Any]


def _class(name: str) -> Callable[[Component, Language], Any]:
    def value(row: Component, language: Language) -> str:
        info = catalogue().component_classes[row.component_class_id]
        english = info.name_en if name == "name" else ""
        chosen: str = info.code if name == "code" else info.name_zh
        return english if english and language == "en" else chosen

    return value


def _party(name: str, column: str) -> Callable[[Component, Language], Any]:
    def value(row: Component, language: Language) -> str:
        party: Organisation | None = getattr(row, name)
        if party is None:
            return ""
        if column == "code":
            return party.code
        return (party.name_en if language == "en" else "") or party.name_zh

    return value


def _own(name: str) -> Callable[[Component, Language], Any]:
    return lambda row, _: getattr(row, name)


def _area_name(name: str) -> Callable[[Component, Language], Any]:
    def value(row: Component, language: Language) -> str:
        area = catalogue().area_of.get(getattr(row, name))
        if area is None:
            return ""
        return (area.name_en if language == "en" else "") or area.name_zh

    return value


def _grid(row: Component, _: Language) -> str:
    return row.unit_grid.code if row.unit_grid else ""


# The attributes of the national table in its order, with the class and the place behind the name.
COLUMNS = (
    Column("code", "标识码", "code", _own("code")),
    Column("name", "部件名称", "name", _own("name")),
    Column("class", "部件类别", "class", _class("code")),
    Column("class_name", "类别名称", "class name", _class("name")),
    Column("lon", "经度", "longitude", lambda row, _: row.geom.x),
    Column("lat", "纬度", "latitude", lambda row, _: row.geom.y),
    Column("accuracy", "定位精度等级", "class of accuracy", _own("accuracy")),
    Column("authority", "主管部门代码", "authority code", _party("authority", "code")),
    Column("authority_name", "主管部门名称", "authority", _party("authority", "name")),
    Column("owner", "权属单位代码", "owner code", _party("owner", "code")),
    Column("owner_name", "权属单位名称", "owner", _party("owner", "name")),
    Column("maintainer", "养护单位代码", "maintainer code", _party("maintainer", "code")),
    Column("maintainer_name", "养护单位名称", "maintainer", _party("maintainer", "name")),
    Column("unit_grid", "所在单元网格", "unit grid", _grid),
    Column("state", "状态", "state", _own("state")),
    Column("first_surveyed", "初始日期", "first surveyed", _own("first_surveyed")),
    Column("changed_on", "变更日期", "last changed", _own("changed_on")),
    Column("source", "数据来源", "source", _own("source")),
    Column("remark", "备注", "remark", _own("remark")),
    Column("street_code", "街道代码", "street code", _own("street_code")),
    Column("street_name", "街道名称", "street", _area_name("street_code")),
    Column("community_code", "社区代码", "community code", _own("community_code")),
    Column("community_name", "社区名称", "community", _area_name("community_code")),
)


def exported(wanted: Wanted, form: Format) -> QuerySet[Component]:
    """The components of a file. Raises Invalid beyond 300,000 of them, 50,000 of a workbook."""
    most = XLSX_ROWS if form == "xlsx" else MOST_ROWS
    rows, order = wanted_components(wanted)
    if more_than(most, rows):
        narrower = form != "xlsx"
        raise Invalid(
            zh=f"超过 {most:,} 个部件, 不能导出为 {form.upper()}。",
            en=f"These are more than {most:,} components: too many for {form.upper()}.",
            remedy_zh="请缩小范围, 或通过 OGC API 逐页读取。" if narrower else "请导出为 CSV。",
            remedy_en="Narrow the filter, or read them page by page by the OGC API."
            if narrower
            else "Export CSV, or narrow the filter.",
        )
    return with_names(rows).order_by(*order)


def heading(language: Language) -> list[str]:
    return [column.en if language == "en" else column.zh for column in COLUMNS]


def as_csv(rows: QuerySet[Component], language: Language) -> Iterator[bytes]:
    """CSV in UTF-8 with the mark that makes spreadsheet programs read it as such."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(heading(language))
    for row in rows.iterator(chunk_size=_CHUNK):
        writer.writerow([_cell(column.value(row, language)) for column in COLUMNS])
        if buffer.tell() >= _BLOCK:
            yield _take(buffer)
    yield _take(buffer)


def as_geojson(rows: QuerySet[Component], language: Language) -> Iterator[bytes]:
    """A FeatureCollection in CGCS2000, longitude first."""
    buffer = io.StringIO()
    buffer.write('{"type":"FeatureCollection","features":[')
    separator = ""
    for row in rows.iterator(chunk_size=_CHUNK):
        properties = {c.key: _plain(c.value(row, language)) for c in COLUMNS}
        point = [properties.pop("lon"), properties.pop("lat")]
        feature = {
            "type": "Feature",
            "id": row.code,
            "geometry": {"type": "Point", "coordinates": point},
            "properties": properties,
        }
        buffer.write(separator + json.dumps(feature, ensure_ascii=False))
        separator = ",\n"
        if buffer.tell() >= _BLOCK:
            yield _take(buffer)
    buffer.write("]}\n")
    yield _take(buffer)


def write_xlsx(rows: QuerySet[Component], out: IO[bytes], language: Language) -> None:
    """A workbook, row by row."""
    from openpyxl import Workbook  # read when a workbook is wanted, not with every process

    book = Workbook(write_only=True)
    sheet = book.create_sheet("components")
    sheet.append(heading(language))
    for row in rows.iterator(chunk_size=_CHUNK):
        sheet.append([_workbook_cell(column.value(row, language)) for column in COLUMNS])
    book.save(out)


STREAMS: dict[Streamed, Callable[[QuerySet[Component], Language], Iterator[bytes]]] = {
    "csv": as_csv,
    "geojson": as_geojson,
}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: object) -> object:
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) else _plain(value)


def _workbook_cell(value: object) -> object:
    return workbook_text(value) if isinstance(value, str) else value


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")
