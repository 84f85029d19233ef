"""Files that are wrong, by the command as a person would: told in a sentence, none half-loaded."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from django.db import connection

from chengyun.city.models import Component, Survey, UnitGrid
from tests.city.conftest import Folder
from tests.city.survey.files import packed, write_geojson, write_vector
from tests.city.survey.test_surveys import Run, lamp, reasons, square

Write = Callable[[Path], Path]


def rows(count: int = 3) -> list[dict[str, Any]]:
    wanted = ("code", "state", "lon", "lat")
    return [{name: lamp(10 + i)[name] for name in wanted} for i in range(count)]


def shapefile(folder: Path, **more: Any) -> Path:
    return write_vector(folder / "lamps.shp", rows(), driver="ESRI Shapefile", **more)


def no_prj(folder: Path) -> Path:
    path = shapefile(folder, crs="EPSG:4549")
    (folder / "lamps.prj").unlink()
    return path


def no_shx(folder: Path) -> Path:
    path = shapefile(folder)
    (folder / "lamps.shx").unlink()
    return path


def text(name: str, content: str | bytes) -> Write:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


LINES = "code,lon,lat\n" + "".join(f"{r['code']},{r['lon']},{r['lat']}\n" for r in rows())
CUT = gzip.compress((LINES + "x,1,2\n" * 50_000).encode(), 0)[:-20_000]


def two_layers(folder: Path) -> Path:
    path = write_vector(folder / "l.gpkg", rows(), driver="GPKG", layer="lamps")
    return write_vector(path, rows(), driver="GPKG", layer="bins", append=True)


def two_files(folder: Path) -> Path:
    files = [write_geojson(folder / name, [({"code": "1"}, None)]) for name in ("a.json", "b.json")]
    return packed(folder / "both.zip", files)


@pytest.mark.parametrize(
    ("write", "options", "what"),
    [
        (no_prj, (), "--crs"),
        (no_shx, (), ".shx"),
        (shapefile, ("--crs", "EPSG:99999"), "no coordinate system EPSG:99999"),
        (shapefile, ("--encoding", "klingon"), "no encoding klingon"),
        (two_layers, (), "--layer"),
        (two_layers, ("--layer", "trees"), "lamps, bins"),
        (two_files, (), "a.json, b.json"),
        (text("a.csv", ""), (), "empty"),
        (text("a.csv", "code,lon,lat\n"), (), "has no rows"),
        (text("a.csv", "code,name\n1,2\n"), (), "--lon"),
        (text("a.csv", "serial,lon,lat\n1,120.3,36\n"), (), "--map"),
        (text("a.csv", LINES), ("--lon", "x", "--lat", "y"), "code, lon, lat"),
        (text("a.csv", LINES + f'"{"x" * 2_000_000}'), (), "quote"),
        (text("a.csv.gz", CUT), (), "cannot be read to its end"),
        (text("a.geojson", '{"type": "FeatureCollection", "features": ['), (), "cannot be read"),
        (text("a.parquet", b"PAR1 and nothing"), (), "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_leaves_nothing(
    loaded: Folder,
    chengyun: Run,
    tmp_path: Path,
    write: Write,
    options: tuple[str, ...],
    what: str,
) -> None:
    before = list(Component.objects.values_list("pk", "changed_on"))
    path = write(tmp_path)
    result: Result = chengyun("import", "components", path, *options)
    assert result.exit_code == 1
    assert what in result.output
    chinese = chengyun("import", "components", path, *options, env={"LANGUAGE": "zh_CN"})
    assert chinese.exit_code == 1
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.output)
    assert list(Component.objects.values_list("pk", "changed_on")) == before
    assert not Survey.objects.exclude(state="discarded").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'city_survey\\_%'")
        assert cursor.fetchone() == (0,)


def test_two_encodings_in_one_file(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    lines = ["code,name,lon,lat"]
    lines += [f"{r['code']},路灯{i},{r['lon']},{r['lat']}" for i, r in enumerate(rows(6))]
    mixed = [line.encode("utf-8" if i == 4 else "gbk") for i, line in enumerate(lines)]
    (tmp_path / "mixed.csv").write_bytes(b"\r\n".join(mixed))
    result = chengyun("import", "components", tmp_path / "mixed.csv")
    assert "5 new, 0 changed, 0 the same, 1 rejected" in result.output
    assert reasons(tmp_path / "mixed.csv.rejected.csv") == ["bad_encoding"]
    with (tmp_path / "mixed.csv.rejected.csv").open(encoding="utf-8-sig", newline="") as source:
        assert [row["line"] for row in csv.DictReader(source)] == ["4"]
    assert set(Component.objects.filter(code__contains="01037").values_list("name", flat=True)) == {
        f"路灯{i}" for i in (0, 1, 2, 4, 5)
    }


def test_metres_swapped_axes_and_elsewhere_in_one_file(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    """Each row says what is wrong with it; named rightly, the same file goes in."""
    path = write_vector(
        tmp_path / "metres.gpkg", rows(), driver="GPKG", crs="EPSG:4549"
    )  # fmt: skip
    declared = chengyun("import", "components", path, "--crs", "EPSG:4490", "--review")
    assert "0 new, 0 changed, 0 the same, 3 rejected" in declared.output
    assert set(reasons(tmp_path / "metres.gpkg.rejected.csv")) == {"not_degrees"}
    number = Survey.objects.get(state="review").pk
    assert chengyun("surveys", "discard", number).exit_code == 0
    assert "3 new" in chengyun("import", "components", path).output
    turned = [{**row, "lon": row["lat"], "lat": row["lon"]} for row in rows(6)]
    Folder(tmp_path).rows("turned.csv", turned)
    said = chengyun("import", "components", tmp_path / "turned.csv")
    assert "6 rejected" in said.output
    assert set(reasons(tmp_path / "turned.csv.rejected.csv")) == {"swapped_axes"}
    named = ("--lon", "lat", "--lat", "lon")
    assert "3 new, 0 changed, 3 the same" in chengyun(
        "import", "components", tmp_path / "turned.csv", *named
    ).output  # fmt: skip
    # Zone 39 of a point in zone 40 lies somewhere in the sea.
    far = write_vector(tmp_path / "far.gpkg", rows(), driver="GPKG", crs="EPSG:4549")
    assert "3 rejected" in chengyun("import", "components", far, "--crs", "EPSG:4548").output
    assert set(reasons(tmp_path / "far.gpkg.rejected.csv")) == {"outside_city"}


def test_rings_that_cannot_be(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    ring = square(120.30, 36.05)["coordinates"][0]
    bow = [ring[0], ring[2], ring[1], ring[3], ring[0]]
    outlines = [[ring[:3]], [bow], [[ring[0], ring[0], ring[0], ring[0]]], [[]], "east"]
    features: list[tuple[dict[str, Any], Any]] = [
        ({"code": f"3702020010010{i + 10}"}, {"type": "Polygon", "coordinates": drawn})
        for i, drawn in enumerate(outlines)
    ]
    path = write_geojson(tmp_path / "grids.geojson", features)
    before = UnitGrid.objects.count()
    result = chengyun("import", "grids", path)
    assert "0 new, 0 changed, 0 the same, 5 rejected" in result.output
    assert set(reasons(tmp_path / "grids.geojson.rejected.csv")) <= {
        "broken_geometry", "no_geometry",
    }  # fmt: skip
    assert UnitGrid.objects.count() == before
