"""Evaluation tables as CSV and XLSX."""

import csv
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from chengyun.core.spreadsheets import safe_text
from chengyun.core.words import Language
from chengyun.governance.evaluation.judge import Judged, heading, lines


def as_csv(judged: Judged, language: Language = "zh") -> bytes:
    """UTF-8 with the mark that makes spreadsheet programs read it as such; null is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heading(judged.table, language))
    writer.writerows([_cell(value) for value in line] for line in lines(judged, language))
    return ("\ufeff" + buffer.getvalue()).encode()


def as_xlsx(judged: Judged, language: Language = "zh") -> bytes:
    """A workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("evaluation")
    sheet.append(heading(judged.table, language))
    for line in lines(judged, language):
        sheet.append([_cell(value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("", safe_text(value))
    return value
