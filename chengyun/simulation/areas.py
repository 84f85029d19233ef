"""The areas of the synthetic city: real names and codes, made-up outlines of streets and below."""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from shapely.geometry import shape

from chengyun.simulation.cutting import Shape, area_m2, cells, share_out, to_degrees, to_plane
from chengyun.simulation.scale import Scale, chance

CITY_CODE = "370200"
CITY_NAME = "青岛市"

DISTRICT_NAMES_EN = {
    "370202": "Shinan",
    "370203": "Shibei",
    "370211": "Huangdao",
    "370212": "Laoshan",
    "370213": "Licang",
    "370214": "Chengyang",
    "370215": "Jimo",
    "370281": "Jiaozhou",
    "370283": "Pingdu",
    "370285": "Laixi",
}
# How many more unit grids a community has here than one in open country; a guess by density.
URBANITY = {
    "370202": 30.0,
    "370203": 25.0,
    "370213": 20.0,
    "370212": 8.0,
    "370214": 8.0,
    "370211": 6.0,
    "370281": 4.0,
    "370215": 4.0,
    "370283": 3.0,
    "370285": 3.0,
}
# Residents, rounded, order of magnitude of the 2020 census.
POPULATION = {
    "370202": 486_000,
    "370203": 1_094_000,
    "370211": 1_903_000,
    "370212": 503_000,
    "370213": 735_000,
    "370214": 1_110_000,
    "370215": 1_336_000,
    "370281": 988_000,
    "370283": 1_191_000,
    "370285": 720_000,
}


@dataclass
class Ground:
    """One area with its outline in degrees; `children` are in code order."""

    code: str
    name: str
    level: str
    parent: str | None
    outline: Shape | None
    synthetic: bool
    population: int
    children: list["Ground"] = field(default_factory=list)

    @property
    def is_village(self) -> bool:
        """A village (村) has no street names, its addresses are numbered by the village."""
        return self.name.endswith("村")


@dataclass(frozen=True)
class Grid:
    """One unit grid, outline in degrees."""

    code: str
    community: str
    outline: Shape
    area: float
    land_use: str
    built_up: bool


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("chengyun.simulation") / "ground" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _districts() -> dict[str, tuple[str, Shape]]:
    text = (files("chengyun.simulation") / "ground" / "districts.geojson").read_text("utf-8")
    return {
        f["properties"]["code"]: (f["properties"]["name"], shape(f["geometry"]))
        for f in json.loads(text)["features"]
    }


def is_town(street_code: str) -> bool:
    """Towns (镇) have street numbers from 100 upwards, urban streets (街道) below."""
    return int(street_code[6:9]) >= 100


def build_areas(seed: int, scale: Scale) -> Ground:
    """The tree city › district › street › community of one scale.

    Streets tile their district and communities their street exactly, up to 1 cm.
    """
    streets: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows("streets.csv"):
        streets[row["code"][:6]].append(row)
    communities: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows("communities.csv"):
        communities[row["code"][:9]].append(row)
    city = Ground(CITY_CODE, CITY_NAME, "city", None, None, False, sum(POPULATION.values()))
    for code, (name, border) in sorted(_districts().items()):
        district = Ground(code, name, "district", CITY_CODE, border, False, POPULATION[code])
        city.children.append(district)
        chosen = streets[code][: scale.streets_per_district]
        dice = chance(seed, "streets", code)
        weights = [
            len(communities[r["code"]]) ** 0.8 * (2.5 if is_town(r["code"]) else 1.0)
            for r in chosen
        ]
        parts = share_out(
            to_plane(border),
            list(zip(chosen, weights, strict=True)),
            dice,
        )
        total = sum(weights)
        for row, part in sorted(parts, key=lambda p: p[0]["code"]):
            people = int(district.population * weights[chosen.index(row)] / total)
            outline = to_degrees(part)
            street = Ground(row["code"], row["name"], "street", code, outline, True, people)
            district.children.append(street)
            _add_communities(street, part, communities[row["code"]], seed, scale)
    return city


def _add_communities(
    street: Ground, outline: Shape, rows: list[dict[str, str]], seed: int, scale: Scale
) -> None:
    dice = chance(seed, "communities", street.code)
    chosen = rows[: scale.communities_per_street]
    weights = [dice.uniform(0.6, 1.6) for _ in chosen]
    parts = share_out(outline, list(zip(chosen, weights, strict=True)), dice)
    for row, part in sorted(parts, key=lambda p: p[0]["code"]):
        people = int(street.population / len(chosen) * dice.uniform(0.8, 1.2))
        street.children.append(
            Ground(
                row["code"], row["name"], "community", street.code, to_degrees(part), True, people
            )
        )


def grids_per_community(city: Ground, scale: Scale) -> dict[str, int]:
    """How many unit grids each community gets: one at least, the rest by urbanity and size."""
    weights: dict[str, float] = {}
    for district in city.children:
        for street in district.children:
            rural = 0.3 if is_town(street.code) else 1.0
            for community in street.children:
                village = 0.5 if community.is_village else 1.0
                assert community.outline is not None
                size = area_m2(community.outline) ** 0.25 / 30
                weights[community.code] = URBANITY[district.code] * rural * village * size
    spare = max(0, scale.grids - len(weights))
    total = sum(weights.values())
    return {code: min(999, 1 + round(spare * w / total)) for code, w in weights.items()}


def build_grids(city: Ground, seed: int, scale: Scale) -> list[Grid]:
    """Unit grids that tile every community, 15-digit codes, numbered west–east, north–south."""
    counts = grids_per_community(city, scale)
    grids: list[Grid] = []
    for district in city.children:
        for street in district.children:
            for community in street.children:
                grids += _grids_of(community, counts[community.code], seed)
    return grids


def _grids_of(community: Ground, count: int, seed: int) -> list[Grid]:
    dice = chance(seed, "grids", community.code)
    assert community.outline is not None
    outline = to_plane(community.outline)
    core = outline.representative_point()
    parts = [to_degrees(part) for part in cells(outline, count, core, dice)]
    parts = [part for part in parts if not part.is_empty]
    sizes = sorted(area_m2(part) for part in parts)
    # Rows of about one cell's height make "west to east, then north to south" well defined.
    height = max((sizes[len(sizes) // 2] ** 0.5) / 111_195.0, 1e-4)
    parts.sort(key=lambda p: (-int(p.centroid.y / height), p.centroid.x))
    result = []
    for serial, part in enumerate(parts, start=1):
        size = area_m2(part)
        built_up = not is_town(community.code[:9]) and not community.is_village
        land_use = _land_use(built_up, community.is_village, dice.random())
        code = f"{community.code}{serial:03d}"
        result.append(Grid(code, community.code, part, size, land_use, built_up))
    return result


def _land_use(built_up: bool, village: bool, draw: float) -> str:
    """A land-use class code; 07 residential, 05 commerce, 08 public, 06 industry, 01 farmland,
    03 woodland, as in the first level of GB/T 21010."""
    table: tuple[tuple[str, float], ...]
    if built_up:
        table = (("07", 0.55), ("05", 0.2), ("08", 0.15), ("06", 0.1))
    elif village:
        table = (("01", 0.6), ("07", 0.25), ("03", 0.15))
    else:
        table = (("07", 0.4), ("06", 0.25), ("01", 0.2), ("03", 0.15))
    for code, share in table:
        draw -= share
        if draw < 0:
            return code
    return table[0][0]


def feature(code: str, geometry: Shape | None, properties: dict[str, Any]) -> str:
    """One GeoJSON feature on one line, seven decimals."""
    body = None if geometry is None else _multipolygon(geometry)
    return json.dumps(
        {
            "type": "Feature",
            "id": code,
            "properties": {"code": code, **properties},
            "geometry": body,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _multipolygon(geometry: Shape) -> dict[str, Any]:
    polygons = list(getattr(geometry, "geoms", [geometry]))
    return {
        "type": "MultiPolygon",
        "coordinates": [
            [
                [[round(x, 7), round(y, 7)] for x, y in ring.coords]
                for ring in (polygon.exterior, *polygon.interiors)
            ]
            for polygon in polygons
        ],
    }
