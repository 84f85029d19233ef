"""Default filing conditions, limits, closings and responsible bodies of every matter."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chengyun.simulation.areas import Ground
from chengyun.simulation.organisations import Bodies
from chengyun.simulation.scale import EDITION

VALID_FROM = "2024-01-01"


@dataclass(frozen=True)
class MatterDefaults:
    """What applies to one matter: its groups of conditions and the role that handles it."""

    code: str
    groups: tuple[str, ...]
    responsible: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("chengyun.simulation") / "defaults" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def matter_defaults() -> dict[str, MatterDefaults]:
    """Every matter of the default edition by its code of class and subclass."""
    return {
        r["matter"]: MatterDefaults(r["matter"], tuple(r["groups"].split()), r["responsible"])
        for r in _rows("matters.csv")
    }


def standard_rows() -> Iterator[dict[str, str]]:
    """Rows of `standards.csv`: one per matter, condition and limit class."""
    closings = {r["key"]: r for r in _rows("closings.csv")}
    conditions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows("conditions.csv"):
        conditions[row["group"]].append(row)
    by_class: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in _rows("limit_classes.csv"):
        by_class[row["matter"], row["condition_key"]].append(row)
    for matter in matter_defaults().values():
        seen: set[str] = set()
        for row in (r for group in matter.groups for r in conditions[group]):
            key = row["condition_key"]
            if key in seen:
                continue
            seen.add(key)
            plain = {"limit_class": "", "limit": row["limit"], "unit": row["unit"]}
            for limit in by_class.get((matter.code, key), [plain]):
                yield {
                    "edition": EDITION,
                    "matter": matter.code,
                    "condition_key": key,
                    "condition_zh": row["zh"],
                    "condition_en": row["en"],
                    "limit_class": limit["limit_class"],
                    "limit": limit["limit"],
                    "unit": limit["unit"],
                    "make_safe_limit": row["safe_limit"],
                    "make_safe_unit": row["safe_unit"],
                    "closing_zh": closings[row["closing"]]["zh"],
                    "closing_en": closings[row["closing"]]["en"],
                    "valid_from": VALID_FROM,
                    "valid_until": "",
                    "version": "1",
                }


def responsibility_rows(city: Ground, bodies: Bodies) -> Iterator[dict[str, str]]:
    """Rows of `responsibilities.csv`, as few as say it all.

    Each district has a row for every matter (the city management bureau), one per class for the
    body that handles most of its matters, and one per matter that another body handles. Bodies
    of the whole city and of a street get rows for their own areas.
    """
    matters = list(matter_defaults().values())
    majority = _majority_by_class()
    for district in city.children:
        yield _row("*", district.code, bodies.of("city_management", district.code).code)
        for class_code, role in majority.items():
            yield _row(class_code, district.code, bodies.of(role, district.code).code)
        for matter in matters:
            if matter.responsible == majority[matter.code[:2]]:
                continue
            if matter.responsible == "street":
                for street in district.children:
                    yield _row(matter.code, street.code, bodies.of("street", street.code).code)
            else:
                body = bodies.of(matter.responsible, district.code)
                yield _row(matter.code, district.code, body.code)


def _majority_by_class() -> dict[str, str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for matter in matter_defaults().values():
        if matter.responsible != "street":
            counts[matter.code[:2]][matter.responsible] += 1
    return {class_code: c.most_common(1)[0][0] for class_code, c in sorted(counts.items())}


def _row(matter: str, area: str, organisation: str) -> dict[str, str]:
    return {"matter": matter, "area": area, "organisation": organisation}
