"""The city's own collections: its grounds, addresses and components."""

from collections.abc import Iterable

from chengyun.city.models import Address, Area, Component, DutyGrid
from chengyun.city.ogc.collection import Collection, Field, Lookup

GRID = Lookup("unit_grid_id", "city_unitgrid")
AREA = Lookup("area_id", "city_area")
CLASS = Lookup(
    "component_class_id",
    "(SELECT c.id, c.class_code || c.sub_code AS code, c.name_zh, c.name_en, e.code AS edition "
    "FROM city_componentclass AS c JOIN city_edition AS e ON e.id = c.edition_id)",
)


def _values(choices: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    return tuple(value for value, _ in choices)


class Areas(Collection):
    """Everybody may know where they live."""

    name, zh, en = "areas", "行政区划", "Administrative areas"
    about_zh = "市、区县、街道、社区；只知其名的区划没有几何。"
    about_en = "City, districts, streets and communities; one known by name only has no geometry."
    table, shape, public, placeless = "city_area", "multipolygon", True, True
    fields = (
        Field("code", "区划代码", "Area code", "t.code"),
        Field("name_zh", "中文名称", "Name in Chinese", "t.name_zh"),
        Field("name_en", "英文名称", "Name in English", "t.name_en"),
        Field(
            "level", "层级", "Level", "t.level", values=_values(Area.Level.choices)
        ),
        Field(
            "parent", "上级区划代码", "Code of the area above", "r.code",
            lookup=Lookup("parent_id", "city_area"),
        ),
        Field("population", "人口", "Population", "t.population", "integer"),
        Field("area_m2", "面积（平方米）", "Area in square metres", "t.area_m2", "number"),
        Field(
            "synthetic", "边界为模拟", "The outline was made up", "t.synthetic", "boolean"
        ),
    )  # fmt: skip


class UnitGrids(Collection):
    """The smallest polygons of management, those that hold no longer too."""

    name, zh, en = "unit_grids", "单元网格", "Unit grids"
    about_zh = "历史网格也在内；datetime 取某日有效的网格。"
    about_en = "Grids that hold no longer are there too; datetime gives those of a day."
    table, shape = "city_unitgrid", "multipolygon"
    since, until, until_open = "valid_from", "valid_until", True
    fields = (
        Field("code", "网格编码", "Code of the grid", "t.code"),
        Field(
            "community", "社区代码", "Code of the community", "r.code",
            lookup=Lookup("community_id", "city_area"),
        ),
        Field("area_m2", "面积（平方米）", "Area in square metres", "t.area_m2", "number"),
        Field("valid_from", "启用日期", "First day", "t.valid_from", "date"),
        Field(
            "valid_until", "停用日期", "First day on which it no longer holds", "t.valid_until",
            "date",
        ),
        Field("land_use", "用地类型", "Land use", "t.land_use"),
        Field("level_code", "管理等级", "Level of management", "t.level_code"),
        Field(
            "responsible_org_code", "责任单位代码", "Code of the responsible organisation",
            "t.responsible_org_code",
        ),
        Field("remark", "备注", "Remark", "t.remark"),
    )  # fmt: skip


class DutyGrids(Collection):
    """The grids that people answer for; their outline is kept in the map's metres."""

    name, zh, en = "duty_grids", "责任网格", "Duty grids"
    about_zh = "由单元网格组成，有人负责的网格。"
    about_en = "Grids made of unit grids, for which people answer."
    table, shape, geom, srid = "city_dutygrid", "multipolygon", "t.gm", 3857
    fields = (
        Field("code", "网格编码", "Code of the grid", "t.code"),
        Field("name", "名称", "Name", "t.name"),
        Field("kind", "类别", "Kind", "t.kind", values=_values(DutyGrid.Kind.choices)),
        Field(
            "organisation", "责任单位代码", "Code of the organisation that answers for it",
            "r.code", lookup=Lookup("organisation_id", "core_organisation"),
        ),
    )  # fmt: skip


class Addresses(Collection):
    """Door plates, buildings, places."""

    name, zh, en = "addresses", "地址", "Addresses"
    about_zh = "门牌、楼牌、小区、道路、兴趣点。"
    about_en = "Door plates, buildings, compounds, roads and places."
    table, fid, fid_kind = "city_address", "t.id", "integer"
    fields = (
        Field("full_text", "地址全文", "The address", "t.full_text"),
        Field("kind", "类别", "Kind", "t.kind", values=_values(Address.Kind.choices)),
        Field("area", "区划代码", "Code of the area", "r.code", lookup=AREA),
        Field("unit_grid", "单元网格编码", "Code of the unit grid", "r.code", lookup=GRID),
        Field("source", "来源", "Source", "t.source"),
    )


class Components(Collection):
    """What stands in the street. What was removed stays in the register, not in the collection."""

    name, zh, en = "components", "部件", "Components"
    about_zh = "城市管理部件；已移除的不在其中。"
    about_en = "Managed components of the city, without those that were removed."
    table, since, until, writable = "city_component", "changed_on", "changed_on", True
    blocks, ordered = "city_componentblock", "class"
    always = "t.state <> 'removed'"
    fields = (
        Field("code", "标识码", "Code of the component", "t.code"),
        Field("name", "名称", "Name", "t.name"),
        Field("class", "部件类别", "Class and subclass code", "r.code", lookup=CLASS),
        Field("class_zh", "类别名称", "Class in Chinese", "r.name_zh", lookup=CLASS),
        Field("class_en", "类别英文名称", "Class in English", "r.name_en", lookup=CLASS),
        Field("edition", "目录版本", "Edition of the catalogue", "r.edition", lookup=CLASS),
        Field(
            "state", "状态", "State", "t.state", values=_values(Component.State.choices[:-1])
        ),
        Field("unit_grid", "单元网格编码", "Code of the unit grid", "r.code", lookup=GRID),
        Field(
            "authority", "主管部门代码", "Code of the authority", "r.code",
            lookup=Lookup("authority_id", "core_organisation"),
        ),
        Field(
            "owner", "权属单位代码", "Code of the owner", "r.code",
            lookup=Lookup("owner_id", "core_organisation"),
        ),
        Field(
            "maintainer", "养护单位代码", "Code of the maintainer", "r.code",
            lookup=Lookup("maintainer_id", "core_organisation"),
        ),
        Field("first_surveyed", "初始日期", "First surveyed", "t.first_surveyed", "date"),
        Field("changed_on", "变更日期", "Last changed", "t.changed_on", "date"),
        Field("source", "数据来源", "Source", "t.source"),
        Field("remark", "备注", "Remark", "t.remark"),
        Field("street_code", "街道代码", "Code of the street", "t.street_code"),
        Field("community_code", "社区代码", "Code of the community", "t.community_code"),
        Field(
            "accuracy", "定位精度等级", "Class of accuracy, empty if not known", "t.accuracy",
            values=_values(Component.Accuracy.choices),
        ),
    )  # fmt: skip


OWN: tuple[Collection, ...] = (Areas(), UnitGrids(), DutyGrids(), Addresses(), Components())
