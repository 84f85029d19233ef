"""The identifiers of the field, digit by digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.city import codes

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_component_codes_of_two_editions() -> None:
    new = codes.component_code("37020201001000001", class_width=2, sub_width=3)
    assert (new.district, new.class_code, new.sub_code, new.serial) == (
        "370202", "01", "001", "000001",
    )  # fmt: skip
    old = codes.component_code("3205080101000001", class_width=2, sub_width=2)
    assert (old.district, old.class_code, old.sub_code, old.serial) == (
        "320508", "01", "01", "000001",
    )  # fmt: skip


@pytest.mark.parametrize(
    "code", ["3702020100100001", "370202010010000012", "3702020100100000x", ""]
)
def test_a_component_code_has_17_digits(code: str) -> None:
    with pytest.raises(codes.CodeError, match="needs 17 digits"):
        codes.component_code(code, class_width=2, sub_width=3)


def test_matter_codes_have_11_digits() -> None:
    assert codes.matter_code("37020206001", class_width=2, sub_width=3) == ("370202", "06", "001")
    with pytest.raises(codes.CodeError, match="needs 11 digits"):
        codes.matter_code("3702020601", class_width=2, sub_width=3)


def test_full_width_digits_are_no_digits() -> None:
    with pytest.raises(codes.CodeError):
        codes.matter_code("３７０２０２０６００１", class_width=2, sub_width=3)


def test_unit_grid_codes_begin_with_their_community() -> None:
    codes.unit_grid_code("370202001001001", "370202001001")
    with pytest.raises(codes.CodeError, match="does not begin"):
        codes.unit_grid_code("370202001002001", "370202001001")
    codes.unit_grid_code("boston-001-001", "boston")


def test_published_credit_codes_are_right() -> None:
    # The example that GB 32100 itself gives.
    codes.organisation_code("91350100M000100Y43")


@given(st.text(ALPHABET, min_size=9, max_size=9), st.sampled_from("159Y"), st.integers(0, 8))
def test_one_wrong_character_is_always_noticed(body: str, first: str, place: int) -> None:
    start = f"{first}1370202{body}"[:17]
    good = start + codes.uscc_check_character(start)
    codes.organisation_code(good)
    index = 8 + place
    other = ALPHABET[(ALPHABET.index(good[index]) + 1) % 31]
    with pytest.raises(codes.CodeError, match="should be"):
        codes.organisation_code(good[:index] + other + good[index + 1 :])


def test_a_letter_that_the_standard_leaves_out_is_named() -> None:
    with pytest.raises(codes.CodeError, match="'O' at position 9"):
        codes.organisation_code("91350100OO00100Y43")


@pytest.mark.parametrize("code", ["PWD", "ISD-1", "CENTRE", "1234567890"])
def test_local_organisation_codes_are_taken_as_they_are(code: str) -> None:
    codes.organisation_code(code)


@pytest.mark.parametrize("code", ["080", "500", "999"])
def test_extension_numbers_are_free(code: str) -> None:
    codes.subclass_code(code, width=3, extension_from="080")


def test_standard_numbers_are_not_free() -> None:
    with pytest.raises(codes.CodeError, match="kept for the national list") as caught:
        codes.subclass_code("079", width=3, extension_from="080")
    assert all("080–999" in words for words in caught.value.remedy)
