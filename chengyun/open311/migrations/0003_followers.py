"""Indexes for those who follow the city's requests: what changed since, and which steps were made.

Open311 alone asks by these times, so they stand here and not with the tables. Steps are appended
in the order of time: a block range index of a few pages is enough for them.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("open311", "0002_changes_are_counted"),
        ("governance", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX open311_case_updated ON governance_case (updated_at) WHERE public",
            "DROP INDEX open311_case_updated",
        ),
        migrations.RunSQL(
            "CREATE INDEX open311_step_at ON governance_caserecord USING brin (at) "
            "WITH (autosummarize = on)",
            "DROP INDEX open311_step_at",
        ),
    ]
