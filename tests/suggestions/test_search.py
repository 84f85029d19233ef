"""Searching cases by Chinese text: every answer a person would expect, always by index."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengyun.city.find.text import fold
from chengyun.core.problems import Invalid
from chengyun.governance.models import Case, Report
from chengyun.governance.search import search_cases

from .conftest import NOW

MakeCase = Callable[..., Case]
pytestmark = pytest.mark.django_db


def found(text: str) -> set[int]:
    return set(search_cases(Case.objects.all(), text).values_list("id", flat=True))


@pytest.mark.parametrize(
    "query",
    [
        "井盖", "井", "路灯 井盖", "井盖、香港中路", "12号", "１２号", "12", "2号楼", "LED",
        "led灯", "ed", "(破损)", "破损）", "100%", "🙂", "漏水🙂", "香港中路",
    ],
)  # fmt: skip
def test_finds_words_of_description_and_address(make_case: MakeCase, query: str) -> None:
    wanted = make_case("路灯旁的井盖（破损），LED灯100%不亮，漏水🙂", address="香港中路12号楼前")
    make_case("小区内噪音扰民", address="延安三路9号")
    assert found(query) == {wanted.id}


def test_every_word_must_be_there_but_in_any_order(make_case: MakeCase) -> None:
    both = make_case("中山路井盖丢失")
    make_case("中山路路灯不亮")
    assert found("井盖 中山路") == {both.id}
    assert found("井盖中山路") == set()


def test_two_characters_that_are_not_neighbours_do_not_match(make_case: MakeCase) -> None:
    make_case("井里没有盖子", address="盖井路")
    assert found("井盖") == set()


@pytest.mark.parametrize("query", ["%", "_", "\\", "%%", "!?", "--", "' OR 1=1", "';--", "$$"])
def test_signs_have_no_power(make_case: MakeCase, query: str) -> None:
    make_case("普通文字")
    assert found(query) == set()


def test_signs_are_looked_for_as_they_stand(make_case: MakeCase) -> None:
    wanted = make_case("打折50%_off\\促销")
    make_case("打折50元 off 促销")
    assert found("50%_off\\促销") == {wanted.id}


def test_blank_text_filters_nothing(make_case: MakeCase) -> None:
    one = make_case("任意")
    assert found("") == found(" \n\t　") == {one.id}


def test_long_queries(make_case: MakeCase) -> None:
    long_text = "".join(chr(0x4E00 + i * 7) for i in range(180))
    wanted = make_case(f"开头{long_text}结尾")
    make_case(long_text[:-1] + "异")
    assert found(long_text) == {wanted.id}
    for refused in ["井" * 201, " ".join("甲乙丙丁戊己庚辛壬癸子丑寅")]:
        with pytest.raises(Invalid):
            found(refused)


@pytest.mark.parametrize("query", ["井\x00盖", "井\ud800", "\udfff"])
def test_what_is_no_text_is_refused(query: str) -> None:
    with pytest.raises(Invalid):
        found(query)


def test_finds_the_beginning_of_case_and_report_numbers(make_case: MakeCase) -> None:
    case = make_case("甲", number="370202-20260520-00017", filed_at=NOW)
    other = make_case("乙", number="370203-20260520-00018", filed_at=NOW)
    Report.objects.create(
        number="R26052000009", case=other, channel="citizen", text="乙",
        reported_at=NOW, received_at=NOW,
    )  # fmt: skip
    in_text = make_case("上次的单号是 r26052000009")
    assert found("370202-2026") == {case.id}
    assert found("R2605200") == {other.id, in_text.id}


def test_the_index_follows_every_change_of_a_case(make_case: MakeCase) -> None:
    case = make_case("旧文字")
    Case.objects.filter(pk=case.pk).update(description="新内容", address="浙江路")
    assert found("旧文字") == set()
    assert found("新内容 浙江路") == {case.id}
    case.delete()
    assert found("新内容") == set()


def test_a_text_of_any_length_can_be_kept(make_case: MakeCase) -> None:
    text = "".join(chr(0x20000 + i % 40000) for i in range(150_000))
    case = make_case(text + "尾")
    assert found(text[5:15]) == {case.id}


ALPHABET = "井盖路灯a1B２Ａ é，%_\\\n🙂。ab号"


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(st.text(ALPHABET, max_size=12), min_size=1, max_size=4),
    query=st.text(ALPHABET, min_size=1, max_size=5),
)
def test_equals_a_look_at_every_row(db: None, texts: list[str], query: str) -> None:
    Case.objects.all().delete()
    cases = Case.objects.bulk_create(
        Case(channel="citizen", description=text, address="é号", reported_at=NOW, updated_at=NOW)
        for text in texts
    )
    words = [w for w in re.split(r"[\s,;、]+", fold(query)) if w]
    says_something = re.search(r"[a-z0-9]|[^\x00-\x7f]", "".join(words))
    expected = {
        case.id
        for case in cases
        if (says_something and all(w in fold(f"{case.description}\né号") for w in words))
        or not query.strip()
    }
    assert found(query) == expected


def test_python_and_the_database_fold_alike(db: None) -> None:
    text = "ＡＢＣ１２３ ÀÉ ㎡ ﬁ ① Ⅷ ｶﾞ 井蓋 İıſß"
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_search_fold(%s)", [text])
        assert cursor.fetchone() == (fold(text),)


@pytest.fixture
def twenty_thousand(make_case: MakeCase) -> None:
    """Cases by the thousand, made from one: what differs is their text."""
    first = make_case("模板")
    columns = [f.column for f in Case._meta.concrete_fields if f.column != "id"]
    names = ", ".join(f'"{column}"' for column in columns)
    values = names.replace(
        '"description"',
        "'第' || n || '号楼前' || chr(19968 + n % 2000) || chr(20000 + n % 1777)"
        " || CASE n % 400 WHEN 0 THEN '井盖破损 lamp' ELSE '路灯不亮' END",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO governance_case ({names}) SELECT {values} "
            f"FROM governance_case, generate_series(1, 20000) AS n WHERE id = {first.pk}"
        )
        cursor.execute("ANALYZE governance_case, governance_casetext")


@pytest.mark.usefixtures("twenty_thousand")
def test_twenty_thousand_cases_are_searched_by_index() -> None:
    for query in ["井盖", "灯井", "lamp", "1234号", "鸙", "盖破损"]:
        plan = search_cases(Case.objects.all(), query).order_by("-id")[:25].explain()
        assert "governance_casetext_terms" in plan, plan
        assert "Seq Scan on governance_casetext" not in plan
    # A word that nearly every case has: the newest cases are looked at, one by one, until 25 fit.
    plan = search_cases(Case.objects.all(), "路灯").order_by("-id")[:25].explain()
    assert "Seq Scan" not in plan
    assert len(search_cases(Case.objects.all(), "井盖")) == 50
