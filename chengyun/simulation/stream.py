"""What a city reports in a day: incidents, and who says what about them, when and how rightly."""

import bisect
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from chengyun.simulation.cutting import METRES_PER_DEGREE, SHRINK
from chengyun.simulation.people import full_name
from chengyun.simulation.scale import chance
from chengyun.simulation.scenery import Scenery, Spot
from chengyun.simulation.speech import Phrases, grammar, sentence
from chengyun.simulation.weather import Weather, weather_on

ZONE = ZoneInfo("Asia/Shanghai")

# Reports per hour of the day, relative.
_HOURS: dict[str, tuple[float, ...]] = {
    "day": (1, 1, 1, 1, 1, 2, 4, 8, 12, 13, 12, 9, 6, 7, 11, 12, 11, 9, 7, 5, 4, 3, 2, 1),
    "morning": (1, 1, 1, 1, 2, 5, 10, 14, 14, 11, 9, 6, 4, 4, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1),
    "rush": (1, 1, 1, 1, 1, 2, 6, 14, 13, 8, 6, 6, 5, 5, 6, 8, 11, 15, 13, 8, 5, 3, 2, 1),
    "meal": (1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 8, 13, 12, 7, 4, 4, 6, 11, 14, 13, 9, 6, 3, 2),
    "evening": (2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 3, 3, 3, 3, 3, 3, 4, 7, 12, 15, 15, 11, 7, 4),
    "night": (9, 7, 5, 4, 3, 3, 4, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 4, 6, 9, 12, 14, 15, 13),
}
# Monday to Sunday: people find time to report on Mondays, desks are thinner at weekends.
_WEEK = (1.12, 1.06, 1.03, 1.02, 1.04, 0.9, 0.83)
_YEAR = (0.82, 0.78, 0.95, 1.0, 1.05, 1.12, 1.2, 1.18, 1.08, 1.0, 0.95, 0.87)
_CHANNELS = {
    "collector": 0.66, "hotline": 0.17, "citizen": 0.145, "superior": 0.015, "media": 0.005,
    "leader": 0.005,
}  # fmt: skip
_VIDEO, _ALARM = 0.3, 0.35
_HOT_SPOTS = 40
_HOT_SHARE = 0.3


@dataclass(frozen=True)
class Truth:
    """What really is the case; the platform never sees it, the simulated people act on it."""

    incident: int
    matter: str
    exists: bool
    community: str
    first: bool
    lon: float
    lat: float


@dataclass(frozen=True)
class Said:
    """One report as it comes in. `matter` and the position are what the reporter claims."""

    at: datetime
    channel: str
    text: str
    address: str
    matter: str | None
    lon: float | None
    lat: float | None
    component: str
    name: str
    phone: str
    external_id: str
    truth: Truth


@dataclass(frozen=True)
class _Incident:
    number: int
    at: datetime
    matter: str
    spot: Spot
    lon: float
    lat: float
    component: str
    exists: bool


def volume(day: date, average: int, seed: int) -> int:
    """How many reports come on a day when `average` come on a mean day."""
    weather = weather_on(day, seed)
    bad = 1.0 + min(weather.rain, 60) / 120 + (0.5 if weather.snow > 1 else 0)
    noise = chance(seed, "volume", day).gauss(1.0, 0.04)
    return round(average * _WEEK[day.weekday()] * _YEAR[day.month - 1] * bad * noise)


class Stream:
    """The reports of a city's days. The same seed, day and count give the same reports."""

    def __init__(self, scenery: Scenery, seed: int) -> None:
        self.scenery = scenery
        self.seed = seed

    def day(self, day: date, count: int) -> list[Said]:
        """Exactly `count` reports of a day, in the order they come in."""
        dice = chance(self.seed, "stream", day)
        weather = weather_on(day, self.seed)
        matters, sums = self._odds(day, weather)
        said: list[Said] = []
        number = 0
        while len(said) < count:
            number += 1
            matter = matters[bisect.bisect(sums, dice.random() * sums[-1])]
            incident = self._incident(number, day, matter, weather, dice)
            said += self._reports(incident, dice)
        end = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
        said = sorted((s for s in said[:count]), key=lambda s: (s.at, s.external_id))
        return [s if s.at < end else _at(s, end - timedelta(seconds=1)) for s in said]

    def _odds(self, day: date, weather: Weather) -> tuple[list[str], list[float]]:
        """Matters and running sums of how likely each is on this day."""
        known = grammar()
        weights = [
            p.weight
            * weather.pressure(p.weather)
            * (1.0 if not p.months or day.month in p.months else 0.05)
            for p in known.values()
        ]
        return list(known), list(accumulate(weights))

    def _incident(
        self, number: int, day: date, matter: str, weather: Weather, dice: random.Random
    ) -> _Incident:
        phrases = grammar()[matter]
        at = _moment(day, phrases, weather, dice)
        things = self.scenery.things.get(matter)
        if things and dice.random() < 0.6:
            thing = dice.choice(things)
            near = self.scenery.by_community.get(thing.community)
            spot = self.scenery.spots[dice.choice(near)] if near else self._spot(matter, dice)
            lon, lat, component = thing.lon, thing.lat, thing.code
        else:
            spot = self._spot(matter, dice)
            lon, lat, component = spot.lon, spot.lat, ""
        exists = dice.random() > 0.05
        return _Incident(number, at, matter, spot, lon, lat, component, exists)

    def _spot(self, matter: str, dice: random.Random) -> Spot:
        """A hot spot of the matter, which stays hot for ever, or anywhere people live."""
        if dice.random() < _HOT_SHARE:
            rank = int(dice.random() ** 2 * _HOT_SPOTS)
            return self._anywhere(matter, chance(self.seed, "hot", matter, rank))
        return self._anywhere(matter, dice)

    def _anywhere(self, matter: str, dice: random.Random) -> Spot:
        scenery = self.scenery
        if grammar()[matter].urban and scenery.urban:
            return scenery.spots[dice.choice(scenery.urban)]
        draw = dice.random() * scenery.cumulative[-1]
        return scenery.spots[bisect.bisect(scenery.cumulative, draw)]

    def _reports(self, incident: _Incident, dice: random.Random) -> Iterator[Said]:
        """Everybody who reports an incident: mostly one, sometimes a street full of neighbours."""
        phrases = grammar()[incident.matter]
        people = 1
        if dice.random() < 0.1:
            people += min(int(dice.paretovariate(1.3)), 6)
        at = incident.at
        for n in range(people):
            channel = _channel(phrases, at, first=n == 0, dice=dice)
            yield self._said(incident, n, at, channel, dice)
            at += timedelta(minutes=dice.expovariate(1 / 55))

    def _said(
        self, incident: _Incident, n: int, at: datetime, channel: str, dice: random.Random
    ) -> Said:
        spot, public = incident.spot, channel in ("citizen", "hotline")
        lon, lat = _shifted(incident.lon, incident.lat, 12.0 if public else 4.0, dice)
        if public and dice.random() < 0.03:
            lon, lat = _shifted(lon, lat, 500.0, dice)
        unplaced = channel == "hotline" and dice.random() < 0.15
        name = phone = ""
        if public and dice.random() < 0.85:
            # 154 is not given to anybody's mobile phone.
            name, phone = full_name(dice), f"154{dice.randrange(10**8):08d}"
        knows_component = channel in ("collector", "alarm")
        return Said(
            at=at,
            channel=channel,
            text=sentence(incident.matter, channel, spot, dice),
            address=f"{spot.district}{spot.street}{spot.tail}",
            matter=_claimed(incident.matter, channel, dice),
            lon=None if unplaced else lon,
            lat=None if unplaced else lat,
            component=incident.component if knows_component else "",
            name=name,
            phone=phone,
            external_id=f"{incident.at:%Y%m%d}-{incident.number}-{n}",
            truth=Truth(
                incident.number,
                incident.matter,
                incident.exists,
                spot.community,
                n == 0,
                incident.lon,
                incident.lat,
            ),
        )


def _at(said: Said, moment: datetime) -> Said:
    return Said(**{**vars(said), "at": moment})


def _moment(day: date, phrases: Phrases, weather: Weather, dice: random.Random) -> datetime:
    hours = _HOURS[phrases.hours]
    if phrases.weather in ("rain", "snow", "wind") and weather.pressure(phrases.weather) > 2:
        # A burst: most come in the hours after it began.
        hours = tuple(
            h * (5.0 * math.exp(-(i - weather.onset) / 4) + 0.5 if i >= weather.onset else 0.3)
            for i, h in enumerate(hours)
        )
    sums = list(accumulate(hours))
    hour = bisect.bisect(sums, dice.random() * sums[-1])
    start = datetime.combine(day, datetime.min.time(), ZONE)
    return start + timedelta(hours=min(hour, 23), seconds=dice.randrange(3600))


def _channel(phrases: Phrases, at: datetime, *, first: bool, dice: random.Random) -> str:
    if first and phrases.video and dice.random() < _VIDEO:
        return "video"
    if first and phrases.alarm and dice.random() < _ALARM:
        return "alarm"
    channels = dict(_CHANNELS)
    if not first or not 7 <= at.hour < 19:
        del channels["collector"]
    return dice.choices(list(channels), list(channels.values()))[0]


def _claimed(matter: str, channel: str, dice: random.Random) -> str | None:
    """The class the report names: operators leave it open, citizens often take a wrong one."""
    if channel in ("video", "alarm"):
        return matter
    unnamed, wrong = {"citizen": (0.4, 0.1), "collector": (0.0, 0.03)}.get(channel, (0.6, 0.06))
    draw = dice.random()
    if draw < unnamed:
        return None
    if draw > 1 - wrong:
        likely = [other for other in grammar() if other[:2] == matter[:2] and other != matter]
        return dice.choice(likely) if likely else matter
    return matter


def _shifted(lon: float, lat: float, metres: float, dice: random.Random) -> tuple[float, float]:
    east, north = dice.gauss(0, metres), dice.gauss(0, metres)
    return (
        round(lon + east / METRES_PER_DEGREE / SHRINK, 7),
        round(lat + north / METRES_PER_DEGREE, 7),
    )
