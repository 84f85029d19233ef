"""The formats that GDAL reads: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, OpenStreetMap.

pyogrio brings a GDAL of its own beside the system's that Django uses; the two do not meet. What is
handed to it is told by its first bytes, so that a file cannot pass for a format that would open
other files or addresses.
"""

import gzip
import json
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.raw
from pyogrio.errors import CRSError, DataSourceError, FeatureError, FieldError, GeometryError

from chengyun.city.survey.arrow import column, shape_column
from chengyun.city.survey.encodings import dbf_encoding, parse_encoding, sibling
from chengyun.city.survey.source import Folder, Kind, RawBatch, SourceFile, SurveyRefused
from chengyun.city.survey.systems import parse_system
from chengyun.core.words import Both

_FAILURES = (DataSourceError, FeatureError, FieldError, GeometryError, CRSError, pa.ArrowException,
             OSError, RuntimeError, UnicodeError)  # fmt: skip
_DRIVERS = {
    "gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON", "fgb": "FlatGeobuf",
    "osm": "OSM",
}  # fmt: skip
# What a packed survey may unpack to: a small file that grows without end is no survey.
_LARGEST = 16 * 1024**3
_GROWTH = 200
_KINDS = {"object": Kind.TEXT, "bool": Kind.BOOLEAN, "datetime64[D]": Kind.DATE}


def format_of(path: Path) -> str | None:
    """Which of the formats here a file is, by its first bytes; None for another."""
    name = path.name.lower()
    try:
        if name.endswith(".gz"):
            with gzip.open(path) as packed:
                head = packed.read(4096)
        else:
            with path.open("rb") as source:
                head = source.read(4096)
    except (OSError, EOFError, zlib.error):
        return None
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "shp"
    if head.startswith(b"fgb"):
        return "fgb"
    if b"OSMHeader" in head[:64] or (text.startswith(b"<") and b"<osm" in text[:1024]):
        return "osm"
    if text.startswith(b"{"):
        return "geojson"
    return "zip" if head.startswith(b"PK\x03\x04") else None


def only_known_drivers() -> None:
    """Take every driver from GDAL but those of the formats here, for the rest of this process."""
    from pyogrio._ogr import _register_drivers

    known = {*_DRIVERS.values(), "GeoJSONSeq"}
    others = [name for name in pyogrio.list_drivers() if name not in known]
    pyogrio.set_gdal_config_options({"GDAL_SKIP": ",".join(others)})
    _register_drivers()


def check_growth(path: Path, most: int) -> None:
    """Whether a packed file holds at most so many bytes, found out by unpacking it into nothing.

    Raises SurveyRefused."""
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as packed:
                held = _length(packed, most)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                held = sum(member.file_size for member in archive.infolist())
        else:
            return
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise _unreadable(path, _as_told(error)) from error
    if held > most:
        size = f"{most >> 20:,} MB"
        raise _unreadable(path, Both(f"解压后超过 {size}", f"it unpacks to more than {size}"))


def _length(packed: gzip.GzipFile, most: int) -> int:
    """The bytes of what is packed; not all of them where there are more than `most`."""
    seen = 0
    while seen <= most and (piece := packed.read(1024 * 1024)):
        seen += len(piece)
    return seen


def open_vector(
    path: Path, form: str, *, layer: str | None, crs: str | None, encoding: str | None
) -> SourceFile:
    """Look at a file of one of the formats here. `crs` is already parsed."""
    inner, folder = path, None
    if form == "zip":
        inner, folder = _unpacked(path)
        form = format_of(inner) or ""
    if form not in _DRIVERS:
        raise _unreadable(
            path,
            Both(
                "内容与后缀所示的格式不同", "its contents are of another format than its name says"
            ),
        )
    opened = str(inner)
    if path.name.lower().endswith(".gz") and folder is None:
        if form in ("gpkg", "shp", "fgb"):
            raise _unreadable(
                path,
                Both(
                    "此格式不能在 gzip 中读取，请先解压",
                    "this format cannot be read inside of a gzip file; unpack it",
                ),
            )
        opened = f"/vsigzip/{inner.resolve()}"
    if form == "shp" and sibling(inner, ".shx") is None:
        raise SurveyRefused(
            zh=f"{path.name} 缺少同名的 .shx 文件。", en=f"{path.name} has no .shx file beside it.",
            remedy_zh="Shapefile 由 .shp .shx .dbf .prj 组成，请一并提供（可打成 zip）。",
            remedy_en="A Shapefile is .shp, .shx, .dbf and .prj together; hand in all of them "
            "(a zip is fine).",
        )  # fmt: skip
    written = "utf-8"
    if form == "shp":
        written = parse_encoding(encoding) if encoding else dbf_encoding(inner)
    try:
        name = _layer(path, opened, layer, form)
        info = pyogrio.read_info(opened, layer=name, **_options(_DRIVERS[form]))
    except _FAILURES as error:
        raise _unreadable(path, _as_told(error)) from error
    if info["driver"] not in (_DRIVERS[form], "GeoJSONSeq"):
        driver = info["driver"]
        raise _unreadable(path, Both(f"这是 {driver} 的文件", f"it is a file for {driver}"))
    if crs is None:
        crs = _own_system(path, form, info)
    fields = [_field_name(str(f), written, form) for f in info["fields"]]
    kinds = [_kind(str(dtype)) for dtype in info["dtypes"]]
    count = int(info["features"])
    return SourceFile(
        path, info["driver"], name, crs, written, dict(zip(fields, kinds, strict=True)),
        count if count >= 0 else None, info["geometry_type"], opened, (), folder,
    )  # fmt: skip


def vector_batches(
    source: SourceFile, columns: list[str], size: int, behind: int
) -> Iterator[RawBatch]:
    """The rows of a layer, streamed. Columns that OpenStreetMap has no field for are its tags."""
    tags = [name for name in columns if name not in source.columns]
    own = [name for name in columns if name in source.columns]
    wanted = list(dict.fromkeys([*own, "other_tags"])) if tags else own
    # The names as GDAL gives them; a Shapefile's are the bytes of their encoding.
    given = _given_names(wanted, source)
    encoding = source.encoding if source.driver == "ESRI Shapefile" else "utf-8"
    if source.driver == "ESRI Shapefile" and encoding == "utf-8":
        encoding = "utf_8"  # Its texts are bytes too: see `column`.
    first = behind + 1
    try:
        with pyogrio.raw.open_arrow(
            source.opened, layer=source.layer, columns=list(given.values()), skip_features=behind,
            batch_size=size, use_pyarrow=True, **_options(source.driver),
        ) as (meta, reader):  # fmt: skip
            shape = meta["geometry_name"] or "wkb_geometry"
            while (batch := _next(reader)) is not None:
                raw = RawBatch(first, batch.num_rows, {}, {})
                for name in wanted:
                    raw.columns[name] = column(batch.column(given[name]), encoding, raw.faults)
                if tags:
                    _add_tags(raw, tags, "other_tags" in own)
                shape_column(raw, batch.column(shape))
                yield raw
                first += raw.size
    except _FAILURES as error:
        last = f"{first - 1:,}"
        raise _unreadable(
            source.path,
            Both(f"在第 {last} 行之后中断：{error}", f"it breaks off behind row {last}: {error}"),
        ) from error


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    with warnings.catch_warnings():
        # What GDAL warns of (rings that are open) becomes the fault of its row.
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return reader.read_next_batch()
        except StopIteration:
            return None


def _add_tags(raw: RawBatch, tags: list[str], keep: bool) -> None:
    """Columns of the tags that stand in JSON beside the fields."""
    texts = raw.columns["other_tags"] if keep else raw.columns.pop("other_tags")
    found = {name: np.full(raw.size, None, dtype=object) for name in tags}
    for i, text in enumerate(texts):
        if text:
            said = json.loads(text)
            for name in tags:
                if name in said:
                    found[name][i] = said[name]
    raw.columns.update(found)


def _options(driver: str) -> dict[str, Any]:
    if driver == "ESRI Shapefile":
        # Every byte is a character of ISO 8859-1: what GDAL then gives can be turned back.
        return {"ENCODING": "ISO-8859-1"}
    return {"TAGS_FORMAT": "JSON"} if driver == "OSM" else {}


def _field_name(given: str, encoding: str, form: str) -> str:
    if form != "shp":
        return given
    return given.encode("latin-1", errors="replace").decode(encoding, errors="ignore")


def _given_names(wanted: list[str], source: SourceFile) -> dict[str, str]:
    if source.driver != "ESRI Shapefile":
        return {name: name for name in wanted}
    info = pyogrio.read_info(source.opened, layer=source.layer, **_options(source.driver))
    given = {_field_name(str(name), source.encoding, "shp"): str(name) for name in info["fields"]}
    return {name: given[name] for name in wanted}


def _layer(path: Path, opened: str, layer: str | None, form: str) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(opened)]
    if layer is None and len(names) == 1:
        return names[0]
    if layer in names:
        return str(layer)
    listed = ", ".join(names)
    if layer is not None:
        raise SurveyRefused(
            zh=f"{path.name} 中没有图层 {layer}。", en=f"{path.name} has no layer {layer}.",
            remedy_zh=f"现有图层：{listed}。", remedy_en=f"Its layers are: {listed}.",
        )  # fmt: skip
    if not names:
        raise _unreadable(path, Both("其中没有图层", "it has no layers"))
    raise SurveyRefused(
        zh=f"{path.name} 有多个图层：{listed}。",
        en=f"{path.name} has several layers: {listed}.",
        remedy_zh=f"用 --layer 指明其一{'，部件通常为 points' if form == 'osm' else ''}。",
        remedy_en=f"Name one by --layer{'; objects are points' if form == 'osm' else ''}.",
    )


def _own_system(path: Path, form: str, info: dict[str, Any]) -> str:
    if info["crs"]:
        return parse_system(str(info["crs"]))
    what = (".prj", "同名的 .prj 文件") if form == "shp" else ("coordinate system", "坐标系说明")
    raise SurveyRefused(
        zh=f"{path.name} 没有{what[1]}，无法知道坐标系。",
        en=f"{path.name} has no {what[0]}: its coordinate system is not known.",
        remedy_zh="用 --crs 指明，例如 --crs EPSG:4549 或 --crs gcj02。",
        remedy_en="Name it by --crs, as in --crs EPSG:4549 or --crs gcj02.",
    )


def _kind(dtype: str) -> Kind:
    if dtype in _KINDS:
        return _KINDS[dtype]
    if dtype.startswith("datetime64"):
        return Kind.TIME
    if dtype.startswith(("int", "uint")):
        return Kind.INTEGER
    return Kind.NUMBER if dtype.startswith("float") else Kind.TEXT


def _unpacked(path: Path) -> tuple[Path, Folder]:
    """What lies in a zip file, under plain names: old archives write theirs in any encoding."""
    try:
        with zipfile.ZipFile(path) as packed:
            inside = [
                m for m in packed.infolist() if not m.is_dir() and "__MACOSX" not in m.filename
            ]
            chosen = [
                m for m in inside if _suffix(m) in (".shp", ".gpkg", ".geojson", ".json", ".fgb")
            ]
            if len(chosen) != 1:
                listed = ", ".join(sorted(m.filename for m in chosen)) or "-"
                raise SurveyRefused(
                    zh=f"{path.name} 中有 {len(chosen)} 个数据文件：{listed}。",
                    en=f"{path.name} holds {len(chosen)} files of data: {listed}.",
                    remedy_zh="每个 zip 只放一个 Shapefile（或 GPKG, GeoJSON, FlatGeobuf）。",
                    remedy_en="Pack one Shapefile (or GPKG, GeoJSON, FlatGeobuf) in a zip.",
                )
            stem = chosen[0].filename[: -len(_suffix(chosen[0]))]
            parts = [m for m in inside if m.filename[: -len(_suffix(m)) or None] == stem]
            grown = sum(m.file_size for m in parts)
            if grown > _LARGEST or grown > _GROWTH * path.stat().st_size + 10_000_000:
                raise _unreadable(
                    path,
                    Both("解压后超过任何普查的大小", "it unpacks to more than any survey holds"),
                )
            folder = Folder()
            for member in parts:
                _extract(packed, member, folder.path / f"survey{_suffix(member)}")
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError,
        OSError,
    ) as error:  # fmt: skip
        raise _unreadable(path, _as_told(error)) from error
    return folder.path / f"survey{_suffix(chosen[0])}", folder


def _extract(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    # The directory's word for the size is not trusted: what comes out is counted.
    left = member.file_size
    with packed.open(member) as source, target.open("wb") as out:
        while piece := source.read(1024 * 1024):
            left -= len(piece)
            if left < 0:
                raise zipfile.BadZipFile("a file is larger than the archive says")
            out.write(piece)


def _suffix(member: zipfile.ZipInfo) -> str:
    return Path(member.filename).suffix.lower()


def _as_told(error: BaseException) -> Both:
    """What a library says, which knows one language."""
    return Both(str(error), str(error))


def _unreadable(path: Path, why: Both) -> SurveyRefused:
    return SurveyRefused(
        zh=f"{path.name} 无法读取：{why.zh}",
        en=f"{path.name} cannot be read: {why.en}",
        remedy_zh="请用 GeoPackage、Shapefile（zip）、GeoJSON、FlatGeobuf、GeoParquet、CSV "
        "或 OSM PBF 重新导出。",
        remedy_en="Export it again as GeoPackage, Shapefile (zip), GeoJSON, FlatGeobuf, "
        "GeoParquet, CSV or OSM PBF.",
    )
