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
from chengyun.core.words import Both, Language

FAULT_LIMIT = 200
# A cell of this size is a broken quote that swallowed the rest of the file, not a value.
_CELL_LIMIT = 1_000_000
MISSING_COLUMN = Both("缺少该列", "the column is missing")
_EMPTY, _FILL_IN = Both("为空", "it is empty"), Both("补上该项", "fill it in")
_AS_CSV = Both("存为 UTF-8 的 CSV", "save it as CSV UTF-8")


class CellError(CodeError):
    """A cell that cannot be taken: what is wrong with it, and how to mend it."""


@dataclass(frozen=True)
class Fault:
    """One mistake in one place of one file. `fatal`: the file cannot be read beyond it."""

    file: str
    row: int | None
    column: str | None
    what: Both
    remedy: Both
    fatal: bool = False

    def said(self, language: Language) -> str:
        """The place, the mistake and its remedy, on one line."""
        place = [Both(self.file, self.file)]
        if self.row is not None:
            zh, en = ("个要素", "feature") if ".geojson" in self.file else ("行", "row")
            place.append(Both(f"第 {self.row} {zh}", f"{en} {self.row}"))
        if self.column is not None:
            place.append(Both(f"{self.column} 列", f"column {self.column}"))
        comma, colon = ("，", "：") if language == "zh" else (", ", ": ")
        where = comma.join(part.said(language) for part in place)
        return f"{where}{colon}{self.what.said(language)} → {self.remedy.said(language)}"


class LoadRefused(Exception):
    """The files have mistakes; nothing of them was kept. `problems` says which."""

    def __init__(self, problems: "Problems") -> None:
        super().__init__(problems.summary("en"))
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
        what: Both,
        remedy: Both,
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

    def summary(self, language: Language) -> str:
        """All listed mistakes, one per line, and how many more there are."""
        lines = [fault.said(language) for fault in self.faults]
        if self.unlisted:
            more = Both(f"……还有 {self.unlisted} 处错误", f"… and {self.unlisted} more mistakes")
            lines.append(more.said(language))
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

    def fault(self, row: Row | int | None, column: str | None, what: Both, remedy: Both) -> None:
        """Note a mistake found by the caller in a row of this table."""
        line = row.line if isinstance(row, Row) else row
        self.problems.add(self.name, line, column, what, remedy)

    def _unreadable(self, line: int | None, what: Both, remedy: Both) -> None:
        self.problems.add(self.name, line, None, what, remedy, fatal=True)

    def __iter__(self) -> Iterator[Row]:
        lines = raw_rows(self.path, self.encoding, self._unreadable)
        first = next(lines, None)
        if first is None:
            if not any(fault.file == self.name for fault in self.problems.faults):
                self._unreadable(
                    1,
                    Both("文件为空", "the file is empty"),
                    Both("第 1 行写列名", "put the column headings in row 1"),
                )
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
                what = Both(
                    f"该行有 {len(cells)} 格，表头有 {len(self.heading)} 格",
                    f"the row has {len(cells)} cells, the heading {len(self.heading)}",
                )
                remedy = Both(
                    '含逗号的值加引号："a, b"', 'quote values that contain a comma: "a, b"'
                )
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
        names = ", ".join(known)
        faults: list[tuple[str | None, Both, Both]] = []
        if len(self.heading) == 1 and len(known) > 1 and any(c in self.heading[0] for c in ";\t"):
            what = Both("各列未用逗号分隔", "the columns are not separated by commas")
            faults.append((None, what, Both("存为逗号分隔的 CSV", "save it as comma CSV")))
        else:
            twice = sorted({n for n in self.heading if n and self.heading.count(n) > 1})
            what = Both("列名重复", "the heading stands there twice")
            faults += [(n, what, Both("删去其中之一", "remove one of the two")) for n in twice]
            required = [column.name for column in self.columns if column.required]
            missing = [name for name in required if name not in self.heading]
            remedy = Both(f"补上；列名为 {names}", f"add it; the headings are {names}")
            faults += [(n, MISSING_COLUMN, remedy) for n in missing]
            if not self.extra_columns:
                unknown = [name for name in self.heading if name and name not in known]
                what = Both("此处没有该列", "the column is not known here")
                remedy = Both(
                    f"改名或删去；列名为 {names}", f"rename or remove it; the headings are {names}"
                )
                faults += [(n, what, remedy) for n in unknown]
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
                faults.append(Fault(file, line, column.name, _EMPTY, _FILL_IN))
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
        raise CellError(
            Both("含有空字符（NUL）", "it contains a NUL character"), Both("删去", "remove it")
        )
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise CellError(
                Both("含有半个字符", "it contains half a character"),
                Both("重新输入该文字", "type that text again"),
            ) from None


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
        faults.append(Fault(file, line, unique[-1], *repeated(shown, earlier)))


def repeated(name: str, earlier: int) -> tuple[Both, Both]:
    """What is wrong with a row that stood earlier in the file already, and how to mend it."""
    return (
        Both(f"第 {earlier} 条已有 {name}", f"{name} stands already in {earlier}"),
        Both("删去或改正其中之一", "remove or change one of the two"),
    )


def no_organisation(code: str) -> tuple[Both, Both]:
    """What is wrong with a row that names an organisation nobody knows, and how to mend it."""
    return (
        Both(f"没有机构 {code}", f"there is no organisation {code}"),
        Both("将其加入 organisations.csv", "add it to organisations.csv"),
    )


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
    path: Path, encoding: str, unreadable: Callable[[int | None, Both, Both], None] | None = None
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
        tell(
            None,
            Both("没有该文件", "the file is not there"),
            Both("核对文件名与位置", "check its name and place"),
        )
    except UnicodeDecodeError:
        tell(*_explain_encoding(path, encoding))
    except csv.Error as error:
        tell(
            line,
            Both(f"无法按 CSV 读取（{error}）", f"it is not readable as CSV ({error})"),
            Both("查找未闭合的引号", "look for a quote that is not closed"),
        )
    except (gzip.BadGzipFile, EOFError, zlib.error):
        tell(
            line,
            Both("gzip 文件在此处损坏或截断", "the gzip file is broken or cut off here"),
            Both("重新压缩或复制", "pack or copy it again"),
        )


def _explain_encoding(path: Path, encoding: str) -> tuple[int | None, Both, Both]:
    """Find the first line that is not in `encoding` and say what it looks like instead."""
    with open_binary(path) as raw:
        head = raw.read(4)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return 1, Both("文件是 UTF-16 编码", "the file is UTF-16"), _AS_CSV
        if head == b"PK\x03\x04":
            what = Both(
                "文件是工作簿（XLSX）或 ZIP，不是 CSV",
                "the file is a workbook (XLSX) or a ZIP, not CSV",
            )
            return 1, what, _AS_CSV
        raw.seek(0)
        other = Both(f"文字不是 {encoding} 编码", f"the text is not {encoding}")
        for number, line in enumerate(raw, start=1):
            if _decodes(line, encoding):
                continue
            if not _decodes(line, "gb18030"):
                return number, other, _AS_CSV
            return (
                number,
                Both(
                    f"{other.zh}，像是 GBK（GB 18030）", f"{other.en}; it looks like GBK (GB 18030)"
                ),
                Both(
                    '存为 UTF-8 的 CSV，或在 city.toml 的 [city] 下写 encoding = "gb18030"',
                    'save it as CSV UTF-8, or write encoding = "gb18030" under [city] in city.toml',
                ),
            )
    return None, other, _AS_CSV


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
        raise CellError(
            Both(f"{cell!r} 不是日历上的日期", f"{cell!r} is not a date of the calendar"),
            Both("写作 YYYY-MM-DD，或留空", "write it as YYYY-MM-DD, or leave the cell empty"),
        ) from None
    if not 1900 <= value.year <= 2999:
        raise CellError(
            Both(f"{cell!r} 的年份不可能", f"the year of {cell!r} cannot be"),
            Both("写 1900 年以后的年份", "write a year from 1900 on"),
        )
    return value


def integer(cell: str) -> int:
    """Read a whole number."""
    try:
        return int(cell)
    except ValueError:
        raise CellError(
            Both(f"{cell!r} 不是整数", f"{cell!r} is not a whole number"),
            Both("只写数字", "write digits only"),
        ) from None


def decimal(cell: str) -> Decimal:
    """Read a finite decimal number."""
    try:
        value = Decimal(cell)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise CellError(
            Both(f"{cell!r} 不是数值", f"{cell!r} is not a number"),
            Both("写作 12.5 这样的数", "write it like 12.5"),
        )
    return value


def boolean(cell: str) -> bool:
    """Read yes/no in the words people use for it."""
    match cell.lower():
        case "1" | "true" | "yes" | "y" | "是":
            return True
        case "0" | "false" | "no" | "n" | "否":
            return False
    raise CellError(
        Both(f"{cell!r} 既非是也非否", f"{cell!r} is neither yes nor no"),
        Both("写 true 或 false", "write true or false"),
    )


def one_of(values: Collection[str] | type[StrEnum]) -> Callable[[str], str]:
    """Make a parser that takes only the given words."""
    words: Iterable[str] = values if not isinstance(values, type) else [str(v) for v in values]
    allowed = list(words)

    def parse(cell: str) -> str:
        if cell not in allowed:
            names = ", ".join(allowed)
            raise CellError(
                Both(f"此处没有 {cell!r}", f"{cell!r} is not known here"),
                Both(f"可用：{names}", f"use one of {names}"),
            )
        return cell

    return parse
