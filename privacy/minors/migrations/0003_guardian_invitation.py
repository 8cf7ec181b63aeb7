"""More than one guardian of a child, by invitation alone, and what the database itself holds of that.

The laws are named `a_guardian_joins_by_invitation`, `at_most_four_guardians`, `a_guardian_invites` and
`an_invitation_is_answered_once`. Whoever joins has accepted an invitation of somebody who looks after the child.
"""

import datetime

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kit.uuid7

# After the insert, so that a guardian twice meets its own law first. The child's row is held: two who join at
# once are counted one after the other.
_JOINS = """
CREATE FUNCTION minors_guardian_joins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    others int;
BEGIN
    PERFORM FROM minors_child WHERE id = NEW.child_id FOR UPDATE;
    SELECT count(*) INTO others FROM minors_guardianship WHERE child_id = NEW.child_id AND id <> NEW.id;
    IF others >= 4 THEN
        RAISE EXCEPTION 'a child has at most four guardians'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'at_most_four_guardians';
    END IF;
    IF others > 0 AND NOT EXISTS (
        SELECT FROM minors_guardianinvitation invitation
        JOIN minors_guardianship inviter
            ON inviter.child_id = invitation.child_id AND inviter.guardian_id = invitation.invited_by
        WHERE invitation.child_id = NEW.child_id AND invitation.accepted_by = NEW.guardian_id
    ) THEN
        RAISE EXCEPTION 'another guardian joins by invitation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_guardian_joins_by_invitation';
    END IF;
    RETURN NULL;
END $$
"""

_INVITES = """
CREATE FUNCTION minors_guardian_invites() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM minors_guardianship
        WHERE child_id = NEW.child_id AND guardian_id = NEW.invited_by
    ) THEN
        RAISE EXCEPTION 'only a guardian of the child invites another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_guardian_invites';
    END IF;
    RETURN NEW;
END $$
"""

_ANSWERED = """
CREATE FUNCTION minors_invitation_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.accepted_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL
        OR (NEW.id, NEW.child_id, NEW.invited_by, NEW.token_hash, NEW.created_at, NEW.expires_at)
            IS DISTINCT FROM
            (OLD.id, OLD.child_id, OLD.invited_by, OLD.token_hash, OLD.created_at, OLD.expires_at)
        OR (NEW.accepted_at IS NOT NULL AND OLD.expires_at <= clock_timestamp())
    THEN
        RAISE EXCEPTION 'an invitation is answered once, in time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_invitation_is_answered_once';
    END IF;
    RETURN NEW;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("minors", "0002_no_child_without_a_guardian")]

    operations = [
        migrations.CreateModel(
            name="GuardianInvitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kit.uuid7.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("invited_by", models.UUIDField()),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField()),
                ("accepted_by", models.UUIDField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="minors.child",
                    ),
                ),
            ],
            options={
                "verbose_name": "监护人邀请",
                "verbose_name_plural": "监护人邀请",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        fields=("child",),
                        name="one_open_invitation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_by", None)),
                            models.Q(
                                ("accepted_at__isnull", False),
                                ("accepted_by__isnull", False),
                                ("withdrawn_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_accepted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_by", None),
                            models.Q(("accepted_by", models.F("invited_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="invitation_not_ones_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__gt", models.F("created_at")),
                            (
                                "expires_at__lte",
                                models.expressions.CombinedExpression(
                                    models.F("created_at"), "+", models.Value(datetime.timedelta(days=3))
                                ),
                            ),
                        ),
                        name="invitation_ends_in_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            sql=[
                _JOINS,
                _INVITES,
                _ANSWERED,
                "CREATE TRIGGER minors_guardian_joins AFTER INSERT ON minors_guardianship "
                "FOR EACH ROW EXECUTE FUNCTION minors_guardian_joins()",
                "CREATE TRIGGER minors_guardian_invites BEFORE INSERT ON minors_guardianinvitation "
                "FOR EACH ROW EXECUTE FUNCTION minors_guardian_invites()",
                "CREATE TRIGGER minors_invitation_answered BEFORE UPDATE ON minors_guardianinvitation "
                "FOR EACH ROW EXECUTE FUNCTION minors_invitation_answered()",
            ],
            reverse_sql=[
                "DROP TRIGGER minors_invitation_answered ON minors_guardianinvitation",
                "DROP TRIGGER minors_guardian_invites ON minors_guardianinvitation",
                "DROP TRIGGER minors_guardian_joins ON minors_guardianship",
                "DROP FUNCTION minors_invitation_answered()",
                "DROP FUNCTION minors_guardian_invites()",
                "DROP FUNCTION minors_guardian_joins()",
            ],
        ),
    ]
