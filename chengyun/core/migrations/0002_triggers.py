"""What the tables refuse and announce by themselves, whoever writes to them."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Write a new entry that corrects the old one.';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON core_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core_auditseal
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON core_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
-- Also in a session that plays a replica: nothing but the owner's DDL switches these off.
ALTER TABLE core_auditentry ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE core_auditentry ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE core_auditseal ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE core_auditseal ENABLE ALWAYS TRIGGER refuse_truncate;
"""

APPEND_ONLY_UNDO = """
DROP TRIGGER refuse_change ON core_auditentry;
DROP TRIGGER refuse_truncate ON core_auditentry;
DROP TRIGGER refuse_change ON core_auditseal;
DROP TRIGGER refuse_truncate ON core_auditseal;
DROP FUNCTION core_refuse_change();
"""

# The notification carries only the id: payloads are limited to 8 kB and must be permission
# filtered by the reader. xid: numbers are given before commit, so a lower number may appear
# later; a reader resumes from a transaction horizon, not from a number.
LIVE = """
ALTER TABLE core_domainevent ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX core_event_xid ON core_domainevent (xid, id);
CREATE FUNCTION core_announce_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('chengyun_live', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER announce AFTER INSERT ON core_domainevent
    FOR EACH ROW EXECUTE FUNCTION core_announce_event();
"""

LIVE_UNDO = """
DROP TRIGGER announce ON core_domainevent;
DROP FUNCTION core_announce_event();
ALTER TABLE core_domainevent DROP COLUMN xid;
"""

# Counters and cache may be forgotten by a crash; they need not pay for the write-ahead log.
VOLATILE = """
ALTER TABLE core_ratecounter SET UNLOGGED;
CREATE UNLOGGED TABLE core_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""

VOLATILE_UNDO = """
DROP TABLE core_cache;
ALTER TABLE core_ratecounter SET LOGGED;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_UNDO),
        migrations.RunSQL(LIVE, LIVE_UNDO),
        migrations.RunSQL(VOLATILE, VOLATILE_UNDO),
    ]
