"""What all apps declared: purposes, time limits, stores, and the fields that cannot declare themselves."""

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, Model, Q

from kit import outbound
from privacy.inventory.declarations import (
    Declaration,
    Keep,
    ModelRule,
    Personal,
    Plain,
    Purpose,
    Recipient,
    Store,
)
from privacy.inventory.enums import Sensitive

purposes: dict[str, Purpose] = {}
recipients: dict[str, Recipient] = {}
keeps: dict[str, Keep] = {}
stores: dict[str, Store] = {}
declared: dict[tuple[str, str], Declaration] = {}
model_rules: dict[str, ModelRule] = {}
# The person's subject id to a condition that finds further rows about them.
Reach = Callable[[UUID], Q]
reaches: dict[str, list[Reach]] = {}

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
if TYPE_CHECKING:
    AnyField = Field[Any, Any]
else:
    AnyField = Field


def register_purpose(purpose: Purpose) -> None:
    """Make a purpose known under its name. Raises ValueError when the name means something else."""
    _register(purposes, purpose.name, purpose)


def register_recipient(recipient: Recipient) -> None:
    """Make a recipient known, and its hosts reachable. Raises ValueError as `register_purpose`."""
    _register(recipients, recipient.name, recipient)
    for host in recipient.hosts:
        outbound.allow(host)


def recipients_of(purpose: Purpose) -> list[str]:
    """Who gets something for a purpose, as people read it."""
    return [recipients[name].title for name in purpose.shared_with]


def register_keep(keep: Keep) -> None:
    """Make a time limit known under its name. Raises ValueError when the name means something else."""
    _register(keeps, keep.name, keep)


def register_store(store: Store) -> None:
    """Make a store that is no table known. Raises ValueError when the name means something else."""
    _register(stores, store.name, store)


def declare(model_label: str, field_name: str, declaration: Declaration) -> None:
    """Declare a field of a model that cannot do it itself, such as Django's ``auth.Group``, ``name``."""
    _register(declared, (model_label.lower(), field_name), declaration)


def declare_plain(model_label: str, *field_names: str, reason: str) -> None:
    """Declare several fields with nothing about a person in them."""
    for field_name in field_names:
        declare(model_label, field_name, Plain(reason))


def declare_model(model_label: str, rule: ModelRule) -> None:
    """Say for a model what its ``class Privacy`` would say."""
    _register(model_rules, model_label.lower(), rule)


def models() -> Iterator[type[Model]]:
    """Every model with a table: installed, made for a many-to-many field, and the migrations' record."""
    yield from apps.get_models(include_auto_created=True)
    yield MigrationRecorder.Migration


def fields_of(model: type[Model]) -> list[AnyField]:
    """The columns and many-to-many fields of a model, without those of tables it inherits."""
    return [*model._meta.local_fields, *model._meta.local_many_to_many]


def declaration_of(field: AnyField) -> Declaration | None:
    """What is declared about a field, in the field or beside it; None when nothing is."""
    own: Declaration | None = getattr(field, "declaration", None)
    if own is not None:
        return own
    model = field.model
    if model._meta.auto_created:  # the table of a many-to-many field says what the field says
        return _declaration_of_link(model)
    return declared.get((model._meta.label_lower, field.name))


def personal_fields(model: type[Model]) -> list[tuple[AnyField, Personal]]:
    """A model's own fields with something about a person in them, each with its declaration."""
    pairs = ((field, declaration_of(field)) for field in fields_of(model))
    return [(field, declaration) for field, declaration in pairs if isinstance(declaration, Personal)]


def inventory() -> Iterator[tuple[AnyField, Personal]]:
    """Every personal field of every model."""
    for model in models():
        if not model._meta.auto_created and not model._meta.proxy:
            yield from personal_fields(model)


def subject_path(model: type[Model], declaration: Personal | None = None) -> str | None:
    """The attributes that lead from a row to the id of the person it is about; None where there is none."""
    if declaration is not None and declaration.subject:
        return declaration.subject
    rule = model_rules.get(model._meta.label_lower)
    if rule is not None and rule.subject:
        return rule.subject
    return getattr(getattr(model, "Privacy", None), "subject", None)


def ward_path(model: type[Model]) -> str | None:
    """As `subject_path`, to the child a row is about; None where rows are about no child."""
    path: str | None = getattr(getattr(model, "Privacy", None), "ward", None)
    return path


def about_a_child(model: type[Model]) -> bool:
    """Whether rows hold what is a child's own: its guardian finds them by asking for the child."""
    own = any(declared.sensitive == Sensitive.CHILD for _, declared in personal_fields(model))
    return own and ward_path(model) == subject_path(model)


def untold_in(model: type[Model]) -> Q:
    """Which rows of a model their person may not hear of, as an investigation may forbid; mostly none."""
    said: dict[str, object] = getattr(getattr(model, "Privacy", None), "untold", {})
    return Q(**said) if said else Q(pk__in=[])


def reaches_of(model: type[Model]) -> list[Reach]:
    """The other ways by which rows of a model lead to a person."""
    also: tuple[str, ...] = getattr(getattr(model, "Privacy", None), "also", ())
    paths: list[Reach] = [_along(path) for path in also]
    return [*paths, *reaches.get(model._meta.label_lower, ())]


def register_reach(model_label: str, reach: Reach) -> None:
    """Say how else rows of a model lead to a person, where no path of attributes says it."""
    known = reaches.setdefault(model_label.lower(), [])
    if reach not in known:
        known.append(reach)


def lookup(path: str) -> str:
    """A path of attributes as a query has it."""
    return path.replace(".", "__")


def _along(path: str) -> Reach:
    return lambda subject: Q(**{lookup(path): subject})


def app_rights(model: type[Model]) -> tuple[str, ...]:
    """What the app role may do with a model's table."""
    rule = model_rules.get(model._meta.label_lower)
    if rule is not None and rule.app_rights is not None:
        return rule.app_rights
    privacy = getattr(model, "Privacy", None)
    if getattr(privacy, "append_only", False):
        return ("SELECT", "INSERT")
    return getattr(privacy, "app_rights", ("SELECT", "INSERT", "UPDATE", "DELETE"))


def _declaration_of_link(model: type[Model]) -> Declaration | None:
    owner: Any = model._meta.auto_created  # the model that has the field, where the stubs say bool
    links = (field for field in owner._meta.local_many_to_many if field.remote_field.through is model)
    return next((declaration_of(field) for field in links), None)


def _register(known: dict[Key, Value], key: Key, value: Value) -> None:
    if known.setdefault(key, value) != value:
        raise ValueError(f"{key!r} is declared twice, and differently.")
