"""The way along the roads is the shortest there is, for what the caller may see of them."""

import heapq
import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from pyproj import Geod

from chengyun.city.actions.layers import change_layer, create_layer, fill_layer
from chengyun.city.layers.values import LayerValues
from chengyun.city.models import Component, ComponentClass
from chengyun.city.roads import reading
from chengyun.city.roads.network import Network
from chengyun.city.survey.reading import open_source
from chengyun.core.models import Role
from tests.city.layers.conftest import SYSTEM, feature, key, person

GLOBE = Geod(ellps="GRS80")
HELSINKI = Path("/work") / "shared" / "data" / "real" / "osm" / "helsinki_centre.osm.pbf"
Write = Callable[..., Path]
Place = tuple[float, float]

# -- the network, against ways found by the plainest means ---------------------------------------


class Plain:
    """Every point of every line as a junction, and Dijkstra from one to another."""

    def __init__(self, lines: Sequence[Any], ways: Sequence[int]) -> None:
        self.roads: dict[Place, list[tuple[Place, float]]] = defaultdict(list)
        for line, way in zip(lines, ways, strict=True):
            points = [_rounded(*point) for point in line.coords]
            for one, other in pairwise(points):
                far = GLOBE.inv(*one, *other)[2]
                if way >= 0:
                    self.roads[one].append((other, far))
                if way <= 0:
                    self.roads[other].append((one, far))

    def metres(self, start: Place, ends: Sequence[Place]) -> list[float]:
        known: dict[Place, float] = {}
        waiting = [(0.0, start)]
        while waiting:
            far, place = heapq.heappop(waiting)
            if place not in known:
                known[place] = far
                for other, step in self.roads[place]:
                    heapq.heappush(waiting, (far + step, other))
        return [known.get(end, math.inf) for end in ends]


def _rounded(lon: float, lat: float) -> Place:
    return round(lon, 7), round(lat, 7)


def length(line: Sequence[Place]) -> float:
    return sum(GLOBE.inv(*one, *other)[2] for one, other in pairwise(line))


def check(lines: Sequence[Any], ways: Sequence[int], dice: random.Random) -> int:
    """Ways from some points of the lines to others; returns how many there were."""
    plain, network = Plain(lines, ways), Network(lines, ways)
    steps = {(one, other) for one, onward in plain.roads.items() for other, _ in onward}
    places = sorted({_rounded(*point) for line in lines for point in line.coords})
    led = 0
    for _ in range(4):
        chosen = np.array(dice.sample(places, min(60, len(places))))
        feet = network.feet(chosen[:, 0], chosen[:, 1], 200.0)
        at_road = feet.gap < 0.02  # not in a part that hangs on nothing
        if not at_road[0]:
            continue
        found = network.ways(feet, 1e7)
        truth = plain.metres(_rounded(*chosen[0]), [_rounded(*place) for place in chosen])
        for number in np.flatnonzero(at_road):
            way = found.best(int(number))
            if way is None:
                assert truth[number] == math.inf
                continue
            assert way.metres == pytest.approx(truth[number], abs=0.1)
            line = found.line(int(number), way)
            assert length(line) == pytest.approx(truth[number], abs=0.1)
            assert _rounded(*line[-1]) == pytest.approx(tuple(chosen[number]), abs=1e-6)
            inner = [_rounded(*point) for point in line[1:-1]]
            assert all(step in steps for step in pairwise(inner)), "a step that is no road"
            led += 1
    return led


@pytest.mark.parametrize("seed", range(8))
def test_ways_are_the_shortest_of_a_made_up_town(seed: int) -> None:
    dice = random.Random(seed)
    across, up = 9, 7
    at = {
        (i, j): (120.3 + i * 0.002 + dice.uniform(-5e-4, 5e-4),
                 36.0 + j * 0.002 + dice.uniform(-5e-4, 5e-4))
        for i in range(across) for j in range(up)
    }  # fmt: skip
    lines, ways = [], []
    for j in range(up):  # streets through all junctions, which are not their ends
        lines.append(shapely.LineString([at[i, j] for i in range(across)]))
        ways.append(dice.choice([0, 0, 1, -1]))
    for (i, j), place in at.items():
        if (i, j + 1) in at and dice.random() < 0.7:
            bend = (place[0] + 2e-4, (place[1] + at[i, j + 1][1]) / 2)
            lines.append(shapely.LineString([place, bend, at[i, j + 1]]))
            ways.append(dice.choice([0, 1, -1]))
    ring = [(120.31 + math.cos(n) * 1e-3, 36.02 + math.sin(n) * 1e-3) for n in range(6)]
    lines.append(shapely.LineString([*ring, ring[0]]))  # a roundabout that nothing leads to
    ways.append(1)
    assert check(lines, ways, dice) > 20


@pytest.mark.skipif(not HELSINKI.exists(), reason="real data lies beside the checkout only")
def test_ways_are_the_shortest_of_a_real_town() -> None:
    _, _, shapes, (_, tags) = pyogrio.raw.read(
        HELSINKI, layer="lines", columns=["highway", "other_tags"], where="highway IS NOT NULL"
    )
    lines = list(shapely.from_wkb(shapes))
    ways = [
        1 if '"oneway"=>"yes"' in text else -1 if '"oneway"=>"-1"' in text else 0
        for text in (tag or "" for tag in tags)
    ]
    assert len(lines) > 2_000
    assert 1 in ways
    assert check(lines, ways, random.Random(1)) > 100


def test_no_lines_are_no_network() -> None:
    for lines in ([], [shapely.LineString([(120, 36), (120, 36)])]):
        network = Network(lines, [0] * len(lines))
        assert network.feet(np.array([120.0]), np.array([36.0]), 500.0).stretch.tolist() == [-1]


# -- by the API ----------------------------------------------------------------------------------

# A street east with a one-way street north from its middle, and one back that is longer. South of
# it, across a river without a bridge here, another street; both meet in the west.
WEST, MIDDLE, EAST = (120.300, 36.060), (120.310, 36.060), (120.320, 36.060)
NORTH = (120.310, 36.066)
ROADS = [
    feature({"type": "LineString", "coordinates": [WEST, MIDDLE, EAST]}, name="a", oneway="no"),
    feature({"type": "LineString", "coordinates": [MIDDLE, NORTH]}, name="b", oneway="yes"),
    feature({"type": "LineString", "coordinates": [NORTH, (120.320, 36.066), EAST]}, name="c",
            oneway=None),
    feature({"type": "LineString", "coordinates": [WEST, (120.300, 36.059), (120.320, 36.059)]},
            name="d", oneway=""),
]  # fmt: skip
FIELDS = [{"name": "name", "kind": "string"}, {"name": "oneway", "kind": "string"}]


@pytest.fixture
def roads(town: Any, geojson: Write) -> None:
    Component.objects.all().delete()
    values = LayerValues(
        name_zh="道路", shape="line", fields=FIELDS, roads=True, oneway_field="oneway"
    )
    create_layer(actor=SYSTEM, code="streets", values=values)
    fill_layer(actor=SYSTEM, code="streets", source=open_source(geojson(ROADS)))


@pytest.fixture
def ask(roads: None, client: Client) -> Callable[..., Any]:
    headers = {**key(person("wei", Role.DATA_MANAGER)), "Accept-Language": "en"}

    def get(place: Place, status: int = 200, **query: Any) -> Any:
        asked = {"lon": place[0], "lat": place[1], "by": "road", **query}
        answer = client.get("/api/nearest", asked, headers=headers)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return get


def put(*places: Place) -> list[str]:
    kind = ComponentClass.objects.filter(edition__is_default=True).order_by("id").first()
    first = Component.objects.count()
    made = Component.objects.bulk_create(
        Component(code=f"R{first + n}", component_class=kind, name="x",
                  geom=Point(*place, srid=4490))
        for n, place in enumerate(places)
    )  # fmt: skip
    return [component.code for component in made]


def test_what_lies_across_the_river_is_far(ask: Any) -> None:
    across, along = put((120.315, 36.059), (120.3085, 36.060))
    straight = ask((120.315, 36.060), by="straight")
    assert [item["code"] for item in straight["items"]] == [across, along]
    assert (straight["by"], straight["roads"], straight["to_road"]) == ("straight", None, None)
    assert straight["items"][0]["way"] is None
    found = ask((120.315, 36.0602))
    assert (found["by"], found["roads"]) == ("road", "streets")
    assert found["to_road"] == pytest.approx(22.2, abs=0.1)
    near, far = found["items"]
    assert (near["code"], far["code"]) == (along, across)
    around = [(120.315, 36.0602), (120.315, 36.060), WEST, (120.300, 36.059), (120.315, 36.059)]
    assert far["metres"] == pytest.approx(length(around), abs=0.2)
    assert near["metres"] == pytest.approx(length([around[0], around[1], (120.3085, 36.06)]), abs=1)
    for item in (near, far):
        line = [tuple(each) for each in item["way"]["coordinates"]]
        assert item["way"]["type"] == "LineString"
        assert line[0] == (120.315, 36.0602)
        assert line[-1] == (item["lon"], item["lat"])
        assert length(line) == pytest.approx(item["metres"], abs=0.2)
    assert (120.3, 36.06) in [tuple(each) for each in far["way"]["coordinates"]]
    assert [item["code"] for item in ask((120.315, 36.060), within=1_000)["items"]] == [along]
    assert [item["code"] for item in ask((120.315, 36.060), k=1)["items"]] == [along]


def test_a_one_way_street_leads_one_way(ask: Any) -> None:
    north, middle = put(NORTH, MIDDLE)
    up = length([MIDDLE, NORTH])
    around = length([NORTH, (120.320, 36.066), EAST, MIDDLE])
    there = {item["code"]: item["metres"] for item in ask(MIDDLE)["items"]}
    assert there == {middle: 0.0, north: pytest.approx(up, abs=0.1)}
    back = {item["code"]: item["metres"] for item in ask(NORTH)["items"]}
    assert back == {north: 0.0, middle: pytest.approx(around, abs=0.1)}
    # Halfway up one cannot turn back, though the way back would be shorter.
    half = {item["code"]: item["metres"] for item in ask((120.310, 36.063))["items"]}
    assert half[middle] == pytest.approx(up / 2 + around, abs=0.5)
    change_layer(actor=SYSTEM, code="streets", changes={"oneway_field": ""})
    both = {item["code"]: item["metres"] for item in ask(NORTH)["items"]}
    assert both[middle] == pytest.approx(up, abs=0.1)


def test_the_nearest_of_many_are_those_of_all(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of them are read at first."""
    dice = random.Random(7)
    put(*((dice.uniform(120.300, 120.320), dice.choice([36.0600, 36.0590])) for _ in range(120)))
    everything = ask((120.3195, 36.0601), k=50)["items"]
    monkeypatch.setattr("chengyun.city.roads.nearest._FIRST", 6)
    monkeypatch.setattr("chengyun.city.roads.nearest._FIRST_LOOK", 100.0)
    for k in (1, 3, 20, 50):
        assert ask((120.3195, 36.0601), k=k)["items"] == everything[:k]


def test_without_a_road_it_says_so(ask: Any, client: Client, geojson: Write) -> None:
    put(MIDDLE, (120.310, 36.075))
    far = ask((120.310, 36.075), status=422)
    assert (far["field"], "500 m" in far["detail"]) == ("by", True)
    # What lies far from any road is reached by none.
    assert [item["code"] for item in ask(MIDDLE)["items"]] == ["R0"]
    assert ask(MIDDLE, status=404, roads="nothing")["field"] == "roads"
    create_layer(actor=SYSTEM, code="rivers", values=LayerValues(name_zh="河", shape="line"))
    assert ask(MIDDLE, status=422, roads="rivers")["field"] == "roads"
    assert ask(MIDDLE, roads="streets")["roads"] == "streets"
    assert ask(MIDDLE, status=422, by="sea")
    change_layer(actor=SYSTEM, code="streets", changes={"roads": False})
    nothing = ask(MIDDLE, status=404)
    assert nothing["field"] == "by"
    assert nothing["remedy"]
    change_layer(actor=SYSTEM, code="rivers", changes={"roads": True})
    assert ask(MIDDLE, status=422)["field"] == "by"  # a layer of roads without any


def test_only_lines_are_roads(town: Any) -> None:
    for values in (
        LayerValues(name_zh="点", shape="point", roads=True),
        LayerValues(name_zh="线", shape="line", roads=True, oneway_field="nothing"),
    ):
        with pytest.raises(Exception, match=r"roads|oneway_field"):
            create_layer(actor=SYSTEM, code="wrong", values=values)


def test_a_changed_road_counts_at_once_and_what_is_known_is_not_read(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put((120.315, 36.059))
    [before] = ask((120.315, 36.060))["items"]
    read: list[str] = []
    real = reading._read

    def counted(layer: Any, reach: Any) -> Network:
        read.append(layer.code)
        return real(layer, reach)

    monkeypatch.setattr(reading, "_read", counted)
    assert ask((120.315, 36.060))["items"] == [before]
    assert read == []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO layers.streets (name, geom) VALUES ('bridge', ST_GeomFromText("
            "'MULTILINESTRING((120.320 36.060, 120.320 36.059))', 4490))"
        )
    [after] = ask((120.315, 36.060))["items"]
    assert after["metres"] < before["metres"] - 500
    assert read == ["streets"]


def test_nobody_goes_along_roads_that_he_does_not_see(ask: Any, client: Client) -> None:
    put((120.315, 36.059))
    change_layer(actor=SYSTEM, code="streets", changes={"roles": ["administrator"]})
    assert ask(MIDDLE, status=404)["field"] == "by"
    assert ask(MIDDLE, status=404, roads="streets")["field"] == "roads"
    # Rows by area: of one district there are no lines of the other.
    change_layer(actor=SYSTEM, code="streets", changes={"roles": [], "access": "granted"})
    assert ask((120.315, 36.060))["items"]
    other = key(person("bei", Role.DATA_MANAGER, area="370203"))
    answer = client.get("/api/nearest", {"lon": 120.305, "lat": 36.06, "by": "road"}, headers=other)
    assert answer.status_code == 422
    assert (
        client.get("/api/nearest", {"lon": 120.305, "lat": 36.06, "by": "road"}).status_code == 401
    )
