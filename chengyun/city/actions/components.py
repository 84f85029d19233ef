"""Components are registered, changed, removed and restored by data managers, each in their own
area. Every step leaves a row of the component's history (`ComponentChange`).

`origin` says by which way the step came: "api", "ogc", "survey", "case".
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import transaction
from django.utils import timezone

from chengyun.city import codes
from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models import Component, ComponentChange, ComponentClass, UnitGrid
from chengyun.city.models.components import BECOMES, PARTIES, ComponentState
from chengyun.city.queries import Place, catalogue, component_by_code, locate
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.events import emit
from chengyun.core.models import Organisation, Role
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound

KIND = "city.component"
# A point so near to an outline, in degrees, lies on it: a millimetre.
_ON_OUTLINE = 1e-8
#: Called with the id of the locked row before it is written; raises to refuse.
Check = Callable[[int], None]


@dataclass(frozen=True)
class ComponentValues:
    """Everything of a component but its code. Organisations and grids by code, place in CGCS2000
    degrees. Without a unit grid the one at the place is taken."""

    lon: float
    lat: float
    name: str = ""
    state: str = Component.State.INTACT.value
    unit_grid: str | None = None
    authority: str | None = None
    owner: str | None = None
    maintainer: str | None = None
    first_surveyed: date | None = None
    changed_on: date | None = None
    source: str = ""
    remark: str = ""
    street_code: str = ""
    community_code: str = ""
    accuracy: str = ""


@transaction.atomic
def register_component(
    *, actor: Actor, code: str, values: ComponentValues, origin: str
) -> Component:
    """Put a new component into the register; its class is read from its code.

    Raises Forbidden outside the actor's area, Conflict when the code was ever given, Invalid."""
    _check_post(actor)
    if Component.objects.filter(code=code).exists():
        raise Conflict(
            zh=f"标识码 {code} 已被使用（含已移除的部件）。",
            en=f"The code {code} was given already, maybe to a component that was removed.",
            field="code",
            remedy_zh="请使用新的顺序号，或修改已有的部件。",
            remedy_en="Take a new serial number, or change the one that is there.",
        )
    kind = _class_of(code)
    if values.state == ComponentState.REMOVED:
        raise Invalid(
            zh="新登记的部件不能是已移除。",
            en="What is registered anew cannot be removed already.",
            field="state",
            remedy_zh="请写其现状。",
            remedy_en="Write the state it is in.",
        )
    component = Component(code=code, component_class=kind)
    place = _write(component, values, None)
    _check_reach(actor, component, place)
    component.save(force_insert=True)
    _tell(actor, component, place, _REGISTER, None, origin)
    return component


@transaction.atomic
def change_component(
    *,
    actor: Actor,
    code: str,
    change: Callable[[ComponentValues], ComponentValues],
    origin: str,
    check: Check | None = None,
) -> Component:
    """Bring a component to other values; `change` makes them from those of the locked row.

    Nothing is written when nothing differs. The day of the change is today unless `change` names
    one. Raises NotFound, Forbidden, Invalid, and whatever `check` raises."""
    _check_post(actor)
    component = locked_component(code)
    old_place = locate(component.geom.x, component.geom.y)
    _check_reach(actor, component, old_place)
    if check is not None:
        check(component.pk)
    before, outline = values_of(component), component.outline
    wanted = change(before)
    if wanted == before:
        return component
    if wanted.changed_on == before.changed_on:
        wanted = ComponentValues(**{**asdict(wanted), "changed_on": timezone.localdate()})
    if wanted.state == Component.State.REMOVED:
        raise Invalid(
            zh="移除部件请使用删除。",
            en="A component is removed by deleting it.",
            field="state",
            remedy_zh="请用 DELETE。",
            remedy_en="Use DELETE.",
        )
    place = _write(component, wanted, before)
    _check_follows(before.state, component.state)
    _check_reach(actor, component, place)
    component.save()
    left = outline if component.outline is None else None
    _tell(actor, component, place, _CHANGE, before, origin, left)
    return component


@transaction.atomic
def remove_component(
    *, actor: Actor, code: str, origin: str, check: Check | None = None
) -> Component:
    """Take a component out of the street: it stays in the register as removed, with its cases.

    Raises NotFound, Forbidden, and whatever `check` raises."""
    _check_post(actor)
    component = locked_component(code)
    place = locate(component.geom.x, component.geom.y)
    _check_reach(actor, component, place)
    if check is not None:
        check(component.pk)
    before = values_of(component)
    component.state = ComponentState.REMOVED
    component.changed_on = timezone.localdate()
    component.save(update_fields=["state", "changed_on"])
    _tell(actor, component, place, _REMOVE, before, origin)
    return component


@transaction.atomic
def restore_component(
    *,
    actor: Actor,
    code: str,
    origin: str,
    state: ComponentState = ComponentState.INTACT,
    check: Check | None = None,
) -> Component:
    """Bring back a component that was removed by mistake, or stands there again.

    Raises NotFound, Forbidden, Conflict when it was not removed, Invalid for a state it cannot
    come back in, and whatever `check` raises."""
    _check_post(actor)
    component = locked_component(code, removed=True)
    place = locate(component.geom.x, component.geom.y)
    _check_reach(actor, component, place)
    if component.state != ComponentState.REMOVED:
        raise Conflict(
            zh=f"部件 {code} 未被移除。",
            en=f"The component {code} was not removed.",
            field="code",
            remedy_zh="请直接修改其状态。",
            remedy_en="Change its state instead.",
        )
    if check is not None:
        check(component.pk)
    before = values_of(component)
    component.state = state
    _check_follows(before.state, component.state)
    component.changed_on = timezone.localdate()
    component.save(update_fields=["state", "changed_on"])
    _tell(actor, component, place, _RESTORE, before, origin)
    return component


def values_of(component: Component) -> ComponentValues:
    """What is stored, as it would be written."""
    named: dict[str, Any] = {
        field.name: getattr(component, field.name)
        for field in fields(ComponentValues)
        if field.name not in ("lon", "lat", "unit_grid", *PARTIES)
    }
    for name in PARTIES:
        party = getattr(component, name)
        named[name] = party.code if party else None
    return ComponentValues(
        lon=component.geom.x,
        lat=component.geom.y,
        unit_grid=component.unit_grid.code if component.unit_grid else None,
        **named,
    )


def version_of(values: ComponentValues) -> str:
    """A mark of what is stored; it differs when anything that can be written differs."""
    text = json.dumps(_plain(values), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def locked_component(code: str, *, removed: bool = False) -> Component:
    """The component, locked until the transaction ends. Raises NotFound, also of one that was
    removed unless `removed` asks for these too."""
    rows = Component.objects.select_for_update(of=("self",))
    found = component_by_code(code, rows.select_related("component_class", "unit_grid", *PARTIES))
    if found.state == ComponentState.REMOVED and not removed:
        raise NotFound(
            zh=f"部件 {code} 已移除。",
            en=f"The component {code} was removed.",
            field="code",
            remedy_zh="请先恢复。",
            remedy_en="Restore it first.",
        )
    return found


def _class_of(code: str) -> ComponentClass:
    known = catalogue()
    edition = known.default_edition
    try:
        parts = codes.component_code(
            code,
            class_width=edition.class_width,
            sub_width=edition.subclass_width,
            serial=edition.serial_width,
        )
    except codes.CodeError as error:
        raise Invalid(
            zh=f"标识码有误：{error.what.zh}。",
            en=f"{error.what.en}.",
            field="code",
            remedy_zh=f"{error.remedy.zh}。",
            remedy_en=f"{error.remedy.en}.",
        ) from None
    info = known.component_class_of.get((edition.code, parts.class_code + parts.sub_code))
    districts = {area.code for area in known.areas.values() if area.level == "district"}
    if info is None or (districts and parts.district not in districts):
        what_zh = "类别" if info is None else "区县"
        what_en = "class" if info is None else "district"
        raise Invalid(
            zh=f"标识码 {code} 中的{what_zh}不存在。",
            en=f"The {what_en} in the code {code} does not exist.",
            field="code",
            remedy_zh="标识码为 6 位区划 + 类别 + 顺序号，请核对目录。",
            remedy_en="A code is 6 digits of the district, the class and a serial number.",
        )
    return ComponentClass.objects.get(pk=info.id)


def _write(component: Component, values: ComponentValues, before: ComponentValues | None) -> Place:
    """Put the values on the row, checked. The place decides the grid."""
    if values.state not in Component.State.values:
        raise Invalid(
            zh=f"状态 {values.state} 无效。", en=f"{values.state} is no state.", field="state",
            remedy_zh=f"可用：{', '.join(Component.State.values)}。",
            remedy_en=f"Use one of: {', '.join(Component.State.values)}.",
        )  # fmt: skip
    if values.accuracy not in Component.Accuracy.values:
        raise Invalid(
            zh=f"定位精度 {values.accuracy} 无效。",
            en=f"{values.accuracy} is no class of accuracy.",
            field="accuracy",
            remedy_zh="可用：a、b、c，未知则留空。",
            remedy_en="Use a, b or c, or leave it empty where it is not known.",
        )
    place = locate(values.lon, values.lat)
    if place is None:
        raise Invalid(
            zh="该位置不在本市范围内。",
            en="This place lies outside of the city.",
            field="geometry",
            remedy_zh="请核对坐标顺序与坐标系（Content-Crs）。",
            remedy_en="Check the order of the axes and the system (Content-Crs).",
        )
    component.geom = Point(values.lon, values.lat, srid=CGCS2000_SRID)
    if component.outline is not None and component.outline.distance(component.geom) > _ON_OUTLINE:
        component.outline = None
    component.unit_grid = _grid(values, before, place)
    for name in PARTIES:
        setattr(component, name, _organisation(name, getattr(values, name)))
    for field in fields(ComponentValues):
        if field.name not in ("lon", "lat", "unit_grid", *PARTIES):
            setattr(component, field.name, getattr(values, field.name))
    component.name = values.name or component.component_class.name_zh
    return place


def _grid(values: ComponentValues, before: ComponentValues | None, place: Place) -> UnitGrid | None:
    """The grid at the place; one that is named must cover it, unless it was left as it was."""
    kept = before is not None and values.unit_grid == before.unit_grid
    moved = before is None or (values.lon, values.lat) != (before.lon, before.lat)
    if values.unit_grid is None or (kept and moved):
        return place.grid
    point = Point(values.lon, values.lat, srid=CGCS2000_SRID)
    named = UnitGrid.objects.filter(code=values.unit_grid)
    grid = (named if kept else named.filter(geom__covers=point)).first()
    if grid is None:
        raise Invalid(
            zh=f"位置不在单元网格 {values.unit_grid} 内。",
            en=f"The place does not lie in the unit grid {values.unit_grid}.",
            field="unit_grid",
            remedy_zh="请留空，系统按位置确定。",
            remedy_en="Leave it empty: it is found by the place.",
        )
    return grid


def _organisation(name: str, code: str | None) -> Organisation | None:
    if not code:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise Invalid(
            zh=f"没有机构 {code}。",
            en=f"There is no organisation {code}.",
            field=name,
            remedy_zh="请核对机构代码，或先建立机构。",
            remedy_en="Check the code, or create the organisation first.",
        )
    return found


def _check_post(actor: Actor) -> None:
    actor.require_role(Role.DATA_MANAGER)


def _check_reach(actor: Actor, component: Component, place: Place | None) -> None:
    areas, orgs = reach_of(component, place)
    if not actor.scope.for_roles([Role.DATA_MANAGER]).admits(areas, orgs, []):
        raise Forbidden(
            zh="该位置不在您负责的区域内。",
            en="This place is not in the area that you manage.",
            remedy_zh="请联系该区域的数据管理员。",
            remedy_en="Ask the data manager of that area.",
        )


def reach_of(component: Component, place: Place | None) -> tuple[list[str], list[str]]:
    """Areas and organisations by whose grants the component is reached."""
    parties = [getattr(component, name) for name in PARTIES]
    orgs = {code for party in parties if party is not None for code in party.ancestors}
    return (list(place.ancestors) if place else []), sorted(orgs)


def _plain(values: ComponentValues) -> Mapping[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(values).items()
    }


def _check_follows(before: str, after: str) -> None:
    if after == before or after in BECOMES[ComponentState(before)]:
        return
    allowed = ", ".join(sorted(BECOMES[ComponentState(before)] - {ComponentState.REMOVED}))
    raise Invalid(
        zh=f"部件状态不能由 {before} 变为 {after}。",
        en=f"A component that is {before} cannot become {after}.",
        field="state",
        remedy_zh=f"可变为：{allowed}。",
        remedy_en=f"It may become: {allowed}.",
    )


def write_change(
    actor: Actor,
    component: Component,
    verb: ComponentChange.Verb,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    origin: str,
) -> ComponentChange:
    """One row of the history: what differs, nothing else. Called inside an action."""
    if before is None:
        old, new = None, {name: value for name, value in after.items() if value not in ("", None)}
    else:
        differing = [name for name in after if after[name] != before.get(name)]
        old = {name: before.get(name) for name in differing}
        new = {name: after[name] for name in differing}
    return ComponentChange.objects.create(
        component=component, verb=verb, actor=actor.label, origin=origin, before=old, after=new
    )


@dataclass(frozen=True)
class _Step:
    verb: ComponentChange.Verb
    zh: str
    en: str


_REGISTER = _Step(ComponentChange.Verb.REGISTER, "登记", "Registered")
_CHANGE = _Step(ComponentChange.Verb.CHANGE, "修改", "Changed")
_REMOVE = _Step(ComponentChange.Verb.REMOVE, "移除", "Removed")
_RESTORE = _Step(ComponentChange.Verb.RESTORE, "恢复", "Restored")


def _tell(
    actor: Actor,
    component: Component,
    place: Place | None,
    step: _Step,
    before: ComponentValues | None,
    origin: str,
    left: GEOSGeometry | None = None,
) -> None:
    """`left` is the outline that the component does not lie on any more."""
    old = None if before is None else dict(_plain(before))
    new = dict(_plain(values_of(component)))
    if old is not None and left is not None:
        old["outline"], new["outline"] = left.wkt, None
    write_change(actor, component, step.verb, old, new, origin)
    record(
        actor=actor,
        action=f"{KIND}.{step.verb}",
        object_type=KIND,
        object_id=component.code,
        zh=f"{step.zh}部件 {component.name}（{component.code}）",
        en=f"{step.en} component {component.name} ({component.code})",
        before=old,
        after=new,
    )
    areas, orgs = reach_of(component, place)
    emit(
        kind=f"{KIND}.{step.verb}",
        subject_type=KIND,
        subject_id=component.code,
        payload={
            "code": component.code, "state": component.state,
            "lon": component.geom.x, "lat": component.geom.y,
        },
        scope=(areas, orgs, ()),
    )  # fmt: skip
