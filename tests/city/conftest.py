"""A small city of four communities with nine unit grids each, as a folder that tests may spoil."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chengyun.city.queries import forget_catalogue
from chengyun.core.queries import forget_calendars

CITY = "370200"
# community → (west, south); each is a square of 0.03°, cut into 3 × 3 unit grids.
COMMUNITIES = {
    "370202001001": (120.30, 36.05),
    "370202001002": (120.33, 36.05),
    "370202002001": (120.30, 36.08),
    "370203001001": (120.33, 36.08),
}
SIDE, STEP = 0.03, 0.01


def square(west: float, south: float, side: float) -> dict[str, Any]:
    """A GeoJSON square."""
    east, north = round(west + side, 6), round(south + side, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


class Folder:
    """Writes and spoils the files of a city folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def text(self, name: str, content: str, encoding: str = "utf-8") -> None:
        """Write a file as it is."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(content.encode(encoding))

    def rows(self, name: str, rows: list[dict[str, Any]], encoding: str = "utf-8") -> None:
        """Write a CSV file; gzip when the name says so."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        opener = gzip.open if name.endswith(".gz") else open
        with opener(target, "wt", encoding=encoding, newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def features(self, name: str, features: list[tuple[dict[str, Any], Any]]) -> None:
        """Write a GeoJSON file of (properties, geometry)."""
        document = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": geometry}
                for properties, geometry in features
            ],
        }
        self.text(name, json.dumps(document, ensure_ascii=False))

    def change_features(self, name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
        """Read a GeoJSON file, let `change` spoil its features, write it again."""
        document = json.loads((self.path / name).read_text(encoding="utf-8"))
        change(document["features"])
        self.text(name, json.dumps(document))

    def change_rows(self, name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
        """Read a CSV file, let `change` spoil its rows, write it again."""
        with (self.path / name).open(encoding="utf-8", newline="") as source:
            rows: list[dict[str, Any]] = list(csv.DictReader(source))
        change(rows)
        self.rows(name, rows)


CITY_TOML = """
[city]
code = "370200"
name_zh = "海青市"
name_en = "Haiqing"
zone = "Asia/Shanghai"
edition = "gbt47678-2026"
centre = [120.33, 36.08]

[calendar]
code = "haiqing"
duty = [["08:00", "12:00"], ["14:00", "18:00"]]
"""


def area_features() -> list[tuple[dict[str, Any], Any]]:
    """City, districts, streets and communities; only communities and the city have outlines."""
    city = {"code": CITY, "name_zh": "海青市", "level": "city"}
    found: dict[str, tuple[dict[str, Any], Any]] = {CITY: (city, square(120.30, 36.05, 0.06))}
    for code, (west, south) in COMMUNITIES.items():
        for width, level, parent in ((6, "district", CITY), (9, "street", code[:6])):
            name = f"{level} {code[:width]}"
            properties = {"code": code[:width], "name_zh": name, "level": level, "parent": parent}
            found.setdefault(code[:width], (properties, None))
        properties = {"code": code, "name_zh": f"社区{code[-6:]}", "level": "community"}
        found[code] = ({**properties, "parent": code[:9]}, square(west, south, SIDE))
    return list(found.values())


def grid_features() -> list[tuple[dict[str, Any], Any]]:
    """Nine grids in each community, from west to east and north to south."""
    features = []
    for community, (west, south) in COMMUNITIES.items():
        for serial in range(9):
            row, column = divmod(serial, 3)
            x, y = round(west + column * STEP, 6), round(south + (2 - row) * STEP, 6)
            properties = {"code": f"{community}{serial + 1:03}", "community": community}
            features.append((properties, square(x, y, STEP)))
    return features


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The folder of a city that loads without a word."""
    return small_city(tmp_path / "haiqing")


def small_city(path: Path) -> Folder:
    """Write a city that loads without a word."""
    made = Folder(path)
    made.text("city.toml", CITY_TOML)
    made.features("areas.geojson", area_features())
    made.features("unit_grids.geojson", grid_features())
    made.rows(
        "organisations.csv",
        [
            {"code": "CMD", "name_zh": "指挥中心", "kind": "command_centre", "parent": "GOV"},
            {"code": "GOV", "name_zh": "市政府", "kind": "other", "parent": ""},
            {"code": "SAN", "name_zh": "环卫处", "kind": "department", "parent": "GOV"},
        ],
    )
    made.rows(
        "users.csv",
        [
            {"username": "wang", "display_name": "王采集", "organisation": "GOV"},
            {"username": "li", "display_name": "李处置", "organisation": "SAN"},
        ],
    )
    made.rows(
        "grants.csv",
        [
            {"username": "wang", "role": "collector", "organisation": "", "area": "370202",
             "matter": ""},
            {"username": "li", "role": "handler", "organisation": "SAN", "area": "",
             "matter": "gbt47678-2026:06"},
        ],
    )  # fmt: skip
    made.rows(
        "duty_grids.csv",
        [
            {"code": "D1", "name": "一号责任网格", "kind": "duty", "organisation": "SAN",
             "unit_grids": "370202001001001 community:370202002", "users": "wang"},
        ],
    )  # fmt: skip
    made.rows("calendar.csv", [{"day": "2026-10-01", "kind": "holiday", "name": "国庆节"}])
    made.rows("components.csv.gz", [component("01001", 1), component("03005", 2, unit_grid="")])
    made.rows(
        "addresses.csv",
        [
            {
                "full_text": "海青市市南区香港中路12号",
                "kind": "door",
                "lon": 120.305,
                "lat": 36.055,
            },
            {"full_text": "海青市市北区辽阳路3号", "kind": "door", "lon": 120.355, "lat": 36.105},
        ],
    )
    return made


def component(kind: str, serial: int, **changes: Any) -> dict[str, Any]:
    """A row of components.csv in the first grid of the first community."""
    row = {
        "code": f"370202{kind}{serial:06}",
        "name": "",
        "state": "intact",
        "unit_grid": "370202001001007",
        "lon": 120.305,
        "lat": 36.055,
        "maintainer": "SAN",
        "first_surveyed": "20240301",
    }
    return {**row, **changes}


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    """What a process remembers of the city must not outlive a test."""
    forget_catalogue()
    forget_calendars()
    yield
    forget_catalogue()
    forget_calendars()


@pytest.fixture
def chengyun(db: None) -> Callable[..., Result]:
    """Run the `chengyun` command as a person would; its output has one line per sentence."""
    from chengyun.cli import app, mount

    if not app.registered_groups:
        mount()

    def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
        runner = CliRunner(env={"COLUMNS": "300", **(env or {})})
        return runner.invoke(app, [str(a) for a in arguments], catch_exceptions=False)

    return run


@pytest.fixture
def loaded(folder: Folder, chengyun: Callable[..., Result]) -> Folder:
    """The small city, loaded."""
    result = chengyun("load", folder.path)
    assert result.exit_code == 0, result.output
    return folder
