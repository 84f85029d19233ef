"""Files on their way into layers, and what became of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0015_catalogue_version_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LayerFilling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "等待中 waiting"),
                            ("running", "导入中 at work"),
                            ("done", "已完成 done"),
                            ("failed", "未成功 failed"),
                            ("cancelled", "已取消 cancelled"),
                        ],
                        default="waiting",
                    ),
                ),
                ("file_name", models.TextField()),
                (
                    "stored",
                    models.TextField(blank=True, default="", help_text="Where the file waits."),
                ),
                (
                    "said",
                    models.JSONField(
                        default=dict, help_text="Layer of the file, system, encoding."
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "total",
                    models.BigIntegerField(
                        blank=True, help_text="Rows of the file, if known.", null=True
                    ),
                ),
                ("read", models.BigIntegerField(default=0)),
                ("rows", models.BigIntegerField(default=0)),
                ("rejected", models.BigIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                ("refused", models.JSONField(blank=True, null=True)),
                (
                    "rejected_file",
                    models.TextField(blank=True, default="", help_text="Where their CSV lies."),
                ),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "layer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fillings",
                        to="city.layer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("layer",),
                        name="city_layerfilling_one_open",
                    )
                ],
            },
        ),
    ]
