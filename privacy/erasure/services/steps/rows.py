"""Deleting rows: the children's in the vault, everybody's in the main database, the account last."""

from __future__ import annotations

from functools import partial

from django.db import connections, router
from django.db.models import Model, QuerySet

from privacy import ports
from privacy.actors import SYSTEM
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.marking import DEFAULT, VAULT
from privacy.erasure.services.people import Person, ids_of, people_of
from privacy.erasure.services.scope import about, by_own_path, held_by_authority, is_account, models_in, stays
from privacy.erasure.services.work import Work
from privacy.inventory import registry
from privacy.inventory.remainders import remainder_of, remainders

BATCH = 2000  # rows of one transaction: what nobody waits for long


def children(work: Work) -> None:
    """Leave the children others look after too; delete the rest, each child in one transaction."""
    for person in people_of(work.job):
        if person.is_guardian:
            work.beat()
            ports.get("wards").leave_shared(person.id, SYSTEM)
    for person in people_of(work.job):
        work.changed("children", VAULT, partial(_vault_rows, work.job, person))


def rows(work: Work) -> None:
    """Delete what does not stay, in batches, those that point to others first."""
    for person in people_of(work.job):
        for model in models_in(DEFAULT):
            if not is_account(model):
                while work.changed("rows", DEFAULT, partial(_batch, work.job, model, person)):
                    pass


def unlink(work: Work) -> None:
    """Put what the law keeps under the alias: a fresh id, which leads to nobody."""
    accounts = ports.get("account_of")
    for person in people_of(work.job):
        if person.is_guardian:
            work.changed("unlink", DEFAULT, partial(_shell, accounts, person))
    for person in people_of(work.job):
        for name in sorted(remainders):
            move = remainders[name].unlink
            if move is not None:
                work.changed("unlink", DEFAULT, partial(move, person.id, person.alias))
        work.changed("unlink", DEFAULT, partial(_unlink_appended, work.job, person))


def account(work: Work) -> None:
    """Delete the account itself: nothing hangs on it any more."""
    for person in people_of(work.job):
        if person.is_guardian:
            work.changed("account", DEFAULT, partial(ports.get("account_of").drop, person.id))


def going(job: ErasureJob, model: type[Model], person: Person) -> QuerySet[Model]:
    """The rows of a model that go with a person: not what stays, not what a hold keeps.

    Of a child that goes alone nothing of its guardian's goes: such rows lose the child.
    """
    lone = job.subject_id == person.id and not person.is_guardian
    which = about(model, person.id)
    if lone and remainder_of(model._meta.label) is not None:
        which &= by_own_path(model, person.id)
    found = model._base_manager.filter(which).exclude(held_by_authority(model, ids_of(job)))
    return found.exclude(stays(model, person.id)) if remainder_of(model._meta.label) else found


def _batch(job: ErasureJob, model: type[Model], person: Person) -> int:
    keys = list(going(job, model, person).order_by("pk").values_list("pk", flat=True)[:BATCH])
    return _deleted(model, keys) if keys else 0


def _deleted(model: type[Model], keys: list[object]) -> int:
    if "DELETE" not in registry.app_rights(model):
        return 0  # its rows go with the row they are about: the database lets nobody else
    return model._base_manager.filter(pk__in=keys).delete()[0]


def _vault_rows(job: ErasureJob, person: Person) -> int:
    gone = 0
    for model in models_in(VAULT):
        which = about(model, person.id) if not person.is_guardian else by_own_path(model, person.id)
        kept = held_by_authority(model, ids_of(job))
        gone += model._base_manager.filter(which).exclude(kept).delete()[0]
    return gone


def _shell(accounts: ports.AccountOf, person: Person) -> int:
    accounts.shell(person.id, person.alias)
    return 0


def _unlink_appended(job: ErasureJob, person: Person) -> int:
    """What nobody may change, a function of the tables' owner puts under the alias; it knows this erasure."""
    alias = router.db_for_write(ErasureJob)
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT privacy_unlink(%s, %s, %s)", [job.pk, person.id, person.alias])
        return int(cursor.fetchone()[0])
