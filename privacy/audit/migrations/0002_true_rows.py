"""The database says when and in which order deeds were recorded, whatever the writer says."""

from django.db import migrations

# record() refuses more; this is the net under it, for rows that do not come through it.
FUNCTION = r"""
CREATE FUNCTION audit_true_row() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said text := concat_ws('|', NEW.action, NEW.target, NEW.detail::text);
BEGIN
    NEW.seq := nextval(pg_get_serial_sequence('public.audit_auditevent', 'seq'));
    NEW.tx := pg_current_xact_id();
    NEW.at := clock_timestamp();
    said := regexp_replace(said, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '', 'gi');
    IF regexp_replace(said, '[-.:_/ ]', '', 'g') ~ '1[3-9][0-9]{9}' THEN
        RAISE EXCEPTION 'the record of a deed holds no mobile number'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_no_number';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER audit_true_row BEFORE INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION audit_true_row()
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[FUNCTION, TRIGGER],
            reverse_sql=["DROP TRIGGER audit_true_row ON audit_auditevent", "DROP FUNCTION audit_true_row()"],
        )
    ]
