"""A town of one street with a person in every post: what the tests of the interfaces stand on."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from chengyun.city.models import Address, Area, Edition, Matter, UnitGrid
from chengyun.city.queries import forget_catalogue
from chengyun.core.actions import issue_token
from chengyun.core.actor import Actor
from chengyun.core.models import Grant, Organisation, Role, User
from chengyun.governance.clocks import forget_desk_limits
from chengyun.governance.models import Responsibility, Standard

CITY = "990000"
#: A point inside the town, and one outside of it.
LON, LAT = 120.05, 36.05
FAR_LON, FAR_LAT = 121.5, 37.5

MATTERS = [
    ("01", "001", "井盖缺失", "Manhole cover missing", ["窨井盖丢失", "下水道盖子"]),
    ("01", "002", "路灯不亮", "Street lamp out", ["路灯坏了"]),
    ("02", "001", "暴露垃圾", "Exposed rubbish", ["垃圾堆"]),
    ("02", "002", "道路积水", "Flooded road", []),
]


@dataclass
class Town:
    """The rows that tests name."""

    edition: Edition
    matters: dict[str, Matter]
    department: Organisation
    centre: Organisation
    address: Address
    standard: Standard
    users: dict[Role, User] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        """The person in this post."""
        return Actor.of(User.objects.get(pk=self.users[role].pk), role=role.value)

    def token(self, role: Role, *scopes: str) -> str:
        """A fresh token of the person in this post."""
        user = self.users[role]
        _, text = issue_token(actor=Actor.of(user), user=user, name="test", scopes=scopes)
        return text


def build_town() -> Town:
    """Make the town in the current database."""
    areas = _areas()
    UnitGrid.objects.create(
        code=f"{areas[-1].code}001",
        community=areas[-1],
        geom=_square(120.0, 36.0, 120.1, 36.1),
        area_m2=1e8,
        valid_from=date(2020, 1, 1),
    )
    edition = Edition.objects.create(
        code="town-2026", name_zh="测试版", class_width=2, subclass_width=3, is_default=True
    )
    matters = {
        class_code + sub_code: Matter.objects.create(
            edition=edition,
            kind="event",
            code=class_code + sub_code,
            class_code=class_code,
            class_zh={"01": "市政设施", "02": "环境秩序"}[class_code],
            class_en={"01": "Municipal works", "02": "Environment"}[class_code],
            sub_code=sub_code,
            name_zh=zh,
            name_en=en,
            aliases=aliases,
        )
        for class_code, sub_code, zh, en, aliases in MATTERS
    }
    centre = _organisation("CENTRE", "城市运行管理中心", "supervision_centre")
    department = _organisation("WORKS", "市政工程处", "department")
    standard = Standard.objects.create(
        matter=matters["01001"],
        condition_key="missing",
        condition_zh="井盖缺失",
        limit=4,
        unit="urgent_hour",
        closing_zh="井盖恢复",
        valid_from=date(2020, 1, 1),
    )
    Responsibility.objects.create(organisation=department)
    address = Address.objects.create(
        full_text="中山路 1 号", kind="door", geom=Point(LON, LAT, srid=4490)
    )
    town = Town(edition, matters, department, centre, address, standard)
    for role in Role:
        organisation = department if role in (Role.DEPARTMENT, Role.HANDLER) else centre
        user = User.objects.create(
            username=role.value, display_name=str(role.label), organisation=organisation
        )
        Grant.objects.create(user=user, role=role.value)
        town.users[role] = user
    forget_catalogue()
    forget_desk_limits()
    return town


def _areas() -> list[Area]:
    levels = [
        (CITY, "海城市", "Haicheng", "city"),
        ("990001", "城东区", "East district", "district"),
        ("990001001", "中山街道", "Zhongshan street", "street"),
        ("990001001001", "中山社区", "Zhongshan community", "community"),
    ]
    made: list[Area] = []
    for code, zh, en, level in levels:
        parent = made[-1] if made else None
        made.append(
            Area.objects.create(
                code=code,
                name_zh=zh,
                name_en=en,
                level=level,
                parent=parent,
                ancestors=[*(parent.ancestors if parent else []), code],
                geom=_square(120.0, 36.0, 120.2, 36.2),
                area_m2=4e8,
            )
        )
    return made


def _square(west: float, south: float, east: float, north: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4490)


def _organisation(code: str, name: str, kind: str) -> Organisation:
    return Organisation.objects.create(
        code=code, name_zh=name, name_en=code.title(), kind=kind, path=f"/{code}/", ancestors=[code]
    )
