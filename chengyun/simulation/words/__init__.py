"""Word lists, and the one way to read them."""

import csv
from functools import cache
from importlib.resources import files


@cache
def words(file: str, kind: str) -> tuple[str, ...]:
    """The words of one kind of a list; a word that stands there twice is twice as likely."""
    text = (files("chengyun.simulation") / "words" / f"{file}.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["kind"] == kind:
            return tuple(row["words"].split())
    raise KeyError(f"{file}.csv has no words of kind {kind}")
