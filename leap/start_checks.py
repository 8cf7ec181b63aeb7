"""What every process that serves asks itself before it does."""

import logging

from django.db import OperationalError, connections

from leap.public_checks import refuse_in_public
from privacy.inventory.checks import refuse_undeclared
from privacy.keystore.services import refuse_missing_keys

logger = logging.getLogger(__name__)


def refuse_to_start() -> None:
    """Raises ImproperlyConfigured: a demo faces the public, a field is undeclared, a key does not open."""
    refuse_in_public()
    refuse_undeclared()
    try:
        refuse_missing_keys()
    except OperationalError:
        # Nothing sealed is within reach either; /readyz has to be able to say so.
        logger.warning("the key store does not answer: its keys were not tried")
    finally:
        connections.close_all()  # the web server forks its processes from here, and they must share none
