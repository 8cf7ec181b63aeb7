"""No key is made under a key of keys that was emptied: whoever still tries looks for the newer one."""

from django.db import migrations, models

SETS = [("main", "main"), ("minors", "minors"), ("index", "index")]
FUNCTION = """
CREATE FUNCTION keystore_epoch_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM keystore_keyepoch
        WHERE kek_set = NEW.kek_set AND epoch = NEW.kek_epoch AND emptied_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'that key of keys wraps nothing any more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'keystore_epoch_over';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER keystore_epoch_over BEFORE INSERT ON keystore_subjectkey
FOR EACH ROW WHEN (NEW.kek_epoch IS NOT NULL) EXECUTE FUNCTION keystore_epoch_over()
"""


class Migration(migrations.Migration):
    dependencies = [("keystore", "0005_buried")]

    operations = [
        migrations.AlterField("keyepoch", "kek_set", models.CharField(choices=SETS, max_length=8)),
        migrations.AlterField(
            "subjectkey", "kek_set", models.CharField(choices=SETS, db_default="main", default="main", max_length=8)
        ),
        migrations.RunSQL(
            sql=[FUNCTION, TRIGGER],
            reverse_sql=[
                "DROP TRIGGER keystore_epoch_over ON keystore_subjectkey",
                "DROP FUNCTION keystore_epoch_over()",
            ],
        ),
    ]
