"""Which campuses a member of staff works for."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from courses.models import Campus, CampusMembership
from privacy.actors import Actor
from privacy.audit.services import record


@transaction.atomic
def assign_campuses(*, user: User, campuses: Collection[Campus], by: Actor) -> None:
    """Let ``user`` work for these campuses and no others."""
    kept = {campus.pk for campus in campuses}
    CampusMembership.objects.filter(user=user).exclude(campus__in=kept).delete()
    for campus in campuses:
        CampusMembership.objects.get_or_create(user=user, campus=campus)
    record("staff.assigned", by=by, subject=user.pk, target=user, detail={"campuses": len(kept)})
