"""What an erasure leaves for now, kind by kind: how much, by which law or hold, until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Model, Q

from privacy.erasure.enums import Why
from privacy.erasure.models import ErasureJob, ErasureRest
from privacy.erasure.services.marking import DEFAULT, VAULT
from privacy.erasure.services.people import Person, ids_of, people_of
from privacy.erasure.services.planning import keep_of, kept_until, title_of
from privacy.erasure.services.scope import about, held_by_authority, held_of, models_in, stays
from privacy.erasure.wording import HOLD_UNNAMED
from privacy.inventory import registry
from privacy.inventory.remainders import remainder_of
from privacy.retention.models import LegalHold
from privacy.rights.models import DataSubjectRequest

# Proofs that we asked, acted and answered: they stay of everybody, and are about what we did.
PROOFS = ("request", "consent_proof", "audit")


def rests_of(job: ErasureJob) -> list[ErasureRest]:
    """What is left, not saved yet: under the aliases, and what a hold keeps under the person's own id."""
    people, kept = people_of(job), held_of(ids_of(job))
    rests: list[ErasureRest] = []
    for model in (*models_in(DEFAULT), *models_in(VAULT)):
        held = held_by_authority(model, kept)
        remainder = remainder_of(model._meta.label)
        if remainder is not None and not remainder.follows:
            rests += _by_law(job, model, _kept(job, model, people), held)
        if kept and (count := model._base_manager.filter(held).count()):
            rests.append(_by_hold(job, model, count))
    return rests


def is_substance(rest: ErasureRest) -> bool:
    """Whether it says something of the person, and not only of what we did for them."""
    model = next(
        model for model in (*models_in(DEFAULT), *models_in(VAULT)) if model._meta.label_lower == rest.model
    )
    return rest.why == Why.HOLD or keep_of(model).name not in PROOFS


def is_own(rest: ErasureRest) -> bool:
    """Whether it is the record of this erasure itself: that stays until nothing else does."""
    own_request = DataSubjectRequest._meta.label_lower
    alone = rest.model == own_request and rest.count == 1 and rest.job.request_id is not None
    return alone or rest.model.startswith(f"{ErasureJob._meta.app_label}.")


def review_of(job: ErasureJob) -> date | None:
    """When the first hold that they may hear of is looked at again."""
    holds = LegalHold.objects.filter(subject_id__in=ids_of(job), released_at=None, may_tell=True)
    return holds.order_by("review_on").values_list("review_on", flat=True).first()


def _kept(job: ErasureJob, model: type[Model], people: list[Person]) -> Q:
    """Under the alias, or on its way there."""
    kept, remainder = Q(pk__in=[]), remainder_of(model._meta.label)
    for alias in job.subjects.values_list("alias", flat=True):
        kept |= about(model, alias)
    for person in people:
        kept |= about(model, person.id) & stays(model, person.id)
    if job.finished_at is None or remainder is None or not remainder.since:
        return kept
    # What came later is about ending it, and would keep it from ever ending.
    return kept & ~Q(**{f"{remainder.since}__gt": job.finished_at})


def _by_law(job: ErasureJob, model: type[Model], kept: Q, held: Q) -> Iterator[ErasureRest]:
    rows = model._base_manager.filter(kept).exclude(held).exclude(registry.untold_in(model))
    if count := rows.count():
        keep = keep_of(model)
        yield ErasureRest(
            job=job,
            model=model._meta.label_lower,
            title=title_of(model)[:60],
            count=count,
            why=Why.LAW,
            source=keep.source[:200],
            until=kept_until(model, keep, kept),
        )


def _by_hold(job: ErasureJob, model: type[Model], count: int) -> ErasureRest:
    """Who asked for it is named only where the person may hear of it."""
    told = LegalHold.objects.filter(subject_id__in=ids_of(job), released_at=None, may_tell=True).first()
    source = f"{told.authority} {told.document}" if told else str(HOLD_UNNAMED)
    return ErasureRest(
        job=job,
        model=model._meta.label_lower,
        title=title_of(model)[:60],
        count=count,
        why=Why.HOLD if told else Why.LAW,
        source=source[:200],
    )
