"""Unit grids are registered, retired and split by data managers, each in their own area.

A grid never changes its ground: it holds from a day until a day, and another one follows it. What
stands on the ground of a grid that was retired is given to the grid that holds there today by
`follow_grids`, at once or on the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import shapely
from django.db import connection, transaction
from django.utils import timezone

from chengyun.city import codes
from chengyun.city.grids.topology import (
    FaultKind,
    GridShape,
    TopologyFault,
    covers_exactly,
    faults_of,
)
from chengyun.city.load.outlines import area_m2, for_database
from chengyun.city.models import Area, UnitGrid
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.events import emit
from chengyun.core.models import Role
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound

KIND = "city.unit_grid"
#: A retired grid is followed by more than this only by mistake.
MOST_PARTS = 50


@dataclass(frozen=True)
class GridPart:
    """A new grid: its code and its outline in CGCS2000 degrees."""

    code: str
    geometry: shapely.MultiPolygon


@transaction.atomic
def register_grid(
    *,
    actor: Actor,
    part: GridPart,
    community: str,
    valid_from: date,
    responsible_org_code: str = "",
    remark: str = "",
) -> UnitGrid:
    """Put a new grid into the register, on ground that no other one holds on that day.

    Raises NotFound for the community, Forbidden outside the actor's area, Conflict when the code
    was ever given, Invalid for a code, an outline, or ground of another grid or community."""
    actor.require_role(Role.DATA_MANAGER)
    area = Area.objects.select_for_update(no_key=True).filter(code=community).first()
    if area is None:
        raise NotFound(
            zh=f"没有社区 {community}。",
            en=f"There is no area {community}.",
            field="community",
            remedy_zh="请核对编码。",
            remedy_en="Check the code.",
        )
    _check_reach(actor, area)
    _check_codes([part], area)
    outline = shapely.from_wkb(bytes(area.geom.wkb)) if area.geom else None
    # Until it is retired itself it must not be overlapped, so what comes later counts too.
    others = UnitGrid.objects.filter(geom__intersects=for_database(part.geometry))
    others = others.exclude(valid_until__lte=valid_from)
    near = [_shape(grid) for grid in others.select_related("community")]
    faults = faults_of(
        [GridShape(part.code, area.code, part.geometry)], {area.code: outline}, neighbours=near
    )
    # The rest of the community is other grids' ground; that is no gap of this one.
    _refuse([fault for fault in faults if fault.kind is not FaultKind.GAP], "geometry")
    grid = _new(part, area, valid_from, responsible_org_code, remark)
    _tell(actor, grid, area, "register", "登记", "Registered", None)
    return grid


@transaction.atomic
def retire_grid(*, actor: Actor, code: str, on: date) -> UnitGrid:
    """Let a grid hold no longer from a day on; it keeps its code, and what stood in it names it.

    Raises NotFound, Forbidden, Conflict when it was retired already, Invalid for a day before it
    began."""
    actor.require_role(Role.DATA_MANAGER)
    grid = _locked(code)
    _check_reach(actor, grid.community)
    _retire(grid, on)
    _tell(actor, grid, grid.community, "retire", "停用", "Retired", {"valid_until": None})
    return grid


@transaction.atomic
def split_grid(*, actor: Actor, code: str, parts: Sequence[GridPart], on: date) -> list[UnitGrid]:
    """Retire a grid on a day and let new ones hold from it, on exactly the same ground.

    Duty grids and components follow at once when the day has come, else on that day. Raises
    NotFound, Forbidden, Conflict, and Invalid when the parts overlap, leave a gap or go beyond."""
    actor.require_role(Role.DATA_MANAGER)
    grid = _locked(code)
    _check_reach(actor, grid.community)
    if not 2 <= len(parts) <= MOST_PARTS:
        raise Invalid(
            zh=f"须分为 2 至 {MOST_PARTS} 个网格。",
            en=f"A grid is split into 2 to {MOST_PARTS} grids.",
            field="parts",
            remedy_zh="请给出各部分的编码与边界。",
            remedy_en="Give code and outline of each part.",
        )
    _check_codes(parts, grid.community)
    shapes = [GridShape(part.code, grid.community.code, part.geometry) for part in parts]
    _refuse(covers_exactly(shapes, shapely.from_wkb(bytes(grid.geom.wkb))), "parts")
    _retire(grid, on)
    _tell(actor, grid, grid.community, "retire", "停用", "Retired", {"valid_until": None})
    made = [
        _new(part, grid.community, on, grid.responsible_org_code, grid.remark) for part in parts
    ]
    for new in made:
        _tell(actor, new, grid.community, "register", "登记", "Registered", None)
    if on <= timezone.localdate():
        follow_grids(actor=actor)
    return made


# A component on a border of two grids goes to the lower id, as everywhere. Only what has a
# successor moves: who retires a grid without one leaves its components where they were.
_MOVE = """
WITH moved AS (
    UPDATE city_component c SET unit_grid_id = next.id
    FROM city_unitgrid old, LATERAL (
        SELECT c2.id AS component_id, g.id, g.code
        FROM city_component c2 CROSS JOIN LATERAL (
            SELECT g.id, g.code FROM city_unitgrid g
            WHERE g.community_id = old.community_id AND ST_Covers(g.geom, c2.geom)
              AND g.valid_from <= %(today)s AND (g.valid_until IS NULL OR g.valid_until > %(today)s)
            ORDER BY g.id LIMIT 1) g
        WHERE c2.unit_grid_id = old.id
    ) next
    WHERE old.valid_until <= %(today)s AND c.id = next.component_id
    RETURNING c.id, old.code AS before, next.code AS after
)
INSERT INTO city_componentchange (component_id, at, verb, actor, origin, before, after)
SELECT id, now(), 'change', %(actor)s, 'grids', jsonb_build_object('unit_grid', before),
       jsonb_build_object('unit_grid', after) FROM moved
"""
# Who answers for a ground answers for what follows on it.
_FOLLOWERS = """
INSERT INTO city_dutygrid_unit_grids (dutygrid_id, unitgrid_id)
SELECT DISTINCT part.dutygrid_id, g.id
FROM city_dutygrid_unit_grids part
JOIN city_unitgrid old ON old.id = part.unitgrid_id AND old.valid_until <= %(today)s
JOIN city_unitgrid g ON g.community_id = old.community_id AND g.valid_from >= old.valid_until
    AND g.valid_from <= %(today)s AND ST_Covers(old.geom, ST_PointOnSurface(g.geom))
ON CONFLICT DO NOTHING
"""
_GONE = """
DELETE FROM city_dutygrid_unit_grids part USING city_unitgrid old
WHERE old.id = part.unitgrid_id AND old.valid_until <= %(today)s AND EXISTS (
    SELECT FROM city_dutygrid_unit_grids other JOIN city_unitgrid g ON g.id = other.unitgrid_id
    WHERE other.dutygrid_id = part.dutygrid_id AND g.valid_from >= old.valid_until
      AND g.community_id = old.community_id AND ST_Covers(old.geom, ST_PointOnSurface(g.geom)))
"""


@transaction.atomic
def follow_grids(*, actor: Actor) -> int:
    """Give what stands in retired grids to the grids that hold there today; the number of
    components that moved. May be called at any time; a job does so every day."""
    parameters: dict[str, Any] = {"today": timezone.localdate(), "actor": actor.label}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, parameters)
        moved: int = cursor.rowcount
        cursor.execute(_FOLLOWERS, parameters)
        added = cursor.rowcount
        cursor.execute(_GONE, parameters)
    if moved or added:
        record(
            actor=actor,
            action=f"{KIND}.follow",
            object_type=KIND,
            object_id="*",
            zh=f"{moved} 个部件、{added} 处责任网格归入新的单元网格",
            en=f"{moved} components and {added} places of duty grids went to newer unit grids",
            after={"components": moved, "duty_grids": added},
        )
        emit(
            kind=f"{KIND}.follow",
            subject_type=KIND,
            subject_id="*",
            payload={"components": moved, "duty_grids": added},
        )
    return moved


def _locked(code: str) -> UnitGrid:
    rows = UnitGrid.objects.select_for_update(of=("self",)).select_related("community")
    found = rows.filter(code=code).first()
    if found is None:
        raise NotFound(
            zh=f"没有单元网格 {code}。",
            en=f"There is no unit grid {code}.",
            field="code",
            remedy_zh="请核对编码。",
            remedy_en="Check the code.",
        )
    return found


def _retire(grid: UnitGrid, on: date) -> None:
    if grid.valid_until is not None:
        raise Conflict(
            zh=f"单元网格 {grid.code} 已于 {grid.valid_until} 停用。",
            en=f"The unit grid {grid.code} was retired on {grid.valid_until}.",
            field="code",
            remedy_zh="请选择现行的网格。",
            remedy_en="Choose one that holds.",
        )
    if on <= grid.valid_from:
        first = grid.valid_from + timedelta(days=1)
        raise Invalid(
            zh=f"网格自 {grid.valid_from} 起有效，不能在此前停用。",
            en=f"The grid holds from {grid.valid_from}; it cannot end before.",
            field="on",
            remedy_zh=f"最早为 {first}。",
            remedy_en=f"The first day is {first}.",
        )
    grid.valid_until = on
    grid.save(update_fields=["valid_until"])


def _check_codes(parts: Sequence[GridPart], community: Area) -> None:
    wanted = [part.code for part in parts]
    for code in wanted:
        try:
            codes.unit_grid_code(code, community.code)
        except codes.CodeError as error:
            raise Invalid(
                zh=f"网格编码 {code} 与社区 {community.code} 不符。",
                en=f"{error.what.en}.",
                field="code",
                remedy_zh=f"应为 {community.code} 加三位顺序号。",
                remedy_en=f"{error.remedy.en}.",
            ) from None
    taken = list(UnitGrid.objects.filter(code__in=wanted).values_list("code", flat=True))
    twice = [code for code in wanted if wanted.count(code) > 1]
    if taken or twice:
        code = (taken or twice)[0]
        raise Conflict(
            zh=f"网格编码 {code} 已被使用（含已停用的网格）。",
            en=f"The code {code} was given already, maybe to a grid that holds no longer.",
            field="code",
            remedy_zh="请使用新的顺序号。",
            remedy_en="Take a new serial number.",
        )


def _check_reach(actor: Actor, area: Area) -> None:
    if not actor.scope.for_roles([Role.DATA_MANAGER]).admits(area.ancestors, [], []):
        raise Forbidden(
            zh="该社区不在您负责的区域内。",
            en="This community is not in the area that you manage.",
            remedy_zh="请联系该区域的数据管理员。",
            remedy_en="Ask the data manager of that area.",
        )


def _refuse(faults: Sequence[TopologyFault], field: str) -> None:
    if not faults:
        return
    first = faults[0]
    raise Invalid(
        zh=first.zh,
        en=first.en,
        field=field,
        remedy_zh=first.remedy_zh,
        remedy_en=first.remedy_en,
        errors=[
            {"field": field, "kind": f.kind.value, "zh": f.zh, "en": f.en, "at": list(f.point)}
            for f in faults[:100]
        ],
    )


def _new(
    part: GridPart, area: Area, valid_from: date, responsible_org_code: str, remark: str
) -> UnitGrid:
    return UnitGrid.objects.create(
        code=part.code,
        community=area,
        geom=for_database(part.geometry),
        area_m2=area_m2(part.geometry),
        valid_from=valid_from,
        responsible_org_code=responsible_org_code,
        remark=remark,
    )


def _shape(grid: UnitGrid) -> GridShape:
    return GridShape(grid.code, grid.community.code, shapely.from_wkb(bytes(grid.geom.wkb)))


def _tell(
    actor: Actor,
    grid: UnitGrid,
    area: Area,
    verb: str,
    zh: str,
    en: str,
    before: dict[str, Any] | None,
) -> None:
    after = {
        "community": area.code,
        "valid_from": grid.valid_from.isoformat(),
        "valid_until": grid.valid_until.isoformat() if grid.valid_until else None,
        "area_m2": grid.area_m2,
    }
    record(
        actor=actor,
        action=f"{KIND}.{verb}",
        object_type=KIND,
        object_id=grid.code,
        zh=f"{zh}单元网格 {grid.code}",
        en=f"{en} unit grid {grid.code}",
        before=before,
        after=after,
    )
    emit(
        kind=f"{KIND}.{verb}",
        subject_type=KIND,
        subject_id=grid.code,
        payload={"code": grid.code, **after},
        scope=(area.ancestors, (), ()),
    )
