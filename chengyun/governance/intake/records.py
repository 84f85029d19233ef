"""What every reader gives: records with their line, and what is wrong with their form."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from chengyun.governance.intake.reasons import Reason

#: A record (a row with all its lines) of more characters is a broken file, not a row.
RECORD_LIMIT = 1_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class Record(NamedTuple):
    """One row. ``line`` is where it starts in the file (the feature's number in GeoJSON).

    ``fault`` says why the reader could not make out its cells; ``raw`` is then its text.
    """

    line: int
    cells: Sequence[str]
    fault: Reason | None = None
    raw: str = ""


class Source(Protocol):
    """An open file of rows: its columns, then its records from the first on."""

    columns: list[str]
    #: What separates its cells, for the rejected file to be written the same way.
    delimiter: str

    def records(self) -> Iterator[Record]: ...


def text_fault(text: str) -> Reason | None:
    """Characters that no database takes: NUL, half surrogates, bytes of another encoding."""
    if "\x00" in text:
        return Reason.NUL
    if text.isascii() or not _SURROGATE.search(text):
        return None
    return Reason.BAD_ENCODING if _ESCAPED_BYTE.search(text) else Reason.LONE_SURROGATE
