"""The rejected file: every row that stayed out, as it was, with the reason and the remedy.

It is CSV in UTF-8 with the columns of the file first, so that, once mended, it can be imported
with the same mapping. It holds what the file held, so it is readable by its owner only.
"""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from chengyun.core.problems import Invalid
from chengyun.governance.intake.normalise import OURS, Outcome

COLUMNS = tuple(
    OURS + name for name in ("line", "code", "zh", "en", "remedy_zh", "remedy_en", "raw")
)


class RejectedFile:
    """Written batch by batch, and on the disk before the batch is committed."""

    def __init__(self, path: Path, columns: Sequence[str], delimiter: str) -> None:
        self.path, self._delimiter = path, delimiter
        self._columns = [name for name in columns if not name.startswith(OURS)]
        self._places = [i for i, name in enumerate(columns) if not name.startswith(OURS)]
        self._file: IO[str] | None = None

    def begin(self, last_line: int) -> None:
        """Forget rows beyond ``last_line``: their batch was not committed before a kill."""
        if not self.path.exists():
            return
        if last_line == 0:
            self.path.unlink()
            return
        kept_path = self.path.with_name(self.path.name + ".part")
        csv.field_size_limit(2**31 - 1)
        with (
            self.path.open(encoding="utf-8-sig", newline="") as old,
            _private(kept_path) as new,
        ):
            reader = csv.DictReader(old, delimiter=self._delimiter)
            writer = csv.writer(new, delimiter=self._delimiter)
            writer.writerow([*self._columns, *COLUMNS])
            for row in reader:
                # A half-written last line has no whole line number.
                line = row.get(COLUMNS[0]) or ""
                if line.isdigit() and row.get(COLUMNS[-1]) is not None and int(line) <= last_line:
                    writer.writerow([row[name] for name in (*self._columns, *COLUMNS)])
        kept_path.replace(self.path)

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Append rejected rows, in the order of the file."""
        for outcome in outcomes:
            rejection = outcome.rejection
            assert rejection is not None
            words = rejection.words()
            record = outcome.record
            cells = [record.cells[i] for i in self._places] if record.cells else []
            cells += [""] * (len(self._columns) - len(cells))
            ours = (
                str(record.line),
                rejection.reason.value,
                words.zh,
                words.en,
                words.remedy_zh,
                words.remedy_en,
                record.raw,
            )
            self._writer().writerow([_writable(cell) for cell in (*cells, *ours)])

    def size(self) -> int:
        """Bytes written so far, for ``cut``."""
        if self._file is not None:
            self._file.flush()
        return self.path.stat().st_size if self.path.exists() else 0

    def cut(self, size: int) -> None:
        """Take back what was written behind ``size``: its batch was not committed."""
        self.close()
        if size:
            os.truncate(self.path, size)
        else:
            self.path.unlink(missing_ok=True)

    def flush(self) -> None:
        """On the disk, not only on its way there."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _writer(self) -> Any:
        if self._file is None:
            fresh = not self.path.exists()
            try:
                self._file = _private(self.path, append=not fresh)
            except OSError as error:
                raise Invalid(
                    zh=f"无法写入 {self.path}: {error.strerror}",
                    en=f"{self.path} cannot be written: {error.strerror}",
                    remedy_zh="用 --rejected 指定可写的位置。",
                    remedy_en="Name a place that can be written with --rejected.",
                ) from error
            self._csv = csv.writer(self._file, delimiter=self._delimiter)
            if fresh:
                self._csv.writerow([*self._columns, *COLUMNS])
        return self._csv


def _private(path: Path, *, append: bool = False) -> IO[str]:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
    handle = os.open(path, flags, 0o600)
    # The mark tells spreadsheet programs, and our reader, that it is UTF-8.
    return os.fdopen(handle, "w", encoding="utf-8" if append else "utf-8-sig", newline="")


def _writable(cell: str) -> str:
    """Half surrogates and foreign bytes cannot be UTF-8: they are written as their escapes."""
    if cell.isascii():
        return cell.replace("\x00", "\\x00")
    return cell.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
