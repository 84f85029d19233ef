"""Layers that are data: their own schema, their counts by map cell, and a watch on what they are.

A layer's description, the tree of organisations and the rows of its table each move a version
(`city_tileversion`); tiles and collections of every process follow within a second.
"""

from django.db import migrations

SCHEMA = "CREATE SCHEMA IF NOT EXISTS layers;"

WATCH = """
CREATE TRIGGER city_tiles_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION city_tiles_changed('{name}');
"""
UNWATCH = "DROP TRIGGER city_tiles_changed ON {table};"

# Cells of 16 × 16 a tile at the zooms 0 … 13: a cell of zoom z is a tile of zoom z + 4. The codes
# of area and organisation are kept only where they decide who sees a row; a cell may have several
# rows, their sum counts. What is drawn is counted where the middle of its box lies.
CELLS = """
CREATE TABLE city_layercell (
    layer text NOT NULL,
    z smallint NOT NULL, tx integer NOT NULL, ty integer NOT NULL,
    cx smallint NOT NULL, cy smallint NOT NULL,
    area text NOT NULL, organisation text NOT NULL, n integer NOT NULL
);
CREATE INDEX city_layercell_tile ON city_layercell (layer, z, tx, ty)
    INCLUDE (cx, cy, area, organisation, n);
"""
NO_CELLS = "DROP TABLE city_layercell;"

COUNTING = """
-- The statement that adds `changes` (rows with gm, area, organisation, change) to the cells of $1,
-- from the zoom `first` on.
CREATE FUNCTION city_layer_cells(changes text, first integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '
    INSERT INTO city_layercell (layer, z, tx, ty, cx, cy, area, organisation, n)
    SELECT $1, z, x >> (18 - z), y >> (18 - z), (x >> (14 - z)) & 15, (y >> (14 - z)) & 15,
        area, organisation, sum(n)
    FROM (
        SELECT city_map_column((ST_XMin(gm) + ST_XMax(gm)) / 2) AS x,
            city_map_column(-(ST_YMin(gm) + ST_YMax(gm)) / 2) AS y,
            area, organisation, sum(change) AS n
        FROM (' || changes || ') AS changes
        WHERE gm IS NOT NULL
        GROUP BY 1, 2, 3, 4
    ) AS cells CROSS JOIN generate_series(' || first || ', 13) AS z
    GROUP BY 2, 3, 4, 5, 6, 7, 8
    HAVING sum(n) <> 0'
$$;
-- The rows of a relation as changes; a column that decides nothing is named ''.
CREATE FUNCTION city_layer_rows(source text, area text, organisation text, change integer)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('SELECT gm, %s AS area, %s AS organisation, %s AS change FROM %s',
        CASE WHEN area = '' THEN '''''::text' ELSE format('coalesce(%I::text, '''')', area) END,
        CASE WHEN organisation = '' THEN '''''::text'
            ELSE format('coalesce(%I::text, '''')', organisation) END,
        change, source)
$$;
-- Counts a layer's table anew: the deepest zoom from its rows, each other from the one below it.
CREATE FUNCTION city_layer_count(code text, source regclass, area text, organisation text)
RETURNS void LANGUAGE plpgsql SET work_mem = '64MB' AS $$
BEGIN
    DELETE FROM city_layercell WHERE layer = code;
    EXECUTE city_layer_cells(city_layer_rows(source::text, area, organisation, 1), 13) USING code;
    FOR zoom IN REVERSE 12..0 LOOP
        INSERT INTO city_layercell (layer, z, tx, ty, cx, cy, area, organisation, n)
        SELECT code, zoom, k.tx >> 1, k.ty >> 1, (k.tx & 1) * 8 + (k.cx >> 1),
            (k.ty & 1) * 8 + (k.cy >> 1), k.area, k.organisation, sum(k.n)
        FROM city_layercell AS k WHERE k.layer = code AND k.z = zoom + 1
        GROUP BY 3, 4, 5, 6, 7, 8;
    END LOOP;
END $$;
-- Triggers of a layer's table; their arguments: code of the layer, columns of area and organisation.
CREATE FUNCTION city_layer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came text := city_layer_rows('fresh', TG_ARGV[1], TG_ARGV[2], 1);
    went text := city_layer_rows('gone', TG_ARGV[1], TG_ARGV[2], -1);
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM city_layercell WHERE layer = TG_ARGV[0];
    ELSE
        EXECUTE city_layer_cells(CASE TG_OP WHEN 'INSERT' THEN came WHEN 'DELETE' THEN went
            ELSE came || ' UNION ALL ' || went END, 0) USING TG_ARGV[0];
    END IF;
    RETURN NULL;
END $$;
"""
NO_COUNTING = """
DROP FUNCTION city_layer_changed();
DROP FUNCTION city_layer_count(text, regclass, text, text);
DROP FUNCTION city_layer_rows(text, text, text, integer);
DROP FUNCTION city_layer_cells(text, integer);
"""

WATCHED = {"city_layer": "layers", "core_organisation": "organisations"}


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0007_survey_counting"),
        ("core", "0004_preferences_and_presence"),
    ]

    operations = [
        migrations.RunSQL(SCHEMA, migrations.RunSQL.noop),
        migrations.RunSQL(CELLS, NO_CELLS),
        migrations.RunSQL(COUNTING, NO_COUNTING),
        *(
            migrations.RunSQL(WATCH.format(table=table, name=name), UNWATCH.format(table=table))
            for table, name in WATCHED.items()
        ),
    ]
