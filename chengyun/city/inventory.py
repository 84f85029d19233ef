"""The inventory in numbers: how many components of what kind, where, in which state, whose.

Read from counts that the database keeps while components are written (migration 0004), and from
their totals without subclass and maintainer where these are not asked for (migration 0012), so the
answer is exact at any moment and does not depend on how many components there are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from chengyun.city.models import Area, Component
from chengyun.city.snapshot import AreaInfo, Catalogue, ComponentClassInfo, catalogue
from chengyun.core.models import Organisation
from chengyun.core.problems import Invalid


class By(StrEnum):
    """What the numbers are counted by."""

    CLASS = "class"
    SUBCLASS = "subclass"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    STATE = "state"
    MAINTAINER = "maintainer"


_COLUMN = {
    By.CLASS: "component_class_id",
    By.SUBCLASS: "component_class_id",
    By.DISTRICT: "area_id",
    By.STREET: "area_id",
    By.COMMUNITY: "area_id",
    By.STATE: "state",
    By.MAINTAINER: "maintainer_id",
}
_NOWHERE = ("", "未定位", "no place")
_NOBODY = ("", "未登记", "not registered")
_STATE_EN = {state.value: str(state.label).partition(" ")[2] for state in Component.State}
_STATE_ZH = {state.value: str(state.label).partition(" ")[0] for state in Component.State}

_COUNTS = """
SELECT {column}, sum(n)::bigint,
       coalesce(sum(n) FILTER (WHERE state IN ('damaged', 'lost')), 0)::bigint
FROM {table}
WHERE level = %(level)s
  AND (%(areas)s::bigint[] IS NULL OR area_id = ANY (%(areas)s))
  AND (%(state)s = '' OR state = %(state)s)
  AND {further}
GROUP BY 1
"""
_IN_COUNTS = {
    "table": "city_componentcount",
    "further": """(%(classes)s::bigint[] IS NULL OR component_class_id = ANY (%(classes)s))
  AND (%(maintainer)s::bigint IS NULL OR maintainer_id = %(maintainer)s)""",
}
_IN_TOTALS = {
    "table": "city_componenttotal",
    "further": """(%(class)s = '' OR (edition_id = %(edition)s AND class_code = %(class)s))""",
}
# What the totals can be counted by, and for which levels they are kept.
_TOTALLED = {By.STREET, By.COMMUNITY, By.STATE}
_TOTALLED_LEVELS = {Area.Level.STREET, Area.Level.COMMUNITY}
_GRIDS = """
SELECT count(*), (
    SELECT count(*) FROM city_dutygrid d
    WHERE %(areas)s::bigint[] IS NULL OR EXISTS (
        SELECT FROM city_dutygrid_unit_grids u JOIN city_unitgrid g ON g.id = u.unitgrid_id
        WHERE u.dutygrid_id = d.id AND g.community_id = ANY (%(areas)s)))
FROM city_unitgrid
WHERE valid_from <= %(today)s AND (valid_until IS NULL OR valid_until > %(today)s)
  AND (%(areas)s::bigint[] IS NULL OR community_id = ANY (%(areas)s))
"""
# Rows that add to the same number become one; the others stay where they are, or an hourly rewrite
# of the table would cost its index-only scans. What is added meanwhile stays beside it.
_FOLD = """
WITH several AS (
    SELECT unnest(array_agg(ctid)) AS place FROM {table}
    GROUP BY {number}
    HAVING count(*) > 1 OR sum(n) = 0
), taken AS (
    DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT place FROM several))
    RETURNING {number}, n
)
INSERT INTO {table} ({number}, n)
SELECT {number}, sum(n) FROM taken GROUP BY {number} HAVING sum(n) <> 0
"""
# The totals last: folding the counts takes from them and adds to them.
_FOLDED = {
    "city_componentcount": "level, area_id, component_class_id, state, maintainer_id",
    "city_componenttotal": "level, area_id, edition_id, class_code, state",
}


@dataclass(frozen=True)
class Wanted:
    """What part of the inventory is counted; empty is everything.

    `class_code` is a class or a class with its subclass, in the city's own edition; `area` the
    code of an area with all below it; `maintainer` the code of an organisation.
    """

    class_code: str = ""
    area: str = ""
    state: str = ""
    maintainer: str = ""


def inventory(by: By, wanted: Wanted) -> dict[str, Any]:
    """The numbers, the largest first; three statements at most. `damaged` counts what is damaged
    or lost. Raises `Invalid` for an area, class or organisation that is not there."""
    known = catalogue()
    area = _area(known, wanted.area)
    below = None if area is None else _below(known, area)
    level = _level(by, area)
    areas = None if below is None else _ids(below, level)
    classes = _classes(known, wanted.class_code)
    parameters = {
        "level": level,
        "areas": areas,
        "class": wanted.class_code,
        "classes": None if classes is None else [info.id for info in classes],
        "edition": None if (edition := known.edition_if_any) is None else edition.id,
        "state": wanted.state,
        "maintainer": _maintainer(wanted.maintainer),
    }
    whole = all(info.class_code == wanted.class_code for info in classes or ())
    total = by in _TOTALLED and level in _TOTALLED_LEVELS and whole and not wanted.maintainer
    source = _IN_TOTALS if total else _IN_COUNTS
    communities = None if below is None else _ids(below, Area.Level.COMMUNITY)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(column=_COLUMN[by], **source), parameters)
        counted = [(key, int(n), int(damaged)) for key, n, damaged in cursor.fetchall()]
        cursor.execute(_GRIDS, {"areas": communities, "today": timezone.localdate()})
        unit_grids, duty_grids = cursor.fetchone()
    levels = Counter(each.level for each in (known.areas.values() if below is None else below))
    return {
        "by": by.value,
        "total": sum(n for _, n, _ in counted),
        "rows": _rows(by, known, counted),
        "areas": {str(level): levels[level] for level in Area.Level.values},
        "unit_grids": unit_grids,
        "duty_grids": duty_grids,
    }


def rebuild_counts() -> None:
    """Count the whole inventory anew, and where its blocks lie; writers of components wait
    meanwhile, readers do not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT city_componentcount_rebuild(), city_componentblock_rebuild()")


@transaction.atomic
def fold_counts() -> None:
    """Bring the rows of each number together; changes no number, waits for nobody."""
    with connection.cursor() as cursor:
        for table, number in _FOLDED.items():
            cursor.execute(_FOLD.format(table=table, number=number))


def _level(by: By, area: AreaInfo | None) -> str:
    """The coarsest level that tells what is asked: it has the fewest rows."""
    asked = (by.value, area.level if area else "")
    for level in (Area.Level.COMMUNITY, Area.Level.STREET):
        if level in asked:
            return level
    return Area.Level.DISTRICT


def _below(known: Catalogue, area: AreaInfo) -> list[AreaInfo]:
    return [each for each in known.areas.values() if area.code in each.ancestors]


def _ids(areas: Iterable[AreaInfo], level: str) -> list[int]:
    return [each.id for each in areas if each.level == level]


def _area(known: Catalogue, code: str) -> AreaInfo | None:
    """The area of a filter; None for the whole city."""
    if not code:
        return None
    area = known.area_of.get(code)
    if area is None:
        raise _unknown("area", f"没有区域 {code}。", f"There is no area {code}.")
    return None if area.level == Area.Level.CITY else area


def _classes(known: Catalogue, code: str) -> list[ComponentClassInfo] | None:
    if not code:
        return None
    found = [
        info
        for info in known.component_classes.values()
        if info.edition == known.default_edition.code and code in (info.class_code, info.code)
    ]
    if not found:
        raise _unknown("class_code", f"没有部件类别 {code}。", f"There is no class {code}.")
    return found


def _maintainer(code: str) -> int | None:
    if not code:
        return None
    found = Organisation.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise _unknown("maintainer", f"没有机构 {code}。", f"There is no organisation {code}.")
    return found


def _unknown(field: str, zh: str, en: str) -> Invalid:
    return Invalid(zh=zh, en=en, field=field, remedy_zh="请核对代码。", remedy_en="Check the code.")


def _rows(
    by: By, known: Catalogue, counted: Iterable[tuple[Any, int, int]]
) -> list[dict[str, Any]]:
    """Named numbers; several ids may share a name (communities of a street)."""
    counted = list(counted)
    organisations: dict[int, Organisation] = {}
    if by is By.MAINTAINER:
        organisations = Organisation.objects.in_bulk([key for key, _, _ in counted if key])
    sums: dict[tuple[str, str, str], list[int]] = {}
    for key, count, damaged in counted:
        if count or damaged:
            total = sums.setdefault(_name(by, known, organisations, key), [0, 0])
            total[0] += count
            total[1] += damaged
    return [
        {"key": key, "name_zh": zh, "name_en": en, "count": count, "damaged": damaged}
        for (key, zh, en), (count, damaged) in sorted(
            sums.items(), key=lambda item: (-item[1][0], item[0])
        )
    ]


def _name(
    by: By, known: Catalogue, organisations: dict[int, Organisation], key: Any
) -> tuple[str, str, str]:
    """Key and names of what a number is counted by."""
    if by is By.STATE:
        return key, _STATE_ZH.get(key, key), _STATE_EN.get(key, key)
    if by is By.MAINTAINER:
        found = organisations.get(key)
        return (found.code, found.name_zh, found.name_en) if found else _NOBODY
    if by in (By.CLASS, By.SUBCLASS):
        info = known.component_classes[key]
        whole = by is By.SUBCLASS
        code = info.code if whole else info.class_code
        # Editions use the same numbers for different things: a foreign one names itself.
        own = info.edition == known.default_edition.code
        return (
            code if own else f"{info.edition}:{code}",
            info.name_zh if whole else info.class_zh,
            info.name_en if whole else info.class_en,
        )
    area = known.areas.get(key) if key else None
    if area is None:
        return _NOWHERE
    for code in reversed(area.ancestors):
        each = known.area_of[code]
        if each.level == by.value:
            return each.code, each.name_zh, each.name_en
    return _NOWHERE


__all__ = ["By", "Wanted", "fold_counts", "inventory", "rebuild_counts"]
