import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Area",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("name_zh", models.TextField()),
                ("name_en", models.TextField(blank=True, default="")),
                (
                    "level",
                    models.TextField(
                        choices=[
                            ("city", "市 city"),
                            ("district", "区县 district"),
                            ("street", "街道 street"),
                            ("community", "社区 community"),
                        ]
                    ),
                ),
                (
                    "ancestors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        blank=True, null=True, srid=4490
                    ),
                ),
                (
                    "synthetic",
                    models.BooleanField(
                        default=False,
                        help_text="The outline was made up, it is not a surveyed boundary.",
                    ),
                ),
                ("population", models.IntegerField(blank=True, null=True)),
                ("area_m2", models.FloatField(blank=True, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="city.area",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="CatalogueVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(default=0)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="city_catalogueversion_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("name_zh", models.TextField()),
                ("name_en", models.TextField(blank=True, default="")),
                ("class_width", models.PositiveSmallIntegerField()),
                ("subclass_width", models.PositiveSmallIntegerField()),
                (
                    "serial_width",
                    models.PositiveSmallIntegerField(
                        default=6,
                        help_text="Digits of the serial number at the end of a component's code.",
                    ),
                ),
                ("kinds_share_codes", models.BooleanField(default=False)),
                (
                    "extension_from",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="First subclass number that a city may give out itself.",
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="city_edition_one_default",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Crosswalk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_kind",
                    models.TextField(
                        choices=[("component", "部件 component"), ("event", "事件 event")]
                    ),
                ),
                ("from_code", models.TextField()),
                ("to_code", models.TextField()),
                ("note", models.TextField(blank=True, default="")),
                (
                    "from_edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads_to",
                        to="city.edition",
                    ),
                ),
                (
                    "to_edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comes_from",
                        to="city.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["from_edition", "from_code", "to_edition", "to_code"],
            },
        ),
        migrations.CreateModel(
            name="ComponentClass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("class_code", models.TextField()),
                ("class_zh", models.TextField()),
                ("class_en", models.TextField(blank=True, default="")),
                ("sub_code", models.TextField()),
                ("name_zh", models.TextField()),
                ("name_en", models.TextField(blank=True, default="")),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("evidence", models.TextField(blank=True, default="")),
                ("extension", models.BooleanField(default=False)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="component_classes",
                        to="city.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["edition", "class_code", "sub_code"],
            },
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[("component", "部件 component"), ("event", "事件 event")]
                    ),
                ),
                ("code", models.TextField()),
                ("class_code", models.TextField()),
                ("class_zh", models.TextField()),
                ("class_en", models.TextField(blank=True, default="")),
                ("sub_code", models.TextField()),
                ("name_zh", models.TextField()),
                ("name_en", models.TextField(blank=True, default="")),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("description", models.TextField(blank=True, default="")),
                ("evidence", models.TextField(blank=True, default="")),
                ("extension", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
                (
                    "component_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="city.componentclass",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="city.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["edition", "code"],
            },
        ),
        migrations.CreateModel(
            name="UnitGrid",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("geom", django.contrib.gis.db.models.fields.MultiPolygonField(srid=4490)),
                ("area_m2", models.FloatField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("land_use", models.TextField(blank=True, default="")),
                ("level_code", models.TextField(blank=True, default="")),
                ("responsible_org_code", models.TextField(blank=True, default="")),
                ("remark", models.TextField(blank=True, default="")),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unit_grids",
                        to="city.area",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="DutyGrid",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("duty", "责任网格 duty grid"),
                            ("supervision", "监督网格 supervision grid"),
                        ]
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duty_grids",
                        to="core.organisation",
                    ),
                ),
                (
                    "users",
                    models.ManyToManyField(
                        blank=True, related_name="duty_grids", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "unit_grids",
                    models.ManyToManyField(
                        blank=True, related_name="duty_grids", to="city.unitgrid"
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Component",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("intact", "完好 intact"),
                            ("damaged", "破损 damaged"),
                            ("lost", "丢失 lost"),
                            ("abandoned", "废弃 abandoned"),
                            ("removed", "移除 removed"),
                        ],
                        default="intact",
                    ),
                ),
                ("geom", django.contrib.gis.db.models.fields.PointField(srid=4490)),
                ("first_surveyed", models.DateField(blank=True, null=True)),
                ("changed_on", models.DateField(blank=True, null=True)),
                ("source", models.TextField(blank=True, default="")),
                ("remark", models.TextField(blank=True, default="")),
                ("street_code", models.TextField(blank=True, default="")),
                ("community_code", models.TextField(blank=True, default="")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components_supervised",
                        to="core.organisation",
                    ),
                ),
                (
                    "maintainer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components_maintained",
                        to="core.organisation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components_owned",
                        to="core.organisation",
                    ),
                ),
                (
                    "component_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components",
                        to="city.componentclass",
                    ),
                ),
                (
                    "unit_grid",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components",
                        to="city.unitgrid",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("full_text", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("door", "门牌 door plate"),
                            ("building", "楼牌 building"),
                            ("compound", "小区 residential compound"),
                            ("road", "道路 road"),
                            ("place", "兴趣点 place of interest"),
                            ("zone", "片区 zone"),
                        ]
                    ),
                ),
                ("geom", django.contrib.gis.db.models.fields.PointField(srid=4490)),
                ("source", models.TextField(blank=True, default="")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="city.area",
                    ),
                ),
                (
                    "unit_grid",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="city.unitgrid",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "ordering": ["full_text"],
            },
        ),
        migrations.AddIndex(
            model_name="area",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["ancestors"], name="city_area_ancestors"
            ),
        ),
        migrations.AddIndex(
            model_name="area",
            index=models.Index(fields=["level", "code"], name="city_area_level"),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", "city"), ("parent__isnull", True)),
                    models.Q(models.Q(("level", "city"), _negated=True), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="city_area_only_the_city_has_no_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="crosswalk",
            constraint=models.UniqueConstraint(
                fields=("from_edition", "from_code", "to_edition", "to_code"),
                name="city_crosswalk_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="componentclass",
            constraint=models.UniqueConstraint(
                fields=("edition", "class_code", "sub_code"), name="city_componentclass_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.UniqueConstraint(fields=("edition", "code"), name="city_matter_code"),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.UniqueConstraint(
                fields=("edition", "kind", "class_code", "sub_code"), name="city_matter_parts"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitgrid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="city_unitgrid_ends_after_it_began",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("full_text"), name="gin_trgm_ops"
                ),
                name="city_address_text_trgm",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                fields=("full_text", "kind"), name="city_address_once"
            ),
        ),
    ]
