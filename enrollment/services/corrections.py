"""A child put right by its guardian: done at once, and on record as a request that was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services import children as wards
from accounts.services.guardians import guardian_actor
from privacy.consent.enums import Channel
from privacy.rights.enums import Entrance, Identity, OnBehalf, RequestKind
from privacy.rights.services.correcting import note_child_corrected
from privacy.rights.services.filing import Asked, file_request


def correct_child(
    *,
    guardian: User,
    child_id: UUID,
    nickname: str,
    birth_month: date,
    agreements: Mapping[str, str],
    channel: Channel,
) -> None:
    """Write down what the guardian says is right, and that they asked and it was done (PIPL 46).

    The vault commits first, with what stood there before. Raises ChildInvalid, ChildUnknown,
    AgreementsRequired, DocumentStale; then nothing has changed.
    """
    changed = wards.correct_child(
        guardian=guardian,
        child_id=child_id,
        nickname=nickname,
        birth_month=birth_month,
        agreements=agreements,
        channel=channel,
    )
    if changed:
        _note(guardian, child_id, changed, channel)


@transaction.atomic
def _note(guardian: User, child_id: UUID, fields: list[str], channel: Channel) -> None:
    """The request, without a value of the child's, and its answer."""
    by = guardian_actor(guardian)
    request = file_request(
        asked=Asked(kinds=[RequestKind.RECTIFY], on_behalf=OnBehalf.WARD, concerning_id=child_id),
        subject_id=guardian.pk,
        entrance=Entrance.API if channel == Channel.API else Entrance.ACCOUNT,
        identity=Identity.SIGNED_IN,
        by=by,
    ).request
    note_child_corrected(request=request, fields=fields, by=by)
