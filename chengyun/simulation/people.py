"""People in every post of the synthetic city, their grants, and the grids they answer for."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from chengyun.simulation.areas import CITY_CODE, Ground
from chengyun.simulation.organisations import Bodies, Body
from chengyun.simulation.scale import Scale, chance
from chengyun.simulation.words import words

# Accounts for whoever tries the demo: (username, role, body's role, body's area, area of grant).
# The handling posts sit in the bureau that handles most cases of the inner city.
DEMO_ACCOUNTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("collector", "collector", "supervision_centre", CITY_CODE, ""),
    ("acceptor", "acceptor", "supervision_centre", CITY_CODE, ""),
    ("shift_leader", "shift_leader", "supervision_centre", CITY_CODE, ""),
    ("dispatcher", "dispatcher", "command_centre", CITY_CODE, ""),
    ("department", "department", "enforcement", "370202", ""),
    ("handler", "handler", "enforcement", "370202", ""),
    ("evaluator", "evaluator", "supervision_centre", CITY_CODE, ""),
    ("leader", "leader", "government", CITY_CODE, ""),
    ("admin", "administrator", "supervision_centre", CITY_CODE, ""),
    ("data_manager", "data_manager", "supervision_centre", CITY_CODE, ""),
)
# (role, body's role, how many per district, how many for the whole city)
_CENTRE_POSTS: tuple[tuple[str, str, int, int], ...] = (
    ("acceptor", "supervision_centre", 3, 4),
    ("shift_leader", "supervision_centre", 2, 2),
    ("evaluator", "supervision_centre", 1, 2),
    ("dispatcher", "command_centre", 2, 2),
    ("leader", "government", 1, 2),
    ("data_manager", "supervision_centre", 1, 1),
)
_NOT_HANDLING = {"government", "supervision_centre", "command_centre"}


@dataclass(frozen=True)
class Person:
    """One user with one post."""

    username: str
    display_name: str
    organisation: str
    role: str
    area: str


@dataclass(frozen=True)
class Duty:
    """A duty grid as rows of communities; `users` are usernames."""

    code: str
    name: str
    kind: str
    organisation: str
    communities: tuple[str, ...]
    users: tuple[str, ...]


def full_name(dice: random.Random) -> str:
    """A Chinese name from the tables; two or three characters."""
    given = "given_f" if dice.random() < 0.48 else "given_m"
    return dice.choice(words("people", "surname")) + dice.choice(words("people", given))


class People:
    """Everybody who has a post, in a fixed order."""

    def __init__(self, city: Ground, bodies: Bodies, seed: int, scale: Scale) -> None:
        self.all: list[Person] = []
        self.duties: list[Duty] = []
        self._dice = chance(seed, "people")
        for username, role, body_role, where, area in DEMO_ACCOUNTS:
            self._add(username, role, bodies.of(body_role, where), area, mark="（演示）")
        for district in (None, *city.children):
            area = district.code if district else ""
            where = area or CITY_CODE
            for role, body_role, in_district, in_city in _CENTRE_POSTS:
                for n in range(in_district if district else in_city):
                    body = bodies.of(body_role, where)
                    self._add(f"{role}_{where}_{n + 1}", role, body, area)
        for district in city.children:
            for street in district.children:
                self._street(district, street, bodies, scale)
        for body in bodies.all:
            if body.role not in _NOT_HANDLING:
                self._handling(body, scale)

    def user_rows(self) -> Iterator[dict[str, str]]:
        """Rows of `users.csv`."""
        for person in self.all:
            yield {
                "username": person.username,
                "display_name": person.display_name,
                "organisation": person.organisation,
                "language": "zh",
            }

    def grant_rows(self) -> Iterator[dict[str, str]]:
        """Rows of `grants.csv`: handling posts are bound by organisation, the others by area."""
        for person in self.all:
            handling = person.role in ("department", "handler")
            yield {
                "username": person.username,
                "role": person.role,
                "organisation": person.organisation if handling else "",
                "area": person.area,
                "matter": "",
            }

    def duty_rows(self) -> Iterator[dict[str, str]]:
        """Rows of `duty_grids.csv`."""
        for duty in self.duties:
            yield {
                "code": duty.code,
                "name": duty.name,
                "kind": duty.kind,
                "organisation": duty.organisation,
                "unit_grids": " ".join(f"community:{code}" for code in duty.communities),
                "users": " ".join(duty.users),
            }

    def _add(self, username: str, role: str, body: Body, area: str, mark: str = "") -> Person:
        """`mark` behind the name tells the accounts to try from the many others in a list."""
        person = Person(username, full_name(self._dice) + mark, body.code, role, area)
        self.all.append(person)
        return person

    def _street(self, district: Ground, street: Ground, bodies: Bodies, scale: Scale) -> None:
        centre = bodies.of("supervision_centre", district.code)
        codes = [community.code for community in street.children]
        patrols = max(1, math.ceil(len(codes) / scale.communities_per_collector))
        share = math.ceil(len(codes) / patrols)
        for n in range(patrols):
            part = tuple(codes[n * share : (n + 1) * share])
            if not part:
                break
            username = f"collector_{street.code}_{n + 1}"
            self._add(username, "collector", centre, street.code)
            # The demo's collector patrols beside the first one, so that work comes to them too.
            users = (username,) if self.duties else (username, "collector")
            name = f"{street.name}第{n + 1}监督网格"
            code = f"S{street.code}{n + 1:02d}"
            self.duties.append(Duty(code, name, "supervision", centre.code, part, users))
        cleaners = bodies.of("sanitation", district.code)
        name = f"{street.name}环卫责任网格"
        self.duties.append(Duty(f"D{street.code}", name, "duty", cleaners.code, tuple(codes), ()))

    def _handling(self, body: Body, scale: Scale) -> None:
        stem = f"{body.role}_{body.area}"
        self._add(f"department_{stem}", "department", body, "")
        for n in range(scale.handlers_per_bureau):
            self._add(f"handler_{stem}_{n + 1}", "handler", body, "")
