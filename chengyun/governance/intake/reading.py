"""Open a file of requests: find out what it is, then stream its records."""

import codecs
import hashlib
import zlib
from pathlib import Path

from chengyun.city.load.table import open_binary
from chengyun.core.problems import Invalid
from chengyun.governance.intake.csv_rows import CsvSource, find_delimiter
from chengyun.governance.intake.json_rows import JsonSource
from chengyun.governance.intake.mapping import Mapping, columns_of
from chengyun.governance.intake.records import RECORD_LIMIT, Source
from chengyun.governance.intake.workbook import WorkbookSource

_SAMPLE = 1024 * 1024
#: So many bad bytes among the non-ASCII ones are damage; more are another encoding.
_DAMAGE_SHARE = 0.1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_source(path: Path, mapping: Mapping, limit: int = RECORD_LIMIT) -> Source:
    """Open ``path`` as CSV, XLSX, GeoJSON or JSON lines (plain or gzip), by its content.

    Raises Invalid when it cannot be read at all or lacks a column that the mapping names, and
    FileNotFoundError.
    """
    sample = _sample(path)
    if sample.startswith(b"PK\x03\x04"):
        source: Source = WorkbookSource(path, mapping.file.sheet)
    elif sample.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        start = sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:4096]
        source = JsonSource(path, collection=b'"FeatureCollection"' in start, limit=limit)
    else:
        encoding = find_encoding(path, sample, mapping.file.encoding)
        heading = sample.decode(encoding, "replace").lstrip("\ufeff").split("\n", 1)[0]
        delimiter = mapping.file.delimiter or find_delimiter(heading)
        source = CsvSource(path, encoding=encoding, delimiter=delimiter, limit=limit)
    _check_columns(path, source, mapping)
    return source


def _sample(path: Path) -> bytes:
    try:
        with open_binary(path) as raw:
            sample = raw.read(_SAMPLE)
    except (EOFError, zlib.error, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise Invalid(
            zh=f"{path.name} 无法读取：{error}",
            en=f"{path.name} cannot be read: {error}",
            remedy_zh="重新复制或压缩该文件。",
            remedy_en="Copy or pack it again.",
        ) from error
    if not sample.strip():
        raise Invalid(
            zh=f"{path.name} 是空文件",
            en=f"{path.name} is empty",
            remedy_zh="确认文件是否正确。",
            remedy_en="Make sure that it is the right file.",
        )
    return sample


def find_encoding(path: Path, sample: bytes, declared: str) -> str:
    """The encoding by its mark, else as declared, else UTF-8 or GB 18030, whichever fits."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if declared:
        return declared
    if _bad_share(sample, "utf-8") <= _DAMAGE_SHARE:
        return "utf-8"
    if _bad_share(sample, "gb18030") <= _DAMAGE_SHARE:
        return "gb18030"
    raise Invalid(
        zh=f"{path.name} 既不是 UTF-8 也不是 GB18030 编码的文本",
        en=f"{path.name} is text neither in UTF-8 nor in GB 18030",
        remedy_zh="在映射 [file] 中声明 encoding，或另存为 UTF-8。",
        remedy_en="Declare encoding under [file] of the mapping, or save it as UTF-8.",
    )


def _bad_share(sample: bytes, encoding: str) -> float:
    """Share of the non-ASCII bytes that are not in the encoding."""
    beyond = sum(1 for byte in sample if byte > 127) if not sample.isascii() else 0
    if not beyond:
        return 0.0
    # The sample may end inside a character: at most three bytes of it are forgiven.
    text = sample.decode(encoding, "surrogateescape")
    bad = sum(1 for char in text if "\udc80" <= char <= "\udcff")
    return max(0, bad - 3) / beyond


def _check_columns(path: Path, source: Source, mapping: Mapping) -> None:
    missing = [name for name in columns_of(mapping) if name not in source.columns]
    if isinstance(source, JsonSource) and len(missing) < len(columns_of(mapping)):
        # A member that is absent is an empty value; it is a mistake only when nothing fits.
        source.columns[-1:-1] = missing
        return
    repeated = sorted({name for name in source.columns if name and source.columns.count(name) > 1})
    if repeated:
        names = ", ".join(repeated)
        raise Invalid(
            zh=f"{path.name} 的表头中 {names} 重复出现",
            en=f"The heading of {path.name} has {names} twice",
            remedy_zh="改名或删除其中一列。",
            remedy_en="Rename or remove one of the two columns.",
        )
    if missing:
        raise Invalid(
            zh=f"{path.name} 缺少映射中的列：{', '.join(missing)}；文件的列是："
            f"{', '.join(source.columns)}",
            en=f"{path.name} lacks columns that the mapping names: {', '.join(missing)}; "
            f"it has: {', '.join(source.columns)}",
            remedy_zh="核对映射中的列名；若文件只有一列，请在 [file] 中声明 delimiter。",
            remedy_en="Correct the names in the mapping; if it has one column only, declare "
            "delimiter under [file].",
        )


def digest(path: Path) -> str:
    """SHA-256 of the file as it lies there."""
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
