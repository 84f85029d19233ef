"""Why a row cannot go in, and what is noticed about rows that do: codes with words for people."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a row was rejected. Codes are stable: they stand in rejected files."""

    BAD_ENCODING = "bad_encoding"
    NUL = "nul_character"
    LONE_SURROGATE = "lone_surrogate"
    UNBALANCED_QUOTE = "unbalanced_quote"
    COLUMN_COUNT = "wrong_column_count"
    TOO_LONG = "row_too_long"
    NOT_JSON = "not_json"
    BAD_GEOMETRY = "bad_geometry"
    BAD_TIME = "bad_time"
    BAD_POSITION = "bad_position"
    MISSING_TIME = "missing_reported_at"
    MISSING_TEXT = "missing_text"
    TEXT_TOO_LONG = "text_too_long"
    VALUE_TOO_LONG = "value_too_long"
    CLOSED_BEFORE_OPENED = "closed_before_opened"
    CLOSED_WITHOUT_TIME = "closed_without_time"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_URGENCY = "unknown_urgency"
    UNKNOWN_MATTER = "unknown_matter"
    AMBIGUOUS_MATTER = "ambiguous_matter"
    UNKNOWN_DEPARTMENT = "unknown_department"
    UNKNOWN_AREA = "unknown_area"
    DUPLICATE_ID = "duplicate_id"


class Notice(StrEnum):
    """What was noticed about a row that is nevertheless kept. ``missing_<field>`` joins these."""

    DEFAULT_POINT = "default_point"
    OUTSIDE_CITY = "outside_city"
    OUTSIDE_PERIOD = "outside_period"
    FUTURE = "in_the_future"
    ADDRESS_CUT = "address_cut"
    BAD_MEDIA_URL = "bad_media_url"
    OPEN_WITH_CLOSING_TIME = "open_with_closing_time"
    DUE_BEFORE_OPENED = "due_before_opened"
    UNKNOWN_MATTER = "unknown_matter"
    UNKNOWN_DEPARTMENT = "unknown_department"
    UNKNOWN_AREA = "unknown_area"


@dataclass(frozen=True, slots=True)
class Words:
    """A reason in both languages, and how to mend the row."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that stays out. ``value`` is the value at fault, ``field`` what it was meant for."""

    reason: Reason
    field: str = ""
    value: str = ""

    def words(self) -> Words:
        """The reason with the value at fault put in."""
        words = WORDS[self.reason]
        if not self.value:
            return words
        shown = self.value if len(self.value) <= 80 else f"{self.value[:79]}…"
        place = f"{self.field}: " if self.field else ""
        return Words(
            f"{words.zh} ({place}{shown})",
            f"{words.en} ({place}{shown})",
            words.remedy_zh,
            words.remedy_en,
        )


_LOOKUP_ZH = "先在城市文件夹中增加该项并 load，或在映射的 values 中改写，然后导入本文件"
_LOOKUP_EN = (
    "add it to the city folder and load that, or translate it under values; then import this file"
)

WORDS: dict[Reason, Words] = {
    Reason.BAD_ENCODING: Words(
        "含有不属于文件编码的字节",
        "it has bytes that are not in the file's encoding",
        "用正确的编码另存，或在映射 [file] 中声明 encoding",
        "save it in one encoding, or declare encoding under [file] of the mapping",
    ),
    Reason.NUL: Words(
        "含有空字符（NUL）", "it contains a NUL character", "删除该字符", "remove that character"
    ),
    Reason.LONE_SURROGATE: Words(
        "含有不成对的代理字符",
        "it contains half of a surrogate pair",
        "删除该字符",
        "remove that character",
    ),
    Reason.UNBALANCED_QUOTE: Words(
        "引号不成对",
        "a quote is not closed, or stands inside a value",
        "补上引号，值内的引号写两个",
        "close the quote; write a quote inside a value twice",
    ),
    Reason.COLUMN_COUNT: Words(
        "列数与表头不符",
        "it has not as many cells as the heading",
        "含分隔符的值加引号",
        "quote values that contain the delimiter",
    ),
    Reason.TOO_LONG: Words(
        "一行过长", "the row is too long", "拆开或缩短该行", "split or shorten the row"
    ),
    Reason.NOT_JSON: Words(
        "不是 JSON 对象",
        "it is not a JSON object",
        "每行一个完整的 JSON 对象",
        "write one whole JSON object on each line",
    ),
    Reason.BAD_GEOMETRY: Words(
        "几何无效", "the geometry is not valid", "修正几何或改为点", "mend it or make it a point"
    ),
    Reason.BAD_TIME: Words(
        "时间无法识别或不存在",
        "the time is not in a declared form, or does not exist",
        "改正时间，或在映射 [time] 中增加格式",
        "correct the time, or add its form under [time] of the mapping",
    ),
    Reason.BAD_POSITION: Words(
        "坐标不是有效的经纬度",
        "the position is not a longitude and latitude",
        "改正坐标（经度 ±180，纬度 ±90）或留空",
        "correct it (longitude ±180, latitude ±90) or leave it empty",
    ),
    Reason.MISSING_TIME: Words(
        "缺少上报时间", "the time of the report is missing", "补上时间", "fill in the time"
    ),
    Reason.MISSING_TEXT: Words(
        "缺少问题描述", "it says nothing: the text is missing", "补上描述", "fill in the text"
    ),
    Reason.TEXT_TOO_LONG: Words("描述过长", "the text is too long", "缩短描述", "shorten the text"),
    Reason.VALUE_TOO_LONG: Words(
        "值过长", "the value is too long", "缩短该值", "shorten the value"
    ),
    Reason.CLOSED_BEFORE_OPENED: Words(
        "办结时间早于上报时间",
        "it was closed before it was opened",
        "核对两个时间后导入本文件",
        "correct one of the two times, then import this file",
    ),
    Reason.CLOSED_WITHOUT_TIME: Words(
        "状态为已办结但没有办结时间",
        "its state is closed but no closing time is given",
        "补上办结时间或改正状态",
        "fill in the closing time or correct the state",
    ),
    Reason.UNKNOWN_STATE: Words(
        "状态未在映射中说明",
        "the mapping does not say what this state means",
        "在映射 [values.state] 中写明",
        "add it under [values.state] of the mapping",
    ),
    Reason.UNKNOWN_CHANNEL: Words(
        "渠道未在映射中说明",
        "the mapping does not say which channel this is",
        "在映射 [values.channel] 中写明",
        "add it under [values.channel] of the mapping",
    ),
    Reason.UNKNOWN_URGENCY: Words(
        "紧急程度未在映射中说明",
        "the mapping does not say how urgent this is",
        "在映射 [values.urgency] 中写明 normal 或 urgent",
        "add it under [values.urgency] of the mapping as normal or urgent",
    ),
    Reason.UNKNOWN_MATTER: Words(
        "类别目录中没有该事项", "the catalogue has no such matter", _LOOKUP_ZH, _LOOKUP_EN
    ),
    Reason.AMBIGUOUS_MATTER: Words(
        "有多个同名事项",
        "several matters have this name",
        "在映射中给出大类（matter_class）或改用编码",
        "name the class as well (matter_class), or use the code",
    ),
    Reason.UNKNOWN_DEPARTMENT: Words(
        "组织机构中没有该部门", "there is no such organisation", _LOOKUP_ZH, _LOOKUP_EN
    ),
    Reason.UNKNOWN_AREA: Words("没有该区域", "there is no such area", _LOOKUP_ZH, _LOOKUP_EN),
    Reason.DUPLICATE_ID: Words(
        "编号与本次导入的另一行相同",
        "another row of this import has the same number",
        "确认后删除其一或改编号",
        "remove one of the two, or give it another number",
    ),
}

NOTICES: dict[str, tuple[str, str]] = {
    Notice.DEFAULT_POINT: (
        "位于默认点，位置不可信，案件不带坐标",
        "at a default point: kept without trust, the case has no position",
    ),
    Notice.OUTSIDE_CITY: ("位置在本市之外", "the position is outside the city"),
    Notice.OUTSIDE_PERIOD: ("上报时间不在预期时段内", "reported outside the expected period"),
    Notice.FUTURE: ("上报时间在将来", "reported in the future"),
    Notice.ADDRESS_CUT: (
        "地址超过 500 字，已截断，原文在附加属性中",
        "address over 500 characters, cut; the whole is among the attributes",
    ),
    Notice.BAD_MEDIA_URL: (
        "图片链接不是网址，未保存",
        "the picture's link is no web address, left out",
    ),
    Notice.OPEN_WITH_CLOSING_TIME: (
        "未办结却有办结时间，按未办结处理",
        "open, yet with a closing time: kept as open",
    ),
    Notice.DUE_BEFORE_OPENED: ("期限早于上报时间", "due before it was opened"),
    Notice.UNKNOWN_MATTER: ("事项未知，留空", "the matter is unknown and left empty"),
    Notice.UNKNOWN_DEPARTMENT: ("部门未知，留空", "the department is unknown and left empty"),
    Notice.UNKNOWN_AREA: ("区域未知，留空", "the area is unknown and left empty"),
    "missing_external_id": (
        "缺少编号，以内容摘要代替",
        "the number is missing: a digest of the row stands for it",
    ),
    "missing_due_at": ("缺少期限", "the target time is missing"),
    "missing_area": ("缺少区域", "the area is missing"),
    "missing_position": ("缺少坐标", "the position is missing"),
    "missing_address": ("缺少地址", "the address is missing"),
    "missing_department": ("缺少部门", "the department is missing"),
    "missing_matter": ("缺少事项", "the matter is missing"),
    "missing_channel": ("缺少渠道", "the channel is missing"),
}
