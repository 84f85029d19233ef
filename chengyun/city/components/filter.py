"""Which components are wanted, and in which order they come: the lists, the search by polygon and
the files all stand on this.

Every filter has an index (docs/city/registers.md); but for names and shapes it gives the rows in
the order of the list, so that a page costs the same at any depth and in any part of the city.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db.models import Count, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Collate, Concat
from pyproj import Geod

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models import Component, UnitGrid
from chengyun.city.models.components import PARTIES, ComponentState
from chengyun.city.snapshot import Catalogue, catalogue
from chengyun.core.models import Organisation
from chengyun.core.problems import Invalid

#: A value of `area` or `maintainer` that asks for those without one.
NONE = "none"
MOST_VERTICES = 1_000
#: As many as the largest district of a city of 2.5 million components: more are not listed of one
#: outline, nor written into one file. Larger parts of a register: by the OGC API, or by a dump.
MOST_ROWS = 300_000
#: Up to here a list is counted unasked; what is longer is estimated.
COUNTED = 10_000
#: An outline that is no larger holds no more than that in any city: they are not counted first.
_SMALL_KM2 = 25.0
_EARTH = Geod(ellps="GRS80")

Box = tuple[float, float, float, float]
Position = Sequence[float]


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed by; empty is no limit.

    `class_code` is a class or class and subclass of the city's own edition, `area` the code of an
    area with all below it, `maintainer` and `unit_grid` codes. `text` is the beginning of a code
    (digits) or of a name. `box` (west, south, east, north) and `within` are CGCS2000 degrees.
    """

    class_code: str = ""
    state: ComponentState | None = None
    area: str = ""
    maintainer: str = ""
    unit_grid: str = ""
    text: str = ""
    box: Box | None = None
    within: shapely.Polygon | None = None


def wanted_components(wanted: Wanted) -> tuple[QuerySet[Component], list[str]]:
    """The components, and the fields to sort them by: by code; by grid, then code, of an area; by
    class, then code, of a whole class; by name, then code, of a name. Two statements at most.

    Raises Invalid for an area, class, organisation or grid that is not there."""
    known = catalogue()
    rows = Component.objects.all()
    order: list[str] = []
    if wanted.class_code:
        classes = _classes(known, wanted.class_code)
        rows = rows.filter(component_class_id__in=classes)
        if len(classes) > 1:
            order = ["component_class_id", "code"]
    if wanted.text:
        if wanted.text.isascii() and wanted.text.isdigit():
            rows = rows.filter(code__gte=wanted.text)
            if (until := _after(wanted.text)) is not None:
                rows = rows.filter(code__lt=until)
            order = []
        else:
            # The index of names is kept in the order of bytes, in which a beginning is a stretch.
            rows = rows.annotate(name_key=Collate(F("name"), "C"))
            rows = rows.filter(name_key__startswith=wanted.text)
            order = ["name_key", "code"]
    if wanted.state is not None:
        rows = rows.filter(state=wanted.state)
    if wanted.maintainer == NONE:
        rows = rows.filter(maintainer_id=None)
    elif wanted.maintainer:
        rows = rows.filter(maintainer_id=_maintainer(wanted.maintainer))
    if wanted.area == NONE:
        rows = rows.filter(unit_grid_id=None)
    elif wanted.area and (grids := _grids(known, wanted.area)) is not None:
        rows = rows.filter(unit_grid_id__in=grids)
        order = ["unit_grid_id", "code"]
    if wanted.unit_grid:
        rows = rows.filter(unit_grid_id=_grid(wanted.unit_grid))
        order = []
    shapes = [shape for shape in (wanted.box, wanted.within) if shape is not None]
    if shapes:
        for shape in shapes:
            rows = rows.filter(geom__coveredby=_geos(shape))
        # Few rows lie in a shape. Under another name than the column's the planner cannot walk the
        # index of the codes past all of the city to find them.
        rows = rows.annotate(code_key=Concat("code", Value("", output_field=TextField())))
        order = ["code_key"]
    return rows, order or ["code"]


def more_than(most: int, rows: QuerySet[Component]) -> bool:
    return rows.order_by()[: most + 1].count() > most


def total_of(wanted: Wanted, *, exact: bool) -> dict[str, Any]:
    """How many they are, and whether that was counted: beyond `COUNTED` it is what the planner
    expects by its statistics, unless `exact` asks for the count at its price (an index or the
    table is read whole). One or two statements beside the filter's."""
    rows = wanted_components(wanted)[0].order_by()
    if exact:
        return {"count": rows.count(), "exact": True}
    found = rows.values("pk")[: COUNTED + 1].count()
    if found <= COUNTED:
        return {"count": found, "exact": True}
    (plan,) = json.loads(rows.explain(format="json"))
    return {"count": max(found, int(plan["Plan"]["Plan Rows"])), "exact": False}


def check_outline(wanted: Wanted) -> None:
    """Raises Invalid where an outline holds more components than are listed of one. Costs a
    statement for large outlines only."""
    if wanted.within is None or _km2(wanted.within) <= _SMALL_KM2:
        return
    if more_than(MOST_ROWS, wanted_components(wanted)[0]):
        raise _drawn(
            f"多边形内超过 {MOST_ROWS:,} 个部件。",
            f"The polygon holds more than {MOST_ROWS:,} components.",
            "请画得小些，按类别缩小，或按区划 area 查询。",
            "Draw a smaller one, narrow it by class, or ask by area.",
        )


def _km2(polygon: shapely.Polygon) -> float:
    return abs(float(_EARTH.geometry_area_perimeter(polygon)[0])) / 1e6


def counts_of(wanted: Wanted) -> dict[str, Any]:
    """How many components of which class, the most first. One statement beside the filter's."""
    rows, _ = wanted_components(wanted)
    damaged = Count("id", filter=Q(state__in=[ComponentState.DAMAGED, ComponentState.LOST]))
    found = rows.order_by().values("component_class_id")
    found = found.annotate(count=Count("id"), damaged=damaged)
    known = catalogue().component_classes
    counts = [
        {
            "code": known[row["component_class_id"]].code,
            "name_zh": known[row["component_class_id"]].name_zh,
            "name_en": known[row["component_class_id"]].name_en,
            "count": row["count"],
            "damaged": row["damaged"],
        }
        for row in found
    ]
    counts.sort(key=lambda row: (-row["count"], row["code"]))
    return {"total": sum(row["count"] for row in counts), "rows": counts}


def with_names(rows: QuerySet[Component]) -> QuerySet[Component]:
    """What a row of a list shows, of other tables too, in the same statement."""
    joined = rows.select_related("unit_grid", *PARTIES)
    columns = [f"{party}__{name}" for party in PARTIES for name in ("code", "name_zh", "name_en")]
    return joined.only(*COLUMNS, "unit_grid__code", *columns)


#: Columns of a component itself that lists and files show.
COLUMNS = (
    "code", "component_class_id", "name", "state", "geom", "first_surveyed", "changed_on",
    "source", "remark", "street_code", "community_code", "accuracy",
)  # fmt: skip


def box_of(text: str) -> Box:
    """WEST,SOUTH,EAST,NORTH in degrees. Raises Invalid."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
    except ValueError:
        raise Invalid(
            zh="范围 bbox 无效。",
            en="The bbox is not valid.",
            field="bbox",
            remedy_zh="请写作 西,南,东,北，单位为度，例如 120.3,36.0,120.4,36.1。",
            remedy_en="Write WEST,SOUTH,EAST,NORTH in degrees, for example 120.3,36.0,120.4,36.1.",
        ) from None
    return west, south, east, north


def polygon_of(rings: Sequence[Sequence[Position]]) -> shapely.Polygon:
    """A polygon drawn on the map, of rings of (longitude, latitude). Raises Invalid when it is
    broken or has more than 1,000 vertices."""
    if sum(len(ring) for ring in rings) > MOST_VERTICES:
        raise _drawn(
            f"多边形的顶点超过 {MOST_VERTICES} 个。",
            f"The polygon has more than {MOST_VERTICES} vertices.",
            "请画得简单些。", "Draw it with fewer.",
        )  # fmt: skip
    try:
        polygon = shapely.Polygon(rings[0], rings[1:])
    except (ValueError, IndexError, shapely.errors.GEOSException):
        raise _drawn(
            "多边形无效。", "The polygon is not one.",
            "每个环至少四个点，首尾相同。", "Each ring has four points or more and is closed.",
        ) from None  # fmt: skip
    if not polygon.is_valid or polygon.is_empty:
        why = shapely.is_valid_reason(polygon)
        raise _drawn(
            f"多边形无效：{why}。", f"The polygon is not valid: {why}.",
            "边界不可自相交。", "Its outline must not cross itself.",
        )  # fmt: skip
    return polygon


def _drawn(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Invalid:
    return Invalid(zh=zh, en=en, field="within", remedy_zh=remedy_zh, remedy_en=remedy_en)


def _geos(shape: Box | shapely.Polygon) -> GEOSGeometry:
    if isinstance(shape, shapely.Polygon):
        return GEOSGeometry(memoryview(shape.wkb), srid=CGCS2000_SRID)
    box = Polygon.from_bbox(shape)
    box.srid = CGCS2000_SRID
    return box


def _after(digits: str) -> str | None:
    """The first text of digits behind all that begin with these; None where there is none."""
    following = str(int(digits) + 1).zfill(len(digits))
    return following if len(following) == len(digits) else None


def _classes(known: Catalogue, code: str) -> list[int]:
    found = [
        info.id
        for info in known.component_classes.values()
        if info.edition == known.default_edition.code and code in (info.class_code, info.code)
    ]
    if not found:
        raise _unknown("class", f"没有部件类别 {code}。", f"There is no class {code}.")
    return sorted(found)


def _maintainer(code: str) -> int:
    found = Organisation.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise _unknown("maintainer", f"没有机构 {code}。", f"There is no organisation {code}.")
    return found


def _grid(code: str) -> int:
    found = UnitGrid.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise _unknown("unit_grid", f"没有单元网格 {code}。", f"There is no unit grid {code}.")
    return found


def _grids(known: Catalogue, code: str) -> list[int] | None:
    """Ids of the grids of an area, those that hold no longer too; None for the whole city."""
    area = known.area_of.get(code)
    if area is None:
        raise _unknown("area", f"没有区域 {code}。", f"There is no area {code}.")
    if area.level == "city":
        return None
    below = [each.id for each in known.areas.values() if code in each.ancestors]
    grids = UnitGrid.objects.filter(community_id__in=below).order_by("id")
    return list(grids.values_list("id", flat=True))


def _unknown(field: str, zh: str, en: str) -> Invalid:
    return Invalid(zh=zh, en=en, field=field, remedy_zh="请核对代码。", remedy_en="Check the code.")
