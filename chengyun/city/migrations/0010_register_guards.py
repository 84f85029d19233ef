"""The history of a component is never altered, and every filter of the lists has an index that
gives its rows in the order of the list."""

import django.db.models.deletion
from django.db import migrations, models

APPEND_ONLY = """
CREATE FUNCTION city_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what happened to a component stays written', TG_OP,
        TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER componentchange_append_only BEFORE UPDATE OR DELETE ON city_componentchange
    FOR EACH ROW EXECUTE FUNCTION city_refuse_change();
CREATE TRIGGER componentchange_no_truncate BEFORE TRUNCATE ON city_componentchange
    FOR EACH STATEMENT EXECUTE FUNCTION city_refuse_change();
"""
ALTERABLE = """
DROP TRIGGER componentchange_no_truncate ON city_componentchange;
DROP TRIGGER componentchange_append_only ON city_componentchange;
DROP FUNCTION city_refuse_change();
"""


def with_other_index(name: str, **more: object) -> migrations.AlterField:
    """A foreign key of a component whose index is the first column of another one."""
    to, related = {
        "component_class": ("city.componentclass", "components"),
        "unit_grid": ("city.unitgrid", "components"),
        "maintainer": ("core.organisation", "components_maintained"),
    }[name]
    key: models.ForeignKey = models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related,
        to=to,
        **more,
    )
    return migrations.AlterField(model_name="component", name=name, field=key)


def index(name: str, *fields: str, **more: object) -> migrations.AddIndex:
    return migrations.AddIndex("component", models.Index(fields=fields, name=name, **more))


class Migration(migrations.Migration):
    dependencies = [("city", "0009_find"), ("core", "0004_preferences_and_presence")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, ALTERABLE),
        migrations.AlterField(
            model_name="componentchange",
            name="verb",
            field=models.TextField(
                choices=[
                    ("register", "登记 registered"),
                    ("change", "变更 changed"),
                    ("remove", "移除 removed"),
                    ("restore", "恢复 restored"),
                    ("photo", "照片 photo"),
                ]
            ),
        ),
        index("city_component_class", "component_class", "code"),
        index("city_component_grid", "unit_grid", "code"),
        index("city_component_maintainer", "maintainer", "code"),
        index("city_component_state", "state", "code", condition=~models.Q(state="intact")),
        with_other_index("component_class"),
        with_other_index("unit_grid", blank=True, null=True),
        with_other_index("maintainer", blank=True, null=True),
    ]
