"""What passes between a reader apart and who asked it: plain values, each behind its length.

The reader has read what strangers wrote, so nothing that comes from it is run, and everything is
checked against the shapes below before it is used.
"""

import struct
from collections.abc import Iterator
from typing import IO, Any

import msgspec
import numpy as np
import shapely

from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.source import Batch

_LENGTH = struct.Struct("<Q")
#: No frame is longer: a batch of texts has a tenth of it.
_LONGEST = 1024**3
_DTYPES = frozenset({"bool", "int64", "float64", "datetime64[D]", "datetime64[us]"})


class Ask(msgspec.Struct, frozen=True):
    """What to read, and how. Without `columns` the file is only looked at."""

    path: str
    layer: str | None
    crs: str | None
    encoding: str | None
    lon: str | None
    lat: str | None
    unpacked: int
    columns: list[str] | None = None
    size: int = 0
    behind: int = 0


class Looked(msgspec.Struct, tag="looked", frozen=True):
    """What is known of the file: a `SourceFile` but for how it is read."""

    driver: str
    layer: str
    crs: str
    encoding: str
    columns: dict[str, str]
    count: int | None
    geometry: str | None


class Refused(msgspec.Struct, tag="refused", frozen=True):
    """Why the file cannot go in."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class Values(msgspec.Struct, frozen=True):
    """A column: its numbers as bytes, or its values one by one (`dtype` empty)."""

    dtype: str
    data: bytes | list[str | int | float | bool | None]


class Rows(msgspec.Struct, tag="rows", frozen=True):
    """A batch. Points are two columns of numbers, NaN where there is none; else shapes are WKB."""

    first: int
    size: int
    columns: dict[str, Values]
    faults: dict[int, Reason]
    x: bytes | None
    y: bytes | None
    shapes: list[bytes | None] | None


class Done(msgspec.Struct, tag="done", frozen=True):
    """There is nothing more."""


Frame = Looked | Refused | Rows | Done
_decoder = msgspec.msgpack.Decoder(Frame)
_encoder = msgspec.msgpack.Encoder()


def send(out: IO[bytes], frame: Frame) -> None:
    """Write one frame."""
    content = _encoder.encode(frame)
    out.write(_LENGTH.pack(len(content)))
    out.write(content)
    out.flush()


def frames(source: IO[bytes]) -> Iterator[Frame]:
    """The frames up to where they break off. Raises ValueError for what is none."""
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        if length > _LONGEST:
            raise ValueError("a frame is too long")
        content = source.read(length)
        if len(content) < length:
            return
        yield _decoder.decode(content)


def packed(batch: Batch) -> Rows:
    """A batch as a frame."""
    kinds = shapely.get_type_id(batch.geometry)
    x = y = shapes = None
    if (kinds <= 0).all():
        x, y = (
            np.asarray(axis(batch.geometry), dtype=np.float64).tobytes()
            for axis in (shapely.get_x, shapely.get_y)
        )
    else:
        shapes = shapely.to_wkb(batch.geometry).tolist()
    columns = {name: _values(values) for name, values in batch.columns.items()}
    return Rows(batch.first, len(batch), columns, dict(batch.faults), x, y, shapes)


def unpacked(rows: Rows) -> Batch:
    """The batch of a frame. Raises ValueError for what is none."""
    if rows.x is not None and rows.y is not None:
        x, y = np.frombuffer(rows.x, np.float64), np.frombuffer(rows.y, np.float64)
        geometry = np.full(rows.size, None, dtype=object)
        known = np.isfinite(x) & np.isfinite(y)
        geometry[known] = shapely.points(x[known], y[known])
    else:
        try:
            geometry = shapely.from_wkb(np.array([*(rows.shapes or []), None], dtype=object))[:-1]
        except shapely.GEOSException as error:
            raise ValueError(str(error)) from error
    columns = {name: _column(values) for name, values in rows.columns.items()}
    if any(len(values) != rows.size for values in (geometry, *columns.values())):
        raise ValueError("a column has another length than its batch")
    faults = {i: reason for i, reason in rows.faults.items() if 0 <= i < rows.size}
    return Batch(rows.first, geometry, columns, faults)


def _values(values: np.ndarray[Any, Any]) -> Values:
    if str(values.dtype) in _DTYPES:
        return Values(str(values.dtype), values.tobytes())
    return Values("", [_sendable(value) for value in values.tolist()])


def _sendable(value: Any) -> str | int | float | bool | None:
    if isinstance(value, str) and not value.isascii():
        # Halves of characters are no text that anything could hold.
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _column(values: Values) -> np.ndarray[Any, Any]:
    if isinstance(values.data, bytes):
        if values.dtype not in _DTYPES:
            raise ValueError(f"there is no column of {values.dtype}")
        plain = values.data
        return np.frombuffer(plain, np.dtype(values.dtype)).copy()
    found = np.empty(len(values.data), dtype=object)
    found[:] = values.data
    return found
