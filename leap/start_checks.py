"""What every process that serves asks itself before it does."""

import logging

from django.conf import settings
from django.db import Error, OperationalError, connections

from leap.public_checks import refuse_in_public
from privacy.consent.operator import operator
from privacy.inventory.checks import refuse_undeclared
from privacy.keystore.services import refuse_missing_keys

logger = logging.getLogger(__name__)


def refuse_to_start() -> None:
    """Raises ImproperlyConfigured: a demo faces the public, a field is undeclared, a key does not open."""
    refuse_in_public()
    refuse_undeclared()
    try:
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


def _know_the_operator() -> None:
    """So that a page that says a store is gone names the right hotline, even as a process's first one."""
    try:
        known = operator()
    except Error:
        logger.warning("the database does not answer: who runs the service is not known yet")
    else:
        if settings.HTTPS and known.missing_filings:
            logger.warning("a filing number is missing: the home page of a public site has to show it")
