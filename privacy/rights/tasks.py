"""Background work on requests. Tasks carry ids alone."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from privacy.rights.services import alerts, lapsing, reckoning, restricting
from privacy.rights.services.export import making, sweeping


@shared_task(name="privacy.rights.tasks.make_export")
def make_export(package_id: str) -> None:
    """Make one copy of somebody's data."""
    making.make(package_id=UUID(package_id))


@shared_task(name="privacy.rights.tasks.sweep_exports")
def sweep_exports() -> None:
    """Nudge what no nudge reached or whose worker died; end what has run out."""
    sweeping.sweep()


@shared_task(name="privacy.rights.tasks.mend_restrictions")
def mend_restrictions() -> None:
    """Let the keys of the restricted say what the rows say."""
    restricting.mend_restrictions()


@shared_task(name="privacy.rights.tasks.reckon")
def reckon() -> None:
    """Move deadlines to where the calendar at hand and the waits put them."""
    reckoning.reckon_again(at=timezone.now())


@shared_task(name="privacy.rights.tasks.lapse")
def lapse() -> None:
    """End requests whose person did not come back."""
    lapsing.lapse(at=timezone.now())


@shared_task(name="privacy.rights.tasks.warn")
def warn() -> None:
    """Warn officers of deadlines that come near."""
    alerts.warn_due(at=timezone.now())


@shared_task(name="privacy.rights.tasks.mind_the_calendar")
def mind_the_calendar() -> None:
    """Say when the holidays of the year ahead should be known and are not."""
    alerts.calendar_alarm(today=timezone.localdate())
