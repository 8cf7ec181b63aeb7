"""What may be deleted of bookings and places in line, and who may take the name of a booking.

Laws named here: `live_bookings_stay`, `attended_bookings_stay`, `live_places_stay`,
`a_booking_keeps_its_guardian`.
"""

import django.db.models.deletion
from django.db import migrations, models

from privacy.audit.append_only import goes_with_its_row

_SESSIONS = "enrollment_classsession"
_BOOKINGS = "enrollment_trialbooking"
_EVENTS = "enrollment_bookingevent"
_LINKS = "enrollment_managelink"
_ENTRIES = "enrollment_waitlistentry"
_CHOICES = "enrollment_waitlistchoice"

# A booking nobody marked is over once its class is: whether the family came is not known.
_MAY_GO = f"""
CREATE FUNCTION {_BOOKINGS}_may_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('requested', 'held', 'checked_in') OR OLD.state = 'booked' AND EXISTS (
        SELECT FROM {_SESSIONS} WHERE id = OLD.session_id AND starts_at > clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'a booking that is still to come is cancelled first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'live_bookings_stay';
    END IF;
    IF OLD.state = 'attended' AND OLD.closed_at > now() - interval '3 years' THEN
        RAISE EXCEPTION 'a class that was attended is accounted for three years'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attended_bookings_stay';
    END IF;
    RETURN OLD;
END $$
"""

# Its steps and links go with it, and the one that succeeded it came from nowhere.
_GOES = f"""
CREATE FUNCTION {_BOOKINGS}_goes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE {_BOOKINGS} SET rescheduled_from_id = NULL WHERE rescheduled_from_id = OLD.id;
    PERFORM set_config('leap.appended', 'follow', true);
    DELETE FROM {_EVENTS} WHERE booking_id = OLD.id;
    DELETE FROM {_LINKS} WHERE booking_id = OLD.id;
    PERFORM set_config('leap.appended', '', true);
    RETURN NULL;
END $$
"""

# Somebody's booking stays theirs, and becomes nobody's only by an erasure that names both.
_WHOSE = f"""
CREATE FUNCTION {_BOOKINGS}_whose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erasure_erasuresubject s JOIN erasure_erasurejob j ON j.id = s.job_id
        WHERE j.state = 'running' AND s.subject_id = OLD.guardian_id AND s.alias = NEW.guardian_id
    ) THEN
        RAISE EXCEPTION 'a booking keeps its guardian'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_booking_keeps_its_guardian';
    END IF;
    RETURN NEW;
END $$
"""

_PLACE_MAY_GO = f"""
CREATE FUNCTION {_ENTRIES}_may_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('waiting', 'offered') THEN
        RAISE EXCEPTION 'a place in line is given up first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'live_places_stay';
    END IF;
    RETURN OLD;
END $$
"""
_CHOICE_MAY_GO = f"""
CREATE FUNCTION {_CHOICES}_may_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM {_ENTRIES} WHERE id = OLD.entry_id AND state IN ('waiting', 'offered')) THEN
        RAISE EXCEPTION 'a place in line is given up first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'live_places_stay';
    END IF;
    RETURN OLD;
END $$
"""
_PLACE_GOES = f"""
CREATE FUNCTION {_ENTRIES}_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {_BOOKINGS} SET waitlist_entry_id = NULL WHERE waitlist_entry_id = OLD.id;
    RETURN NULL;
END $$
"""


def _before(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_may_go BEFORE DELETE ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION {table}_may_go()"
    )


def _after(table: str) -> str:
    return f"CREATE TRIGGER {table}_goes AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_goes()"


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0010_called_off"),
        ("erasure", "0001_initial"),
        ("audit", "0003_until_its_time"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bookingevent",
            name="booking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="enrollment.trialbooking",
            ),
        ),
        migrations.AlterField(
            model_name="trialbooking",
            name="rescheduled_from",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="successor",
                to="enrollment.trialbooking",
                verbose_name="改自",
            ),
        ),
        migrations.AlterField(
            model_name="trialbooking",
            name="waitlist_entry",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="offers",
                to="enrollment.waitlistentry",
                verbose_name="候补",
            ),
        ),
        goes_with_its_row(_EVENTS),
        migrations.RunSQL(
            sql=[
                _MAY_GO,
                _before(_BOOKINGS),
                _GOES,
                f"REVOKE ALL ON FUNCTION {_BOOKINGS}_goes() FROM PUBLIC",
                _after(_BOOKINGS),
                _WHOSE,
                f"CREATE TRIGGER {_BOOKINGS}_whose BEFORE UPDATE OF guardian_id ON {_BOOKINGS} FOR EACH ROW "
                "WHEN (OLD.guardian_id IS NOT NULL AND NEW.guardian_id IS DISTINCT FROM OLD.guardian_id) "
                f"EXECUTE FUNCTION {_BOOKINGS}_whose()",
                _PLACE_MAY_GO,
                _before(_ENTRIES),
                _PLACE_GOES,
                _after(_ENTRIES),
                _CHOICE_MAY_GO,
                _before(_CHOICES),
            ],
            reverse_sql=[
                f"DROP FUNCTION {_CHOICES}_may_go() CASCADE",
                f"DROP FUNCTION {_ENTRIES}_goes() CASCADE",
                f"DROP FUNCTION {_ENTRIES}_may_go() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_whose() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_goes() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_may_go() CASCADE",
            ],
        ),
    ]
