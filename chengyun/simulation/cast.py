"""Who acts in a simulated day: the people of the loaded city, found by post, place and body."""

import random
from collections import defaultdict
from collections.abc import Iterable

from chengyun.core.actor import Actor
from chengyun.core.models import Grant, Organisation, Role, User
from chengyun.governance.models import Case
from chengyun.governance.queries import responsible_department

_BY_BODY = frozenset({Role.DEPARTMENT, Role.HANDLER})


class NobodyThereError(LookupError):
    """The city has nobody in a post that the day needs."""


class Cast:
    """Everybody with a post. Actors are kept, so each person's grants are read once."""

    def __init__(self) -> None:
        self._by_area: dict[tuple[Role, str], list[User]] = defaultdict(list)
        self._by_body: dict[tuple[Role, int], list[User]] = defaultdict(list)
        self._actors: dict[tuple[int, Role], Actor] = {}
        self._departments: dict[tuple[int | None, str], Organisation | None] = {}
        self._neighbours: dict[int | None, list[Organisation]] = defaultdict(list)
        grants = Grant.objects.filter(user__is_active=True, matter_code="").order_by("user_id")
        for grant in grants.select_related("user"):
            role = Role(grant.role)
            if role in _BY_BODY:
                organisation = grant.organisation_id or grant.user.organisation_id
                if organisation is not None:
                    self._by_body[role, organisation].append(grant.user)
            else:
                self._by_area[role, grant.area_code].append(grant.user)
        bodies = Organisation.objects.filter(active=True, kind="department").order_by("code")
        for body in bodies:
            self._neighbours[body.parent_id].append(body)

    def at(self, role: Role, areas: Iterable[str], dice: random.Random) -> Actor:
        """Somebody with the post, as near to the case as there is: its street, district, city."""
        for code in (*sorted(areas, key=len, reverse=True), ""):
            people = self._by_area.get((role, code))
            if people:
                return self._actor(dice.choice(people), role)
        raise NobodyThereError(f"nobody is {role.label_en}; load a city with people in every post")

    def of(self, role: Role, body: int, dice: random.Random) -> Actor | None:
        """Somebody with the post in a department; None where nobody has it."""
        people = self._by_body.get((role, body))
        return self._actor(dice.choice(people), role) if people else None

    def user(self, user: User, role: Role) -> Actor:
        """The actor of one certain person."""
        return self._actor(user, role)

    def right_department(self, case: Case) -> Organisation | None:
        """The body that answers for the case by the city's table."""
        deepest = case.scope_areas[-1] if case.scope_areas else ""
        key = (case.matter_id, deepest[:9])
        if key not in self._departments:
            found = responsible_department(case.scope_matters, case.scope_areas)
            self._departments[key] = found
        return self._departments[key]

    def wrong_department(self, right: Organisation, dice: random.Random) -> Organisation:
        """Another bureau of the same government, as a hurried dispatcher would pick."""
        others = [b for b in self._neighbours[right.parent_id] if b.pk != right.pk]
        return dice.choice(others) if others else right

    def _actor(self, user: User, role: Role) -> Actor:
        key = (user.pk, role)
        if key not in self._actors:
            self._actors[key] = Actor.of(user, role=role.value)
        return self._actors[key]
