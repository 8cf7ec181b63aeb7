"""What the clock does for packages."""

from __future__ import annotations

from django.utils import timezone

from privacy.rights.models import ExportPackage
from privacy.rights.services.export.ending import end_run_out, remove_leftovers
from privacy.rights.services.export.making import nudge


def sweep() -> None:
    """End what has run out, and have abandoned packages made: a task each, so that none keeps others back."""
    at = timezone.now()
    end_run_out(at)
    remove_leftovers()
    for package_id in ExportPackage.objects.abandoned(at).values_list("pk", flat=True):
        nudge(package_id)
