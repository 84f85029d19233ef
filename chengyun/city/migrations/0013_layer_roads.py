"""A layer of lines may be the roads, along which ways lead, with a field of one-way streets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("city", "0012_component_totals")]

    operations = [
        migrations.AddField(
            model_name="layer",
            name="oneway_field",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="layer",
            name="roads",
            field=models.BooleanField(
                default=False, help_text="Its lines are the roads: ways lead along."
            ),
        ),
        migrations.AddConstraint(
            model_name="layer",
            constraint=models.CheckConstraint(
                condition=models.Q(("roads", False), ("shape", "line"), _connector="OR"),
                name="city_layer_roads_are_lines",
            ),
        ),
    ]
