"""Loading where things are: areas, unit grids, duty grids."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Model
from shapely.geometry.base import BaseGeometry

from chengyun.city import codes
from chengyun.city.grids.topology import GridShape, overlaps_of
from chengyun.city.load import outlines
from chengyun.city.load.folder import FolderReader
from chengyun.city.load.report import Count, Step
from chengyun.city.load.table import (
    CellError,
    Column,
    Row,
    boolean,
    day,
    integer,
    no_organisation,
    one_of,
)
from chengyun.city.load.upsert import upsert
from chengyun.city.models import Area, DutyGrid, UnitGrid
from chengyun.core.models import Organisation, User
from chengyun.core.words import Both

AREAS = "areas.geojson"
UNIT_GRIDS = "unit_grids.geojson"
DUTY_GRIDS = "duty_grids.csv"
# What a grid without a date gets: it has held for as long as anybody asks.
LONG_AGO = date(2000, 1, 1)

# A case number is the district's code, the day and a serial, 40 characters together.
LONGEST_CODE = 27


def area_code(cell: str) -> str:
    """A code that fits in a case number."""
    if len(cell) > LONGEST_CODE:
        raise CellError(
            Both(f"编码有 {len(cell)} 个字符", f"the code has {len(cell)} characters"),
            Both(f"编码至多 {LONGEST_CODE} 个字符", f"use a code of at most {LONGEST_CODE}"),
        )
    return cell


AREA_COLUMNS = [
    Column("code", parse=area_code),
    Column("name_zh"),
    Column("name_en", required=False),
    Column("level", parse=one_of(Area.Level.values)),
    Column("parent", required=False),
    Column("synthetic", required=False, parse=boolean, default=False),
    Column("population", required=False, parse=integer, default=None),
]
GRID_COLUMNS = [
    Column("code"),
    Column("community"),
    Column("valid_from", required=False, parse=day, default=LONG_AGO),
    Column("valid_until", required=False, parse=day, default=None),
    Column("land_use", required=False),
    Column("level_code", required=False),
    Column("responsible_org_code", required=False),
    Column("remark", required=False),
]
DUTY_COLUMNS = [
    Column("code"),
    Column("name"),
    Column("kind", parse=one_of(DutyGrid.Kind.values)),
    Column("organisation", required=False),
    Column("unit_grids", required=False),
    Column("users", required=False),
]
_DEPTH = {level: i for i, level in enumerate(Area.Level.values)}


def load_areas(reader: FolderReader) -> Count:
    """Load the tree of areas. Parents may stand after their children in the file."""
    rows = {
        row["code"]: row
        for row in reader.features(AREAS, AREA_COLUMNS, unique=("code",), required=True)
    }
    if any(fault.file.startswith(AREAS) for fault in reader.problems.faults):
        # Children of a row that could not be read would only repeat its mistake.
        return Count()
    stored = {a.code: a for a in Area.objects.only("code", "level", "ancestors", "parent_id")}
    for code, row in rows.items():
        _check_place_in_tree(reader, code, row, rows, stored)
    _check_one_city(reader, rows)
    if reader.problems:
        return Count()
    total, known = Count(), stored
    for level in Area.Level.values:
        wanted = list(_areas_of(reader, level, rows, known))
        if reader.problems:
            continue
        table, count = upsert(
            wanted,
            Area,
            key=["code"],
            fields=[
                "name_zh", "name_en", "level", "parent_id", "ancestors", "geom", "synthetic",
                "population", "area_m2",
            ],
            among=Area.objects.filter(code__in=[a.code for a in wanted]),
        )  # fmt: skip
        known = known | {code: area for (code,), area in table.items()}
        total.created += count.created
        total.changed += count.changed
        total.unchanged += count.unchanged
    return total


def _check_place_in_tree(
    reader: FolderReader, code: str, row: Row, rows: dict[str, Row], stored: dict[str, Area]
) -> None:
    def fault(column: str, what: Both, remedy: Both) -> None:
        reader.problems.add(AREAS, row.line, column, what, remedy)

    level, parent = row["level"], row["parent"]
    if level == Area.Level.CITY:
        if parent:
            fault(
                "parent",
                Both("城市没有上级", "a city has no parent"),
                Both("留空", "leave it empty"),
            )
        return
    if not parent:
        fault(
            "parent",
            Both(f"{codes.LEVELS[level]} {code} 没有上级", f"the {level} {code} has no parent"),
            Both("写明所属区域", "name the area that it belongs to"),
        )
        return
    if parent in rows:
        parent_level = rows[parent]["level"]
    elif parent in stored:
        parent_level = stored[parent].level
    else:
        fault(
            "parent",
            Both(f"没有区域 {parent}", f"there is no area {parent}"),
            Both("将其加入文件，或改正编码", "add it to the file or correct the code"),
        )
        return
    # Also what keeps the tree free of cycles: every step up is a step to a higher level.
    if _DEPTH[parent_level] >= _DEPTH[level]:
        fault(
            "parent",
            Both(
                f"{codes.LEVELS[level]} {code} 不能在{codes.LEVELS[parent_level]} {parent} 之下",
                f"the {level} {code} cannot lie in the {parent_level} {parent}",
            ),
            Both(
                "层级依次为城市、区县、街道、社区；写其上级区域",
                "the order is city, district, street, community; name an area above it",
            ),
        )
        return
    try:
        codes.area_code(code, level, parent)
    except codes.CodeError as error:
        fault("code", error.what, error.remedy)


def _check_one_city(reader: FolderReader, rows: dict[str, Row]) -> None:
    cities = [row for row in rows.values() if row["level"] == Area.Level.CITY]
    declared = str(reader.city.get("code", ""))
    if len(cities) != 1:
        what = Both(f"有 {len(cities)} 个城市", f"there are {len(cities)} cities")
        reader.problems.add(AREAS, None, "level", what, Both("只留一个", "keep exactly one"))
    elif declared not in ("", cities[0]["code"]):
        here = cities[0]["code"]
        what = Both(
            f"城市编码此处为 {here}，city.toml 中为 {declared}",
            f"the city is {here} here and {declared} in city.toml",
        )
        remedy = Both("两处写同一编码", "write the same code in both")
        reader.problems.add(AREAS, cities[0].line, "code", what, remedy)


def _areas_of(
    reader: FolderReader, level: str, rows: dict[str, Row], known: dict[str, Area]
) -> Iterator[Area]:
    for code, row in rows.items():
        if row["level"] != level:
            continue
        polygon = None
        if row["geometry"] is not None:
            try:
                polygon = outlines.outline(row["geometry"])
            except CellError as error:
                reader.problems.add(AREAS, row.line, "geometry", error.what, error.remedy)
                continue
        parent = known.get(row["parent"]) if row["parent"] else None
        yield Area(
            code=code,
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            level=level,
            parent_id=parent.pk if parent else None,
            ancestors=[*(parent.ancestors if parent else []), code],
            geom=outlines.for_database(polygon) if polygon else None,
            synthetic=row["synthetic"],
            population=row["population"],
            area_m2=outlines.area_m2(polygon) if polygon else None,
        )


def load_unit_grids(reader: FolderReader, notes: list[Both], step: Step) -> Count:
    """Load the unit grids; overlapping ones are loaded and noted."""
    areas = dict(Area.objects.values_list("code", "id"))
    wanted: list[UnitGrid] = []
    polygons: list[BaseGeometry] = []
    for row in reader.features(UNIT_GRIDS, GRID_COLUMNS, unique=("code",)):
        column = "community"
        try:
            if row["community"] not in areas:
                raise CellError(
                    Both(f"没有区域 {row['community']}", f"there is no area {row['community']}"),
                    Both("改正编码", "correct the code"),
                )
            column = "code"
            codes.unit_grid_code(row["code"], row["community"])
            column = "valid_until"
            if row["valid_until"] and row["valid_until"] <= row["valid_from"]:
                raise CellError(
                    Both("失效日期不晚于生效日期", "the grid ends before it begins"),
                    Both("改正其中之一", "correct one of the dates"),
                )
            column = "geometry"
            polygon = outlines.outline(row["geometry"])
        except codes.CodeError as error:
            reader.problems.add(UNIT_GRIDS, row.line, column, error.what, error.remedy)
            continue
        polygons.append(polygon)
        wanted.append(
            UnitGrid(
                code=row["code"],
                community_id=areas[row["community"]],
                geom=outlines.for_database(polygon),
                area_m2=outlines.area_m2(polygon),
                **{c.name: row[c.name] for c in GRID_COLUMNS[2:]},
            )
        )
        if len(wanted) % 1000 == 0:
            step(len(wanted), None)
    if reader.problems:
        return Count()
    _note_overlaps(wanted, polygons, notes)
    fields = ["community_id", "geom", "area_m2", *(c.name for c in GRID_COLUMNS[2:])]
    return upsert(wanted, UnitGrid, key=["code"], fields=fields)[1]


def _note_overlaps(grids: list[UnitGrid], polygons: list[BaseGeometry], notes: list[Both]) -> None:
    faults = overlaps_of(
        [
            GridShape(grid.code, "", polygon)
            for grid, polygon in zip(grids, polygons, strict=True)
            if grid.valid_until is None
        ]
    )
    notes += [
        Both(
            f"{UNIT_GRIDS}：{f.code} 与 {f.other} 重叠 {f.m2:,.1f} 平方米",
            f"{UNIT_GRIDS}: {f.code} and {f.other} overlap by {f.m2:,.1f} m²",
        )
        for f in faults[:20]
    ]
    if (more := len(faults) - 20) > 0:
        notes.append(
            Both(f"{UNIT_GRIDS}：另有 {more} 对重叠", f"{UNIT_GRIDS}: {more} more pairs overlap")
        )


def load_duty_grids(reader: FolderReader) -> Count:
    """Load duty grids with their unit grids and users.

    `unit_grids` is a list of codes separated by spaces; `community:CODE` stands for all grids of
    an area.
    """
    table = reader.table(DUTY_GRIDS, DUTY_COLUMNS, unique=("code",))
    if table is None:
        return Count()
    organisations = dict(Organisation.objects.values_list("code", "id"))
    users = dict(User.objects.values_list("username", "id"))
    grids = _grids_by_name()
    wanted: list[DutyGrid] = []
    members: dict[str, tuple[set[int], set[int]]] = {}
    for row in table:
        organisation = None
        if row["organisation"]:
            organisation = organisations.get(row["organisation"])
            if organisation is None:
                table.fault(row, "organisation", *no_organisation(row["organisation"]))
        chosen: set[int] = set()
        for word in row["unit_grids"].split():
            if word in grids:
                chosen |= grids[word]
            else:
                what = Both(f"没有单元网格 {word}", f"there is no unit grid {word}")
                remedy = Both(
                    "写单元网格编码或 community:CODE，以空格分隔",
                    "write codes of unit grids, or community:CODE, separated by spaces",
                )
                table.fault(row, "unit_grids", what, remedy)
        people: set[int] = set()
        for word in row["users"].split():
            if word in users:
                people.add(users[word])
            else:
                what = Both(f"没有用户 {word}", f"there is no user {word}")
                remedy = Both("将其加入 users.csv", "add it to users.csv")
                table.fault(row, "users", what, remedy)
        wanted.append(
            DutyGrid(
                code=row["code"], name=row["name"], kind=row["kind"], organisation_id=organisation
            )
        )
        members[row["code"]] = (chosen, people)
    if reader.problems:
        return Count()
    rows, count = upsert(wanted, DutyGrid, key=["code"], fields=["name", "kind", "organisation_id"])
    duty_ids = {code: rows[(code,)].pk for code in members}
    moved = _set_members(
        DutyGrid.unit_grids.through, "unitgrid_id", {duty_ids[c]: m[0] for c, m in members.items()}
    ) | _set_members(
        DutyGrid.users.through, "user_id", {duty_ids[c]: m[1] for c, m in members.items()}
    )
    only_moved = len(moved) - count.created - count.changed
    if only_moved > 0:
        count.changed += only_moved
        count.unchanged -= only_moved
    return count


def _grids_by_name() -> dict[str, set[int]]:
    """Ids of the unit grids that hold now: each by its code, those of an area by community:CODE."""
    named: dict[str, set[int]] = {
        f"community:{code}": set() for code in Area.objects.values_list("code", flat=True)
    }
    rows = UnitGrid.objects.filter(valid_until=None)
    for pk, code, ancestors in rows.values_list("id", "code", "community__ancestors"):
        named[code] = {pk}
        for area in ancestors:
            named[f"community:{area}"].add(pk)
    return named


def _set_members(through: type[Model], column: str, wanted: dict[int, set[int]]) -> set[int]:
    """Make a many-to-many table hold `wanted`; returns the duty grids whose members changed."""
    manager = through._default_manager
    there: dict[int, set[int]] = {}
    for duty_grid, member in manager.filter(dutygrid_id__in=wanted).values_list(
        "dutygrid_id", column
    ):
        there.setdefault(duty_grid, set()).add(member)
    new = [
        through(**{"dutygrid_id": duty_grid, column: member})
        for duty_grid, members in wanted.items()
        for member in sorted(members - there.get(duty_grid, set()))
    ]
    manager.bulk_create(new, batch_size=5_000)
    changed = {row.dutygrid_id for row in new}  # type: ignore[attr-defined]
    for duty_grid, members in there.items():
        gone = members - wanted[duty_grid]
        if gone:
            manager.filter(dutygrid_id=duty_grid, **{f"{column}__in": gone}).delete()
            changed.add(duty_grid)
    return changed
