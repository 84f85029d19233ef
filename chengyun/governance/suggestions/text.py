"""What two Chinese texts have in common, without a dictionary: pairs of characters."""

import math
import re
from collections.abc import Set

from chengyun.governance.search import fold

_RUNS = re.compile(r"[a-z0-9]+|[^\W\x00-\x7f]+")


def grams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of ``text``, and its ASCII words whole.

    Punctuation and emoji divide; a character that stands alone counts as itself.
    """
    found: set[str] = set()
    for run in _RUNS.findall(fold(text)):
        if run.isascii() or len(run) == 1:
            found.add(run)
        else:
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return frozenset(found)


def similarity(one: Set[str], other: Set[str]) -> float:
    """Cosine of two sets of grams, 0…1. Unlike Jaccard it forgives that one text is longer."""
    if not one or not other:
        return 0.0
    return len(one & other) / math.sqrt(len(one) * len(other))


def common_words(term: str, text: str) -> list[str]:
    """The longest pieces (two characters or more) of ``term`` that stand in ``text``, in order."""
    found: list[str] = []
    start = 0
    while start < len(term) - 1:
        end = start + 2
        if term[start:end] not in text:
            start += 1
            continue
        while end < len(term) and term[start : end + 1] in text:
            end += 1
        piece = term[start:end].strip()
        if len(piece) > 1:
            found.append(piece)
        start = end
    return found
