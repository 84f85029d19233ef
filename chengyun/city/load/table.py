"""Reading the CSV files of a city folder: typed rows, and every mistake with its place.

    problems = Problems()
    table = read_table(path, [Column("code"), Column("day", parse=day)], problems=problems)
    for row in table:          # only rows without a mistake; row.line is the line in the file
        row["code"], row["day"]
    problems.raise_if_any()

Files are UTF-8 (a byte order mark is tolerated) or what `encoding` says, plain or gzip.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from chengyun.city.codes import CodeError

FAULT_LIMIT = 200
# A cell of this size is a broken quote that swallowed the rest of the file, not a value.
_CELL_LIMIT = 1_000_000


class CellError(CodeError):
    """A cell that cannot be taken: what is wrong with it, and how to mend it."""


@dataclass(frozen=True)
class Fault:
    """One mistake in one place of one file. `fatal`: the file cannot be read beyond it."""

    file: str
    row: int | None
    column: str | None
    what: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            unit = "feature" if ".geojson" in self.file else "row"
            place += f", {unit} {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: {self.what} → {self.remedy}"


class LoadRefused(Exception):
    """The files have mistakes; nothing of them was kept. `problems` says which."""

    def __init__(self, problems: "Problems") -> None:
        super().__init__(problems.summary())
        self.problems = problems


class Problems:
    """Collects mistakes so that a person mends a file once, not once per mistake."""

    def __init__(self, limit: int = FAULT_LIMIT) -> None:
        self.limit = limit
        self.faults: list[Fault] = []
        self.unlisted = 0

    def add(
        self,
        file: str,
        row: int | None,
        column: str | None,
        what: str,
        remedy: str,
        *,
        fatal: bool = False,
    ) -> None:
        """Note one mistake; beyond the limit mistakes are only counted."""
        if len(self.faults) < self.limit or fatal:
            self.faults.append(Fault(file, row, column, what, remedy, fatal))
        else:
            self.unlisted += 1

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note several mistakes."""
        for fault in faults:
            self.add(
                fault.file, fault.row, fault.column, fault.what, fault.remedy, fatal=fault.fatal
            )

    def __len__(self) -> int:
        return len(self.faults) + self.unlisted

    def __bool__(self) -> bool:
        return bool(self.faults)

    def summary(self) -> str:
        """All listed mistakes, one per line, and how many more there are."""
        lines = [str(fault) for fault in self.faults]
        if self.unlisted:
            lines.append(f"… and {self.unlisted} more mistakes")
        return "\n".join(lines)

    def raise_if_any(self) -> None:
        """Raise LoadRefused when a mistake was noted."""
        if self:
            raise LoadRefused(self)


@dataclass(frozen=True)
class Column:
    """One column: its heading, how a cell is read, and whether it may be empty or missing.

    `parse` gets the stripped text and raises CellError. An empty cell of a column that is not
    required becomes `default` without being parsed.
    """

    name: str
    required: bool = True
    parse: Callable[[str], Any] = str
    default: Any = ""


@dataclass(frozen=True)
class Row:
    """One row without mistakes. `line` is where it starts in the file (the heading is line 1)."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass
class Table:
    """A CSV file read row by row. It can be iterated again; mistakes are noted each time."""

    path: Path
    columns: Sequence[Column]
    problems: Problems
    name: str
    encoding: str = "utf-8"
    unique: Sequence[str] = ()
    extra_columns: bool = False
    heading: list[str] = field(default_factory=list)

    def fault(self, row: Row | int | None, column: str | None, what: str, remedy: str) -> None:
        """Note a mistake found by the caller in a row of this table."""
        line = row.line if isinstance(row, Row) else row
        self.problems.add(self.name, line, column, what, remedy)

    def _unreadable(self, line: int | None, what: str, remedy: str) -> None:
        self.problems.add(self.name, line, None, what, remedy, fatal=True)

    def __iter__(self) -> Iterator[Row]:
        lines = raw_rows(self.path, self.encoding, self._unreadable)
        first = next(lines, None)
        if first is None:
            if not any(fault.file == self.name for fault in self.problems.faults):
                self._unreadable(1, "the file is empty", "put the column headings in row 1")
            return
        self.heading = [cell.strip().lstrip("\ufeff") for cell in first[1]]
        if not self._heading_is_right():
            return
        seen: dict[tuple[Any, ...], int] = {}
        for line, cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            faults: list[Fault] = []
            if len(cells) > len(self.heading):
                what = f"the row has {len(cells)} cells, the heading {len(self.heading)}"
                remedy = 'quote values that contain a comma: "a, b"'
                faults.append(Fault(self.name, line, None, what, remedy))
            texts = dict(zip(self.heading, cells, strict=False))
            values = parse_cells(self.name, line, texts, self.columns, faults)
            if not faults and self.unique:
                check_unique(self.name, line, values, self.unique, seen, faults)
            self.problems.extend(faults)
            if not faults:
                yield Row(line, values)

    def _heading_is_right(self) -> bool:
        known = [column.name for column in self.columns]
        headings = f"the headings are {', '.join(known)}"
        faults: list[tuple[str | None, str, str]] = []
        if len(self.heading) == 1 and len(known) > 1 and any(c in self.heading[0] for c in ";\t"):
            faults.append((None, "the columns are not separated by commas", "save it as comma CSV"))
        else:
            twice = sorted({n for n in self.heading if n and self.heading.count(n) > 1})
            faults += [
                (n, "the heading stands there twice", "remove one of the two") for n in twice
            ]
            required = [column.name for column in self.columns if column.required]
            missing = [name for name in required if name not in self.heading]
            faults += [(n, "the column is missing", f"add it; {headings}") for n in missing]
            if not self.extra_columns:
                unknown = [name for name in self.heading if name and name not in known]
                remedy = f"rename or remove it; {headings}"
                faults += [(n, "the column is not known here", remedy) for n in unknown]
        for column_name, what, remedy in faults:
            self.problems.add(self.name, 1, column_name, what, remedy, fatal=True)
        return not faults


def parse_cells(
    file: str,
    line: int,
    texts: Mapping[str, str],
    columns: Sequence[Column],
    faults: list[Fault],
) -> dict[str, Any]:
    """Parse the texts of one row by its columns; mistakes are appended to `faults`."""
    values: dict[str, Any] = {}
    for column in columns:
        text = texts.get(column.name, "").strip()
        if not text:
            if column.required:
                faults.append(Fault(file, line, column.name, "it is empty", "fill it in"))
            values[column.name] = column.default
            continue
        try:
            _check_characters(text)
            values[column.name] = column.parse(text)
        except CodeError as error:
            faults.append(Fault(file, line, column.name, error.what, error.remedy))
    return values


def _check_characters(text: str) -> None:
    """Refuse what the database cannot keep: NUL, and halves of characters (from JSON escapes)."""
    if "\x00" in text:
        raise CellError("it contains a NUL character", "remove it")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise CellError("it contains half a character", "type that text again") from None


def check_unique(
    file: str,
    line: int,
    values: Mapping[str, Any],
    unique: Sequence[str],
    seen: dict[tuple[Any, ...], int],
    faults: list[Fault],
) -> None:
    """Note a mistake when the values of the `unique` columns stood in an earlier row."""
    key = tuple(values[name] for name in unique)
    earlier = seen.setdefault(key, line)
    if earlier != line:
        shown = " ".join(str(part) for part in key)
        what = f"{shown} stands already in {earlier}"
        faults.append(Fault(file, line, unique[-1], what, "remove or change one of the two"))


def read_table(
    path: Path,
    columns: Sequence[Column],
    *,
    problems: Problems,
    name: str | None = None,
    encoding: str = "utf-8",
    unique: Sequence[str] = (),
    extra_columns: bool = False,
) -> Table:
    """Open a CSV file (plain or gzip) as a table of typed rows.

    `unique` names the columns whose values together may stand only once. Columns that are not
    listed are a mistake unless `extra_columns`.
    """
    return Table(
        path=path,
        columns=columns,
        problems=problems,
        name=name or path.name,
        encoding=encoding,
        unique=unique,
        extra_columns=extra_columns,
    )


def open_binary(path: Path) -> IO[bytes]:
    """Open a plain or gzip file for reading, by its first bytes, not by its name."""
    raw = path.open("rb")
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == b"\x1f\x8b" else raw  # type: ignore[return-value]


def raw_rows(
    path: Path, encoding: str, unreadable: Callable[[int | None, str, str], None] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of a CSV file; what makes it unreadable is told and ends it."""
    csv.field_size_limit(_CELL_LIMIT)
    codec = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
    tell = unreadable or (lambda *_: None)
    line = 1
    try:
        with open_binary(path) as raw:
            text = io.TextIOWrapper(raw, encoding=codec, newline="")
            reader = csv.reader(text)
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
    except FileNotFoundError:
        tell(None, "the file is not there", "check its name and place")
    except UnicodeDecodeError:
        tell(*_explain_encoding(path, encoding))
    except csv.Error as error:
        tell(line, f"it is not readable as CSV ({error})", "look for a quote that is not closed")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        tell(line, "the gzip file is broken or cut off here", "pack or copy it again")


def _explain_encoding(path: Path, encoding: str) -> tuple[int | None, str, str]:
    """Find the first line that is not in `encoding` and say what it looks like instead."""
    with open_binary(path) as raw:
        head = raw.read(4)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return 1, "the file is UTF-16", "save it as CSV UTF-8"
        if head == b"PK\x03\x04":
            return 1, "the file is a workbook (XLSX) or a ZIP, not CSV", "save it as CSV UTF-8"
        raw.seek(0)
        for number, line in enumerate(raw, start=1):
            if _decodes(line, encoding):
                continue
            if not _decodes(line, "gb18030"):
                return number, f"the text is not {encoding}", "save it as CSV UTF-8"
            remedy = 'save it as CSV UTF-8, or write encoding = "gb18030" under [city] in city.toml'
            return number, f"the text is not {encoding}; it looks like GBK (GB 18030)", remedy
    return None, f"the text is not {encoding}", "save it as CSV UTF-8"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def text(cell: str) -> str:
    """Take the text as it is."""
    return cell


def day(cell: str) -> date:
    """Read a date: YYYY-MM-DD or YYYYMMDD, from year 1900 on."""
    plain = cell.replace("-", "").replace("/", "")
    try:
        if len(plain) != 8 or not plain.isascii():
            raise ValueError
        value = date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        what = f"{cell!r} is not a date of the calendar"
        raise CellError(what, "write it as YYYY-MM-DD, or leave the cell empty") from None
    if not 1900 <= value.year <= 2999:
        raise CellError(f"the year of {cell!r} cannot be", "write a year from 1900 on")
    return value


def integer(cell: str) -> int:
    """Read a whole number."""
    try:
        return int(cell)
    except ValueError:
        raise CellError(f"{cell!r} is not a whole number", "write digits only") from None


def decimal(cell: str) -> Decimal:
    """Read a finite decimal number."""
    try:
        value = Decimal(cell)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise CellError(f"{cell!r} is not a number", "write it like 12.5")
    return value


def boolean(cell: str) -> bool:
    """Read yes/no in the words people use for it."""
    match cell.lower():
        case "1" | "true" | "yes" | "y" | "是":
            return True
        case "0" | "false" | "no" | "n" | "否":
            return False
    raise CellError(f"{cell!r} is neither yes nor no", "write true or false")


def one_of(values: Collection[str] | type[StrEnum]) -> Callable[[str], str]:
    """Make a parser that takes only the given words."""
    words: Iterable[str] = values if not isinstance(values, type) else [str(v) for v in values]
    allowed = list(words)

    def parse(cell: str) -> str:
        if cell not in allowed:
            raise CellError(f"{cell!r} is not known here", f"use one of {', '.join(allowed)}")
        return cell

    return parse
