"""The shipped code lists: complete, consistent, and leading from one edition to the next."""

import pytest
from django.db.models import Count

from chengyun.city.models import ComponentClass, Crosswalk, Edition, Matter
from tests.city.conftest import Folder


@pytest.mark.parametrize(
    ("edition", "classes", "component_matters", "event_matters"),
    [
        # The 2026 list has 250 matters; six are kept by the platform beyond it.
        ("gbt47678-2026", 153, 153, 97 + 6),
        ("gbt30428-2013", 118, 118, 76),
        ("cjt214-2007", 84, 84, 54),
    ],
)
def test_an_edition_is_complete(
    loaded: Folder, edition: str, classes: int, component_matters: int, event_matters: int
) -> None:
    assert ComponentClass.objects.filter(edition__code=edition).count() == classes
    matters = Matter.objects.filter(edition__code=edition)
    assert matters.filter(kind="component").count() == component_matters
    assert matters.filter(kind="event").count() == event_matters
    assert not matters.filter(kind="component", component_class=None).exists()
    assert not matters.filter(evidence="").exists()
    assert not matters.filter(name_en="").exists()


def test_widths_are_data(loaded: Folder) -> None:
    for edition in Edition.objects.all():
        for row in (*edition.matters.all(), *edition.component_classes.all()):
            assert len(row.class_code) == edition.class_width
            assert len(row.sub_code) == edition.subclass_width


def test_older_editions_tell_components_from_events(loaded: Folder) -> None:
    of_2013 = Matter.objects.filter(edition__code="gbt30428-2013", sub_code="01", class_code="01")
    assert {m.code: m.name_zh for m in of_2013} == {"C0101": "上水井盖", "E0101": "私搭乱建"}
    assert of_2013.get(kind="event").tokens == ["gbt30428-2013:E01", "gbt30428-2013:E0101"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("C0101", "01001"), ("C0219", "02019"), ("C0507", "01070"), ("E0110", "06010"),
        ("E0128", "06028"), ("E0206", "07006"), ("E0304", "08004"), ("E0409", "09009"),
        ("E0507", "10001"), ("E0508", "10002"), ("E0602", "09013"), ("E0501", "10080"),
    ],
)  # fmt: skip
def test_2013_leads_to_2026(loaded: Folder, old: str, new: str) -> None:
    (step,) = Crosswalk.objects.filter(from_edition__code="gbt30428-2013", from_code=old)
    assert (step.to_edition.code, step.to_code) == ("gbt47678-2026", new)


def test_renames_are_noted(loaded: Folder) -> None:
    step = Crosswalk.objects.get(from_edition__code="gbt30428-2013", from_code="E0136")
    assert step.note == "renamed: 乱堆物堆料 → 乱堆杂物"


def test_2007_leads_to_2013_where_the_names_match(loaded: Folder) -> None:
    step = Crosswalk.objects.get(from_edition__code="cjt214-2007", from_code="E0510")
    assert (step.to_edition.code, step.to_code) == ("gbt30428-2013", "E0129")


def test_extensions_of_the_platform_stand_above_the_national_numbers(loaded: Folder) -> None:
    extensions = Matter.objects.filter(edition__code="gbt47678-2026", extension=True)
    assert extensions.count() == 6
    for matter in extensions:
        assert matter.sub_code >= matter.edition.extension_from


def test_everyday_words_cover_the_common_matters(loaded: Folder) -> None:
    current = Matter.objects.filter(edition__code="gbt47678-2026")
    assert current.exclude(aliases=[]).count() >= 200
    assert "僵尸车" in current.get(code="06034").aliases
    # They also serve who still works with an older edition.
    older = Matter.objects.get(edition__code="cjt214-2007", name_zh="废弃车辆")
    assert "僵尸车" in older.aliases


def test_no_two_matters_share_a_full_name(loaded: Folder) -> None:
    twice = Matter.objects.values("edition", "name_zh").annotate(n=Count("id")).filter(n__gt=1)
    assert [row["name_zh"] for row in twice if row["edition"]] == []
