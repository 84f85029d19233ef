"""Count every change of the catalogue and the areas, whoever makes it, so that caches notice."""

from django.db import migrations

WATCHED = ("city_edition", "city_matter", "city_componentclass", "city_area")

COUNT = """
CREATE FUNCTION city_catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE city_catalogueversion SET number = number + 1, changed_at = clock_timestamp();
    RETURN NULL;
END $$;
INSERT INTO city_catalogueversion (id, number, changed_at) VALUES (1, 0, clock_timestamp());
"""
UNCOUNT = """
DELETE FROM city_catalogueversion;
DROP FUNCTION city_catalogue_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0001_initial")]

    operations = [
        migrations.RunSQL(COUNT, UNCOUNT),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER city_catalogue_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
                f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION city_catalogue_changed()",
                f"DROP TRIGGER city_catalogue_changed ON {table}",
            )
            for table in WATCHED
        ),
    ]
