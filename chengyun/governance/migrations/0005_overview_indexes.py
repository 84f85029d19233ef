"""The overview counts what is open, and a week of what was closed, from indexes alone."""

from django.db import migrations, models

OPEN = [
    "deferred", "handling", "pending_check", "pending_close", "pending_dispatch",
    "pending_feedback", "pending_file", "pending_handle", "pending_verify", "reported",
    "suspended",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_visit_asked")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_closed_at"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["closed_at"],
                name="case_closed_at",
                include=("district_code", "state", "forced", "handle_late", "timeout_exempt"),
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["district_code"],
                name="case_open_overview",
                include=(
                    "department",
                    "state",
                    "stage",
                    "stage_due_at",
                    "paused_since",
                    "scope_areas",
                    "scope_matters",
                ),
                condition=models.Q(state__in=OPEN),
            ),
        ),
        # An index alone answers only for pages that were vacuumed: at the default of a fifth of
        # the table that would be weeks ago.
        migrations.RunSQL(
            "ALTER TABLE governance_case SET (autovacuum_vacuum_scale_factor = 0.02, "
            "autovacuum_vacuum_insert_scale_factor = 0.02)",
            "ALTER TABLE governance_case RESET (autovacuum_vacuum_scale_factor, "
            "autovacuum_vacuum_insert_scale_factor)",
        ),
    ]
