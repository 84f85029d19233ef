"""Matters by the words of the catalogue: what is used until the city has a classifier."""

import math
from collections import defaultdict
from dataclasses import dataclass

from chengyun.city.queries import Catalogue
from chengyun.governance.search import fold
from chengyun.governance.suggestions.text import common_words, grams

# A name of which less than this part stands in the text says nothing: “井盖” is a sixth of
# “供水井盖异常”, the “异常” of many names is less.
_LEAST_COVERAGE = 0.15
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


class CatalogueIndex:
    """Names and aliases of one edition, by the pairs of characters they are made of.

    A pair that many names share (“异常”) weighs little, one that few share (“井盖”) much.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.version = catalogue.version
        self._terms: list[_Term] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        self._weights: dict[str, float] = {}
        named = [
            (matter, term, grams(term))
            for matter in catalogue.matters_of(catalogue.default_edition.code)
            for term in dict.fromkeys((matter.name_zh, *matter.aliases, matter.name_en))
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
            self._terms.append(_Term(matter.id, matter.token, term, fold(term), weight))

    def match(self, text: str, limit: int) -> list[CatalogueMatch]:
        """The matters whose names the text speaks of, best first."""
        folded = fold(text)
        reached: dict[int, float] = defaultdict(float)
        for piece in grams(text):
            for at in self._holders.get(piece, ()):
                reached[at] += self._weights[piece]
        coverage = {
            at: 1.0 if self._terms[at].folded in folded else 0.9 * weight / self._terms[at].weight
            for at, weight in reached.items()
        }
        best = self._best_of_each_matter(coverage)
        total = sum(score**_SHARPNESS for score, _ in best.values())
        ranked = sorted(best.values(), key=lambda pair: (-pair[0], -self._terms[pair[1]].weight))
        return [
            self._as_match(at, score, score**_SHARPNESS / total, folded)
            for score, at in ranked[:limit]
        ]

    def _best_of_each_matter(self, coverage: dict[int, float]) -> dict[int, tuple[float, int]]:
        """Per matter its best term. Of whole names inside each other only the longest counts."""
        whole = sorted(
            (at for at, score in coverage.items() if score == 1.0),
            key=lambda at: -len(self._terms[at].folded),
        )
        kept: list[int] = []
        for at in whole:
            inside = any(
                self._terms[at].folded in self._terms[longer].folded
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

    def _as_match(self, at: int, score: float, share: float, folded: str) -> CatalogueMatch:
        term = self._terms[at]
        whole = score == 1.0
        return CatalogueMatch(
            matter_id=term.matter_id,
            token=term.token,
            term=term.text,
            words=(term.text,) if whole else tuple(common_words(term.folded, folded)),
            whole=whole,
            confidence=_MOST_CONFIDENCE * math.sqrt(score) * share,
        )
