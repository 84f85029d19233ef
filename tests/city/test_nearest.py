"""The nearest components are the nearest on the ground, whatever the index thinks."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from pyproj import Geod

from chengyun.city.models import Component, ComponentClass
from chengyun.city.nearest import nearest_components
from chengyun.core.models import User
from tests.city.conftest import Folder

GLOBE = Geod(ellps="GRS80")
HERE = (120.33, 36.08)


def put(places: list[tuple[float, float]], **fields: Any) -> list[Component]:
    """Components at these places; classes take turns unless one is given."""
    kinds = list(
        ComponentClass.objects.filter(edition__is_default=True).order_by("class_code", "sub_code")[
            :3
        ]
    )
    first = Component.objects.count()
    return Component.objects.bulk_create(
        Component(
            **{
                "code": f"N{first + n:07}",
                "component_class": kinds[n % 3],
                "name": "x",
                "geom": Point(*place, srid=4490),
                **fields,
            }
        )
        for n, place in enumerate(places)
    )


def metres(component: Component, lon: float, lat: float) -> float:
    return float(GLOBE.inv(lon, lat, component.geom.x, component.geom.y)[2])


@pytest.fixture
def bare(loaded: Folder) -> None:
    Component.objects.all().delete()


@pytest.fixture
def ask(bare: None, client: Client) -> Callable[..., Any]:
    client.force_login(User.objects.get(username="wang"))

    def get(status: int = 200, **query: Any) -> Any:
        answer = client.get("/api/nearest", query, headers={"Accept-Language": "en"})
        assert answer.status_code == status, answer.content
        return answer.json()

    return get


@pytest.mark.parametrize("lat", [0.0, 36.08, 60.0, -75.0, 84.0])
@pytest.mark.parametrize("k", [1, 5, 20])
def test_the_order_is_that_of_metres(bare: None, lat: float, k: int) -> None:
    dice = random.Random(k)
    # A degree east is far shorter than a degree north: an order by degrees would be another.
    spread = 0.3
    places = [(HERE[0] + dice.uniform(-spread, spread), lat + dice.uniform(-spread, spread))
              for _ in range(300)]  # fmt: skip
    there = put(places)
    truth = sorted((metres(c, HERE[0], lat), c.code) for c in there)
    truth = [(far, code) for far, code in truth if far <= 50_000][:k]
    found = nearest_components(HERE[0], lat, k=k)
    assert [near.code for near in found] == [code for _, code in truth]
    assert [near.metres for near in found] == pytest.approx([far for far, _ in truth], abs=0.01)


def test_a_step_east_is_shorter_than_a_step_north(bare: None) -> None:
    east, north = put([(HERE[0] + 0.0100, HERE[1]), (HERE[0], HERE[1] + 0.0099)])
    assert [near.code for near in nearest_components(*HERE, k=2)] == [east.code, north.code]
    assert [near.code for near in nearest_components(*HERE, k=1)] == [east.code]


def test_what_is_gone_is_not_at_hand(bare: None) -> None:
    for state in Component.State.values:
        put([HERE], state=state)
    found = nearest_components(*HERE, k=50)
    assert {near.state for near in found} == {"intact", "damaged", "abandoned"}


def test_only_the_classes_asked_for(ask: Any) -> None:
    there = put([(HERE[0] + n / 10_000, HERE[1]) for n in range(9)])
    kinds = {c.code: c.component_class for c in there}
    one, two, _ = (c.component_class for c in there[:3])
    code = one.class_code + one.sub_code
    found = ask(lon=HERE[0], lat=HERE[1], **{"class": code})["items"]
    assert [item["code"] for item in found] == [c.code for c in there[::3]]
    assert {item["class_code"] for item in found} == {code}
    assert {item["class_zh"] for item in found} == {one.name_zh}
    both = ask(lon=HERE[0], lat=HERE[1], k=50, **{"class": [code, two.class_code + two.sub_code]})
    assert {kinds[item["code"]] for item in both["items"]} == {one, two}
    whole = ask(lon=HERE[0], lat=HERE[1], k=50, **{"class": one.class_code})["items"]
    assert len(whole) == sum(c.component_class.class_code == one.class_code for c in there)
    refused = ask(status=422, lon=HERE[0], lat=HERE[1], **{"class": "99"})
    assert refused["field"] == "class"


def test_no_farther_than_asked(ask: Any) -> None:
    put([(HERE[0], HERE[1] + 0.001), (HERE[0], HERE[1] + 0.01)])  # 111 m and 1110 m
    [near] = ask(lon=HERE[0], lat=HERE[1], within=500)["items"]
    assert near["metres"] == pytest.approx(111, abs=1)
    assert ask(lon=HERE[0], lat=HERE[1], within=100)["items"] == []
    assert ask(lon=-70, lat=-30)["items"] == []


def test_coordinates_of_another_system(ask: Any) -> None:
    put([HERE])
    plain = ask(lon=HERE[0], lat=HERE[1])
    assert plain["items"][0]["metres"] == 0
    shifted = ask(lon=HERE[0], lat=HERE[1], system="gcj02")
    assert 300 < shifted["items"][0]["metres"] < 700
    assert shifted["lon"] < plain["lon"]


@pytest.mark.parametrize(
    "query",
    [
        {"lon": 181, "lat": 0}, {"lon": "nan", "lat": 0}, {"lon": 0}, {"lon": 0, "lat": 91},
        {"lon": 0, "lat": 0, "k": 0}, {"lon": 0, "lat": 0, "k": 51},
        {"lon": 0, "lat": 0, "k": 10**12}, {"lon": 0, "lat": 0, "within": -1},
        {"lon": 0, "lat": 0, "within": "inf"}, {"lon": 0, "lat": 0, "class": "0" * 10},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(ask: Any, query: dict[str, Any]) -> None:
    ask(status=422, **query)


@pytest.mark.parametrize("place", [(180, 90), (-180, -90), (180, 0), (0, 0)])
def test_the_ends_of_the_earth_are_asked_about_in_vain(ask: Any, place: tuple[int, int]) -> None:
    put([HERE])
    assert ask(lon=place[0], lat=place[1])["items"] == []


def test_one_statement_by_the_index(
    bare: None, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put([(HERE[0] + n / 10_000, HERE[1]) for n in range(9)])
    nearest_components(*HERE)  # the catalogue is known
    monkeypatch.setattr("chengyun.city.snapshot.CHECK_EVERY_SECONDS", 3600.0)
    with django_assert_num_queries(1) as captured:
        assert len(nearest_components(*HERE)) == 5
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Order By: (geom <->" in plan
    assert "Seq Scan on city_component" not in plan
