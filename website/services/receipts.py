"""Receipt numbers of requests made in an account, for the day when there is no account to see them in."""

from __future__ import annotations

from privacy.keystore.mac import mac
from privacy.rights.enums import RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.models.names import hash_of, receipt_from

# Whoever asks for one of these may have no account to come back to.
ENDS_ACCOUNTS = (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT, RequestKind.WITHDRAW)


def given_receipt(request: DataSubjectRequest) -> DataSubjectRequest:
    """The request, which a receipt number opens from now on if it may end the account it was made in."""
    if request.kind in ENDS_ACCOUNTS and request.receipt_hash is None:
        request.receipt_hash = hash_of(_receipt(request))
        request.save(update_fields=["receipt_hash"])
    return request


def receipt_of(request: DataSubjectRequest) -> str:
    """The receipt number that was given so; empty where none was, or at another door."""
    receipt = _receipt(request)
    return receipt if request.receipt_hash == hash_of(receipt) else ""


def _receipt(request: DataSubjectRequest) -> str:
    return receipt_from(mac("receipt of an account's request", str(request.pk)))
