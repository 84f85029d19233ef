"""Where the components of neighbouring keys lie, and an index of a class in the order of the key.

A page of features is the first rows in the order of `id` that lie in a box. Rows are numbered as
they lie, so 1,024 neighbours, a block, cover little of the city: `city_componentblock` says between
which sides. A block may have several rows; all of them together hold every component of it. A
writer adds a row only where none holds what is new, so writers never meet in one row and seldom
write. What moved away or was deleted leaves a block larger than it need be, never too small:
`city_componentblock_rebuild()` draws all anew.
"""

# ruff: noqa: S608  (what is put into the statements stands in this file)

from django.db import migrations

TABLE = """
CREATE TABLE city_componentblock (
    block bigint NOT NULL,
    west double precision NOT NULL, south double precision NOT NULL,
    east double precision NOT NULL, north double precision NOT NULL
);
CREATE INDEX city_componentblock_block ON city_componentblock (block)
    INCLUDE (west, south, east, north);
CREATE INDEX city_component_class_id ON city_component (component_class_id, id);
"""
NO_TABLE = """
DROP INDEX city_component_class_id;
DROP TABLE city_componentblock;
"""

ADD = """
    INSERT INTO city_componentblock (block, west, south, east, north)
    SELECT * FROM (
        SELECT id / 1024 AS block, min(ST_X(geom)) AS west, min(ST_Y(geom)) AS south,
            max(ST_X(geom)) AS east, max(ST_Y(geom)) AS north
        FROM {rows} GROUP BY 1
    ) AS n
    WHERE NOT EXISTS (
        SELECT FROM city_componentblock AS known WHERE known.block = n.block
            AND known.west <= n.west AND known.south <= n.south
            AND known.east >= n.east AND known.north >= n.north);
"""

# Who counts later (0007) calls city_components_placed() behind changes, their ids in
# `city_counted`, and city_survey_placed(survey) behind what a survey registered.
KEEPING = f"""
CREATE FUNCTION city_componentblock_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {ADD.format(rows="fresh")}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentblock_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE city_componentblock;
    RETURN NULL;
END $$;
CREATE FUNCTION city_components_placed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    {ADD.format(rows="city_component WHERE id IN (SELECT counted.id FROM city_counted AS counted)")}
END $$;
CREATE FUNCTION city_survey_placed(survey bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    {ADD.format(rows="city_component WHERE survey_id = survey")}
END $$;
CREATE TRIGGER componentblock_insert AFTER INSERT ON city_component
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    WHEN (current_setting('chengyun.counting', true) IS DISTINCT FROM 'later')
    EXECUTE FUNCTION city_componentblock_add();
CREATE TRIGGER componentblock_update AFTER UPDATE ON city_component
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    WHEN (current_setting('chengyun.counting', true) IS DISTINCT FROM 'later')
    EXECUTE FUNCTION city_componentblock_add();
CREATE TRIGGER componentblock_truncate AFTER TRUNCATE ON city_component
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentblock_truncate();
"""
NO_KEEPING = """
DROP TRIGGER componentblock_truncate ON city_component;
DROP TRIGGER componentblock_update ON city_component;
DROP TRIGGER componentblock_insert ON city_component;
DROP FUNCTION city_survey_placed(bigint);
DROP FUNCTION city_components_placed();
DROP FUNCTION city_componentblock_truncate();
DROP FUNCTION city_componentblock_add();
"""

# Writers of components wait meanwhile (readers do not), so that no block misses what they add.
REBUILD = f"""
CREATE FUNCTION city_componentblock_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE city_component IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM city_componentblock;
    {ADD.format(rows="city_component")}
END $$;
SELECT city_componentblock_rebuild();
"""
NO_REBUILD = "DROP FUNCTION city_componentblock_rebuild();"


class Migration(migrations.Migration):
    dependencies = [("city", "0016_layer_fillings")]

    operations = [
        migrations.RunSQL(TABLE, NO_TABLE),
        migrations.RunSQL(KEEPING, NO_KEEPING),
        migrations.RunSQL(REBUILD, NO_REBUILD),
    ]
