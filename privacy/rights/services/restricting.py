"""Data that is stored and otherwise left alone: restricted, read for what the law names, used again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy import ports
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.keystore.services import (
    lift_restriction,
    restrict_keys,
    restricted_allowed,
    restricted_subjects,
)
from privacy.minors.services import guardians_of, names_of
from privacy.rights.enums import Bar, LegalPurpose, OnBehalf, Outcome, RequestKind
from privacy.rights.exceptions import RequestRefused, RequestUnknown, StillWithdrawn, UseBarred
from privacy.rights.models import DataSubjectRequest, Restriction
from privacy.rights.policies import READ_RESTRICTED, require
from privacy.rights.services.replying import fulfil
from privacy.rights.services.steps import happened
from privacy.rights.wording import BARRED, GRANTED

AUTHORITY = 40  # characters


def restricted_ids() -> QuerySet[Restriction, UUID]:
    """The subject ids of whose data is left alone, as a subquery: ``exclude(guardian_id__in=…)``."""
    return Restriction.objects.standing().values_list("subject_id", flat=True)


def is_restricted(subject_id: UUID) -> bool:
    """Whether the use of this person's data is restricted, at their wish or since they withdrew."""
    return Restriction.objects.standing().of(subject_id).exists()


def why_barred(*subjects: UUID) -> Bar | None:
    """Why nothing new is begun for these people, or None; of several reasons the withdrawal. One query.

    Asked by whoever holds the guardian's row, so that it is either refused or done before.
    """
    standing = Restriction.objects.standing().filter(subject_id__in=subjects)
    kinds = set(standing.values_list("request__kind", flat=True))
    if RequestKind.WITHDRAW in kinds:
        return Bar.WITHDRAWN
    return Bar.RESTRICTED if kinds else None


def needs_officer(request: DataSubjectRequest) -> bool:
    """Whether somebody else looks after the ward too: then a person decides, and not a button (PIPL 31)."""
    if request.on_behalf != OnBehalf.WARD or request.concerning_id is None:
        return False
    return len(guardians_of(children=[request.concerning_id])[request.concerning_id]) > 1


def refuse_barred(*people: UUID | None) -> None:
    """Raise UseBarred where the use of what is kept about one of these people has stopped.

    Asked by whoever holds the guardian's row: a restriction comes before, and is seen, or after.
    """
    if bar := why_barred(*(person for person in people if person is not None)):
        raise UseBarred(bar, BARRED[bar])


@transaction.atomic
def restrict(*, request: DataSubjectRequest, by: Actor) -> None:
    """From now on store what the request is about, and use it for nothing else (PIPL 44, 47).

    A guardian's own request takes with them the wards nobody else looks after; a ward with another guardian
    goes on being looked after under that one's consent, unless staff restrict it by itself. Places in line
    are given up, booked trials stand. The request is answered. Asked again in it, nothing changes. Raises
    RequestUnknown where the ward is not the guardian's, RequestRefused where the ward has another guardian
    and no staff act, and what the port `service_of` raises.
    """
    if needs_officer(request) and by.kind != "staff":
        raise RequestRefused("concerning", _("孩子还有别的监护人，由工作人员核对后再限制"))
    subjects = _subjects(request)
    hold_all(subjects)
    if not request.rights.filter(kind=RequestKind.RESTRICT, outcome=Outcome.PENDING).exists():
        return
    for subject in subjects:
        ports.get("service_of").pause(subject, by)
    stand_still(request=request, subjects=subjects, by=by)
    fulfil(
        request=request,
        body=GRANTED[RequestKind.RESTRICT],
        kinds=[RequestKind.RESTRICT],
        tell_them=by.kind == "staff",
    )


def stand_still(*, request: DataSubjectRequest, subjects: Sequence[UUID], by: Actor) -> None:
    """Restrict ``subjects`` under the request, in the caller's transaction, which holds their guardians.

    Keys first: should the transaction fail after all, `mend_restrictions` gives them back.
    """
    already = set(restricted_ids().filter(subject_id__in=subjects))
    for subject in subjects:
        if subject in already:
            continue
        restrict_keys(subject)
        row = Restriction.objects.create(subject_id=subject, request=request)
        record("data.restricted", by=by, subject=subject, target=row)
    happened(request, "restricted", by=by)


@transaction.atomic
def lift(*, subject_id: UUID, by: Actor) -> bool:
    """Let the data be used again, with all that was restricted along with it; whether any was.

    Who asked for it lifts it, or staff for them. Raises RequestUnknown for anybody else, and StillWithdrawn
    where the policy's consent is withdrawn: then `withdrawing.agree_again` restores.
    """
    hold_all([subject_id])
    standing = Restriction.objects.standing().of(subject_id).select_related("request").first()
    if standing is None:
        return False
    if by.kind == "guardian" and standing.request.subject_id != by.id:
        raise RequestUnknown
    if standing.request.kind == RequestKind.WITHDRAW:
        raise StillWithdrawn
    move_on(request=standing.request, by=by)
    return True


def move_on(*, request: DataSubjectRequest, by: Actor) -> None:
    """End every restriction under the request, in the caller's transaction; keys work once that commits."""
    for row in Restriction.objects.standing().filter(request=request):
        row.lifted_at = timezone.now()
        row.save(update_fields=["lifted_at"])
        record("data.restriction_lifted", by=by, subject=row.subject_id, target=row)
        transaction.on_commit(partial(_mend, row.subject_id))
    happened(request, "lifted", by=by)


def mend_restrictions() -> int:
    """Let the keys say what the rows say, where a death in between left them apart; how many people."""
    by_row, by_key = set(restricted_ids()), restricted_subjects()
    apart = by_row ^ by_key
    for subject in sorted(apart):
        _mend(subject)
    return len(apart)


@transaction.atomic
def _mend(subject: UUID) -> None:
    hold_all([subject])
    if is_restricted(subject):
        restrict_keys(subject)
    else:
        lift_restriction(subject)


@contextmanager
def read_restricted(*, subject_id: UUID, purpose: LegalPurpose, authority: str, by: Actor) -> Iterator[None]:
    """Within the block restricted values of one person open, for a purpose that the law names (PIPL 44, 47).

    ``authority`` names the claim or duty, such as a case number, in at most 40 characters. Purpose and
    authority are committed to the record before the first value opens, and stand in the request's history,
    which the person sees. Raises NotEntitled for whoever has no right to it, ValueError without an authority,
    and RequestUnknown where nothing is restricted.
    """
    require(READ_RESTRICTED, of=by)
    if not authority.strip() or len(authority) > AUTHORITY:
        raise ValueError("an authority is named, in at most 40 characters")
    standing = Restriction.objects.standing().of(subject_id).select_related("request").first()
    if standing is None:
        raise RequestUnknown
    with transaction.atomic(durable=True):
        detail = {"purpose": LegalPurpose(purpose).value}
        record("restricted.read", by=by, subject=subject_id, target=standing, detail=detail)
        happened(standing.request, f"read_{purpose}"[:20], by=by, note=authority.strip())
    with restricted_allowed({subject_id}):
        yield


def _subjects(request: DataSubjectRequest) -> list[UUID]:
    """Whose data the request is about: a request for wards that names none is about all of them.

    Raises RequestUnknown for somebody else's ward, RequestRefused where there is none.
    """
    if request.on_behalf != OnBehalf.WARD:
        return of_guardian(request.subject_id)
    wards = list(names_of(guardian_id=request.subject_id))
    if request.concerning_id is None:
        if not wards:
            raise RequestRefused("concerning", _("账号里没有孩子"))
        return sorted(wards)
    if request.concerning_id not in wards:
        raise RequestUnknown
    return [request.concerning_id]


def of_guardian(guardian_id: UUID) -> list[UUID]:
    """A guardian, and the wards whom nobody else looks after."""
    wards = list(names_of(guardian_id=guardian_id))
    looking_after = guardians_of(children=wards)
    return [guardian_id, *sorted(child for child in wards if looking_after[child] <= {guardian_id})]


def hold_all(subjects: Sequence[UUID]) -> None:
    """Hold whoever books for these people, in one order, until the caller's transaction ends."""
    guardians = {one for looking_after in guardians_of(children=subjects).values() for one in looking_after}
    hold = ports.get("service_of").hold
    for person in sorted(guardians.union(subjects)):
        hold(person)
