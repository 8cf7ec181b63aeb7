"""The trigger that holds a state machine, for the migration that makes the table."""

from collections.abc import Mapping, Sequence

from django.db.migrations import RunSQL


def state_trigger(table: str, column: str, noun: str, allowed: Mapping[str, Sequence[str]]) -> RunSQL:
    """A migration operation: from then on ``column`` goes only where ``allowed`` says, whoever writes.

    ``allowed`` maps each state to those that may follow; a state may always stay as it is. Raw SQL, the
    admin and an import obey the same law. A later migration may call it again with a wider table. The
    error reads "<noun> cannot go from <old> to <new>".
    """
    pairs = [f"('{old}', '{new}')" for old, following in allowed.items() for new in following]
    name = f"{table}_{column}_steps"
    legal = f"(OLD.{column}, NEW.{column}) IN ({', '.join(pairs)})"
    return RunSQL(
        sql=[
            f"""
            CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT ({legal}) THEN
                    RAISE EXCEPTION '{noun} cannot go from % to %', OLD.{column}, NEW.{column}
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
                END IF;
                RETURN NEW;
            END $$
            """,
            f"""
            CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE OF {column} ON {table} FOR EACH ROW
            WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {name}()
            """,
        ],
        reverse_sql=[f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"],
    )
