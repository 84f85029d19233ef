"""Lists of open cases by the nearest deadline come from an index, page by page."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Coalesce

OPEN = [
    "deferred", "handling", "pending_check", "pending_close", "pending_dispatch",
    "pending_feedback", "pending_file", "pending_handle", "pending_verify", "reported",
    "suspended",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_overview_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                Coalesce(
                    "stage_due_at",
                    Value(datetime(9999, 12, 31, tzinfo=UTC), output_field=models.DateTimeField()),
                ),
                "id",
                name="case_open_by_due",
                condition=models.Q(state__in=OPEN),
            ),
        ),
    ]
