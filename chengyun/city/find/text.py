"""Words as they are looked for, and the pairs of characters by which the index knows them.

`fold` and `pairs` mirror `city_search_fold` and `city_search_terms` of migration 0009 and change
together with them (`tests/city/test_find_text.py` compares).
"""

import re
import unicodedata
from collections.abc import Sequence

from chengyun.core.problems import Invalid

MAX_CHARACTERS = 200
MAX_WORDS = 8
#: More pairs of one question than these do not narrow a search any further.
MAX_PAIRS = 24

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_BETWEEN = re.compile(r"[\s,;、。·]+")


def fold(text: str) -> str:
    """One spelling for each character: full-width becomes ASCII (NFKC), ASCII becomes lower case.

    Other letters keep their case, so that the answer is the same in every database locale.
    """
    return unicodedata.normalize("NFKC", text).translate(_ASCII_LOWER)


def checked(text: str, field: str) -> str:
    """The text, if it is one and not too long to be looked for. Raises Invalid of the field."""
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            zh=f"检索内容过长，最多 {MAX_CHARACTERS} 个字符。",
            en=f"The search text is too long; {MAX_CHARACTERS} characters at most.",
            field=field,
        )
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(
            zh="检索内容含有无效字符。",
            en="The search text contains characters that are not text.",
            field=field,
        )
    return text


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a question, at most `MAX_WORDS`; the rest is not looked at."""
    return tuple(word for word in _BETWEEN.split(fold(text)) if word)[:MAX_WORDS]


def pairs(word: str) -> list[str]:
    """Every two neighbouring characters of a folded word, each once, in their order."""
    return list(dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1)))[:MAX_PAIRS]


def quoted(term: str) -> str:
    """A term of a tsquery, whatever characters it has."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def all_of(terms: Sequence[str]) -> str:
    """The tsquery that asks for every term."""
    return " & ".join(quoted(term) for term in terms)


def literal(text: str) -> str:
    """A text inside a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
