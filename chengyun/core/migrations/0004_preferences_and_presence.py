"""People arrange their own pages, and see who else has a case open."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_attachment_sizes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("value", models.JSONField(null=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="core_preference_once"),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9._-]{0,59}$")),
                        name="core_preference_key_form",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_type", models.TextField()),
                ("subject_id", models.BigIntegerField()),
                (
                    "doing",
                    models.CharField(
                        choices=[("viewing", "查看"), ("writing", "填写")], max_length=10
                    ),
                ),
                ("since", models.DateTimeField(help_text="when this person began to do this")),
                ("seen_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_type", "subject_id", "user"), name="core_presence_once"
                    )
                ],
            },
        ),
        # A crash may forget who was there; they say so again within seconds.
        migrations.RunSQL(
            "ALTER TABLE core_presence SET UNLOGGED", "ALTER TABLE core_presence SET LOGGED"
        ),
    ]
