"""The inventory's numbers once more without subclass and maintainer, and an index by maintainer.

By community a whole city has hundreds of thousands of numbers; most questions about communities and
streets need their sums only. What is added to a count is added to its total in the same statement,
whoever adds it; folding and counting anew cancel out. Totals too have several rows each.
"""

# ruff: noqa: S608  (what is put into the statements stands in this file)

from django.db import migrations

TABLE = """
CREATE TABLE city_componenttotal (
    level text NOT NULL CHECK (level IN ('street', 'community')),
    area_id bigint,
    edition_id bigint NOT NULL,
    class_code text NOT NULL,
    state text NOT NULL,
    n bigint NOT NULL
);
CREATE INDEX city_componenttotal_area ON city_componenttotal (level, area_id)
    INCLUDE (edition_id, class_code, state, n);
CREATE INDEX city_componentcount_maintainer ON city_componentcount (level, maintainer_id)
    INCLUDE (area_id, component_class_id, state, n) WHERE level <> 'district';
"""
NO_TABLE = """
DROP INDEX city_componentcount_maintainer;
DROP TABLE city_componenttotal;
"""

# A district has so few numbers that they need no totals.
TOTAL = """
    INSERT INTO city_componenttotal (level, area_id, edition_id, class_code, state, n)
    SELECT level, area_id, k.edition_id, k.class_code, state, {sign} sum(n)
    FROM {rows} AS changed JOIN city_componentclass k ON k.id = changed.component_class_id
    WHERE level <> 'district' GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0;
"""

TOTALLING = f"""
CREATE FUNCTION city_componenttotal_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {TOTAL.format(sign="", rows="fresh")}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componenttotal_take() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {TOTAL.format(sign="-", rows="gone")}
    RETURN NULL;
END $$;
CREATE FUNCTION city_componenttotal_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE city_componenttotal;
    RETURN NULL;
END $$;
CREATE TRIGGER componenttotal_add AFTER INSERT ON city_componentcount
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componenttotal_add();
CREATE TRIGGER componenttotal_take AFTER DELETE ON city_componentcount
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION city_componenttotal_take();
CREATE TRIGGER componenttotal_truncate AFTER TRUNCATE ON city_componentcount
    FOR EACH STATEMENT EXECUTE FUNCTION city_componenttotal_truncate();
{TOTAL.format(sign="", rows="city_componentcount")}
"""
NO_TOTALLING = "".join(
    f"DROP TRIGGER componenttotal_{event} ON city_componentcount;"
    f"DROP FUNCTION city_componenttotal_{event}();"
    for event in ("add", "take", "truncate")
)

# A subclass that moves to another class takes its components along. That never happens in one
# edition; all is counted anew.
MOVES = f"""
CREATE FUNCTION city_componenttotal_classes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh JOIN gone USING (id)
               WHERE (fresh.edition_id, fresh.class_code)
                     IS DISTINCT FROM (gone.edition_id, gone.class_code)) THEN
        LOCK TABLE city_componentcount IN SHARE ROW EXCLUSIVE MODE;
        DELETE FROM city_componenttotal;
        {TOTAL.format(sign="", rows="city_componentcount")}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER componenttotal_classes AFTER UPDATE ON city_componentclass
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION city_componenttotal_classes();
"""
NO_MOVES = """
DROP TRIGGER componenttotal_classes ON city_componentclass;
DROP FUNCTION city_componenttotal_classes();
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0011_component_outline")]

    operations = [
        migrations.RunSQL(TABLE, NO_TABLE),
        migrations.RunSQL(TOTALLING, NO_TOTALLING),
        migrations.RunSQL(MOVES, NO_MOVES),
    ]
