"""Training of the text classifier: measured on texts it has not seen, then stored with its report.

The model that is stored is the one that was measured; it is not trained again on everything.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from chengyun.city.find.text import fold
from chengyun.city.models import Edition
from chengyun.city.queries import catalogue
from chengyun.core import audit, clock
from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid, NotFound
from chengyun.core.words import Both
from chengyun.governance.models import Case, ClassifierModel, State
from chengyun.governance.suggestions.classifier import (
    ModelFileError,
    TextClassifier,
    calibrated,
    features,
    forget_classifier,
    load_model,
    logit,
)

# A word that fewer texts have is a name or a slip; it teaches nothing and may be somebody's.
_LEAST_TEXTS_PER_WORD = 3
_MOST_FEATURES = 40_000
#: Newest first; a class with more cases than this does not get better by the rest.
MOST_PER_CLASS = 1000
_LOCK = 7_421_003  # of pg_advisory_xact_lock: one activation at a time

Say = Callable[[Both], None]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One closed case: what was said and what it turned out to be."""

    text: str
    token: str


@dataclass(frozen=True)
class Trained:
    """A classifier and how it did on the texts that were held out."""

    classifier: TextClassifier
    report: dict[str, Any]


def samples_of(edition: str, *, since: datetime | None = None) -> list[Sample]:
    """Closed cases (imported ones too) of an edition, newest first.

    The same words of the same class count once, or the hold-out would hold known texts.
    """
    known = catalogue()
    rows = Case.objects.filter(state=State.CLOSED.value, matter__edition__code=edition)
    if since is not None:
        rows = rows.filter(closed_at__gte=since)
    seen: set[tuple[str, int]] = set()
    taken: Counter[int] = Counter()
    samples: list[Sample] = []
    pairs = rows.order_by("-id").values_list("description", "matter_id")
    for text, matter_id in pairs.iterator(chunk_size=5000):
        if matter_id is None or taken[matter_id] >= MOST_PER_CLASS:
            continue
        key = (fold(text).strip(), matter_id)
        if matter_id not in known.matters or not key[0] or key in seen:
            continue
        seen.add(key)
        taken[matter_id] += 1
        samples.append(Sample(text, known.matters[matter_id].token))
    return samples


def fit(
    samples: Sequence[Sample],
    *,
    min_samples: int = 5,
    test_share: float = 0.2,
    seed: int = 0,
    say: Say = lambda line: None,
) -> Trained:
    """Train on a part of ``samples`` and measure on the rest, stratified by class.

    Raises Invalid when fewer than two classes have ``min_samples`` texts.
    """
    kept = _with_enough(samples, min_samples)
    labels = [sample.token for sample in kept]
    if len(set(labels)) < 2:
        raise Invalid(
            zh=f"无法训练：至少需要两个小类各有 {min_samples} 条不同的结案描述，"
            f"目前满足的有 {len(set(labels))} 个。",
            en=f"Cannot train: at least two subclasses need {min_samples} different descriptions "
            f"of closed cases each; {len(set(labels))} have them.",
            remedy_zh="导入历史案件，或用 --min-samples 降低要求。",
            remedy_en="Import historic cases, or ask for less with --min-samples.",
        )
    texts, kinds = len(kept), len(set(labels))
    say(
        Both(
            f"{texts} 条文本，{kinds} 个类别；正在读词",
            f"{texts} texts in {kinds} classes; reading words",
        )
    )
    read = [features(sample.text) for sample in kept]
    train, test = _split(labels, test_share, seed)
    say(
        Both(
            f"以 {len(train)} 条训练，以 {len(test)} 条测试",
            f"training on {len(train)}, measuring on {len(test)}",
        )
    )
    vectors = _Vectors([read[at] for at in train])
    classes, weights, intercept = _linear(
        vectors.matrix([read[at] for at in train]), [labels[at] for at in train], seed
    )
    scores = np.asarray(vectors.matrix([read[at] for at in test]) @ weights + intercept)
    position = {token: at for at, token in enumerate(classes)}
    truth = np.array([position[labels[at]] for at in test])
    # Every other held-out text sets the confidence; the others tell how well that worked.
    temperature = _temperature(scores[::2], truth[::2])
    slope, offset = _platt(_softmax(scores[::2] / temperature), truth[::2])
    classifier = TextClassifier(
        tokens=tuple(classes),
        vocabulary=vectors.vocabulary,
        idf=vectors.idf,
        weights=weights.astype(np.float32),
        intercept=intercept.astype(np.float32),
        temperature=temperature,
        slope=slope,
        offset=offset,
    )
    unseen = calibrated(_softmax(scores[1::2] / temperature), slope, offset)
    report = _report(classes, scores, truth) | {
        "calibration_error": _calibration_error(unseen, truth[1::2]),
        "seed": seed,
        "test_share": test_share,
        "min_samples": min_samples,
        "samples": len(kept),
        "left_out": len(samples) - len(kept),
        "trained_on": len(train),
        "tested_on": len(test),
        "features": len(vectors.vocabulary),
    }
    return Trained(classifier, report)


def train_classifier(
    *,
    actor: Actor,
    since: datetime | None = None,
    min_samples: int = 5,
    test_share: float = 0.2,
    seed: int = 0,
    activate: bool = True,
    say: Say = lambda line: None,
) -> ClassifierModel:
    """Train on the city's closed cases, store model and report, and put it in use.

    Raises Invalid when there is too little to learn from.
    """
    if not 0.05 <= test_share <= 0.5:
        raise Invalid(
            zh="留出比例须在 0.05 与 0.5 之间。",
            en="The held-out share must lie between 0.05 and 0.5.",
            field="test_share",
        )
    if min_samples < 3:
        raise Invalid(
            zh="每个小类至少要有 3 条样本，才能既训练又检验。",
            en="A class needs at least 3 samples to be both trained and tested.",
            field="min_samples",
        )
    try:
        edition = catalogue().default_edition.code
    except LookupError as error:
        raise Conflict(
            zh="尚未载入城市目录，请先运行 chengyun load。",
            en="No city is loaded yet: run chengyun load first.",
        ) from error
    trained = fit(
        samples_of(edition, since=since),
        min_samples=min_samples,
        test_share=test_share,
        seed=seed,
        say=say,
    )
    return _store(actor, edition, trained, activate)


def activate_classifier(*, actor: Actor, model_id: int) -> ClassifierModel:
    """Put a stored model in use instead of the present one. Raises NotFound, Conflict."""
    with transaction.atomic():
        _one_at_a_time()
        model = ClassifierModel.objects.select_for_update().filter(pk=model_id).first()
        if model is None:
            raise NotFound(zh=f"没有分类模型 {model_id}。", en=f"There is no model {model_id}.")
        try:
            load_model(model.storage_name, model.sha256)
        except ModelFileError as error:
            raise Conflict(
                zh=f"模型 {model_id} 的文件不可用，请重新训练。",
                en=f"Model {model_id} cannot be used ({error}); train again.",
            ) from error
        _put_in_use(actor, model)
    forget_classifier()
    return model


def _store(actor: Actor, edition: str, trained: Trained, activate: bool) -> ClassifierModel:
    content = trained.classifier.to_bytes()
    digest = hashlib.sha256(content).hexdigest()
    # The file first: a row always has its file, a file without a row harms nobody.
    name = default_storage.save(f"models/classifier-{digest[:16]}.npz", ContentFile(content))
    with transaction.atomic():
        _one_at_a_time()
        model = ClassifierModel.objects.create(
            trained_at=clock.now(),
            edition=Edition.objects.get(code=edition),
            samples=trained.report["samples"],
            classes=len(trained.classifier.tokens),
            macro_f1=trained.report["macro_f1"],
            report=trained.report,
            tokens=list(trained.classifier.tokens),
            storage_name=name,
            sha256=digest,
            active=False,
        )
        audit.record(
            actor=actor,
            action="governance.classifier.train",
            object_type="governance.ClassifierModel",
            object_id=model.pk,
            zh=f"训练了分类模型 {model.pk}，宏平均 F1 {model.macro_f1:.3f}",
            en=f"trained classifier {model.pk}, macro-F1 {model.macro_f1:.3f}",
            after={"samples": model.samples, "classes": model.classes, "sha256": digest},
        )
        if activate:
            _put_in_use(actor, model)
    forget_classifier()
    return model


def _put_in_use(actor: Actor, model: ClassifierModel) -> None:
    before = list(ClassifierModel.objects.filter(active=True).values_list("id", flat=True))
    ClassifierModel.objects.filter(active=True).update(active=False)
    model.active = True
    model.save(update_fields=["active"])
    audit.record(
        actor=actor,
        action="governance.classifier.activate",
        object_type="governance.ClassifierModel",
        object_id=model.pk,
        zh=f"启用了分类模型 {model.pk}",
        en=f"put classifier {model.pk} in use",
        before={"active": before},
        after={"active": [model.pk]},
    )


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _with_enough(samples: Sequence[Sample], min_samples: int) -> list[Sample]:
    counts = Counter(sample.token for sample in samples)
    return [sample for sample in samples if counts[sample.token] >= min_samples]


def _split(labels: Sequence[str], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Indexes to train on and to test on; every class gives at least one to either side."""
    chance = np.random.default_rng(seed)
    of_class: dict[str, list[int]] = defaultdict(list)
    for at, label in enumerate(labels):
        of_class[label].append(at)
    train: list[int] = []
    test: list[int] = []
    for label in sorted(of_class):
        mixed = chance.permutation(of_class[label]).tolist()
        held = min(max(1, round(share * len(mixed))), len(mixed) - 1)
        test += mixed[:held]
        train += mixed[held:]
    return train, chance.permutation(test).tolist()


class _Vectors:
    """Vocabulary and idf of the training texts; vectors are made by ``TextClassifier.vector``."""

    def __init__(self, read: Sequence[Iterable[str]]) -> None:
        texts_with = Counter(feature for found in read for feature in set(found))
        least = min(_LEAST_TEXTS_PER_WORD, max(1, len(read) // 20))
        common = [feature for feature, count in texts_with.items() if count >= least]
        common.sort(key=lambda feature: (-texts_with[feature], feature))
        chosen = sorted(common[:_MOST_FEATURES])
        self.vocabulary = {feature: at for at, feature in enumerate(chosen)}
        held = np.array([texts_with[feature] for feature in chosen], dtype=np.float64)
        self.idf = (np.log((1 + len(read)) / (1 + held)) + 1).astype(np.float32)

    def matrix(self, read: Sequence[list[str]]) -> Any:
        """A sparse matrix, one row a text."""
        from scipy.sparse import csr_matrix

        shell = TextClassifier(
            (), self.vocabulary, self.idf, np.empty((0, 0), np.float32), np.empty(0, np.float32)
        )
        vectors = [shell.vector(found) for found in read]
        starts = np.cumsum([0, *(len(at) for at, _ in vectors)])
        columns = np.concatenate([at for at, _ in vectors]) if vectors else np.empty(0)
        values = np.concatenate([v for _, v in vectors]) if vectors else np.empty(0)
        return csr_matrix((values, columns, starts), shape=(len(read), len(self.vocabulary)))


def _linear(matrix: Any, labels: Sequence[str], seed: int) -> tuple[list[str], Scores, Scores]:
    """A linear SVM for each class against the rest: classes, weights, intercept."""
    from sklearn.svm import LinearSVC

    counts = Counter(labels)
    # The root: full balance was measured to cost accuracy and gain nothing (bench/classifier.py).
    balance = {
        token: (len(labels) / (len(counts) * count)) ** 0.5 for token, count in counts.items()
    }
    model = LinearSVC(C=0.5, class_weight=balance, random_state=seed, dual=True)
    model.fit(matrix, labels)
    weights, intercept = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one column for two classes
        weights, intercept = np.hstack([-weights, weights]), np.hstack([-intercept, intercept])
    return [str(token) for token in model.classes_], np.asarray(weights), np.asarray(intercept)


def _temperature(scores: Scores, truth: npt.NDArray[np.int64]) -> float:
    """The divisor of the scores that makes the softmax most likely to be right."""
    candidates = np.geomspace(0.02, 5, 120)
    losses = [-np.log(_softmax(scores / t)[np.arange(len(truth)), truth] + 1e-12).mean()
              for t in candidates]  # fmt: skip
    return float(candidates[int(np.argmin(losses))])


def _softmax(scores: Scores) -> Scores:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _report(classes: Sequence[str], scores: Scores, truth: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Macro-F1, accuracy, top-3, and precision, recall, F1, support per class."""
    order = np.argsort(-scores, axis=1, kind="stable")
    guess = order[:, 0]
    per_class: dict[str, dict[str, float]] = {}
    for at, token in enumerate(classes):
        right = int(((guess == at) & (truth == at)).sum())
        named, real = int((guess == at).sum()), int((truth == at).sum())
        per_class[token] = {
            "precision": right / named if named else 0.0,
            "recall": right / real if real else 0.0,
            "f1": 2 * right / (named + real) if named + real else 0.0,
            "support": real,
        }
    most_common = Counter(truth.tolist()).most_common(1)[0][1]
    share = most_common / len(truth)
    return {
        "macro_f1": float(np.mean([row["f1"] for row in per_class.values()])),
        "accuracy": float((guess == truth).mean()),
        "top3": float((order[:, :3] == truth[:, None]).any(axis=1).mean()),
        # Always naming the most frequent class: what any classifier has to beat.
        "baseline_accuracy": share,
        "baseline_macro_f1": 2 * share / (1 + share) / len(classes),
        "per_class": per_class,
    }


def _platt(chances: Scores, truth: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Slope and offset, on the logit, that make the chances of the five best classes come true."""
    from sklearn.linear_model import LogisticRegression

    best = np.argsort(-chances, axis=1)[:, :5]
    came_true = best == truth[:, None]
    if came_true.all() or not came_true.any():
        return 1.0, 0.0
    fitted = LogisticRegression().fit(
        logit(np.take_along_axis(chances, best, axis=1)).reshape(-1, 1), came_true.reshape(-1)
    )
    # A slope near zero would say that the order means nothing: too few texts to tell.
    return max(0.2, float(fitted.coef_[0, 0])), float(fitted.intercept_[0])


def _calibration_error(chances: Scores, truth: npt.NDArray[np.int64]) -> float | None:
    """Mean gap between the confidence shown and how often it was right, in ten bins."""
    if not len(truth):
        return None
    shown, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    bins = np.minimum((shown * 10).astype(int), 9)
    gaps = [
        abs(shown[bins == at].mean() - right[bins == at].mean()) * (bins == at).mean()
        for at in range(10)
        if (bins == at).any()
    ]
    return float(sum(gaps))
