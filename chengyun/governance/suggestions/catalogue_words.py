"""Matters by the words of the catalogue: what is used until the city has a classifier."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chengyun.city.find.text import fold
from chengyun.city.queries import Catalogue
from chengyun.governance.suggestions.text import (
    common_words,
    grams,
    thing_named,
    words,
    words_said,
)

# A name of which less than this part stands in the text says nothing: “井盖” is a sixth of
# “供水井盖异常”, the “异常” of many names is less.
_LEAST_COVERAGE = 0.15
# Of an English name the word for the thing must be there, or several words that are this part of
# it: “street” alone says nothing of street trees, “bus stop” does of bus-stop facilities.
_LEAST_WITHOUT_THING = 0.5
# Words in a text are a hint and never a proof: even a whole name is not certain.
_MOST_CONFIDENCE = 0.85
# How strongly a better match outweighs worse ones.
_SHARPNESS = 4


@dataclass(frozen=True, slots=True)
class CatalogueMatch:
    """A matter whose name or alias stands in the text, as a whole or in part."""

    matter_id: int
    token: str
    term: str
    words: tuple[str, ...]
    whole: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class _Term:
    matter_id: int
    token: str
    text: str
    folded: str
    weight: float
    #: The words of a name in Latin script, which is found by whole words; empty of another.
    words: tuple[str, ...]

    def stands_in(self, other: "_Term") -> bool:
        if self.words:
            return _line(self.words) in _line(other.words)
        return self.folded in other.folded


@dataclass(frozen=True, slots=True)
class _Said:
    """A text as it is looked through: its characters, and its words spelt as names spell them."""

    folded: str
    line: str
    words: frozenset[str]

    def has_whole(self, term: _Term) -> bool:
        return _line(term.words) in self.line if term.words else term.folded in self.folded


class CatalogueIndex:
    """Names and aliases of one edition, by the pairs of characters or the words they are made of.

    A pair that many names share (“异常”) weighs little, one that few share (“井盖”) much.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.version = catalogue.version
        self._terms: list[_Term] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        self._weights: dict[str, float] = {}
        named = [
            (matter, term, _pieces(term, words(term)))
            for matter in catalogue.matters_of(catalogue.default_edition.code)
            for term in dict.fromkeys((matter.name_zh, *matter.aliases, _thing(matter.name_en)))
            if len(term) > 1
        ]
        matters_with: dict[str, set[int]] = defaultdict(set)
        for matter, _, pieces in named:
            for piece in pieces:
                matters_with[piece].add(matter.id)
        count = len({matter.id for matter, _, _ in named})
        self._weights = {
            piece: math.log(1 + count / len(matters)) for piece, matters in matters_with.items()
        }
        for matter, term, pieces in named:
            weight = sum(self._weights[piece] for piece in pieces)
            if not weight:
                continue
            for piece in pieces:
                self._holders[piece].append(len(self._terms))
            folded = fold(term)
            spoken = tuple(words(term)) if folded.isascii() else ()
            self._terms.append(_Term(matter.id, matter.token, term, folded, weight, spoken))
        # “Streetlight” is “street light”.
        self._apart = {
            one + other: (one, other)
            for term in self._terms
            for one, other in pairwise(term.words)
            if one + other not in self._weights
        }

    def match(self, text: str, limit: int) -> list[CatalogueMatch]:
        """The matters whose names the text speaks of, best first."""
        spoken = self._respelt(words(text))
        said = _Said(fold(text), _line(spoken), frozenset(spoken))
        reached: dict[int, float] = defaultdict(float)
        for piece in _pieces(text, spoken):
            for at in self._holders.get(piece, ()):
                reached[at] += self._weights[piece]
        coverage = {
            at: 1.0 if said.has_whole(term) else 0.9 * weight / term.weight
            for at, weight in reached.items()
            if self._counts(term := self._terms[at], weight, said)
        }
        best = self._best_of_each_matter(coverage)
        total = sum(score**_SHARPNESS for score, _ in best.values())
        ranked = sorted(best.values(), key=lambda pair: (-pair[0], -self._terms[pair[1]].weight))
        return [
            self._as_match(at, score, score**_SHARPNESS / total, said)
            for score, at in ranked[:limit]
        ]

    def _respelt(self, spoken: Sequence[str]) -> list[str]:
        """Words that a name writes as one or as two, as the name writes them."""
        found: list[str] = []
        for word in spoken:
            if found and found[-1] + word in self._weights:
                found[-1] += word
            else:
                found += self._apart.get(word, (word,))
        return found

    @staticmethod
    def _counts(term: _Term, weight: float, said: _Said) -> bool:
        if not term.words or thing_named(term.text) in said.words:
            return True
        several = len(said.words.intersection(term.words)) > 1
        return several and weight >= _LEAST_WITHOUT_THING * term.weight

    def _best_of_each_matter(self, coverage: dict[int, float]) -> dict[int, tuple[float, int]]:
        """Per matter its best term. Of whole names inside each other only the longest counts."""
        whole = sorted(
            (at for at, score in coverage.items() if score == 1.0),
            key=lambda at: -len(self._terms[at].folded),
        )
        kept: list[int] = []
        for at in whole:
            inside = any(
                self._terms[at].stands_in(self._terms[longer])
                and self._terms[at].matter_id != self._terms[longer].matter_id
                and len(self._terms[at].folded) < len(self._terms[longer].folded)
                for longer in kept
            )
            if inside:
                coverage[at] = 0.5
            else:
                kept.append(at)
        best: dict[int, tuple[float, int]] = {}
        for at, score in coverage.items():
            term = self._terms[at]
            if score >= _LEAST_COVERAGE and score > best.get(term.matter_id, (0.0, 0))[0]:
                best[term.matter_id] = (score, at)
        return best

    def _as_match(self, at: int, score: float, share: float, said: _Said) -> CatalogueMatch:
        term = self._terms[at]
        whole = score == 1.0
        if term.words:
            found = words_said(term.text, said.words)
        else:
            found = common_words(term.folded, said.folded)
        return CatalogueMatch(
            matter_id=term.matter_id,
            token=term.token,
            term=term.text,
            words=(term.text,) if whole else tuple(found),
            whole=whole,
            confidence=_MOST_CONFIDENCE * math.sqrt(score) * share,
        )


def _thing(name_en: str) -> str:
    """What an English name is about: “Street light - abnormal condition” is about street lights."""
    return name_en.partition(" - ")[0]


def _pieces(text: str, spoken: Sequence[str]) -> frozenset[str]:
    """What of a text is looked up: its words in Latin script, of the rest pairs of characters."""
    return frozenset(spoken) | {piece for piece in grams(text) if not piece.isascii()}


def _line(spoken: Sequence[str]) -> str:
    """Words as a line in which only whole words are found."""
    return f" {' '.join(spoken)} "
