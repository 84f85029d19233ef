"""What is asked for: object kind, periods, filters, and whose eyes look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chengyun.core.access import ORGANISATION_BOUND, Clause, Scope
from chengyun.core.models import Role
from chengyun.core.problems import Forbidden
from chengyun.governance.evaluation.measures import Kind, Measure, Rate, measures_of, rates_of
from chengyun.governance.evaluation.periods import Period

#: Who reads evaluations. A department reads its own only; an administrator reads none.
READERS = frozenset({Role.EVALUATOR, Role.LEADER, Role.SHIFT_LEADER, Role.DEPARTMENT})


@dataclass(frozen=True)
class Filters:
    """What narrows the counted cases. Codes name subtrees; matters are class or subclass tokens."""

    areas: Sequence[str] = ()
    departments: Sequence[str] = ()
    matters: Sequence[str] = ()
    channels: Sequence[str] = ()
    roles: Sequence[str] = ()  # posts only
    origin: str = ""


@dataclass(frozen=True)
class Request:
    """One table of evaluation. ``at`` is the moment that counts as now: nothing later counts."""

    kind: Kind
    periods: Sequence[Period]
    at: datetime
    scope: Scope
    filters: Filters = field(default_factory=Filters)
    level: str = "district"
    repeats: bool = False
    repeat_days: int = 30

    @property
    def measures(self) -> tuple[Measure, ...]:
        return measures_of(self.kind, repeats=self.repeats)

    @property
    def rates(self) -> tuple[Rate, ...]:
        return rates_of(self.kind, repeats=self.repeats)

    @property
    def columns(self) -> tuple[Measure | Rate, ...]:
        """Everything a table shows, in order."""
        return (*self.measures, *self.rates)


def reading_scope(scope: Scope) -> Scope:
    """The part of a scope that reads evaluations. Raises Forbidden when there is none."""
    reading = scope.for_roles(READERS)
    if not reading.clauses:
        raise Forbidden(
            zh="只有考核员、领导、值班长和专业部门可以查看评价。",
            en="Evaluations are read by evaluators, leaders, shift leaders and departments.",
        )
    return reading


def bound_organisation(clause: Clause) -> str | None:
    """The organisation that a clause is limited to as an evaluated party, or None."""
    return clause.org if clause.roles <= ORGANISATION_BOUND else None
