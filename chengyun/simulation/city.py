"""Writes a complete city folder of a synthetic Qingdao: the same seed gives the same bytes."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from chengyun.simulation.areas import (
    DISTRICT_NAMES_EN,
    Grid,
    Ground,
    build_areas,
    build_grids,
    feature,
)
from chengyun.simulation.catalogue import component_names
from chengyun.simulation.components import (
    ADDRESS_COLUMNS,
    COMPONENT_COLUMNS,
    address_rows,
    component_rows,
)
from chengyun.simulation.holidays import calendar_rows
from chengyun.simulation.organisations import Bodies
from chengyun.simulation.people import People
from chengyun.simulation.places import name_roads
from chengyun.simulation.roads import STYLE, road_feature, road_rows
from chengyun.simulation.scale import EDITION, SCALES, Scale
from chengyun.simulation.standards import responsibility_rows, standard_rows

# Unit grids were "surveyed" before the first standard became valid.
_GRIDS_FROM = "2023-07-01"
_EVERY = 20_000
#: No register of the city: a layer of the map, brought in by `chengyun import layer`.
ROADS, ROADS_STYLE = "layers/roads.geojson", "layers/roads.style.json"

_CITY_TOML = """\
# A synthetic Qingdao, made by `chengyun simulate city` (seed {seed}, scale {scale}).
# District outlines, names and codes are real; all else is made up.

[city]
code = "370200"
name_zh = "青岛市"
name_en = "Qingdao (synthetic)"
zone = "Asia/Shanghai"
edition = "{edition}"
centre = [120.38, 36.07]
# Everybody here may sign in with the demonstration password: never on a city that is real.
demo_accounts = true

[calendar]
code = "qingdao"
duty = [["08:00", "12:00"], ["14:00", "18:00"]]

# How long each step of a desk may take.
[desk_limits]
accept = {{ limit = 30, unit = "minute" }}
verify = {{ limit = 2, unit = "work_hour" }}
file = {{ limit = 30, unit = "minute" }}
dispatch = {{ limit = 30, unit = "minute" }}
feedback = {{ limit = 2, unit = "work_hour" }}
check = {{ limit = 4, unit = "work_hour" }}
close = {{ limit = 2, unit = "work_hour" }}
"""


class Progress(Protocol):
    """Called with the step's name, how many rows are done, and how many there are if known."""

    def __call__(self, step: str, done: int, total: int | None) -> None: ...


def no_progress(step: str, done: int, total: int | None) -> None:
    """Show nothing."""


def write_city(
    folder: Path,
    *,
    seed: int = 1,
    scale: str = "demo",
    components: int | None = None,
    progress: Progress = no_progress,
) -> dict[str, int]:
    """Write a city folder and return how many rows each part has.

    `folder` is made when missing; files of the same name in it are replaced. `components` is
    another number of them than the scale's; all else stays the same.
    """
    size = SCALES[scale]
    if components is not None:
        size = replace(size, components=components)
    (folder / "layers").mkdir(parents=True, exist_ok=True)
    text = _CITY_TOML.format(seed=seed, scale=scale, edition=EDITION)
    (folder / "city.toml").write_text(text, encoding="utf-8", newline="\n")
    writer = _Writer(folder, progress)

    progress("areas", 0, None)
    city = build_areas(seed, size)
    writer.features("areas.geojson", _area_features(city), None)
    progress("unit grids", 0, size.grids)
    grids = build_grids(city, seed, size)
    bodies = Bodies(city)
    writer.features("unit_grids.geojson", _grid_features(grids, bodies), len(grids))
    writer.organisations(bodies)
    writer.people(People(city, bodies, seed, size))
    writer.rows("calendar.csv", calendar_rows())
    writer.rows("standards.csv", standard_rows())
    writer.rows("responsibilities.csv", responsibility_rows(city, bodies))
    writer.objects(city, grids, bodies, size, seed)
    return writer.counts


def _area_features(area: Ground) -> Iterator[str]:
    yield feature(
        area.code,
        area.outline,
        {
            "name_zh": area.name,
            "name_en": DISTRICT_NAMES_EN.get(area.code, "Qingdao" if not area.parent else ""),
            "level": area.level,
            "parent": area.parent,
            "synthetic": area.synthetic,
            "population": area.population,
        },
    )
    for child in area.children:
        yield from _area_features(child)


def _grid_features(grids: Sequence[Grid], bodies: Bodies) -> Iterator[str]:
    for grid in grids:
        yield feature(
            grid.code,
            grid.outline,
            {
                "community": grid.community,
                "valid_from": _GRIDS_FROM,
                "land_use": grid.land_use,
                "level_code": "1" if grid.built_up else "2",
                "responsible_org_code": bodies.of("street", grid.code[:9]).code,
            },
        )


class _Writer:
    """Writes the files of one folder, counts their rows and tells how far it is."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.counts: dict[str, int] = {}

    def features(self, name: str, features: Iterable[str], total: int | None) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="\n") as out:
            out.write('{"type":"FeatureCollection","features":[\n')
            count = 0
            for count, line in enumerate(features, start=1):
                out.write(",\n" if count > 1 else "")
                out.write(line)
                if count % _EVERY == 0:
                    self.progress(name, count, total)
            out.write("\n]}\n")
        self._note(name, count)

    def rows(self, name: str, rows: Iterable[dict[str, str]]) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as out:
            first, *rest = rows
            writer = csv.DictWriter(out, fieldnames=list(first), lineterminator="\n")
            writer.writeheader()
            writer.writerow(first)
            writer.writerows(rest)
        self._note(name, 1 + len(rest))

    def packed(
        self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]], total: int
    ) -> None:
        """A gzip file; no file name and no time inside, so that the bytes depend on rows only."""
        with (
            (self.folder / name).open("wb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=4, mtime=0) as packed,
            io.TextIOWrapper(packed, encoding="utf-8", newline="") as out,
        ):
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            count = 0
            for count, row in enumerate(rows, start=1):
                writer.writerow(row)
                if count % _EVERY == 0:
                    self.progress(name, count, total)
        self._note(name, count)

    def organisations(self, bodies: Bodies) -> None:
        columns = ("code", "name_zh", "name_en", "kind", "parent")
        self.rows(
            "organisations.csv", ({c: getattr(body, c) for c in columns} for body in bodies.all)
        )

    def people(self, people: People) -> None:
        self.rows("users.csv", people.user_rows())
        self.rows("grants.csv", people.grant_rows())
        self.rows("duty_grids.csv", people.duty_rows())

    def objects(
        self, city: Ground, grids: list[Grid], bodies: Bodies, size: Scale, seed: int
    ) -> None:
        named = name_roads(city, seed)
        rows = road_rows(city, grids, named)
        features = (road_feature(number, row) for number, row in enumerate(rows, start=1))
        self.features(ROADS, features, None)
        style = json.dumps(STYLE, ensure_ascii=False, indent=2)
        (self.folder / ROADS_STYLE).write_text(f"{style}\n", encoding="utf-8", newline="\n")
        addresses = address_rows(city, grids, named, size.addresses, seed)
        self.packed("addresses.csv.gz", ADDRESS_COLUMNS, addresses, size.addresses)
        components = component_rows(grids, bodies, component_names(), size.components, seed)
        self.packed("components.csv.gz", COMPONENT_COLUMNS, components, size.components)

    def _note(self, name: str, count: int) -> None:
        self.counts[name] = count
        self.progress(name, count, count)
