"""Requests whose time is over, however they ended: gone with all that hangs on them, and unreadable first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.keystore.services import destroy_keys
from privacy.retention.rules import Rule, register_rule
from privacy.rights.enums import CLOSED
from privacy.rights.models import DataSubjectRequest, ExportPackage, Restriction
from privacy.rights.services.export.parts import Parts


def over(before: datetime) -> Q:
    """Ended in whatever way, nothing promised any more, no restriction standing on it, no erasure of its own.

    An erasure's record has a time of its own to be over; the request goes with the next purge after it.
    """
    nothing_owed = Q(remains_until=None) | Q(remains_until__lte=before)
    standing = Restriction.objects.standing().values("request_id")
    return Q(state__in=CLOSED, erasures=None) & nothing_owed & ~Q(pk__in=standing)


@transaction.atomic
def forget_requests(keys: Sequence[UUID | int]) -> int:
    """Delete requests, with events, replies, refusals, corrections and copies; how many requests.

    The keys go first: if it breaks off there, what is left is noise, and the next purge takes it.
    """
    requests = [UUID(str(key)) for key in keys]
    packages = ExportPackage.objects.filter(request__in=requests)
    made = list(packages.values_list("pk", flat=True))
    for subject in (*requests, *made):
        destroy_keys(subject)
    Restriction.objects.filter(request__in=requests).delete()
    packages.delete()
    for package in made:
        transaction.on_commit(Parts(package).remove)
    _all, by_model = DataSubjectRequest.objects.filter(pk__in=requests).delete()
    return by_model.get(DataSubjectRequest._meta.label, 0)


register_rule(
    Rule(
        name="rights.requests",
        title=_("办结的个人信息请求"),
        keep="request",
        model="rights.DataSubjectRequest",
        since="closed_at",
        which=over,
        purge=forget_requests,
        subject="subject_id",
    )
)
register_rule(
    Rule(
        name="rights.packages",
        title=_("信息副本的文件和密码"),
        keep="export",
        model="rights.ExportPackage",
        since="ready_at",
        done_by="privacy.rights.tasks.sweep_exports",
    )
)
