"""The text classifier at work: words and pairs of characters → TF-IDF → one linear step.

The model file is a NumPy archive of plain arrays and is read without unpickling, after its
SHA-256 was compared with the one in the database. Nothing here needs scikit-learn.
"""

import hashlib
import io
import logging
import math
import threading
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction

from chengyun.city.find.text import fold
from chengyun.core.words import Both
from chengyun.governance.models import ClassifierModel
from chengyun.governance.suggestions.text import grams

log = logging.getLogger(__name__)

# How long a process may go on with a model that another process has replaced.
CHECK_EVERY_SECONDS = 30.0
_FORMAT = 1
_LONGEST_TEXT = 4000

Floats = npt.NDArray[np.float32]


class ModelFileError(Exception):
    """A model file that is not there, was changed, or is not one of ours."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Both(zh, en)


@dataclass(frozen=True, slots=True)
class Prediction:
    """One class with its calibrated probability and the words that spoke for it most."""

    token: str
    probability: float
    words: tuple[str, ...]


@cache
def _tokenizer() -> Any:
    """jieba with its cache in the var folder and a quiet log; half a second, once a process."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    folder = settings.CHENGYUN.var / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = jieba.Tokenizer()
    # Its own default, too: the table of rare words asks that one.
    tokenizer.tmp_dir = jieba.dt.tmp_dir = str(folder)
    tokenizer.initialize()
    return tokenizer


@cache
def _ranking() -> Any:
    from jieba.analyse import TFIDF

    ranking = TFIDF()
    ranking.tokenizer = _tokenizer()
    return ranking


def features(text: str) -> list[str]:
    """The features of a text, with repeats: jieba words (``w:``) and pairs of characters (``c:``).

    Digits are left out: house and phone numbers say nothing about the class and stay out of the
    model file.
    """
    folded = fold(text[:_LONGEST_TEXT])
    words = [
        f"w:{word}"
        for word in _tokenizer().cut(folded)
        if len(word) > 1 and not any(character.isdigit() for character in word) and word.strip()
    ]
    pairs = [f"c:{pair}" for pair in grams(folded) if len(pair) == 2 and not pair.isascii()]
    return words + sorted(pairs)


def keywords(text: str, limit: int) -> list[str]:
    """The rarest words of a text, rarest first.

    Rare in the city's own cases when a classifier knows them (“来电” and “工单” stand in every
    hotline order), else rare in Chinese at large (jieba's own table).
    """
    ranked: list[str] = _ranking().extract_tags(fold(text[:_LONGEST_TEXT]), topK=4 * limit)
    words = [word for word in ranked if len(word) > 1 and not word.isdigit()]
    known = active_classifier().classifier
    if known is not None:
        words.sort(key=lambda word: -known.rarity(word))
    return words[:limit]


@dataclass(frozen=True)
class TextClassifier:
    """Vocabulary (V), inverse document frequency (V), weights (V × C), intercept (C).

    ``temperature`` divides the scores before the softmax, ``slope`` and ``offset`` move its logit;
    they were fitted on texts that were held out of the training, so that a probability of 0.7 is
    right in about 7 of 10 cases.
    """

    tokens: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats
    intercept: Floats
    temperature: float = 1.0
    slope: float = 1.0
    offset: float = 0.0

    @cached_property
    def names(self) -> list[str]:
        """The features in the order of their columns."""
        return list(self.vocabulary)

    def rarity(self, word: str) -> float:
        """The idf of a word; infinite for a word that hardly any case has."""
        at = self.vocabulary.get(f"w:{word}")
        return math.inf if at is None else float(self.idf[at])

    def predict(self, text: str, limit: int = 5) -> list[Prediction]:
        """The likeliest classes, best first; nothing when no word of the text is known."""
        at, values = self.vector(features(text))
        if not len(at):
            return []
        rows = self.weights[at].astype(np.float32)
        scores = (values @ rows + self.intercept) / self.temperature
        probabilities = np.exp(scores - scores.max())
        probabilities = calibrated(probabilities / probabilities.sum(), self.slope, self.offset)
        predictions = []
        for chosen in np.argsort(-probabilities, kind="stable")[:limit]:
            shares = values * rows[:, chosen]
            strongest = [self.names[at[i]] for i in np.argsort(-shares)[:12] if shares[i] > 0]
            predictions.append(
                Prediction(self.tokens[chosen], float(probabilities[chosen]), _spoken(strongest))
            )
        return predictions

    def vector(self, found: list[str]) -> tuple[npt.NDArray[np.int64], Floats]:
        """Columns and values of a text: (1 + ln count) × idf, of length one."""
        counts = Counter(feature for feature in found if feature in self.vocabulary)
        at = np.array([self.vocabulary[feature] for feature in counts], dtype=np.int64)
        values = np.array([1 + math.log(n) for n in counts.values()], dtype=np.float32)
        values *= self.idf[at]
        length = float(np.sqrt((values * values).sum()))
        return at, values / length if length else values

    def to_bytes(self) -> bytes:
        """The model file."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            format=np.array([_FORMAT]),
            tokens=_packed(self.tokens),
            vocabulary=_packed(tuple(self.vocabulary)),
            idf=self.idf.astype(np.float32),
            weights=self.weights.astype(np.float16),
            intercept=self.intercept.astype(np.float32),
            confidence=np.array([self.temperature, self.slope, self.offset]),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, sha256: str) -> Self:
        """Read a model file. Raises ModelFileError when it is not exactly the one named."""
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ModelFileError(
                "模型文件已被改动：SHA-256 不符", "the model file was changed: its SHA-256 differs"
            )
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                if int(arrays["format"][0]) != _FORMAT:
                    raise ModelFileError(
                        "模型文件的格式属于另一版本",
                        "the model file has a format of another version",
                    )
                temperature, slope, offset = (float(x) for x in arrays["confidence"])
                model = cls(
                    tokens=_unpacked(arrays["tokens"]),
                    vocabulary={
                        name: at for at, name in enumerate(_unpacked(arrays["vocabulary"]))
                    },
                    idf=arrays["idf"],
                    weights=arrays["weights"],
                    intercept=arrays["intercept"],
                    temperature=temperature,
                    slope=slope,
                    offset=offset,
                )
        except (ValueError, KeyError, OSError, EOFError) as error:
            raise ModelFileError(
                f"无法读取模型文件：{error}", f"the model file cannot be read: {error}"
            ) from error
        shape = (len(model.vocabulary), len(model.tokens))
        if model.weights.shape != shape or model.idf.shape != shape[:1]:
            raise ModelFileError(
                "模型文件中的数组不相配", "the arrays of the model file do not fit together"
            )
        return model


def logit(chances: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """ln(p / (1 - p)), kept finite."""
    kept = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)))


def calibrated(chances: npt.NDArray[Any], slope: float, offset: float) -> npt.NDArray[Any]:
    """Chances moved on the logit: what is shown as confidence. Keeps their order."""
    return np.asarray(1 / (1 + np.exp(-(slope * logit(chances) + offset))))


def _packed(names: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)


def _unpacked(array: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(array.tobytes().decode().split("\n"))


def _spoken(strongest: list[str]) -> tuple[str, ...]:
    """Up to three words a person can read: whole words first, no pair inside one of them."""
    ordered = sorted(strongest, key=lambda feature: not feature.startswith("w:"))
    kept: list[str] = []
    for feature in ordered:
        word = feature[2:]
        if not any(word in other or other in word for other in kept):
            kept.append(word)
    return tuple(kept[:3])


@dataclass(frozen=True)
class Active:
    """The classifier in use. ``trouble`` says why there is none although one is registered."""

    model_id: int | None = None
    classifier: TextClassifier | None = None
    trouble: Both | None = None


_lock = threading.Lock()
_active: Active | None = None
_checked_at = 0.0


def active_classifier() -> Active:
    """The city's classifier, from memory; one look into the database every 30 seconds.

    Never raises: what cannot be loaded is logged, named in ``trouble``, and done without.
    """
    global _active, _checked_at  # noqa: PLW0603
    now = time.monotonic()
    if _active is not None and now - _checked_at < CHECK_EVERY_SECONDS:
        return _active
    with _lock:
        if _active is None or time.monotonic() - _checked_at >= CHECK_EVERY_SECONDS:
            _active = _look(_active)
            _checked_at = time.monotonic()
        return _active


def forget_classifier() -> None:
    """Make the next use look again; for the process that has just changed the model."""
    global _active  # noqa: PLW0603
    _active = None


def _look(before: Active | None) -> Active:
    try:
        row = _active_row()
    except Exception:
        log.exception("the active classifier cannot be looked up")
        return before or Active(
            trouble=Both("无法读取分类器表", "the table of classifiers cannot be read")
        )
    if row is None:
        return Active()
    model_id, storage_name, sha256 = row
    if before is not None and before.model_id == model_id and before.classifier is not None:
        return before
    try:
        return Active(model_id, load_model(storage_name, sha256))
    except ModelFileError as error:
        log.error("classifier %s is not used: %s", model_id, error)
        return Active(model_id, None, error.words)


def _active_row() -> tuple[int, str, str] | None:
    rows = ClassifierModel.objects.filter(active=True).order_by("-trained_at", "-id")
    names = rows.values_list("id", "storage_name", "sha256")
    if not connection.in_atomic_block:
        return names.first()
    with transaction.atomic():  # a failure here must not undo the report that is being received
        return names.first()


def load_model(storage_name: str, sha256: str) -> TextClassifier:
    """Read a model from the attachment storage. Raises ModelFileError."""
    try:
        with default_storage.open(storage_name, "rb") as file:
            content = file.read()
    except Exception as error:  # a remote storage has errors of its own
        raise ModelFileError(
            f"无法打开模型文件 {storage_name}：{error}",
            f"the model file {storage_name} cannot be opened: {error}",
        ) from error
    return TextClassifier.from_bytes(content, sha256)
