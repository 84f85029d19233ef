"""Tracks of people in the street."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0007_open_cases_by_place"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PatrolPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=4490),
                ),
                (
                    "accuracy_m",
                    models.FloatField(help_text="radius within which the device was", null=True),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrol_points",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="patrol_point_at")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "at"), name="patrol_point_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accuracy_m", None), ("accuracy_m__gte", 0), _connector="OR"
                        ),
                        name="patrol_point_accuracy",
                    ),
                ],
            },
        ),
    ]
