"""Surveys: what they would change, what is set aside, and that applying is exact."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from click.testing import Result
from django.contrib.gis.geos import Point
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from chengyun.city.actions import surveys
from chengyun.city.inventory import rebuild_counts
from chengyun.city.models import (
    Component,
    ComponentChange,
    Survey,
    SurveyRow,
    UnitGrid,
)
from chengyun.city.queries import Locator
from chengyun.city.survey import comparing, staging
from chengyun.city.survey.assignment import RasterLocator
from chengyun.city.survey.near import near_pairs
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, DomainEvent
from chengyun.core.problems import Conflict
from tests.city.conftest import Folder, component
from tests.city.survey.files import write_geojson, write_parquet, write_vector
from tests.city.test_tile_counts import STRAY

Run = Callable[..., Result]
SYSTEM = Actor.system("tests")


def lamp(serial: int, **changes: Any) -> dict[str, Any]:
    """A lamp of its own place, in no named grid."""
    lon = round(120.301 + serial % 50 / 1000, 6)
    lat = round(36.051 + serial // 50 / 1000, 6)
    return component("01037", serial, lon=lon, lat=lat, unit_grid="", **changes)


def reasons(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        return [row["reason"] for row in csv.DictReader(source)]


def counted() -> tuple[list[Any], list[Any]]:
    """What the database has counted: cells of the map, and the inventory."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT z, tx, ty, cx, cy, sum(n), sum(damaged) FROM city_componentcell "
            "GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(damaged) <> 0 ORDER BY 1, 2, 3, 4, 5"
        )
        cells = cursor.fetchall()
        cursor.execute(
            "SELECT level, area_id, component_class_id, state, maintainer_id, sum(n) "
            "FROM city_componentcount GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 "
            "ORDER BY 1, 2, 3, 4, 5"
        )
        counts = cursor.fetchall()
        cursor.execute(STRAY)
        assert cursor.fetchall() == []
        return cells, counts


def counted_anew() -> tuple[list[Any], list[Any]]:
    """The same, counted from the components one by one."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM city_componentcell")
        cursor.execute(
            "INSERT INTO city_componentcell (z, tx, ty, cx, cy, n, damaged) "
            "SELECT z, x >> (18 - z), y >> (18 - z), (x >> (13 - z)) & 31, (y >> (13 - z)) & 31, "
            "count(*), count(*) FILTER (WHERE state IN ('damaged', 'lost')) FROM ("
            "SELECT city_map_column(ST_X(gm)) AS x, city_map_column(-ST_Y(gm)) AS y, state "
            "FROM city_component WHERE state <> 'removed') c "
            "CROSS JOIN generate_series(6, 13) AS z GROUP BY 1, 2, 3, 4, 5"
        )
    rebuild_counts()
    return counted()


def test_a_survey_changes_exactly_what_differs(survey: Run, chengyun: Run, tmp_path: Path) -> None:
    rows = [lamp(i) for i in range(10, 30)]
    assert "20 new, 0 changed, 0 the same, 0 rejected" in survey(rows).output
    assert counted() == counted_anew()
    before = {c.code: c for c in Component.objects.all()}
    rows[0]["state"] = "damaged"
    rows[1]["maintainer"] = "GOV"
    rows[2]["lon"] = 120.355  # another grid of another community
    gone, kept = rows.pop(), rows[3:]
    rows.append(lamp(40))
    result = survey(rows, "--complete", "--class", "01037", "--review")
    assert result.exit_code == 0, result.output
    assert "1 new, 3 changed, 16 the same, 0 rejected, 1 gone" in result.output
    assert Component.objects.get(code=rows[0]["code"]).state == "intact", "nothing before applying"
    found = Survey.objects.get(state="review")
    changed = {row.code: (row.before, row.after) for row in found.rows.filter(verdict="changed")}
    assert changed[rows[0]["code"]] == ({"state": "intact"}, {"state": "damaged"})
    assert changed[rows[1]["code"]] == ({"maintainer": "SAN"}, {"maintainer": "GOV"})
    assert set(changed[rows[2]["code"]][1] or {}) == {"lon", "unit_grid"}
    assert "  gone " + gone["code"] in chengyun("surveys", "show", found.pk).output
    assert f"{found.pk}" in chengyun("surveys", "list").output
    result = chengyun("surveys", "apply", found.pk)
    assert result.exit_code == 0, result.output
    after = {c.code: c for c in Component.objects.all()}
    assert after[gone["code"]].state == "removed"
    assert Component.objects.get(code=rows[1]["code"], maintainer__code="GOV")
    assert Component.objects.get(code=rows[2]["code"], unit_grid__code__startswith="370202001002")
    assert all(after[row["code"]].geom.equals_exact(before[row["code"]].geom) for row in kept[:-1])
    assert after[lamp(40)["code"]].survey_id == found.pk
    assert after[rows[0]["code"]].survey_id != found.pk
    changes = ComponentChange.objects.filter(survey=found).order_by("component__code")
    assert [(c.component.code, c.verb) for c in changes] == [
        (rows[0]["code"], "change"), (rows[1]["code"], "change"), (rows[2]["code"], "change"),
        (gone["code"], "remove"),
    ]  # fmt: skip
    assert changes[3].after == {"state": "removed"}
    assert counted() == counted_anew()
    assert AuditEntry.objects.filter(action="city.survey.apply").count() == 2
    assert DomainEvent.objects.filter(kind="city.survey.apply").count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'city_survey\\_%'")
        assert cursor.fetchone() == (0,), "nothing is left lying about"


def test_what_stands_in_no_grid_may_be_gone_too(survey: Run) -> None:
    survey([lamp(10), lamp(11), lamp(12)])
    Component.objects.filter(code__in=[lamp(11)["code"], lamp(12)["code"]]).update(unit_grid=None)
    # One of the two stands in another community, which the survey did not go to.
    Component.objects.filter(code=lamp(12)["code"]).update(geom=Point(120.345, 36.095, srid=4490))
    said = survey([lamp(10)], "--class", "01037", "--area", "370202", "--review").output
    assert "1 the same, 0 rejected, 1 gone" in said
    (gone,) = Survey.objects.get(state="review").rows.filter(verdict="gone")
    assert gone.code == lamp(11)["code"]


def test_what_a_reviewer_leaves_out_stays_as_it_is(survey: Run) -> None:
    survey([lamp(i) for i in range(10, 14)])
    rows = [lamp(10, state="lost"), lamp(11, state="lost"), lamp(20)]
    survey(rows, "--complete", "--class", "01037", "--review")
    found = Survey.objects.get(state="review")
    chosen = found.rows.exclude(code__in=[rows[1]["code"]])
    ids = list(chosen.values_list("pk", flat=True))
    assert surveys.decline_rows(actor=SYSTEM, survey=found, ids=ids, declined=True) == 4
    surveys.apply_survey(actor=SYSTEM, survey=found)
    states = dict(Component.objects.filter(code__contains="01037").values_list("code", "state"))
    assert states == {
        rows[0]["code"]: "intact", rows[1]["code"]: "lost",
        lamp(12)["code"]: "intact", lamp(13)["code"]: "intact",
    }  # fmt: skip
    assert counted() == counted_anew()


def test_a_register_that_changed_since_the_review_is_looked_at_again(survey: Run) -> None:
    survey([lamp(10)])
    survey([lamp(10, state="lost")], "--review")
    found = Survey.objects.get(state="review")
    Component.objects.filter(code=lamp(10)["code"]).update(state="damaged")
    with pytest.raises(Conflict, match="changed since"):
        surveys.apply_survey(actor=SYSTEM, survey=found)
    (row,) = SurveyRow.objects.filter(survey=found)
    assert row.before == {"state": "damaged"}
    surveys.apply_survey(actor=SYSTEM, survey=found)
    assert Component.objects.get(code=lamp(10)["code"]).state == "lost"
    with pytest.raises(Conflict):
        surveys.apply_survey(actor=SYSTEM, survey=found)


def test_columns_that_a_file_does_not_have_are_left_alone(survey: Run) -> None:
    survey([lamp(10, state="damaged")])
    row = {name: lamp(10)[name] for name in ("code", "lon", "lat")}
    assert "0 new, 0 changed, 1 the same" in survey([row]).output
    assert Component.objects.get(code=row["code"]).state == "damaged"


def test_bad_rows_have_reasons_and_the_rest_goes_in(survey: Run, tmp_path: Path) -> None:
    good = lamp(10)
    rows = [
        good,
        {**lamp(11), "lon": lamp(11)["lat"], "lat": lamp(11)["lon"]},
        lamp(12) | {"lon": 121.9, "lat": 36.9},
        lamp(13) | {"lon": 500_123.4, "lat": 3_991_000.0},
        lamp(14) | {"code": "37020201037"},
        lamp(15) | {"code": ""},
        lamp(16) | {"code": "37029901037000016"},
        lamp(17, state="removed"),
        lamp(18, maintainer="NOBODY"),
        lamp(19) | {"unit_grid": "370202001001999"},
        lamp(10),
    ]
    result = survey(rows)
    assert "1 new, 0 changed, 0 the same, 10 rejected" in result.output
    assert reasons(tmp_path / "survey.csv.rejected.csv") == [
        "swapped_axes", "outside_city", "not_degrees", "bad_code", "missing_code",
        "unknown_district", "bad_state", "unknown_organisation", "unknown_grid", "repeated",
    ]  # fmt: skip
    result = survey(rows, "--rejected", tmp_path / "bad.geojson")
    layer = json.loads((tmp_path / "bad.geojson").read_text(encoding="utf-8"))
    assert len(layer["features"]) == 10
    assert all(f["properties"]["remedy_zh"] for f in layer["features"])


def test_a_file_of_which_much_is_outside_waits_for_a_person(survey: Run, chengyun: Run) -> None:
    rows = [lamp(i) if i % 5 > 1 else lamp(i) | {"lat": 37.5} for i in range(10, 210)]
    result = survey(rows)
    assert result.exit_code == 3
    assert "80 rejected" in result.output
    assert Component.objects.count() == 2
    found = Survey.objects.get()
    refused = chengyun_problem(found)
    assert refused.status == 409
    assert "force" in refused.remedy_en
    assert chengyun("surveys", "apply", found.pk, "--force").exit_code == 0
    assert Component.objects.count() == 122


def chengyun_problem(survey: Survey) -> Conflict:
    with pytest.raises(Conflict) as caught:
        surveys.apply_survey(actor=SYSTEM, survey=survey)
    return caught.value


def test_things_too_near_are_one(survey: Run, tmp_path: Path) -> None:
    near = 0.000002  # 0.2 m
    survey([lamp(10)])
    rows = [
        lamp(10),
        lamp(20) | {"lon": lamp(10)["lon"] + near},
        lamp(30),
        lamp(31) | {"lon": lamp(30)["lon"] + near, "lat": lamp(30)["lat"]},
        component("01001", 32, lon=lamp(30)["lon"], lat=lamp(30)["lat"], unit_grid=""),
    ]
    result = survey(rows, "--tolerance", "0.5")
    assert "2 new, 0 changed, 1 the same, 2 rejected" in result.output
    # The one beside what is in the file is found by its place in the file.
    assert sorted(reasons(tmp_path / "survey.csv.rejected.csv")) == ["repeated_place"] * 2
    rows = [lamp(40) | {"lon": lamp(10)["lon"] + near, "lat": lamp(10)["lat"]}]
    assert "1 rejected" in survey(rows, "--tolerance", "0.5").output
    assert reasons(tmp_path / "survey.csv.rejected.csv") == ["near_registered"]


MAPPING = """
crs = "EPSG:4549"
[fields]
name = ["{label}", "无名"]
maintainer = "{who}"
source = "osm:{id}"
[values.maintainer]
Sanitation = "环卫处"
[classes]
"highway=street_lamp" = "01037"
"manhole=*" = "01001"
[code]
make = true
"""


def test_tags_become_classes_and_codes_are_made(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    taken = Component.objects.get(code__startswith="37020201001")
    rows = [
        {"id": i, "highway": highway, "manhole": manhole, "label": label, "who": "Sanitation",
         "lon": 120.301 + i / 1000, "lat": 36.051}
        for i, (highway, manhole, label) in enumerate(
            [("street_lamp", None, "灯"), (None, "drain", None), ("crossing", None, None),
             ("street_lamp", None, None), (None, "sewer", "井")]
        )
    ]  # fmt: skip
    path = write_vector(tmp_path / "osm.gpkg", rows, driver="GPKG", crs="EPSG:4549")
    (tmp_path / "map.toml").write_text(MAPPING, encoding="utf-8")
    result = chengyun("import", "components", path, "--map", tmp_path / "map.toml")
    assert "4 new, 0 changed, 0 the same, 0 rejected, 1 of no class" in result.output
    made = Component.objects.filter(source__startswith="osm:").order_by("source")
    assert list(made.values_list("code", "name", "maintainer__code")) == [
        ("37020201037000001", "灯", "SAN"), (f"{int(taken.code) + 1}", "无名", "SAN"),
        ("37020201037000002", "无名", "SAN"), (f"{int(taken.code) + 2}", "井", "SAN"),
    ]  # fmt: skip
    again = chengyun("import", "components", path, "--map", tmp_path / "map.toml")
    assert "0 new, 0 changed, 4 the same, 0 rejected" in again.output
    removed = made[2]
    Component.objects.filter(pk=removed.pk).update(state="removed")
    again = chengyun("import", "components", path, "--map", tmp_path / "map.toml")
    assert "1 new" in again.output
    fresh = Component.objects.exclude(state="removed").get(source=removed.source)
    assert fresh.code == "37020201037000003", "the code of what was removed is not given again"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("crs = ", "not a TOML file"),
        ('[fields]\nserial = "{x}"', "no such field"),
        ('[fields]\nname = "{x"', "brace"),
        ('[classes]\nlamp = "01037"', "column=value"),
        ("colour = 1", "colour"),
        ('lon = "x"', "belong together"),
    ],
)
def test_a_mapping_that_is_not_right_is_refused(tmp_path: Path, text: str, what: str) -> None:
    from chengyun.city.survey.mapping import read_mapping
    from chengyun.core.problems import Invalid

    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=what):
        read_mapping(tmp_path / "map.toml", "components")


class Killed(BaseException):
    """As a kill would end it."""


def test_a_killed_reading_goes_on_where_it_stood(
    loaded: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH", 4)
    rows = [lamp(i) if i != 12 else lamp(i, state="?") for i in range(10, 30)]
    path = write_parquet(tmp_path / "lamps.parquet", rows, group=3)
    wanted = surveys.Wanted("components")
    found = surveys.open_survey(actor=SYSTEM, path=path, wanted=wanted)

    def kill(done: int, total: int | None) -> None:
        if done >= 8:
            raise Killed

    with pytest.raises(Killed):
        surveys.read_survey(survey=found, path=path, step=kill)
    again = surveys.open_survey(actor=SYSTEM, path=path, wanted=wanted)
    assert (again.pk, again.state) == (found.pk, "reading")
    assert 0 < again.cursor < 20
    seen: list[int] = []
    surveys.read_survey(survey=again, path=path, step=lambda done, total: seen.append(done))
    assert seen[0] > 8
    again.refresh_from_db()
    assert (again.state, again.read, again.new, again.rejected) == ("review", 20, 19, 1)


def test_after_a_crash_of_the_database_reading_begins_anew(
    loaded: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH", 4)
    path = write_parquet(tmp_path / "lamps.parquet", [lamp(i) for i in range(10, 30)], group=3)
    wanted = surveys.Wanted("components")
    found = surveys.open_survey(actor=SYSTEM, path=path, wanted=wanted)

    def kill(done: int, total: int | None) -> None:
        raise Killed

    with pytest.raises(Killed):
        surveys.read_survey(survey=found, path=path, step=kill)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {staging.table_of(found)}")
    again = surveys.open_survey(actor=SYSTEM, path=path, wanted=wanted)
    surveys.read_survey(survey=again, path=path)
    assert again.new == 20


def test_a_killed_apply_leaves_nothing(survey: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    survey([lamp(10)])
    survey([lamp(10, state="lost"), lamp(11)], "--review")
    found = Survey.objects.get(state="review")

    def kill(*args: object, **named: object) -> None:
        raise Killed

    before = counted()
    monkeypatch.setattr(surveys, "record", kill)
    with pytest.raises(Killed):
        surveys.apply_survey(actor=SYSTEM, survey=found)
    monkeypatch.undo()
    assert Component.objects.get(code=lamp(10)["code"]).state == "intact"
    assert not Component.objects.filter(code=lamp(11)["code"]).exists()
    assert counted() == before
    found.refresh_from_db()
    surveys.apply_survey(actor=SYSTEM, survey=found)
    assert counted() == counted_anew()


def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_grids_go_in_with_their_dates_and_old_ones_end(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    old = list(UnitGrid.objects.filter(code__startswith="370202001001").order_by("code"))
    kept = [({"code": g.code}, json.loads(g.geom.geojson)) for g in old[1:]]
    south, west = 36.07, 120.30  # the first grid is the north-western one
    halves = [
        ({"code": "370202001001010", "valid_from": "2026-11-01"}, square(west, south, 0.005)),
        ({"code": "370202001001011", "valid_until": "2020-01-01"}, square(west, south)),
        ({"code": "370202001001012"}, square(west + 0.0048, south, 0.005)),
        ({"code": "370202009009001"}, square(west, south)),
        ({"code": "37020200100101"}, square(west, south)),
        ({"code": "370202001001013", "valid_from": "2026-02-02", "valid_until": "2026-02-02"},
         square(west, south)),
        ({"code": "370202001001014"},
         {"type": "Polygon", "coordinates": [[[120.3, 36.07], [120.31, 36.08], [120.31, 36.07],
                                              [120.3, 36.08], [120.3, 36.07]]]}),
        ({"code": "370202001001015"}, {"type": "Point", "coordinates": [120.3, 36.07]}),
    ]  # fmt: skip
    path = write_geojson(tmp_path / "grids.geojson", [*kept, *halves])
    result = chengyun("import", "grids", path, "--area", "370202001001", "--review")
    assert "2 new, 0 changed, 8 the same, 6 rejected, 1 gone" in result.output
    assert sorted(reasons(tmp_path / "grids.geojson.rejected.csv")) == sorted(
        ["overlap", "unknown_area", "unknown_area", "ends_before_it_begins", "broken_geometry",
         "wrong_geometry_type"]
    )  # fmt: skip
    assert chengyun("surveys", "apply", Survey.objects.get().pk).exit_code == 0
    assert UnitGrid.objects.get(code=old[0].code).valid_until is not None
    new = UnitGrid.objects.get(code="370202001001010")
    assert str(new.valid_from) == "2026-11-01"
    assert new.area_m2 > 100_000
    assert counted() == counted_anew()


def test_grids_that_follow_one_another_do_not_overlap(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    kept = UnitGrid.objects.filter(code__startswith="370202001001").order_by("code")
    first = kept[0]
    own = json.loads(first.geom.geojson)
    on = {"valid_from": "2099-01-01", "valid_until": None}
    rows = [
        ({"code": first.code, "valid_from": "2000-01-01", "valid_until": "2099-01-01"}, own),
        ({"code": "370202001001020", **on}, square(120.30, 36.07)),
        ({"code": "370202001001021", **on}, square(120.3099, 36.07, 0.005)),
        # Ten centimetres wide: nobody's border is drawn so badly twice.
        ({"code": "370202001001022", **on}, square(120.309999, 36.0, 0.06)),
    ]
    path = write_geojson(tmp_path / "grids.geojson", rows)
    result = chengyun("import", "grids", path, "--review")
    assert "1 new, 1 changed, 0 the same, 2 rejected" in result.output
    with (tmp_path / "grids.geojson.rejected.csv").open(encoding="utf-8-sig") as source:
        details = [row["detail"] for row in csv.DictReader(source)]
    # The one is over the registered neighbour, the other over several: the widest is named.
    assert all(detail.endswith(" m²") for detail in details)
    assert details[0].startswith(kept[1].code)


def test_a_ring_that_is_open_rejects_its_grid(
    loaded: Folder, chengyun: Run, tmp_path: Path
) -> None:
    ring = square(120.30, 36.05)["coordinates"][0][:3]
    features = [({"code": "370202001001010"}, {"type": "Polygon", "coordinates": [ring]})]
    path = write_geojson(tmp_path / "grids.geojson", features)
    result = chengyun("import", "grids", path)
    assert "0 new, 0 changed, 0 the same, 1 rejected" in result.output
    (reason,) = reasons(tmp_path / "grids.geojson.rejected.csv")
    assert reason in ("broken_geometry", "no_geometry")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_raster_answers_as_the_outlines_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.uniform([120.0, 36.0], [120.05, 36.04], (40, 2))
    frame = shapely.box(120.0, 36.0, 120.05, 36.04)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(centres), extend_to=frame)
    )
    cells = [cell.buffer(0.0005) if i % 9 == 0 else cell for i, cell in enumerate(cells)]
    grids = [(i + 1, i % 7 + 1, shapely.to_wkb(c)) for i, c in enumerate(cells) if i % 5]
    areas = [(100, shapely.to_wkb(shapely.box(120.0, 36.0, 120.03, 36.1))),
             (101, shapely.to_wkb(shapely.box(119.99, 35.99, 120.06, 36.05)))]  # fmt: skip
    x = rng.uniform(119.98, 120.07, 3_000)
    y = rng.uniform(35.98, 36.06, 3_000)
    corners = shapely.get_coordinates(cells)[:500]
    x[: len(corners)], y[: len(corners)] = corners[:, 0], corners[:, 1]
    x[-3:] = [np.nan, np.inf, 1e300]
    exact, raster = Locator(grids, areas), RasterLocator(grids, areas)
    for one, other in zip(exact.locate(x, y), raster.locate(x, y), strict=True):
        assert (one == other).all()


def test_a_city_without_outlines_has_no_places() -> None:
    grid, area = RasterLocator([], []).locate([120.0], [36.0])
    assert (grid[0], area[0]) == (0, 0)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), metres=st.sampled_from([0.1, 1.0, 20.0]))
def test_near_pairs_are_all_pairs(seed: int, metres: float) -> None:
    rng = np.random.default_rng(seed)
    side = metres * 5 / 111_320
    x, y = 120 + rng.uniform(0, side, 60), 36 + rng.uniform(0, side, 60)
    kind = rng.integers(0, 3, 60)
    first, second = near_pairs(x, y, kind, metres)
    step = np.cos(np.radians(y.mean())) * 111_320
    far = np.hypot((x[:, None] - x) * step, (y[:, None] - y) * 111_320)
    wanted = np.argwhere((far <= metres) & (kind[:, None] == kind) & np.tri(60, k=-1, dtype=bool).T)
    assert sorted(zip(first, second, strict=True)) == sorted(map(tuple, wanted))


def test_comparing_again_says_the_same(survey: Run) -> None:
    survey([lamp(10), lamp(11)])
    survey([lamp(10, state="lost"), lamp(12)], "--complete", "--review")
    found = Survey.objects.get(state="review")
    row = found.rows.get(verdict="changed")
    surveys.decline_rows(actor=SYSTEM, survey=found, ids=[row.pk], declined=True)
    found.refresh_from_db()
    numbers = (found.new, found.changed, found.gone, found.settings["digest"])
    comparing.compare(found)
    assert (found.new, found.changed, found.gone, found.settings["digest"]) == numbers
    assert found.rows.get(verdict="changed").declined
