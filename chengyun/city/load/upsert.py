"""Writing loaded rows: new ones inserted, different ones updated, the same ones left alone."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.contrib.gis.geos import GEOSGeometry
from django.db import models

from chengyun.city.load.report import Count

Row = TypeVar("Row", bound=models.Model)


def upsert(
    wanted: Iterable[Row],
    model: type[Row],
    *,
    key: Sequence[str],
    fields: Sequence[str],
    among: models.QuerySet[Row] | None = None,
    created: Callable[[Row], None] | None = None,
) -> tuple[dict[tuple[Any, ...], Row], Count]:
    """Make the table hold `wanted`, matched by `key`; rows that are not wanted are kept.

    `key` and `fields` are attribute names (`parent_id`, not `parent`). `among` narrows what is
    already there. `created` is called for each new row before it is inserted. Returns all rows of
    the table by key, with their ids, and what was done. Memory: the whole table, so it serves
    catalogues and areas; millions of rows go through `load/bulk.py`.
    """
    existing = model._default_manager.all() if among is None else among
    rows = {tuple(getattr(row, name) for name in key): row for row in existing}
    new: list[Row] = []
    changed: list[Row] = []
    count = Count()
    for row in wanted:
        name = tuple(getattr(row, attribute) for attribute in key)
        old = rows.get(name)
        if old is None:
            if created is not None:
                created(row)
            new.append(row)
            rows[name] = row
        elif any(_differ(getattr(old, f), getattr(row, f)) for f in fields):
            for attribute in fields:
                setattr(old, attribute, getattr(row, attribute))
            changed.append(old)
        else:
            count.unchanged += 1
    if new:
        model._default_manager.bulk_create(new, batch_size=2_000)
    if changed:
        names = [model._meta.get_field(f.removesuffix("_id")).name for f in fields]
        model._default_manager.bulk_update(changed, names, batch_size=500)
    count.created, count.changed = len(new), len(changed)
    return rows, count


def _differ(old: Any, new: Any) -> bool:
    if isinstance(old, GEOSGeometry) and isinstance(new, GEOSGeometry):
        return not old.equals_exact(new)
    return bool(old != new)
