"""What every start proves about retention: each time limit is kept by something, and each rule can work."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP

from privacy.inventory.checks import further_checks
from privacy.inventory.registry import keeps
from privacy.retention.rules import Rule, rules


def limits_without_rule() -> Iterator[Error]:
    """A time limit that no rule keeps is a promise nobody keeps."""
    for name in sorted(keeps.keys() - {rule.keep for rule in rules.values()}):
        yield Error(
            f"The time limit {name!r} is kept by no rule.",
            hint="Register a Rule for it, or name in done_by what lets go of it instead.",
            id="retention.E001",
        )


def rules_that_cannot_work() -> Iterator[Error]:
    """A rule names a time limit, a table and a column that there are."""
    for rule in rules.values():
        if rule.keep not in keeps:
            yield Error(f"The rule {rule.name!r} names no time limit.", id="retention.E002")
        if rule.model and not _finds_its_rows(rule):
            yield Error(f"The rule {rule.name!r} names no table, or no column of it.", id="retention.E002")


def days_nobody_heeds() -> Iterator[Error]:
    """A period somebody set is the one that is kept: where another clock sees to it, it cannot be set."""
    heeded = {rule.keep for rule in rules.values() if not rule.done_by}
    for name in sorted((settings.KEEP_DAYS.keys() & keeps.keys()) - heeded):
        yield Error(
            f"LEAP_KEEP_DAYS sets {name!r}, whose time is not counted in days.",
            hint="Leave it out.",
            id="retention.E003",
        )


def _finds_its_rows(rule: Rule) -> bool:
    try:
        model: type[Model] = apps.get_model(rule.model)
        for step in rule.since.split(LOOKUP_SEP) if rule.since else ():
            field = model._meta.get_field(step)
            model = field.related_model if isinstance(field.related_model, type) else model
    except (LookupError, FieldDoesNotExist):
        return False
    return True


further_checks += [limits_without_rule, rules_that_cannot_work, days_nobody_heeds]
