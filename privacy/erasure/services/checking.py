"""Asking for everything once more: nothing may be left, and nothing that is left may open."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Model, Q

from privacy.erasure.exceptions import LeftOver
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.marking import DEFAULT, VAULT
from privacy.erasure.services.people import Person, ids_of, people_of
from privacy.erasure.services.scope import (
    Held,
    about,
    held_of,
    is_account,
    models_in,
    path_to,
    root_remainder,
)
from privacy.erasure.services.steps import rows as deleting
from privacy.erasure.services.steps import stores
from privacy.erasure.services.work import Work
from privacy.keystore.services import is_buried


def check(work: Work) -> None:
    """Raise LeftOver naming the first table or store where something is left."""
    kept, people = held_of(ids_of(work.job)), people_of(work.job)
    waits = bool(kept)
    for database in (DEFAULT, VAULT):
        for model in models_in(database):
            work.beat()
            if _left(work.job, model, people, kept):
                raise LeftOver(model._meta.label)
    for person in people:
        if not waits and not is_buried(person.id, "*"):
            raise LeftOver("keystore.SubjectKey")
    stores.verify(work)


def _left(job: ErasureJob, model: type[Model], people: list[Person], kept: Held) -> bool:
    """Whether a row that should be gone, or under the alias, still leads to one of them."""
    if kept:  # what stays waits for the hold, and the account with it
        going = (deleting.going(job, model, person, kept) for person in people)
        return not is_account(model) and any(found.exists() for found in going)
    theirs = reduce(or_, (about(model, person.id) for person in people), Q(pk__in=[]))
    return model._base_manager.filter(theirs).exclude(_own(job, model)).exists()


def _own(job: ErasureJob, model: type[Model]) -> Q:
    """The erasure's own rows: they let go of the person with the last step."""
    if model is ErasureJob:
        return Q(pk=job.pk)
    root = root_remainder(model)
    if root is None or root.model != ErasureJob._meta.label:
        return Q(pk__in=[])
    return Q(**{path_to(model, root.model): job.pk})
