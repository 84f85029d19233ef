"""How people and machines say it: Chinese sentences from a grammar of phrases per matter."""

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chengyun.simulation.catalogue import matter_names
from chengyun.simulation.components import compound, shop
from chengyun.simulation.scenery import Spot
from chengyun.simulation.words import words

# What hurried thumbs write instead.
_TYPOS = (
    ("垃圾", "拉圾"), ("井盖", "景盖"), ("已经", "以经"), ("没人", "没入"), ("停车", "挺车"),
    ("路灯", "路登"), ("好几", "好己"), ("在", "再"), ("的", "得"), ("污水", "污睡"),
    ("什么", "神马"), ("厉害", "利害"), ("天天", "夭天"), ("处理", "处里"),
)  # fmt: skip
_DEVICES = {
    "01002": "智能井盖位移", "01003": "智能井盖位移", "02014": "信号机离线",
    "06026": "水质在线监测超标", "08004": "工地扬尘PM10超标", "10080": "供水管网压力突降",
    "10081": "燃气浓度超限", "10083": "供热管网流量异常", "10085": "积水液位超警戒",
}  # fmt: skip
_RELAYED = {
    "superior": ("省级平台转办：", "市级平台交办："),
    "media": ("本地电视台民生栏目播出：", "网友发帖反映："),
    "leader": ("领导调研时指出：",),
}


@dataclass(frozen=True)
class Phrases:
    """The grammar of one matter, and when it comes up."""

    say: tuple[str, ...]
    weight: float
    hours: str
    weather: str
    months: tuple[int, ...]
    urban: bool
    video: bool
    alarm: bool


@cache
def grammar() -> dict[str, Phrases]:
    """Phrases of every matter that the stream knows, by class and subclass code."""
    text = (files("chengyun.simulation") / "words" / "reports.toml").read_text(encoding="utf-8")
    return {
        matter: Phrases(
            tuple(entry["say"]),
            float(entry["weight"]),
            entry.get("hours", "day"),
            entry.get("weather", ""),
            tuple(entry.get("months", ())),
            entry.get("ground") == "urban",
            bool(entry.get("video")),
            bool(entry.get("alarm")),
        )
        for matter, entry in tomllib.loads(text).items()
    }


def where(spot: Spot, dice: random.Random) -> str:
    """A place as people name it: rarely the whole address."""
    near = dice.choice(words("speech", "near"))
    draw = dice.random()
    if draw < 0.2:
        return f"{spot.district}{spot.street}{spot.tail}{near}"
    if draw < 0.45:
        return f"{spot.district}{spot.tail}{near}"
    if draw < 0.8:
        return f"{spot.tail}{near}"
    if draw < 0.9 and spot.built_up:
        return f"{spot.tail}{compound(dice)}{near}"
    road = re.match(r"(\D+)\d", spot.tail)
    return f"{spot.street}{road.group(1)}" if road else f"{spot.street}{spot.tail}"


def sentence(matter: str, channel: str, spot: Spot, dice: random.Random) -> str:
    """One report's text about a matter at a spot, in the voice of the channel."""
    place = where(spot, dice)
    name = matter_names()[matter]
    if channel == "video":
        sure = dice.uniform(0.71, 0.99)
        return f"AI视频巡查识别：{place}疑似{name}，置信度{sure:.2f}，请人工复核。"
    if channel == "alarm":
        device = _DEVICES.get(matter, name)
        serial = f"{matter}{dice.randrange(100_000):05d}"
        return f"{device}告警，位置：{place}，设备编号{serial}，请立即现场核查。"
    phrase = _filled(dice.choice(grammar()[matter].say), dice)
    if channel == "collector":
        return _collected(place, phrase, name, dice)
    if channel == "hotline":
        opening = dice.choice(words("speech", "open_hotline"))
        return f"{opening}{place}{phrase}，{dice.choice(words('speech', 'ask_hotline'))}"
    if channel in _RELAYED:
        return f"{dice.choice(_RELAYED[channel])}{place}{phrase}，请核实处理并反馈。"
    return _typed(_spoken(place, phrase, dice), dice)


def _spoken(place: str, phrase: str, dice: random.Random) -> str:
    opening = dice.choice(words("speech", "open_app")) if dice.random() < 0.3 else ""
    time = dice.choice(words("speech", "times")) if dice.random() < 0.25 else ""
    ask = dice.choice(words("speech", "ask_app")) if dice.random() < 0.6 else ""
    end = dice.choice(("。", "。", "！", "，"))
    if dice.random() < 0.25:
        return f"{opening}{phrase}，就在{place}。{ask}"
    body = f"{time}{place}{phrase}" if dice.random() < 0.5 else f"{place}，{time}{phrase}"
    return f"{opening}{body}{end}{ask}".removesuffix("，")


def _collected(place: str, phrase: str, name: str, dice: random.Random) -> str:
    found = dice.choice(words("speech", "found"))
    ask = dice.choice(words("speech", "ask_collector"))
    if dice.random() < 0.3:
        return f"{found}{place}有{name}问题，{phrase}，{ask}"
    return f"{found}{place}{phrase}，{ask}"


def _filled(phrase: str, dice: random.Random) -> str:
    return phrase.format_map(_Slots(dice))


class _Slots(dict[str, str]):
    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice

    def __missing__(self, slot: str) -> str:
        if slot == "n":
            return str(self.dice.randrange(2, 9))
        if slot == "shop":
            return shop(self.dice)
        if slot == "compound":
            return compound(self.dice)
        return self.dice.choice(words("speech", slot))


def _typed(text: str, dice: random.Random) -> str:
    if dice.random() < 0.07:
        usable = [(right, wrong) for right, wrong in _TYPOS if right in text]
        if usable:
            text = text.replace(*dice.choice(usable), 1)
    return text
