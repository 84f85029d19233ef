"""CSV row by row. A row that cannot be read costs one row, never the rest of the file."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from chengyun.city.load.table import open_binary
from chengyun.governance.intake.reasons import Reason
from chengyun.governance.intake.records import RECORD_LIMIT, Record, text_fault

DELIMITERS = (",", "\t", ";", "|")


class _TooLongError(Exception):
    """More text without the end of a row than a row can have."""


class _Lines:
    """Physical lines with their numbers. ``taken`` are those of the record being read; all but
    the first can be given back, to be read again as rows of their own."""

    def __init__(self, text: TextIO, limit: int) -> None:
        self._text, self._limit = text, limit
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self._size = 0
        self.number = 0  # of the last line taken

    def begin(self) -> None:
        self.taken, self._size = [], 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > self._limit:
            raise _TooLongError
        return line

    def _read(self) -> str:
        line = self._text.readline(self._limit + 1)
        if len(line) > self._limit:  # keep the beginning, pass over the rest
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._text.readline(self._limit)
        return line

    def give_back(self) -> None:
        """Keep only the first line of the record; the others are read again."""
        self._returned.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]


class CsvSource:
    """A CSV file (plain or gzip), streamed. ``limit`` bounds what one row may hold in memory."""

    def __init__(
        self, path: Path, *, encoding: str, delimiter: str, limit: int = RECORD_LIMIT
    ) -> None:
        self._path, self._encoding, self.delimiter = path, encoding, delimiter
        self._limit = limit
        self.columns: list[str] = []
        first = next(self._read(None), None)
        if first is not None and first.fault is None:
            self.columns = [cell.strip().lstrip("\ufeff") for cell in first.cells]

    def records(self) -> Iterator[Record]:
        rows = self._read(len(self.columns))
        next(rows, None)
        return rows

    def _read(self, width: int | None) -> Iterator[Record]:
        csv.field_size_limit(max(self._limit + 1, csv.field_size_limit()))
        with open_binary(self._path) as raw:
            # Bytes of another encoding become marks that condemn their own row only.
            text = io.TextIOWrapper(
                raw, encoding=self._encoding, errors="surrogateescape", newline=""
            )
            lines = _Lines(text, self._limit)
            reader = self._reader(lines)
            while True:
                lines.begin()
                line = lines.number + 1
                try:
                    cells = next(reader, None)
                except _TooLongError:
                    reason = Reason.TOO_LONG if len(lines.taken) == 1 else Reason.UNBALANCED_QUOTE
                    yield self._broken(lines, line, reason)
                    reader = self._reader(lines)
                    continue
                except csv.Error:
                    yield self._broken(lines, line, Reason.UNBALANCED_QUOTE)
                    reader = self._reader(lines)
                    continue
                if cells is None:
                    return
                if not cells or (len(cells) == 1 and not cells[0].strip()):
                    continue  # a blank line is no row
                if width is not None and len(cells) != width:
                    # A row over several lines with the wrong width began with a stray quote.
                    multi = len(lines.taken) > 1
                    reason = Reason.UNBALANCED_QUOTE if multi else Reason.COLUMN_COUNT
                    yield self._broken(lines, line, reason)
                    if multi:
                        reader = self._reader(lines)
                    continue
                yield Record(line, cells, self._fault(lines))

    def _reader(self, lines: _Lines) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    @staticmethod
    def _broken(lines: _Lines, line: int, reason: Reason) -> Record:
        lines.give_back()
        raw = lines.taken[0].rstrip("\r\n") if lines.taken else ""
        return Record(line, (), text_fault(raw) or reason, raw)

    @staticmethod
    def _fault(lines: _Lines) -> Reason | None:
        for line in lines.taken:
            if (fault := text_fault(line)) is not None:
                return fault
        return None


def find_delimiter(heading: str) -> str:
    """The delimiter that occurs most in the heading, outside quotes; a comma when none does."""
    outside = "".join(heading.split('"')[::2])
    return max(DELIMITERS, key=outside.count)
