"""What every process that serves asks itself before it does."""

import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, OperationalError, connections

from leap.public_checks import refuse_in_public
from leap.services.process import poll
from privacy.consent.operator import operator
from privacy.erasure.exceptions import LedgerLost
from privacy.erasure.services.replaying import behind
from privacy.inventory.checks import refuse_undeclared
from privacy.keystore.exceptions import Tampered
from privacy.keystore.services import refuse_missing_keys

logger = logging.getLogger(__name__)
IN_FLIGHT = 10.0  # seconds from an entry in the ledger to its mark in a database, at the very most


def refuse_to_start() -> None:
    """Raises ImproperlyConfigured: a demo faces the public, a field is undeclared, a key does not open.

    So too where a database was restored from before an erasure.
    """
    refuse_in_public()
    refuse_undeclared()
    try:
        _refuse_restored()
        _try_keys()
        _know_the_operator()
    finally:
        connections.close_all()  # the web server forks its processes from here, and they must share none


def _try_keys() -> None:
    try:
        refuse_missing_keys()
    except OperationalError:
        # Nothing sealed is within reach either; /readyz has to be able to say so.
        logger.warning("the key store does not answer: its keys were not tried")


def _refuse_restored() -> None:
    """Whoever was erased since a copy was made is in it again, and nobody may be served from it."""
    lacking: dict[str, int] = {}

    def none_lacks() -> bool:
        lacking.clear()
        lacking.update(behind())
        return not lacking

    try:
        poll(none_lacks, IN_FLIGHT)
    except OperationalError:
        logger.warning("a database does not answer: what it was restored from was not looked at")
        return
    except Error as wrong:
        raise ImproperlyConfigured(
            f"Nobody can tell whether a database was restored ({type(wrong).__name__}). "
            "Run `manage.py prepare`: the app's role has to be let in."
        ) from wrong
    except LedgerLost:
        raise ImproperlyConfigured(
            f"{settings.ERASURE_LEDGER} is missing, or older than the databases. "
            "Who was erased stands there: put the newest copy of it back."
        ) from None
    except Tampered as changed:
        raise ImproperlyConfigured(f"{settings.ERASURE_LEDGER}: {changed} Put the true copy back.") from None
    if lacking:
        told = ", ".join(f"{database} {count}" for database, count in sorted(lacking.items()))
        raise ImproperlyConfigured(
            f"The databases lack erasures that the ledger holds ({told}): they were restored from copies "
            "made before. Nothing is served until they are carried out again: run `manage.py prepare`."
        )


def _know_the_operator() -> None:
    """So that a page that says a store is gone names the right hotline, even as a process's first one."""
    try:
        known = operator()
    except Error:
        logger.warning("the database does not answer: who runs the service is not known yet")
    else:
        if settings.HTTPS and known.missing_filings:
            logger.warning("a filing number is missing: the home page of a public site has to show it")
