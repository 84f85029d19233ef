"""Texts of people in files that spreadsheet programs open."""

import re

#: What spreadsheet programs take for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL_LIMIT = 32_767  # characters in a cell of a workbook
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def safe_text(text: str) -> str:
    """A text that no spreadsheet program runs as a formula: an apostrophe stands before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def workbook_text(text: str) -> str:
    """The same for a cell of a workbook: what its XML cannot hold is left out, what is too long for
    a cell is cut."""
    return _NOT_IN_XML.sub("", safe_text(text))[:_CELL_LIMIT]
