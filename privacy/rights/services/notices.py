"""Messages that there is news of a request: never what it is about, never what was said."""

from __future__ import annotations

from uuid import UUID

from privacy import ports
from privacy.rights.models import DataSubjectRequest


def tell(request: DataSubjectRequest, template: str, **said: str) -> None:
    """Queue a message in the caller's transaction, to the account or to the number left at the door.

    Whoever left neither reads it on the page that their receipt number opens. ``template`` has a sibling
    ``…_door`` for people without an account.
    """
    said = {"reference": request.reference, **said}
    notifier = ports.get("notifier")
    if request.known:
        whose = request.subject_id
        notifier.notify(template=template, kind="guardian", id=whose, subject=whose, parameters=said)
    elif request.phone:
        # Sealed, as the number itself is, under the key of the request.
        own = request.pk
        notifier.notify(template=f"{template}_door", kind="request", id=own, subject=own, parameters=said)


def number_left(*, request_id: UUID) -> str | None:
    """The number (E.164) somebody left with a request, or None. Raises Erased where its key is gone."""
    request = DataSubjectRequest.objects.filter(pk=request_id).first()
    return request.phone if request else None
