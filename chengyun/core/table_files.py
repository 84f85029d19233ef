"""Rows as files: CSV and GeoJSON as streams, XLSX as a workbook; and the answer that carries one.

    table = Table("cases", keys=("id", "lon", "lat"), heading=(...), rows=rows)
    return file_answer(table, "csv", clock.now())

Rows that are read by a cursor of the server cost no more memory by the million than by the hundred.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any, Literal

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from chengyun.core.spreadsheets import safe_text, workbook_text

Format = Literal["csv", "xlsx", "geojson"]

MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
#: What the API file says of an endpoint that answers with a table.
RESPONSES = {
    200: {
        "description": "The file; headings in the language of Accept-Language",
        "content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()},
    }
}
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Table:
    """Rows of values in the order of `keys`, which have `lon` and `lat` among them: degrees, or
    None. `id` names what a feature is known by; `name` the workbook's sheet and the file."""

    name: str
    keys: Sequence[str]
    heading: Sequence[str]
    rows: Iterable[tuple[Any, ...]]
    id: str = "id"


def as_csv(table: Table) -> Iterator[bytes]:
    """CSV in UTF-8 with the mark that makes spreadsheet programs read it as such."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(table.heading)
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() >= _BLOCK:
            yield _take(buffer)
    yield _take(buffer)


def as_geojson(table: Table) -> Iterator[bytes]:
    """A FeatureCollection in CGCS2000, longitude first; a row without a position has no shape."""
    buffer = io.StringIO()
    buffer.write('{"type":"FeatureCollection","features":[')
    separator = ""
    for row in table.rows:
        buffer.write(separator + json.dumps(_feature(table, row), ensure_ascii=False))
        separator = ",\n"
        if buffer.tell() >= _BLOCK:
            yield _take(buffer)
    buffer.write("]}\n")
    yield _take(buffer)


STREAMS: dict[str, Callable[[Table], Iterator[bytes]]] = {"csv": as_csv, "geojson": as_geojson}


def write_xlsx(table: Table, out: IO[bytes]) -> None:
    """A workbook, row by row; it is made whole before it is sent."""
    from openpyxl import Workbook  # read when a workbook is wanted, not with every process

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name)
    sheet.append(list(table.heading))
    for row in table.rows:
        sheet.append([workbook_text(v) if isinstance(v, str) else v for v in row])
    book.save(out)


def file_answer(table: Table, form: Format, at: datetime) -> HttpResponseBase:
    """A table as a file to be kept, named by what it holds and by the time in the city."""
    response: HttpResponseBase
    if form == "xlsx":
        book = TemporaryFile()  # noqa: SIM115  (the response closes it)
        try:
            write_xlsx(table, book)
        except BaseException:
            book.close()
            raise
        book.seek(0)
        response = FileResponse(book, content_type=MEDIA_TYPES[form])
    else:
        response = StreamingHttpResponse(STREAMS[form](table), content_type=MEDIA_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{table.name}-{at:%Y%m%d-%H%M}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _feature(table: Table, row: tuple[Any, ...]) -> dict[str, Any]:
    properties = {key: _plain(value) for key, value in zip(table.keys, row, strict=True)}
    lon, lat = properties.pop("lon"), properties.pop("lat")
    known_by = properties[table.id]
    properties.pop("id", None)  # It stands beside the properties already.
    return {
        "type": "Feature",
        "id": known_by,
        "geometry": None if lon is None else {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            return safe_text(value)
    return _plain(value)


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")
