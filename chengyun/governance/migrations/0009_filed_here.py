"""What was filed before at the same place is found without reading other cases."""

from django.db import migrations

# The cell of 50 m as evaluation counts it (evaluation.measures): rows of latitude, in each row
# columns of the row's own width. Columns stay within half a million of 0, so no two cells share a
# number.
FORWARD = """
CREATE FUNCTION governance_place_cell(place geometry) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN floor(ST_Y(place) * 2226.4)::bigint * 1000000
    + floor(ST_X(place) * 2226.4 * cos(radians(floor(ST_Y(place) * 2226.4) / 2226.4)))::bigint;

CREATE INDEX case_filed_here ON governance_case (matter_id, governance_place_cell(geom), filed_at)
WHERE filed_at IS NOT NULL;
"""
BACKWARD = "DROP INDEX case_filed_here; DROP FUNCTION governance_place_cell(geometry);"


class Migration(migrations.Migration):
    dependencies = [("governance", "0008_patrol_point")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
