"""The bodies of the synthetic city: centres, bureaus, streets and companies."""

from dataclasses import dataclass

from chengyun.simulation.areas import CITY_CODE, CITY_NAME, DISTRICT_NAMES_EN, Ground
from chengyun.simulation.identifiers import credit_code


@dataclass(frozen=True)
class Body:
    """One organisation. `role` says what it is for ("sanitation", "centre" …), `area` where."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: str
    role: str
    area: str


# role: (credit code kind, organisation kind, Chinese name in a district, in the city, English)
_BUREAUS: dict[str, tuple[str, str, str, str, str]] = {
    "city_management": ("11", "department", "城市管理局", "城市管理局", "City Management Bureau"),
    "enforcement": (
        "11",
        "department",
        "综合行政执法局",
        "综合行政执法支队",
        "Administrative Enforcement",
    ),
    "construction": (
        "11",
        "department",
        "住房和城乡建设局",
        "住房和城乡建设局",
        "Housing and Construction Bureau",
    ),
    "housing": ("12", "department", "房产服务中心", "房产服务中心", "Housing Service Centre"),
    "transport": ("11", "department", "交通运输局", "交通运输局", "Transport Bureau"),
    "police": ("11", "department", "公安分局", "公安局", "Public Security Bureau"),
    "traffic_police": (
        "11",
        "department",
        "公安交警大队",
        "公安交警支队",
        "Traffic Police",
    ),
    "parks": ("12", "department", "园林环卫服务中心", "园林和林业局", "Parks and Gardens"),
    "water_bureau": ("11", "department", "水务局", "水务管理局", "Water Bureau"),
    "environment": ("11", "department", "生态环境分局", "生态环境局", "Ecology and Environment"),
    "market": ("11", "department", "市场监督管理局", "市场监督管理局", "Market Supervision"),
    "natural_resources": (
        "11",
        "department",
        "自然资源局",
        "自然资源和规划局",
        "Natural Resources and Planning",
    ),
    "emergency": ("11", "department", "应急管理局", "应急管理局", "Emergency Management"),
    "fire": ("11", "department", "消防救援大队", "消防救援支队", "Fire and Rescue"),
    "civil_affairs": ("11", "department", "民政局", "民政局", "Civil Affairs Bureau"),
    "culture": ("11", "department", "文化和旅游局", "文化和旅游局", "Culture and Tourism"),
    "health": ("11", "department", "卫生健康局", "卫生健康委员会", "Health Commission"),
    "sports": ("12", "department", "体育发展中心", "体育局", "Sports Bureau"),
}
_DISTRICT_COMPANIES = {
    "sanitation": ("环境卫生服务有限公司", "Sanitation Service Co."),
    "gas": ("燃气供应有限公司", "Gas Supply Co."),
    "heating": ("供热服务有限公司", "Heating Service Co."),
    "drainage": ("排水运营有限公司", "Drainage Operation Co."),
}
_CITY_COMPANIES = {
    "water": ("城区供水有限公司", "Water Supply Co."),
    "power": ("供电公司", "Power Supply Co."),
    "telecom": ("通信设施运营有限公司", "Telecom Infrastructure Co."),
    "cable_tv": ("有线电视网络有限公司", "Cable Television Co."),
    "street_lighting": ("城市照明管理有限公司", "Street Lighting Co."),
    "bus": ("公共交通运营有限公司", "Public Transport Co."),
    "metro": ("轨道交通运营有限公司", "Metro Operation Co."),
    "bike_share": ("共享单车运维有限公司", "Bike Share Co."),
    "pipeline": ("油气管道运营有限公司", "Pipeline Operation Co."),
    "post": ("邮政快递服务有限公司", "Post and Parcel Co."),
}


class Bodies:
    """All organisations of a city, and which body of a role answers for an area."""

    def __init__(self, city: Ground) -> None:
        self.all: list[Body] = []
        self._by_role: dict[tuple[str, str], Body] = {}
        government = self._add("11", CITY_CODE, "government", f"{CITY_NAME}人民政府", "", "other")
        self._centres(CITY_CODE, CITY_NAME, "Qingdao", government.code)
        for role, (kind, org_kind, _, name, english) in _BUREAUS.items():
            full = f"Qingdao {english}"
            self._add(kind, CITY_CODE, role, CITY_NAME + name, full, org_kind, government.code)
        for role, (name, english) in _CITY_COMPANIES.items():
            zh, en = f"青岛{name}", f"Qingdao {english}"
            self._add("91", CITY_CODE, role, zh, en, "company", government.code)
        for district in city.children:
            self._district(district, government.code)

    def of(self, role: str, area: str) -> Body:
        """The body of a role that answers for an area: the street's, the district's, the city's."""
        for code in (area[:9], area[:6], CITY_CODE):
            found = self._by_role.get((role, code))
            if found is not None:
                return found
        raise KeyError(f"no body for {role} in {area}")

    def _add(
        self,
        code_kind: str,
        area: str,
        role: str,
        name_zh: str,
        name_en: str,
        kind: str,
        parent: str = "",
    ) -> Body:
        code = credit_code(code_kind, area[:6], f"{role}:{area}")
        body = Body(code, name_zh, name_en, kind, parent, role, area)
        self.all.append(body)
        self._by_role[role, area] = body
        return body

    def _centres(self, area: str, name: str, english: str, parent: str) -> None:
        zh, en = f"{name}城市运行监督中心", f"{english} City Supervision Centre"
        self._add("12", area, "supervision_centre", zh, en, "supervision_centre", parent)
        zh, en = f"{name}城市运行指挥中心", f"{english} City Command Centre"
        self._add("12", area, "command_centre", zh, en, "command_centre", parent)

    def _district(self, district: Ground, city_government: str) -> None:
        code, name = district.code, district.name
        english = DISTRICT_NAMES_EN[code]
        full = CITY_NAME + name
        government = self._add(
            "11",
            code,
            "government",
            f"{full}人民政府",
            f"{english} District Government",
            "other",
            city_government,
        )
        self._centres(code, full, english, government.code)
        for role, (kind, org_kind, zh, _, en) in _BUREAUS.items():
            self._add(kind, code, role, full + zh, f"{english} {en}", org_kind, government.code)
        for role, (zh, en) in _DISTRICT_COMPANIES.items():
            self._add(
                "91", code, role, f"青岛{name[:-1]}{zh}", f"{english} {en}", "company",
                government.code,
            )  # fmt: skip
        for street in district.children:
            office = "人民政府" if street.name.endswith("镇") else "办事处"
            if not street.name.endswith(("镇", "街道")):
                office = "管理委员会"
            zh = f"{full}{street.name}{office}"
            self._add("11", street.code, "street", zh, "", "street", government.code)
