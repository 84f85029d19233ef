"""Delimited text: CSV and its relatives, row by row as they stand in the file."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import shapely

from chengyun.city.survey.encodings import decode, find_encoding, parse_encoding
from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.source import Kind, RawBatch, SourceFile, SurveyRefused

#: Names that are taken for the coordinates where none are given, in any case.
PLACES = (
    ("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"), ("long", "lat"), ("经度", "纬度"),
    ("x", "y"), ("lon_cgcs2000", "lat_cgcs2000"), ("point_x", "point_y"), ("横坐标", "纵坐标"),
)  # fmt: skip
_SHAPES = ("wkt", "geometry", "geom", "the_geom")
_LONGEST_CELL = 1_000_000
_BROKEN = (OSError, EOFError, zlib.error)


def open_table(
    path: Path, *, crs: str, encoding: str | None, lon: str | None, lat: str | None
) -> SourceFile:
    """Look at a table: its encoding, its heading, and where its coordinates are."""
    try:
        with _opened(path) as source:
            named = parse_encoding(encoding) if encoding else find_encoding(source)
        delimiter, heading = _heading(path, named)
    except _BROKEN as error:
        raise _broken(path, error) from error
    repeated = sorted({name for name in heading if heading.count(name) > 1})
    if repeated or not heading:
        what = f": {', '.join(repeated)}" if repeated else ""
        raise SurveyRefused(
            zh=f"{path.name} 的表头{'有重复的列' if repeated else '为空'}{what}。",
            en=f"{path.name} has {'columns of one name' if repeated else 'no heading'}{what}.",
            remedy_zh="第一行须为不重复的列名。",
            remedy_en="The first line names the columns, each once.",
        )
    place = table_place(path, heading, lon, lat)
    shape = "Point" if len(place) == 2 else "Unknown"
    columns = {name: Kind.TEXT for name in heading if name not in place}
    driver = "TSV" if delimiter == "\t" else "CSV"
    return SourceFile(path, driver, delimiter, crs, named, columns, None, shape, str(path), place)


def table_place(
    path: Path, columns: list[str], lon: str | None, lat: str | None
) -> tuple[str, ...]:
    """The columns of the coordinates: those that are named, or those whose name says it."""
    if lon or lat:
        missing = [name for name in (lon, lat) if name not in columns]
        if not (lon and lat) or missing:
            named = "、".join(str(name) for name in missing if name) or "--lon --lat"
            raise SurveyRefused(
                zh=f"{path.name} 没有坐标列 {named}。",
                en=f"{path.name} has no column of coordinates {named}.",
                remedy_zh=f"现有的列：{', '.join(columns)}。",
                remedy_en=f"Its columns are: {', '.join(columns)}.",
            )
        return lon, lat
    lower = {name.strip().lower(): name for name in reversed(columns)}
    for pair in PLACES:
        if all(name in lower for name in pair):
            return lower[pair[0]], lower[pair[1]]
    for name in _SHAPES:
        if name in lower:
            return (lower[name],)
    raise SurveyRefused(
        zh=f"{path.name} 中找不到经度和纬度列。",
        en=f"{path.name} has no columns of longitude and latitude.",
        remedy_zh=f"用 --lon 与 --lat 指明；现有的列：{', '.join(columns)}。",
        remedy_en=f"Name them by --lon and --lat; its columns are: {', '.join(columns)}.",
    )


def table_batches(
    source: SourceFile, columns: list[str], size: int, behind: int
) -> Iterator[RawBatch]:
    """The rows of a table; those that cannot be read keep their number and their fault."""
    rows = _rows(source)
    try:
        heading = next(rows)[0]
        slots = [(name, heading.index(name)) for name in columns]
        places = [heading.index(name) for name in source.place]
        first = behind + 1
        for _ in islice(rows, behind):
            pass
        while batch := list(islice(rows, size)):
            yield _batch(first, batch, len(heading), slots, places)
            first += len(batch)
    except _BROKEN as error:
        raise _broken(source.path, error) from error
    except csv.Error as error:
        raise SurveyRefused(
            zh=f"{source.path.name} 无法分列：引号没有配对。",
            en=f"{source.path.name} cannot be taken apart: a quote has no partner ({error}).",
            remedy_zh="检查引号，重新导出为 CSV UTF-8。",
            remedy_en="Look for the lone quote, or save it again as CSV UTF-8.",
        ) from error


Cells = tuple[list[str], Reason | None]


def _batch(
    first: int, rows: list[Cells], width: int, slots: list[tuple[str, int]], places: list[int]
) -> RawBatch:
    faults: dict[int, Reason] = {}
    empty = [""] * width
    cells: list[list[str]] = []
    for i, (row, fault) in enumerate(rows):
        if fault is None and len(row) != width:
            fault = Reason.COLUMN_COUNT
        if fault is not None:
            faults[i] = fault
        cells.append(row if len(row) == width else (row + empty)[:width])
    turned = {}
    for name, slot in slots:
        texts = np.empty(len(rows), dtype=object)
        texts[:] = [row[slot].strip() or None for row in cells]
        turned[name] = texts
    raw = RawBatch(first, len(rows), turned, faults)
    if len(places) == 2:
        raw.x, raw.y = (numbers([row[place] for row in cells]) for place in places)
    else:
        given = np.array([row[places[0]].strip() or None for row in cells], dtype=object)
        raw.shapes = shapely.from_wkt(given, on_invalid="ignore")
        for lost in np.flatnonzero(shapely.is_missing(raw.shapes)):
            if given[lost] is not None:
                faults.setdefault(int(lost), Reason.BROKEN_GEOMETRY)
    return raw


def numbers(cells: list[str]) -> np.ndarray[Any, Any]:
    """Texts as numbers, NaN where they are none."""
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        pass
    found = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        try:
            found[i] = float(cell)
        except ValueError:
            continue
    return found


def _rows(source: SourceFile) -> Iterator[Cells]:
    """Cells of every row that is not empty, with the fault of its bytes."""
    lines = _Lines(source.path, source.encoding)
    csv.field_size_limit(_LONGEST_CELL)
    with lines:
        for row in csv.reader(lines, delimiter=source.layer):
            fault, lines.fault = lines.fault, None
            if row:
                yield row, fault


class _Lines:
    """Lines of text; one that is not in the encoding is marked, and read as well as it can be."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path, self._encoding = path, encoding
        self.fault: Reason | None = None

    def __enter__(self) -> None:
        self._source = _opened(self._path)
        self._first = True

    def __exit__(self, *error: object) -> None:
        self._source.close()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._source.readline()
        if not line:
            raise StopIteration
        if self._first:
            self._first, line = False, line.removeprefix(b"\xef\xbb\xbf")
        try:
            text = decode(line, self._encoding)
        except UnicodeDecodeError:
            self.fault = Reason.BAD_ENCODING
            text = line.decode(self._encoding, errors="replace")
        if "\0" in text:
            self.fault, text = Reason.BAD_TEXT, text.replace("\0", "")
        return text


def _heading(path: Path, encoding: str) -> tuple[str, list[str]]:
    with _opened(path) as source:
        line = source.readline(_LONGEST_CELL).removeprefix(b"\xef\xbb\xbf")
    text = line.decode(encoding, errors="replace").strip("\r\n")
    delimiter = max((",", "\t", ";"), key=text.count)
    return delimiter, [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]


def _opened(path: Path) -> IO[bytes]:
    packed = path.name.lower().endswith(".gz")
    return cast("IO[bytes]", gzip.open(path) if packed else path.open("rb"))


def _broken(path: Path, error: Exception) -> SurveyRefused:
    return SurveyRefused(
        zh=f"{path.name} 无法读到结尾，文件可能已损坏或不完整。",
        en=f"{path.name} cannot be read to its end; it is broken or incomplete ({error}).",
        remedy_zh="请重新导出或重新传输。",
        remedy_en="Export it again, or copy it again.",
    )
