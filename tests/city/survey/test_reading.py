"""Reading any file of a survey: every format gives the same rows, every bad one is told why."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from chengyun.city.coordinates import from_cgcs2000
from chengyun.city.survey.reading import Batch, Reason, SurveyRefused, batches, open_source
from tests.city.survey.files import (
    packed,
    write_geojson,
    write_parquet,
    write_vector,
)

REAL = Path("/work") / "shared" / "data" / "real"
ROWS: list[dict[str, Any]] = [
    {"code": f"37020201037{i:06}", "name": f"路灯{i}", "lon": 120.30 + i / 1000, "lat": 36.05}
    for i in range(1, 8)
]


def shapefile(folder: Path, **more: Any) -> Path:
    return write_vector(folder / "lamps.shp", ROWS, driver="ESRI Shapefile", **more)


def zipped(folder: Path) -> Path:
    shapefile(folder, crs="EPSG:4549", encoding="GBK")
    return packed(folder / "lamps.zip", sorted(folder.glob("lamps.*")), "普查/")


def csv_file(folder: Path) -> Path:
    path = folder / "lamps.csv.gz"
    lines = [f"{r['code']},{r['name']},{r['lon']},{r['lat']}" for r in ROWS]
    path.write_bytes(gzip.compress("\n".join(["code,name,经度,纬度", *lines]).encode("gb18030")))
    return path


def geojson(folder: Path, name: str = "lamps.geojson.gz") -> Path:
    return write_geojson(
        folder / name,
        [
            (
                {"code": row["code"], "name": row["name"]},
                {"type": "Point", "coordinates": [row["lon"], row["lat"], 12.5]},
            )
            for row in ROWS
        ],
    )


WRITERS: dict[str, Callable[[Path], Path]] = {
    "gpkg": lambda f: write_vector(f / "l.gpkg", ROWS, driver="GPKG", crs="EPSG:4549"),
    "fgb": lambda f: write_vector(f / "l.fgb", ROWS, driver="FlatGeobuf", crs="EPSG:4326"),
    "shp": lambda f: shapefile(f, crs="EPSG:4549", encoding="UTF-8"),
    "zip": zipped,
    "geojson": geojson,
    "csv": csv_file,
    "parquet": lambda f: write_parquet(f / "l.parquet", ROWS, crs="EPSG:4549", group=3),
}


def everything(path: Path, size: int = 3, behind: int = 0, **more: Any) -> list[Batch]:
    return list(batches(open_source(path, **more), ["code", "name"], size=size, behind=behind))


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("behind", [0, 4, 7])
def test_every_format_gives_the_same_rows(tmp_path: Path, form: str, behind: int) -> None:
    path = WRITERS[form](tmp_path)
    found = everything(path, behind=behind)
    assert sum(len(batch) for batch in found) == 7 - behind
    if behind == 7:
        return
    assert found[0].first == behind + 1
    assert all(len(batch) <= 3 for batch in found)
    assert all(not batch.faults for batch in found)
    codes = [code for batch in found for code in batch.columns["code"]]
    names = [name for batch in found for name in batch.columns["name"]]
    assert codes == [row["code"] for row in ROWS[behind:]]
    assert names == [row["name"] for row in ROWS[behind:]]
    places = shapely.get_coordinates(np.concatenate([batch.geometry for batch in found]))
    assert places[:, 0] == pytest.approx([row["lon"] for row in ROWS[behind:]], abs=1e-9)
    assert places[:, 1] == pytest.approx(36.05, abs=1e-9)


@pytest.mark.parametrize("system", ["gcj02", "BD-09", "wgs 84"])
def test_named_systems_are_brought_home(tmp_path: Path, system: str) -> None:
    name = "".join(c for c in system.lower() if c.isalnum())
    lon, lat = from_cgcs2000(120.345, 36.095, name)
    (tmp_path / "a.csv").write_text(f"code,lng,lat\n1,{lon},{lat}\n", encoding="utf-8")
    (batch,) = batches(open_source(tmp_path / "a.csv", crs=system))
    point = batch.geometry[0]
    assert (point.x, point.y) == pytest.approx((120.345, 36.095), abs=1e-8)


@pytest.mark.parametrize(
    ("said", "crs"),
    [
        ("EPSG:4549", "EPSG:4549"),
        ("4549", "EPSG:4549"),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 120E", "EPSG:4549"),
        ("CGCS2000 3度 120", "EPSG:4549"),
        ("cgcs2000 3deg zone 40", "EPSG:4528"),
        ("CGCS2000 6度带 21", "EPSG:4499"),
        ("CGCS2000 6 cm 123", "EPSG:4510"),
        ("gcj-02", "gcj02"),
        ("EPSG:4490", "cgcs2000"),
    ],
)
def test_zones_are_known_by_number_and_name(tmp_path: Path, said: str, crs: str) -> None:
    (tmp_path / "a.csv").write_text("code,x,y\n1,2,3\n", encoding="utf-8")
    assert open_source(tmp_path / "a.csv", crs=said).crs == crs


def refused(path: Path, **more: Any) -> SurveyRefused:
    with pytest.raises(SurveyRefused) as caught:
        everything(path, **more)
    assert caught.value.zh
    assert caught.value.remedy_zh
    assert caught.value.remedy_en
    return caught.value


@pytest.mark.parametrize("crs", ["EPSG:99999", "EPSG:0", "xian 80", "CGCS2000 3度 121", "+proj=no"])
def test_a_system_that_does_not_exist_is_refused(tmp_path: Path, crs: str) -> None:
    assert "coordinate system" in refused(geojson(tmp_path), crs=crs).en


def test_a_shapefile_without_prj_is_refused_until_its_system_is_named(tmp_path: Path) -> None:
    path = shapefile(tmp_path, crs="EPSG:4549", encoding="UTF-8")
    (tmp_path / "lamps.prj").unlink()
    assert ".prj" in refused(path).en
    assert everything(path, crs="EPSG:4549")[0].geometry[0].x == pytest.approx(120.301)


def test_a_shapefile_without_its_other_parts_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path, encoding="UTF-8")
    (tmp_path / "lamps.shx").unlink()
    assert ".shx" in refused(path).en


def test_gbk_is_found_without_a_cpg(tmp_path: Path) -> None:
    path = shapefile(tmp_path, encoding="GBK")
    (tmp_path / "lamps.cpg").unlink(missing_ok=True)
    assert open_source(path).encoding == "gb18030"
    assert everything(path)[0].columns["name"][0] == "路灯1"


def test_mixed_encodings_are_told_row_by_row(tmp_path: Path) -> None:
    rows = [b"code,name,lon,lat"]
    rows += [f"{i},路灯,120.3,36.05".encode("gbk" if i == 4 else "utf-8") for i in range(1, 8)]
    (tmp_path / "a.csv").write_bytes(b"\r\n".join(rows))
    found = everything(tmp_path / "a.csv", size=100)[0]
    assert found.faults == {3: Reason.BAD_ENCODING}
    path = shapefile(tmp_path, encoding="UTF-8")
    table = (tmp_path / "lamps.dbf").read_bytes()
    broken = table.replace("路灯5".encode(), "路灯5".encode("gbk").ljust(7))
    (tmp_path / "lamps.dbf").write_bytes(broken)
    found = everything(path, size=100)[0]
    assert found.faults == {4: Reason.BAD_ENCODING}
    assert found.columns["name"][5] == "路灯6"


def test_rows_of_another_width_keep_their_number(tmp_path: Path) -> None:
    text = 'code,name,lon,lat\n1,a,120,36\n2,b,120\n\n3,"c\nd",120,36\n4,e,120,36,7\n5,f,,36\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = everything(tmp_path / "a.csv", size=100)[0]
    assert list(found.columns["code"]) == ["1", "2", "3", "4", "5"]
    assert found.columns["name"][2] == "c\nd"
    assert found.faults == {
        1: Reason.COLUMN_COUNT, 3: Reason.COLUMN_COUNT, 4: Reason.NO_GEOMETRY,
    }  # fmt: skip


def test_metres_declared_as_degrees_are_faults(tmp_path: Path) -> None:
    feature = ({"code": "1", "name": "x"}, {"type": "Point", "coordinates": [527035.2, 3991091.6]})
    path = write_geojson(tmp_path / "a.geojson", [feature])
    assert everything(path)[0].faults == {0: Reason.NOT_DEGREES}
    square = {
        "type": "Polygon",
        "coordinates": [
            [[527035, 3991091], [527135, 3991091], [527135, 3991191], [527035, 3991091]]
        ],
    }
    path = write_geojson(tmp_path / "b.geojson", [({"code": "1", "name": "x"}, square)])
    assert everything(path)[0].faults == {0: Reason.NOT_DEGREES}
    assert everything(path, crs="EPSG:4549")[0].faults == {}


def test_an_open_ring_is_a_fault_of_its_row(tmp_path: Path) -> None:
    whole = [[120.3, 36.0], [120.4, 36.0], [120.4, 36.1], [120.3, 36.0]]
    features = [
        ({"code": "1", "name": "whole"}, {"type": "Polygon", "coordinates": [whole]}),
        ({"code": "2", "name": "open"}, {"type": "Polygon", "coordinates": [whole[:3]]}),
        ({"code": "3", "name": "none"}, None),
        ({"code": "4", "name": "words"}, {"type": "Point", "coordinates": ["east", 36.0]}),
    ]
    found = everything(write_geojson(tmp_path / "a.geojson", features), size=100)[0]
    assert found.faults[1] in (Reason.BROKEN_GEOMETRY, Reason.NO_GEOMETRY)
    assert found.faults[2] is Reason.NO_GEOMETRY
    assert 3 in found.faults
    assert 0 not in found.faults


def test_several_layers_are_listed(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "l.gpkg", ROWS, driver="GPKG", layer="lamps")
    write_vector(path, ROWS[:2], driver="GPKG", layer="bins", append=True)
    assert "lamps, bins" in refused(path).en
    assert "no layer trees" in refused(path, layer="trees").en
    assert len(everything(path, layer="bins")[0]) == 2


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"code,name\n1,2\n", "longitude"),
        ("a.csv", b"code,code,lon,lat\n", "one name"),
        ("a.csv.gz", b"\x1f\x8b broken", "end"),
        ("a.csv", b'code,name,lon,lat\n"1,2,3,4\n' + b"x" * 2_000_000, "quote"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type"', "cannot be read"),
        ("a.geojson", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "longitude"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200, "cannot be read"),
        ("a.parquet", b"PAR1 and nothing behind", "cannot be read"),
        ("a.zip", b"PK\x03\x04 and nothing behind", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert what in refused(tmp_path / name).en


def test_a_file_that_breaks_off_says_where(tmp_path: Path) -> None:
    whole = gzip.compress(b"code,name,lon,lat\n" + b"1,2,3,4\n" * 50_000, 0)
    (tmp_path / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert "end" in refused(tmp_path / "a.csv.gz").en


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveyRefused, match="no column serial"):
        list(batches(open_source(geojson(tmp_path)), ["serial"]))


def test_a_zip_of_two_surveys_is_refused(tmp_path: Path) -> None:
    geojson(tmp_path, "a.geojson")
    geojson(tmp_path, "b.geojson")
    path = packed(tmp_path / "x.zip", [tmp_path / "a.geojson", tmp_path / "b.geojson"])
    assert "a.geojson, b.geojson" in refused(path).en


def test_djangos_gdal_and_that_of_the_surveys_work_side_by_side(tmp_path: Path) -> None:
    from django.contrib.gis.gdal import OGRGeometry, SpatialReference

    for _ in range(2):
        shape = OGRGeometry("POINT (120 36)", srs=SpatialReference(4490))
        shape.transform(SpatialReference(4549))
        assert shape.wkt.startswith("POINT (500000")
        assert len(everything(WRITERS["gpkg"](tmp_path))) == 3
        (tmp_path / "l.gpkg").unlink()


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real data is not on this machine")
class TestReal:
    """Files of real cities, where they lie beside the project."""

    def test_openstreetmap_gives_its_tags_as_columns(self) -> None:
        source = open_source(REAL / "osm" / "helsinki_centre.osm.pbf", layer="points")
        found: dict[str, int] = {}
        for batch in batches(source, ["highway", "crossing", "natural"]):
            assert not batch.faults
            for name in batch.columns["natural"]:
                found[name] = found.get(name, 0) + 1
        assert found["tree"] > 500

    @pytest.mark.parametrize("path", sorted((REAL / "assets").glob("*")), ids=lambda p: p.name)
    def test_assets_are_read_to_the_end(self, path: Path) -> None:
        source = open_source(path)
        rows = 0
        for batch in batches(source, size=1_000):
            assert not batch.faults
            rows += len(batch)
        assert rows == (source.count or rows) > 0
