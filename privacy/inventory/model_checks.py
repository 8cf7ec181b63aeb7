"""What a model must get right: whom its rows are about, and where its relations lead."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error
from django.core.exceptions import FieldDoesNotExist
from django.db import router
from django.db.models import Model, UUIDField

from privacy.inventory import registry
from privacy.inventory.registry import AnyField


def check_subject(model: type[Model]) -> Iterator[Error]:
    """From each row with something about a person a path leads to that person's subject id."""
    rule = registry.model_rules.get(model._meta.label_lower)
    if rule is not None and rule.nobody_because:
        return
    paths = {registry.subject_path(model, declaration) for _, declaration in registry.personal_fields(model)}
    for path in paths:
        if path is None or not _leads_to_subject(model, path.split(".")):
            yield Error(
                f"{model._meta.label} holds something about a person, and {path!r} does not lead to whom.",
                hint="Give it a class Privacy whose subject is a path to a UUID, such as 'guardian_id'.",
                obj=model,
                id="privacy.E008",
            )


def check_labels(model: type[Model]) -> Iterator[Error]:
    """Among what a person is told of a row no two fields are called the same."""
    seen: dict[str, str] = {}
    for field, declaration in registry.personal_fields(model):
        if not declaration.export:
            continue
        name = str(declaration.name)
        if name in seen:
            yield Error(
                f"{model._meta.label}.{field.name} and {seen[name]} are both called {name!r}.",
                hint="Give each a label of its own.",
                obj=model,
                id="privacy.E024",
            )
        seen[name] = field.name


def _leads_to_subject(model: type[Model], steps: list[str]) -> bool:
    for step in steps[:-1]:
        relation = _field(model, step)
        if relation is None or not isinstance(relation.related_model, type):
            return False
        model = relation.related_model
    last = _field(model, steps[-1])
    return last is not None and isinstance(last.target_field if last.is_relation else last, UUIDField)


def _field(model: type[Model], name: str) -> Any:
    """The concrete field of that name or attribute: ``guardian`` and ``guardian_id`` are one."""
    if name == "pk":
        return model._meta.pk
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    try:
        return by_attribute.get(name) or model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def check_relation(field: AnyField) -> Iterator[Error]:
    """No relation crosses databases: rows there are named by subject ids."""
    related = field.related_model
    if isinstance(related, type) and router.db_for_write(field.model) != router.db_for_write(related):
        yield Error(
            f"{field.model._meta.label}.{field.name} points into another database.",
            hint="Keep the other row's UUID in a UUIDField.",
            obj=field.model,
            id="privacy.E017",
        )
