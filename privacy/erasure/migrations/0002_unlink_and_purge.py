"""The two ways in which append-only rows change: they lose whose they were, or their time is over.

Both are functions of the owner's which the app role may call. `only_an_erasure_unlinks` is the law that the
first refuses by.
"""

from django.db import migrations

# What a running erasure names, and nothing else, is put under the alias it names. It says how many rows.
# Who can write erasures could name anybody: so an alias is nobody who signs in, and what staff did stays theirs.
_UNLINK = """
CREATE FUNCTION privacy_unlink(job uuid, old uuid, new uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was CONSTANT uuid := $2;
    becomes CONSTANT uuid := $3;
    rows bigint;
    total bigint := 0;
BEGIN
    PERFORM FROM erasure_erasurejob j JOIN erasure_erasuresubject s ON s.job_id = j.id
    WHERE j.id = $1 AND j.state = 'running' AND s.subject_id = was AND s.alias = becomes
        AND NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = becomes AND (u.is_active OR u.is_staff))
    FOR SHARE OF j;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no running erasure puts this person under this name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_an_erasure_unlinks';
    END IF;
    PERFORM set_config('leap.appended', 'unlink', true);
    UPDATE audit_auditevent e SET
        subject_id = CASE WHEN e.subject_id = was THEN becomes ELSE e.subject_id END,
        actor_id = CASE WHEN e.actor_id = was AND e.actor_kind <> 'staff' THEN becomes ELSE e.actor_id END,
        target = replace(e.target, was::text, becomes::text),
        detail = replace(e.detail::text, was::text, becomes::text)::jsonb
    WHERE e.seq IN (
        SELECT seq FROM audit_auditevent WHERE subject_id = was
        UNION SELECT seq FROM audit_auditevent WHERE actor_id = was AND actor_kind <> 'staff'
        UNION SELECT seq FROM audit_auditevent
            WHERE target IN ('accounts.user/' || was, 'minors.child/' || was)
                AND (target LIKE 'accounts.user/%' OR target LIKE 'minors.child/%')
    );
    GET DIAGNOSTICS rows = ROW_COUNT;
    total := total + rows;
    UPDATE consent_consentrecord SET subject_id = becomes WHERE subject_id = was;
    GET DIAGNOSTICS rows = ROW_COUNT;
    total := total + rows;
    UPDATE consent_consentrecord SET concerning_id = becomes WHERE concerning_id = was;
    GET DIAGNOSTICS rows = ROW_COUNT;
    total := total + rows;
    UPDATE rights_requestevent SET actor_id = becomes WHERE actor_id = was AND request_id IN (
        SELECT id FROM rights_datasubjectrequest WHERE subject_id IN (was, becomes)
    );
    GET DIAGNOSTICS rows = ROW_COUNT;
    PERFORM set_config('leap.appended', '', true);
    RETURN total + rows;
END $$
"""

# A decision that stands is kept for as long as it does: until another follows it, it was a no, or its person
# is gone. The law of the append-only rows holds the three years once more, row by row.
_PURGE = """
CREATE FUNCTION privacy_purge(which text, before timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    over CONSTANT timestamptz := least(before, now() - interval '3 years 1 day');
    rows bigint;
BEGIN
    PERFORM set_config('leap.appended', 'purge', true);
    IF which = 'audit_auditevent' THEN
        DELETE FROM audit_auditevent WHERE seq IN (
            SELECT e.seq FROM audit_auditevent e
            WHERE e.at < over AND NOT EXISTS (
                SELECT FROM retention_heldrecord r JOIN retention_legalhold h ON h.id = r.hold_id
                WHERE r.model = 'audit.auditevent' AND h.released_at IS NULL
                    AND h.subject_id IN (e.subject_id, e.actor_id)
            )
            ORDER BY e.at LIMIT most FOR UPDATE SKIP LOCKED
        );
    ELSIF which = 'consent_consentrecord' THEN
        DELETE FROM consent_consentrecord WHERE id IN (
            SELECT c.id FROM consent_consentrecord c
            WHERE c.at < over AND (
                EXISTS (
                    SELECT FROM consent_consentrecord l
                    WHERE l.subject_id = c.subject_id AND l.purpose = c.purpose
                        AND l.concerning_id IS NOT DISTINCT FROM c.concerning_id
                        AND (l.at, l.id) > (c.at, c.id) AND l.at < over
                )
                OR c.state <> 'given' AND NOT EXISTS (
                    SELECT FROM consent_consentrecord l
                    WHERE l.subject_id = c.subject_id AND l.purpose = c.purpose
                        AND l.concerning_id IS NOT DISTINCT FROM c.concerning_id
                        AND (l.at, l.id) > (c.at, c.id)
                )
                OR EXISTS (
                    SELECT FROM erasure_erasuresubject s JOIN erasure_erasurejob j ON j.id = s.job_id
                    WHERE s.alias = c.subject_id AND j.begun_at < over
                )
            ) AND NOT EXISTS (
                SELECT FROM retention_heldrecord r JOIN retention_legalhold h ON h.id = r.hold_id
                WHERE r.model = 'consent.consentrecord' AND h.released_at IS NULL
                    AND h.subject_id = c.subject_id AND coalesce(r.row_id, c.id) = c.id
            )
            ORDER BY c.at LIMIT most FOR UPDATE SKIP LOCKED
        );
    ELSE
        RAISE EXCEPTION '% is not purged this way', which
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_old_rows_go';
    END IF;
    GET DIAGNOSTICS rows = ROW_COUNT;
    PERFORM set_config('leap.appended', '', true);
    RETURN rows;
END $$
"""
_NOT_FOR_EVERYBODY = "REVOKE ALL ON FUNCTION {} FROM PUBLIC"


class Migration(migrations.Migration):
    dependencies = [
        ("erasure", "0001_initial"),
        ("retention", "0001_initial"),
        ("audit", "0003_until_its_time"),
        ("consent", "0004_until_its_time"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE INDEX erasure_of_alias ON erasure_erasuresubject (alias)",
                _UNLINK,
                _NOT_FOR_EVERYBODY.format("privacy_unlink(uuid, uuid, uuid)"),
                _PURGE,
                _NOT_FOR_EVERYBODY.format("privacy_purge(text, timestamptz, integer)"),
            ],
            reverse_sql=[
                "DROP FUNCTION privacy_purge(text, timestamptz, integer)",
                "DROP FUNCTION privacy_unlink(uuid, uuid, uuid)",
                "DROP INDEX erasure_of_alias",
            ],
        )
    ]
