"""Whose ground is it: duty grids and supervision grids with their outlines."""

import json
from typing import Any

from django.db import connection

# The outline is kept by the database (migration 0003), as it is drawn on maps. Six decimals of a
# degree are a tenth of a metre.
_OUTLINES = """
SELECT d.code, d.kind, d.name,
       (SELECT count(*) FROM city_dutygrid_unit_grids u WHERE u.dutygrid_id = d.id),
       ST_AsGeoJSON(o.geom, 6),
       ARRAY[ST_XMin(o.geom), ST_YMin(o.geom), ST_XMax(o.geom), ST_YMax(o.geom)]
FROM city_dutygrid d CROSS JOIN LATERAL (SELECT ST_Transform(d.gm, 4490) AS geom) o
WHERE (%(kind)s = '' OR d.kind = %(kind)s)
  AND (%(user)s::bigint IS NULL OR d.id IN (
      SELECT dutygrid_id FROM city_dutygrid_users WHERE user_id = %(user)s))
ORDER BY d.code
"""


def duty_grids(*, user_id: int | None = None, kind: str = "") -> list[dict[str, Any]]:
    """Duty grids by code, of one person or of all, in one statement.

    `geometry` is GeoJSON and `bbox` (west, south, east, north), both CGCS2000 degrees and null for
    a grid without unit grids.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINES, {"kind": kind, "user": user_id})
        rows = cursor.fetchall()
    return [
        {
            "code": code,
            "kind": kind_of,
            "name": name,
            "unit_grids": count,
            "geometry": json.loads(outline) if outline else None,
            "bbox": [round(edge, 6) for edge in box] if outline else None,
        }
        for code, kind_of, name, count, outline, box in rows
    ]
