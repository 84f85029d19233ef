"""The rows of a file become the rows of a layer's table: by COPY, all or nothing.

Rows wait in a temporary table, then go in the order of their geometry into a new table, which
takes the place of the old one at the end. Whoever reads meanwhile sees the old rows; a fill that
breaks off leaves them.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from django.db import connection
from django.utils import timezone
from psycopg import sql

from chengyun.city.layers.description import (
    AREA_COLUMN,
    FIELD,
    FIELD_BYTES,
    RESERVED,
    DataField,
    Kind,
)
from chengyun.city.layers.tables import GEOMETRIES, TYPES, run
from chengyun.city.survey.reading import Batch, SourceFile, batches
from chengyun.city.survey.reasons import WORDS, Reason
from chengyun.city.survey.source import Kind as Given
from chengyun.core.problems import TooLarge

Array = npt.NDArray[Any]
#: Most columns of a layer, and characters of a text.
MOST_FIELDS: Final = 100
LONGEST: Final = 10_000
#: Rejected rows that are told one by one.
SHOWN: Final = 100
_KINDS: Final[dict[Given, Kind]] = {
    Given.TEXT: "string", Given.INTEGER: "integer", Given.NUMBER: "number",
    Given.BOOLEAN: "boolean", Given.DATE: "date", Given.TIME: "date-time",
}  # fmt: skip
BAD_VALUE: Final = "bad_value"
_SRID: Final = 4490
_INCOMING: Final = sql.Identifier("city_layer_incoming")
# Shapes by the numbers that shapely gives them: those alone, and those of several.
_SINGLE: Final = {"point": (0,), "line": (1, 2), "polygon": (3,)}
_SEVERAL: Final = {"point": 4, "line": 5, "polygon": 6}


@dataclass(frozen=True)
class Rejected:
    """A row that could not go in. `line` counts the rows of the file from 1."""

    line: int
    reason: str
    zh: str
    en: str
    detail: str = ""


@dataclass
class Filled:
    """What became of a file's rows. `ignored` are columns that the layer has no field for,
    `empty` fields that the file has no column for."""

    rows: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[Rejected] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Which column of the file fills which field."""

    fields: tuple[DataField, ...]
    columns: Mapping[str, str]


def fields_of(source: SourceFile) -> Plan:
    """The fields that a file's columns make, named so that everything can carry them; the name
    that the file gives is the label."""
    fields: list[DataField] = []
    columns: dict[str, str] = {}
    for given, kind in list(source.columns.items())[:MOST_FIELDS]:
        name = _named(given, columns)
        label = _printable(given)[:100] or name
        fields.append(DataField(name, label, label, _KINDS[Given(kind)]))
        columns[name] = given
    return Plan(tuple(fields), columns)


def plan_for(source: SourceFile, fields: Sequence[DataField]) -> Plan:
    """The file's columns for fields that are there, by name, by what a name becomes, by label."""
    made = fields_of(source)
    by_label = {each.zh: made.columns[each.name] for each in made.fields}
    columns = {}
    for each in fields:
        if each.name in source.columns:
            columns[each.name] = each.name
        elif each.name in made.columns:
            columns[each.name] = made.columns[each.name]
        elif each.zh in by_label:
            columns[each.name] = by_label[each.zh]
    return Plan(tuple(fields), columns)


def shape_of(source: SourceFile) -> str | None:
    """What a file's shapes are, by what it says or by its first rows; None where it has none."""
    told = (source.geometry or "").lower()
    for word, shape in (("point", "point"), ("line", "line"), ("polygon", "polygon")):
        if word in told:
            return shape
    for batch in batches(source, [], size=1_000):
        for kind in shapely.get_type_id(batch.geometry):
            for shape, numbers in _SINGLE.items():
                if kind in (*numbers, _SEVERAL[shape]):
                    return shape
    return None


def fill_table(
    table: sql.Identifier,
    shape: str,
    plan: Plan,
    source: SourceFile,
    *,
    most: int | None = None,
    reject: Callable[[Rejected], None] | None = None,
    watch: Callable[[int], None] | None = None,
) -> Filled:
    """Put a file's rows into an empty table, inside a transaction.

    `reject` is called with each row that cannot go in, `watch` with the number of rows read. Raises
    SurveyRefused when the file breaks off, TooLarge beyond `most` rows."""
    filled = Filled(
        ignored=tuple(c for c in source.columns if c not in plan.columns.values()),
        empty=tuple(each.name for each in plan.fields if each.name not in plan.columns),
    )

    def tell(row: Rejected) -> None:
        filled.rejected += 1
        filled.reasons[row.reason] += 1
        if len(filled.examples) < SHOWN:
            filled.examples.append(row)
        if reject is not None:
            reject(row)

    areas = _Areas()
    _make_incoming(plan, shape)
    names = [sql.Identifier(each.name) for each in plan.fields]
    copying = sql.SQL("COPY {} ({}) FROM STDIN").format(
        _INCOMING,
        sql.SQL(", ").join([sql.Identifier("geom"), sql.Identifier(AREA_COLUMN), *names]),
    )
    read = 0
    with connection.cursor() as cursor, cursor.copy(copying.as_string(None)) as copy:
        for batch in batches(source, list(dict.fromkeys(plan.columns.values()))):
            read += len(batch)
            if most is not None and read > most:
                raise too_many_rows(most)
            for row in _ready(batch, shape, plan, areas, tell):
                copy.write_row(row)
                filled.rows += 1
            if watch is not None:
                watch(read)
    columns = sql.SQL(", ").join([*names, sql.Identifier(AREA_COLUMN), sql.Identifier("geom")])
    moved = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY geom").format(
        table, columns, columns, _INCOMING
    )
    with connection.cursor() as cursor:
        run(cursor, moved)
        run(cursor, sql.SQL("DROP TABLE {}").format(_INCOMING))
    return filled


def too_many_rows(most: int) -> TooLarge:
    """The refusal of a file that holds more than a page may bring in."""
    return TooLarge(
        zh=f"文件多于 {most:,} 行。",
        en=f"The file has more than {most:,} rows.",
        field="file",
        remedy_zh="请由管理人员用 chengyun import layer 导入。",
        remedy_en="Let an operator bring it in with chengyun import layer.",
    )


def _make_incoming(plan: Plan, shape: str) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(each.name), sql.SQL(TYPES[each.kind]))
        for each in plan.fields
    ]
    made = sql.SQL("CREATE TEMP TABLE {} (geom geometry({}, 4490), {}) ON COMMIT DROP").format(
        _INCOMING,
        sql.SQL(GEOMETRIES[shape]),
        sql.SQL(", ").join([sql.SQL("{} text").format(sql.Identifier(AREA_COLUMN)), *columns]),
    )
    with connection.cursor() as cursor:
        run(cursor, sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(_INCOMING))
        run(cursor, made)


def _ready(
    batch: Batch, shape: str, plan: Plan, areas: "_Areas", tell: Callable[[Rejected], None]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch that can go in, as COPY takes them; the others are told."""
    faults: dict[int, Rejected] = {}

    def fault(index: int, reason: str, detail: str = "") -> None:
        zh, en = ("值与字段的类型不符", "a value is not of its field's kind")
        if reason != BAD_VALUE:
            words = WORDS[Reason(reason)]
            zh, en = words.zh, words.en
        if index not in faults:
            faults[index] = Rejected(batch.first + index, str(reason), zh, en, detail)

    for index, reason in batch.faults.items():
        fault(index, reason)
    shapes = _shaped(batch.geometry, shape, fault)
    columns: list[Sequence[Any]] = []
    for each in plan.fields:
        given = plan.columns.get(each.name)
        if given is None:
            columns.append([None] * len(batch))
        else:
            columns.append(_values(batch.columns[given], each, fault))
    good = np.array([index not in faults for index in range(len(batch))], dtype=bool)
    kept = np.flatnonzero(good)
    for index in sorted(faults):
        tell(faults[index])
    if not len(kept):
        return
    stored = shapely.set_srid(shapes[kept], _SRID)
    texts = shapely.to_wkb(stored, hex=True, include_srid=True)
    codes = areas.of(stored)
    for place, index in enumerate(kept.tolist()):
        yield texts[place], codes[place], *(column[index] for column in columns)


def _shaped(shapes: Array, shape: str, fault: Callable[..., None]) -> Array:
    """The shapes as the table holds them: single points, several lines or polygons."""
    shapes = shapely.force_2d(shapes.copy())
    kinds = shapely.get_type_id(shapes)
    single, several = _SINGLE[shape], _SEVERAL[shape]
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    other = ~empty & ~np.isin(kinds, (*single, several))
    if shape == "point":
        many = (kinds == several) & ~empty
        alone = many & (shapely.get_num_geometries(shapes) == 1)
        shapes[alone] = shapely.get_geometry(shapes[alone], 0)
        other |= many & ~alone
    for index in np.flatnonzero(empty):
        fault(int(index), Reason.NO_GEOMETRY)
    for index in np.flatnonzero(other):
        fault(int(index), Reason.WRONG_GEOMETRY, str(shapes[index].geom_type))
    bounds = np.abs(shapely.bounds(shapes))
    with np.errstate(invalid="ignore"):
        far = ~empty & ~(bounds <= [180, 90, 180, 90]).all(axis=1)
    for index in np.flatnonzero(far):
        fault(int(index), Reason.NOT_DEGREES)
    bad = empty | other | far
    if shape == "polygon":
        broken = ~bad & ~shapely.is_valid(shapes)
        for index in np.flatnonzero(broken):
            fault(int(index), Reason.BROKEN_GEOMETRY, str(shapely.is_valid_reason(shapes[index])))
        bad |= broken
    if shape != "point" and (~bad).any():
        good = np.flatnonzero(~bad)
        parts, owners = shapely.get_parts(shapes[good], return_index=True)
        together = shapely.multilinestrings if shape == "line" else shapely.multipolygons
        shapes[good] = together(parts, indices=owners)
    return shapes


def _values(given: Array, each: DataField, fault: Callable[..., None]) -> list[Any]:
    """A column's values as the field's kind; what cannot be one is the row's fault."""
    missing = np.isnat(given) if given.dtype.kind == "M" else None
    found: list[Any] = given.tolist()
    if missing is not None:
        found = [None if no else value for no, value in zip(missing, found, strict=True)]
    for index, value in enumerate(found):
        if value is None:
            continue
        try:
            found[index] = _value(value, each.kind)
        except (ValueError, TypeError, KeyError, OverflowError):
            found[index] = None
            reason = Reason.BAD_TEXT if each.kind == "string" else BAD_VALUE
            fault(index, reason, f"{each.name}: {_printable(str(value))[:60]}")
    return found


def _value(value: Any, kind: Kind) -> Any:
    if isinstance(value, float) and value != value:
        return None
    if kind == "string":
        text = value if isinstance(value, str) else _written(value)
        if "\0" in text or len(text) > LONGEST or (not text.isprintable() and _broken(text)):
            raise ValueError
        return text
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        return _read(value, kind)
    if kind == "integer":
        if isinstance(value, float) and not value.is_integer():
            raise ValueError
        number = int(value)
        if abs(number) >= 1 << 63:
            raise ValueError
        return number
    if kind == "number":
        return float(value)
    if kind == "boolean":
        if value not in (0, 1):
            raise ValueError
        return bool(value)
    if kind == "date":
        if isinstance(value, datetime):
            return value.date()
        if not isinstance(value, date):
            raise ValueError
        return value
    if not isinstance(value, datetime):
        raise ValueError
    return f"{value.isoformat()}+00" if value.tzinfo is None else value


def _read(text: str, kind: Kind) -> Any:
    if kind == "integer":
        return _value(int(text), kind)
    if kind == "number":
        number = float(text)
        if number - number != 0:
            raise ValueError
        return number
    if kind == "boolean":
        return {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}[
            text.lower()
        ]
    if kind == "date":
        return date.fromisoformat(text[:10].replace("/", "-"))
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else timezone.make_aware(at)


def _written(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _broken(text: str) -> bool:
    """Whether a text has halves of characters, which cannot be stored."""
    return any(unicodedata.category(character) == "Cs" for character in text)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text).strip()


def _named(given: str, taken: Mapping[str, str]) -> str:
    """A name for a column: letters, digits and underscores, short, not used yet."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", given)).strip("_")[:36] or "field"
    if name[0].isdigit():
        name = f"f_{name}"[:36]
    while len(name.encode()) > FIELD_BYTES - 4:
        name = name[:-1]
    if name.lower() in RESERVED:
        name = f"{name}_"
    if not FIELD.fullmatch(name):
        name = "field"
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


class _Areas:
    """In which area a shape lies, the smallest that is known there, by a point of it."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT code, ST_AsBinary(geom) FROM city_area WHERE geom IS NOT NULL "
                "ORDER BY cardinality(ancestors), code"
            )
            rows = cursor.fetchall()
        self._codes = [code for code, _ in rows]
        self._outlines = shapely.from_wkb([bytes(outline) for _, outline in rows])

    def of(self, shapes: Array) -> list[str | None]:
        found = np.full(len(shapes), -1)
        points = shapely.point_on_surface(shapes)
        if self._codes:
            # The tree is of the points: then it is the outlines that are made ready, once each.
            area, place = shapely.STRtree(points).query(self._outlines, predicate="intersects")
            for number in np.unique(area):
                found[place[area == number]] = number
        return [None if number < 0 else self._codes[number] for number in found]
