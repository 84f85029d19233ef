"""Texts of people in files that spreadsheet programs open."""

#: What spreadsheet programs take for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def safe_text(text: str) -> str:
    """A text that no spreadsheet program runs as a formula: an apostrophe stands before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
