"""Unit grids tile their communities, or the place where they do not is told."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from click.testing import Result
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chengyun.city.grids.topology import FaultKind, GridShape, Limits, covers_exactly, faults_of
from chengyun.city.models import UnitGrid
from chengyun.core.problems import Invalid
from tests.city.conftest import Folder

Run = Callable[..., Result]
COMMUNITY = "370202001001"
WEST, SOUTH, SIDE = 120.30, 36.05, 0.01
SQUARE = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
M2 = 6378137.0**2 * np.radians(1) ** 2 * np.cos(np.radians(SOUTH + SIDE / 2))


def cut(seed: int, count: int) -> list[GridShape]:
    """A square cut into the cells of random points: neighbours share their vertices."""
    points = shapely.multipoints(np.random.default_rng(seed).random((count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 1, 1)))
    # Clipped and set on one fine raster, so that a vertex of two cells is the same number.
    pieces = shapely.coverage_simplify(
        shapely.set_precision(shapely.intersection(cells, shapely.box(0, 0, 1, 1)), 1e-6), 0.0
    )
    placed = shapely.transform(pieces, lambda xy: xy * SIDE + (WEST, SOUTH))
    return [GridShape(f"{COMMUNITY}{n:03}", COMMUNITY, cell) for n, cell in enumerate(placed, 1)]


def wide(shape: shapely.Geometry) -> float:
    """The m² of the parts that are somewhere wider than a sliver."""
    metre = 6378137.0 * np.radians(1) * np.array([np.cos(np.radians(SOUTH + SIDE / 2)), 1])
    parts = shapely.transform(shapely.get_parts(shape), lambda xy: xy * metre)
    inner = shapely.buffer(parts, -Limits().width_m / 2, quad_segs=1)
    return float(shapely.area(parts[~shapely.is_empty(inner)]).sum())


coverages = st.builds(cut, st.integers(0, 2**32 - 1), st.integers(3, 25))


@settings(max_examples=60, deadline=None)
@given(coverages)
def test_a_square_that_was_cut_has_no_fault(grids: list[GridShape]) -> None:
    assume(shapely.coverage_is_valid(np.array([g.geometry for g in grids])))
    assert faults_of(grids, {COMMUNITY: SQUARE}) == []
    assert faults_of(grids, {COMMUNITY: None}) == []
    assert covers_exactly(grids, SQUARE) == []


@settings(max_examples=60, deadline=None)
@given(coverages, st.data())
def test_a_moved_vertex_is_an_overlap_or_a_gap_with_its_neighbours(
    grids: list[GridShape], data: st.DataObject
) -> None:
    shapes = np.array([g.geometry for g in grids])
    assume(shapely.coverage_is_valid(shapes))
    which = data.draw(st.integers(0, len(grids) - 1))
    before = shapes[which]
    ring = list(before.exterior.coords)[:-1]
    inner = [
        n for n, (x, y) in enumerate(ring)
        if WEST + 1e-4 < x < WEST + SIDE - 1e-4 and SOUTH + 1e-4 < y < SOUTH + SIDE - 1e-4
    ]  # fmt: skip
    assume(inner)
    moved = data.draw(st.sampled_from(inner))
    turn = data.draw(st.floats(0, 2 * np.pi))
    x, y = ring[moved]
    ring[moved] = (x + 5e-5 * np.cos(turn), y + 5e-5 * np.sin(turn))  # five metres
    after = shapely.Polygon(ring)
    assume(after.is_valid)
    grown, lost = after.difference(before).area * M2, before.difference(after).area * M2
    # A spike along an edge has no width: that is a sliver, and no fault.
    assume(max(grown, lost) > 2)
    code = grids[which].code
    grids[which] = GridShape(code, COMMUNITY, after)
    touching = {
        g.code for g in grids if g.code != code and shapely.Point(x, y).distance(g.geometry) < 1e-9
    }
    faults = faults_of(grids, {COMMUNITY: SQUARE})
    assert faults, "a vertex was moved by metres"
    assert {f.kind for f in faults} <= {FaultKind.OVERLAP, FaultKind.GAP}
    for fault in faults:
        pair = {fault.code, fault.other} - {""}
        if fault.kind is FaultKind.OVERLAP:
            assert code in pair
        assert fault.geometry.distance(shapely.Point(fault.point)) < 1e-6
    gaps = sum(f.m2 for f in faults if f.kind is FaultKind.GAP)
    overlaps = sum(f.m2 for f in faults if f.kind is FaultKind.OVERLAP)
    others = [g.geometry for g in grids if g.code != code]
    assert gaps == pytest.approx(wide(before.difference(after)), rel=0.02, abs=0.5)
    over = sum(wide(after.difference(before).intersection(other)) for other in others)
    assert overlaps == pytest.approx(over, rel=0.02, abs=0.5)
    neighbours = {c for f in faults for c in (f.code, f.other)} - {code, ""}
    beside = {g.code for g in grids if g.geometry.distance(after) < 1e-9} - {code}
    assert neighbours <= beside | touching


def three() -> list[GridShape]:
    """Three strips of the square, from west to east."""
    step = SIDE / 3
    return [
        GridShape(
            f"{COMMUNITY}00{n + 1}", COMMUNITY,
            shapely.box(WEST + n * step, SOUTH, WEST + (n + 1) * step, SOUTH + SIDE),
        )
        for n in range(3)
    ]  # fmt: skip


def kinds(grids: list[GridShape], outline: Any = SQUARE, **limits: Any) -> list[tuple[str, ...]]:
    found = faults_of(grids, {COMMUNITY: outline}, Limits(**limits))
    return [(f.kind.value, f.code[12:], f.other[12:]) for f in found]


def test_a_missing_grid_is_a_gap_between_the_two_beside_it() -> None:
    one, _, last = three()
    (fault,) = faults_of([one, last], {COMMUNITY: SQUARE})
    assert (fault.kind, fault.code[12:], fault.other[12:]) == (FaultKind.GAP, "001", "003")
    assert fault.m2 == pytest.approx(SIDE**2 / 3 * M2, rel=0.01)
    assert fault.geometry.covers(shapely.Point(fault.point))
    assert COMMUNITY in fault.zh
    assert "Extend" in fault.remedy_en
    # Without an outline of the community nobody knows what should be there.
    assert faults_of([one, last], {COMMUNITY: None}) == []


def test_a_hole_is_a_gap_whatever_is_known_of_the_community() -> None:
    one, middle, last = three()
    hole = middle.geometry.centroid.buffer(0.001)
    holed = GridShape(middle.code, COMMUNITY, middle.geometry.difference(hole))
    assert kinds([one, holed, last], None) == [("gap", "002", "")]
    assert kinds([one, holed, last]) == [("gap", "002", "")]


def test_beyond_the_community_is_told_with_its_neighbour() -> None:
    one, middle, last = three()
    wider = GridShape(one.code, COMMUNITY, one.geometry.union(
        shapely.box(WEST - 0.001, SOUTH, WEST, SOUTH + SIDE)))  # fmt: skip
    assert kinds([wider, middle, last]) == [("outside", "001", "")]
    assert kinds([wider, middle, last], None) == []


def test_an_outline_that_crosses_itself_is_told_once() -> None:
    one, middle, last = three()
    west, south, east, north = middle.geometry.bounds
    bow = [(west, south), (east, north), (east, south), (west, north), (west, south)]
    tied = GridShape(middle.code, COMMUNITY, shapely.Polygon(bow))
    found = kinds([one, tied, last])
    assert found[0] == ("invalid", "002", "")
    assert {kind for kind, _, _ in found[1:]} == {"gap"}


def test_codes_sizes_and_slivers() -> None:
    one, middle, last = three()
    strange = GridShape("370203001001009", COMMUNITY, last.geometry)
    assert kinds([one, middle, strange]) == [("code", "009", "")]
    assert kinds([one, middle, last], smallest_m2=1e9)[0][0] == "size"
    assert len(kinds([one, middle, last], largest_m2=1.0)) == 3
    centimetre = shapely.box(WEST, SOUTH, WEST + SIDE / 3 + 1e-7, SOUTH + SIDE)
    thin = GridShape(one.code, COMMUNITY, one.geometry.union(centimetre))
    assert kinds([thin, middle, last]) == []
    assert kinds([thin, middle, last], width_m=0.001) == [("overlap", "001", "002")]
    assert faults_of([], {}) == []


def test_the_command_tells_every_place_and_fails(
    loaded: Folder, chengyun: Run, tmp_path: Any
) -> None:
    assert chengyun("check", "grids").exit_code == 0
    UnitGrid.objects.update(valid_from="2020-01-01")
    grid = UnitGrid.objects.get(code=f"{COMMUNITY}005")
    geometry = shapely.from_wkt(grid.geom.wkt)
    moved = shapely.transform(geometry, lambda xy: xy + np.array([0.001, 0.0]))
    UnitGrid.objects.filter(pk=grid.pk).update(geom=moved.wkt)
    file = tmp_path / "faults.geojson"
    result = chengyun("check", "grids", "--geojson", file)
    assert result.exit_code == 1
    assert f"Grids {COMMUNITY}005 and {COMMUNITY}006 overlap" in result.output
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert sorted(f["properties"]["kind"] for f in features) == ["gap", "overlap"]
    assert all(f["geometry"]["type"] in ("Polygon", "MultiPolygon") for f in features)
    assert chengyun("check", "grids", "--area", "370203").exit_code == 0
    assert chengyun("check", "grids", "--as-of", "2000-01-01").exit_code == 0
    with pytest.raises(Invalid, match="no area 9"):
        chengyun("check", "grids", "--area", "9")


def test_an_overlap_with_another_community_is_told(loaded: Folder, chengyun: Run) -> None:
    """003 of the first community lies at the border to the second one."""
    grid = UnitGrid.objects.get(code=f"{COMMUNITY}003")
    west, south, east, north = grid.geom.extent
    wider = shapely.MultiPolygon([shapely.box(west, south, east + 0.001, north)])
    UnitGrid.objects.filter(pk=grid.pk).update(geom=wider.wkt)
    for area in (COMMUNITY, "370202001002"):
        result = chengyun("check", "grids", "--area", area)
        assert f"Grids {COMMUNITY}003 and 370202001002001 overlap" in result.output
