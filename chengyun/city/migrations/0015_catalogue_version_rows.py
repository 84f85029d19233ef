"""Changes of the catalogue are counted in as many rows as writers write at once, and the sum is the
version: a load that takes minutes keeps nobody waiting who changes an area meanwhile.

It moves in the commit of the change, as one row did. A sequence would move before it, and whoever
read between the two would keep what was for as long as nothing else changes."""

from django.db import migrations

COUNT = """
CREATE OR REPLACE FUNCTION city_catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE city_catalogueversion SET number = number + 1, changed_at = clock_timestamp()
    WHERE id = (SELECT id FROM city_catalogueversion LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO city_catalogueversion (number, changed_at) VALUES (1, clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
-- The first row was numbered by hand.
ALTER TABLE city_catalogueversion ALTER COLUMN id RESTART WITH 2;
"""
COUNT_IN_ONE = """
CREATE OR REPLACE FUNCTION city_catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE city_catalogueversion SET number = number + 1, changed_at = clock_timestamp();
    RETURN NULL;
END $$;
UPDATE city_catalogueversion SET number = (SELECT sum(number) FROM city_catalogueversion);
DELETE FROM city_catalogueversion WHERE id <> 1;
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0014_outlines_on_the_map")]
    operations = [
        migrations.RemoveConstraint(
            model_name="catalogueversion", name="city_catalogueversion_one_row"
        ),
        migrations.RunSQL(COUNT, COUNT_IN_ONE),
    ]
