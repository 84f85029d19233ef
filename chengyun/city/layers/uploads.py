"""Files that people send for a layer: few formats, told by their first bytes, and small.

GDAL reads what strangers wrote: in a process of its own (`survey.apart`), a path of our own
choosing in a folder of its own, the formats of the list below.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile

from chengyun.city.survey.reading import SourceFile, SurveyRefused, open_source
from chengyun.city.survey.source import Limits
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
# Somebody waits for the answer.
_FILL: Final = Limits(cpu=240, wait=300, unpacked=MOST_UNPACKED)
_DRIVERS: Final = frozenset(
    {"GeoJSON", "GeoJSONSeq", "GPKG", "FlatGeobuf", "ESRI Shapefile", "CSV", "TSV"}
)


@contextmanager
def received(
    file: "UploadedFile[Any]",
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
) -> Iterator[SourceFile]:
    """A file that was sent, as one that can be read; it is gone afterwards.

    Raises TooLarge, UnsupportedMedia, Invalid."""
    if file.size is None or file.size > MOST_BYTES:
        raise _too_large(f"文件超过 {MOST_BYTES >> 20} MB", f"over {MOST_BYTES >> 20} MB")
    ending = Path(file.name or "").suffix.lower()
    with tempfile.TemporaryDirectory(prefix="chengyun-layer-") as folder:
        path = Path(folder) / f"upload{ending if ending in _FORMS else '.bin'}"
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        form = format_of(path)
        if ending not in _FORMS or _FORMS[ending] != form:
            raise _unsupported(file.name or "")
        if form == "zip":
            _check_packed(path)
        try:
            source = open_source(path, layer=layer, crs=crs, encoding=encoding, apart=_FILL)
        except SurveyRefused as refused:
            raise Invalid(
                zh=refused.zh, en=refused.en, field="file", remedy_zh=refused.remedy_zh,
                remedy_en=refused.remedy_en,
            ) from refused  # fmt: skip
        if source.driver not in _DRIVERS:
            raise _unsupported(file.name or "")
        yield source


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
        zh=f"文件过大: {zh}。", en=f"The file is too large: {en}.", field="file",
        remedy_zh="请由管理人员用 chengyun import layer 导入。",
        remedy_en="Let an operator bring it in with chengyun import layer.",
    )  # fmt: skip


def _unsupported(name: str) -> UnsupportedMedia:
    return UnsupportedMedia(
        zh=f"不支持 {name[:80]}: 后缀与内容须为 GeoJSON、GeoPackage、FlatGeobuf、CSV 或打成 "
        "zip 的 Shapefile。",
        en=f"{name[:80]} is not supported: by its ending and its content it must be GeoJSON, "
        "GeoPackage, FlatGeobuf, CSV or a zipped Shapefile.",
        field="file",
        remedy_zh="请另存为这些格式之一。",
        remedy_en="Save it in one of these formats.",
    )
