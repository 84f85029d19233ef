"""Where the good rows of a survey wait: an unlogged table of its own, filled batch by batch.

Each batch is one transaction together with the survey's cursor, so that a reading that was killed
goes on behind it. After a crash of the database the table is empty, and reading begins anew.
"""

import io
import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely
from django.db import connection, transaction

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models import Survey, SurveyRow
from chengyun.city.queries import Locator
from chengyun.city.survey.assignment import RasterLocator
from chengyun.city.survey.checks import (
    AddressChecks,
    Checked,
    Checks,
    ComponentChecks,
    GridChecks,
    Places,
)
from chengyun.city.survey.mapping import Mapper, Mapping, as_texts
from chengyun.city.survey.reading import SourceFile, batches
from chengyun.city.survey.registers import REGISTERS, Register
from chengyun.city.survey.source import Batch

BATCH = 100_000
# From so many rows on it pays to draw the city as a raster first.
_MANY = 200_000
Step = Callable[[int, int | None], None]


def table_of(survey: Survey) -> str:
    """The name of a survey's staging table."""
    return f"city_survey_staged_{survey.pk}"


def begin(survey: Survey) -> None:
    """Make the staging table, or find the one of a reading that was killed."""
    register = REGISTERS[survey.register]
    columns = ", ".join(f"{name} {kind}" for name, kind in register.staged)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE IF NOT EXISTS {table_of(survey)} ({columns})")
        cursor.execute(f"SELECT count(*) FROM {table_of(survey)}")  # noqa: S608
        (held,) = cursor.fetchone()
        if held != survey.settings.get("staged", 0):
            # What is there is not what was read: the database crashed in between.
            cursor.execute(f"TRUNCATE {table_of(survey)}")
            survey.rows.all().delete()
            survey.cursor = survey.read = survey.rejected = 0
            survey.settings = {**survey.settings, "staged": 0, "passed_over": 0}
            survey.save(update_fields=["cursor", "read", "rejected", "settings"])


def drop(survey: Survey) -> None:
    """Remove the staging table."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table_of(survey)}")


def read_rows(
    survey: Survey,
    source: SourceFile,
    mapping: Mapping,
    allowed: Collection[int] | None,
    step: Step,
) -> None:
    """Read everything behind the survey's cursor into its staging table."""
    register = REGISTERS[survey.register]
    mapper = Mapper(mapping, register.name, source)
    check = _checks(survey, mapping, source, allowed)
    survey.settings = {**survey.settings, "fields": mapper.fields}
    for batch in batches(source, mapper.columns, size=BATCH, behind=survey.cursor):
        fields, wanted = mapper(batch)
        checked = check(batch, fields)
        good = checked.good & wanted
        bad = np.flatnonzero(~checked.good & wanted)
        settings = survey.settings
        settings["staged"] = settings.get("staged", 0) + int(good.sum())
        settings["passed_over"] = settings.get("passed_over", 0) + int((~wanted).sum())
        survey.cursor = survey.read = batch.first - 1 + len(batch)
        survey.rejected += len(bad)
        with transaction.atomic():
            _copy(table_of(survey), register, checked, good)
            _set_aside(survey, batch, checked, bad)
            survey.save(update_fields=["cursor", "read", "rejected", "settings"])
        step(survey.read, source.count)


def _checks(
    survey: Survey, mapping: Mapping, source: SourceFile, allowed: Collection[int] | None
) -> Checks:
    if survey.register == "unit_grids":
        return GridChecks(allowed)
    many = (source.count or source.path.stat().st_size // 100) >= _MANY
    places = Places((RasterLocator if many else Locator).load(), allowed)
    if survey.register == "addresses":
        return AddressChecks(places)
    return ComponentChecks(places, survey.settings["edition"], make_codes=mapping.code.make)


def _copy(table: str, register: Register, checked: Checked, good: np.ndarray[Any, Any]) -> None:
    """Bring the good rows over as CSV: nothing is quoted, everything empty is NULL."""
    if not good.any():
        return
    names = [name for name, _ in register.staged if name in checked.columns]
    table_rows = pa.table({name: _column(name, checked.columns[name][good]) for name in names})
    content = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(table_rows, content, options)
    copy_in = f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        copy.write(content.getbuffer())


def _column(name: str, values: np.ndarray[Any, Any]) -> pa.Array:
    if name.endswith("_id"):
        # 0 is how the locators say that there is none.
        plain = pa.array(values.tolist() if values.dtype == object else values, pa.int64())
        return pa.compute.if_else(pa.compute.equal(plain, 0), pa.scalar(None, pa.int64()), plain)
    return pa.array(values)


def _set_aside(survey: Survey, batch: Batch, checked: Checked, bad: np.ndarray[Any, Any]) -> None:
    if not len(bad):
        return
    columns = {name: as_texts(values[bad]) for name, values in batch.columns.items()}
    shapes = _shapes(batch.geometry[bad])
    code = checked.columns.get("code")
    rows = []
    for at, i in enumerate(bad):
        raw = {name: _stored(texts[at]) for name, texts in columns.items() if texts[at] is not None}
        rows.append(
            (
                survey.pk,
                batch.first + int(i),
                SurveyRow.Verdict.REJECTED.value,
                _stored(code[i] or "")[:100] if code is not None else "",
                str(checked.reasons[i]),
                _stored(checked.details.get(int(i), "")),
                json.dumps(raw, ensure_ascii=False),
                shapes[at],
            )
        )
    write_rows(rows)


def write_rows(rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows of a survey down: survey, line, verdict, code, reason, detail, after, shape."""
    columns = "survey_id, line, verdict, code, reason, detail, after, geom, declined"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY city_surveyrow ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row((*row, False))


def _stored(text: str) -> str:
    """A text that PostgreSQL takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _shapes(shapes: np.ndarray[Any, Any]) -> list[str | None]:
    present = ~shapely.is_missing(shapes)
    found: list[str | None] = [None] * len(shapes)
    marked = shapely.set_srid(shapes[present], CGCS2000_SRID)
    for i, wkb in zip(
        np.flatnonzero(present), shapely.to_wkb(marked, hex=True, include_srid=True), strict=True
    ):
        found[i] = wkb
    return found
