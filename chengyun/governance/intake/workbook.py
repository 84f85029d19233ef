"""XLSX row by row, without loading the sheet."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from chengyun.core.problems import Invalid
from chengyun.governance.intake.reasons import Reason
from chengyun.governance.intake.records import RECORD_LIMIT, Record, text_fault

#: Unpacked size of a workbook that we are ready to read; a few kB can unpack to gigabytes.
UNPACKED_LIMIT = 2 * 1024**3
_RATIO_LIMIT = 200


class WorkbookSource:
    """One sheet of a workbook; its first row are the columns."""

    delimiter = ","

    def __init__(self, path: Path, sheet: str = "", unpacked_limit: int = UNPACKED_LIMIT) -> None:
        import openpyxl  # takes a third of a second that other files need not wait

        self._path = path
        _refuse_bomb(path, unpacked_limit)
        try:
            self._book: Any = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except Exception as error:  # openpyxl lets out whatever its parser met
            raise _unreadable(path, str(error)) from error
        if sheet and sheet not in self._book.sheetnames:
            names = ", ".join(self._book.sheetnames)
            raise Invalid(
                zh=f"{path.name} 中没有工作表 {sheet}，有：{names}",
                en=f"{path.name} has no sheet {sheet!r}; it has {names}",
                remedy_zh="在映射 [file] 的 sheet 中写其中之一。",
                remedy_en="Name one of them as sheet under [file] of the mapping.",
            )
        self._sheet: Any = self._book[sheet or self._book.sheetnames[0]]
        # Some writers give a wrong size, and rows beyond it would be lost.
        self._sheet.reset_dimensions()
        first = next(self._rows(), ())
        self.columns = [cell.strip() for cell in first]
        while self.columns and not self.columns[-1]:
            self.columns.pop()

    def records(self) -> Iterator[Record]:
        width = len(self.columns)
        for number, cells in enumerate(self._rows(), start=1):
            if number == 1 or not any(cells):
                continue
            if any(cells[width:]):
                yield Record(number, (), Reason.COLUMN_COUNT, ", ".join(cells))
                continue
            cells = [*cells[:width], *[""] * (width - len(cells))]
            fault = next((f for f in map(text_fault, cells) if f is not None), None)
            if fault is None and sum(map(len, cells)) > RECORD_LIMIT:
                fault = Reason.TOO_LONG
            yield Record(number, cells, fault)

    def _rows(self) -> Iterator[list[str]]:
        try:
            for row in self._sheet.iter_rows(values_only=True):
                yield [_text(value) for value in row]
        except (zipfile.BadZipFile, ValueError, KeyError, SyntaxError, EOFError) as error:
            raise _unreadable(self._path, str(error)) from error


def _text(value: object) -> str:
    """A cell as a person reads it; dates become ISO texts."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)


def _refuse_bomb(path: Path, limit: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise _unreadable(path, str(error)) from error
    packed = max(path.stat().st_size, 1)
    if unpacked > limit or (unpacked > 100 * 1024**2 and unpacked / packed > _RATIO_LIMIT):
        raise Invalid(
            zh=f"{path.name} 解压后有 {unpacked:,} 字节，拒绝读取",
            en=f"{path.name} unpacks to {unpacked:,} bytes and is refused",
            remedy_zh="另存为 CSV 后导入。",
            remedy_en="Save it as CSV and import that.",
        )


def _unreadable(path: Path, why: str) -> Invalid:
    return Invalid(
        zh=f"{path.name} 不是可读的 XLSX 工作簿：{why}",
        en=f"{path.name} is not a workbook that can be read: {why}",
        remedy_zh="用电子表格软件重新保存，或另存为 CSV。",
        remedy_en="Save it again with a spreadsheet program, or as CSV.",
    )
