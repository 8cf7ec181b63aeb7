"""What the database holds of holds, offers and moves, whoever writes.

Laws named here and translated by services: `the_queue_comes_first`, `expired_holds_stay_expired`,
`absent_from_a_class_begun`, `moved_to_one_successor`, `offers_move_the_entry`.
"""

from django.db import migrations

from kit.state_trigger import state_trigger
from privacy.audit.append_only import append_only

_SESSIONS = "enrollment_classsession"
_BOOKINGS = "enrollment_trialbooking"
_ENTRIES = "enrollment_waitlistentry"
_CHOICES = "enrollment_waitlistchoice"


def _count(unverified: str) -> str:
    """The counter of seats; what makes a seat count as unverified is the caller's to say, of OLD and NEW."""
    of_old, of_new = unverified.format(row="OLD"), unverified.format(row="NEW")
    return f"""
    CREATE OR REPLACE FUNCTION {_BOOKINGS}_count() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        takes CONSTANT text[] := ARRAY['held', 'booked', 'checked_in', 'attended', 'no_show'];
        seats integer := 0;
        unverified integer := 0;
    BEGIN
        -- A booking joins a class at most once and never leaves it, so one class is concerned, old or new.
        IF TG_OP <> 'INSERT' AND OLD.session_id IS NOT NULL THEN
            seats := seats - (OLD.state = ANY (takes))::integer;
            unverified := unverified - ({of_old})::integer;
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.session_id IS NOT NULL THEN
            seats := seats + (NEW.state = ANY (takes))::integer;
            unverified := unverified + ({of_new})::integer;
        END IF;
        IF seats <> 0 OR unverified <> 0 THEN
            UPDATE {_SESSIONS}
            SET seats_taken = seats_taken + seats, unverified_taken = unverified_taken + unverified
            WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.session_id ELSE NEW.session_id END;
        END IF;
        RETURN NULL;
    END $$
    """


# A seat offered to a family that waited is held too, and its number was proved.
_ANY_HOLD = "{row}.state = 'held'"
_UNPROVED_HOLD = "{row}.state = 'held' AND {row}.verified_at IS NULL"


def _counted_on(columns: str) -> str:
    return f"""
    CREATE OR REPLACE TRIGGER {_BOOKINGS}_count
    AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {_BOOKINGS}
    FOR EACH ROW EXECUTE FUNCTION {_BOOKINGS}_count()
    """


# Staff may seat somebody in spite of the queue; nobody else passes it.
_QUEUE = f"""
CREATE FUNCTION {_BOOKINGS}_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM {_CHOICES} WHERE session_id = NEW.session_id AND state = 'waiting') THEN
        RAISE EXCEPTION 'others wait for this class'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_queue_comes_first';
    END IF;
    RETURN NEW;
END $$
"""

# Named so that it comes after the law of the steps.
_TIMELY = f"""
CREATE FUNCTION {_BOOKINGS}_timely() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'booked' AND OLD.state = 'held' AND OLD.hold_expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the hold has run out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'expired_holds_stay_expired';
    END IF;
    IF NEW.state = 'no_show'
        AND EXISTS (SELECT FROM {_SESSIONS} WHERE id = NEW.session_id AND starts_at > clock_timestamp())
    THEN
        RAISE EXCEPTION 'nobody is absent from a class that has not begun'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'absent_from_a_class_begun';
    END IF;
    RETURN NEW;
END $$
"""

# Asked at the commit: in between, the old booking is closed and the new one not yet there.
_SUCCESSOR = f"""
CREATE FUNCTION {_BOOKINGS}_successor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'rescheduled'
            AND NOT EXISTS (SELECT FROM {_BOOKINGS} WHERE rescheduled_from_id = NEW.id)
        OR NEW.rescheduled_from_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM {_BOOKINGS} WHERE id = NEW.rescheduled_from_id AND state = 'rescheduled'
        )
    THEN
        RAISE EXCEPTION 'a moved booking has one successor, and a successor was moved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'moved_to_one_successor';
    END IF;
    RETURN NULL;
END $$
"""

# The seat offered is the offer: what becomes of the one becomes of the other.
_OFFER = f"""
CREATE FUNCTION {_BOOKINGS}_offer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since text := CASE WHEN NEW.state = 'held' THEN 'waiting' ELSE 'offered' END;
    becomes text := CASE NEW.state
        WHEN 'held' THEN 'offered' WHEN 'booked' THEN 'accepted' WHEN 'expired' THEN 'expired'
        WHEN 'cancelled' THEN 'withdrawn' END;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'held' THEN
        RETURN NULL;  -- the offer was settled before; what the booking does now is its own affair
    END IF;
    UPDATE {_ENTRIES}
    SET state = becomes, closed_at = CASE WHEN becomes = 'offered' THEN NULL ELSE clock_timestamp() END
    WHERE id = NEW.waitlist_entry_id AND state = since;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no entry % for this offer', since
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offers_move_the_entry';
    END IF;
    RETURN NULL;
END $$
"""

_ONLY_OFFERS = f"""
CREATE FUNCTION {_ENTRIES}_told_by_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Depth two is the trigger on bookings; a plain statement has depth one.
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'only an offered seat moves the entry'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offers_move_the_entry';
    END IF;
    RETURN NEW;
END $$
"""

_FOLLOW = f"""
CREATE FUNCTION {_ENTRIES}_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {_CHOICES} SET state = NEW.state WHERE entry_id = NEW.id AND state <> 'lapsed';
    RETURN NULL;
END $$
"""

_CHOICE_BEGINS = f"""
CREATE FUNCTION {_CHOICES}_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT guardian_id, child_id, joined_at, state
    INTO NEW.guardian_id, NEW.child_id, NEW.joined_at, NEW.state
    FROM {_ENTRIES} WHERE id = NEW.entry_id;
    RETURN NEW;
END $$
"""

_ONLY_THE_ENTRY = f"""
CREATE FUNCTION {_CHOICES}_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 AND NOT (OLD.state = 'waiting' AND NEW.state = 'lapsed') THEN
        RAISE EXCEPTION 'a choice goes where its entry goes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offers_move_the_entry';
    END IF;
    RETURN NEW;
END $$
"""

_SETTLED_BY_OFFERS = "NEW.state IN ('offered', 'accepted', 'expired') OR OLD.state = 'offered'"


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0008_waiting"), ("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[
                _count(_UNPROVED_HOLD),
                _counted_on("state, session_id, verified_at"),
                _QUEUE,
                f"CREATE TRIGGER {_BOOKINGS}_queue BEFORE INSERT ON {_BOOKINGS} FOR EACH ROW "
                "WHEN (NEW.session_id IS NOT NULL AND NEW.waitlist_entry_id IS NULL"
                " AND NEW.channel <> 'staff') "
                f"EXECUTE FUNCTION {_BOOKINGS}_queue()",
                _TIMELY,
                f"CREATE TRIGGER {_BOOKINGS}_timely BEFORE UPDATE OF state ON {_BOOKINGS} FOR EACH ROW "
                f"EXECUTE FUNCTION {_BOOKINGS}_timely()",
                _SUCCESSOR,
                f"CREATE CONSTRAINT TRIGGER {_BOOKINGS}_successor "
                f"AFTER INSERT OR UPDATE OF state, rescheduled_from_id ON {_BOOKINGS} "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                "WHEN (NEW.state = 'rescheduled' OR NEW.rescheduled_from_id IS NOT NULL) "
                f"EXECUTE FUNCTION {_BOOKINGS}_successor()",
                _OFFER,
                f"CREATE TRIGGER {_BOOKINGS}_offer AFTER INSERT OR UPDATE OF state ON {_BOOKINGS} "
                "FOR EACH ROW WHEN (NEW.waitlist_entry_id IS NOT NULL) "
                f"EXECUTE FUNCTION {_BOOKINGS}_offer()",
                _ONLY_OFFERS,
                f"CREATE TRIGGER {_ENTRIES}_told_by_offers BEFORE UPDATE OF state ON {_ENTRIES} FOR EACH ROW "
                f"WHEN (OLD.state <> NEW.state AND ({_SETTLED_BY_OFFERS})) "
                f"EXECUTE FUNCTION {_ENTRIES}_told_by_offers()",
                _FOLLOW,
                f"CREATE TRIGGER {_ENTRIES}_follow AFTER UPDATE OF state ON {_ENTRIES} FOR EACH ROW "
                f"WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION {_ENTRIES}_follow()",
                _CHOICE_BEGINS,
                f"CREATE TRIGGER {_CHOICES}_begins BEFORE INSERT ON {_CHOICES} FOR EACH ROW "
                f"EXECUTE FUNCTION {_CHOICES}_begins()",
                _ONLY_THE_ENTRY,
                f"CREATE TRIGGER {_CHOICES}_steps BEFORE UPDATE OF state ON {_CHOICES} FOR EACH ROW "
                f"WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION {_CHOICES}_steps()",
            ],
            reverse_sql=[
                f"DROP FUNCTION {_CHOICES}_steps() CASCADE",
                f"DROP FUNCTION {_CHOICES}_begins() CASCADE",
                f"DROP FUNCTION {_ENTRIES}_follow() CASCADE",
                f"DROP FUNCTION {_ENTRIES}_told_by_offers() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_offer() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_successor() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_timely() CASCADE",
                f"DROP FUNCTION {_BOOKINGS}_queue() CASCADE",
                _counted_on("state, session_id"),
                _count(_ANY_HOLD),
            ],
        ),
        state_trigger(
            _ENTRIES,
            "state",
            "waitlist entry",
            {
                "waiting": ["offered", "withdrawn", "lapsed"],
                "offered": ["accepted", "expired", "withdrawn"],
            },
        ),
        append_only("enrollment_classchange"),
        append_only("enrollment_ledgerproof"),
    ]
