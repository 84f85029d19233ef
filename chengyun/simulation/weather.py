"""The weather of a simulated day: drawn from what the months in Qingdao are like."""

import math
from dataclasses import dataclass
from datetime import date

from chengyun.simulation.scale import chance

# Per month: mean high and low in °C, share of days with rain or snow, mean mm of such a day.
_CLIMATE = (
    (3, -3, 0.14, 4), (5, -1, 0.15, 5), (10, 4, 0.17, 7), (16, 9, 0.2, 10),
    (21, 15, 0.24, 13), (25, 19, 0.28, 18), (28, 23, 0.4, 24), (29, 24, 0.34, 26),
    (26, 20, 0.25, 18), (20, 14, 0.18, 12), (13, 7, 0.18, 9), (6, 0, 0.15, 5),
)  # fmt: skip


@dataclass(frozen=True)
class Weather:
    """One day. `rain` in mm, `snow` in cm, `wind` on the Beaufort scale, temperatures in °C;
    `onset` is the hour at which rain, snow or wind begins."""

    high: float
    low: float
    rain: float
    snow: float
    wind: int
    onset: int

    def in_words(self) -> str:
        """What a duty log would say."""
        sky = "晴到多云"
        if self.snow:
            sky = f"有雪，积雪 {self.snow:.0f} 厘米"
        elif self.rain >= 25:
            sky = f"大雨，雨量 {self.rain:.0f} 毫米"
        elif self.rain:
            sky = f"有雨，雨量 {self.rain:.0f} 毫米"
        return f"{sky}，{self.low:.0f}～{self.high:.0f}℃，风力 {self.wind} 级"

    def pressure(self, kind: str) -> float:
        """How many times more often a matter sensitive to `kind` comes up on this day."""
        if kind == "rain":
            return 1.0 + min(self.rain, 80.0) / 8.0
        if kind == "wind":
            return 1.0 + math.pow(max(0, self.wind - 5), 1.5)
        if kind == "snow":
            return 1.0 + 25.0 * min(self.snow, 8.0) + (4.0 if self.low < -4 else 0.0)
        if kind == "heat":
            return 1.0 + max(0.0, self.high - 26.0) / 5.0
        if kind == "cold":
            return 1.0 + max(0.0, 2.0 - self.low) / 3.0
        return 1.0


def weather_on(day: date, seed: int) -> Weather:
    """The weather of a day; the same for the same seed. Wet spells last: a day leans on the day
    before."""
    dice, before = chance(seed, "weather", day), chance(seed, "weather", day.toordinal() // 3)
    # Between mid-months the climate moves evenly.
    place = day.month - 1 + (day.day - 15) / 30.0
    first, share = math.floor(place), place - math.floor(place)
    high, low, wet, amount = (
        a * (1 - share) + b * share
        for a, b in zip(_CLIMATE[first % 12], _CLIMATE[(first + 1) % 12], strict=True)
    )
    shift = dice.gauss(0, 1.5) + before.gauss(0, 2.0)
    rainy = dice.random() * 0.6 + before.random() * 0.4 < wet * 0.95
    rain = dice.expovariate(1 / amount) if rainy else 0.0
    wind = min(9, max(2, round(dice.gauss(3.6, 1.1) + (1 if rain > 20 else 0))))
    snow = 0.0
    if rain and low + shift < 0:
        snow, rain = rain * 0.7, 0.0
    return Weather(high + shift, low + shift, rain, snow, wind, dice.randrange(0, 18))
