"""A line in the log of what was refused. Never by whom: it says how often, and where."""

import logging

_log = logging.getLogger("leap.security")


def note(event: str, **where: str | int | None) -> None:
    """Keep that something was refused: ``login_failed``, ``code_wrong``, ``limited``, ``refused``."""
    _log.info("refusal", extra={"event": event, **where})
