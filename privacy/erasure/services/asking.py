"""An erasure somebody here asks for on behalf of a person, with the request that it answers."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from privacy.actors import Actor
from privacy.erasure.enums import Reason
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.beginning import begin
from privacy.rights.enums import Entrance, Identity, RequestKind
from privacy.rights.services.filing import Asked, file_request


@transaction.atomic
def ask_and_begin(*, subject_id: UUID, reason: Reason, by: Actor) -> ErasureJob:
    """Take the wish in as a request of theirs, and begin. Raises ErasureRefused, RequestMoved."""
    filed = file_request(
        asked=Asked(kinds=[RequestKind.ERASE]),
        subject_id=subject_id,
        entrance=Entrance.STAFF,
        identity=Identity.PAPERS,
        by=by,
    )
    return begin(request=filed.request, by=by, reason=reason)
