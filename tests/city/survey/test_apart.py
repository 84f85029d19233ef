"""Files of strangers are read apart: the same rows, and nothing that a file could do beyond."""

import contextlib
import gzip
import io
import os
import sqlite3
import stat
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from chengyun.city.survey import apart, confinement, reader
from chengyun.city.survey.apart import LOOK
from chengyun.city.survey.reading import Batch, SurveyRefused, batches, open_source
from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.source import Limits
from tests.city.survey.files import write_geojson, write_parquet, write_vector
from tests.city.survey.test_reading import ROWS, WRITERS, csv_file

PATIENCE = 120.0
BOX = {"type": "Polygon", "coordinates": [[[120.3, 36.0], [120.4, 36.0], [120.4, 36.1],
                                           [120.3, 36.0]]]}  # fmt: skip


def read(path: Path, limits: Limits = LOOK, **more: Any) -> list[Batch]:
    source = open_source(path, apart=limits, **more)
    assert source.apart is not None
    return list(batches(source, size=4))


def refused(path: Path, limits: Limits = LOOK, **more: Any) -> SurveyRefused:
    with pytest.raises(SurveyRefused) as caught:
        read(path, limits, **more)
    assert caught.value.zh
    assert caught.value.remedy_zh
    assert caught.value.remedy_en
    return caught.value


def test_every_format_gives_what_it_gives_here(tmp_path: Path) -> None:
    paths = [write(tmp_path) for form, write in WRITERS.items() if form != "zip"]
    mixed = [
        ({"n": 1, "t": "路", "day": "2026-01-02", "yes": True, "x": 1.5}, BOX),
        ({"n": None, "t": None, "day": None, "yes": None, "x": None}, None),
        ({"n": 3, "t": "", "day": "2026-01-03", "yes": False, "x": 2}, BOX),
    ]
    paths.append(write_geojson(tmp_path / "mixed.geojson", mixed))
    for path in paths:
        here, there = list(batches(open_source(path), size=4)), read(path)
        assert len(here) == len(there)
        for one, other in zip(here, there, strict=True):
            assert (one.first, one.faults) == (other.first, other.faults)
            assert shapely.to_wkb(one.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
            assert list(one.columns) == list(other.columns)
            for name, values in one.columns.items():
                assert values.dtype == other.columns[name].dtype
                np.testing.assert_array_equal(values, other.columns[name])
    behind = list(batches(open_source(csv_file(tmp_path), apart=LOOK), ["code"], size=2, behind=5))
    assert [(b.first, len(b)) for b in behind] == [(6, 2)]


def test_what_it_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"n": 1}, BOX)])
    assert "coordinate system" in refused(path, crs="EPSG:99999").en
    assert "no layer trees" in refused(path, layer="trees").en
    whole = gzip.compress(b"code,name,lon,lat\n" + b"1,2,3,4\n" * 50_000, 0)
    (tmp_path / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert "end" in refused(tmp_path / "a.csv.gz").en


def vrt(source: str) -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource>'
        "<GeometryType>wkbPoint</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Files that are written to do something else than to be read, by name."""
    for name in ("a.vrt", "a.geojson", "a.gpkg", "a.shp"):
        yield name, vrt("/etc/passwd")
    for name in ("a.csv", "a.osm", "a.parquet"):
        yield name, vrt("/vsicurl/http://127.0.0.1:9/x.geojson")
    yield "a.geojson", b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000
    yield (
        "a.geojson",
        b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":'
        + (b'{"type":"Polygon","coordinates":' + b"[" * 5_000 + b"]" * 5_000 + b"}}]}"),
    )
    pbf = b"\x0a\x09OSMHeader\x18\xff\xff\xff\x7f"
    yield "a.osm.pbf", struct.pack(">I", len(pbf)) + pbf + os.urandom(5_000)
    yield "a.osm.pbf", struct.pack(">I", 2**31 - 1) + pbf
    yield "a.fgb", b"fgb\x03fgb\x00" + b"\xff" * 400
    yield "a.gpkg", b"SQLite format 3\0" + os.urandom(8_000)
    yield "a.parquet", b"PAR1" + os.urandom(4_000) + struct.pack("<I", 2**31 - 1) + b"PAR1"
    yield "a.zip", b"PK\x03\x04" + os.urandom(2_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b"{" + b" " * 60_000_000)
    yield "a.zip", bomb.getvalue()
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as archive:
        entry = zipfile.ZipInfo("a.geojson")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    yield "a.zip", link.getvalue()


@pytest.mark.parametrize(
    ("name", "content"), list(hostile()), ids=lambda v: v if type(v) is str else ""
)
def test_hostile_files_are_refused_and_open_nothing(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    said = refused(tmp_path / name)
    assert "root:" not in said.en + said.zh
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]


def test_a_name_that_climbs_out_of_a_zip_stays_in(tmp_path: Path) -> None:
    rows = write_geojson(tmp_path / "rows.geojson", [({"n": 1}, BOX)]).read_bytes()
    (tmp_path / "rows.geojson").unlink()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../../../evil.geojson", rows)
    assert len(read(tmp_path / "a.zip")[0]) == 1
    assert not list(tmp_path.parent.parent.rglob("evil.geojson"))


def test_what_grows_without_end_is_refused(tmp_path: Path) -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = [pack.compress(b"code,lon,lat\n")]
    content += [pack.compress(b"1,120.3,36.0\n" * 100_000) for _ in range(20)]
    (tmp_path / "a.csv.gz").write_bytes(b"".join([*content, pack.flush()]))
    assert (tmp_path / "a.csv.gz").stat().st_size < 200_000
    assert "unpacks to more" in refused(tmp_path / "a.csv.gz", replace(LOOK, unpacked=10**7)).en
    assert "more than 1,000 rows" in refused(tmp_path / "a.csv.gz", replace(LOOK, rows=1_000)).en
    rows = [{"code": "1", "lon": 120.3, "lat": 36.0}] * 2_000
    path = write_parquet(tmp_path / "a.parquet", rows)
    assert "more than 1,000 rows" in refused(path, replace(LOOK, rows=1_000)).en


def database(path: Path, *statements: str) -> Path:
    write_vector(path, ROWS, driver="GPKG", layer="lamps")
    with sqlite3.connect(path) as found:
        for statement in statements:
            found.execute(statement)
    return path


FOREVER = (
    "CREATE VIEW lamps_view AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i AS fid, NULL AS geom, i AS code, i AS name FROM n WHERE i < 0"
)
AS_LAYER = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
    "VALUES ('lamps_view', 'attributes', 'v', 4490)"
)


def test_statements_in_a_geopackage_do_no_harm(tmp_path: Path) -> None:
    trap = database(
        tmp_path / "trap.gpkg",
        "CREATE TRIGGER t AFTER INSERT ON lamps BEGIN DELETE FROM lamps; END",
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name, column_name, extension_name, "
        "definition, scope)",
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', "
        "'passwd', 'passwd', 0, 'CREATE VIRTUAL TABLE passwd USING VirtualOGR(''/etc/passwd'')')",
    )
    before = trap.read_bytes()
    with contextlib.suppress(SurveyRefused):
        assert sum(len(b) for b in read(trap, layer="lamps")) == len(ROWS)
    assert trap.read_bytes() == before
    forever = database(tmp_path / "forever.gpkg", FOREVER, AS_LAYER)
    said = refused(forever, replace(LOOK, cpu=4), layer="lamps_view")
    assert "time" in said.en


def test_collections_in_collections_are_no_shapes_of_a_city(tmp_path: Path) -> None:
    collection = struct.pack("<BII", 1, 7, 1)
    point = struct.pack("<BIdd", 1, 1, 120.3, 36.0)
    shapes = [collection + point, collection * 2 + point, collection * 9_000 + point]
    path = write_parquet(tmp_path / "deep.parquet", [{"n": 1}, {"n": 2}, {"n": 3}], shapes=shapes)
    [batch] = read(path)
    assert batch.faults == {1: Reason.WRONG_GEOMETRY, 2: Reason.WRONG_GEOMETRY}
    assert shapely.is_missing(batch.geometry).tolist() == [False, True, True]


def test_a_reader_that_is_late_is_stopped(tmp_path: Path) -> None:
    forever = database(tmp_path / "forever.gpkg", FOREVER, AS_LAYER)
    said = refused(forever, replace(LOOK, wait=0.01), layer="lamps_view")
    assert "time" in said.en


def test_a_reader_ends_with_who_asked(tmp_path: Path) -> None:
    forever = database(tmp_path / "forever.gpkg", FOREVER, AS_LAYER)
    asks = (
        "from pathlib import Path; from chengyun.city.survey.apart import READ; "
        "from chengyun.city.survey.reading import open_source; "
        f"open_source(Path({str(forever)!r}), layer='lamps_view', apart=READ)"
    )
    asker = subprocess.Popen([sys.executable, "-c", asks], cwd=Path(__file__).parents[3])
    children = Path(f"/proc/{asker.pid}/task/{asker.pid}/children")
    until = time.monotonic() + PATIENCE
    while not (at_work := children.read_text().split()) or not is_reader(at_work[0]):
        assert asker.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    asker.kill()
    asker.wait()
    while is_reader(at_work[0]):
        assert time.monotonic() < until
        time.sleep(0.01)


def is_reader(process: str) -> bool:
    """Whether this process is a reader that has come so far as to have limits."""
    try:
        limits = Path("/proc", process, "limits").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return f"{LOOK.memory}" in limits


def test_a_reader_that_wants_too_much_memory_is_stopped(tmp_path: Path) -> None:
    # One long text that is named ten thousand times: the file is small, its rows are not.
    rows = [{"code": "x" * 100_000, "lon": 120.3, "lat": 36.0}] * 10_000
    path = write_parquet(tmp_path / "a.parquet", rows, group=10_000)
    assert path.stat().st_size < 1_000_000
    source = open_source(path, apart=replace(LOOK, memory=1024**3))
    with pytest.raises(SurveyRefused, match="more memory"):
        list(batches(source, size=10_000))


def started(tmp_path: Path, code: str) -> str:
    """What a process says that was limited as a reader is."""
    limits = f"from chengyun.city.survey import reader; reader.limit(60, {LOOK.memory}, 10_000)\n"
    root = str(Path(reader.__file__).resolve().parents[3])
    done = subprocess.run(
        [sys.executable, "-IB", "-c", f"import sys; sys.path.insert(0, {root!r})\n{limits}{code}"],
        env=apart._environment(tmp_path), capture_output=True, text=True, check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_reader_knows_nothing_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    said = started(
        tmp_path,
        "from chengyun.city.survey.vectors import only_known_drivers; only_known_drivers()\n"
        "import os, pyogrio, chengyun.city.survey.reading\n"
        "print(sorted(pyogrio.list_drivers()), 'secret' in str(os.environ), "
        "'django' in sys.modules, pyogrio.get_gdal_config_option('CPL_VSIL_CURL_ALLOWED_"
        "EXTENSIONS'))",
    )
    drivers = ["ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON", "GeoJSONSeq", "OSM"]
    assert said == f"{drivers} False False .none"


confined = pytest.mark.skipif(not confinement.version(), reason="this kernel has no Landlock")
TRIES = """
import os, socket, subprocess
import chengyun.city.survey.frames
assert len(os.listdir("/proc/self/task")) == 1  # Threads at work would stay free.
assert reader.only_this_file(here)
import chengyun.city.survey.reading
here.read_text(), open("new", "w"), os.unlink("new")
for number, attempt in enumerate((
    lambda: open("/etc/passwd"), lambda: open(here.parent / "b.geojson"),
    lambda: open("/proc/1/environ"), lambda: open(here, "a"), lambda: os.unlink(here),
    lambda: os.listdir("/"), lambda: open("../new", "w"),
    lambda: os.symlink("/etc/passwd", "../link"), lambda: subprocess.run(["/bin/true"]),
    lambda: os.kill(os.getppid(), 0), lambda: socket.create_connection(("127.0.0.1", 9), 1),
)):
    try:
        attempt()
    except (FileNotFoundError, ConnectionRefusedError, TimeoutError) as error:
        print(number, error)
    except OSError:
        continue
    else:
        print(number, "was allowed")
"""


@confined
def test_a_reader_opens_no_other_files(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "b.geojson").write_text("secret")
    path = write_geojson(tmp_path / "a.geojson", [({"n": 1}, BOX)])
    given = f"from pathlib import Path\nhere = Path({str(path)!r})\n"
    assert started(tmp_path / "own", given + TRIES) == ""


@confined
def test_it_is_confined_before_it_opens_what_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"n": 1}, BOX)])
    other = write_geojson(tmp_path / "b.geojson", [({"n": 1}, BOX)])
    misled = apart._START.replace(
        "main()",
        "from chengyun.city.survey import reading; look = reading.open_source; "
        "reading.open_source = lambda path, **how: look({!r}, **how); main()",
    )
    monkeypatch.setattr(apart, "_START", misled.format(str(path)))
    assert len(read(path)[0]) == 1
    monkeypatch.setattr(apart, "_START", misled.format(str(other)))
    assert "the reader broke off" in refused(path).en


def test_a_reader_writes_no_large_files(tmp_path: Path) -> None:
    said = started(
        tmp_path,
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n    open('large', 'wb').write(bytes(20_000)); print('written')\n"
        "except OSError as error:\n    print(error.strerror)",
    )
    assert said == "File too large"


def test_what_a_reader_says_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"n": 1}, BOX)])
    for code in (
        "import sys; sys.stdout.buffer.write(b'\\xff' * 64)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import sys; sys.exit(3)",
        "print('nothing to see')",
    ):
        monkeypatch.setattr(apart, "_START", code)
        assert "the reader broke off" in refused(path).en
