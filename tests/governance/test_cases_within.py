"""Cases inside an outline drawn on the map: list, counts, total and export hold to it."""

from typing import Any

import pytest

from tests.api.town import LAT, LON

pytestmark = pytest.mark.django_db(transaction=True)


def outline(*corners: tuple[float, float]) -> str:
    return ";".join(f"{LON + east},{LAT + north}" for east, north in corners)


def test_only_cases_inside_the_outline(hall: Any) -> None:
    inside = hall.handling()
    # In the outline's box, not in the outline: a triangle has no north-east corner.
    beside = hall.handling(lon=LON + 0.018, lat=LAT + 0.018)
    triangle = outline((-0.01, -0.01), (0.02, -0.01), (-0.01, 0.02))
    box = outline((-0.01, -0.01), (0.02, -0.01), (0.02, 0.02), (-0.01, 0.02))
    desk = hall.leader
    assert {row["id"] for row in desk.get(f"/cases?within={box}")["items"]} == {inside, beside}
    assert [row["id"] for row in desk.get(f"/cases?within={triangle}")["items"]] == [inside]
    assert desk.get(f"/cases/total?within={triangle}") == {"count": 1, "capped": False}
    assert [row["count"] for row in desk.get(f"/cases/counts?within={triangle}")] == [1]
