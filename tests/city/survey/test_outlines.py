"""Components that are more than a point: bridges, fences, green spaces keep their outlines."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import Result
from django.test import Client

from chengyun.city.actions.components import change_component
from chengyun.city.models import Component, ComponentChange, Survey
from chengyun.core.actor import Actor
from tests.city.conftest import Folder
from tests.city.survey.files import write_geojson
from tests.city.survey.test_survey_api import manager
from tests.city.survey.test_surveys import Run, lamp, reasons

Shape = dict[str, Any]
WEST, SOUTH = 120.3021, 36.0521


def ring(side: float = 0.001, west: float = WEST, south: float = SOUTH) -> list[list[float]]:
    """An L: its middle lies beside it."""
    half = side / 10
    corners = [(0, 0), (side, 0), (side, half), (half, half), (half, side), (0, side), (0, 0)]
    return [[west + x, south + y] for x, y in corners]


def polygon(**place: float) -> Shape:
    return {"type": "Polygon", "coordinates": [ring(**place)]}


LINE: Shape = {"type": "LineString", "coordinates": [[120.302, 36.052], [120.303, 36.053]]}
BOW: Shape = {
    "type": "Polygon",
    "coordinates": [[[120.3, 36.05], [120.301, 36.051], [120.301, 36.05], [120.3, 36.051],
                     [120.3, 36.05]]],
}  # fmt: skip


def row(serial: int, shape: Shape | None, **changes: Any) -> tuple[dict[str, Any], Shape | None]:
    properties = lamp(serial, **changes)
    return {name: properties[name] for name in ("code", "state", "maintainer")}, shape


@pytest.fixture
def bring(loaded: Folder, chengyun: Run, tmp_path: Path) -> Callable[..., Result]:
    def run(*rows: tuple[dict[str, Any], Shape | None], name: str = "parks.geojson") -> Result:
        write_geojson(tmp_path / name, rows)
        return chengyun("import", "components", tmp_path / name)

    return run


def stored(serial: int) -> tuple[Any, Any]:
    """Point and outline of a component."""
    found = Component.objects.get(code=lamp(serial)["code"])
    outline = None if found.outline is None else shapely.from_wkb(bytes(found.outline.wkb))
    return shapely.from_wkb(bytes(found.geom.wkb)), outline


def test_outlines_go_in_with_a_point_on_each(bring: Callable[..., Result], tmp_path: Path) -> None:
    several = {"type": "MultiPolygon", "coordinates": [[ring()], [ring(west=120.305)]]}
    alone = {"type": "MultiPoint", "coordinates": [[120.304, 36.054]]}
    rows = [
        row(10, polygon()), row(11, LINE), row(12, several), row(13, alone),
        row(14, {"type": "MultiPoint", "coordinates": [[120.304, 36.054], [120.305, 36.054]]}),
        row(15, BOW), row(16, {"type": "Polygon", "coordinates": []}),
        row(17, polygon(west=121.9)), row(18, None),
    ]  # fmt: skip
    result = bring(*rows)
    assert "4 new, 0 changed, 0 the same, 5 rejected" in result.output
    path = tmp_path / "parks.geojson.rejected.csv"
    assert reasons(path) == [
        "wrong_geometry_type", "broken_geometry", "no_geometry", "outside_city", "no_geometry",
    ]  # fmt: skip
    for serial, shape in ((10, polygon()), (11, LINE), (12, several)):
        point, outline = stored(serial)
        given = shapely.from_geojson(json.dumps(shape))
        assert outline.equals_exact(given, 1e-12)
        assert outline.distance(point) < 1e-9
    assert stored(13) == (shapely.Point(120.304, 36.054), None)
    # What was rejected can be mended where it stands and handed in again.
    with path.open(encoding="utf-8-sig", newline="") as source:
        bad = list(csv.DictReader(source))
    assert bad[1]["wkt"].startswith("POLYGON")
    assert "0 new, 0 changed, 4 the same" in bring(*rows).output


def test_an_outline_changes_and_its_history_says_so(bring: Callable[..., Result]) -> None:
    bring(row(10, polygon()), row(11, polygon(west=120.304)))
    assert "0 new, 1 changed, 1 the same" in bring(
        row(10, polygon(side=0.0012)), row(11, polygon(west=120.304)), name="later.geojson"
    ).output  # fmt: skip
    change = ComponentChange.objects.get(component__code=lamp(10)["code"])
    assert change.before is not None
    assert change.before["outline"].startswith("POLYGON((120.3021 36.0521,")
    assert change.after is not None
    assert "120.3033 36.0521" in change.after["outline"]


def test_points_leave_outlines_alone_unless_they_leave_them(
    bring: Callable[..., Result], survey: Run
) -> None:
    bring(row(10, polygon()), row(11, polygon(west=120.304)))
    on_it, beside = lamp(10) | {"lon": WEST + 5e-5, "lat": SOUTH + 5e-5}, lamp(11)
    assert "2 changed" in survey([on_it, beside]).output
    assert stored(10)[1] is not None
    assert stored(11) == (shapely.Point(beside["lon"], beside["lat"]), None)
    # Who put the point elsewhere on its outline is not overruled by the same outline.
    assert "1 changed, 1 the same" in bring(
        row(10, polygon()), row(11, polygon(west=120.304)), name="again.geojson"
    ).output  # fmt: skip
    assert stored(10)[0] == shapely.Point(on_it["lon"], on_it["lat"])


def test_who_moves_a_component_off_its_outline_takes_it_away(
    bring: Callable[..., Result],
) -> None:
    from dataclasses import replace

    bring(row(10, polygon()))
    code = lamp(10)["code"]
    client: Client = manager("zhou")
    shown = client.get(f"/api/components/{code}").json()
    assert shown["outline"]["type"] == "Polygon"
    assert len(shown["outline"]["coordinates"][0]) == 7

    def move(lon: float, lat: float) -> None:
        change_component(
            actor=Actor.system("tests"), code=code, origin="api",
            change=lambda values: replace(values, lon=lon, lat=lat),
        )  # fmt: skip

    move(WEST + 5e-5, SOUTH + 5e-5)
    assert stored(10)[1] is not None
    move(120.3055, 36.0555)
    assert stored(10)[1] is None
    assert client.get(f"/api/components/{code}").json()["outline"] is None
    change = ComponentChange.objects.filter(component__code=code).first()
    assert change is not None
    assert change.before is not None
    assert change.before["outline"].startswith("POLYGON")


def test_a_reviewer_sees_what_is_drawn(loaded: Folder, chengyun: Run, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [row(10, polygon()), row(11, BOW)])
    chengyun("import", "components", path, "--review")
    number = Survey.objects.get(state="review").pk
    client = manager("zhou")
    items = client.get(f"/api/surveys/{number}/rows").json()["items"]
    assert [(i["verdict"], i["geometry"]["type"]) for i in items] == [
        ("rejected", "Polygon"), ("new", "Polygon"),
    ]  # fmt: skip
    assert items[1]["after"]["outline"].startswith("POLYGON")
