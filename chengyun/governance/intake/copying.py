"""COPY of whole batches into a model's table: text lines, with the fields that do not vary
written once from the model's defaults."""

import json
import math
import re
import struct
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models

from chengyun.city.coordinates import CGCS2000_SRID

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_TO_ESCAPE = re.compile(r"[\\\t\n\r]")
_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_POINT_WITH_SRID = 0x20000001
_CHUNK = 500


class CopyPlan:
    """How rows of ``model`` are copied: ``varying`` columns are given for each row, in this
    order, as COPY literals; every other field takes its default."""

    def __init__(self, model: type[models.Model], varying: Sequence[str]) -> None:
        fields = {f.column: f for f in model._meta.concrete_fields}
        unknown = set(varying) - set(fields)
        if unknown:
            raise ValueError(f"{model.__name__} has no columns {', '.join(sorted(unknown))}")
        constant = [
            field
            for column, field in fields.items()
            if column not in varying and not field.generated
        ]
        columns = ", ".join(f'"{name}"' for name in (*varying, *(f.column for f in constant)))
        self._statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        tail = "\t".join(_constant(field) for field in constant)
        self._end = f"\t{tail}\n" if constant else "\n"
        self._width = len(varying)

    def copy(self, rows: Iterable[Sequence[str]]) -> None:
        """Put the rows in, in the transaction that is open.

        Every row is made before COPY begins: making one may ask the database (a cache that has
        grown old), and a connection in the middle of COPY answers nothing, for ever.
        """
        lines = ["\t".join(row) + self._end for row in rows]
        with connection.cursor() as cursor:
            raw: Any = cursor
            with raw.copy(self._statement) as copy:
                for first in range(0, len(lines), _CHUNK):
                    copy.write("".join(lines[first : first + _CHUNK]))


def _constant(field: "models.Field[Any, Any]") -> str:
    value = field.get_default()
    if value is None and not field.null:
        raise ValueError(f"{field.column} has no default and must be given for each row")
    return literal(value)


def literal(value: object) -> str:
    """A value as COPY text."""
    match value:
        case None:
            return NULL
        case bool():
            return "t" if value else "f"
        case str():
            return text(value)
        case int() | float() | datetime():
            return str(value)
        case list() | tuple():
            return array(tuple(value))
        case dict():
            return json_text(value)
    raise TypeError(f"no COPY text for {type(value).__name__}")


def text(value: str) -> str:
    """A text with what COPY reads as structure escaped."""
    # Looking first is four times faster: hardly any value needs it.
    return value.translate(_ESCAPES) if _TO_ESCAPE.search(value) else value


def number(value: int | None) -> str:
    return NULL if value is None else str(value)


def moment(value: datetime | None) -> str:
    return NULL if value is None else str(value)


def flag(value: bool) -> str:
    return "t" if value else "f"


@lru_cache(maxsize=20_000)
def array(values: tuple[str, ...]) -> str:
    """A text array. Cached: most rows share theirs with many others."""
    quoted = ('"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values)
    return text("{" + ",".join(quoted) + "}")


def json_text(value: object) -> str:
    return text(_encode_json(value)) if value else "{}"


def point(lon: float, lat: float) -> str:
    """A position in CGCS2000 as hexadecimal EWKB; NaN is NULL."""
    if math.isnan(lon):
        return NULL
    return struct.pack("<BIIdd", 1, _POINT_WITH_SRID, CGCS2000_SRID, lon, lat).hex()
