"""The counts of components by map cell, which the database keeps (migration 0003)."""

from django.db import connection, transaction

# Rows that add to the same cell become one. What others add meanwhile stays beside it; two who
# fold at once wait for each other and take every row once.
_FOLD = """
WITH several AS (
    SELECT z, tx, ty, cx, cy FROM city_componentcell GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1
), taken AS (
    DELETE FROM city_componentcell AS cell USING several AS s
    WHERE (cell.z, cell.tx, cell.ty, cell.cx, cell.cy) = (s.z, s.tx, s.ty, s.cx, s.cy)
    RETURNING cell.*
)
INSERT INTO city_componentcell (z, tx, ty, cx, cy, n, damaged)
SELECT z, tx, ty, cx, cy, sum(n), sum(damaged) FROM taken GROUP BY 1, 2, 3, 4, 5
HAVING sum(n) <> 0 OR sum(damaged) <> 0
"""


def fold_cells() -> None:
    """Make one row of each cell's rows; changes no count."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FOLD)
