"""What every process that serves asks itself before it does."""

from privacy.inventory.checks import refuse_undeclared
from privacy.keystore.services import refuse_missing_keys


def refuse_to_start() -> None:
    """Raises ImproperlyConfigured when a field is undeclared or stored keys cannot be opened."""
    refuse_undeclared()
    refuse_missing_keys()
