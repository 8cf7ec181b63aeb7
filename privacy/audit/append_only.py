"""The trigger that keeps a table append-only, for the migration that makes the table."""

from django.db.migrations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_appended_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
_TRIGGER = """
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each}
EXECUTE FUNCTION refuse_change_of_appended_rows()
"""


def append_only(table: str) -> RunSQL:
    """For a migration: from then on nobody, not even its owner, updates, deletes or truncates ``table``."""
    return RunSQL(
        sql=[
            _FUNCTION,
            _TRIGGER.format(name="append_only_rows", event="UPDATE OR DELETE", table=table, each="ROW"),
            _TRIGGER.format(name="append_only_table", event="TRUNCATE", table=table, each="STATEMENT"),
        ],
        reverse_sql=[
            f"DROP TRIGGER append_only_rows ON {table}",
            f"DROP TRIGGER append_only_table ON {table}",
        ],
    )
