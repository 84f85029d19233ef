"""The stream of reports lives: it has a rhythm, weather, neighbours, and people who err."""

from collections import Counter
from datetime import date, timedelta

import pytest

from chengyun.simulation.catalogue import matter_names
from chengyun.simulation.scenery import Scenery, scenery_of_folder
from chengyun.simulation.speech import grammar
from chengyun.simulation.stream import Said, Stream, volume
from chengyun.simulation.weather import weather_on
from tests.simulation.conftest import Folder

DAY = date(2026, 7, 14)


@pytest.fixture(scope="module")
def scenery(small_city: Folder) -> Scenery:
    return scenery_of_folder(small_city.path)


@pytest.fixture(scope="module")
def said(scenery: Scenery) -> list[Said]:
    return Stream(scenery, 1).day(DAY, 3000)


def test_the_same_seed_and_day_give_the_same_reports(scenery: Scenery, said: list[Said]) -> None:
    assert Stream(scenery, 1).day(DAY, 3000) == said
    assert Stream(scenery, 2).day(DAY, 3000) != said
    assert Stream(scenery, 1).day(date(2026, 7, 15), 3000) != said


def test_reports_come_in_order_within_the_day(said: list[Said]) -> None:
    assert len(said) == 3000
    assert [s.at for s in said] == sorted(s.at for s in said)
    assert {s.at.date() for s in said} == {DAY}
    assert len({s.external_id for s in said}) == len(said)


def test_more_is_reported_by_day_than_by_night(said: list[Said]) -> None:
    hours = Counter(s.at.hour for s in said)
    assert sum(hours[h] for h in range(8, 20)) > 4 * sum(hours[h] for h in (23, 0, 1, 2, 3, 4))


def test_texts_are_chinese_sentences_that_hardly_repeat(said: list[Said]) -> None:
    assert len({s.text for s in said}) > 0.97 * len(said)
    for s in said:
        chinese = sum("\u4e00" <= c <= "\u9fff" for c in s.text)
        assert chinese > 0.5 * len(s.text)
        assert "{" not in s.text


def test_many_matters_are_known_each_in_several_wordings() -> None:
    known = grammar()
    assert len(known) >= 60
    assert set(known) <= set(matter_names())
    assert all(len(set(phrases.say)) >= 2 for phrases in known.values())


def test_neighbours_report_the_same_problem_in_other_words(said: list[Said]) -> None:
    by_incident: dict[int, list[Said]] = {}
    for s in said:
        by_incident.setdefault(s.truth.incident, []).append(s)
    shared = [reports for reports in by_incident.values() if len(reports) > 1]
    assert len(shared) > 0.05 * len(by_incident)
    for reports in shared:
        assert len({s.text for s in reports}) == len(reports)
        assert len({s.truth.matter for s in reports}) == 1
        assert sum(s.truth.first for s in reports) <= 1


def test_some_reports_are_wrong_in_class_or_have_no_place_or_no_problem(said: list[Said]) -> None:
    named = [s for s in said if s.matter]
    assert 0 < sum(s.matter != s.truth.matter for s in named) < 0.15 * len(named)
    assert any(s.lon is None for s in said)
    assert 0 < sum(not s.truth.exists for s in said) < 0.15 * len(said)


def test_phones_belong_to_nobody_and_only_the_public_leaves_them(said: list[Said]) -> None:
    for s in said:
        assert not s.phone or (s.phone.startswith("154") and len(s.phone) == 11)
        assert s.channel in ("citizen", "hotline") or not s.phone


def test_rain_brings_drains_and_water(scenery: Scenery) -> None:
    days = [date(2026, 7, d) for d in range(1, 32)]
    wet = max(days, key=lambda d: weather_on(d, 1).rain)
    dry = min(days, key=lambda d: weather_on(d, 1).rain)
    stream = Stream(scenery, 1)
    watery = {"01004", "10082", "10085"}
    counts = [sum(s.truth.matter in watery for s in stream.day(day, 2000)) for day in (wet, dry)]
    assert counts[0] > 2 * counts[1]


def test_snow_is_reported_in_winter_only(scenery: Scenery) -> None:
    summer = Stream(scenery, 1).day(DAY, 3000)
    winter = [date(2025, 12, 1) + timedelta(days=n) for n in range(90)]
    snowy = max(winter, key=lambda day: weather_on(day, 1).snow)
    assert weather_on(snowy, 1).snow > 1
    assert weather_on(DAY, 1).snow == 0
    assert sum(s.truth.matter == "10001" for s in summer) < 15
    assert sum(s.truth.matter == "10001" for s in Stream(scenery, 1).day(snowy, 3000)) > 60


def test_the_volume_follows_week_and_season() -> None:
    mondays = [volume(date(2026, m, 1 + (7 - date(2026, m, 1).weekday()) % 7), 16000, 1)
               for m in (1, 7)]  # fmt: skip
    assert mondays[1] > 1.2 * mondays[0]
    week = [volume(date(2026, 4, 13 + n), 16000, 1) for n in range(7)]
    assert week[0] > week[6]
