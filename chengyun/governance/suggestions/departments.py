"""Which department handles it: the table of responsibilities, and what was done so far."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from chengyun.core.models import Organisation
from chengyun.governance.models import Case, State
from chengyun.governance.queries import responsible_department
from chengyun.governance.suggestions.subject import Subject

# The latest so many cases speak; older ones tell of departments that were reorganised since.
_LATEST = 500
_LEAST_SHARE = 0.05
# A rule is believed like ten cases of which nine went where it says.
_RULE_CASES, _RULE_RIGHT = 10, 9
# Few cases prove little: two cases of doubt are added to every history.
_DOUBT = 2


@dataclass(frozen=True, slots=True)
class DepartmentSuggestion:
    """A department that may handle the case. ``source`` is responsibility or history."""

    organisation_id: int
    code: str
    name_zh: str
    name_en: str
    confidence: float
    reason_zh: str
    reason_en: str
    source: str


def suggest_departments(
    cases: QuerySet[Case], subject: Subject, *, limit: int = 3
) -> list[DepartmentSuggestion]:
    """The department of the responsibilities first, then those that handled such cases.

    History is the share of the latest closed cases of this matter and district that were never
    dispatched wrongly. Needs a matter; without one the answer is empty.
    """
    if subject.matter_id is None:
        return []
    handled = Counter(
        cases.filter(
            matter_id=subject.matter_id,
            district_code=subject.district_code,
            state=State.CLOSED.value,
            wrong_dispatch_count=0,
            department__isnull=False,
        )
        .order_by("-id")
        .values_list("department_id", flat=True)[:_LATEST]
    )
    total = handled.total()
    found: list[DepartmentSuggestion] = []
    rule = responsible_department(subject.matter_tokens, subject.area_codes)
    if rule is not None:
        found.append(_by_rule(rule, handled[rule.pk], total))
    others = [
        (department_id, count)
        for department_id, count in handled.most_common(limit)
        if (rule is None or department_id != rule.pk) and count / total >= _LEAST_SHARE
    ]
    if others:
        organisations = Organisation.objects.in_bulk([pk for pk, _ in others])
        found += [
            _by_history(organisations[pk], count, total)
            for pk, count in others
            if organisations[pk].active
        ]
    found.sort(key=lambda one: one.source != "responsibility")
    return found[:limit]


def _by_rule(rule: Organisation, count: int, total: int) -> DepartmentSuggestion:
    zh, en = "权责清单规定", "by the table of responsibilities"
    if total:
        zh += f"；近 {total} 件同类结案中由其处置 {count} 件"
        en += f"; it handled {count} of the latest {total} such cases"
    confidence = (count + _RULE_RIGHT) / (total + _RULE_CASES)
    return _suggestion(rule, confidence, zh, en, "responsibility")


def _by_history(organisation: Organisation, count: int, total: int) -> DepartmentSuggestion:
    return _suggestion(
        organisation,
        count / (total + _DOUBT),
        f"本区近 {total} 件同类结案中由其处置 {count} 件，未被退单",
        f"it handled {count} of the latest {total} such cases of the district, none returned",
        "history",
    )


def _suggestion(
    organisation: Organisation, confidence: float, zh: str, en: str, source: str
) -> DepartmentSuggestion:
    return DepartmentSuggestion(
        organisation_id=organisation.pk,
        code=organisation.code,
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
        confidence=round(confidence, 3),
        reason_zh=zh,
        reason_en=en,
        source=source,
    )
