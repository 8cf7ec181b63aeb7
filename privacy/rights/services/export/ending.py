"""The end of a package: its key destroyed, its files deleted; on record, and said where it failed."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.keystore.services import destroy_keys, drop_key_rows
from privacy.rights.enums import PackageState, RequestState
from privacy.rights.models import DownloadTicket, ExportPackage
from privacy.rights.models.packages import MOST_DOWNLOADS, TICKET_LIFETIME
from privacy.rights.services.export.parts import Parts
from privacy.rights.services.steps import happened

logger = logging.getLogger(__name__)

_OVER = (PackageState.EXPIRED, PackageState.FAILED)


def drop(package: ExportPackage) -> None:
    """End a package held by the caller: nobody can take it any more, and nobody can read it."""
    _end(package, PackageState.EXPIRED, "export_expired")


@transaction.atomic
def fail(*, package_id: UUID, why: str) -> None:
    """Say that a copy could not be made. The request stays open, and staff see why it does.

    ``why``: ``attempts`` (too many broke off) or ``keys`` (the person's data cannot be read any more).
    """
    package = _held(package_id)
    if package is not None and package.state not in (*_OVER, PackageState.READY):
        _end(package, PackageState.FAILED, "export_failed", note=why)
        logger.error("a copy could not be made", extra={"package_id": str(package_id), "why": why})


def end_run_out(at: datetime) -> int:
    """End what is older than seven days, was taken three times, or is wanted no longer; how many.

    Whoever is taking the last copy just now has it to the end: the file goes a while after.
    """
    recently = DownloadTicket.objects.filter(used_at__gt=at - TICKET_LIFETIME).values("package_id")
    taken = ExportPackage.objects.filter(state=PackageState.READY, downloads__gte=MOST_DOWNLOADS)
    unwanted = ExportPackage.objects.building().filter(
        request__state__in=(RequestState.WITHDRAWN, RequestState.REFUSED)
    )
    due = [*ExportPackage.objects.run_out(at), *taken.exclude(pk__in=recently), *unwanted]
    for package in due:
        _end_one(package.pk)
    return len(due)


def end_of(subject_id: UUID) -> int:
    """End every copy made for a person who is being erased; how many. No file of theirs stays behind."""
    packages = ExportPackage.objects.filter(request__subject_id=subject_id)
    live = list(packages.exclude(state__in=_OVER).values_list("pk", flat=True))
    for package_id in live:
        _end_one(package_id)
    for package_id in packages.values_list("pk", flat=True):
        transaction.on_commit(Parts(package_id).remove)
        drop_key_rows(package_id)
    return len(live)


def remove_leftovers() -> int:
    """Delete files of packages that are over, where that broke off; how many folders."""
    removed = 0
    for package_id in ExportPackage.objects.filter(state__in=_OVER).values_list("pk", flat=True):
        parts = Parts(package_id)
        if parts.folder.exists():
            parts.remove()
            removed += 1
    return removed


@transaction.atomic
def _end_one(package_id: UUID) -> None:
    package = _held(package_id)
    if package is not None and package.state not in _OVER:
        drop(package)


def _held(package_id: UUID) -> ExportPackage | None:
    found = ExportPackage.objects.select_for_update(of=("self",)).filter(pk=package_id)
    return found.select_related("request").first()


def _end(package: ExportPackage, to: PackageState, what: str, note: str = "") -> None:
    """Key first: once that is gone, a file that stays behind is noise."""
    destroy_keys(package.pk)
    package.state = to
    package.save(update_fields=["state"])
    happened(package.request, what, by=SYSTEM, note=note)
    record(what.replace("_", "."), by=SYSTEM, subject=package.request.subject_id, target=package)
    transaction.on_commit(Parts(package.pk).remove)
