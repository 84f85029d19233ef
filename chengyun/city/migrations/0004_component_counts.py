"""The inventory in numbers, counted as it is written.

A count has several rows, each adding to it: writers never meet in one row, never wait for each
other and cannot lock each other out. Their sum counts; `chengyun.city.jobs` folds them together.
The same numbers stand three times, by district, street and community: what asks about the whole
city reads thousands of rows, not hundreds of thousands.
"""

# ruff: noqa: S608  (what is put into the statements stands in this file)

from django.db import migrations

TABLE = """
CREATE TABLE city_componentcount (
    level text NOT NULL CHECK (level IN ('district', 'street', 'community')),
    area_id bigint,
    component_class_id bigint NOT NULL,
    state text NOT NULL,
    maintainer_id bigint,
    n bigint NOT NULL
);
CREATE INDEX city_componentcount_area ON city_componentcount (level, area_id)
    INCLUDE (component_class_id, state, maintainer_id, n);
"""

# A component stands where its unit grid does. `changes`: unit_grid_id, component_class_id, state,
# maintainer_id, change.
COUNT = """
    WITH changed AS (
        SELECT unit_grid_id, component_class_id, state, maintainer_id, sum(change) AS n
        FROM ({changes}) AS changes GROUP BY 1, 2, 3, 4 HAVING sum(change) <> 0
    ), placed AS (
        SELECT d.id AS district_id, s.id AS street_id, g.community_id, component_class_id, state,
            maintainer_id, n
        FROM changed
        LEFT JOIN city_unitgrid g ON g.id = changed.unit_grid_id
        LEFT JOIN city_area c ON c.id = g.community_id
        LEFT JOIN city_area d ON d.level = 'district' AND d.code = ANY (c.ancestors)
        LEFT JOIN city_area s ON s.level = 'street' AND s.code = ANY (c.ancestors)
    )
    INSERT INTO city_componentcount (level, area_id, component_class_id, state, maintainer_id, n)
    SELECT level, area_id, component_class_id, state, maintainer_id, sum(n)
    FROM placed CROSS JOIN LATERAL (VALUES
        ('district', district_id), ('street', street_id), ('community', community_id)
    ) AS place (level, area_id)
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0;
"""
FIELDS = "unit_grid_id, component_class_id, state, maintainer_id"
CAME = f"SELECT {FIELDS}, 1 AS change FROM fresh"
WENT = f"SELECT {FIELDS}, -1 AS change FROM gone"

COUNTING = f"""
CREATE FUNCTION city_componentcount_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {COUNT.format(changes=CAME)}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcount_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {COUNT.format(changes=f"{CAME} UNION ALL {WENT}")}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcount_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {COUNT.format(changes=WENT)}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcount_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE city_componentcount;
    RETURN NULL;
END $$;
CREATE TRIGGER componentcount_insert AFTER INSERT ON city_component
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcount_insert();
CREATE TRIGGER componentcount_update AFTER UPDATE ON city_component
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcount_update();
CREATE TRIGGER componentcount_delete AFTER DELETE ON city_component
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcount_delete();
CREATE TRIGGER componentcount_truncate AFTER TRUNCATE ON city_component
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcount_truncate();
"""
NO_COUNTING = "".join(
    f"DROP TRIGGER componentcount_{event} ON city_component;"
    f"DROP FUNCTION city_componentcount_{event}();"
    for event in ("insert", "update", "delete", "truncate")
)

# Counts everything anew. Writers of components wait meanwhile (readers do not), so that nothing is
# counted twice or not at all.
REBUILD = f"""
CREATE FUNCTION city_componentcount_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE city_component IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE city_componentcount IN SHARE ROW EXCLUSIVE MODE;  -- not while rows are folded
    DELETE FROM city_componentcount;
    {COUNT.format(changes=f"SELECT {FIELDS}, 1 AS change FROM city_component")}
END $$;
SELECT city_componentcount_rebuild();
"""
NO_REBUILD = "DROP FUNCTION city_componentcount_rebuild();"

# A unit grid given to another community, or a community to another district, takes its components
# along. That is rare: all is counted anew.
MOVES = """
CREATE FUNCTION city_componentcount_grids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh JOIN gone USING (id)
               WHERE fresh.community_id IS DISTINCT FROM gone.community_id) THEN
        PERFORM city_componentcount_rebuild();
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION city_componentcount_areas() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh JOIN gone USING (id)
               WHERE (fresh.ancestors, fresh.level, fresh.code)
                     IS DISTINCT FROM (gone.ancestors, gone.level, gone.code)) THEN
        PERFORM city_componentcount_rebuild();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER componentcount_grids AFTER UPDATE ON city_unitgrid
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcount_grids();
CREATE TRIGGER componentcount_areas AFTER UPDATE ON city_area
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componentcount_areas();
"""
NO_MOVES = """
DROP TRIGGER componentcount_areas ON city_area;
DROP TRIGGER componentcount_grids ON city_unitgrid;
DROP FUNCTION city_componentcount_areas();
DROP FUNCTION city_componentcount_grids();
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0003_tiles")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE city_componentcount;"),
        migrations.RunSQL(COUNTING, NO_COUNTING),
        migrations.RunSQL(REBUILD, NO_REBUILD),
        migrations.RunSQL(MOVES, NO_MOVES),
    ]
