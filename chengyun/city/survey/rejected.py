"""The rejected rows of a survey as files: CSV to mend and import again, GeoJSON to look at."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from chengyun.city.models import Survey
from chengyun.city.survey.reasons import WORDS, Reason

_ROWS = """
SELECT line, code, reason, detail, after, ST_AsGeoJSON(geom, 9), ST_AsText(geom, 9)
FROM city_surveyrow WHERE survey_id = %s AND verdict = 'rejected' AND id > %s
ORDER BY id LIMIT 5000
"""


def rejected_rows(survey: Survey) -> Iterator[dict[str, Any]]:
    """Each rejected row: line, code, reason, detail, row, geometry, wkt, in the order of noting."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.replace("SELECT line", "SELECT id, line"), [survey.pk, last])
            rows = cursor.fetchall()
        for number, line, code, reason, detail, row, geometry, wkt in rows:
            last = number
            yield {
                "line": line, "code": code, "reason": reason, "detail": detail,
                "row": json.loads(row) if isinstance(row, str) else row or {},
                "geometry": json.loads(geometry) if geometry else None, "wkt": wkt,
            }  # fmt: skip
        if not rows:
            return


def columns_of(survey: Survey) -> list[str]:
    """The columns of the file that occur in rejected rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(after) FROM city_surveyrow "
            "WHERE survey_id = %s AND verdict = 'rejected'",
            [survey.pk],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _are_drawn(survey: Survey) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM city_surveyrow WHERE survey_id = %s "
            "AND verdict = 'rejected' AND GeometryType(geom) <> 'POINT')",
            [survey.pk],
        )
        return bool(cursor.fetchone()[0])


def as_csv(survey: Survey) -> Iterator[str]:
    """The rows with reason and remedy in front, in two languages, and where they lie behind: as
    WKT when there are lines or polygons."""
    names, drawn = columns_of(survey), _are_drawn(survey)
    reasons = ["line", "reason", "原因", "why", "detail", "办法", "remedy"]
    yield "\ufeff" + _line([*reasons, *names, *(["wkt"] if drawn else ["lon", "lat"])])
    for row in rejected_rows(survey):
        words = WORDS[Reason(row["reason"])]
        said = [row["line"], row["reason"], words.zh, words.en, row["detail"],
                words.remedy_zh, words.remedy_en]  # fmt: skip
        place = [row["wkt"]] if drawn else (row["geometry"] or {}).get("coordinates", ["", ""])
        yield _line([*said, *(_plain(row["row"].get(name)) for name in names), *place])


def as_geojson(survey: Survey) -> Iterator[str]:
    """A FeatureCollection; a row without a place has a null geometry."""
    yield '{"type": "FeatureCollection", "features": ['
    comma = ""
    for row in rejected_rows(survey):
        words = WORDS[Reason(row["reason"])]
        feature = {
            "type": "Feature",
            "geometry": row["geometry"],
            "properties": {
                **row["row"],
                "line": row["line"], "reason": row["reason"], "detail": row["detail"],
                "reason_zh": words.zh, "reason_en": words.en,
                "remedy_zh": words.remedy_zh, "remedy_en": words.remedy_en,
            },
        }  # fmt: skip
        yield comma + json.dumps(feature, ensure_ascii=False)
        comma = ",\n"
    yield "]}"


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _plain(value: Any) -> Any:
    # A spreadsheet must not take a text of somebody's file for a formula.
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") and not _number(value):
        return f"'{value}"
    return "" if value is None else value


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
