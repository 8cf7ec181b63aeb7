"""The trigger that holds a state machine, for the migration that makes the table."""

from collections.abc import Mapping, Sequence

from django.db.migrations import RunSQL

Steps = Mapping[str, Sequence[str]]  # each state and those that may follow it


def state_trigger(table: str, column: str, noun: str, allowed: Steps, before: Steps | None = None) -> RunSQL:
    """A migration operation: from then on ``column`` goes only where ``allowed`` says, whoever writes.

    A state may always stay as it is. Raw SQL, the admin and an import obey the same law. A later migration
    may call it again with a wider table, and says which one held ``before``, for the way back. The error
    reads "<noun> cannot go from <old> to <new>".
    """
    name = f"{table}_{column}_steps"
    return RunSQL(
        sql=[
            _law(name, column, noun, allowed),
            f"""
            CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE OF {column} ON {table} FOR EACH ROW
            WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {name}()
            """,
        ],
        reverse_sql=[_law(name, column, noun, before)]
        if before
        else [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"],
    )


def _law(name: str, column: str, noun: str, allowed: Steps) -> str:
    pairs = [f"('{old}', '{new}')" for old, following in allowed.items() for new in following]
    return f"""
    CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT ((OLD.{column}, NEW.{column}) IN ({", ".join(pairs)})) THEN
            RAISE EXCEPTION '{noun} cannot go from % to %', OLD.{column}, NEW.{column}
                USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
        END IF;
        RETURN NEW;
    END $$
    """
