"""In which encoding a file is written, and what to do with texts that are in another."""

import codecs
import re
from pathlib import Path
from typing import IO

from chengyun.city.survey.source import SurveyRefused

# What is looked at to find an encoding; a row further on that is in another is set aside.
_SAMPLE = 64 * 1024 * 1024
_PIECE = 1024 * 1024
_MOST_WORDS = 10_000
_WORD = re.compile(rb"[\x80-\xff]+")
# GB 18030 reads everything that GBK, GB 2312 and code page 936 write.
_CHINESE = {"gbk", "gb2312", "cp936", "936", "ansi936", "gb18030", "hz", "mbcs936", "oem936"}


def parse_encoding(text: str) -> str:
    """An encoding by the names that people, `.cpg` files and settings use. Raises SurveyRefused."""
    plain = "".join(c for c in text.strip().lower() if c.isalnum())
    if plain in _CHINESE:
        return "gb18030"
    plain = {"65001": "utf-8", "utf8": "utf-8", "utf8sig": "utf-8"}.get(plain, plain)
    if plain.startswith("ansi") and plain[4:].isdigit():
        plain = f"cp{plain[4:]}"
    for name in (plain, text.strip()):
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    raise SurveyRefused(
        zh=f"编码 {text} 不存在。",
        en=f"There is no encoding {text}.",
        remedy_zh="写 utf-8 或 gb18030（GBK）。",
        remedy_en="Write utf-8 or gb18030 (for GBK).",
    )


def find_encoding(source: IO[bytes]) -> str:
    """Whether bytes are UTF-8 or GB 18030; where they are mixed, what most of their words are.

    Reads up to 64 MB. Rows in the other encoding are then rejected one by one.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen, words = 0, list[bytes]()
    pure = True
    while seen < _SAMPLE and (piece := source.read(_PIECE)):
        seen += len(piece)
        if len(words) < _MOST_WORDS:
            words += _WORD.findall(piece)
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            pure = False
            break
    if pure:
        return "utf-8"
    # Chinese in UTF-8 is nearly always readable as GB 18030 too, but not the other way round.
    return "utf-8" if sum(map(_is_utf8, words)) * 2 > len(words) else "gb18030"


def decode(text: bytes, encoding: str) -> str:
    """Bytes as text; raises UnicodeDecodeError also for Chinese in UTF-8 within GB 18030."""
    said = text.decode(encoding)
    if encoding == "gb18030" and not text.isascii() and _is_utf8(text):
        raise UnicodeDecodeError(encoding, text, 0, len(text), "it is UTF-8")
    return said


def _is_utf8(text: bytes) -> bool:
    try:
        said = text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Two characters of GB 18030 may by chance be Latin or Greek in UTF-8, hardly ever Chinese.
    return any("\u3000" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in said)


def dbf_encoding(shape: Path) -> str:
    """The encoding of a Shapefile's table: its `.cpg`, the mark in the `.dbf`, or by its bytes."""
    cpg = sibling(shape, ".cpg")
    if cpg is not None:
        try:
            return parse_encoding(cpg.read_text(encoding="ascii", errors="replace").split("\0")[0])
        except SurveyRefused:
            pass  # A label that names nothing; the bytes are asked instead.
    dbf = sibling(shape, ".dbf")
    if dbf is None:
        return "utf-8"
    with dbf.open("rb") as source:
        head = source.read(32)
        if len(head) == 32 and head[29] in (0x4D, 0x7A):
            return "gb18030"
        # Numbers that only look like text stand before the records: they are skipped.
        source.seek(32 if len(head) < 10 else int.from_bytes(head[8:10], "little"))
        return find_encoding(source)


def sibling(shape: Path, suffix: str) -> Path | None:
    """The file beside a Shapefile with another ending, in whatever case it is written."""
    for candidate in shape.parent.iterdir():
        if candidate.stem == shape.stem and candidate.suffix.lower() == suffix:
            return candidate
    return None
