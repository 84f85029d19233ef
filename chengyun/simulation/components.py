"""Components and addresses of the synthetic city, written grid by grid."""

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np

from chengyun.simulation.areas import CITY_NAME, Grid, Ground
from chengyun.simulation.identifiers import component_code
from chengyun.simulation.organisations import Bodies
from chengyun.simulation.places import (
    Roads,
    apportion,
    inner_point,
    kerb,
    length_m,
    points_along,
)
from chengyun.simulation.scale import chance, chance_array
from chengyun.simulation.standards import matter_defaults
from chengyun.simulation.words import words

COMPONENT_COLUMNS = (
    "code", "name", "state", "unit_grid", "lon", "lat", "authority", "owner", "maintainer",
    "first_surveyed", "changed_on", "source", "remark", "street_code", "community_code",
)  # fmt: skip
ADDRESS_COLUMNS = ("full_text", "kind", "lon", "lat", "area", "unit_grid", "source")

# How many of each class a street has, relative to each other; every other class counts 0.6.
_FREQUENCY: dict[str, float] = {
    "01001": 70, "01002": 90, "01003": 80, "01004": 90, "01005": 30, "01006": 25, "01007": 60,
    "01008": 6, "01009": 8, "01010": 25, "01011": 25, "01012": 4, "01014": 5, "01015": 5,
    "01018": 12, "01026": 10, "01027": 8, "01028": 12, "01029": 6, "01030": 30, "01031": 30,
    "01037": 100, "01038": 6, "01039": 15, "01045": 4, "01046": 4, "01048": 5, "01049": 3,
    "01050": 25, "01054": 6, "01060": 4, "01075": 4, "01077": 6, "02001": 3, "02004": 8,
    "02010": 50, "02012": 10, "02014": 6, "02015": 6, "02017": 25, "02020": 8, "02021": 40,
    "02025": 10, "02034": 6, "02038": 60, "02043": 5, "03001": 3, "03004": 2, "03005": 40,
    "03006": 10, "03007": 60, "03008": 5, "03014": 2, "04002": 180, "04003": 12, "04004": 15,
    "04005": 8, "04007": 10, "04008": 15, "04011": 60, "04013": 20,
}  # fmt: skip
_COMPANY_AUTHORITY = "construction"
_SOURCES = ("实测", "实测", "实测", "地形图", "基础地理数据")
_FIRST_SURVEY, _SURVEY_DAYS = date(2016, 3, 1), 3400
_LAST_DAY = date(2026, 6, 30)


def component_weights() -> dict[str, float]:
    """Relative number of components by class and subclass code (classes 01 to 05)."""
    return {
        code: _FREQUENCY.get(code, 0.6) for code in sorted(matter_defaults()) if code[:2] <= "05"
    }


def component_rows(
    grids: list[Grid], bodies: Bodies, names: Mapping[str, str], total: int, seed: int
) -> Iterator[tuple[str, ...]]:
    """Rows of `components.csv`, `total` of them, along the kerb of each grid.

    `names` gives the component's Chinese name by class and subclass code.
    """
    weights = component_weights()
    codes = list(weights)
    cumulative = np.cumsum(list(weights.values()))
    cumulative /= cumulative[-1]
    lines = [kerb(grid) for grid in grids]
    pull = np.array(
        [
            (length_m(line) if line else 50.0) ** 0.7 * (1.0 if grid.built_up else 0.35)
            for line, grid in zip(lines, grids, strict=True)
        ]
    )
    serials: dict[tuple[str, str], int] = {}
    parties: dict[tuple[str, str], tuple[str, str, str]] = {}
    for grid, line, count in zip(grids, lines, apportion(pull, total), strict=True):
        if count == 0:
            continue
        dice = chance_array(seed, "components", grid.code)
        kinds = np.searchsorted(cumulative, dice.random(count))
        if line is None:
            places = np.tile(np.array(inner_point(grid)), (int(count), 1))
        else:
            places, _ = points_along(line, np.sort(dice.random(count)))
        surveyed = dice.integers(0, _SURVEY_DAYS, count)
        fate = dice.random(count)
        district = grid.code[:6]
        for n in range(int(count)):
            kind = codes[int(kinds[n])]
            serial = serials.get((district, kind), 0) + 1
            serials[district, kind] = serial
            party = parties.get((grid.code[:9], kind))
            if party is None:
                party = parties[grid.code[:9], kind] = _parties(bodies, kind, grid.code[:9])
            first = _FIRST_SURVEY + timedelta(days=int(surveyed[n]))
            state, changed = _state(float(fate[n]), first)
            yield (
                component_code(district, kind[:2], kind[2:], serial),
                names[kind],
                state,
                grid.code,
                f"{places[n, 0]:.7f}",
                f"{places[n, 1]:.7f}",
                *party,
                first.isoformat(),
                changed,
                _SOURCES[int(surveyed[n]) % len(_SOURCES)],
                "",
                grid.code[:9],
                grid.code[:12],
            )


def _parties(bodies: Bodies, kind: str, street: str) -> tuple[str, str, str]:
    """Authority, owner and maintainer of a kind of component in a street."""
    maintainer = bodies.of(matter_defaults()[kind].responsible, street)
    if maintainer.kind == "company":
        return bodies.of(_COMPANY_AUTHORITY, street).code, maintainer.code, maintainer.code
    return maintainer.code, "", maintainer.code


def _state(fate: float, first: date) -> tuple[str, str]:
    if fate < 0.985:
        return "intact", ""
    state = "damaged" if fate < 0.995 else "abandoned" if fate < 0.998 else "lost"
    span = (_LAST_DAY - first).days
    return state, (first + timedelta(days=int((fate - 0.985) / 0.015 * span))).isoformat()


def address_rows(
    city: Ground, grids: list[Grid], roads: dict[str, Roads], total: int, seed: int
) -> Iterator[tuple[str, ...]]:
    """Rows of `addresses.csv`: door plates along the roads, villages by house number, compounds
    and shops. At most `total` rows; an address that comes twice is written once."""
    named: dict[str, Ground] = {}
    for district in city.children:
        named[district.code] = district
        for street in district.children:
            named[street.code] = street
            named.update((community.code, community) for community in street.children)
    lines = [kerb(grid) for grid in grids]
    pull = np.array([length_m(line) if line else 10.0 for line in lines])
    seen: set[str] = set()
    # A place of interest takes two rows with its door plate; leave room for them.
    for grid, line, count in zip(grids, lines, apportion(pull, int(total * 0.9)), strict=True):
        if count == 0 or line is None:
            continue
        dice = chance(seed, "addresses", grid.code)
        places, eastward = points_along(line, chance_array(seed, "doors", grid.code).random(count))
        street, community = named[grid.code[:9]], named[grid.code[:12]]
        start = f"{CITY_NAME}{named[grid.code[:6]].name}{street.name}"
        for n in range(int(count)):
            lon, lat = float(places[n, 0]), float(places[n, 1])
            if community.is_village:
                door = f"{start}{community.name}{dice.randrange(1, 600)}号"
            else:
                road, number = roads[street.code].address(lon, lat, bool(eastward[n]))
                door = f"{start}{road}{number}号"
            texts = [("door", door)]
            if dice.random() < 0.1 and not community.is_village:
                texts.append(("place", door + shop(dice)))
            elif dice.random() < 0.05 and not community.is_village:
                texts.append(("compound", f"{start}{compound(dice)}"))
            for kind, text in texts:
                if text not in seen:
                    seen.add(text)
                    place = (f"{lon:.7f}", f"{lat:.7f}")
                    yield (text, kind, *place, community.code, grid.code, "合成")


def shop(dice: random.Random) -> str:
    """A shop's name."""
    return dice.choice(words("roads", "shop_name")) + dice.choice(words("roads", "shop_kind"))


def compound(dice: random.Random) -> str:
    """The name of a residential compound."""
    first, second = words("roads", "compound_name"), words("roads", "compound_kind")
    return dice.choice(first) + dice.choice(second)
