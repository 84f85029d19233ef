"""Schemes: what makes a good one, where they come from, and which one judges a table."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chengyun.core.models import Role
from chengyun.core.problems import Invalid, NotFound
from chengyun.governance.evaluation.measures import BY_CODE, RATE_BY_CODE, Kind
from chengyun.governance.models import EvaluationScheme

DEFAULTS = Path(__file__).with_name("schemes.toml")


def load_schemes(path: Path = DEFAULTS) -> int:
    """Put in the schemes of a TOML file that are not there yet; returns how many were new.

    A scheme that the city has changed is never overwritten: loading again changes nothing.
    """
    content = tomllib.loads(path.read_text("utf-8"))
    known = set(EvaluationScheme.objects.values_list("code", flat=True))
    fresh = [
        EvaluationScheme(**checked({**scheme, "grades": scheme.get("grades", content["grades"])}))
        for scheme in content["schemes"]
        if scheme["code"] not in known
    ]
    EvaluationScheme.objects.bulk_create(fresh)
    return len(fresh)


def scheme_for(kind: Kind, code: str | None) -> EvaluationScheme | None:
    """The named scheme, or the kind's default (named like it); None when there is none.
    Raises NotFound for a name that is not a scheme of this kind."""
    schemes = EvaluationScheme.objects.filter(kind=kind.value)
    found = schemes.filter(code=code or kind.value).first()
    if code and found is None:
        raise NotFound(
            zh=f"本类对象没有名为“{code[:40]}”的评价方案。",
            en=f"There is no scheme “{code[:40]}” for a {kind.value}.",
            field="scheme",
        )
    return found


def post_schemes() -> dict[str, EvaluationScheme]:
    """The first scheme of each post, by role."""
    found: dict[str, EvaluationScheme] = {}
    for scheme in EvaluationScheme.objects.filter(kind=Kind.POST.value).order_by("code"):
        found.setdefault(scheme.role, scheme)
    return found


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a scheme when they are sound. Raises Invalid with every fault."""
    faults = [*_identity_faults(fields)]
    kind = Kind(fields["kind"]) if fields.get("kind") in set(Kind) else None
    faults += _weight_faults(fields.get("weights"), kind)
    faults += _grade_faults(fields.get("grades"))
    if faults:
        raise Invalid(
            zh=f"评价方案有 {len(faults)} 处错误。",
            en=f"The scheme has {len(faults)} faults.",
            field=faults[0]["field"],
            errors=faults,
        )
    return {
        "code": fields["code"],
        "kind": fields["kind"],
        "role": fields.get("role", ""),
        "name_zh": fields["name_zh"],
        "name_en": fields["name_en"],
        "weights": {
            code: {"weight": entry["weight"], "reverse": bool(entry.get("reverse", False))}
            for code, entry in fields["weights"].items()
        },
        "grades": [
            {"grade": entry["grade"], "from": entry["from"], "colour": entry.get("colour", "")}
            for entry in fields["grades"]
        ],
    }


def _fault(field: str, zh: str, en: str) -> dict[str, str]:
    return {"field": field, "zh": zh, "en": en}


def _identity_faults(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    faults = [
        _fault(name, "必填", "required")
        for name in ("code", "name_zh", "name_en")
        if not isinstance(fields.get(name), str) or not fields[name].strip()
    ]
    if fields.get("kind") not in set(Kind):
        faults.append(
            _fault("kind", "须为 region、department 或 post", "region, department or post")
        )
    role = fields.get("role", "")
    if (fields.get("kind") == Kind.POST) != (role in Role.values):
        faults.append(_fault("role", "岗位方案须指明岗位", "a scheme of a post names its role"))
    return faults


def _weight_faults(weights: Any, kind: Kind | None) -> list[dict[str, str]]:
    if not isinstance(weights, Mapping) or not weights:
        return [_fault("weights", "至少一项指标", "name at least one measure")]
    faults = []
    for code, entry in weights.items():
        known = BY_CODE.get(code) or RATE_BY_CODE.get(code)
        if known is None or (kind is not None and kind not in known.kinds):
            faults.append(_fault(f"weights.{code}", "没有此指标", "no such measure or rate"))
        weight = entry.get("weight") if isinstance(entry, Mapping) else None
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 100:
            faults.append(
                _fault(f"weights.{code}", "权重须在 0 到 100 之间", "weight is in (0, 100]")
            )
    if not faults and abs(sum(entry["weight"] for entry in weights.values()) - 100) > 1e-9:
        faults.append(_fault("weights", "权重之和须为 100", "the weights must sum to 100"))
    return faults


def _grade_faults(grades: Any) -> list[dict[str, str]]:
    if not isinstance(grades, list) or not grades:
        return [_fault("grades", "至少一个等级", "give at least one grade")]
    for entry in grades:
        if (
            not isinstance(entry, Mapping)
            or not isinstance(entry.get("grade"), str)
            or isinstance(entry.get("from"), bool)
            or not isinstance(entry.get("from"), int | float)
        ):
            return [_fault("grades", "每级须有 grade 和 from", "each has grade and from")]
    edges = [entry["from"] for entry in grades]
    if edges != sorted(set(edges), reverse=True) or edges[-1] != 0:
        return [_fault("grades", "from 须递减到 0", "from must fall, down to 0")]
    return []
