"""What every start proves about erasures: whatever says that it is kept says also of whom, and since when."""

from collections.abc import Iterator

from django.core.checks import Error
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from privacy.erasure.services.scope import path_to
from privacy.inventory import registry
from privacy.inventory.checks import further_checks
from privacy.inventory.enums import Erase
from privacy.inventory.remainders import Remainder, remainder_of, remainders


def kept_without_remainder() -> Iterator[Error]:
    """A field that outlives an erasure, in a table of which nobody says which rows stay: all of them go."""
    for model in registry.models():
        kept = [field.name for field, said in registry.personal_fields(model) if said.erase == Erase.KEEP]
        if kept and not model._meta.proxy and remainder_of(model._meta.label) is None:
            yield Error(
                f"{model._meta.label} keeps {kept[0]!r} after an erasure, and nothing says of which rows.",
                hint="Name what stays of it: register_remainder(); or erase the field with the rest.",
                id="erasure.E001",
            )


def remainders_that_cannot_work() -> Iterator[Error]:
    """What stays is a table, counts from one of its columns, and follows rows that its own lead to."""
    tables = {model._meta.label_lower: model for model in registry.models()}
    for label, remainder in remainders.items():
        model = tables.get(label)
        if model is None or not (_has_column(model, remainder.since) and _leads_there(model, remainder)):
            yield Error(
                f"What remains of {remainder.model} names no table, no column or no way to what it follows.",
                id="erasure.E002",
            )


def _has_column(model: type[Model], since: str) -> bool:
    try:
        return not since or bool(model._meta.get_field(since))
    except FieldDoesNotExist:
        return False


def _leads_there(model: type[Model], remainder: Remainder) -> bool:
    root, seen = remainder, {remainder.model.lower()}
    while root.follows:
        onward = remainder_of(root.follows)
        if onward is None or onward.model.lower() in seen:
            return False
        root = onward
        seen.add(root.model.lower())
    try:
        path_to(model, root.model)
    except StopIteration:
        return False
    return True


further_checks += [kept_without_remainder, remainders_that_cannot_work]
