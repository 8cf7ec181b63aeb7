"""A destroyed key may go once it is buried: the ledger outside says so, and the row of the burial."""

from django.db import migrations, models

# As before, but for one thing: a destroyed row without a burial may be given one, and nothing else changes.
FUNCTION = """
CREATE OR REPLACE FUNCTION keystore_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'destroyed'
        AND (OLD.burial IS NOT NULL OR NEW.burial IS NULL OR to_jsonb(OLD) - 'burial' <> to_jsonb(NEW) - 'burial') THEN
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
BEFORE = """
CREATE OR REPLACE FUNCTION keystore_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
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
ONLY_BURIED = """
CREATE FUNCTION keystore_only_buried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'destroyed' OR NOT EXISTS (
        SELECT 1 FROM keystore_burial WHERE n = OLD.burial AND klass IN (OLD.klass, '*')
    ) THEN
        RAISE EXCEPTION 'the row of a key goes only once the key is destroyed and buried'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'keystore_only_buried';
    END IF;
    RETURN OLD;
END $$
"""
TRIGGER = """
CREATE TRIGGER keystore_only_buried BEFORE DELETE ON keystore_subjectkey
FOR EACH ROW EXECUTE FUNCTION keystore_only_buried()
"""


class Migration(migrations.Migration):
    dependencies = [("keystore", "0004_gone_for_good")]

    operations = [
        migrations.AddField("subjectkey", "burial", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "subjectkey",
            models.CheckConstraint(
                name="subject_key_buried_is_destroyed",
                condition=models.Q(("burial", None), ("state", "destroyed"), _connector="OR"),
            ),
        ),
        migrations.RunSQL(
            sql=[FUNCTION, ONLY_BURIED, TRIGGER],
            reverse_sql=[
                "DROP TRIGGER keystore_only_buried ON keystore_subjectkey",
                "DROP FUNCTION keystore_only_buried()",
                BEFORE,
            ],
        ),
    ]
