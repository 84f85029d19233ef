"""A case's records are never changed or taken away, and the standard a case was filed under
is never rewritten."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION governance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the records of a case are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER case_record_append_only BEFORE UPDATE OR DELETE ON governance_caserecord
    FOR EACH ROW EXECUTE FUNCTION governance_refuse_change();
CREATE TRIGGER case_record_no_truncate BEFORE TRUNCATE ON governance_caserecord
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse_change();

-- Only the end of validity of a used standard may move; everything else is a new version.
CREATE FUNCTION governance_keep_used_standard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.matter_id, OLD.condition_key, OLD.condition_zh, OLD.limit_class, OLD."limit", OLD.unit,
        OLD.make_safe_limit, OLD.make_safe_unit, OLD.closing_zh, OLD.version, OLD.valid_from)
       IS DISTINCT FROM
       (NEW.matter_id, NEW.condition_key, NEW.condition_zh, NEW.limit_class, NEW."limit", NEW.unit,
        NEW.make_safe_limit, NEW.make_safe_unit, NEW.closing_zh, NEW.version, NEW.valid_from)
       AND EXISTS (SELECT FROM governance_case WHERE standard_id = OLD.id)
    THEN
        RAISE EXCEPTION 'standard % has cases filed under it: make a new version', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER standard_keep_used BEFORE UPDATE ON governance_standard
    FOR EACH ROW EXECUTE FUNCTION governance_keep_used_standard();
"""

BACKWARD = """
DROP TRIGGER standard_keep_used ON governance_standard;
DROP FUNCTION governance_keep_used_standard();
DROP TRIGGER case_record_no_truncate ON governance_caserecord;
DROP TRIGGER case_record_append_only ON governance_caserecord;
DROP FUNCTION governance_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
