"""Components as the rows of a file.

The rows are read by a cursor of the server: a file of 300,000 components costs no more memory than
one of a hundred.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

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
from chengyun.core.table_files import Format, Table
from chengyun.core.words import Language

#: A workbook is made whole before it is sent.
XLSX_ROWS = 50_000
_CHUNK = 2_000


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


def component_table(wanted: Wanted, form: Format, language: Language) -> Table:
    """The components as a file of this form holds them. Raises Invalid beyond 300,000 of them,
    50,000 of a workbook."""
    most = XLSX_ROWS if form == "xlsx" else MOST_ROWS
    rows, order = wanted_components(wanted)
    if more_than(most, rows):
        narrower = form != "xlsx"
        raise Invalid(
            zh=f"超过 {most:,} 个部件，不能导出为 {form.upper()}。",
            en=f"These are more than {most:,} components: too many for {form.upper()}.",
            remedy_zh="请缩小范围，或通过 OGC API 逐页读取。" if narrower else "请导出为 CSV。",
            remedy_en="Narrow the filter, or read them page by page by the OGC API."
            if narrower
            else "Export CSV, or narrow the filter.",
        )
    found = with_names(rows).order_by(*order).iterator(chunk_size=_CHUNK)
    return Table(
        "components",
        keys=[column.key for column in COLUMNS],
        heading=[column.en if language == "en" else column.zh for column in COLUMNS],
        rows=(tuple(column.value(row, language) for column in COLUMNS) for row in found),
        id="code",
    )
