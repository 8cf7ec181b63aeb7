"""What the database itself holds of requests.

`rights_datasubjectrequest_state_steps` and `rights_exportpackage_state_steps` hold the tables of steps. At the
commit `an_answer_names_the_remedies` and `an_answer_fits_its_rights` look at what an answered request says, and
`a_refusal_was_approved` at a refused right (PIPL 50; X2 5.0, 5.8).
"""

from django.db import migrations

from kit.state_trigger import state_trigger

_STEPS = {
    "received": ["verifying", "accepted", "withdrawn"],
    "verifying": ["need_info", "accepted", "refused", "withdrawn", "lapsed"],
    "need_info": ["verifying", "accepted", "withdrawn", "lapsed"],
    "accepted": ["verifying", "need_info", "planned", "executing", "fulfilled", "partly_fulfilled", "refused", "withdrawn"],
    "planned": ["accepted", "approved", "need_info", "refused", "withdrawn"],
    "approved": ["planned", "executing", "withdrawn"],
    "executing": ["checking", "partly_fulfilled", "accepted"],
    "checking": ["executing", "fulfilled", "partly_fulfilled"],
    "partly_fulfilled": ["executing", "fulfilled"],
    "fulfilled": [],
    "refused": [],
    "withdrawn": [],
    "lapsed": [],
}
_PACKAGE_STEPS = {
    "queued": ["collecting", "expired", "failed"],
    "collecting": ["writing", "expired", "failed"],
    "writing": ["packing", "expired", "failed"],
    "packing": ["ready", "expired", "failed"],
    "ready": ["expired"],
    "expired": [],
    "failed": [],
}

_ANSWER = """
CREATE FUNCTION rights_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_in text;
    rest_until date;
BEGIN
    SELECT state, remains_until INTO now_in, rest_until FROM rights_datasubjectrequest WHERE id = NEW.id;
    IF now_in IS NULL OR now_in NOT IN ('fulfilled', 'partly_fulfilled', 'refused') THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM rights_reply WHERE request_id = NEW.id AND is_final AND remedies IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'an answered request has a final reply that names the remedies'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_answer_names_the_remedies';
    END IF;
    IF now_in IN ('fulfilled', 'refused') AND EXISTS (
        SELECT FROM rights_requestedright WHERE request_id = NEW.id AND outcome = 'pending'
    ) OR now_in = 'fulfilled' AND EXISTS (
        SELECT FROM rights_requestedright WHERE request_id = NEW.id AND outcome IN ('refused', 'partly')
    ) OR now_in = 'refused' AND EXISTS (
        SELECT FROM rights_requestedright WHERE request_id = NEW.id AND outcome IN ('granted', 'partly')
    ) OR now_in = 'partly_fulfilled' AND rest_until IS NULL AND EXISTS (
        SELECT FROM rights_requestedright WHERE request_id = NEW.id AND outcome = 'pending'
    ) THEN
        RAISE EXCEPTION 'an answer says of each right what became of it, and of what remains until when'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_answer_fits_its_rights';
    END IF;
    RETURN NULL;
END $$
"""
_REFUSED = """
CREATE FUNCTION rights_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM rights_requestedright WHERE id = NEW.id AND outcome = 'refused') AND NOT EXISTS (
        SELECT FROM rights_refusal WHERE right_id = NEW.id AND approved_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a right is refused with a reason that a second person approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_refusal_was_approved';
    END IF;
    RETURN NULL;
END $$
"""
_APPROVED = """
CREATE FUNCTION rights_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'an approved refusal stays as it was approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_refusal_was_approved';
    END IF;
    RETURN NEW;
END $$
"""
_AT_THE_COMMIT = """
CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION {function}()
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial")]

    operations = [
        state_trigger("rights_datasubjectrequest", "state", "a request", _STEPS),
        state_trigger("rights_exportpackage", "state", "a package", _PACKAGE_STEPS),
        migrations.RunSQL(
            sql=[
                _ANSWER,
                _AT_THE_COMMIT.format(
                    name="an_answer_is_whole", table="rights_datasubjectrequest", function="rights_answer"
                ),
                _REFUSED,
                _AT_THE_COMMIT.format(
                    name="a_refusal_was_approved", table="rights_requestedright", function="rights_refused"
                ),
                _APPROVED,
                """
                CREATE TRIGGER an_approved_refusal_stays BEFORE UPDATE ON rights_refusal
                FOR EACH ROW EXECUTE FUNCTION rights_approved()
                """,
            ],
            reverse_sql=[
                "DROP TRIGGER an_approved_refusal_stays ON rights_refusal",
                "DROP TRIGGER a_refusal_was_approved ON rights_requestedright",
                "DROP TRIGGER an_answer_is_whole ON rights_datasubjectrequest",
                "DROP FUNCTION rights_approved()",
                "DROP FUNCTION rights_refused()",
                "DROP FUNCTION rights_answer()",
            ],
        ),
    ]
