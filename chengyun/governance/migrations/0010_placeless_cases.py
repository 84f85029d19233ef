"""Cases without a place belong to every box of a map service; they are found without reading others."""

from django.db import migrations

FORWARD = "CREATE INDEX governance_case_placeless ON governance_case (id) WHERE geom IS NULL"
BACKWARD = "DROP INDEX governance_case_placeless"


class Migration(migrations.Migration):
    dependencies = [("governance", "0009_filed_here")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
