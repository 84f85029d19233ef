"""Cases among the collections of the OGC API: those of the list, for the same people."""

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from chengyun.city.ogc import Collection, Field, Lookup
from chengyun.city.ogc.collection import Condition
from chengyun.core.access import Scope
from chengyun.governance.models import Channel, State
from chengyun.governance.queries import visible_cases
from chengyun.governance.tiles import condition_of

MATTER = Lookup(
    "matter_id",
    "(SELECT m.id, e.code || ':' || m.code AS token, m.name_zh, m.name_en FROM city_matter AS m "
    "JOIN city_edition AS e ON e.id = m.edition_id)",
)


class Cases(Collection):
    """Cases that the caller may see, ended ones too; one whose place is unknown has no geometry."""

    name, zh, en = "cases", "案件", "Cases"
    about_zh = "您有权查看的案件，含已结案的；时间为上报至结案。"
    about_en = "Cases that you may see, ended ones too; their time is from report to close."
    table, fid, fid_kind = "governance_case", "t.id", "integer"
    since, until, placeless = "reported_at", "closed_at", True
    fields = (
        Field("number", "案件编号", "Number of a filed case", "t.number"),
        Field("state", "状态", "State", "t.state", values=tuple(State.values)),
        Field("channel", "来源", "Channel", "t.channel", values=tuple(Channel.values)),
        Field("urgency", "紧急程度", "Urgency", "t.urgency", values=("normal", "urgent")),
        Field("matter", "事项代码", "Edition and code of the matter", "r.token", lookup=MATTER),
        Field("matter_zh", "事项", "Matter in Chinese", "r.name_zh", lookup=MATTER),
        Field("matter_en", "事项英文", "Matter in English", "r.name_en", lookup=MATTER),
        Field("address", "地址", "Address", "t.address"),
        Field(
            "area", "区划代码", "Code of the smallest known area", "r.code",
            lookup=Lookup("area_id", "city_area"),
        ),
        Field(
            "unit_grid", "单元网格编码", "Code of the unit grid", "r.code",
            lookup=Lookup("unit_grid_id", "city_unitgrid"),
        ),
        Field(
            "component", "部件标识码", "Code of the component", "r.code",
            lookup=Lookup("component_id", "city_component"),
        ),
        Field(
            "department", "专业部门代码", "Code of the department", "r.code",
            lookup=Lookup("department_id", "core_organisation"),
        ),
        Field("reported_at", "上报时间", "Reported", "t.reported_at", "date-time"),
        Field("filed_at", "立案时间", "Filed", "t.filed_at", "date-time"),
        Field("handled_at", "处置时间", "Handled", "t.handled_at", "date-time"),
        Field("closed_at", "结案时间", "Closed", "t.closed_at", "date-time"),
        Field(
            "stage_due_at", "本阶段时限", "When the running stage is due", "t.stage_due_at",
            "date-time",
        ),
    )  # fmt: skip

    async def condition(self, reach: Scope) -> Condition:
        sql, params = await _visible(reach)
        return sql.replace('"governance_case"', "t"), params


@sync_to_async
def _visible(reach: Scope) -> Condition:
    close_old_connections()
    try:
        return condition_of(visible_cases(reach))
    finally:
        close_old_connections()
