"""Inventories of real cities go into a city, and are there as somebody else counts them.

Files, and what the mappings of examples/components make of them, are counted from their bytes:
JSON, XML and CSV by Python's own readers, never by those of the surveys. The data may not travel
with the project: it is looked for in CHENGYUN_TEST_REAL_DATA, else beside the source tree.
"""

import csv
import gzip
import json
import os
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import Result
from django.db import connection
from pyproj import Geod
from shapely.geometry import shape

from tests.city.conftest import CITY_TOML, Folder, square

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ROOT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("CHENGYUN_TEST_REAL_DATA", ROOT.parent / "shared" / "data" / "real"))
MAPPINGS = ROOT / "examples" / "components"
Run = Callable[..., Result]
EARTH = Geod(ellps="GRS80")

#: Layer of the assets of Washington → its mapping and the property that names a row.
WASHINGTON = {
    "dc_bollards": ("bollards", "OBJECTID"),
    "dc_bridges_and_tunnel_entrances": ("bridges", "OBJECTID"),
    "dc_cctv_street_cameras": ("cameras", "OBJECTID_1"),
    "dc_litter_cans": ("litter_cans", "OBJECTID"),
    "dc_sewers_inlets": ("inlets", "OBJECTID"),
    "dc_sidewalk_grates": ("grates", "OBJECTID"),
    "dc_specialty_lighting": ("lights", "OBJECTID"),
    "dc_traffic_signal_arm": ("signal_arms", "OBJECTID"),
    "dc_traffic_signal_cabinets": ("signal_cabinets", "OBJECTID"),
    "dc_washington_dc_public_art": ("public_art", "OBJECTID"),
}  # fmt: skip
#: District of six digits → (west, south, side in degrees).
DISTRICTS = {
    "990101": (-77.2, 38.7, 0.4), "990102": (24.9, 60.1, 0.1), "990103": (7.3, 43.4, 0.4),
    "990104": (1.0, 41.7, 1.2),
}  # fmt: skip


def need(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not there: looked in {REAL} (set CHENGYUN_TEST_REAL_DATA)")
    return path


@pytest.fixture
def cities(tmp_path: Path, chengyun: Run) -> Run:
    """Four foreign towns as the districts of one city, each a square; the import command."""
    folder = Folder(tmp_path / "city")
    folder.text("city.toml", CITY_TOML.replace("370200", "990100"))
    areas: list[Any] = [({"code": "990100", "name_zh": "四城市", "level": "city"}, None)]
    areas += [
        ({"code": code, "name_zh": code, "level": "district", "parent": "990100"}, square(*place))
        for code, place in DISTRICTS.items()
    ]
    folder.features("areas.geojson", areas)
    assert chengyun("load", folder.path).exit_code == 0

    def bring(path: Path, mapping: Path, *options: object) -> Result:
        return chengyun(
            "import", "components", path, "--map", mapping, "--tolerance", 0,
            "--rejected", tmp_path / "rejected.csv", *options,
        )  # fmt: skip

    return bring


def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def classes_of(mapping: str) -> dict[tuple[str, str], str]:
    """Tag → name of the class, in the order of the mapping."""
    document = tomllib.loads((MAPPINGS / mapping).read_text(encoding="utf-8"))
    found: dict[tuple[str, str], str] = {}
    for tag, kind in document["classes"].items():
        key, _, value = tag.partition("=")
        found[key, value] = kind
    return found


def class_in(tags: dict[str, str], classes: dict[tuple[str, str], str]) -> str | None:
    for (key, value), kind in classes.items():
        if key in tags and value in ("*", tags[key]):
            return kind
    return None


def by_class(source: str) -> Counter[str]:
    """What lies in the register from a source, by the name of its class."""
    found = rows(
        "SELECT k.name_zh, count(*) FROM city_component c JOIN city_componentclass k "
        "ON k.id = c.component_class_id WHERE c.source LIKE %s GROUP BY 1",
        f"{source}%",
    )
    return Counter(dict(found))


@pytest.mark.parametrize("name", WASHINGTON)
def test_a_layer_of_washington_is_in_the_register(cities: Run, name: str, tmp_path: Path) -> None:
    path, (mapping, key) = need(f"assets/{name}.geojson.gz"), WASHINGTON[name]
    with gzip.open(path) as packed:
        features = json.load(packed)["features"]
    given = {f"dc:{mapping}/{f['properties'][key]}": shape(f["geometry"]) for f in features}
    assert len(given) == len(features)
    # Outlines that cross themselves come back, all others are in.
    broken = {source for source, drawn in given.items() if not shapely.is_valid(drawn)}
    result = cities(path, MAPPINGS / "washington" / f"{mapping}.toml")
    assert f"{len(given) - len(broken):,} new, 0 changed, 0 the same, {len(broken):,} rejected" in (
        result.output
    )
    stored = rows(
        "SELECT c.source, ST_X(c.geom), ST_Y(c.geom), ST_AsBinary(c.outline), c.code, "
        "round(ST_Area(c.outline::geography)::numeric, 2), ST_Covers(c.outline, c.geom) "
        "FROM city_component c"
    )
    assert {row[0] for row in stored} == set(given) - broken
    for source, x, y, outline, code, m2, covered in stored:
        drawn = given[source]
        assert code.startswith("990101")
        if drawn.geom_type == "Point":
            assert (x, y) == (drawn.x, drawn.y)
            assert outline is None
        else:
            assert shapely.from_wkb(bytes(outline)).normalize() == drawn.normalize()
            assert covered
            assert float(m2) == pytest.approx(
                abs(EARTH.geometry_area_perimeter(drawn)[0]), rel=1e-5, abs=0.05
            )
    if broken:
        with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as source_file:
            assert {row["reason"] for row in csv.DictReader(source_file)} == {"broken_geometry"}
    again = cities(path, MAPPINGS / "washington" / f"{mapping}.toml")
    assert f"0 new, 0 changed, {len(given) - len(broken):,} the same" in again.output


def test_openstreetmap_of_monaco_is_in_the_register(cities: Run) -> None:
    path = need("osm/monaco.osm.gz")
    classes = classes_of("openstreetmap.toml")
    wanted: dict[str, tuple[str, float, float]] = {}
    with gzip.open(path) as packed:
        for _, node in ET.iterparse(packed):
            if node.tag != "node":
                continue
            kind = class_in({t.get("k", ""): t.get("v", "") for t in node.iter("tag")}, classes)
            if kind is not None:
                place = float(node.get("lon", "")), float(node.get("lat", ""))
                wanted[f"osm:node/{node.get('id')}"] = (kind, *place)
    assert f"{len(wanted):,} new, 0 changed, 0 the same, 0 rejected" in cities(
        path, MAPPINGS / "openstreetmap.toml"
    ).output  # fmt: skip
    stored = rows(
        "SELECT c.source, k.name_zh, ST_X(c.geom), ST_Y(c.geom) FROM city_component c "
        "JOIN city_componentclass k ON k.id = c.component_class_id"
    )
    assert {source: (kind, x, y) for source, kind, x, y in stored} == {
        source: (kind, pytest.approx(x, abs=1e-9), pytest.approx(y, abs=1e-9))
        for source, (kind, x, y) in wanted.items()
    }
    assert len(wanted) > 200


@pytest.mark.parametrize(("town", "extract"), [("helsinki", "helsinki_centre"), ("andorra",) * 2])
def test_a_packed_extract_is_what_others_read_in_it(cities: Run, town: str, extract: str) -> None:
    """The tables were made from the same extracts by another library."""
    path, table = need(f"osm/{extract}.osm.pbf"), need(f"assets/osm_street_furniture_{town}.csv.gz")
    classes = classes_of("furniture_table.toml")
    with gzip.open(table, "rt", encoding="utf-8") as source:
        kinds = [class_in({"layer": row["layer"]}, classes) for row in csv.DictReader(source)]
    known = Counter(kind for kind in kinds if kind)
    assert ", 0 rejected" in cities(path, MAPPINGS / "openstreetmap.toml").output
    found = by_class("osm:node/")
    for kind, count in known.items():
        # The tables leave out a few nodes that have two of the tags.
        assert count <= found[kind] <= count * 1.03 + 1, kind
    said = cities(table, MAPPINGS / "furniture_table.toml").output
    same = int(said.split(" the same")[0].rsplit(" ", 1)[1].replace(",", ""))
    new = int(said.split(" new")[0].rsplit(" ", 1)[1].replace(",", ""))
    assert same + new == known.total()
    assert new <= known.total() * 0.01
    assert ", 0 rejected" in said
    assert " 0 changed" in said


def test_grounds_of_openstreetmap_keep_their_outlines(cities: Run) -> None:
    path = need("osm/monaco.osm.gz")
    classes = classes_of("openstreetmap_grounds.toml")
    nodes: dict[str, tuple[float, float]] = {}
    wanted: dict[str, tuple[str, shapely.Polygon]] = {}
    with gzip.open(path) as packed:
        for _, found in ET.iterparse(packed):
            if found.tag == "node":
                place = float(found.get("lon", "")), float(found.get("lat", ""))
                nodes[found.get("id", "")] = place
            elif found.tag == "way":
                ring = [nd.get("ref", "") for nd in found.iter("nd")]
                tags = {t.get("k", ""): t.get("v", "") for t in found.iter("tag")}
                kind = class_in(tags, classes)
                if kind is not None and len(ring) > 3 and ring[0] == ring[-1]:
                    drawn = shapely.Polygon([nodes[ref] for ref in ring])
                    wanted[f"osm:way/{found.get('id')}"] = (kind, drawn)
    result = cities(path, MAPPINGS / "openstreetmap_grounds.toml")
    assert result.exit_code == 0, result.output
    stored = {
        source: (kind, shapely.from_wkb(bytes(outline)), covered)
        for source, kind, outline, covered in rows(
            "SELECT c.source, k.name_zh, ST_AsBinary(c.outline), ST_Covers(c.outline, c.geom) "
            "FROM city_component c JOIN city_componentclass k ON k.id = c.component_class_id"
        )
    }
    assert len(wanted) >= 20
    for source, (kind, drawn) in wanted.items():
        found_kind, outline, covered = stored[source]
        assert found_kind == kind
        assert covered
        assert outline.symmetric_difference(drawn).area < 1e-15
    # What else is there was put together of several ways.
    assert all(source.startswith("osm:relation/") for source in set(stored) - set(wanted))


def test_furniture_of_helsinki_as_geojson(cities: Run, tmp_path: Path) -> None:
    path = need("osm/helsinki_street_furniture_osm.geojson.gz")
    with gzip.open(path) as packed:
        features = json.load(packed)["features"]
    mapping = (MAPPINGS / "furniture_table.toml").read_text(encoding="utf-8")
    (tmp_path / "osm.toml").write_text(mapping.replace('"layer=', '"osm='), encoding="utf-8")
    classes = classes_of("furniture_table.toml")
    known = Counter(class_in({"layer": f["properties"]["osm"]}, classes) for f in features)
    passed = known.pop(None, 0)
    said = cities(path, tmp_path / "osm.toml").output
    repeated = known.total() - len(
        {f["properties"]["osm_id"] for f in features
         if class_in({"layer": f["properties"]["osm"]}, classes)}
    )  # fmt: skip
    assert repeated == 0
    assert f"{known.total():,} new, 0 changed, 0 the same, 0 rejected" in said
    assert (f"{passed:,} of no class" in said) is bool(passed)
    assert by_class("osm:node/") == known


@pytest.mark.parametrize(
    ("name", "code", "count"),
    [
        ("assets/dc_storm_sewer_system.geojson.gz", "sewersheds", 363),
        ("qingdao/qingdao_districts_cgcs2000.geojson", "districts", 10),
    ],
)
def test_grounds_become_layers(cities: Run, chengyun: Run, name: str, code: str, count: int,
                               tmp_path: Path) -> None:  # fmt: skip
    path = need(name)
    content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    shapes = [shape(f["geometry"]) for f in json.loads(content)["features"]]
    assert len(shapes) == count
    sound = [drawn for drawn in shapes if shapely.is_valid(drawn)]
    result = chengyun(
        "import", "layer", path, "--code", code, "--name", "真实图层",
        "--rejected", tmp_path / "out.csv",
    )  # fmt: skip
    assert f"{len(sound):,} rows in layer {code}, {count - len(sound):,} rejected" in result.output
    [(m2, area)] = rows(
        f"SELECT sum(ST_Area(geom::geography)), sum(ST_Area(geom)) FROM layers.{code}"
    )
    assert area == pytest.approx(sum(drawn.area for drawn in sound), rel=1e-9)
    assert m2 == pytest.approx(
        sum(abs(EARTH.geometry_area_perimeter(drawn)[0]) for drawn in sound), rel=1e-5
    )
    chengyun("layers", "remove", code, "--yes")
