"""A child without a guardian could be read and deleted by nobody: the database refuses one at commit.

The law is named `a_child_has_a_guardian`. Deferred, because the child is written before its guardianship.
"""

from django.db import migrations

_HAS_A_GUARDIAN = """
CREATE FUNCTION minors_child_has_a_guardian() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    child uuid;
BEGIN
    IF TG_TABLE_NAME = 'minors_child' THEN
        child := NEW.id;
    ELSE
        child := OLD.child_id;
    END IF;
    IF EXISTS (SELECT FROM minors_child WHERE id = child)
        AND NOT EXISTS (SELECT FROM minors_guardianship WHERE child_id = child)
    THEN
        RAISE EXCEPTION 'a child has a guardian'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_child_has_a_guardian';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("minors", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[
                _HAS_A_GUARDIAN,
                "CREATE CONSTRAINT TRIGGER minors_child_kept AFTER INSERT ON minors_child "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION minors_child_has_a_guardian()",
                "CREATE CONSTRAINT TRIGGER minors_guardianship_kept "
                "AFTER DELETE OR UPDATE OF child_id ON minors_guardianship "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION minors_child_has_a_guardian()",
            ],
            reverse_sql=[
                "DROP TRIGGER minors_guardianship_kept ON minors_guardianship",
                "DROP TRIGGER minors_child_kept ON minors_child",
                "DROP FUNCTION minors_child_has_a_guardian()",
            ],
        ),
    ]
