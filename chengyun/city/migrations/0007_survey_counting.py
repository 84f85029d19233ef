"""The counts of components can wait for the end of a survey.

Whoever sets `chengyun.counting` to `later` for a transaction owes the counts: the rows that are
about to change are taken away by `city_components_counted(-1)` before and added by
`city_components_counted(1)` behind, their ids in the temporary table `city_counted`; those that a
survey registered are added by `city_survey_counted(survey)`. One statement for millions of rows.
"""

# ruff: noqa: S608  (what is put into the statements stands in this file)

from django.db import migrations

TRIGGERS = [
    (table, event, f"{'REFERENCING ' + tables if tables else ''}")
    for table in ("componentcell", "componentcount")
    for event, tables in (
        ("insert", "NEW TABLE AS fresh"),
        ("update", "OLD TABLE AS gone NEW TABLE AS fresh"),
        ("delete", "OLD TABLE AS gone"),
    )
]
LATER = "WHEN (current_setting('chengyun.counting', true) IS DISTINCT FROM 'later')"


def triggers(condition: str) -> str:
    return "".join(
        f"""
        DROP TRIGGER {table}_{event} ON city_component;
        CREATE TRIGGER {table}_{event} AFTER {event.upper()} ON city_component {references}
            FOR EACH STATEMENT {condition} EXECUTE FUNCTION city_{table}_{event}();
        """
        for table, event, references in TRIGGERS
    )


# The statements of 0003 and 0004 over another set of rows.
ADD = """
    INSERT INTO city_componentcell (z, tx, ty, cx, cy, n, damaged)
    SELECT z, x >> (18 - z), y >> (18 - z), (x >> (13 - z)) & 31, (y >> (13 - z)) & 31,
        sum(n), sum(damaged)
    FROM (
        SELECT city_map_column(ST_X(gm)) AS x, city_map_column(-ST_Y(gm)) AS y,
            {sign} * count(*) AS n,
            {sign} * count(*) FILTER (WHERE state IN ('damaged', 'lost')) AS damaged
        FROM city_component WHERE {which} AND gm IS NOT NULL AND state <> 'removed'
        GROUP BY 1, 2
    ) AS cells CROSS JOIN generate_series(6, 13) AS z
    GROUP BY 1, 2, 3, 4, 5
    HAVING sum(n) <> 0 OR sum(damaged) <> 0;
    WITH changed AS (
        SELECT unit_grid_id, component_class_id, state, maintainer_id, {sign} * count(*) AS n
        FROM city_component WHERE {which} GROUP BY 1, 2, 3, 4
    ), placed AS (
        SELECT d.id AS district_id, s.id AS street_id, g.community_id, component_class_id, state,
            maintainer_id, n
        FROM changed
        LEFT JOIN city_unitgrid g ON g.id = changed.unit_grid_id
        LEFT JOIN city_area c ON c.id = g.community_id
        LEFT JOIN city_area d ON d.level = 'district' AND d.code = ANY (c.ancestors)
        LEFT JOIN city_area s ON s.level = 'street' AND s.code = ANY (c.ancestors)
    )
    INSERT INTO city_componentcount (level, area_id, component_class_id, state, maintainer_id, n)
    SELECT level, area_id, component_class_id, state, maintainer_id, sum(n)
    FROM placed CROSS JOIN LATERAL (VALUES
        ('district', district_id), ('street', street_id), ('community', community_id)
    ) AS place (level, area_id)
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0;
"""
FUNCTIONS = f"""
CREATE FUNCTION city_components_counted(sign integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    {ADD.format(sign="sign", which="id IN (SELECT counted.id FROM city_counted AS counted)")}
END $$;
CREATE FUNCTION city_survey_counted(survey bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    {ADD.format(sign="1", which="survey_id = survey")}
END $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION city_survey_counted(bigint);
DROP FUNCTION city_components_counted(integer);
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0006_surveys_layers_changes")]

    operations = [
        migrations.RunSQL(triggers(LATER), triggers("")),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
    ]
