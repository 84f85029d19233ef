"""Any file of a survey, read in batches: shapes in CGCS2000 degrees, columns as numpy arrays.

    source = open_source(path, crs="EPSG:4549")
    for batch in batches(source, ["code", "name"]): ...

Formats: GeoPackage, Shapefile (also zipped), GeoJSON(.gz), FlatGeobuf, OpenStreetMap (PBF, XML),
GeoParquet, CSV(.gz). Memory is that of a few batches, whatever the size of the file.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from chengyun.city.survey import parquet, tables, vectors
from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.source import (
    Batch,
    Kind,
    Limits,
    RawBatch,
    SourceFile,
    SurveyRefused,
    only,
)
from chengyun.city.survey.systems import (
    coordinates_to_degrees,
    is_geographic,
    parse_system,
    to_degrees,
)

Array = npt.NDArray[Any]

__all__ = ["Batch", "Kind", "Reason", "SourceFile", "SurveyRefused", "batches", "open_source"]


def open_source(
    path: Path | str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
    unpacked: int | None = None,
    apart: Limits | None = None,
) -> SourceFile:
    """Look at a file without reading its rows.

    `crs` and `encoding` overrule what the file says; `lon` and `lat` name the columns of a table.
    A table that says nothing is in CGCS2000. A packed file may hold `unpacked` bytes. With `apart`
    it is read in a process of its own, as every file of strangers must be. Raises SurveyRefused:
    not readable, several layers and none named, no coordinate system known, one that does not
    exist.
    """
    path = Path(path)
    if not path.is_file():
        raise SurveyRefused(
            zh=f"没有文件 {path.name}。", en=f"There is no file {path.name}.",
            remedy_zh="核对路径。", remedy_en="Check the path.",
        )  # fmt: skip
    if path.stat().st_size == 0:
        raise SurveyRefused(
            zh=f"{path.name} 是空文件。", en=f"{path.name}: the file is empty.",
            remedy_zh="请重新导出。", remedy_en="Export it again.",
        )  # fmt: skip
    if apart is not None:
        from chengyun.city.survey.apart import look_apart  # The reader itself never needs it.

        return look_apart(path, apart, layer=layer, crs=crs, encoding=encoding, lon=lon, lat=lat)
    system = parse_system(crs) if crs else None
    if unpacked is not None:
        vectors.check_growth(path, unpacked)
    with path.open("rb") as file:
        parquet_file = file.read(4) == b"PAR1"
    if parquet_file:
        return parquet.open_parquet(path, crs=system, lon=lon, lat=lat)
    form = vectors.format_of(path)
    if form is not None:
        return vectors.open_vector(path, form, layer=layer, crs=system, encoding=encoding)
    return tables.open_table(path, crs=system or "cgcs2000", encoding=encoding, lon=lon, lat=lat)


def batches(
    source: SourceFile,
    columns: Sequence[str] | None = None,
    *,
    size: int = 50_000,
    behind: int = 0,
) -> Iterator[Batch]:
    """Read the rows behind the first `behind`, `size` at a time, with the columns that are named.

    All columns by default. Of OpenStreetMap any tag may be named. A row whose text or shape cannot
    be read is given with its fault. Raises SurveyRefused: a column that is not there, a file that
    breaks off (behind the batches before).
    """
    wanted = list(source.columns) if columns is None else list(dict.fromkeys(columns))
    missing = [name for name in wanted if name not in source.columns]
    if missing and source.driver != "OSM":
        raise SurveyRefused(
            zh=f"{source.path.name} 没有列 {', '.join(missing)}。",
            en=f"{source.path.name} has no column {', '.join(missing)}.",
            remedy_zh=f"现有的列：{', '.join(source.columns)}。",
            remedy_en=f"Its columns are: {', '.join(source.columns)}.",
        )
    if source.apart is not None:
        from chengyun.city.survey.apart import rows_apart

        yield from rows_apart(source, wanted, size, behind)
        return
    if source.driver in ("CSV", "TSV"):
        raws = tables.table_batches(source, wanted, size, behind)
    elif source.driver == "Parquet":
        raws = parquet.parquet_batches(source, wanted, size, behind)
    else:
        raws = vectors.vector_batches(source, wanted, size, behind)
    geographic = is_geographic(source.crs)
    for raw in raws:
        yield _brought_home(raw, source.crs, geographic=geographic)


def _brought_home(raw: RawBatch, crs: str, *, geographic: bool) -> Batch:
    if raw.shapes is None:
        assert raw.x is not None
        assert raw.y is not None
        return _points(raw, raw.x, raw.y, crs, geographic=geographic)
    deep = _is_nested(raw.shapes)
    _set_aside(raw, deep, Reason.WRONG_GEOMETRY)
    shapes = only(~deep, raw.shapes)
    if geographic:
        bounds = shapely.bounds(shapes)
        far = (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1)
        turned = (np.abs(bounds) <= [90, 180, 90, 180]).all(axis=1)
        _set_aside(raw, far & turned, Reason.SWAPPED_AXES)
        _set_aside(raw, far, Reason.NOT_DEGREES)
        shapes = only(~far, shapes)
    shapes = shapely.transform(shapes, coordinates_to_degrees(crs))
    lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~shapely.is_missing(shapes)
    _set_aside(raw, lost & ~shapely.is_empty(shapes), Reason.OUTSIDE_CITY)
    shapes = only(~lost, shapes)
    _set_aside(raw, shapely.is_missing(shapes) & ~deep, Reason.NO_GEOMETRY)
    return Batch(raw.first, shapes, raw.columns, raw.faults)


def _is_nested(shapes: Array) -> Array:
    """Which are collections of collections. Nothing in a city is, and of some that the reader can
    just open, whoever takes them up next runs out of stack."""
    collection = shapely.GeometryType.GEOMETRYCOLLECTION
    found: Array = shapely.get_type_id(shapes) == collection
    at = np.flatnonzero(found)
    parts, owners = shapely.get_parts(shapes[at], return_index=True)
    found[at] = False
    found[at[owners[shapely.get_type_id(parts) == collection]]] = True
    return found


def _points(
    raw: RawBatch,
    x: np.ndarray,
    y: np.ndarray,
    crs: str,
    *,
    geographic: bool,
) -> Batch:
    given = np.isfinite(x) & np.isfinite(y)
    _set_aside(raw, ~given, Reason.NO_GEOMETRY)
    if geographic:
        far = given & ((np.abs(x) > 180) | (np.abs(y) > 90))
        # No latitude is beyond 90: in the east of China the two can only be swapped.
        _set_aside(raw, far & (np.abs(x) <= 90) & (np.abs(y) <= 180), Reason.SWAPPED_AXES)
        _set_aside(raw, far, Reason.NOT_DEGREES)
        given &= ~far
    shapes = np.full(raw.size, None, dtype=object)
    known = np.flatnonzero(given)
    lon, lat = to_degrees(x[known], y[known], crs)
    found = np.isfinite(lon) & np.isfinite(lat)
    shapes[known[found]] = shapely.points(lon[found], lat[found])
    nowhere = given.copy()
    nowhere[known[found]] = False
    _set_aside(raw, nowhere, Reason.OUTSIDE_CITY)
    return Batch(raw.first, shapes, raw.columns, raw.faults)


def _set_aside(raw: RawBatch, rows: Array, reason: Reason) -> None:
    for i in np.flatnonzero(rows):
        raw.faults.setdefault(int(i), reason)
