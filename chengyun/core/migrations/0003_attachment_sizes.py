"""Which smaller images were made of an attachment."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_triggers")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="sizes",
            field=ArrayField(
                base_field=models.CharField(max_length=10),
                default=list,
                help_text="smaller images made of it",
                size=None,
            ),
        ),
    ]
