"""Chinese text search on cases, and cases near a place and a time, by index."""

from django.db import migrations

# The text lives in a table of its own: a case row is rewritten at every step of its life, and an
# index of a hundred entries a case on that row would be written again each time.
# No foreign key: TRUNCATE of the model tables would be refused; the triggers keep it in step.
#
# Terms are made for every position of the folded text: two characters where they are not ASCII,
# up to three inside a run of ASCII letters and digits, cut short at the end of a run. So every
# string of any length is found by index, one character through a prefix. Comparisons are in "C":
# the answer does not depend on the locale of the database. COST tells the planner the truth, a
# fifth of a millisecond a row: it then reads the index, or tests the words themselves first.
FORWARD = r"""
CREATE FUNCTION governance_search_fold(raw text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(normalize(raw, NFKC) COLLATE "C") $$;

CREATE FUNCTION governance_search_terms(body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
DECLARE
    -- A tsvector holds 1 MB of terms; nothing that is longer may refuse the case.
    letters text[] := string_to_array(left(body, 100000), NULL);
BEGIN
    RETURN array_to_tsvector(ARRAY(
        SELECT term FROM (
            SELECT CASE
                WHEN a COLLATE "C" > E'\x7f' THEN
                    a || CASE WHEN b COLLATE "C" > E'\x7f' THEN b ELSE '' END
                WHEN a COLLATE "C" BETWEEN 'a' AND 'z' OR a COLLATE "C" BETWEEN '0' AND '9' THEN
                    a || CASE
                        WHEN b COLLATE "C" BETWEEN 'a' AND 'z' OR b COLLATE "C" BETWEEN '0' AND '9'
                        THEN b || CASE
                            WHEN c COLLATE "C" BETWEEN 'a' AND 'z'
                                OR c COLLATE "C" BETWEEN '0' AND '9'
                            THEN c ELSE '' END
                        ELSE '' END
                END AS term
            FROM unnest(letters, letters[2:], letters[3:]) AS u (a, b, c)
        ) AS terms WHERE term IS NOT NULL
    ));
END $$;

CREATE TABLE governance_casetext (case_id bigint PRIMARY KEY, body text NOT NULL);

CREATE FUNCTION governance_casetext_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO governance_casetext (case_id, body)
    SELECT id, governance_search_fold(description || E'\n' || address) FROM fresh
    ON CONFLICT (case_id) DO UPDATE SET body = EXCLUDED.body;
    RETURN NULL;
END $$;
CREATE TRIGGER casetext_insert AFTER INSERT ON governance_case
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION governance_casetext_insert();

CREATE FUNCTION governance_casetext_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE governance_casetext
    SET body = governance_search_fold(NEW.description || E'\n' || NEW.address)
    WHERE case_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER casetext_update AFTER UPDATE OF description, address ON governance_case
    FOR EACH ROW
    WHEN ((OLD.description, OLD.address) IS DISTINCT FROM (NEW.description, NEW.address))
    EXECUTE FUNCTION governance_casetext_update();

CREATE FUNCTION governance_casetext_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM governance_casetext WHERE case_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER casetext_delete AFTER DELETE ON governance_case
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION governance_casetext_delete();

CREATE FUNCTION governance_casetext_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE governance_casetext;
    RETURN NULL;
END $$;
CREATE TRIGGER casetext_truncate AFTER TRUNCATE ON governance_case
    FOR EACH STATEMENT EXECUTE FUNCTION governance_casetext_truncate();

INSERT INTO governance_casetext (case_id, body)
SELECT id, governance_search_fold(description || E'\n' || address) FROM governance_case;

CREATE INDEX governance_casetext_terms ON governance_casetext
    USING gin (governance_search_terms(body));

-- Place and time in one index: a corner with ten thousand old cases costs nothing when the
-- question is about the last three days.
CREATE INDEX governance_case_place_time ON governance_case
    USING gist (geom, reported_at) WHERE geom IS NOT NULL;
"""

BACKWARD = """
DROP INDEX governance_case_place_time;
DROP TRIGGER casetext_truncate ON governance_case;
DROP TRIGGER casetext_delete ON governance_case;
DROP TRIGGER casetext_update ON governance_case;
DROP TRIGGER casetext_insert ON governance_case;
DROP FUNCTION governance_casetext_truncate();
DROP FUNCTION governance_casetext_delete();
DROP FUNCTION governance_casetext_update();
DROP FUNCTION governance_casetext_insert();
DROP TABLE governance_casetext;
DROP FUNCTION governance_search_terms(text);
DROP FUNCTION governance_search_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_triggers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
