"""Why a row of a survey cannot go in: codes with words for people, and how to mend the row."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a row was rejected. Codes are stable: they stand in rejected files."""

    BAD_ENCODING = "bad_encoding"
    COLUMN_COUNT = "wrong_column_count"
    NO_GEOMETRY = "no_geometry"
    BROKEN_GEOMETRY = "broken_geometry"
    WRONG_GEOMETRY = "wrong_geometry_type"
    TOO_DETAILED = "too_many_vertices"
    NOT_DEGREES = "not_degrees"
    SWAPPED_AXES = "swapped_axes"
    OUTSIDE_CITY = "outside_city"
    OUTSIDE_REACH = "outside_your_area"
    MISSING_CODE = "missing_code"
    BAD_CODE = "bad_code"
    UNKNOWN_CLASS = "unknown_class"
    UNKNOWN_DISTRICT = "unknown_district"
    SERIALS_USED_UP = "serials_used_up"
    REPEATED = "repeated"
    REPEATED_PLACE = "repeated_place"
    NEAR_REGISTERED = "near_registered"
    REMOVED = "removed_component"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    AMBIGUOUS_ORGANISATION = "ambiguous_organisation"
    UNKNOWN_GRID = "unknown_grid"
    UNKNOWN_AREA = "unknown_area"
    BAD_STATE = "bad_state"
    BAD_KIND = "bad_kind"
    BAD_DATE = "bad_date"
    BAD_ACCURACY = "bad_accuracy"
    MISSING_TEXT = "missing_text"
    BAD_TEXT = "bad_text"
    ENDS_BEFORE_BEGIN = "ends_before_it_begins"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Words:
    """A reason in both languages, and how to mend the row."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


WORDS: dict[Reason, Words] = {
    Reason.BAD_ENCODING: Words(
        "文字编码与文件其余部分不同",
        "the text is not in the encoding of the file",
        "将文件统一存为 UTF-8，或用 --encoding 指明编码",
        "save the whole file in UTF-8, or name its encoding by --encoding",
    ),
    Reason.COLUMN_COUNT: Words(
        "列数与表头不同",
        "it has another number of columns than the heading",
        "检查多余或缺少的分隔符与引号",
        "look for a delimiter or quote too many or too few",
    ),
    Reason.NO_GEOMETRY: Words(
        "没有坐标",
        "it has no place",
        "补上坐标",
        "give its coordinates",
    ),
    Reason.BROKEN_GEOMETRY: Words(
        "图形不能成立：环未闭合或自相交",
        "the shape is broken: a ring is open or crosses itself",
        "在制图软件中修复该图形",
        "mend the shape in a map editor",
    ),
    Reason.WRONG_GEOMETRY: Words(
        "图形种类不符",
        "it is another kind of shape than the register takes",
        "部件须为点、线或面，地址须为点，单元网格须为面",
        "draw components as points, lines or polygons, addresses as points, grids as polygons",
    ),
    Reason.TOO_DETAILED: Words(
        "图形的顶点过多",
        "the shape has more vertices than any component needs",
        "在制图软件中简化该图形",
        "simplify the shape in a map editor",
    ),
    Reason.NOT_DEGREES: Words(
        "坐标不是经纬度，像是以米为单位",
        "the coordinates are not degrees; they look like metres",
        "用 --crs 指明投影坐标系，例如 EPSG:4549",
        "name the projected system by --crs, as EPSG:4549",
    ),
    Reason.SWAPPED_AXES: Words(
        "经度与纬度颠倒：互换后位于本市",
        "longitude and latitude are swapped: turned round it lies in the city",
        "互换两列，或互换 --lon 与 --lat",
        "swap the two columns, or --lon and --lat",
    ),
    Reason.OUTSIDE_CITY: Words(
        "位置在本市之外",
        "it lies outside of the city",
        "核对坐标与坐标系",
        "check the coordinates and their system",
    ),
    Reason.OUTSIDE_REACH: Words(
        "位置不在您负责的区域内",
        "it lies outside of the area that you manage",
        "请该区域的数据管理员导入",
        "let the data manager of that area import it",
    ),
    Reason.MISSING_CODE: Words(
        "没有标识码",
        "it has no code",
        "补上标识码，或在映射中设置 [code] 自动编码",
        "give the code, or let the mapping make codes under [code]",
    ),
    Reason.BAD_CODE: Words(
        "标识码的位数或内容不符合规则",
        "the code breaks the rule of its digits",
        "按编码规则改正",
        "correct it by the coding rule",
    ),
    Reason.UNKNOWN_CLASS: Words(
        "目录中没有该类别",
        "the catalogue has no such class",
        "改正类别，或在映射中对应到目录的类别",
        "correct the class, or map it to one of the catalogue",
    ),
    Reason.UNKNOWN_DISTRICT: Words(
        "编码的前六位不是本市的区",
        "the first six digits are no district of this city",
        "改正前六位",
        "correct the first six digits",
    ),
    Reason.SERIALS_USED_UP: Words(
        "该区该类的顺序号已用完",
        "the serial numbers of this class in this district are used up",
        "由目录管理员增设小类",
        "let the catalogue's manager add a subclass",
    ),
    Reason.REPEATED: Words(
        "文件中前面已有相同的记录",
        "the same stands earlier in the file",
        "删去或改正其中之一",
        "remove or change one of the two",
    ),
    Reason.REPEATED_PLACE: Words(
        "文件中同类部件距此过近，疑为重复",
        "another of its class in the file stands too near: a duplicate, it seems",
        "删去重复者，或减小 --tolerance",
        "remove the duplicate, or take a smaller --tolerance",
    ),
    Reason.NEAR_REGISTERED: Words(
        "登记册中同类部件距此过近，疑为重复",
        "one of its class is registered too near: a duplicate, it seems",
        "改用已登记的标识码，或减小 --tolerance",
        "use the code that is registered, or take a smaller --tolerance",
    ),
    Reason.REMOVED: Words(
        "该标识码属于已移除的部件",
        "the code belongs to a component that was removed",
        "使用新的顺序号",
        "take a new serial number",
    ),
    Reason.UNKNOWN_ORGANISATION: Words(
        "没有该机构",
        "there is no such organisation",
        "改正代码或名称，或先建立机构",
        "correct its code or name, or create it first",
    ),
    Reason.AMBIGUOUS_ORGANISATION: Words(
        "多个机构同名",
        "several organisations have this name",
        "改用机构代码",
        "write its code",
    ),
    Reason.UNKNOWN_GRID: Words(
        "没有该单元网格",
        "there is no such unit grid",
        "改正，或留空由位置确定",
        "correct it, or leave it empty: it is found by the place",
    ),
    Reason.UNKNOWN_AREA: Words(
        "没有该区域",
        "there is no such area",
        "改正编码",
        "correct the code",
    ),
    Reason.BAD_STATE: Words(
        "状态无效",
        "it is no state",
        "可用：intact, damaged, lost, abandoned",
        "use one of intact, damaged, lost, abandoned",
    ),
    Reason.BAD_KIND: Words(
        "种类无效",
        "it is no kind of address",
        "可用：door, building, compound, road, place, zone",
        "use one of door, building, compound, road, place, zone",
    ),
    Reason.BAD_DATE: Words(
        "不是日历上的日期",
        "it is not a date of the calendar",
        "写作 YYYY-MM-DD，或留空",
        "write it as YYYY-MM-DD, or leave it empty",
    ),
    Reason.BAD_ACCURACY: Words(
        "精度等级无效",
        "it is no class of accuracy",
        "可用：a, b, c 或留空",
        "use a, b, c or leave it empty",
    ),
    Reason.MISSING_TEXT: Words(
        "必填项为空",
        "a field that is needed is empty",
        "补上该项",
        "fill it in",
    ),
    Reason.BAD_TEXT: Words(
        "含有无法保存的字符或过长",
        "it has characters that cannot be stored, or is too long",
        "删去这些字符",
        "remove these characters",
    ),
    Reason.ENDS_BEFORE_BEGIN: Words(
        "失效日期不晚于生效日期",
        "it ends before it begins",
        "改正其中之一",
        "correct one of the dates",
    ),
    Reason.OVERLAP: Words(
        "与其他单元网格重叠",
        "it overlaps another unit grid",
        "在制图软件中修正边界，或令旧网格失效",
        "mend the border in a map editor, or let the old grid end",
    ),
}
