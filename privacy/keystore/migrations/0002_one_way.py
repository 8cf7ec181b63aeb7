"""The database holds that a destroyed key stays destroyed and that a key is nobody else's."""

from django.db import migrations

# What remains: the steps between active and frozen, to destroyed from both, and wrapping a key anew. Which
# states hold a key is for the checks of the table to say, the rows for whole subjects included.
FUNCTION = """
CREATE FUNCTION keystore_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'destroyed' THEN
        RAISE EXCEPTION 'a destroyed key stays destroyed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'keystore_one_way';
    END IF;
    IF (OLD.id, OLD.subject, OLD.klass, OLD.gen, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.subject, NEW.klass, NEW.gen, NEW.created_at) THEN
        RAISE EXCEPTION 'a key belongs to one subject, class and generation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'keystore_one_way';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER keystore_one_way BEFORE UPDATE ON keystore_subjectkey
FOR EACH ROW EXECUTE FUNCTION keystore_one_way()
"""


class Migration(migrations.Migration):
    dependencies = [("keystore", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[FUNCTION, TRIGGER],
            reverse_sql=["DROP TRIGGER keystore_one_way ON keystore_subjectkey", "DROP FUNCTION keystore_one_way()"],
        )
    ]
