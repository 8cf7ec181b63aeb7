"""The door without a login: what anybody asks, taken in once however often it is posted, and found again."""

from __future__ import annotations

import re
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kit.client_address import address_blocks
from kit.limiter import Limit, LimiterUnavailable, check, take
from privacy.actors import ANONYMOUS, Actor
from privacy.keystore.mac import mac
from privacy.rights.enums import Entrance, Identity
from privacy.rights.exceptions import RequestRefused, RequestUnknown
from privacy.rights.models import DataSubjectRequest
from privacy.rights.models.names import RECEIPT_LENGTH, hash_of, receipt_from
from privacy.rights.services.filing import Asked, Filed, file_request
from privacy.rights.services.proving import prove_number
from privacy.rights.services.steps import held

_HOUR, _DAY = 3600, 24 * 3600
_APART = re.compile(r"[\s\-\u2010-\u2015\u2212_.]+")
_BARE = re.compile(f"[A-Z0-9]{{{RECEIPT_LENGTH}}}")


def ask_at_the_door(
    *, asked: Asked, subject_id: UUID | None, form_key: str, address: str, by: Actor
) -> Filed:
    """Take in what came by the open door, and tell its receipt number; nobody is looked up for it.

    ``form_key`` names one form shown: the same words posted from it again are the same request with the same
    receipt, so a second tap loses nobody's number. ``subject_id``: whoever is signed in, or None.

    Raises LimitReached, and LimiterUnavailable where the limits cannot be counted.
    """
    content = (str(subject_id), asked.on_behalf, *asked.kinds, asked.words, asked.phone or "")
    name = mac("asked at the door", form_key, *content)
    receipt = receipt_from(mac("receipt", name.hex()))
    if earlier := DataSubjectRequest.objects.filter(idempotency_key=name.hex()).first():
        return Filed(request=earlier, receipt=receipt)
    take(_asking(address))
    try:
        with transaction.atomic():
            return file_request(
                asked=asked,
                subject_id=subject_id,
                entrance=Entrance.DOOR,
                identity=Identity.SIGNED_IN if subject_id else Identity.UNKNOWN,
                by=by,
                idempotency_key=name.hex(),
                receipt=receipt,
            )
    except IntegrityError:
        # The other tap of two came first.
        return Filed(request=DataSubjectRequest.objects.get(idempotency_key=name.hex()), receipt=receipt)


def tidied(receipt: str) -> str:
    """A receipt number as it is written, from however it was typed; empty where it cannot be one."""
    bare = _APART.sub("", receipt).upper()
    return "-".join(re.findall(".{5}", bare)) if _BARE.fullmatch(bare) else ""


def request_behind(*, receipt: str, address: str) -> DataSubjectRequest:
    """The request with that receipt number. Raises RequestUnknown, and LimitReached after many wrong ones."""
    try:
        check(_guessing(address))
        found = DataSubjectRequest.objects.filter(receipt_hash=hash_of(receipt)).first()
        if found is None:
            take(_guessing(address))
    except LimiterUnavailable:
        # Near a hundred random bits guard the page too, and whoever holds a number still sees how far it is.
        found = DataSubjectRequest.objects.filter(receipt_hash=hash_of(receipt)).first()
    if found is None:
        raise RequestUnknown
    return found


@transaction.atomic
def prove_at_the_door(*, request: DataSubjectRequest, phone: str, subject_id: UUID | None) -> None:
    """Note that ``phone`` (E.164) was just proved by a code; from here on it is the number of the request.

    ``subject_id``: the account of that number, or None. Raises RequestRefused where another number was left
    with the request: whoever found a receipt does not make the request their own. Raises RequestMoved.
    """
    row = held(request.pk)
    if row.phone and row.phone != phone:
        raise RequestRefused("phone", _("请用提交时留的那个号码；号码已经不用了，请打电话给我们"))
    if row.phone is None:
        row.phone = phone
        row.save(update_fields=["phone"])
    prove_number(request=row, subject_id=subject_id, by=ANONYMOUS)


def _asking(address: str) -> list[Limit]:
    host, net = address_blocks(address)
    return [
        Limit(scope="ask:address", key=host, count=10, seconds=_HOUR),
        Limit(scope="ask:address", key=host, count=40, seconds=_DAY),
        Limit(scope="ask:network", key=net, count=100, seconds=_HOUR),
    ]


def _guessing(address: str) -> list[Limit]:
    host, net = address_blocks(address)
    return [
        Limit(scope="receipt:address", key=host, count=20, seconds=_HOUR),
        Limit(scope="receipt:network", key=net, count=200, seconds=_HOUR),
    ]
