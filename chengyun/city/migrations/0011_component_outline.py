"""A component that is more than a point keeps its outline beside the point that stands for it."""

import django.contrib.gis.db.models.fields
from django.db import migrations

DRAWN = """
ALTER TABLE city_component ADD CONSTRAINT city_component_outline
    CHECK (outline IS NULL OR ST_Dimension(outline) > 0);
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0010_register_guards")]

    operations = [
        migrations.AddField(
            model_name="component",
            name="outline",
            field=django.contrib.gis.db.models.fields.GeometryField(
                blank=True,
                help_text="Lines or polygons of what is more than a point: a bridge, a green "
                "space.",
                null=True,
                spatial_index=False,
                srid=4490,
            ),
        ),
        migrations.AlterField(
            model_name="component",
            name="geom",
            field=django.contrib.gis.db.models.fields.PointField(
                help_text="Lies on its outline, if it has one.", srid=4490
            ),
        ),
        migrations.RunSQL(
            DRAWN, "ALTER TABLE city_component DROP CONSTRAINT city_component_outline"
        ),
    ]
