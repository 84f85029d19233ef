"""Reverse geocoding: what there is at a point, or at many, in one statement.

Unit grid, duty grids, community, street, district and the nearest address. The areas come out of
the memory of the process; the statement only says which is the deepest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.utils import timezone

from chengyun.city.snapshot import AreaInfo, catalogue

#: An address farther away says nothing about a point, metres.
NEAR_M = 300.0

# Where borders are shared or grids overlap the lower id wins, as in `queries.locate`. The index
# orders addresses by degrees, in which a step north is longer than one east: the ten nearest by
# degrees are put in order by metres.
_STATEMENT = """
SELECT q.number, grid.code, COALESCE(grid.community_id, covering.id),
       near.full_text, near.kind, near.metres, duty.grids
FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS q (lon, lat, number)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_Point(q.lon, q.lat), 4490) AS geom) AS p
LEFT JOIN LATERAL (
    SELECT g.id, g.code, g.community_id FROM city_unitgrid g
    WHERE ST_Covers(g.geom, p.geom)
      AND g.valid_from <= %(today)s AND (g.valid_until IS NULL OR g.valid_until > %(today)s)
    ORDER BY g.id LIMIT 1
) AS grid ON TRUE
LEFT JOIN LATERAL (
    SELECT a.id FROM city_area a
    WHERE grid.id IS NULL AND ST_Covers(a.geom, p.geom) ORDER BY a.area_m2, a.id LIMIT 1
) AS covering ON TRUE
LEFT JOIN LATERAL (
    SELECT ten.full_text, ten.kind, ten.metres FROM (
        SELECT a.id, a.full_text, a.kind, ST_DistanceSphere(a.geom, p.geom) AS metres
        FROM city_address a
        WHERE COALESCE(grid.id, covering.id) IS NOT NULL
        ORDER BY a.geom <-> p.geom LIMIT 10
    ) AS ten
    WHERE ten.metres <= %(near)s ORDER BY ten.metres, ten.id LIMIT 1
) AS near ON TRUE
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('code', d.code, 'name', d.name, 'kind', d.kind)
                    ORDER BY d.kind, d.code) AS grids
    FROM city_dutygrid_unit_grids u JOIN city_dutygrid d ON d.id = u.dutygrid_id
    WHERE u.unitgrid_id = grid.id
) AS duty ON TRUE
ORDER BY q.number
"""


@dataclass(frozen=True)
class Whereabouts:
    """What there is at a point. `areas` from the city down, empty outside of it."""

    lon: float
    lat: float
    unit_grid: str | None
    areas: tuple[AreaInfo, ...]
    address: str | None
    address_kind: str | None
    metres: float | None
    duty_grids: tuple[dict[str, str], ...]

    @property
    def inside(self) -> bool:
        """Whether the point lies in the city."""
        return bool(self.areas)


def whereabouts(lons: npt.ArrayLike, lats: npt.ArrayLike) -> list[Whereabouts]:
    """What there is at each of the CGCS2000 points, in one statement. NaN is nowhere."""
    x, y = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            {
                "lons": x.tolist(), "lats": y.tolist(), "near": NEAR_M,
                "today": timezone.localdate(),
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    return [_read(row, float(x[at]), float(y[at])) for at, row in enumerate(rows)]


def _read(row: Sequence[Any], lon: float, lat: float) -> Whereabouts:
    _, grid, area_id, address, kind, metres, duty = row
    known = catalogue()
    deepest = known.areas.get(area_id) if area_id is not None else None
    codes = deepest.ancestors if deepest else ()
    areas = tuple(known.area_of[code] for code in codes if code in known.area_of)
    return Whereabouts(lon, lat, grid, areas, address, kind, metres, tuple(duty or ()))
