"""`chengyun make grid`: a regular grid that the loader takes."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from pyproj import Geod
from shapely import union_all
from shapely.geometry import shape

from chengyun.city.models import UnitGrid
from tests.city.conftest import Folder

Run = Callable[..., Result]


def cells(folder: Path) -> list[dict[str, object]]:
    document = json.loads((folder / "unit_grids.geojson").read_text(encoding="utf-8"))
    return list(document["features"])


def test_cells_cover_the_box_without_gap_and_have_the_size(folder: Folder, chengyun: Run) -> None:
    box = (120.29, 36.04, 120.37, 36.12)
    result = chengyun("make", "grid", folder.path, "--cell", 700, f"--bbox={box}".replace("(", "")
                      .replace(")", "").replace(" ", ""))  # fmt: skip
    assert result.exit_code == 0, result.output
    made = [shape(cell["geometry"]) for cell in cells(folder.path)]
    together = union_all(made)
    assert together.geom_type == "Polygon"
    assert together.covers(shape({"type": "Point", "coordinates": box[:2]}))
    assert sum(cell.area for cell in made) == pytest.approx(together.area)
    earth = Geod(ellps="GRS80")
    for cell in made:
        assert abs(earth.geometry_area_perimeter(cell)[0]) == pytest.approx(700 * 700, rel=0.01)


def test_cells_get_national_codes_in_national_communities(folder: Folder, chengyun: Run) -> None:
    result = chengyun(
        "make", "grid", folder.path, "--cell", 1000, "--bbox=120.29,36.04,120.37,36.12",
        "--valid-from", "2025-07-01",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    codes = {cell["properties"]["code"]: cell["properties"] for cell in cells(folder.path)}  # type: ignore[index]
    assert codes["370202001001001"]["community"] == "370202001001"
    outside = [code for code, p in codes.items() if p["community"] == "370200"]
    assert "370200-001-001" in outside
    # From west to east, then north to south, without a gap.
    serials = sorted(code for code in codes if code.startswith("370203001001"))
    assert serials == [f"370203001001{i + 1:03}" for i in range(len(serials))]
    assert chengyun("load", folder.path).exit_code == 0
    assert UnitGrid.objects.count() == len(codes)
    assert str(UnitGrid.objects.get(code="370202001001001").valid_from) == "2025-07-01"


def test_the_extent_can_come_from_a_file_with_gaps(
    folder: Folder, chengyun: Run, tmp_path: Path
) -> None:
    points = tmp_path / "requests.csv.gz"
    with gzip.open(points, "wt", encoding="utf-8") as out:
        out.write("id,LON,LAT\n1,120.30,36.05\n2,,\n3,unknown,36\n4,120.33,36.07\n")
    result = chengyun(
        "make", "grid", folder.path, "--from-csv", points, "--lon", "LON", "--lat", "LAT"
    )
    assert result.exit_code == 0, result.output
    together = union_all([shape(cell["geometry"]) for cell in cells(folder.path)])
    assert together.bounds[:2] == pytest.approx((120.30, 36.05), abs=0.006)
    assert together.bounds[2:] == pytest.approx((120.33, 36.07), abs=0.006)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--bbox=120,36,119,37"], "west < east"),
        (["--bbox=120,36,121"], "WEST,SOUTH,EAST,NORTH"),
        (["--bbox=110,30,120,40", "--cell", "100"], "make them larger"),
        (["--bbox=120.30,36.05,120.33,36.08", "--cell", "50"], "more than 999 grids"),
        ([], "either --bbox or --from-csv"),
    ],
)
def test_what_cannot_be_a_grid_is_explained(
    folder: Folder, chengyun: Run, options: list[str], what: str
) -> None:
    before = cells(folder.path)
    result = chengyun("make", "grid", folder.path, *options)
    assert result.exit_code != 0
    assert what in result.output
    assert cells(folder.path) == before


def test_a_wrong_column_is_named(folder: Folder, chengyun: Run) -> None:
    result = chengyun(
        "make", "grid", folder.path, "--from-csv", folder.path / "addresses.csv", "--lon", "X"
    )
    assert result.exit_code == 1
    assert "column X: the column is missing" in result.output
    assert "full_text" in result.output
