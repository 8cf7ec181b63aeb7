"""Requests of whoever is signed in: taken in once however often posted, found again by them alone."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.guardians import guardian_actor
from kit.limiter import Limit, LimiterUnavailable, take
from privacy.keystore.mac import mac
from privacy.rights.enums import BUILDING, Entrance, Identity, OnBehalf, PackageState, RequestKind
from privacy.rights.exceptions import RequestUnknown
from privacy.rights.models import DataSubjectRequest, ExportPackage, Pause, Reply, RequestEvent
from privacy.rights.models.packages import MOST_DOWNLOADS
from privacy.rights.services.filing import Asked, file_request
from website.services.receipts import given_receipt

logger = logging.getLogger(__name__)

MOST_REQUESTS = 30  # of one account within a day; nobody's honest day comes near it
_DAY = 24 * 3600


def ask_for(
    *,
    holder: User,
    kind: RequestKind,
    proved: bool,
    words: str = "",
    on_behalf: OnBehalf = OnBehalf.SELF,
    concerning_id: UUID | None = None,
    once: str = "",
) -> DataSubjectRequest:
    """Take in what the account's owner asks for; ``proved``: the number was proved just now.

    ``once`` names one form shown: posted again from it, the same words are the same request. Raises
    LimitReached after thirty within a day.
    """
    content = (str(holder.pk), kind, on_behalf, str(concerning_id), words)
    name = mac("asked in the account", once, *content).hex() if once else None
    if name and (earlier := _asked_before(holder, name)):
        return earlier
    count_request(holder)
    asked = Asked(kinds=[kind], on_behalf=on_behalf, concerning_id=concerning_id, words=words)
    try:
        with transaction.atomic():
            request = file_request(
                asked=asked,
                subject_id=holder.pk,
                entrance=Entrance.ACCOUNT,
                identity=Identity.STEPPED_UP if proved else Identity.SIGNED_IN,
                by=guardian_actor(holder),
                idempotency_key=name,
            ).request
            return given_receipt(request)
    except IntegrityError:
        # The other tap of two came first.
        earlier = _asked_before(holder, name) if name else None
        if earlier is None:
            raise
        return earlier


def own_request(*, holder: User, public_id: str) -> DataSubjectRequest:
    """The holder's request of that name. Raises RequestUnknown, for somebody else's as for none."""
    found = DataSubjectRequest.objects.of(holder.pk).filter(public_id=public_id).first()
    if found is None:
        raise RequestUnknown
    return found


def of_asker(*, holder: User | None, remembered: Collection[str], public_id: str) -> DataSubjectRequest:
    """The request of that name: the holder's, or one that ended an account in this browser.

    Raises RequestUnknown.
    """
    if public_id in remembered and (found := DataSubjectRequest.objects.filter(public_id=public_id).first()):
        return found
    if holder is None:
        raise RequestUnknown
    return own_request(holder=holder, public_id=public_id)


def own_requests(*, holder: User, most: int) -> list[DataSubjectRequest]:
    """The holder's requests, the newest first."""
    return list(DataSubjectRequest.objects.of(holder.pk)[:most])


def open_requests(*, holder: User) -> list[DataSubjectRequest]:
    """Those of the holder's that somebody still waits for, the newest first."""
    return list(DataSubjectRequest.objects.of(holder.pk).open())


def own_package(*, holder: User, public_id: str) -> ExportPackage:
    """The copy that the holder's request of that name asked for. Raises RequestUnknown."""
    found = (
        ExportPackage.objects.filter(request__in=DataSubjectRequest.objects.of(holder.pk))
        .filter(request__public_id=public_id)
        .select_related("request")
        .first()
    )
    if found is None:
        raise RequestUnknown
    return found


def package_under_way(*, holder: User) -> ExportPackage | None:
    """The newest copy that is being made or can be taken, if there is one."""
    mine = ExportPackage.objects.filter(request__in=DataSubjectRequest.objects.of(holder.pk))
    alive = mine.filter(state__in=(*BUILDING, PackageState.READY), downloads__lt=MOST_DOWNLOADS)
    return alive.select_related("request").order_by("-queued_at").first()


def history_of(request: DataSubjectRequest) -> Sequence[RequestEvent]:
    """What happened to a request, the first first."""
    return list(request.events.all())


def dealings_of(request: DataSubjectRequest) -> tuple[list[Pause], list[Reply]]:
    """Our questions and our replies, the first first."""
    return list(request.pauses.all()), list(request.replies.all())


def _asked_before(holder: User, name: str) -> DataSubjectRequest | None:
    return DataSubjectRequest.objects.of(holder.pk).filter(idempotency_key=name).first()


def count_request(holder: User) -> None:
    try:
        take([Limit(scope="own requests", key=str(holder.pk), count=MOST_REQUESTS, seconds=_DAY)])
    except LimiterUnavailable:  # a right waits for no counter
        logger.warning("a request was not counted")
