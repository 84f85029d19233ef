"""How good is the text classifier on real Chinese hotline orders?

    python bench/classifier.py FILE.csv[.gz] --text COLUMN --label COLUMN [--label COLUMN …]

Reads the file directly (no database): every label column is one task. Texts that are already
segmented by spaces are joined first (``--segmented``).
"""

import argparse
import csv
import gzip
import os
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")


def read(file: Path, text: str, label: str, segmented: bool) -> list[Any]:
    """Different (text, label) pairs of the file, at most as many per class as the command takes."""
    from chengyun.city.find.text import fold
    from chengyun.governance.suggestions.training import MOST_PER_CLASS, Sample

    seen: set[tuple[str, str]] = set()
    taken: dict[str, int] = {}
    samples = []
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            words = row[text].replace(" ", "") if segmented else row[text]
            token = row[label].strip()
            key = (fold(words).strip(), token)
            if not all(key) or key in seen or taken.get(token, 0) >= MOST_PER_CLASS:
                continue
            seen.add(key)
            taken[token] = taken.get(token, 0) + 1
            samples.append(Sample(words, token))
    return samples


def main() -> None:
    """Print one line per label column."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", required=True)
    parser.add_argument("--label", action="append", required=True)
    parser.add_argument("--segmented", action="store_true")
    parser.add_argument("--min-samples", type=int, default=5)
    given = parser.parse_args()
    django.setup()
    from chengyun.governance.suggestions.training import fit

    print(
        "label, texts, classes, macro-F1 (base), accuracy (base), top-3, calibration, "
        "train s, predict ms"
    )
    for label in given.label:
        samples = read(given.file, given.text, label, given.segmented)
        start = time.perf_counter()
        trained = fit(samples, min_samples=given.min_samples)
        spent = time.perf_counter() - start
        start = time.perf_counter()
        for sample in samples[:200]:
            trained.classifier.predict(sample.text)
        each = (time.perf_counter() - start) / min(200, len(samples)) * 1000
        r = trained.report
        print(
            f"{label}  {r['samples']}  {len(r['per_class'])}  "
            f"{r['macro_f1']:.3f} ({r['baseline_macro_f1']:.3f})  "
            f"{r['accuracy']:.3f} ({r['baseline_accuracy']:.3f})  {r['top3']:.3f}  "
            f"{r['calibration_error']:.3f}  {spent:.1f}  {each:.2f}  "
            f"file {len(trained.classifier.to_bytes()) / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()
