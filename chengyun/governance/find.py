"""Cases in the search box: by their number or a report's, for those who may see them."""

from collections.abc import Sequence
from typing import ClassVar

from django.db.models.expressions import RawSQL

from chengyun.city.find import Finder, Found, Match, Question
from chengyun.city.queries import catalogue
from chengyun.governance.models import Case, State
from chengyun.governance.models.state import STATE_EN
from chengyun.governance.queries import visible_cases

# UNION and not OR: each part is then answered by its own index. A beginning that names more cases
# than this is no number yet.
_NAMED = """
(SELECT id FROM governance_case WHERE number LIKE %s LIMIT 1000)
UNION (SELECT case_id FROM governance_report WHERE number LIKE %s LIMIT 1000)
"""
#: A shorter beginning of a number names half of all cases.
_SHORTEST = 4


class Cases(Finder):
    """Cases that the caller may see, by the beginning of their number or of a report's number."""

    kind: ClassVar[str] = "case"

    def find(self, question: Question) -> Sequence[Found]:
        start = question.code
        if question.reach is None or len(start) < _SHORTEST:
            return []
        rows = (
            visible_cases(question.reach)
            .filter(pk__in=RawSQL(_NAMED, [f"{start}%", f"{start}%"]))  # noqa: S611
            .only("id", "number", "state", "matter_id", "address", "geom")
            .order_by("-number")
        )
        return [_found(case, start) for case in rows[: question.limit]]


def _found(case: Case, start: str) -> Found:
    matter = catalogue().matters.get(case.matter_id) if case.matter_id else None
    state = State(case.state)
    number = case.number or ""
    matter_zh = matter.name_zh if matter else ""
    matter_en = (matter.name_en or matter.name_zh) if matter else ""
    return Found(
        kind=Cases.kind,
        match=Match.EXACT if number == start else Match.PREFIX,
        title_zh=" ".join(part for part in (number, matter_zh) if part) or f"#{case.pk}",
        title_en=" ".join(part for part in (number, matter_en) if part) or f"#{case.pk}",
        detail_zh=" ".join(part for part in (str(state.label), case.address) if part),
        detail_en=", ".join(part for part in (STATE_EN[state], case.address) if part),
        code=number,
        lon=case.geom.x if case.geom else None,
        lat=case.geom.y if case.geom else None,
        href=f"/desk/cases/{case.pk}",
    )
