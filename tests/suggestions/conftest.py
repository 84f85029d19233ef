"""A small city of its own for suggestions: a catalogue, two districts, two departments, cases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from chengyun.city.models import Area, Edition, Matter
from chengyun.city.queries import forget_catalogue
from chengyun.core.models import Organisation
from chengyun.governance.models import Case

NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
MATTERS = [
    ("01", "001", "供水井盖异常", "Water cover", ["自来水井盖"]),
    ("01", "002", "污水井盖异常", "Sewage cover", ["下水道井盖"]),
    ("01", "020", "路灯不亮", "Street lamp out", ["路灯故障", "路灯不亮"]),
    ("02", "001", "暴露垃圾", "Exposed rubbish", ["垃圾堆放", "垃圾未清运"]),
    ("02", "007", "道路积水", "Road flooded", ["路面积水"]),
    ("03", "001", "无照经营游商", "Street vendor", ["流动摊贩", "占道经营"]),
]


@pytest.fixture
def catalogue_edition(db: None) -> Edition:
    edition = Edition.objects.create(
        code="test-2026", name_zh="测试版", class_width=2, subclass_width=3, is_default=True
    )
    Matter.objects.bulk_create(
        Matter(
            edition=edition,
            kind="event",
            code=class_code + sub_code,
            class_code=class_code,
            class_zh=f"第{class_code}类",
            sub_code=sub_code,
            name_zh=zh,
            name_en=en,
            aliases=aliases,
        )
        for class_code, sub_code, zh, en, aliases in MATTERS
    )
    forget_catalogue()
    return edition


@pytest.fixture
def matter(catalogue_edition: Edition) -> Callable[[str], Matter]:
    return lambda name: Matter.objects.select_related("edition").get(name_zh=name)


@pytest.fixture
def areas(db: None) -> dict[str, Area]:
    city = Area.objects.create(code="3702", name_zh="青岛市", level="city", ancestors=["3702"])
    made = {"3702": city}
    for code, name in (("370202", "市南区"), ("370203", "市北区")):
        made[code] = Area.objects.create(
            code=code, name_zh=name, level="district", parent=city, ancestors=["3702", code]
        )
    forget_catalogue()
    return made


@pytest.fixture
def departments(db: None) -> dict[str, Organisation]:
    return {
        code: Organisation.objects.create(
            code=code,
            name_zh=name,
            name_en=code,
            kind="department",
            path=f"/{code}/",
            ancestors=[code],
        )
        for code, name in (("WATER", "水务局"), ("LAMP", "路灯管理处"), ("CLEAN", "环卫中心"))
    }


@pytest.fixture
def make_case(db: None) -> Callable[..., Case]:
    """Put a case into the table as it stands at some moment of its life."""

    def make(text: str = "中山路路灯不亮", **given: Any) -> Case:
        at: tuple[float, float] | None = given.pop("at", None)
        reported = given.pop("reported_at", NOW - timedelta(hours=2))
        chosen: Matter | None = given.get("matter")
        fields: dict[str, Any] = {
            "description": text,
            "channel": "citizen",
            "state": "handling",
            "reported_at": reported,
            "updated_at": reported,
            "geom": Point(*at, srid=4490) if at else None,
            "scope_areas": ["3702", "370202"],
            "scope_matters": chosen.tokens if chosen else [],
            "district_code": "370202",
        }
        if given.get("state") == "closed":
            fields["closed_at"] = reported + timedelta(days=1)
        return Case.objects.create(**(fields | given))

    return make
