"""What is known of a file before it is read, and what comes out of it."""

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from chengyun.city.survey.reasons import Reason


class Words(TypedDict):
    """What is wrong and the way out, in both languages."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class SurveyRefused(Exception):
    """The whole file cannot go in: what is wrong with it and how to mend it, in both languages."""

    def __init__(self, *, zh: str, en: str, remedy_zh: str, remedy_en: str) -> None:
        super().__init__(f"{en} {remedy_en}")
        self.zh, self.en = zh, en
        self.remedy_zh, self.remedy_en = remedy_zh, remedy_en

    def plain(self) -> Words:
        """As a row keeps it, and a problem takes it."""
        return Words(zh=self.zh, en=self.en, remedy_zh=self.remedy_zh, remedy_en=self.remedy_en)


class Kind(StrEnum):
    """What a column holds, and as what it is given out.

    text: object array of str or None. integer, boolean: int64 and bool, an object array with None
    where some are missing. number: float64 with NaN. date: datetime64[D], time: datetime64[us] in
    UTC, both with NaT.
    """

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"


class Folder:
    """A folder for a file that had to be unpacked; it goes when nobody holds it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="chengyun-survey-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, True)


@dataclass(frozen=True)
class Limits:
    """What reading a file of strangers may take: seconds of CPU and of waiting, bytes of memory, of
    any file it writes, and of what a packed file holds; rows."""

    cpu: int
    wait: float
    memory: int = 3 * 1024**3
    written: int = 1024**3
    unpacked: int = 500 * 1024**2
    rows: int = 3_000_000


@dataclass(frozen=True)
class Apart:
    """That a file is read in a process of its own: its limits, and what was said of it."""

    limits: Limits
    asked: Mapping[str, str | None]


@dataclass(frozen=True)
class SourceFile:
    """A file that can be read: its layer, coordinate system, encoding and columns.

    `crs` is `EPSG:n`, a WKT, or one of the names cgcs2000, wgs84, gcj02, bd09. `geometry` is the
    kind of shape as GDAL names it (Point, MultiPolygon, Unknown), None without one. `columns` of a
    CSV file are all text. `count` is None where only reading to the end would tell.
    """

    path: Path
    driver: str
    layer: str
    crs: str
    encoding: str
    columns: Mapping[str, Kind]
    count: int | None
    geometry: str | None
    #: What GDAL opens: the path itself, inside a packed file, or what was unpacked from it.
    opened: str = field(default="", repr=False)
    #: The columns of x and y (or of a WKT, alone) of a table without shapes.
    place: tuple[str, ...] = field(default=(), repr=False)
    folder: Folder | None = field(default=None, repr=False, compare=False)
    #: None: read here.
    apart: Apart | None = field(default=None, repr=False)


def only(rows: npt.NDArray[Any], values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The values of some rows, None in the others."""
    found = np.full(len(values), None, dtype=object)
    found[rows] = values[rows]
    return found


@dataclass(frozen=True)
class Batch:
    """Rows of a file. `first` is the number of its first row, from 1; `geometry` in CGCS2000
    longitude and latitude, None where it is missing or broken; `faults` by index in the batch."""

    first: int
    geometry: npt.NDArray[Any]
    columns: dict[str, npt.NDArray[Any]]
    faults: dict[int, Reason]

    def __len__(self) -> int:
        return len(self.geometry)


@dataclass
class RawBatch:
    """Rows as a format gives them: shapes still in the system of the file.

    Either `x` and `y` (NaN: none) or `wkb` / `shapes` are given.
    """

    first: int
    size: int
    columns: dict[str, npt.NDArray[Any]]
    faults: dict[int, Reason]
    x: npt.NDArray[Any] | None = None
    y: npt.NDArray[Any] | None = None
    shapes: npt.NDArray[Any] | None = None
