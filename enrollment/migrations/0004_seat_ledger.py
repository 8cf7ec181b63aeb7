"""The seat ledger: the database counts the seats, and refuses what would oversell or tear a booking apart.

Laws named here and translated by services: `booking_keeps_its_class`, `bookings_begin`,
`only_bookings_count_seats`, `a_class_in_its_own_rooms`; beside the constraints of the models.
"""

from django.db import migrations

from kit.state_trigger import state_trigger

_SESSIONS = "enrollment_classsession"
_BOOKINGS = "enrollment_trialbooking"

# A booking with a class stands where the class does, and never moves to another: a new one succeeds it.
_PLACE = f"""
CREATE FUNCTION {_BOOKINGS}_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state NOT IN ('requested', 'held', 'booked') THEN
        RAISE EXCEPTION 'a booking cannot begin as %', NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bookings_begin';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.session_id IS NOT NULL AND NEW.session_id IS DISTINCT FROM OLD.session_id THEN
        RAISE EXCEPTION 'a booking keeps its class'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_keeps_its_class';
    END IF;
    IF NEW.session_id IS NOT NULL THEN
        SELECT s.campus_id, s.course_id, c.city_id INTO NEW.campus_id, NEW.course_id, NEW.city_id
        FROM {_SESSIONS} s JOIN courses_campus c ON c.id = s.campus_id WHERE s.id = NEW.session_id;
    END IF;
    RETURN NEW;
END $$
"""

_COUNT = f"""
CREATE FUNCTION {_BOOKINGS}_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    takes CONSTANT text[] := ARRAY['held', 'booked', 'checked_in', 'attended', 'no_show'];
    seats integer := 0;
    unverified integer := 0;
BEGIN
    -- A booking joins a class at most once and never leaves it, so one class is concerned, old or new.
    IF TG_OP <> 'INSERT' AND OLD.session_id IS NOT NULL THEN
        seats := seats - (OLD.state = ANY (takes))::integer;
        unverified := unverified - (OLD.state = 'held')::integer;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.session_id IS NOT NULL THEN
        seats := seats + (NEW.state = ANY (takes))::integer;
        unverified := unverified + (NEW.state = 'held')::integer;
    END IF;
    IF seats <> 0 OR unverified <> 0 THEN
        UPDATE {_SESSIONS}
        SET seats_taken = seats_taken + seats, unverified_taken = unverified_taken + unverified
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.session_id ELSE NEW.session_id END;
    END IF;
    RETURN NULL;
END $$
"""

_ONLY_THE_TRIGGER = f"""
CREATE FUNCTION {_SESSIONS}_counters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Depth two is the trigger on bookings; a plain statement has depth one.
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'seats are counted from bookings alone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_bookings_count_seats';
    END IF;
    RETURN NEW;
END $$
"""

_OWN_ROOMS = f"""
CREATE FUNCTION {_SESSIONS}_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM courses_room WHERE id = NEW.room_id AND campus_id = NEW.campus_id)
        OR NEW.teacher_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM courses_teacher WHERE id = NEW.teacher_id AND campus_id = NEW.campus_id
        )
    THEN
        RAISE EXCEPTION 'room and teacher are of another campus'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_class_in_its_own_rooms';
    END IF;
    RETURN NEW;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0003_classes")]

    operations = [
        migrations.RunSQL(
            sql=[
                _PLACE,
                f"CREATE TRIGGER {_BOOKINGS}_place "
                f"BEFORE INSERT OR UPDATE OF session_id, campus_id, course_id, city_id ON {_BOOKINGS} "
                f"FOR EACH ROW EXECUTE FUNCTION {_BOOKINGS}_place()",
                _COUNT,
                f"CREATE TRIGGER {_BOOKINGS}_count "
                f"AFTER INSERT OR DELETE OR UPDATE OF state, session_id ON {_BOOKINGS} "
                f"FOR EACH ROW EXECUTE FUNCTION {_BOOKINGS}_count()",
                _ONLY_THE_TRIGGER,
                f"CREATE TRIGGER {_SESSIONS}_counters BEFORE UPDATE ON {_SESSIONS} FOR EACH ROW "
                "WHEN (OLD.seats_taken <> NEW.seats_taken OR OLD.unverified_taken <> NEW.unverified_taken) "
                f"EXECUTE FUNCTION {_SESSIONS}_counters()",
                f"CREATE TRIGGER {_SESSIONS}_counters_begin BEFORE INSERT ON {_SESSIONS} FOR EACH ROW "
                "WHEN (NEW.seats_taken <> 0 OR NEW.unverified_taken <> 0) "
                f"EXECUTE FUNCTION {_SESSIONS}_counters()",
                _OWN_ROOMS,
                f"CREATE TRIGGER {_SESSIONS}_place "
                f"BEFORE INSERT OR UPDATE OF campus_id, room_id, teacher_id ON {_SESSIONS} "
                f"FOR EACH ROW EXECUTE FUNCTION {_SESSIONS}_place()",
            ],
            reverse_sql=[
                f"DROP TRIGGER {_SESSIONS}_place ON {_SESSIONS}",
                f"DROP TRIGGER {_SESSIONS}_counters_begin ON {_SESSIONS}",
                f"DROP TRIGGER {_SESSIONS}_counters ON {_SESSIONS}",
                f"DROP TRIGGER {_BOOKINGS}_count ON {_BOOKINGS}",
                f"DROP TRIGGER {_BOOKINGS}_place ON {_BOOKINGS}",
                f"DROP FUNCTION {_SESSIONS}_place()",
                f"DROP FUNCTION {_SESSIONS}_counters()",
                f"DROP FUNCTION {_BOOKINGS}_count()",
                f"DROP FUNCTION {_BOOKINGS}_place()",
            ],
        ),
        state_trigger(
            _BOOKINGS,
            "state",
            "booking",
            {
                "requested": ["booked", "cancelled"],
                "held": ["booked", "cancelled", "expired"],
                "booked": ["checked_in", "no_show", "cancelled", "rescheduled"],
                "checked_in": ["attended", "booked"],
                "no_show": ["attended"],
            },
            before={"requested": ["cancelled"]},
        ),
        state_trigger(
            _SESSIONS,
            "state",
            "class session",
            {
                "draft": ["open", "cancelled"],
                "open": ["closed", "started", "cancelled"],
                "closed": ["open", "started", "cancelled"],
                "started": ["finished"],
            },
        ),
    ]
