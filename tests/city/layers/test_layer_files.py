"""Files for layers: what is hostile, what is in another system, and the commands."""

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from click.testing import Result

from chengyun.city.layers import uploads
from chengyun.city.models import Layer
from tests.city.layers.conftest import feature, point
from tests.city.layers.test_layer_actions import BENCHES, Desk, manager, sql

__all__ = ["manager"]

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]
Run = Callable[..., Result]


def kept(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""


def test_files_that_are_not_what_they_say_are_sent_back(
    manager: Desk, geojson: Write, tmp_path: Path
) -> None:
    manager.make()
    rows = geojson(BENCHES).read_bytes()
    for name, content in (
        ("a.geojson", VRT), ("a.gpkg", VRT), ("a.vrt", VRT), ("a.csv", rows),
        ("a.geojson", b"http://example.invalid/x.geojson"), ("a.geojson", b"/vsicurl/http://x/y"),
        ("a.gpkg", rows), ("a.zip", rows), ("a.shp", rows), ("a", rows), ("a.tif", b"II*\0"),
        ("a.geojson.gz", gzip.compress(rows)), ("a.osm", b"<osm version='0.6'></osm>"),
    ):  # fmt: skip
        problem = manager.upload("benches", kept(tmp_path, name, content), 415)
        assert problem["field"] == "file", name
    for name, content in (
        ("a.geojson", b"{"), ("a.geojson", b'{"type": "FeatureCollection"}'),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200), ("a.fgb", b"fgb\x03fgb\0rubbish"),
        ("a.zip", b"PK\x03\x04rubbish"), ("a.csv", b"name\nbench\n"), ("a.csv", VRT),
        ("a.csv", b"PAR1"),
    ):  # fmt: skip
        problem = manager.upload("benches", kept(tmp_path, name, content), 422)
        assert problem["remedy"], name
    assert manager.ask("GET", "/benches")["rows"] == 0


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_what_unpacks_without_end_is_sent_back(
    manager: Desk, tmp_path: Path, monkeypatch: Any
) -> None:
    manager.make()
    bomb = packed({"a.geojson": b"{" + b" " * 60_000_000})
    assert len(bomb) < 100_000
    manager.upload("benches", kept(tmp_path, "a.zip", bomb), 422)
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 1_000_000)
    manager.upload("benches", kept(tmp_path, "a.zip", bomb), 413)
    crowd = packed({f"{number}.txt": b"" for number in range(60)})
    manager.upload("benches", kept(tmp_path, "a.zip", crowd), 413)
    climbing = packed({"../../evil.geojson": b'{"type":"FeatureCollection","features":[]}'})
    manager.send("benches", kept(tmp_path, "a.zip", climbing))
    assert not (tmp_path.parent.parent / "evil.geojson").exists()
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    manager.upload("benches", kept(tmp_path, "a.geojson", b"{" + b" " * 2000), 413)


def test_a_file_with_too_many_rows_is_left_to_the_operator(
    manager: Desk, geojson: Write, monkeypatch: Any
) -> None:
    monkeypatch.setattr(uploads, "MOST_ROWS", 2)
    manager.make()
    problem = manager.upload("benches", geojson(BENCHES), 413)
    assert "chengyun import layer" in problem["remedy"]
    assert manager.ask("GET", "/benches")["rows"] == 0


def test_a_geopackage_with_a_trap_opens_nothing_else(
    manager: Desk, tmp_path: Path, geojson: Write
) -> None:
    path = tmp_path / "trap.gpkg"
    write(path, "GPKG", [shapely.Point(120.31, 36.06)], ["甲"])
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES "
            "('table', 'passwd', 'passwd', 0, "
            "'CREATE VIRTUAL TABLE passwd USING VirtualOGR(''/etc/passwd'')')"
        )
    manager.make()
    answer = manager.client.post(
        "/api/layers/benches/rows",
        {"file": (io.BytesIO(path.read_bytes()))},
        headers=manager.headers,
    )
    assert answer.status_code in (202, 415, 422)
    assert b"root:" not in answer.content


def write(path: Path, driver: str, shapes: list[Any], names: list[str], **options: Any) -> None:
    kind = shapes[0].geom_type
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes, dtype=object)), [np.array(names, dtype=object)],
        ["名称"], driver=driver, geometry_type=kind, crs=options.pop("crs", "EPSG:4490"), **options,
    )  # fmt: skip


def test_a_table_as_spreadsheet_programs_save_it(manager: Desk, tmp_path: Path) -> None:
    manager.make()
    table = "名称,经度,纬度\n长椅,120.35,36.05\n无处,,\n".encode("gb18030")
    filled = manager.send("benches", kept(tmp_path, "benches.csv", table), anew="true")
    assert (filled["rows"], filled["rejected"]) == (1, 1)
    assert [each["name"] for each in filled["fields"]] == ["名称"]


def test_a_shapefile_in_metres_and_in_gbk(manager: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "shp"
    folder.mkdir()
    write(
        folder / "a.shp", "ESRI Shapefile", [shapely.Point(527_480.0, 3_991_500.0)], ["汉字"],
        crs="EPSG:4549", encoding="GBK",
    )  # fmt: skip
    content = packed({each.name: each.read_bytes() for each in folder.iterdir()})
    manager.make()
    filled = manager.send("benches", kept(tmp_path, "a.zip", content))
    assert (filled["rows"], filled["rejected"]) == (1, 0)
    [(name, lon)] = sql('SELECT "名称", round(ST_X(geom)::numeric, 2) FROM layers.benches')
    assert (name, float(lon)) == ("汉字", 120.3)
    # Without its .prj nobody knows where that is, until somebody says so.
    bare = packed({e.name: e.read_bytes() for e in folder.iterdir() if e.suffix != ".prj"})
    refused = manager.upload("benches", kept(tmp_path, "b.zip", bare), 422)
    assert ".prj" in refused["detail"]
    manager.send("benches", kept(tmp_path, "b.zip", bare), crs="EPSG:4549")
    assert manager.upload("benches", kept(tmp_path, "b.zip", bare), 422, crs="EPSG:99999")


def test_shapes_of_a_row_must_be_the_layers(manager: Desk, geojson: Write) -> None:
    bow = [[120.3, 36.05], [120.31, 36.06], [120.31, 36.05], [120.3, 36.06], [120.3, 36.05]]
    ring = [[120.3, 36.05], [120.31, 36.05], [120.31, 36.06], [120.3, 36.05]]
    rows = [
        feature({"type": "Polygon", "coordinates": [bow]}, n=1),
        feature({"type": "Polygon", "coordinates": [ring]}, n=2),
        feature({"type": "MultiPolygon", "coordinates": [[ring]]}, n=3),
        feature(None, n=4),
        feature({"type": "Polygon", "coordinates": []}, n=5),
        point(120.3, 36.05, n=6),
    ]
    manager.make("plots", shape="polygon")
    filled = manager.send("plots", geojson(rows))
    assert (filled["rows"], filled["rejected"]) == (2, 4)
    assert filled["reasons"] == {
        "broken_geometry": 1, "no_geometry": 2, "wrong_geometry_type": 1,
    }  # fmt: skip
    assert sql("SELECT DISTINCT GeometryType(geom) FROM layers.plots") == [("MULTIPOLYGON",)]


def test_a_file_becomes_a_layer_by_one_command(
    town: Any, chengyun: Run, geojson: Write, tmp_path: Path
) -> None:
    path = geojson([*BENCHES, point(120e4, 36.0, 名称="远")])
    style = kept(tmp_path, "style.json", b'{"label": "material"}')
    arguments = ("import", "layer", path, "--code", "benches")
    unnamed = chengyun_fails(chengyun, *arguments)
    assert "name_zh" in unnamed
    assert not Layer.objects.exists()
    result = chengyun(
        *arguments, "--name", "长椅", "--access", "granted", "--folder", "园林", "--style", style
    )
    assert result.exit_code == 0, result.output
    assert "3 rows in layer benches, 1 rejected" in result.output
    rejected = path.with_name("rows.geojson.rejected.csv").read_text(encoding="utf-8-sig")
    assert "4,not_degrees," in rejected
    layer = Layer.objects.get(code="benches")
    assert (layer.access, layer.area_field, layer.folder) == ("granted", "area_code", "园林")
    assert layer.style["label"] == "material"
    again = chengyun(*arguments)
    assert again.exit_code == 0
    assert "长椅" in chengyun("layers", "list").output
    shown = json.loads(chengyun("layers", "show", "benches").output)
    assert (shown["rows"], shown["access"]) == (3, "granted")
    assert chengyun("layers", "show", "nothing").exit_code == 1
    assert chengyun("layers", "remove", "benches", "--yes").exit_code == 0
    assert not Layer.objects.exists()


def test_roads_become_a_layer_that_the_map_opens_with(
    town: Any, chengyun: Run, geojson: Write
) -> None:
    way = {"type": "LineString", "coordinates": [[120.01, 36.01], [120.02, 36.01]]}
    path = geojson([{"type": "Feature", "properties": {"name": "一路"}, "geometry": way}])
    chengyun(
        "import", "layer", path, "--code", "roads", "--name", "道路", "--roads", "--visible",
        "--minzoom", "9",
    )  # fmt: skip
    layer = Layer.objects.get(code="roads")
    assert (layer.roads, layer.visible, layer.minzoom) == (True, True, 9)
    # Another file for it changes only what is said.
    assert chengyun("import", "layer", path, "--code", "roads").exit_code == 0
    layer.refresh_from_db()
    assert (layer.roads, layer.visible, layer.minzoom) == (True, True, 9)
    points = geojson([*BENCHES])
    assert "roads" in chengyun_fails(
        chengyun, "import", "layer", points, "--code", "spots", "--name", "点", "--roads"
    )
    assert not Layer.objects.filter(code="spots").exists()


def chengyun_fails(chengyun: Run, *arguments: object) -> str:
    from chengyun.core.problems import Problem

    with pytest.raises(Problem) as refused:
        chengyun(*arguments)
    return str(refused.value)
