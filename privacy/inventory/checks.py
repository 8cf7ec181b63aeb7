"""What every start proves about the declarations. Errors all: a start with one of them is refused."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from privacy import ports
from privacy.inventory import lock, registry
from privacy.inventory.admin_checks import sealed_in_admin
from privacy.inventory.field_checks import check_index, check_personal, check_sealed_model
from privacy.inventory.keepers import keepers
from privacy.inventory.model_checks import check_labels, check_relation, check_subject
from privacy.inventory.periods import is_within, period_of

TAG = "privacy"
_KEEP_DAYS_HINT = "Correct LEAP_KEEP_DAYS, such as lead=90, or the declaration."

Findings = Iterator[Error]


def undeclared_fields() -> Findings:
    """Every column and many-to-many field of every installed model says what it holds."""
    for model in registry.models():
        for field in registry.fields_of(model):
            if registry.declaration_of(field) is None:
                yield Error(
                    f"{model._meta.label}.{field.name} is not declared.",
                    hint="Wrap it in plain() or personal(), seal it, or declare it in a personal_data.py.",
                    obj=model,
                    id="privacy.E001",
                )


def declarations_of_nothing() -> Findings:
    """Every declaration made beside a field finds that field."""
    known = {model._meta.label_lower: model for model in registry.models()}
    for label, name in registry.declared:
        model = known.get(label)
        own = {field.name: field for field in registry.fields_of(model)} if model else {}
        if name not in own:
            yield Error(f"{label}.{name} is declared and does not exist.", id="privacy.E002")
        elif hasattr(own[name], "declaration"):
            yield Error(f"{label}.{name} is declared twice, in the field and beside it.", id="privacy.E002")
    for label in registry.model_rules.keys() - known.keys():
        yield Error(f"{label} has rules and does not exist.", id="privacy.E002")


def personal_declarations() -> Findings:
    """Each personal field is declared with words that are known, and guarded as its grade demands."""
    seen: dict[str, str] = {}
    for field, declaration in registry.inventory():
        label = f"{field.model._meta.label}.{field.name}"
        if declaration.id in seen:
            yield Error(
                f"{label} and {seen[declaration.id]} share the id {declaration.id!r}.", id="privacy.E003"
            )
        seen[declaration.id] = label
        yield from check_personal(label, declaration)


def models_with_people() -> Findings:
    """Each model with personal fields leads to its person; each with sealed fields can seal and find."""
    for model in registry.models():
        if model._meta.auto_created or model._meta.proxy:
            continue
        yield from check_subject(model)
        yield from check_labels(model)
        yield from check_sealed_model(model)
        for field in registry.fields_of(model):
            yield from check_relation(field)
            yield from check_index(field)


def keep_rules() -> Findings:
    """A time limit names its source, and what we do lies between what law demands and what we promise."""
    for keep in registry.keeps.values():
        if not keep.source.strip() or not keep.start.strip():
            yield Error(f"The time limit {keep.name!r} names no source or no start.", id="privacy.E009")
        if keep.ceiling is not None and keep.floor > keep.ceiling:
            yield Error(f"The time limit {keep.name!r} must be kept longer than it may.", id="privacy.E009")
        elif not is_within(keep, period_of(keep.name)):
            yield Error(
                f"The time limit {keep.name!r} is {_days(period_of(keep.name))}: it may be from "
                f"{_days(keep.floor)} to {_days(keep.ceiling)} ({keep.source}).",
                hint=_KEEP_DAYS_HINT,
                id="privacy.E025",
            )
    for name in settings.KEEP_DAYS.keys() - registry.keeps.keys():
        yield Error(
            f"LEAP_KEEP_DAYS names {name!r}, and there is no such time limit.",
            hint=_KEEP_DAYS_HINT,
            id="privacy.E025",
        )


def _days(period: timedelta | None) -> str:
    return "any number of days" if period is None else f"{period / timedelta(days=1):g} days"


def stores() -> Findings:
    """A store that is no table has a purpose and a time limit too."""
    for store in registry.stores.values():
        if store.why not in registry.purposes or store.keep not in registry.keeps:
            yield Error(
                f"The store {store.name!r} names an unknown purpose or time limit.", id="privacy.E020"
            )
        if store.name not in keepers:
            yield Error(
                f"Nobody looks after the store {store.name!r}: an erasure would pass it by.",
                hint="Name who can locate, export, erase and verify in it: register_keeper().",
                id="privacy.E026",
            )
    for name in keepers.keys() - registry.stores.keys():
        yield Error(f"A keeper looks after {name!r}, which is no registered store.", id="privacy.E026")


def recipients_are_registered() -> Findings:
    """Nobody gets anything who is not registered."""
    for purpose in registry.purposes.values():
        for name in set(purpose.shared_with) - registry.recipients.keys():
            yield Error(
                f"The purpose {purpose.name!r} shares with {name!r}, who is nobody we know.",
                id="privacy.E015",
            )


def lock_holds() -> Findings:
    """The committed list of ids says what the code says."""
    for finding in lock.differences():
        yield Error(finding, hint="Run `manage.py privacy_inventory --write-lock`.", id="privacy.E012")


def ports_are_answered() -> Findings:
    """Each port has its provider."""
    for port in ports.unanswered():
        yield Error(f"No app registered a provider for the port {port!r}.", id="privacy.E013")


CHECKS: tuple[Callable[[], Findings], ...] = (
    undeclared_fields,
    declarations_of_nothing,
    personal_declarations,
    models_with_people,
    keep_rules,
    stores,
    recipients_are_registered,
    sealed_in_admin,
    lock_holds,
    ports_are_answered,
)


# What packages above this one add, each in a module its app loads at the start.
further_checks: list[Callable[[], Findings]] = []


def findings(*, without_lock: bool = False) -> list[Error]:
    """All that is wrong with the declarations."""
    checks = [check for check in CHECKS if not (without_lock and check is lock_holds)]
    return [finding for check in (*checks, *further_checks) for finding in check()]


@register(TAG)
def check_declarations(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterable[CheckMessage]:
    """For Django, which runs it before every command that checks; whole, since a declaration spans apps."""
    return list(findings())


def refuse_undeclared() -> None:
    """For the processes that run no checks of their own: raises ImproperlyConfigured with the whole list."""
    wrong = findings()
    if wrong:
        listed = "\n".join(f"  {finding.id} {finding.msg} {finding.hint or ''}".rstrip() for finding in wrong)
        raise ImproperlyConfigured(f"Personal data is not declared as it must be:\n{listed}")
