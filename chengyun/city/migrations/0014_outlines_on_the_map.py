"""Outlines of components are found by the map: an index of those that have one, and of no other."""

from django.db import migrations

INDEX = """
CREATE INDEX city_component_outline_gist ON city_component USING gist (outline)
    WHERE outline IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0013_layer_roads")]

    operations = [migrations.RunSQL(INDEX, "DROP INDEX city_component_outline_gist;")]
