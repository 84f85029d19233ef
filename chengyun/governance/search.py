"""Find cases by words of their description and address, Chinese first, always by index.

The index and the folding are in ``migrations/0003_search.py``; the city's ``fold`` and ``_tsquery``
here are their mirror and must change together with them (``tests/suggestions/test_search.py``
compares).
"""

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from chengyun.city.find.text import checked, fold, literal
from chengyun.core.problems import Invalid
from chengyun.governance.models import Case

MAX_WORDS = 12
# More terms than this do not narrow a search any further; the recheck decides anyway.
_MAX_TERMS = 24

_BY_INDEX = (
    "SELECT case_id FROM governance_casetext WHERE governance_search_terms(body) @@ %s::tsquery"
)
_BETWEEN_WORDS = re.compile(r"[\s,;、]+")
_RUNS = re.compile(r"[a-z0-9]+|[^\x00-\x7f]+")
_ONE_TERM = re.compile(r"[a-z0-9]{3}|[^\x00-\x7f]{2}")
_NUMBER = re.compile(r"(?=.*\d)[0-9a-z][0-9a-z-]{3,}")


def search_cases(queryset: QuerySet[Case], text: str) -> QuerySet[Case]:
    """The cases whose description or address contains every word of ``text``, in any order.

    Words are divided by spaces, commas and 、; each is found as it stands, anywhere in the text,
    from one character on. A single word that looks like a number also finds the case or the
    report whose number begins with it. Blank text filters nothing; text without any letter,
    digit or character finds nothing. Raises Invalid (422) for more than 200 characters or 12 words.
    """
    words = [word for word in _BETWEEN_WORDS.split(fold(checked(text, "text"))) if word]
    if not words:
        return queryset if not text.strip() else queryset.none()
    if len(words) > MAX_WORDS:
        raise Invalid(
            zh=f"检索词过多，最多 {MAX_WORDS} 个。",
            en=f"Too many words; {MAX_WORDS} at most.",
            field="text",
        )
    query = _tsquery(words)
    if not query:
        return queryset.none()
    sql = _BY_INDEX
    params: list[Any] = [query]
    for word in words:
        if _ONE_TERM.fullmatch(word):
            continue  # the index has answered exactly
        sql += " AND body LIKE %s"
        params.append(f"%{literal(word)}%")
    if len(words) == 1 and _NUMBER.fullmatch(words[0]):
        # UNION and not OR: each part is then answered by its own index.
        start = f"{words[0].upper()}%"
        sql += (
            " UNION SELECT id FROM governance_case WHERE number LIKE %s"
            " UNION SELECT case_id FROM governance_report WHERE number LIKE %s"
        )
        params += [start, start]
    return queryset.filter(pk__in=RawSQL(sql, params))  # noqa: S611  (values are parameters)


def matching_any(
    queryset: QuerySet[Case], alternatives: Iterable[Collection[str]]
) -> QuerySet[Case]:
    """The cases whose text has all words of one of ``alternatives``.

    Answered by the index alone: the pairs of characters of a long word need not be neighbours.
    """
    query = " | ".join(f"({part})" for words in alternatives if (part := _tsquery(list(words))))
    if not query:
        return queryset.none()
    return queryset.filter(pk__in=RawSQL(_BY_INDEX, [query]))  # noqa: S611


def _tsquery(words: list[str]) -> str:
    """What the index is asked: a superset of the answer. Empty when nothing can be asked.

    No prefix of one character as long as there is anything else: it reads too many lists.
    """
    whole: dict[str, None] = {}
    starts: dict[str, None] = {}
    for word in words:
        for run in _RUNS.findall(word):
            width = 3 if run.isascii() else 2
            if len(run) < width:
                # Two digits of a house number cut deep, and as a prefix read at most 37 lists.
                (whole if len(run) == 2 else starts)[f"'{run}':*"] = None
            for at in range(len(run) - width + 1):
                whole[f"'{run[at : at + width]}'"] = None
    return " & ".join(list(whole or starts)[:_MAX_TERMS])
