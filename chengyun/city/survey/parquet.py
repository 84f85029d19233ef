"""GeoParquet: the fastest way in for millions of rows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from chengyun.city.survey.arrow import column, kind_of, shape_column
from chengyun.city.survey.source import RawBatch, SourceFile, SurveyRefused
from chengyun.city.survey.systems import name_of
from chengyun.city.survey.tables import table_place
from chengyun.core.words import Both


def open_parquet(path: Path, *, crs: str | None, lon: str | None, lat: str | None) -> SourceFile:
    """Look at a GeoParquet file, or a plain one with columns of longitude and latitude."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        why = str(error)
        raise _broken(path, Both(why, why)) from error
    with file:
        schema, count = file.schema_arrow, file.metadata.num_rows
    columns = {f.name: kind_of(f.type) for f in schema}
    geo = _geo(path, schema)
    if geo is None or lon or lat:
        place = table_place(path, list(columns), lon, lat)
        shape = "Point"
    else:
        name, about = geo
        place, shape = (name,), "/".join(about.get("geometry_types") or []) or "Unknown"
        crs = crs or _system(path, about)
    kinds = {name: kind for name, kind in columns.items() if name not in place}
    return SourceFile(
        path, "Parquet", path.stem, crs or "cgcs2000", "utf-8", kinds, count, shape, str(path),
        place,
    )  # fmt: skip


def parquet_batches(
    source: SourceFile, columns: list[str], size: int, behind: int
) -> Iterator[RawBatch]:
    """The rows, a part of a row group at a time."""
    first = 1
    try:
        with pq.ParquetFile(source.path) as file:
            start, groups = _groups_behind(file, behind)
            first += start
            for batch in file.iter_batches(
                size, row_groups=groups, columns=[*columns, *source.place], use_threads=False
            ):
                rows = batch
                if first <= behind:
                    rows = rows.slice(behind - first + 1)
                    first += batch.num_rows - rows.num_rows
                if not rows.num_rows:
                    continue
                yield _batch(first, rows, columns, source)
                first += rows.num_rows
    except MemoryError:
        raise  # Arrow's own is one of its exceptions too, but no fault of the file's writing.
    except (pa.ArrowException, OSError) as error:
        last = f"{first - 1:,}"
        raise _broken(
            source.path,
            Both(f"在第 {last} 行之后中断：{error}", f"it breaks off behind row {last}: {error}"),
        ) from error


def _batch(first: int, rows: pa.RecordBatch, columns: list[str], source: SourceFile) -> RawBatch:
    raw = RawBatch(first, rows.num_rows, {}, {})
    for name in columns:
        raw.columns[name] = column(rows.column(name), "utf-8", raw.faults)
    if len(source.place) == 2:
        raw.x, raw.y = (
            rows.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
            for name in source.place
        )
        return raw
    shapes = rows.column(source.place[0])
    if pa.types.is_struct(shapes.type):
        raw.x, raw.y = (shapes.field(axis).to_numpy(zero_copy_only=False) for axis in "xy")
    else:
        shape_column(raw, shapes)
    return raw


def _groups_behind(file: pq.ParquetFile, behind: int) -> tuple[int, list[int]]:
    """How many rows the row groups have that need not be read, and the groups that are."""
    start = 0
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if start + rows > behind:
            return start, list(range(group, file.num_row_groups))
        start += rows
    return start, []


def _geo(path: Path, schema: pa.Schema) -> tuple[str, dict[str, Any]] | None:
    text = (schema.metadata or {}).get(b"geo")
    if text is None:
        return None
    try:
        geo = json.loads(text)
        name = str(geo["primary_column"])
        about = dict(geo["columns"][name])
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(
            path,
            Both("几何描述（geo）无法读取", "its description of the geometry (geo) cannot be read"),
        ) from error
    point = about.get("encoding") == "point" and pa.types.is_struct(schema.field(name).type)
    if str(about.get("encoding", "")).upper() != "WKB" and not point:
        form = about.get("encoding")
        raise _broken(
            path,
            Both(f"几何以 {form} 写成，不是 WKB", f"its geometry is written as {form}, not as WKB"),
        )
    return name, about


def _system(path: Path, about: dict[str, Any]) -> str:
    if "crs" not in about:
        return "EPSG:4326"  # The format says so: OGC:CRS84.
    if about["crs"] is None:
        raise SurveyRefused(
            zh=f"{path.name} 未说明坐标系。",
            en=f"{path.name} does not say its coordinate system.",
            remedy_zh="用 --crs 指明，例如 --crs EPSG:4549。",
            remedy_en="Name it by --crs, as in --crs EPSG:4549.",
        )
    try:
        return name_of(pyproj.CRS.from_json_dict(about["crs"]))
    except (pyproj.exceptions.CRSError, TypeError, AttributeError) as error:
        raise _broken(
            path, Both("坐标系无法读取", "its coordinate system cannot be read")
        ) from error


def _broken(path: Path, why: Both) -> SurveyRefused:
    return SurveyRefused(
        zh=f"{path.name} 无法作为 GeoParquet 读取：{why.zh}",
        en=f"{path.name} cannot be read as GeoParquet: {why.en}",
        remedy_zh="请重新导出。",
        remedy_en="Export it again.",
    )
