"""Lists by cursor: keyset paging, so page 10,000 costs what page 1 costs.

A cursor is opaque to callers: base64 of the sort values of the row it stands at. It is not
signed, because it gives nothing that a filter would not give.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from copy import copy
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from ninja import Query, Schema

from .problems import Invalid

MAX_LIMIT = 200
DEFAULT_LIMIT = 25

T = TypeVar("T")
M = TypeVar("M", bound=Model)

PageLimit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows on one page.")]
PageCursor = Annotated[
    str | None, Query(max_length=2000, description="`next` or `previous` of another page.")
]


class Page(Schema, Generic[T]):
    """One page; `next` and `previous` are cursors, null at the ends."""

    items: list[T]
    next: str | None = None
    previous: str | None = None


def paginate(
    rows: QuerySet[M],
    *,
    order: Sequence[str],
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> tuple[list[M], str | None, str | None]:
    """One page of `rows` in one statement: (items, next, previous).

    `order` names non-null fields or annotations, "-" for descending; the last one must be
    unique, so that no row is skipped or shown twice. Raises `Invalid` (422) for a cursor that
    is not ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    fields = [_Field(rows, name) for name in order]
    backwards, values = _decode(cursor, fields) if cursor else (False, None)
    if values is not None:
        rows = rows.filter(_beyond(fields, values, backwards))
    directed = [field.ordering(backwards) for field in fields]
    found = list(rows.order_by(*directed)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    if not found:
        return [], None, None
    further = more or backwards
    earlier = more if backwards else values is not None
    return (
        found,
        _encode(fields, found[-1], backwards=False) if further else None,
        _encode(fields, found[0], backwards=True) if earlier else None,
    )


class _Field:
    def __init__(self, rows: QuerySet[Any], name: str) -> None:
        self.descending = name.startswith("-")
        self.name = name.lstrip("-")
        self.column: Any = self._column(rows)

    def _column(self, rows: QuerySet[Any]) -> Any:
        annotation = rows.query.annotations.get(self.name)
        if annotation is None:
            return rows.model._meta.get_field(self.name)
        column = copy(annotation.output_field)
        column.name = column.attname = self.name
        return column

    def ordering(self, backwards: bool) -> str:
        return f"-{self.name}" if self.descending != backwards else self.name


def _beyond(fields: list[_Field], values: list[Any], backwards: bool) -> Q:
    """Rows after the values in the given direction, spelled (a > x) or (a = x and b > y) …
    with a first bound on `a` alone that lets the index start at the right place."""
    condition, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        less = field.descending != backwards
        condition |= equal & Q(**{f"{field.name}__{'lt' if less else 'gt'}": value})
        equal &= Q(**{field.name: value})
    first = fields[0]
    bound = "lte" if first.descending != backwards else "gte"
    return Q(**{f"{first.name}__{bound}": values[0]}) & condition


def _encode(fields: list[_Field], row: Model, *, backwards: bool) -> str:
    values = [field.column.value_to_string(row) for field in fields]
    text = json.dumps([int(backwards), *values], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, fields: list[_Field]) -> tuple[bool, list[Any]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        backwards, *texts = content
        if backwards not in (0, 1) or len(texts) != len(fields):
            raise ValueError("not a cursor of this list")
        if not all(isinstance(text, str) and "\0" not in text for text in texts):
            raise ValueError("not a cursor of this list")
        values = [field.column.to_python(text) for field, text in zip(fields, texts, strict=True)]
        if any(value is None for value in values):
            raise ValueError("not a cursor of this list")
    except (
        binascii.Error,
        ValueError,
        TypeError,
        OverflowError,
        RecursionError,
        ValidationError,
    ) as error:
        raise Invalid(
            zh="分页游标无效。",
            en="The cursor is not valid.",
            field="cursor",
            remedy_zh="请原样使用上一页返回的 next 或 previous，或去掉此参数从头开始。",
            remedy_en="Use next or previous of a page as they are, or leave it out to start.",
        ) from error
    return bool(backwards), values
