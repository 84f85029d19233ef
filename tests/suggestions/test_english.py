"""English descriptions against the catalogue of the demo city: whole words, never pieces."""

from pathlib import Path

import pytest

from chengyun.city.load.catalogue import load_catalogue
from chengyun.city.load.folder import FolderReader
from chengyun.city.models import Matter
from chengyun.city.queries import forget_catalogue
from chengyun.governance.suggestions import suggest_matters


@pytest.fixture(autouse=True)
def national(db: None, tmp_path: Path) -> None:
    """The national lists as they are shipped."""
    (tmp_path / "city.toml").write_text('[city]\nedition = "gbt47678-2026"\n')
    reader = FolderReader(tmp_path)
    load_catalogue(reader)
    assert not reader.problems
    forget_catalogue()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The street light on our corner is out", "01037"),
        ("Three street lights have been dark for a week", "01037"),
        ("The streetlight flickers all night", "01037"),
        ("There is a street lamp out near the school", "01037"),
        ("A big pothole in front of number 5", "06013"),
        ("The road is damaged near the entrance of the market", "06013"),
        ("Garbage is piled up on the sidewalk", "06010"),
        ("The sewage manhole cover rattles", "01002"),
        ("Public toilets are filthy", "03001"),
        ("The traffic light at the crossing does not work", "02014"),
        ("A guard rail of the traffic lanes is bent", "02017"),
        ("Somebody dumped medical wastes here", "06033"),
        ("Cars are parked on the sidewalk every evening", "09009"),
        ("Smoke of an open-air barbecue", "06029"),
        ("两盏路灯 street light 都灭了", "01037"),
        ("附近KTV太吵", "06028"),
    ],
)
def test_the_class_that_is_meant_comes_first(text: str, code: str) -> None:
    first = suggest_matters(text)[0]
    assert Matter.objects.get(pk=first.matter_id).code == code, first


@pytest.mark.parametrize(
    "text",
    [
        "The weather is fine today",
        # Pieces of words are no words: bin, gas, tree, rat, ice.
        "Combined vegans agree on the rate and the price",
        # One word of several, which does not name the thing.
        "Traffic",
        "Public",
        "It is on the way to our school and not far from there",
    ],
)
def test_what_names_nothing_suggests_nothing(text: str) -> None:
    assert suggest_matters(text) == []


def test_the_reason_names_whole_words_as_the_catalogue_writes_them() -> None:
    suggestions = suggest_matters("The streetlight near the lake is out")
    assert "“Street light”" in suggestions[0].reason_en
    for other in suggestions[1:]:
        said = other.reason_en.partition(" in the text")[0].strip("“”")
        assert said in ("street light", "light"), other


def test_a_name_that_only_looks_like_part_of_another_counts_whole() -> None:
    """“Tree” stands in “street” as letters, not as a word."""
    suggestions = suggest_matters("A street vendor has tied his cart to a tree")
    codes = {Matter.objects.get(pk=one.matter_id).code for one in suggestions[:2]}
    assert codes == {"04002", "09001"}
