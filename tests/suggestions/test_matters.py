"""Which matter a text speaks of, from the words of the catalogue."""

from collections.abc import Callable

import pytest
from django.test.utils import CaptureQueriesContext

from chengyun.city.models import Edition, Matter
from chengyun.city.queries import forget_catalogue
from chengyun.governance.suggestions import matters_for_report, suggest_matters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_edition")]
FindMatter = Callable[[str], Matter]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("三号楼前面的下水道井盖被压坏了", "污水井盖异常"),
        ("晚上路灯不亮，老人容易摔跤", "路灯不亮"),
        ("学校门口天天有流动摊贩", "无照经营游商"),
        ("一下雨路面积水就很深", "道路积水"),
        ("楼下垃圾堆了三天没有人管", "暴露垃圾"),
        ("There is a street lamp out near the school", "路灯不亮"),
    ],
)
def test_names_and_aliases_are_recognised(matter: FindMatter, text: str, name: str) -> None:
    best = suggest_matters(text)[0]
    assert best.matter_id == matter(name).pk
    assert best.token == matter(name).token
    assert best.source == "catalogue"


def test_the_longest_name_wins(matter: FindMatter) -> None:
    Matter.objects.filter(pk=matter("供水井盖异常").pk).update(aliases=["水井盖"])
    Matter.objects.filter(pk=matter("污水井盖异常").pk).update(aliases=["污水井盖"])
    forget_catalogue()
    assert suggest_matters("污水井盖翘起来了")[0].matter_id == matter("污水井盖异常").pk


def test_the_reason_names_the_words_and_confidence_falls_with_doubt() -> None:
    sure = suggest_matters("路灯故障")[0]
    assert "路灯故障" in sure.reason_zh
    assert "路灯故障" in sure.reason_en
    doubtful = suggest_matters("井盖坏了")
    assert len(doubtful) == 2, "two kinds of covers are possible"
    assert all("井盖" in one.reason_zh for one in doubtful)
    assert all(one.confidence < 0.5 < sure.confidence < 1 for one in doubtful)


@pytest.mark.parametrize("text", ["", "   ", "。。。", "🙂", "今天天气很好", "\x00", "a" * 100_000])
def test_what_says_nothing_suggests_nothing(text: str) -> None:
    assert suggest_matters(text) == []


def test_a_withdrawn_matter_is_not_suggested(matter: FindMatter) -> None:
    Matter.objects.filter(pk=matter("路灯不亮").pk).update(active=False)
    forget_catalogue()
    assert suggest_matters("路灯不亮") == []


def test_no_statement_is_sent_once_the_caches_are_warm(
    django_assert_num_queries: Callable[[int], CaptureQueriesContext],
) -> None:
    suggest_matters("路灯不亮")
    with django_assert_num_queries(0):
        assert suggest_matters("路灯不亮")


def test_before_a_city_is_loaded_nothing_is_suggested() -> None:
    Matter.objects.all().delete()
    Edition.objects.all().delete()
    forget_catalogue()
    assert matters_for_report("路灯不亮") == {"matters": []}


def test_what_is_kept_with_a_report_can_be_stored_as_json(matter: FindMatter) -> None:
    kept = matters_for_report("路灯不亮")["matters"][0]
    assert kept["token"] == matter("路灯不亮").token
    assert set(kept) == {
        "matter_id", "token", "confidence", "reason_zh", "reason_en", "source",
    }  # fmt: skip
