"""Requests that come by API: the same name is the same request; what a function can do is done at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.guardians import guardian_actor
from privacy.actors import Actor
from privacy.consent.enums import Channel
from privacy.erasure.enums import Reason
from privacy.keystore.mac import mac
from privacy.rights.enums import Entrance, Identity, OnBehalf, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.export.making import request_export
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.replying import fulfil
from privacy.rights.services.restricting import needs_officer, restrict
from privacy.rights.services.withdrawing import WITHDRAWAL, withdraw_all
from privacy.rights.wording import GRANTED
from website.services.own_erasure import act_on_erasure
from website.services.own_requests import count_request
from website.services.receipts import given_receipt

# What changes so much that whoever is signed in shows once more that they hold the number.
NEED_FRESH = (
    RequestKind.RESTRICT,
    RequestKind.WITHDRAW,
    RequestKind.CLOSE_ACCOUNT,
    RequestKind.ERASE,
)


class NamedBefore(Exception):
    """The name given to a request was given to another one before."""


def ask_by_api(
    *, holder: User, asked: Asked, proved: bool, name: str | None, reason: Reason = Reason.ASKED
) -> DataSubjectRequest:
    """Take in what the account's owner asks for, and do what a function can; ``name`` is the caller's own.

    ``reason``: why something is to be erased. Raises NamedBefore where another request has that name,
    ErasureRefused, and LimitReached after too many within a day.
    """
    key = mac("asked by api", str(holder.pk), name).hex() if name else None
    if key and (earlier := _named(key, asked)):
        return earlier
    count_request(holder)
    try:
        with transaction.atomic():
            return _asked(holder, asked, proved, key, reason)
    except IntegrityError:
        # The other of two calls came first.
        if key and (earlier := _named(key, asked)):
            return earlier
        raise


def _asked(holder: User, asked: Asked, proved: bool, key: str | None, reason: Reason) -> DataSubjectRequest:
    by, identity = guardian_actor(holder), Identity.STEPPED_UP if proved else Identity.SIGNED_IN
    if _takes_all_back(asked):
        return given_receipt(
            withdraw_all(
                subject_id=holder.pk,
                by=by,
                channel=Channel.API,
                entrance=Entrance.API,
                identity=identity,
                words=asked.words,
                idempotency_key=key,
            )
        )
    request = file_request(
        asked=asked,
        subject_id=holder.pk,
        entrance=Entrance.API,
        identity=identity,
        by=by,
        idempotency_key=key,
    ).request
    given_receipt(request)
    if asked.on_behalf != OnBehalf.DECEASED:
        for kind in asked.kinds:
            if deed := _DEEDS.get(kind):
                deed(request, by)
        act_on_erasure(request=request, holder=holder, reason=reason, whole=not asked.words)
    request.refresh_from_db()
    return request


def _export(request: DataSubjectRequest, by: Actor) -> None:
    request_export(request=request)


def _restrict(request: DataSubjectRequest, by: Actor) -> None:
    if not needs_officer(request):
        restrict(request=request, by=by)


def _tell_where(kind: RequestKind) -> Callable[[DataSubjectRequest, Actor], None]:
    def tell(request: DataSubjectRequest, by: Actor) -> None:
        if not request.words:  # whoever writes something wants more than the place where it stands
            fulfil(request=request, body=GRANTED[kind], kinds=[kind])

    return tell


_DEEDS: Mapping[RequestKind, Callable[[DataSubjectRequest, Actor], None]] = {
    RequestKind.EXPORT: _export,
    RequestKind.RESTRICT: _restrict,
    RequestKind.ACCESS: _tell_where(RequestKind.ACCESS),
    RequestKind.EXPLAIN: _tell_where(RequestKind.EXPLAIN),
}


def _takes_all_back(asked: Asked) -> bool:
    return list(asked.kinds) == [RequestKind.WITHDRAW] and asked.on_behalf == OnBehalf.SELF


def _named(key: str, asked: Asked) -> DataSubjectRequest | None:
    earlier = DataSubjectRequest.objects.filter(idempotency_key=key).first()
    if earlier is None:
        return None
    before = (earlier.on_behalf, earlier.concerning_id, earlier.words or "")
    kinds = [right.kind for right in earlier.rights.all()]
    wanted = list(WITHDRAWAL if _takes_all_back(asked) else asked.kinds)
    if kinds != wanted or before != (asked.on_behalf, asked.concerning_id, asked.words):
        raise NamedBefore
    return earlier
