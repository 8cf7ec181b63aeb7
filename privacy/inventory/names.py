"""How people are told of what is named by a word of ours: a purpose, a declared field."""

from typing import Any

from privacy.inventory import registry
from privacy.inventory.telling import Reader


def as_purpose(value: str, row: Any, reader: Reader) -> str:
    """The title of a registered purpose."""
    found = registry.purposes.get(value)
    return value if found is None else found.title


def as_field(value: str, row: Any, reader: Reader) -> str:
    """What people call the field with a declared id."""
    return next((str(declared.name) for _, declared in registry.inventory() if declared.id == value), value)
