"""Whose rows they are: of every model, what is about a person, what stays of it, what an authority holds."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import ForeignKey, Model, Q

from privacy.inventory import registry
from privacy.inventory.remainders import Remainder, remainder_of
from privacy.minors.models import Child, Guardianship
from privacy.retention.services.holds import held_rows

AnyModel = type[Model]
Held = dict[str, Q]


@cache
def models_in(database: str) -> tuple[AnyModel, ...]:
    """Models of a database with rows about people, those that point to others before these."""
    here = [
        model
        for model in registry.models()
        if not (model._meta.proxy or model._meta.auto_created)
        and router.db_for_write(model) == database
        and registry.personal_fields(model)
        and (registry.subject_path(model) or registry.ward_path(model))
    ]
    ordered: list[AnyModel] = []
    for model in here:
        _place(model, here, ordered, ())
    return tuple(ordered)


def about(model: AnyModel, subject: UUID) -> Q:
    """The rows that lead to a person or child, by whichever path."""
    condition = Q(pk__in=[])
    for path in dict.fromkeys((registry.subject_path(model), registry.ward_path(model))):
        if path:
            condition |= Q(**{registry.lookup(path): subject})
    for reach in registry.reaches_of(model):
        condition |= reach(subject)
    return condition


def by_own_path(model: AnyModel, subject: UUID) -> Q:
    """The rows that are the person's, or the child's, own: not those that only mention them."""
    path = registry.subject_path(model)
    return Q(**{registry.lookup(path): subject}) if path else Q(pk__in=[])


def stays(model: AnyModel, subject: UUID) -> Q:
    """Which of them outlive an erasure; none where nothing is said."""
    remainder = root_remainder(model)
    if remainder is None:
        return Q(pk__in=[])
    path = path_to(model, remainder.model)
    kept = remainder.kept(subject) or Q(pk__isnull=False)  # an empty condition excludes nothing
    return _under(path, kept) if path else kept


def root_remainder(model: AnyModel) -> Remainder | None:
    """What stays of the model, or of the one its rows follow."""
    remainder = remainder_of(model._meta.label)
    while remainder is not None and remainder.follows:
        remainder = remainder_of(remainder.follows)
    return remainder


def path_to(model: AnyModel, label: str) -> str:
    """By which foreign keys rows of ``model`` lead to the rows they follow; empty for those themselves."""
    steps: list[str] = []
    while model._meta.label.lower() != label.lower():
        remainder = remainder_of(model._meta.label)
        onward = remainder.follows if remainder is not None else ""
        link = next(
            key for key in foreign_keys(model) if key.related_model._meta.label.lower() == onward.lower()
        )
        steps.append(link.name)
        model = link.related_model
    return "__".join(steps)


def held_by_authority(model: AnyModel, kept: Held) -> Q:
    """What a legal hold keeps of a model as it is, what those rows point to, and what follows them."""
    condition = Q(pk__in=[])
    root = root_remainder(model)
    if kept and root is not None and (path := path_to(model, root.model)):
        above = _named(root.model)
        rows = above._base_manager.filter(held_by_authority(above, kept))
        condition |= Q(**{f"{path}__in": rows.values("pk")})
    for label, which in kept.items():
        holder = _named(label)
        if holder is model:
            condition |= which
        for key in foreign_keys(holder):
            if key.related_model is model:
                rows = holder._base_manager.filter(which, **{f"{key.name}__isnull": False})
                condition |= Q(pk__in=rows.values(key.attname))
    return condition


def held_classes(kept: Held) -> frozenset[str]:
    """The classes of people's own keys that something an authority holds is sealed under."""
    return frozenset(
        said.klass.value
        for label in kept
        for _field, said in registry.personal_fields(_named(label))
        if said.sealed
    )


def foreign_keys(model: AnyModel) -> list[ForeignKey[Model, Model]]:
    """The model's own columns that point to a row."""
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def held_of(subjects: Iterable[UUID]) -> Held:
    """What standing holds keep of these people, as conditions by table."""
    found: Held = {}
    for subject in subjects:
        for label, ids in held_rows(subject).items():
            model = _named(label)
            which = about(model, subject) if ids is None else Q(pk__in=ids)
            _add(found, label, which)
            if router.db_for_write(model) == router.db_for_write(Child):
                # A child stays with whoever looks after it: the vault refuses one without.
                for kin in (Child, Guardianship):
                    _add(found, kin._meta.label_lower, about(kin, subject))
    return found


def _add(found: Held, label: str, which: Q) -> None:
    found[label] = found.get(label, Q(pk__in=[])) | which


def _named(label: str) -> AnyModel:
    return next(model for model in registry.models() if model._meta.label_lower == label.lower())


def _under(path: str, condition: Q) -> Q:
    """The same condition, asked of the row that ``path`` leads to."""
    moved = Q(_connector=condition.connector, _negated=condition.negated)
    for child in condition.children:
        if isinstance(child, Q):
            moved.children.append(_under(path, child))
        elif isinstance(child, tuple):
            moved.children.append((f"{path}__{child[0]}", child[1]))
        else:
            raise TypeError("what stays of a table that others follow is said by columns")
    return moved


def _place(
    model: AnyModel, among: list[AnyModel], ordered: list[AnyModel], above: tuple[AnyModel, ...]
) -> None:
    """After all that point to it."""
    if model in ordered or model in above:
        return
    for other in among:
        if other is not model and any(key.related_model is model for key in foreign_keys(other)):
            _place(other, among, ordered, (*above, model))
    ordered.append(model)


def is_account(model: AnyModel) -> bool:
    """Whether it is the table of accounts, which goes last and by a port."""
    return model is get_user_model()
