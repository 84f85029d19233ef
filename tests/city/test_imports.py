"""`chengyun import components` and `addresses`: the good rows are in, the bad ones set aside."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from chengyun.city.coordinates import from_cgcs2000
from chengyun.city.models import Address, Component
from chengyun.core.models import AuditEntry
from tests.city.conftest import Folder, component

Run = Callable[..., Result]


def rejected_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def test_bad_rows_are_set_aside_with_their_reason(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    good = component("01037", 7, lon=120.345, lat=36.095, unit_grid="")
    bad = component("01999", 8)
    repeated = component("01037", 7, state="lost")
    dateless = component("01037", 9, first_surveyed="20240230")
    Folder(tmp_path).rows("lamps.csv.gz", [good, bad, repeated, dateless])
    result = chengyun("import", "components", tmp_path / "lamps.csv.gz")
    assert result.exit_code == 0, result.output
    assert "1 new, 0 changed, 0 the same, 3 rejected" in result.output
    lamp = Component.objects.get(code=good["code"])
    assert lamp.unit_grid is not None
    assert lamp.unit_grid.code == "370203001001005"
    assert lamp.state == "intact"
    rows = rejected_rows(tmp_path / "lamps.csv.gz.rejected.csv")
    assert [row["line"] for row in rows] == ["2", "4", "3"]
    assert [row["code"] for row in rows] == [r["code"] for r in (bad, dateless, repeated)]
    assert [row["reason"] for row in rows] == ["unknown_class", "bad_date", "repeated"]
    assert [row["detail"] for row in rows] == ["01999", "20240230", "1"]
    assert all(row["remedy"] for row in rows)
    entry = AuditEntry.objects.get(action="city.survey.apply")
    numbers = {"new": 1, "changed": 0, "gone": 0, "rejected": 3}
    assert entry.after == {"register": "components", **numbers}


def test_importing_again_changes_nothing(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    Folder(tmp_path).rows("lamps.csv", [component("01037", 7), component("01037", 8)])
    assert "2 new" in chengyun("import", "components", tmp_path / "lamps.csv").output
    again = chengyun("import", "components", tmp_path / "lamps.csv").output
    assert "0 new, 0 changed, 2 the same, 0 rejected" in again
    Folder(tmp_path).rows("lamps.csv", [component("01037", 7, state="damaged")])
    changed = chengyun("import", "components", tmp_path / "lamps.csv").output
    assert "0 new, 1 changed, 0 the same" in changed
    assert Component.objects.get(code__endswith="01037000007").state == "damaged"


@pytest.mark.parametrize("system", ["gcj02", "bd09", "wgs84"])
def test_other_coordinates_are_brought_home(
    loaded: Folder, chengyun: Run, tmp_path: Path, system: str
) -> None:
    lon, lat = from_cgcs2000(120.345, 36.095, system)
    row = component("01037", 7, lon=float(lon), lat=float(lat), unit_grid="")
    Folder(tmp_path).rows("lamps.csv", [row])
    result = chengyun("import", "components", tmp_path / "lamps.csv", "--system", system)
    assert result.exit_code == 0, result.output
    lamp = Component.objects.get(code=row["code"])
    assert (lamp.geom.x, lamp.geom.y) == pytest.approx((120.345, 36.095), abs=1e-8)


def test_components_of_an_older_edition_keep_their_16_digits(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    row = component("0137", 1)
    Folder(tmp_path).rows("old.csv", [row])
    path = tmp_path / "old.csv"
    result = chengyun("import", "components", path, "--edition", "gbt30428-2013")
    assert result.exit_code == 0, result.output
    lamp = Component.objects.get(code=row["code"])
    assert (lamp.component_class.edition.code, lamp.name) == ("gbt30428-2013", "路灯")


def test_geojson_points_go_in(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    def feature(serial: int, geometry: Any) -> dict[str, Any]:
        properties = {"code": f"37020201037{serial:06}", "name": "路灯", "pole": 9, "remark": None}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    document = {
        "type": "FeatureCollection",
        "features": [
            feature(1, {"type": "Point", "coordinates": [120.305, 36.055]}),
            feature(2, None),
            feature(3, {"type": "Point", "coordinates": ["east", 36.055]}),
        ],
    }
    (tmp_path / "lamps.geojson").write_text(json.dumps(document), encoding="utf-8")
    result = chengyun("import", "components", tmp_path / "lamps.geojson")
    assert "1 new, 0 changed, 0 the same, 2 rejected" in result.output
    rows = rejected_rows(tmp_path / "lamps.geojson.rejected.csv")
    assert [(row["line"], row["reason"]) for row in rows] == [
        ("2", "no_geometry"), ("3", "no_geometry"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"code,lon\n1,2\n", "no columns of longitude and latitude"),
        (b"name,lon,lat\n1,2,3\n", "the column code is missing"),
        (b'code,lon,lat\n"1,2,3\n' * 2, "reason"),
        (b"", "the file is empty"),
        (b"\x1f\x8b broken", ""),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    loaded: Folder, chengyun: Run, tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "lamps.csv"
    path.write_bytes(content)
    result = chengyun("import", "components", path)
    if what != "reason":
        assert result.exit_code == 1
        assert what in result.output
    assert Component.objects.count() == 2


def test_gbk_goes_in_when_it_is_named(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes("full_text,kind,lon,lat\n栈桥,place,120.31,36.06\n".encode("gbk"))
    result = chengyun("import", "addresses", path, "--encoding", "gb18030")
    assert result.exit_code == 0, result.output
    address = Address.objects.get(full_text="栈桥")
    assert address.area is not None
    assert address.unit_grid is not None


def test_an_unknown_system_is_refused(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    Folder(tmp_path).rows("lamps.csv", [component("01037", 7)])
    result = chengyun("import", "components", tmp_path / "lamps.csv", "--system", "xian80")
    assert result.exit_code == 1
    assert "gcj02" in result.output
