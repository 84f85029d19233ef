"""Addresses are found by every pair of characters, and by their beginning; components by name."""

from django.db import migrations

# A trigram index knows nothing of words of two characters, which most Chinese words are, and
# nothing at all in a database whose locale is plain "C". Here every pair of neighbouring characters
# of the folded text is a term (the last one alone), so any text of two characters or more is found
# by index. Comparisons are in "C": the answer does not depend on the locale. COST tells the planner
# the truth, some forty microseconds a row; for such a price it would start parallel workers, which
# take longer than the whole answer, so it may not (RESTRICTED). An address has no thousand characters.
FORWARD = r"""
CREATE FUNCTION city_search_fold(raw text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(normalize(raw, NFKC) COLLATE "C") $$;

CREATE FUNCTION city_search_terms(body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED COST 5000 AS $$
    SELECT array_to_tsvector(array_agg(substr(folded, at, 2)))
    FROM left(city_search_fold(body), 1000) AS folded, generate_series(1, length(folded)) AS at
$$;

CREATE INDEX city_address_terms ON city_address USING gin (city_search_terms(full_text));
-- More of the common pairs are remembered: which questions must not be answered completely.
ALTER INDEX city_address_terms ALTER COLUMN 1 SET STATISTICS 1000;
CREATE INDEX city_address_start ON city_address ((city_search_fold(full_text) COLLATE "C"));
-- Names repeat a thousandfold, so this index is small and cheap to write.
CREATE INDEX city_component_name ON city_component ((name COLLATE "C"));
"""

BACKWARD = """
DROP INDEX city_component_name;
DROP INDEX city_address_start;
DROP INDEX city_address_terms;
DROP FUNCTION city_search_terms(text);
DROP FUNCTION city_search_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0008_layer_watch")]
    operations = [
        migrations.RemoveIndex(model_name="address", name="city_address_text_trgm"),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
