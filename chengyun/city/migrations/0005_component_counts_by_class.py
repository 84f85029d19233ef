"""The inventory's numbers by class: whole-city questions read the few rows of the districts, and
those about a class only the rows of that class."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("city", "0004_component_counts")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX city_componentcount_class ON city_componentcount "
            "(level, component_class_id) INCLUDE (area_id, state, maintainer_id, n)",
            "DROP INDEX city_componentcount_class",
        )
    ]
