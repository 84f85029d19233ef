"""Duplicates: near in place and time, alike in class and words; never what one may not see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pyproj import Geod

from chengyun.city.models import Matter
from chengyun.core.access import Clause, Scope
from chengyun.core.models import Role
from chengyun.governance.models import Case
from chengyun.governance.queries import visible_cases
from chengyun.governance.suggestions import Subject
from chengyun.governance.suggestions.duplicates import DuplicateSuggestion, find_duplicates

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_edition")]
MakeCase = Callable[..., Case]
FindMatter = Callable[[str], Matter]
HERE = (120.3826, 36.0671)
GEODESY = Geod(a=6378137, rf=298.257222101)


def away(metres: float, azimuth: float = 60.0) -> tuple[float, float]:
    lon, lat, _ = GEODESY.fwd(*HERE, azimuth, metres)
    return lon, lat


def ask(
    text: str = "中山路路灯不亮", matter: Matter | None = None, cases: object = None
) -> list[DuplicateSuggestion]:
    subject = Subject(
        text=text, at=NOW, lon=HERE[0], lat=HERE[1], matter_id=matter.pk if matter else None
    )
    return find_duplicates(Case.objects.all() if cases is None else cases, subject)  # type: ignore[arg-type]


def test_the_reason_says_what_is_alike(make_case: MakeCase, matter: FindMatter) -> None:
    lamp = matter("路灯不亮")
    make_case("中山路路灯不亮了", at=away(23), matter=lamp)
    [found] = ask(matter=lamp)
    assert found.distance_m == pytest.approx(23, abs=0.1)
    assert found.reason_zh.startswith("同小类、相距 23 m、2 小时前、文本相似 0.")
    assert found.reason_en.startswith("same subclass, 23 m away, 2 h before, text similarity 0.")
    assert found.text_similarity > 0.8


@pytest.mark.parametrize("azimuth", [0, 45, 90, 180, 270, 317])
def test_the_radius_is_exact_in_every_direction(
    make_case: MakeCase, matter: FindMatter, azimuth: float
) -> None:
    lamp = matter("路灯不亮")
    inside = make_case(at=away(99.9, azimuth), matter=lamp)
    make_case(at=away(100.1, azimuth), matter=lamp)
    assert [one.case_id for one in ask(matter=lamp)] == [inside.pk]


def test_components_stand_still(make_case: MakeCase, matter: FindMatter) -> None:
    lamp = matter("路灯不亮")
    Matter.objects.filter(pk=lamp.pk).update(kind="component")
    from chengyun.city.queries import forget_catalogue

    forget_catalogue()
    near = make_case(at=away(49.9), matter=lamp)
    make_case(at=away(50.1), matter=lamp)
    assert [one.case_id for one in ask(matter=lamp)] == [near.pk]


@pytest.mark.parametrize(("hours", "seen"), [(71.9, True), (72.1, False)])
def test_the_time_is_limited(
    make_case: MakeCase, matter: FindMatter, hours: float, seen: bool
) -> None:
    lamp = matter("路灯不亮")
    make_case(at=away(5), matter=lamp, reported_at=NOW - timedelta(hours=hours))
    assert bool(ask(matter=lamp)) is seen


def test_states(make_case: MakeCase, matter: FindMatter) -> None:
    lamp = matter("路灯不亮")
    closed = make_case(at=away(5), matter=lamp, state="closed")
    make_case(at=away(5), matter=lamp, state="voided")
    make_case(at=away(5), matter=lamp, state="merged", merged_into=closed)
    [found] = ask(matter=lamp)
    assert found.case_id == closed.pk
    assert "已结案" in found.reason_zh


def test_another_class_needs_nearly_the_same_words(make_case: MakeCase, matter: FindMatter) -> None:
    same_words = make_case("中山路路灯不亮", at=away(10), matter=matter("暴露垃圾"))
    make_case("中山路垃圾成堆", at=away(10), matter=matter("暴露垃圾"))
    assert [one.case_id for one in ask(matter=matter("路灯不亮"))] == [same_words.pk]


def test_without_a_class_the_words_decide(make_case: MakeCase) -> None:
    alike = make_case("中山路的路灯都不亮", at=away(30))
    make_case("小区有人养鸡", at=away(1))
    assert [one.case_id for one in ask()] == [alike.pk]


def test_nearer_newer_and_more_alike_comes_first(make_case: MakeCase, matter: FindMatter) -> None:
    lamp = matter("路灯不亮")
    far = make_case("一盏灯坏", at=away(90), matter=lamp, reported_at=NOW - timedelta(hours=60))
    near = make_case("中山路路灯不亮", at=away(3), matter=lamp)
    assert [one.case_id for one in ask(matter=lamp)] == [near.pk, far.pk]


def test_a_case_is_not_its_own_duplicate_and_needs_a_place(
    make_case: MakeCase, matter: FindMatter
) -> None:
    case = make_case(at=HERE, matter=matter("路灯不亮"))
    assert find_duplicates(Case.objects.all(), Subject.of_case(case)) == []
    nowhere = make_case("没有位置")
    assert find_duplicates(Case.objects.all(), Subject.of_case(nowhere)) == []


def test_only_cases_that_the_asker_may_see(make_case: MakeCase, matter: FindMatter) -> None:
    lamp = matter("路灯不亮")
    mine = make_case(at=away(9), matter=lamp)
    make_case(at=away(1), matter=lamp, scope_areas=["3702", "370203"])
    scope = Scope(1, (Clause(frozenset({Role.ACCEPTOR}), area="370202"),))
    assert [one.case_id for one in ask(matter=lamp, cases=visible_cases(scope))] == [mine.pk]
    assert ask(matter=lamp, cases=visible_cases(Scope())) == []


def test_one_statement_on_the_index_of_place_and_time(
    make_case: MakeCase, matter: FindMatter
) -> None:
    for at in range(300):
        make_case(at=away(40 + at * 7, at * 11), matter=matter("路灯不亮"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE governance_case")
    ask()
    with CaptureQueriesContext(connection) as sent:
        ask()
    assert len(sent) == 1
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sent[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "governance_case_place_time" in plan, plan
