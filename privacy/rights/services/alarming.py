"""What cannot wait: leaks, misuse, flaws, unlawful processing reach the officer the moment they are said."""

from __future__ import annotations

import logging

from privacy import ports
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.rights.enums import AT_ONCE, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.notices import tell
from privacy.rights.services.steps import happened

logger = logging.getLogger(__name__)


def raise_alarm(request: DataSubjectRequest, *, by: Actor) -> None:
    """Say aloud that a request cannot wait, in the transaction that takes it in (X1-10b, X2-5.4a).

    It stands first on the officers' page (`at_once`); whoever watches the log is told its name and kind.
    """
    kinds = sorted({right.kind for right in request.rights.all()} & set(AT_ONCE))
    if not kinds:
        return
    happened(request, "alarmed", by=by)
    record("request.alarmed", by=by, subject=request.subject_id, target=request, detail={"kind": kinds[0]})
    logger.error("a request cannot wait", extra={"reference": request.reference, "kinds": ",".join(kinds)})
    if request.known:
        sign_out_if_misused(request, by=by)


def sign_out_if_misused(request: DataSubjectRequest, *, by: Actor) -> None:
    """End every session of whoever says that their account is misused; a new code lets them in (L-UA-3.3).

    Only once we know whose account it is: nobody signs out others by typing their number.
    """
    if not request.rights.filter(kind=RequestKind.MISUSE).exists():
        return
    ports.get("sessions").end_all(request.subject_id)
    happened(request, "signed_out", by=by)
    tell(request, "rights_signed_out")
