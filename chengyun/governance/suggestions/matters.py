"""Which matter a text speaks of: by the city's classifier, else by the words of the catalogue."""

from dataclasses import dataclass

from chengyun.city.queries import Catalogue, catalogue
from chengyun.governance.suggestions.catalogue_words import CatalogueIndex, CatalogueMatch
from chengyun.governance.suggestions.classifier import Prediction, active_classifier

_LEAST_PROBABILITY = 0.02
_index: CatalogueIndex | None = None


@dataclass(frozen=True, slots=True)
class MatterSuggestion:
    """A matter that somebody may choose. ``confidence`` 0…1; ``source`` classifier or catalogue."""

    matter_id: int
    token: str
    confidence: float
    reason_zh: str
    reason_en: str
    source: str


def suggest_matters(text: str, *, limit: int = 5) -> list[MatterSuggestion]:
    """Likely matters of ``text``, best first. No SQL while the caches are fresh.

    A whole name of the catalogue that the classifier did not think of comes after its choices:
    a class without any history can only be found by its name.
    """
    known = catalogue()
    if not text.strip() or not known.matters:
        return []
    suggestions = _by_classifier(text, known, limit)
    chosen = {suggestion.matter_id for suggestion in suggestions}
    matches = _catalogue_index(known).match(text, limit)
    suggestions += [
        _of_match(match)
        for match in matches
        if match.matter_id not in chosen and (match.whole or not chosen)
    ]
    return suggestions[:limit]


def _by_classifier(text: str, known: Catalogue, limit: int) -> list[MatterSuggestion]:
    classifier = active_classifier().classifier
    if classifier is None:
        return []
    found = []
    for prediction in classifier.predict(text, limit):
        matter = known.matter_of.get(prediction.token)
        if matter and matter.active and prediction.probability >= _LEAST_PROBABILITY:
            found.append(_of_prediction(matter.id, prediction))
    return found


def _of_prediction(matter_id: int, prediction: Prediction) -> MatterSuggestion:
    words_zh = "、".join(f"“{word}”" for word in prediction.words)
    words_en = ", ".join(f"“{word}”" for word in prediction.words)
    return MatterSuggestion(
        matter_id=matter_id,
        token=prediction.token,
        confidence=round(prediction.probability, 3),
        reason_zh=f"以往结案案件中，{words_zh}多属此类" if words_zh else "与以往结案案件相近",
        reason_en=f"in closed cases {words_en} mostly meant this class"
        if words_en
        else "resembles closed cases",
        source="classifier",
    )


def _of_match(match: CatalogueMatch) -> MatterSuggestion:
    words_zh = "、".join(f"“{word}”" for word in match.words)
    words_en = ", ".join(f"“{word}”" for word in match.words)
    if match.whole:
        zh, en = f"文中出现{words_zh}", f"the text says {words_en}"
    else:
        zh = f"文中的{words_zh}与“{match.term}”部分相同"
        en = f"{words_en} in the text is part of “{match.term}”"
    return MatterSuggestion(
        match.matter_id, match.token, round(match.confidence, 3), zh, en, "catalogue"
    )


def _catalogue_index(known: Catalogue) -> CatalogueIndex:
    global _index  # noqa: PLW0603
    if _index is None or _index.version != known.version:
        _index = CatalogueIndex(known)
    return _index
