"""JSON lines and GeoJSON, one object at a time. Positions become the columns @lon and @lat."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from chengyun.city.load.table import open_binary
from chengyun.governance.intake.reasons import Reason
from chengyun.governance.intake.records import RECORD_LIMIT, Record, text_fault

LON, LAT = "@lon", "@lat"
#: Members that the first object did not have, as JSON, so that nothing is lost.
MORE = "@more"
_CHUNK = 64 * 1024


class JsonSource:
    """Objects of a JSON-lines file or features of a GeoJSON FeatureCollection.

    Columns are the members of the first object, nested ones as ``outer.inner``.
    """

    delimiter = ","

    def __init__(self, path: Path, *, collection: bool, limit: int = RECORD_LIMIT) -> None:
        self._path, self._collection, self._limit = path, collection, limit
        self.columns: list[str] = []
        for _, found in self._objects():
            if isinstance(found, dict):
                self.columns = [*_flat(found), MORE]
                break

    def records(self) -> Iterator[Record]:
        for line, found in self._objects():
            yield self._record(line, found)

    def _record(self, line: int, found: "dict[str, Any] | Broken") -> Record:
        if isinstance(found, Broken):
            return Record(line, (), found.reason, found.raw)
        values = _flat(found)
        more = {name: value for name, value in values.items() if name not in self.columns}
        values[MORE] = json.dumps(more, ensure_ascii=False) if more else ""
        cells = [values.get(name, "") for name in self.columns]
        fault = next((f for f in map(text_fault, cells) if f is not None), None)
        if fault is None and values.get(LON) == "invalid":
            fault = Reason.BAD_GEOMETRY
        return Record(line, cells, fault)

    def _objects(self) -> "Iterator[tuple[int, dict[str, Any] | Broken]]":
        with open_binary(self._path) as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape")
            if self._collection:
                yield from _features(text, self._limit)
            else:
                yield from _lines(text, self._limit)


class Broken:
    """An object that could not be read."""

    def __init__(self, reason: Reason, raw: str) -> None:
        self.reason, self.raw = reason, raw[:2000]


def _lines(text: io.TextIOWrapper, limit: int) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
    number = 0
    while line := text.readline(limit + 1):
        number += 1
        if len(line) > limit:
            rest = line
            while rest and not rest.endswith("\n"):
                rest = text.readline(limit)
            yield number, Broken(Reason.TOO_LONG, line)
            continue
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            found = None
        yield (
            number,
            found
            if isinstance(found, dict)
            else Broken(text_fault(line) or Reason.NOT_JSON, line.strip()),
        )


def _features(text: io.TextIOWrapper, limit: int) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
    """The members of the array ``features``, read as they come: the file may be of any size."""
    decoder = json.JSONDecoder()
    buffer = text.read(_CHUNK)
    while (at := buffer.find('"features"')) < 0 or "[" not in buffer[at:]:
        more = text.read(_CHUNK)
        if not more or len(buffer) > limit:
            return
        buffer += more
    buffer = buffer[buffer.index("[", at) + 1 :]
    number = 0
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        try:
            found, end = decoder.raw_decode(buffer)
        except (json.JSONDecodeError, RecursionError):
            more = text.read(max(_CHUNK, len(buffer)))
            if more and len(buffer) <= limit:
                buffer += more
                continue
            if buffer:
                yield number + 1, Broken(Reason.NOT_JSON, buffer)
            return
        number += 1
        yield number, found if isinstance(found, dict) else Broken(Reason.NOT_JSON, str(found))
        buffer = buffer[end:]


def _flat(found: dict[str, Any]) -> dict[str, str]:
    if found.get("type") == "Feature" and isinstance(found.get("properties") or {}, dict):
        values = _flat(found.get("properties") or {})
        if "id" in found and "id" not in values:
            values["id"] = _text(found["id"])
        values[LON], values[LAT] = _position(found.get("geometry"))
        return values
    flat: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": text for inner, text in _flat(value).items()})
        else:
            flat[str(name)] = _text(value)
    return flat


def _position(geometry: object) -> tuple[str, str]:
    if geometry is None:
        return "", ""
    try:
        # Coordinates of a Point are passed on digit by digit.
        if isinstance(geometry, dict) and geometry.get("type") == "Point":
            lon, lat = geometry["coordinates"][:2]
            return _text(lon), _text(lat)
        form = shape(geometry)
        if form.is_empty or not form.is_valid:
            return "invalid", "invalid"
        point = form.representative_point()
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.GEOSException):
        return "invalid", "invalid"
    return repr(point.x), repr(point.y)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
