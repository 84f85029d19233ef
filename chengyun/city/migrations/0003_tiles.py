"""Map projection of what is drawn, counts of components by map cell, and versions of layers.

`gm` is `geom` in Web Mercator, the projection of map tiles, computed once by the database and not
known to the models. A place beyond the projection's ±85.06° has none and is not drawn.
"""

from django.db import migrations

POINT = """
ALTER TABLE {table} ADD COLUMN gm geometry(Point, 3857) GENERATED ALWAYS AS (
    CASE WHEN ST_Y(geom) BETWEEN -85.06 AND 85.06 THEN ST_Transform(geom, 3857) END) STORED;
CREATE INDEX {table}_gm ON {table} USING gist (gm);
"""
POLYGON = """
ALTER TABLE {table} ADD COLUMN gm geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (
    CASE WHEN ST_YMin(geom) > -85.06 AND ST_YMax(geom) < 85.06
    THEN ST_Transform(geom, 3857) END) STORED;
CREATE INDEX {table}_gm ON {table} USING gist (gm);
"""
NO_GM = "ALTER TABLE {table} DROP COLUMN gm;"

# A point inside the outline, where the name is written.
LABEL = """
ALTER TABLE city_area ADD COLUMN gl geometry(Point, 3857) GENERATED ALWAYS AS (
    CASE WHEN ST_YMin(geom) > -85.06 AND ST_YMax(geom) < 85.06
    THEN ST_Transform(ST_PointOnSurface(geom), 3857) END) STORED;
"""
NO_LABEL = "ALTER TABLE city_area DROP COLUMN gl;"

# The version of a layer is the sum of its rows: it moves when the change is committed, together
# with it. A writer takes any row that nobody holds, or makes one: writers never wait for each
# other here, and cannot lock each other out. There are as many rows as ever wrote at once.
VERSION = """
CREATE TABLE city_tileversion (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer text NOT NULL,
    number bigint NOT NULL
);
CREATE FUNCTION city_tiles_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        UPDATE city_tileversion SET number = number + 1 WHERE id = (
            SELECT id FROM city_tileversion WHERE layer = name LIMIT 1 FOR UPDATE SKIP LOCKED);
        IF NOT FOUND THEN
            INSERT INTO city_tileversion (layer, number) VALUES (name, 1);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
"""
NO_VERSION = "DROP FUNCTION city_tiles_changed(); DROP TABLE city_tileversion;"

WATCHED = {
    "city_area": "'areas'",
    "city_unitgrid": "'unit_grids', 'duty_grids'",
    "city_dutygrid": "'duty_grids'",
    "city_dutygrid_unit_grids": "'duty_grids'",
    "city_component": "'components'",
    "city_componentclass": "'components'",
    "city_address": "'addresses'",
}
WATCH = """
CREATE TRIGGER city_tiles_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION city_tiles_changed({layers});
"""
UNWATCH = "DROP TRIGGER city_tiles_changed ON {table};"

# Cells of 32 × 32 a tile, at the zooms 6 … 13: a cell of zoom z is a tile of zoom z + 5. A cell
# has several rows, each adding to its numbers, so that writers never meet in one row; their sum
# counts. `chengyun.city.jobs` folds them together. What was removed from the street is not counted.
CELLS = """
CREATE TABLE city_componentcell (
    z smallint NOT NULL, tx integer NOT NULL, ty integer NOT NULL,
    cx smallint NOT NULL, cy smallint NOT NULL,
    n integer NOT NULL, damaged integer NOT NULL
);
CREATE INDEX city_componentcell_tile ON city_componentcell (z, tx, ty)
    INCLUDE (cx, cy, n, damaged);

-- The map column of zoom 18 at an x, or the row, counted from the north, at the y with its sign
-- turned.
CREATE FUNCTION city_map_column(metres double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(262143, greatest(0, floor((metres + 20037508.342789244) / 152.8740565703525)::integer));
"""
NO_CELLS = "DROP FUNCTION city_map_column(double precision); DROP TABLE city_componentcell;"

COUNT = """
    INSERT INTO city_componentcell (z, tx, ty, cx, cy, n, damaged)
    SELECT z, x >> (18 - z), y >> (18 - z), (x >> (13 - z)) & 31, (y >> (13 - z)) & 31,
        sum(n), sum(damaged)
    FROM (
        SELECT city_map_column(ST_X(gm)) AS x, city_map_column(-ST_Y(gm)) AS y,
            sum(change) AS n, sum(change * (state IN ('damaged', 'lost'))::integer) AS damaged
        FROM ({changes}) AS changes
        WHERE gm IS NOT NULL AND state <> 'removed'
        GROUP BY 1, 2
    ) AS cells CROSS JOIN generate_series(6, 13) AS z
    GROUP BY 1, 2, 3, 4, 5
    HAVING sum(n) <> 0 OR sum(damaged) <> 0;
"""
CAME = "SELECT gm, state, 1 AS change FROM fresh"
WENT = "SELECT gm, state, -1 AS change FROM gone"
COUNTING = f"""
CREATE FUNCTION city_componentcell_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {COUNT.format(changes=CAME)}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcell_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {COUNT.format(changes=f"{CAME} UNION ALL {WENT}")}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcell_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {COUNT.format(changes=WENT)}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcell_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE city_componentcell;
    RETURN NULL;
END $$;
CREATE TRIGGER componentcell_insert AFTER INSERT ON city_component
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcell_insert();
CREATE TRIGGER componentcell_update AFTER UPDATE ON city_component
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcell_update();
CREATE TRIGGER componentcell_delete AFTER DELETE ON city_component
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcell_delete();
CREATE TRIGGER componentcell_truncate AFTER TRUNCATE ON city_component
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcell_truncate();
{COUNT.format(changes="SELECT gm, state, 1 AS change FROM city_component")}
"""  # noqa: S608
NO_COUNTING = "".join(
    f"DROP TRIGGER componentcell_{event} ON city_component;"
    f"DROP FUNCTION city_componentcell_{event}();"
    for event in ("insert", "update", "delete", "truncate")
)

# The outline of a duty grid is that of its unit grids together.
OUTLINE = """
ALTER TABLE city_dutygrid ADD COLUMN gm geometry(MultiPolygon, 3857);
CREATE INDEX city_dutygrid_gm ON city_dutygrid USING gist (gm);

CREATE FUNCTION city_dutygrid_outline(grids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE city_dutygrid AS duty SET gm = (
        SELECT ST_Multi(ST_CollectionExtract(ST_Union(unit.gm), 3))
        FROM city_dutygrid_unit_grids AS part JOIN city_unitgrid AS unit ON unit.id = unitgrid_id
        WHERE part.dutygrid_id = duty.id)
    WHERE duty.id = ANY (grids);
$$;
CREATE FUNCTION city_dutygrid_gained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM city_dutygrid_outline(ARRAY(SELECT DISTINCT dutygrid_id FROM fresh));
    RETURN NULL;
END $$;
CREATE FUNCTION city_dutygrid_lost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM city_dutygrid_outline(ARRAY(SELECT DISTINCT dutygrid_id FROM gone));
    RETURN NULL;
END $$;
CREATE FUNCTION city_dutygrid_redrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM city_dutygrid_outline(ARRAY(
        SELECT DISTINCT dutygrid_id FROM city_dutygrid_unit_grids
        WHERE unitgrid_id IN (
            SELECT fresh.id FROM fresh JOIN gone USING (id)
            WHERE NOT coalesce(ST_OrderingEquals(fresh.gm, gone.gm), false))));
    RETURN NULL;
END $$;
CREATE TRIGGER dutygrid_gained AFTER INSERT ON city_dutygrid_unit_grids
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION city_dutygrid_gained();
CREATE TRIGGER dutygrid_lost AFTER DELETE ON city_dutygrid_unit_grids
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION city_dutygrid_lost();
CREATE TRIGGER dutygrid_moved_to AFTER UPDATE ON city_dutygrid_unit_grids
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION city_dutygrid_gained();
CREATE TRIGGER dutygrid_moved_from AFTER UPDATE ON city_dutygrid_unit_grids
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION city_dutygrid_lost();
CREATE TRIGGER dutygrid_redrawn AFTER UPDATE ON city_unitgrid
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_dutygrid_redrawn();
SELECT city_dutygrid_outline(ARRAY(SELECT id FROM city_dutygrid));
"""
NO_OUTLINE = """
DROP TRIGGER dutygrid_redrawn ON city_unitgrid;
DROP TRIGGER dutygrid_moved_from ON city_dutygrid_unit_grids;
DROP TRIGGER dutygrid_moved_to ON city_dutygrid_unit_grids;
DROP TRIGGER dutygrid_lost ON city_dutygrid_unit_grids;
DROP TRIGGER dutygrid_gained ON city_dutygrid_unit_grids;
DROP FUNCTION city_dutygrid_redrawn();
DROP FUNCTION city_dutygrid_lost();
DROP FUNCTION city_dutygrid_gained();
DROP FUNCTION city_dutygrid_outline(bigint[]);
ALTER TABLE city_dutygrid DROP COLUMN gm;
"""


def for_each(tables: list[str], forward: str, backward: str) -> list[migrations.RunSQL]:
    return [
        migrations.RunSQL(forward.format(table=table), backward.format(table=table))
        for table in tables
    ]


class Migration(migrations.Migration):
    dependencies = [("city", "0002_catalogue_version")]

    operations = [
        *for_each(["city_component", "city_address"], POINT, NO_GM),
        *for_each(["city_area", "city_unitgrid"], POLYGON, NO_GM),
        migrations.RunSQL(LABEL, NO_LABEL),
        migrations.RunSQL(OUTLINE, NO_OUTLINE),
        migrations.RunSQL(CELLS, NO_CELLS),
        migrations.RunSQL(COUNTING, NO_COUNTING),
        migrations.RunSQL(VERSION, NO_VERSION),
        *(
            migrations.RunSQL(WATCH.format(table=table, layers=layers), UNWATCH.format(table=table))
            for table, layers in WATCHED.items()
        ),
    ]
