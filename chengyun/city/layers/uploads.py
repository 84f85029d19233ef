"""Files that people send for a layer: few formats, told by their first bytes, and small.

GDAL reads what strangers wrote: in a process of its own (`survey.apart`), a path of our own
choosing in a folder of its own, the formats of the list below.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core.files.base import File

from chengyun.city.layers.filling import too_many_rows
from chengyun.city.survey.reading import SourceFile, SurveyRefused, open_source
from chengyun.city.survey.source import Limits
from chengyun.city.survey.uploads import Spooled, spooled
from chengyun.city.survey.vectors import format_of
from chengyun.core.problems import Invalid, TooLarge, UnsupportedMedia

#: Bytes of a file, and of what a packed one may unpack to.
MOST_BYTES: Final = 50 * 1024 * 1024
MOST_UNPACKED: Final = 500 * 1024 * 1024
MOST_MEMBERS: Final = 50
#: Rows of a file that comes over HTTP.
MOST_ROWS: Final = 500_000
#: Endings, and what the first bytes must say of each: of a table nothing, it is plain text.
_FORMS: Final = {
    ".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg", ".fgb": "fgb", ".zip": "zip",
    ".csv": None,
}  # fmt: skip
#: For looking at a file while somebody waits, and for reading it in a job.
LOOK: Final = Limits(cpu=30, wait=60, unpacked=MOST_UNPACKED)
READ: Final = Limits(cpu=240, wait=900, unpacked=MOST_UNPACKED)
_DRIVERS: Final = frozenset(
    {"GeoJSON", "GeoJSONSeq", "GPKG", "FlatGeobuf", "ESRI Shapefile", "CSV", "TSV"}
)


@dataclass(frozen=True)
class Said:
    """What whoever sends a file says of it; `anew`: take the layer's fields from it."""

    layer: str = ""
    crs: str = ""
    encoding: str = ""
    anew: bool = False


def received(content: "File[bytes]", name: str, said: Said) -> tuple[Spooled, int | None]:
    """A file that was sent, looked at, and how many rows it has where it tells.

    Raises TooLarge, UnsupportedMedia, Invalid."""
    if content.size is None or content.size > MOST_BYTES:
        raise _too_large(f"文件超过 {MOST_BYTES >> 20} MB", f"over {MOST_BYTES >> 20} MB")
    sent = spooled(content, name)
    form = format_of(sent.path)
    ending = sent.path.suffix.lower()
    if ending not in _FORMS or _FORMS[ending] != form:
        raise _unsupported(name)
    if form == "zip":
        _check_packed(sent.path)
    try:
        source = opened(sent.path, said, LOOK)
    except SurveyRefused as refused:
        raise Invalid(**refused.plain(), field="file") from refused
    if source.driver not in _DRIVERS:
        raise _unsupported(name)
    if source.count is not None and source.count > MOST_ROWS:
        raise too_many_rows(MOST_ROWS)
    return sent, source.count


def opened(path: Path, said: Said, limits: Limits) -> SourceFile:
    """A file of strangers, read apart as who sent it says. Raises SurveyRefused."""
    return open_source(
        path, layer=said.layer or None, crs=said.crs or None, encoding=said.encoding or None,
        apart=limits,
    )  # fmt: skip


def _check_packed(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Invalid(
            zh="压缩文件已损坏。", en="The packed file is broken.", field="file",
            remedy_zh="请重新打包。", remedy_en="Pack it again.",
        ) from None  # fmt: skip
    if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
        raise _too_large(
            f"解压后多于 {MOST_MEMBERS} 个文件或 {MOST_UNPACKED >> 20} MB",
            f"more than {MOST_MEMBERS} files or {MOST_UNPACKED >> 20} MB when unpacked",
        )


def _too_large(zh: str, en: str) -> TooLarge:
    return TooLarge(
        zh=f"文件过大：{zh}。", en=f"The file is too large: {en}.", field="file",
        remedy_zh="请由管理人员用 chengyun import layer 导入。",
        remedy_en="Let an operator bring it in with chengyun import layer.",
    )  # fmt: skip


def _unsupported(name: str) -> UnsupportedMedia:
    return UnsupportedMedia(
        zh=f"不支持 {name[:80]}：后缀与内容须为 GeoJSON、GeoPackage、FlatGeobuf、CSV 或打成 "
        "zip 的 Shapefile。",
        en=f"{name[:80]} is not supported: by its ending and its content it must be GeoJSON, "
        "GeoPackage, FlatGeobuf, CSV or a zipped Shapefile.",
        field="file",
        remedy_zh="请另存为这些格式之一。",
        remedy_en="Save it in one of these formats.",
    )
