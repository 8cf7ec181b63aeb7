"""What a single declaration must get right."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error
from django.db.models import Model, UUIDField

from privacy.inventory import registry
from privacy.inventory.declarations import Personal
from privacy.inventory.enums import Mask, Sensitive
from privacy.inventory.grades import GRADES
from privacy.inventory.indexes import BlindIndex
from privacy.inventory.pages import is_sealed, sealed_fields_of
from privacy.inventory.registry import AnyField
from privacy.inventory.rows import SealedModel, SealedQuerySet


def check_personal(label: str, declaration: Personal) -> Iterator[Error]:
    """Known words, a title, and the guard that grade and kind demand."""
    if declaration.why not in registry.purposes:
        yield Error(f"{label} names the unknown purpose {declaration.why!r}.", id="privacy.E006")
    if declaration.keep not in registry.keeps:
        yield Error(f"{label} names the unknown time limit {declaration.keep!r}.", id="privacy.E006")
    if not declaration.title:
        yield Error(f"{label} has no title for people to read.", id="privacy.E007")
    guarded = declaration.sealed or bool(declaration.unsealed_because)
    rule = GRADES[declaration.grade]
    if rule.sealed and not guarded:
        yield Error(
            f"{label} is of grade {declaration.grade} and neither sealed nor a digest with a stated reason.",
            id="privacy.E004",
        )
    if declaration.sensitive is not None and not guarded:
        yield Error(f"{label} is sensitive ({declaration.sensitive}) and not sealed.", id="privacy.E005")
    if (declaration.sensitive is not None or declaration.sealed) and rule.mask == Mask.NONE:
        yield Error(f"{label} is sensitive or sealed and its grade does not mask it.", id="privacy.E005")
    yield from _check_kind(label, declaration)


def _check_kind(label: str, declaration: Personal) -> Iterator[Error]:
    if declaration.sensitive == Sensitive.CHILD and not declaration.necessity:
        yield Error(f"{label} is a child's and does not say why it is needed.", id="privacy.E021")
    if declaration.export and declaration.withheld:
        yield Error(f"{label} is exported and says why it would not be.", id="privacy.E022")
    if not declaration.export and not declaration.withheld:
        yield Error(
            f"{label} is not exported and does not say why.",
            hint="Its person reads the reason: withheld=…",
            id="privacy.E022",
        )
    if declaration.export and "unique_id" in declaration.category and declaration.told is None:
        yield Error(
            f"{label} names somebody by a random id and does not say how a reader is told who that is.",
            hint="told=as_person, told=as_staff, … of privacy.inventory.telling.",
            id="privacy.E023",
        )
    if not declaration.is_credential:
        return
    if declaration.export:
        yield Error(f"{label} is a credential and would be exported.", id="privacy.E014")
    if declaration.sensitive is None:
        yield Error(f"{label} is a credential and not called sensitive.", id="privacy.E018")


def check_sealed_model(model: type[Model]) -> Iterator[Error]:
    """A model with sealed fields is made so that they work."""
    sealed = sealed_fields_of(model)
    if not sealed:
        return
    label = model._meta.label
    if not issubclass(model, SealedModel):
        yield Error(f"{label} has sealed fields: derive it from SealedModel.", obj=model, id="privacy.E010")
    queryset = getattr(model._default_manager, "_queryset_class", None)
    if queryset is None or not issubclass(queryset, SealedQuerySet):
        yield Error(
            f"{label} has sealed fields: its first manager must come from SealedQuerySet.",
            hint="objects = SealedManager(), or a queryset of your own derived from SealedQuerySet.",
            obj=model,
            id="privacy.E010",
        )
    pk: Any = model._meta.pk
    if not isinstance(pk, UUIDField) or not pk.has_default():
        yield Error(
            f"{label} has sealed fields: its primary key must be a UUID made in Python (default=uuid7).",
            obj=model,
            id="privacy.E010",
        )
    yield from _columns(model, sealed)


def _columns(model: type[Model], sealed: tuple[AnyField, ...]) -> Iterator[Error]:
    ordering = {str(name).lstrip("-") for name in model._meta.ordering or ()}
    for field in sealed:
        if field.unique or field.name in ordering:
            yield Error(
                f"{model._meta.label}.{field.name} is sealed: it can be neither unique nor sorted by.",
                hint="Put that on a BlindIndex of it.",
                obj=model,
                id="privacy.E019",
            )


def check_index(field: AnyField) -> Iterator[Error]:
    """A blind index stands beside the sealed field it indexes."""
    if isinstance(field, BlindIndex):
        source = field.source
        if source is None or not is_sealed(source):
            yield Error(
                f"{field.model._meta.label}.{field.name} indexes {field.of!r}, which is not sealed there.",
                obj=field.model,
                id="privacy.E011",
            )
