"""The two files of a city folder that shape its Open311 services.

- `open311_services.csv`: matter, kind, listed. Only matters that are not plain realtime services.
- `open311_attributes.csv`: matter, code, order, datatype, required, variable, description_zh,
  description_en, hint_zh, hint_en, values. `values` is written `key=中文|English; key2=…`.

The files say it all: what they no longer name is taken away. A second run changes nothing, so
that the changeset of the discovery document stands still.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from django.db import models, transaction

from chengyun.city.load.folder import FolderReader
from chengyun.city.load.report import Count
from chengyun.city.load.table import CellError, Column, Table, boolean, integer, one_of
from chengyun.city.models import Edition, Matter
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.words import Both
from chengyun.open311.models import Open311Attribute, Open311Service

SERVICES = "open311_services.csv"
ATTRIBUTES = "open311_attributes.csv"
_NUMBER_THEM = Both("依次写 1、2、3……", "number them 1, 2, 3, …")

Choices = tuple[list[str], list[str], list[str]]
Row = TypeVar("Row", Open311Service, Open311Attribute)


def load_open311(reader: FolderReader, *, actor: Actor) -> dict[str, Count]:
    """Put the city's services and attributes in; a row that was taken away counts as changed.

    Mistakes go to `reader.problems`; with any mistake of these files nothing of them is written.
    Runs inside the transaction of the city's load, after its catalogue.
    """
    known = len(reader.problems)
    matters = _matters()
    services = _services(reader, matters)
    attributes = _attributes(reader, matters)
    if len(reader.problems) > known:
        return {}
    with transaction.atomic():
        counts = {}
        if services is not None:
            counts["open311 services"] = _replace(Open311Service, services, ("matter_id",))
        if attributes is not None:
            counts["open311 attributes"] = _replace(
                Open311Attribute, attributes, ("matter_id", "code")
            )
        if any(count.created or count.changed for count in counts.values()):
            record(
                actor=actor,
                action="open311.services.load",
                object_type="open311.service",
                object_id="*",
                zh=f"{actor.label} 载入 Open311 服务与属性",
                en=f"{actor.label} loaded Open311 services and attributes",
                after={name: asdict(count) for name, count in counts.items()},
            )
    return counts


def _matters() -> dict[str, int]:
    edition = Edition.objects.filter(is_default=True).first()
    if edition is None:
        return {}
    return dict(Matter.objects.filter(edition=edition).values_list("code", "id"))


def _matter_id(table: Table, row: Any, matters: Mapping[str, int]) -> int | None:
    found = matters.get(row["matter"])
    if found is None:
        table.fault(
            row,
            "matter",
            Both(
                f"默认版本没有事项 {row['matter']}",
                f"the default edition has no matter {row['matter']}",
            ),
            Both(
                "按目录将大类与小类代码连写",
                "write class and subclass code together, as in the catalogue",
            ),
        )
    return found


def _services(reader: FolderReader, matters: Mapping[str, int]) -> list[Open311Service] | None:
    columns = [
        Column("matter"),
        Column("kind", parse=one_of(Open311Service.Kind.values)),
        Column("listed", required=False, parse=boolean, default=True),
    ]
    table = reader.table(SERVICES, columns, unique=("matter",))
    if table is None:
        return None
    found = []
    for row in table:
        matter_id = _matter_id(table, row, matters)
        if matter_id is not None:
            found.append(
                Open311Service(matter_id=matter_id, kind=row["kind"], listed=row["listed"])
            )
    return found


def _attributes(reader: FolderReader, matters: Mapping[str, int]) -> list[Open311Attribute] | None:
    columns = [
        Column("matter"),
        Column("code", parse=_code),
        Column("order", parse=_order),
        Column("datatype", parse=one_of(Open311Attribute.Datatype.values)),
        Column("required", required=False, parse=boolean, default=False),
        Column("variable", required=False, parse=boolean, default=True),
        Column("description_zh", parse=_short),
        Column("description_en", required=False, parse=_short),
        Column("hint_zh", required=False, parse=_short),
        Column("hint_en", required=False, parse=_short),
        Column("values", required=False, parse=_choices, default=([], [], [])),
    ]
    table = reader.table(ATTRIBUTES, columns, unique=("matter", "code"))
    if table is None:
        return None
    found = []
    orders: set[tuple[int, int]] = set()
    for row in table:
        matter_id = _matter_id(table, row, matters)
        if matter_id is None:
            continue
        keys, names_zh, names_en = row["values"]
        attribute = Open311Attribute(
            matter_id=matter_id,
            code=row["code"],
            order=row["order"],
            datatype=row["datatype"],
            required=row["required"],
            variable=row["variable"],
            description_zh=row["description_zh"],
            description_en=row["description_en"],
            hint_zh=row["hint_zh"],
            hint_en=row["hint_en"],
            keys=keys,
            names_zh=names_zh,
            names_en=names_en,
        )
        _check(table, row, attribute, orders)
        found.append(attribute)
    return found


def _check(
    table: Table, row: Any, attribute: Open311Attribute, orders: set[tuple[int, int]]
) -> None:
    if attribute.is_list != bool(attribute.keys):
        what = (
            Both("列表须有可选值", "a list needs values")
            if attribute.is_list
            else Both("只有列表才有可选值", "only lists have values")
        )
        remedy = Both(
            "写 key=中文|English; key2=…，或留空",
            "write key=中文|English; key2=… or leave it empty",
        )
        table.fault(row, "values", what, remedy)
    if attribute.required and not attribute.variable:
        what = Both("仅供显示的文字不能必填", "a text that is only shown cannot be required")
        remedy = Both(
            "将 required 设为 false，或将 variable 设为 true",
            "set required to false, or variable to true",
        )
        table.fault(row, "required", what, remedy)
    place = (attribute.matter_id, attribute.order)
    if place in orders:
        what = Both(f"序号 {attribute.order} 重复", f"order {attribute.order} stands twice")
        table.fault(row, "order", what, _NUMBER_THEM)
    orders.add(place)


def _code(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", cell):
        raise CellError(
            Both(f"{cell!r} 不是代码", f"{cell!r} is no code"),
            Both("用至多 40 个字母、数字、- 和 _", "use up to 40 letters, digits, - and _"),
        )
    return cell


def _order(cell: str) -> int:
    value = integer(cell)
    if not 1 <= value <= 1000:
        raise CellError(Both(f"{cell} 不是序号", f"{cell} is no place in an order"), _NUMBER_THEM)
    return value


def _short(cell: str) -> str:
    if len(cell) > 300:
        raise CellError(
            Both(f"文字有 {len(cell)} 个字符", f"the text has {len(cell)} characters"),
            Both("缩短到 300 个以内", "shorten it to 300"),
        )
    return cell


def _choices(cell: str) -> Choices:
    """`key=中文|English; key2=…` as keys, Chinese names, English names."""
    keys: list[str] = []
    names_zh: list[str] = []
    names_en: list[str] = []
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        key, equals, names = part.partition("=")
        zh, _, en = names.partition("|")
        key, zh, en = key.strip(), zh.strip(), en.strip()
        if not (equals and key and zh) or len(key) > 40 or max(len(zh), len(en)) > 120:
            raise CellError(
                Both(f"{part!r} 不是可选值", f"{part!r} is no value"),
                Both("写 key=中文|English; key2=…", "write key=中文|English; key2=…"),
            )
        if "," in key or key in keys:
            raise CellError(
                Both(f"键 {key!r} 重复或含逗号", f"the key {key!r} stands twice or holds a comma"),
                Both("换用别的键", "use other keys"),
            )
        keys.append(key)
        names_zh.append(zh)
        names_en.append(en)
    return keys, names_zh, names_en


def _replace(model: type[Row], wanted: list[Row], names: tuple[str, ...]) -> Count:
    """Make the table hold exactly `wanted`."""
    fields = [f.attname for f in model._meta.concrete_fields if not f.primary_key]
    stored = {_values(row, names): row for row in model._default_manager.all()}
    kept = {
        key
        for row in wanted
        if (key := _values(row, names)) in stored
        and _values(stored[key], fields) == _values(row, fields)
    }
    gone = [row.pk for key, row in stored.items() if key not in kept]
    new = [row for row in wanted if _values(row, names) not in kept]
    if gone:
        # Gone first: a changed row may take the order number of another one.
        model._default_manager.filter(pk__in=gone).delete()
    if new:
        model._default_manager.bulk_create(new)
    created = {_values(row, names) for row in new} - stored.keys()
    return Count(len(created), len(gone), len(kept))


def _values(row: models.Model, names: tuple[str, ...] | list[str]) -> tuple[Any, ...]:
    values = (getattr(row, name) for name in names)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
