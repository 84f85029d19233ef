"""A changed service or attribute moves the version of the catalogue, whoever changes it: the
changeset of the discovery document is its time."""

from django.db import migrations

WATCHED = ("open311_open311service", "open311_open311attribute")


class Migration(migrations.Migration):
    dependencies = [("open311", "0001_initial"), ("city", "0002_catalogue_version")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER open311_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION city_catalogue_changed()",
            f"DROP TRIGGER open311_changed ON {table}",
        )
        for table in WATCHED
    ]
