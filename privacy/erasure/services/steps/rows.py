"""Deleting rows: the children's in the vault, everybody's in the main database, the account last."""

from __future__ import annotations

from functools import partial

from django.db import connections, router
from django.db.models import Model, QuerySet

from privacy import ports
from privacy.actors import SYSTEM
from privacy.erasure.enums import StepState
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.joining import take_up
from privacy.erasure.services.marking import DEFAULT, VAULT
from privacy.erasure.services.people import Person, ids_of, people_of
from privacy.erasure.services.scope import (
    Held,
    about,
    by_own_path,
    held_by_authority,
    held_of,
    is_account,
    models_in,
    stays,
)
from privacy.erasure.services.steps import keys
from privacy.erasure.services.work import Work
from privacy.inventory import registry
from privacy.inventory.remainders import remainder_of, remainders

BATCH = 2000  # rows of one transaction: what nobody waits for long


def children(work: Work) -> None:
    """Leave the children others look after too; delete the rest, each child in one transaction."""
    for person in people_of(work.job):
        if person.is_guardian:
            work.beat()
            _take_along(work)
            ports.get("wards").leave_shared(person.id, SYSTEM)
    for person in sorted(people_of(work.job), key=lambda one: one.is_guardian):
        work.changed("children", VAULT, partial(_vault_rows, work.job, person))


def rows(work: Work) -> None:
    """Delete what does not stay, in batches, those that point to others first."""
    for person in people_of(work.job):
        while work.changed("rows", DEFAULT, partial(_batch, work.job, person)) >= BATCH:
            pass


def unlink(work: Work) -> None:
    """Put what the law keeps under the alias: a fresh id, which leads to nobody."""
    accounts = ports.get("account_of")
    for person in people_of(work.job):
        if person.is_guardian:
            work.changed("unlink", DEFAULT, partial(_shell, accounts, person))
    for person in people_of(work.job):
        work.changed("unlink", DEFAULT, partial(_moved, work.job, person))


def account(work: Work) -> None:
    """Delete the account itself: nothing hangs on it any more."""
    for person in people_of(work.job):
        if person.is_guardian:
            work.changed("account", DEFAULT, partial(ports.get("account_of").drop, person.id))


def going(job: ErasureJob, model: type[Model], person: Person, kept: Held) -> QuerySet[Model]:
    """The rows of a model that go with a person: not what stays, not what a hold keeps.

    Of a child that goes alone nothing of its guardian's goes: such rows lose the child.
    """
    which = about(model, person.id)
    if remainder_of(model._meta.label) is None:
        return model._base_manager.filter(which).exclude(held_by_authority(model, kept))
    if not person.is_guardian and job.subject_id == person.id:
        which &= by_own_path(model, person.id)
    found = model._base_manager.filter(which).exclude(stays(model, person.id))
    return found.exclude(held_by_authority(model, kept))


def _take_along(work: Work) -> None:
    """Children who go along since it began: buried, and their keys destroyed, before a row of theirs goes."""
    if take_up(work.job):
        keys.bury(work)
        keys.destroy(work)
        work.job.steps.filter(name__in=("bury", "keys")).update(state=StepState.DONE)


def _batch(job: ErasureJob, person: Person) -> int:
    kept, gone = held_of(ids_of(job)), 0
    for model in models_in(DEFAULT):
        # Where the app may not delete, rows go with the row they are about.
        if is_account(model) or "DELETE" not in registry.app_rights(model) or gone >= BATCH:
            continue
        found = going(job, model, person, kept).order_by("pk").values_list("pk", flat=True)
        if rows_of_it := list(found[: BATCH - gone]):
            gone += model._base_manager.filter(pk__in=rows_of_it).delete()[0]
    return gone


def _vault_rows(job: ErasureJob, person: Person) -> int:
    kept, gone = held_of(ids_of(job)), 0
    for model in models_in(VAULT):
        which = by_own_path(model, person.id) if person.is_guardian else about(model, person.id)
        found = model._base_manager.filter(which).exclude(held_by_authority(model, kept))
        gone += found.delete()[0]
    return gone


def _moved(job: ErasureJob, person: Person) -> int:
    moves = [remainders[name].unlink for name in sorted(remainders)]
    moved = sum(move(person.id, person.alias) for move in moves if move is not None)
    return moved + _unlink_appended(job, person)


def _shell(accounts: ports.AccountOf, person: Person) -> int:
    accounts.shell(person.id, person.alias)
    return 0


def _unlink_appended(job: ErasureJob, person: Person) -> int:
    """What nobody may change, a function of the tables' owner puts under the alias; it knows this erasure."""
    alias = router.db_for_write(ErasureJob)
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT privacy_unlink(%s, %s, %s)", [job.pk, person.id, person.alias])
        return int(cursor.fetchone()[0])
