"""Corrections of what and where. The report keeps the reporter's own words and place."""

from typing import Unpack

from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.actions.accept import find_matter
from chengyun.governance.actions.receive import TEXT_LIMIT
from chengyun.governance.actions.transition import Form, Step, transition
from chengyun.governance.flow import Operation
from chengyun.governance.models import Case
from chengyun.governance.position import find_position


def amend(
    *,
    actor: Actor,
    case_id: int,
    matter_id: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    system: str = "cgcs2000",
    address: str | None = None,
    description: str | None = None,
    urgency: str | None = None,
    public: bool | None = None,
    **form: Unpack[Form],
) -> Case:
    """Correct a case. After filing, a change of matter or place counts as a filing error, and a
    new matter needs a new standard: the case must be in filing again."""
    with transition(actor=actor, case_id=case_id, operation=Operation.AMEND, **form) as step:
        case = step.case
        changed = [_amend_matter(step, matter_id), _amend_place(step, lon, lat, system)]
        if address is not None:
            changed_address = address.strip()[:500]
            step.data["address"] = {"before": case.address, "after": changed_address}
            case.address = changed_address
        if description is not None:
            _amend_description(step, description)
        if urgency is not None:
            case.urgency = urgency
        if public is not None:
            step.data["public"] = public
            case.public = public
        if any(changed):
            codes = set(case.scope_orgs)
            step.rescope([])
            case.scope_orgs = sorted(codes)
            case.corrected = case.corrected or case.filed_at is not None
    return step.case


def _amend_matter(step: Step, matter_id: int | None) -> bool:
    case = step.case
    if matter_id is None or matter_id == case.matter_id:
        return False
    if case.standard_id is not None and case.filed_at is not None:
        if case.dispatched_at is not None and case.department_id is not None:
            raise Conflict(
                zh="案件已在部门处置，更正小类须先退回立案。",
                en="The case is with a department: return it to filing before changing its matter.",
            )
        case.standard = None
    matter = find_matter(matter_id)
    step.data["matter"] = {"before": case.matter_id, "after": matter.pk}
    case.matter = matter
    return True


def _amend_place(step: Step, lon: float | None, lat: float | None, system: str) -> bool:
    found = find_position(lon, lat, system)
    if found is None:
        return False
    point, place = found
    case = step.case
    before = [case.geom.x, case.geom.y] if case.geom else None
    step.data["place"] = {"before": before, "after": [point.x, point.y]}
    case.geom = point
    case.unit_grid, case.area = place.grid, place.area
    # The number keeps the district it was given in; statistics follow the true place.
    case.district_code = place.district.code if place.district else ""
    return True


def _amend_description(step: Step, description: str) -> None:
    text = description.strip()
    if not text or len(text) > TEXT_LIMIT:
        raise Invalid(
            zh=f"描述须为 1 至 {TEXT_LIMIT} 字。",
            en=f"The description has 1 to {TEXT_LIMIT} characters.",
            field="description",
        )
    step.data["description"] = {"before": step.case.description, "after": text}
    step.case.description = text
