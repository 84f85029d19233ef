"""What Python asks for is what the database has indexed: both fold and pair alike."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from chengyun.city.find.text import fold, pairs

# Anything a column of text can hold, with more of what folding changes.
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cn"]),
        st.sampled_from("ＡＢｃ１２３（）㎡ÀÉİßΣ路街号"),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.django_db
@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_both_sides_fold_and_pair_alike(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT city_search_fold(%(text)s), tsvector_to_array(city_search_terms(%(text)s))",
            {"text": text},
        )
        folded, terms = cursor.fetchone()
    assert folded == fold(text)
    # The last character stands alone.
    assert set(terms) == {folded[at : at + 2] for at in range(len(folded))}
    assert set(pairs(folded)) <= set(terms)
