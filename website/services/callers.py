"""Requests made by telephone, taken down by staff: the same steps whoever the number belongs to."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.services.guardians import find_guardian
from privacy.actors import Actor
from privacy.keystore.mac import mac
from privacy.rights.enums import Entrance, Identity, OnBehalf, RequestState
from privacy.rights.exceptions import RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.models.names import receipt_from
from privacy.rights.services.deciding import accept
from privacy.rights.services.filing import Asked, Filed, file_request
from privacy.rights.services.proving import prove_number
from privacy.rights.services.steps import held, step


def take_call(*, asked: Asked, proved: bool, once: str, by: Actor) -> Filed:
    """Take down what a caller asks for; the same form posted again is the same request and receipt.

    ``proved``: the caller has just read out the code sent to ``asked.phone``. Then the request becomes the
    account's of that number, if there is one. For a ward that is not enough: it waits until the guardian
    confirms it in the account.
    """
    name = mac("taken down", str(by.id), once).hex()
    receipt = receipt_from(mac("receipt of a call", name))
    if earlier := _taken(name):
        return Filed(request=earlier, receipt=receipt)
    try:
        with transaction.atomic():
            return Filed(request=_take(asked, proved, name, receipt, by), receipt=receipt)
    except IntegrityError:
        # The other tap of two came first.
        if earlier := _taken(name):
            return Filed(request=earlier, receipt=receipt)
        raise


def _take(asked: Asked, proved: bool, name: str, receipt: str, by: Actor) -> DataSubjectRequest:
    filed = file_request(
        asked=asked,
        subject_id=None,
        entrance=Entrance.STAFF,
        identity=Identity.UNKNOWN,
        by=by,
        idempotency_key=name,
        receipt=receipt,
    )
    if not proved or asked.phone is None:
        return filed.request
    guardian = find_guardian(phone=asked.phone)
    prove_number(request=filed.request, subject_id=guardian.pk if guardian else None, by=by)
    row = held(filed.request.pk)
    if awaits_guardian(row) and row.state == RequestState.ACCEPTED:
        step(row, RequestState.VERIFYING, by=by, note="confirm_in_account")
    return row


def awaits_guardian(request: DataSubjectRequest) -> bool:
    """Whether a request for a ward waits until the guardian confirms it, signed in and with a fresh code."""
    taken_down = request.entrance == Entrance.STAFF and request.on_behalf == OnBehalf.WARD
    return taken_down and request.known and request.identity == Identity.NUMBER_PROVED


def accept_call(*, request: DataSubjectRequest, by: Actor) -> None:
    """As `accept`; what was taken down for a ward is not accepted over the guardian's head.

    Raises RequestRefused, RequestMoved, NotEntitled.
    """
    if awaits_guardian(request):
        raise RequestRefused("identity", _("为孩子办的，要监护人在账号里确认，或者核对证明材料"))
    accept(request=request, by=by)


def _taken(name: str) -> DataSubjectRequest | None:
    return DataSubjectRequest.objects.filter(idempotency_key=name, entrance=Entrance.STAFF).first()
