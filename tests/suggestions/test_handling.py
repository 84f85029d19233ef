"""Who handled such cases, and how: departments and similar closed cases."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chengyun.city.models import Area, Matter
from chengyun.core.access import Clause, Scope
from chengyun.core.models import Organisation, Role
from chengyun.governance.models import Case, CaseRecord, Responsibility
from chengyun.governance.queries import visible_cases
from chengyun.governance.suggestions import Subject
from chengyun.governance.suggestions.departments import suggest_departments
from chengyun.governance.suggestions.similar import find_similar

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_edition")]
MakeCase = Callable[..., Case]
FindMatter = Callable[[str], Matter]
Departments = dict[str, Organisation]


@pytest.fixture
def lamp_case(make_case: MakeCase, matter: FindMatter, areas: dict[str, Area]) -> Case:
    return make_case("香港中路路灯不亮，整条街漆黑", matter=matter("路灯不亮"))


def handled_by(make_case: MakeCase, matter: Matter, who: Organisation, count: int, **given: object):  # type: ignore[no-untyped-def]
    for at in range(count):
        make_case(f"第{at}号灯坏", matter=matter, department=who, state="closed", **given)


def test_the_most_specific_responsibility_comes_first(
    lamp_case: Case, matter: FindMatter, departments: Departments
) -> None:
    lamp = matter("路灯不亮")
    for token, area, who in [
        ("", "", "CLEAN"), (lamp.class_token, "", "WATER"), (lamp.token, "370202", "LAMP"),
        (lamp.token, "370203", "CLEAN"),
    ]:  # fmt: skip
        Responsibility.objects.create(
            matter_token=token, area_code=area, organisation=departments[who]
        )
    [best] = suggest_departments(Case.objects.all(), Subject.of_case(lamp_case))
    assert (best.code, best.source, best.confidence) == ("LAMP", "responsibility", 0.9)
    assert "权责清单" in best.reason_zh


def test_history_speaks_with_its_share(
    lamp_case: Case, make_case: MakeCase, matter: FindMatter, departments: Departments
) -> None:
    lamp = matter("路灯不亮")
    handled_by(make_case, lamp, departments["LAMP"], 6)
    handled_by(make_case, lamp, departments["WATER"], 2)
    handled_by(make_case, lamp, departments["CLEAN"], 9, wrong_dispatch_count=1)
    handled_by(make_case, lamp, departments["CLEAN"], 9, district_code="370203")
    handled_by(make_case, matter("暴露垃圾"), departments["CLEAN"], 9)
    first, second = suggest_departments(Case.objects.all(), Subject.of_case(lamp_case))
    assert (first.code, first.confidence) == ("LAMP", 0.6)
    assert (second.code, second.confidence) == ("WATER", 0.2)
    assert "8 件" in first.reason_zh
    assert "6 件" in first.reason_zh


def test_a_rule_that_history_contradicts_is_believed_less(
    lamp_case: Case, make_case: MakeCase, matter: FindMatter, departments: Departments
) -> None:
    Responsibility.objects.create(organisation=departments["WATER"])
    handled_by(make_case, matter("路灯不亮"), departments["LAMP"], 20)
    rule, habit = suggest_departments(Case.objects.all(), Subject.of_case(lamp_case))
    assert (rule.code, rule.source, rule.confidence) == ("WATER", "responsibility", 0.3)
    assert habit.code == "LAMP"
    assert habit.confidence > rule.confidence


def test_without_a_matter_no_department_is_named(make_case: MakeCase) -> None:
    assert suggest_departments(Case.objects.all(), Subject.of_case(make_case("不知何事"))) == []


def test_similar_cases_tell_how_they_were_handled(
    lamp_case: Case, make_case: MakeCase, matter: FindMatter, departments: Departments
) -> None:
    like = make_case(
        "香港中路整条街路灯不亮", matter=matter("路灯不亮"), state="closed", solved=True,
        department=departments["LAMP"], dispatched_at=NOW, handled_at=NOW + timedelta(hours=5),
    )  # fmt: skip
    for seq, operation, opinion in [(1, "dispatch", "请处理"), (2, "finish", "已更换灯泡")]:
        CaseRecord.objects.create(
            case=like, seq=seq, operation=operation, to_state="handling", at=NOW,
            actor_label="x", opinion=opinion,
        )  # fmt: skip
    make_case("整条街路灯不亮", matter=matter("路灯不亮"))  # open: nothing to learn from
    make_case("垃圾成堆", matter=matter("暴露垃圾"), state="closed")
    [found] = find_similar(Case.objects.all(), Subject.of_case(lamp_case))
    assert found.case_id == like.pk
    assert (found.department_zh, found.used_hours) == ("路灯管理处", 5.0)
    assert (found.result, found.solved) == ("已更换灯泡", True)
    assert found.reason_zh.startswith("同小类、文本相似 0.")


def test_similar_cases_of_another_class_are_found_by_their_words(
    make_case: MakeCase, matter: FindMatter
) -> None:
    like = make_case("浮山后幼儿园门口电缆垂落", matter=matter("道路积水"), state="closed")
    make_case("浮山后垃圾成堆", matter=matter("暴露垃圾"), state="closed")
    asked = make_case("幼儿园旁边的电缆垂落很危险")
    assert [one.case_id for one in find_similar(Case.objects.all(), Subject.of_case(asked))] == [
        like.pk
    ]


def test_similar_cases_are_those_the_asker_may_see(
    lamp_case: Case, make_case: MakeCase, matter: FindMatter
) -> None:
    make_case("香港中路路灯不亮", matter=matter("路灯不亮"), state="closed", scope_areas=["370203"])
    scope = Scope(1, (Clause(frozenset({Role.ACCEPTOR}), area="370202"),))
    assert find_similar(visible_cases(scope), Subject.of_case(lamp_case)) == []


@pytest.mark.parametrize(
    "text", ["", "。。。", "🙂🙂", "'); DROP TABLE x;--", "%%__\\", "a" * 9000]
)
def test_hostile_texts_find_nothing_and_break_nothing(make_case: MakeCase, text: str) -> None:
    make_case("普通案件", state="closed")
    assert find_similar(Case.objects.all(), Subject.of_words(text)) == []
