"""The trigger that keeps a table append-only, for the migration that makes the table."""

from collections.abc import Sequence

from django.db.migrations import RunSQL

# Functions of the owner's get through, each with `leap.appended` set for as long as it runs: privacy_unlink
# puts ids under an alias, privacy_purge takes what is past every time limit, and what follows a row goes with
# it. The app role may set what it likes: it has no right to the rows, and is not the owner.
_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_appended_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    meant CONSTANT text := current_setting('leap.appended', true);
BEGIN
    IF TG_NARGS > 0 AND meant <> '' AND current_user = (
        SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = TG_RELID
    ) THEN
        IF TG_OP = 'UPDATE' AND meant = 'unlink' THEN
            IF to_jsonb(NEW) - TG_ARGV[1:] = to_jsonb(OLD) - TG_ARGV[1:] THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE' AND meant = 'purge' AND TG_ARGV[0] NOT IN ('', 'follows') THEN
            IF (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz < now() - interval '3 years 1 day' THEN
                RETURN OLD;
            END IF;
        ELSIF TG_OP = 'DELETE' AND meant = 'follow' AND TG_ARGV[0] = 'follows' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each}
EXECUTE FUNCTION refuse_change_of_appended_rows({let})
"""


def append_only(table: str) -> RunSQL:
    """For a migration: from then on nobody, not even its owner, updates, deletes or truncates ``table``."""
    return RunSQL(
        sql=[
            _FUNCTION,
            _rows(table, ()),
            _trigger("append_only_table", "TRUNCATE", table, "STATEMENT"),
        ],
        reverse_sql=[
            f"DROP TRIGGER append_only_rows ON {table}",
            f"DROP TRIGGER append_only_table ON {table}",
        ],
    )


def until_its_time(table: str, *, since: str = "", ids: Sequence[str] = ()) -> RunSQL:
    """For a later migration of an append-only table: what privacy_unlink and privacy_purge may do there.

    ``ids``: the columns that may lose whose they are. ``since``: the column by whose time a row goes, three
    years and a day after at the earliest.
    """
    return RunSQL(sql=[_FUNCTION, _rows(table, (since, *ids))], reverse_sql=[_rows(table, ())])


def goes_with_its_row(table: str) -> RunSQL:
    """For a later migration of an append-only table: its rows go with the row they are about."""
    return RunSQL(sql=[_FUNCTION, _rows(table, ("follows",))], reverse_sql=[_rows(table, ())])


def _rows(table: str, let: Sequence[str]) -> str:
    return _trigger("append_only_rows", "UPDATE OR DELETE", table, "ROW", let)


def _trigger(name: str, event: str, table: str, each: str, let: Sequence[str] = ()) -> str:
    said = ", ".join(f"'{word}'" for word in let)
    return _TRIGGER.format(name=name, event=event, table=table, each=each, let=said)
