"""Which law of the database a write broke, by the name the law has there."""

from django.db import IntegrityError


def broken(error: IntegrityError) -> str:
    """The name of the constraint that refused the write; empty when the driver does not say."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
