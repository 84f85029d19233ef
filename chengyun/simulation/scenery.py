"""Where reports come from: addresses and components of a city, from its folder or its database."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from chengyun.core.words import ValueRefused
from chengyun.simulation.areas import POPULATION

_SPOTS_AT_MOST = 60_000
_SERIALS = range(1, 31)
T = TypeVar("T")


@dataclass(frozen=True)
class Spot:
    """A place with an address. `tail` is the address without city, district and street."""

    lon: float
    lat: float
    district: str
    street: str
    tail: str
    community: str
    built_up: bool


@dataclass(frozen=True)
class Thing:
    """A component that can be reported about."""

    code: str
    lon: float
    lat: float
    community: str


@dataclass
class Scenery:
    """All that a stream of reports needs to know of a city."""

    spots: list[Spot]
    things: dict[str, list[Thing]]
    cumulative: list[float] = field(init=False)
    urban: list[int] = field(init=False)
    by_community: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        if not self.spots:
            raise ValueRefused(
                "城市没有地址；请载入含 addresses.csv 的城市",
                "the city has no addresses; load a city that has addresses.csv",
            )
        per_district: dict[str, int] = defaultdict(int)
        self.by_community = defaultdict(list)
        for i, spot in enumerate(self.spots):
            per_district[spot.community[:6]] += 1
            self.by_community[spot.community].append(i)
        # As many reports per head everywhere, but people in built-up streets report more.
        weights = [
            POPULATION.get(spot.community[:6], 500_000)
            / per_district[spot.community[:6]]
            * (1.0 if spot.built_up else 0.35)
            for spot in self.spots
        ]
        self.cumulative = np.cumsum(weights).tolist()
        self.urban = [i for i, spot in enumerate(self.spots) if spot.built_up]


def _spots(
    rows: Iterable[tuple[str, str, float, float, str]], names: dict[str, str]
) -> Iterator[Spot]:
    """Spots from (text, kind, lon, lat, community)."""
    for text, kind, lon, lat, community in rows:
        district, street = names.get(community[:6], ""), names.get(community[:9], "")
        tail = text.rpartition(street)[2] if street else text
        village = names.get(community, "").endswith("村")
        built_up = not village and int(community[6:9] or 0) < 100
        if kind in ("door", "place", "compound"):
            yield Spot(lon, lat, district, street, tail, community, built_up)


def _thin(rows: list[T]) -> list[T]:
    return rows[:: max(1, len(rows) // _SPOTS_AT_MOST)]


def scenery_of_folder(folder: Path) -> Scenery:
    """The scenery of a city folder as `write_city` makes it."""
    areas = json.loads((folder / "areas.geojson").read_text(encoding="utf-8"))["features"]
    names = {f["properties"]["code"]: f["properties"]["name_zh"] for f in areas}
    addresses = [
        (row["full_text"], row["kind"], float(row["lon"]), float(row["lat"]), row["area"])
        for row in _packed(folder / "addresses.csv.gz")
    ]
    things: dict[str, list[Thing]] = defaultdict(list)
    for row in _packed(folder / "components.csv.gz"):
        if int(row["code"][11:]) in _SERIALS:
            thing = Thing(row["code"], float(row["lon"]), float(row["lat"]), row["community_code"])
            things[row["code"][6:11]].append(thing)
    return Scenery(list(_spots(_thin(sorted(addresses)), names)), _ordered(things))


def scenery_of_database() -> Scenery:
    """The scenery of the loaded city. A few hundred components of each class are enough."""
    from django.db.models import F, FloatField, Func

    from chengyun.city.models import Address, Area, Component

    # Numbers straight from the database: making a geometry object of each point costs 50 times.
    lon = Func(F("geom"), function="ST_X", output_field=FloatField())
    lat = Func(F("geom"), function="ST_Y", output_field=FloatField())
    names = dict(Area.objects.values_list("code", "name_zh"))
    addresses = list(
        Address.objects.filter(area__level="community")
        .order_by("full_text", "kind")
        .annotate(lon=lon, lat=lat)
        .values_list("full_text", "kind", "lon", "lat", "area__code")
    )
    districts = Area.objects.filter(level="district").order_by("code")
    from chengyun.simulation.components import component_weights

    codes = [
        f"{district}{kind}{serial:06d}"
        for district in districts.values_list("code", flat=True)
        for kind in component_weights()
        for serial in _SERIALS
    ]
    things: dict[str, list[Thing]] = defaultdict(list)
    found = Component.objects.filter(code__in=codes).order_by("code").annotate(lon=lon, lat=lat)
    for code, east, north, community in found.values_list("code", "lon", "lat", "community_code"):
        things[code[6:11]].append(Thing(code, east, north, community))
    return Scenery(list(_spots(_thin(addresses), names)), _ordered(things))


def _ordered(things: dict[str, list[Thing]]) -> dict[str, list[Thing]]:
    return {kind: sorted(found, key=lambda t: t.code) for kind, found in sorted(things.items())}


def _packed(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
