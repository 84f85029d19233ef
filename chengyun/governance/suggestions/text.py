"""What two texts have in common, without a dictionary: pairs of Chinese characters, whole words."""

import math
import re
from collections.abc import Set
from itertools import groupby

from chengyun.city.find.text import fold

_RUNS = re.compile(r"[a-z0-9]+|[^\W\x00-\x7f]+")
_WORDS = re.compile(r"[a-z0-9]+")
# What follows them only says more about the thing that a name names.
_AFTER_THE_THING = frozenset((
    "after", "along", "at", "by", "for", "from", "in", "into", "near", "of", "on", "onto",
    "outside", "to", "with", "without",
))  # fmt: skip
# What joins words says nothing about the thing.
_JOINING = _AFTER_THE_THING.union((
    "an", "and", "are", "as", "be", "has", "have", "is", "it", "its", "my", "no", "not", "or",
    "our", "out", "that", "the", "there", "this", "too", "up", "was", "we", "were",
))  # fmt: skip


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


def words(text: str) -> list[str]:
    """The ASCII words of ``text`` in order, plurals as their singular, without what only joins."""
    return [_singular(word) for word in _WORDS.findall(fold(text)) if _says_something(word)]


def thing_named(name: str) -> str:
    """The word of an English ``name`` that names the thing: “road” of “Damaged road at entrance”;
    empty when it has none."""
    thing = ""
    for word in _WORDS.findall(fold(name)):
        if thing and word in _AFTER_THE_THING:
            break
        if _says_something(word):
            thing = _singular(word)
    return thing


def words_said(name: str, spoken: Set[str]) -> list[str]:
    """The words of ``name`` that are among those ``spoken``; neighbours of each other together."""
    written = [word for word in _WORDS.findall(fold(name)) if _says_something(word)]
    runs = groupby(written, key=lambda word: _singular(word) in spoken)
    return [" ".join(run) for said, run in runs if said]


def _says_something(word: str) -> bool:
    return len(word) > 1 and word not in _JOINING


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("ches", "shes", "sses", "xes")) else word[:-1]


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
