"""Who may see and do what: one predicate, compiled from grants, used by lists and objects.

A protected row carries the codes of all its ancestors (`models.Scoped`), so a grant on a
subtree is an array test that an index answers; no row is ever fetched to be checked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from .models import Grant, Role, User

# Up to so many matter tokens are asked of the array index, more are hashed.
_FEW_MATTERS = 8

# These posts act for an organisation: without one they reach nothing.
ORGANISATION_BOUND = frozenset({Role.DEPARTMENT, Role.HANDLER})
# Runs the system, does not work on the city's matters: gives no sight of protected rows.
WITHOUT_SIGHT = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Clause:
    """One way in: all limits must hold; None is no limit."""

    roles: frozenset[Role]
    area: str | None = None
    org: str | None = None
    matters: tuple[str, ...] | None = None

    def admits(
        self, areas: Collection[str], orgs: Collection[str], matters: Collection[str]
    ) -> bool:
        return (
            (self.area is None or self.area in areas)
            and (self.org is None or self.org in orgs)
            and (self.matters is None or not set(self.matters).isdisjoint(matters))
        )

    def covers(self, other: "Clause") -> bool:
        """Whatever `other` admits, this clause admits too (as far as codes alone can tell)."""
        return (
            self.area in (None, other.area)
            and self.org in (None, other.org)
            and (
                self.matters is None
                or (other.matters is not None and set(self.matters) >= set(other.matters))
            )
        )


@dataclass(frozen=True)
class Scope:
    """Everything one user may reach. Clauses are alternatives; no clause reaches nothing."""

    user_id: int | None = None
    clauses: tuple[Clause, ...] = ()

    @classmethod
    def everything(cls) -> "Scope":
        """The reach of the system itself (jobs, imports)."""
        return cls(None, (Clause(frozenset(Role)),))

    def roles(self) -> frozenset[Role]:
        return frozenset(role for clause in self.clauses for role in clause.roles)

    def for_roles(self, roles: Collection[Role]) -> "Scope":
        """The part of this scope that is held in one of `roles`."""
        wanted = frozenset(roles)
        return Scope(
            self.user_id,
            tuple(
                Clause(clause.roles & wanted, clause.area, clause.org, clause.matters)
                for clause in self.clauses
                if clause.roles & wanted
            ),
        )

    def admits(
        self, areas: Collection[str], orgs: Collection[str], matters: Collection[str]
    ) -> bool:
        """The Python mirror of `as_q`, for a row that is already at hand."""
        return any(clause.admits(areas, orgs, matters) for clause in self._sighted())

    def as_q(self, prefix: str = "") -> Q:
        """The condition on a Scoped table, or on one reached through `prefix` ("case__")."""
        nothing = Q(**{f"{prefix}pk__in": []})
        condition = nothing
        for clause in self._sighted():
            limits = Q()
            if clause.area is not None:
                limits &= Q(**{f"{prefix}scope_areas__contains": [clause.area]})
            if clause.org is not None:
                limits &= Q(**{f"{prefix}scope_orgs__contains": [clause.org]})
            if clause.matters is not None:
                limits &= _matters_q(prefix, clause.matters)
            if not limits:
                # Not an empty Q: `Q() | other` would mean `other` alone.
                return ~nothing
            condition |= limits
        return condition

    def as_sql(self, alias: str) -> tuple[str, list[Any]]:
        """The same condition for raw SQL: text with %s placeholders, and its parameters."""
        alternatives: list[str] = []
        params: list[Any] = []
        for clause in self._sighted():
            limits: list[str] = []
            if clause.area is not None:
                limits.append(f"{alias}.scope_areas @> %s::text[]")
                params.append([clause.area])
            if clause.org is not None:
                limits.append(f"{alias}.scope_orgs @> %s::text[]")
                params.append([clause.org])
            if clause.matters is not None:
                limits.append(_matters_sql(alias, clause.matters))
                params += [list(clause.matters)] * limits[-1].count("%s")
            if not limits:
                return "TRUE", []
            alternatives.append("(" + " AND ".join(limits) + ")")
        if not alternatives:
            return "FALSE", []
        return "(" + " OR ".join(alternatives) + ")", params

    def _sighted(self) -> list[Clause]:
        """Clauses that give sight of rows, without those another one already covers."""
        kept: list[Clause] = []
        for clause in self.clauses:
            if clause.roles <= WITHOUT_SIGHT or any(other.covers(clause) for other in kept):
                continue
            kept = [other for other in kept if not clause.covers(other)] + [clause]
        return kept


def _matters_q(prefix: str, matters: tuple[str, ...]) -> Q:
    """One of the two matter tokens of a row is among the clause's.

    Few tokens cut deep: the array index answers them. Many cut little, and comparing arrays
    costs 20 µs a row with 170 tokens; as lists they are hashed once (0.2 µs a row).
    """
    if len(matters) <= _FEW_MATTERS:
        return Q(**{f"{prefix}scope_matters__overlap": list(matters)})
    return Q(**{f"{prefix}scope_matters__0__in": matters}) | Q(
        **{f"{prefix}scope_matters__1__in": matters}
    )


def _matters_sql(alias: str, matters: tuple[str, ...]) -> str:
    if len(matters) <= _FEW_MATTERS:
        return f"{alias}.scope_matters && %s::text[]"
    tokens = (f"{alias}.scope_matters[{place}] = ANY(%s::text[])" for place in (1, 2))
    return f"({' OR '.join(tokens)})"


NOTHING = Scope()

_GrantRow = tuple[str, str, str, str | None, str | None]


def compile_grants(user_id: int, rows: Iterable[_GrantRow]) -> Scope:
    """Scope of grant rows (role, area, matter, grant's organisation, user's organisation).

    Grants that differ only in their matter become one clause with a long array, so 170
    subclasses cost one index probe; clauses with equal limits share their roles.
    """
    matters: dict[tuple[Role, str | None, str | None], set[str]] = defaultdict(set)
    for role_value, area, matter, grant_org, user_org in rows:
        role = Role(role_value)
        org: str | None = None
        if role in ORGANISATION_BOUND:
            org = grant_org or user_org
            if org is None:
                continue
        matters[role, area or None, org].add(matter)
    roles: dict[tuple[str | None, str | None, tuple[str, ...] | None], set[Role]] = defaultdict(set)
    for (role, area_limit, org_limit), codes in matters.items():
        limit = None if "" in codes else tuple(sorted(codes))
        roles[area_limit, org_limit, limit].add(role)
    return Scope(
        user_id,
        tuple(
            Clause(frozenset(held), area_limit, org_limit, limit)
            for (area_limit, org_limit, limit), held in roles.items()
        ),
    )


def scope_of(user: User) -> Scope:
    """The user's reach now: one SQL statement, remembered on the user object."""
    remembered: Scope | None = user.__dict__.get("_scope")
    if remembered is not None:
        return remembered
    now = timezone.now()
    rows = (
        Grant.objects.filter(user_id=user.pk, valid_from__lte=now)
        .filter(Q(valid_until=None) | Q(valid_until__gt=now))
        .order_by("id")
        .values_list(
            "role",
            "area_code",
            "matter_code",
            "organisation__code",
            "user__organisation__code",
        )
    )
    # A superuser (Django's bootstrap account) runs the system; it sees no more of the city.
    extra = [(Role.ADMINISTRATOR.value, "", "", None, None)] if user.is_superuser else []
    scope = compile_grants(user.pk, [*rows, *extra])
    user.__dict__["_scope"] = scope
    return scope


def forget_scope(user: User) -> None:
    """Called by the actions that change grants: the next `scope_of` reads them anew."""
    user.__dict__.pop("_scope", None)
