"""Arrow columns, as GDAL and Parquet give them, turned into numpy."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from chengyun.city.survey.encodings import decode
from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.source import Kind, RawBatch

Array = npt.NDArray[Any]
#: Well-known binary of a point in two dimensions on the machines that write such files.
_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])


def kind_of(kind: pa.DataType) -> Kind:
    """What a column holds; what has no kind of its own is given out as text."""
    if pa.types.is_boolean(kind):
        return Kind.BOOLEAN
    if pa.types.is_integer(kind):
        return Kind.INTEGER
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Kind.NUMBER
    if pa.types.is_date(kind):
        return Kind.DATE
    return Kind.TIME if pa.types.is_timestamp(kind) else Kind.TEXT


def column(values: Any, encoding: str, faults: dict[int, Reason]) -> Array:
    """One column as `Kind` describes it. Texts that are not in `encoding` become faults.

    `encoding` other than UTF-8 means that the texts are its bytes, read as ISO 8859-1.
    """
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = kind_of(values.type)
    if kind is Kind.TEXT:
        return _texts(values, encoding, faults)
    if kind is Kind.DATE:
        return _numpy(values.cast(pa.date32())).astype("datetime64[D]")
    if kind is Kind.TIME:
        plain = values.cast(pa.timestamp("us", values.type.tz), safe=False)
        return _numpy(plain).astype("datetime64[us]")
    if kind is Kind.NUMBER:
        return _numpy(values.cast(pa.float64()))
    if values.null_count:
        some = np.empty(len(values), dtype=object)
        some[:] = values.to_pylist()
        return some
    if kind is Kind.INTEGER:
        return _numpy(values.cast(pa.int64(), safe=False))
    return _numpy(values)


def _numpy(values: pa.Array) -> Array:
    plain: Array = values.to_numpy(zero_copy_only=False)
    return plain


def _texts(values: pa.Array, encoding: str, faults: dict[int, Reason]) -> Array:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        if encoding == "utf-8":
            try:
                values.validate(full=True)
            except pa.ArrowInvalid:
                return _decoded(values, lambda text: text.decode(), faults)
            return _numpy(values)
        return _decoded(values, lambda text: _from_latin(text, encoding), faults)
    if pa.types.is_null(values.type):
        return np.full(len(values), None, dtype=object)
    if pa.types.is_time(values.type):
        return _numpy(values.cast(pa.string()))
    found = np.empty(len(values), dtype=object)
    found[:] = [
        None if v is None else v.hex() if isinstance(v, bytes)
        else json.dumps(v, ensure_ascii=False, default=str)
        for v in values.to_pylist()
    ]  # fmt: skip
    return found


def _from_latin(text: bytes, encoding: str) -> str:
    return decode(text.decode().encode("latin-1"), encoding)


def _decoded(values: pa.Array, read: Callable[[bytes], str], faults: dict[int, Reason]) -> Array:
    """Each text that occurs is decoded once."""
    large = pa.types.is_large_string(values.type)
    packed = values.view(pa.large_binary() if large else pa.binary()).dictionary_encode()
    words = np.empty(len(packed.dictionary) + 1, dtype=object)
    broken = np.zeros(len(words), dtype=bool)
    for at, raw in enumerate(packed.dictionary.to_pylist()):
        try:
            words[at] = read(raw)
        except UnicodeError:
            words[at], broken[at] = raw.decode("utf-8", errors="replace"), True
    index = pc.fill_null(packed.indices, len(words) - 1).to_numpy(zero_copy_only=False)
    for i in np.flatnonzero(broken[index]):
        faults.setdefault(int(i), Reason.BAD_ENCODING)
    found: Array = words[index]
    return found


def shape_column(raw: RawBatch, wkb: pa.Array) -> None:
    """Put the shapes of a WKB column on the batch: plain points as two columns of numbers."""
    if isinstance(wkb, pa.ExtensionArray):
        wkb = wkb.storage
    points = _plain_points(wkb)
    if points is not None:
        raw.x, raw.y = points
        return
    given = np.empty(len(wkb), dtype=object)
    given[:] = wkb.to_pylist()
    raw.shapes = shapely.force_2d(shapely.from_wkb(given, on_invalid="ignore"))
    lost = shapely.is_missing(raw.shapes) & np.array([v is not None for v in given], dtype=bool)
    for i in np.flatnonzero(lost):
        raw.faults.setdefault(int(i), Reason.BROKEN_GEOMETRY)


def _plain_points(wkb: pa.Array) -> tuple[Array, Array] | None:
    if wkb.null_count or not len(wkb):
        return None
    large = pa.types.is_large_binary(wkb.type)
    if not large and not pa.types.is_binary(wkb.type):
        return None
    offsets = np.frombuffer(wkb.buffers()[1], dtype=np.int64 if large else np.int32)
    offsets = offsets[wkb.offset : wkb.offset + len(wkb) + 1]
    if offsets[-1] - offsets[0] != _POINT.itemsize * len(wkb):
        return None
    if not (np.diff(offsets) == _POINT.itemsize).all():
        return None
    rows = np.frombuffer(wkb.buffers()[2], dtype=_POINT, count=len(wkb), offset=int(offsets[0]))
    if not ((rows["order"] == 1) & (rows["kind"] == 1)).all():
        return None
    return rows["x"].copy(), rows["y"].copy()
