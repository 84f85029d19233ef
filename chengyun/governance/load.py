"""The governance part of a city folder: standards, responsibilities, desk limits."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from chengyun.city.load import Column, FolderReader
from chengyun.city.load.report import Count
from chengyun.city.load.table import day, decimal, integer, no_organisation, one_of
from chengyun.city.load.upsert import upsert
from chengyun.city.models import Area, Edition, Matter
from chengyun.core import audit
from chengyun.core.actor import Actor
from chengyun.core.models import Organisation
from chengyun.core.words import Both
from chengyun.governance import clocks
from chengyun.governance.evaluation.schemes import load_schemes
from chengyun.governance.models import DeskLimit, LimitUnit, Responsibility, Stage, Standard

STANDARDS = [
    Column("edition", required=False),
    Column("matter"),
    Column("condition_key"),
    Column("condition_zh"),
    Column("condition_en", required=False),
    Column("limit_class", required=False),
    Column("limit", parse=decimal),
    Column("unit", parse=one_of(LimitUnit.values)),
    Column("make_safe_limit", required=False, parse=decimal, default=None),
    Column("make_safe_unit", required=False, parse=one_of(LimitUnit.values)),
    Column("closing_zh"),
    Column("closing_en", required=False),
    Column("valid_from", required=False, parse=day, default=date(2000, 1, 1)),
    Column("valid_until", required=False, parse=day, default=None),
    Column("version", required=False, parse=integer, default=1),
]
RESPONSIBILITIES = [
    Column("matter", required=False),
    Column("area", required=False),
    Column("organisation"),
]
_STANDARD_KEY = ("matter_id", "condition_key", "limit_class", "version")
_STANDARD_FIELDS = (
    "condition_zh", "condition_en", "limit", "unit", "make_safe_limit", "make_safe_unit",
    "closing_zh", "closing_en", "valid_from", "valid_until",
)  # fmt: skip


def load_governance(reader: FolderReader, *, actor: Actor) -> dict[str, Count]:
    """Load standards.csv, responsibilities.csv and [desk_limits]; mistakes go to
    ``reader.problems``. Rows that are there already are left alone. Part of the caller's
    transaction."""
    counts = {
        "standards": _load_standards(reader),
        "responsibilities": _load_responsibilities(reader),
        "desk limits": _load_desk_limits(reader),
        "evaluation schemes": Count(created=load_schemes()),
    }
    clocks.forget_desk_limits()
    if any(count.created or count.changed for count in counts.values()):
        audit.record(
            actor=actor,
            action="governance.standards.load",
            object_type="city",
            object_id=reader.city.get("code", ""),
            zh=f"{actor.label} 装入处置标准与责任清单",
            en=f"{actor.label} loaded standards and responsibilities",
            after={name: [count.created, count.changed] for name, count in counts.items()},
        )
    return counts


def _edition_of(reader: FolderReader, code: str) -> str:
    return code or str(reader.city.get("edition", ""))


def _load_standards(reader: FolderReader) -> Count:
    table = reader.table("standards.csv", STANDARDS)
    if table is None:
        return Count()
    matters = {
        (edition, code): pk
        for pk, edition, code in Matter.objects.values_list("id", "edition__code", "code")
    }
    wanted: dict[tuple[object, ...], Standard] = {}
    lines: dict[tuple[object, ...], int] = {}
    for row in table:
        edition = _edition_of(reader, row["edition"])
        matter_id = matters.get((edition, row["matter"]))
        if matter_id is None:
            table.fault(
                row,
                "matter",
                Both(
                    f"版本 {edition} 没有事项 {row['matter']}",
                    f"edition {edition} has no matter {row['matter']}",
                ),
                Both("按目录写大类与小类代码", "write class and subclass code as in the catalogue"),
            )
            continue
        if (row["make_safe_limit"] is None) != (row["make_safe_unit"] == ""):
            table.fault(
                row,
                "make_safe_limit",
                Both("时限与单位须同时填写", "limit and unit go together"),
                Both("都填或都不填", "give both or neither"),
            )
            continue
        if row["limit"] <= 0 or (row["make_safe_limit"] or Decimal(1)) <= 0:
            what = Both("时限须大于 0", "a limit is greater than 0")
            remedy = Both("写明可用多长时间", "write how long it may take")
            table.fault(row, "limit", what, remedy)
            continue
        standard = Standard(
            matter_id=matter_id,
            **{
                name: row[name]
                for name in ("condition_key", "limit_class", "version", *_STANDARD_FIELDS)
            },
        )
        key = tuple(getattr(standard, name) for name in _STANDARD_KEY)
        if key in wanted:
            table.fault(
                row,
                "condition_key",
                Both(f"第 {lines[key]} 行已有相同的行", f"the same row stands in row {lines[key]}"),
                Both(
                    "另取 condition_key、limit_class 或 version",
                    "give it another condition_key, limit_class or version",
                ),
            )
            continue
        wanted[key], lines[key] = standard, row.line
    return _write_standards(reader, wanted)


def _write_standards(reader: FolderReader, wanted: dict[tuple[object, ...], Standard]) -> Count:
    if reader.problems:
        return Count()
    try:
        with transaction.atomic():
            return upsert(wanted.values(), Standard, key=_STANDARD_KEY, fields=_STANDARD_FIELDS)[1]
    except IntegrityError as error:
        why = str(error).splitlines()[0]
        reader.problems.add(
            "standards.csv",
            None,
            None,
            Both(f"数据库不接受：{why}", why),
            Both(
                "已有案件的标准不可改写：另加一行下一 version，"
                "并令旧行在新行生效之日失效（valid_until）",
                "a standard with cases is not rewritten: add a row with the next version, and end "
                "the old one (valid_until) on the day the new one begins",
            ),
        )
        return Count()


def _load_responsibilities(reader: FolderReader) -> Count:
    table = reader.table("responsibilities.csv", RESPONSIBILITIES, unique=("matter", "area"))
    if table is None:
        return Count()
    edition = str(reader.city.get("edition", ""))
    codes = _matter_codes(edition)
    areas = set(Area.objects.values_list("code", flat=True))
    organisations = dict(Organisation.objects.values_list("code", "id"))
    wanted: list[Responsibility] = []
    for row in table:
        matter, area = row["matter"].strip("*"), row["area"].strip("*")
        if matter and matter not in codes:
            table.fault(
                row,
                "matter",
                Both(
                    f"版本 {edition} 没有大类或事项 {matter}",
                    f"edition {edition} has no class or matter {matter}",
                ),
                Both("写大类代码、完整代码或 *", "write a class code, a full code, or *"),
            )
        elif area and area not in areas:
            table.fault(
                row,
                "area",
                Both(f"没有区域 {area}", f"there is no area {area}"),
                Both("写 areas.geojson 中的编码", "write a code of areas.geojson"),
            )
        elif row["organisation"] not in organisations:
            table.fault(row, "organisation", *no_organisation(row["organisation"]))
        else:
            wanted.append(
                Responsibility(
                    matter_token=f"{edition}:{matter}" if matter else "",
                    area_code=area,
                    organisation_id=organisations[row["organisation"]],
                )
            )
    return upsert(
        wanted, Responsibility, key=("matter_token", "area_code"), fields=("organisation_id",)
    )[1]


def _matter_codes(edition: str) -> set[str]:
    known = Edition.objects.filter(code=edition).first()
    rows = Matter.objects.filter(edition=known).values_list("code", "sub_code") if known else []
    return {code for code, _ in rows} | {code.removesuffix(sub) for code, sub in rows}


def _load_desk_limits(reader: FolderReader) -> Count:
    wanted: list[DeskLimit] = []
    settings = reader.settings.get("desk_limits", {})
    for name, value in (settings if isinstance(settings, dict) else {}).items():
        limit = _desk_limit(name, value)
        if isinstance(limit, Both):
            remedy = Both(
                '例如写 accept = { limit = 30, unit = "minute" }',
                'write for example accept = { limit = 30, unit = "minute" }',
            )
            reader.problems.add("city.toml", None, f"desk_limits.{name}", limit, remedy)
        else:
            wanted.append(limit)
    return upsert(wanted, DeskLimit, key=("stage",), fields=("limit", "unit"))[1]


def _desk_limit(name: str, value: object) -> DeskLimit | Both:
    """The row, or what is wrong with it. A minute is a sixtieth of an urgent hour."""
    if name not in Stage.values or name == Stage.HANDLE:
        return Both("这不是工位环节", "this is no desk step")
    if not isinstance(value, dict) or set(value) != {"limit", "unit"}:
        return Both("须有 limit 与 unit", "it needs limit and unit")
    amount, unit = value["limit"], value["unit"]
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount <= 0:
        return Both("时限须是大于 0 的数", "a limit is a number greater than 0")
    if unit == "minute":
        amount, unit = amount / 60, LimitUnit.URGENT_HOUR.value
    if unit not in LimitUnit.values:
        return Both(f"没有单位 {unit!r}", f"there is no unit {unit!r}")
    return DeskLimit(stage=name, limit=round(Decimal(str(amount)), 4), unit=unit)
